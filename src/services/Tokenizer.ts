/** Counts tokens: an estimate by words, a tiktoken encoding, or a model's own `tokenizer.json`. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Tokens from "../domain/Tokens.ts"
import type { Tokenizer as Loaded } from "../domain/tokens/Coder.ts"

export interface TokenizerService {
  readonly names: ReadonlyArray<string>
  /** Whether other threads find the same tokenizers by name: true for those of the package. */
  readonly portable: boolean
  /** A pure tokenizer, loaded once; rejects for a name that is not known, and for a file that has changed. */
  readonly load: (name: string, file?: Tokens.TokenizerFile) => Promise<Loaded>
  /** Loads a file by its absolute path; rejects with what is wrong with it, for a person. Absent: files are not taken. */
  readonly open?: (path: string) => Promise<Tokens.TokenizerFile>
}

export class Tokenizer extends Context.Tag("data-toolbox/Tokenizer")<Tokenizer, TokenizerService>() {
  /** `estimate`, the encodings of tiktoken, and files. */
  static readonly layer: Layer.Layer<Tokenizer> = Layer.succeed(Tokenizer, {
    names: Tokens.tokenizerNames,
    portable: true,
    load: Tokens.loadTokenizer,
    open: Tokens.openTokenizer,
  })

  /** Tokenizers of an app's own, by name; a function that counts is one. */
  static readonly layerOf = (own: { readonly [name: string]: Tokens.CountTokens | Loaded }): Layer.Layer<Tokenizer> =>
    Layer.succeed(Tokenizer, {
      names: Object.keys(own),
      portable: false,
      load: (name) => {
        const found = own[name]
        return found === undefined
          ? Promise.reject(new Error(`unknown tokenizer "${name}"`))
          : Promise.resolve(typeof found === "function" ? Tokens.counting(found) : found)
      },
    })
}

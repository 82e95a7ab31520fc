/** Counts tokens: an estimate by words, or a tiktoken encoding. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Tokens from "../domain/Tokens.ts"

export interface TokenizerService {
  readonly names: ReadonlyArray<string>
  /** Whether other threads find the same counters by name: true for those of the package. */
  readonly portable: boolean
  /** A pure counter, loaded once; rejects for a name that is not known. */
  readonly load: (name: string) => Promise<Tokens.CountTokens>
}

export class Tokenizer extends Context.Tag("data-toolbox/Tokenizer")<Tokenizer, TokenizerService>() {
  /** `estimate` and the encodings of tiktoken. */
  static readonly layer: Layer.Layer<Tokenizer> = Layer.succeed(Tokenizer, {
    names: Tokens.tokenizerNames,
    portable: true,
    load: Tokens.loadTokenizer,
  })

  /** Counters of an app's own, by name. */
  static readonly layerOf = (counters: { readonly [name: string]: Tokens.CountTokens }): Layer.Layer<Tokenizer> =>
    Layer.succeed(Tokenizer, {
      names: Object.keys(counters),
      portable: false,
      load: (name) => {
        const counter = counters[name]
        return counter === undefined
          ? Promise.reject(new Error(`unknown tokenizer "${name}"`))
          : Promise.resolve(counter)
      },
    })
}

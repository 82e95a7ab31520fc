/** Counts tokens: an estimate by words, or a tiktoken encoding. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tokens from "../domain/Tokens.ts"
import { ConfigError } from "../domain/Errors.ts"

export interface TokenizerService {
  readonly names: ReadonlyArray<string>
  /** A pure counter, loaded once: tokens of a text. */
  readonly load: (name: string) => Effect.Effect<Tokens.CountTokens, ConfigError>
}

export class Tokenizer extends Context.Tag("data-toolbox/Tokenizer")<Tokenizer, TokenizerService>() {
  /** `estimate` and the encodings of tiktoken. */
  static readonly layer: Layer.Layer<Tokenizer> = Layer.succeed(Tokenizer, {
    names: Tokens.tokenizerNames,
    load: (name) =>
      Effect.tryPromise({
        try: () => Tokens.loadTokenizer(name),
        catch: (cause) =>
          ConfigError.one({ path: "--tokenizer", message: String(cause instanceof Error ? cause.message : cause) }),
      }),
  })

  /** Only the estimate: no model is loaded. */
  static readonly layerEstimate: Layer.Layer<Tokenizer> = Layer.succeed(Tokenizer, {
    names: ["estimate"],
    load: () => Effect.succeed(Tokens.estimate),
  })
}

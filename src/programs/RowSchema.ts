/** The JSON Schema of the rows that each format writes, for whoever checks a file before training on it. */
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"

type AnySchema = Schema.Schema<unknown>

const any = <A>(schema: Schema.Schema<A>): AnySchema => schema as unknown as AnySchema

/** A turn: whose it is, and its text, under the names that the format has for them. */
const turn = (role: string, text: string, roles: ReadonlyArray<string>): AnySchema =>
  any(Schema.Struct({ [role]: Schema.Literal(...roles), [text]: Schema.String }))

const some = <A>(item: Schema.Schema<A>) => Schema.Array(item).pipe(Schema.minItems(1))

const one = <A>(item: Schema.Schema<A>) => Schema.Array(item).pipe(Schema.itemsCount(1))

const message = turn("role", "content", ["system", "user", "assistant"])

const reply = turn("role", "content", ["assistant"])

const weight = Schema.Literal(0, 1)

const shareGpt = turn("from", "value", ["system", "human", "gpt"])

/** Where the original writes one; `--no-identifier` leaves it out. */
const identifier = Schema.optionalWith(Schema.String, { exact: true })

const text = Schema.Struct({ text: Schema.NonEmptyString })

const numbers = some(Schema.Int)

/** The rows of each format of the package, by its name. No row has other keys. */
export const rowSchemas: { readonly [format: string]: AnySchema } = {
  alpaca: any(
    Schema.Struct({
      instruction: Schema.String,
      input: Schema.Literal(""),
      output: Schema.String,
      system: Schema.String,
      history: Schema.Array(Schema.Array(Schema.String).pipe(Schema.itemsCount(2))),
    }),
  ),
  chatml: any(text),
  fastchat: any(Schema.Struct({ id: identifier, conversations: some(turn("from", "value", ["human", "gpt"])) })),
  metharme: any(Schema.Struct({ prompt: Schema.NonEmptyString, generation: Schema.String, identifier })),
  openai: any(Schema.Struct({ messages: some(message) })),
  "openai-weighted": any(
    Schema.Struct({
      messages: some(
        Schema.Struct({ role: Schema.Literal("system", "user", "assistant"), content: Schema.String, weight }),
      ),
    }),
  ),
  openchat: any(
    Schema.Struct({
      items: some(
        Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.String, weight: Schema.Number }),
      ),
      system: Schema.String,
      identifier,
    }),
  ),
  preference: any(Schema.Struct({ prompt: some(message), chosen: one(reply), rejected: one(reply) })),
  "preference-openai": any(
    Schema.Struct({
      input: Schema.Struct({ messages: some(message) }),
      preferred_output: one(reply),
      non_preferred_output: one(reply),
    }),
  ),
  "preference-sharegpt": any(
    Schema.Struct({
      conversations: some(shareGpt),
      chosen: turn("from", "value", ["gpt"]),
      rejected: turn("from", "value", ["gpt"]),
    }),
  ),
  "prompt-completion": any(Schema.Struct({ prompt: some(message), completion: one(reply) })),
  "prompt-completion-text": any(Schema.Struct({ prompt: Schema.String, completion: Schema.String })),
  pygmalion: any(Schema.Struct({ conversations: some(turn("role", "value", ["system", "human", "bot"])) })),
  segments: any(Schema.Struct({ segments: some(Schema.Struct({ label: Schema.Boolean, text: Schema.String })) })),
  sharegpt: any(Schema.Struct({ conversations: some(shareGpt), identifier })),
  template: any(text),
  tokenized: any(Schema.Struct({ input_ids: numbers, labels: numbers, attention_mask: some(Schema.Literal(1)) })),
}

/** JSON Schema (draft 7) with the rows of each format under `definitions`. */
export const rowSchema = (): object => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "rows of data-toolbox, by format",
  definitions: Object.fromEntries(
    Object.entries(rowSchemas).map(([name, schema]) => {
      const { $schema: _, ...made } = JSONSchema.make(schema) as { readonly $schema?: string }
      return [name, made]
    }),
  ),
})

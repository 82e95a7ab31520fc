import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isListOf, isObject, isString, readValues } from "./Decode.ts"

/** `n` is the running number, from 1, among the records of one `extracted_from`. */
export const TeatimeRecord = Schema.Struct({
  model: Schema.String,
  extracted_from: Schema.String,
  chat: Schema.Array(
    Schema.Struct({
      role: Schema.Literal("system", "user", "assistant"),
      /** Null stands for the `NaN` that a crashed export left behind. */
      content: Schema.NullOr(Schema.String),
    }),
  ),
  n: Schema.optional(Schema.Number),
})
export type TeatimeRecord = typeof TeatimeRecord.Type

const isTurn = ({ content, role }: { readonly [key: string]: unknown }): boolean =>
  (isString(content) || content === null) && (role === "system" || role === "user" || role === "assistant")

const decode = (value: unknown, { count }: { readonly count?: number }): TeatimeRecord | undefined => {
  if (!isObject(value) || !isString(value["model"]) || !isString(value["extracted_from"])) return undefined
  if (!isListOf(value["chat"], isTurn)) return undefined
  const { chat, extracted_from, model } = value as unknown as TeatimeRecord
  return { model, extracted_from, chat, n: count ?? 1 }
}

const key = Buffer.from('"extracted_from"')

/**
 * The source of an element, from its bytes: the value after the key. Inside a string a quote is escaped, so the key's
 * bytes cannot stand in a message. An element whose source cannot be told counts under the empty name.
 */
const sourceOf = (element: Uint8Array): string => {
  const bytes = Buffer.from(element.buffer, element.byteOffset, element.byteLength)
  let source = ""
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    const text = bytes.toString("utf8", at + key.length, Math.min(bytes.length, at + key.length + 1024))
    const found = /^\s{0,64}:\s{0,64}("(?:[^"\\]|\\.){0,512}")/.exec(text)?.[1]
    if (found === undefined) continue
    try {
      source = String(JSON.parse(found))
    } catch {
      source = ""
    }
  }
  return source
}

/** Teatime: proxy logs of several models, one JSON array. */
export const Teatime: DatasetDefinition<TeatimeRecord> = {
  name: "teatime",
  description: "roleplay logs of a proxy, several models (Teatime)",
  homepage: "https://huggingface.co/datasets/OpenLeecher/Teatime",
  source: {
    kind: "hub",
    repo: "OpenLeecher/Teatime",
    files: [{ from: "all_logs_longest.json" }],
  },
  folder: "teatime",
  files: ["all_logs_longest.json"],
  reader: "json",
  schema: TeatimeRecord,
  countKey: sourceOf,
  open: readValues(TeatimeRecord, decode, { allowNaN: true, countKey: sourceOf }),
}

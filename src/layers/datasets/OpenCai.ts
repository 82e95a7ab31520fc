import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isListOf, isObject, isString, readValues } from "./Decode.ts"

export const OpenCaiRecord = Schema.Struct({
  characters: Schema.Array(Schema.Struct({ bot_name: Schema.String, bot_description: Schema.String })),
  conversations: Schema.Array(Schema.Struct({ author: Schema.String, message: Schema.String })),
})
export type OpenCaiRecord = typeof OpenCaiRecord.Type

const decode = (value: unknown): OpenCaiRecord | undefined =>
  isObject(value) &&
  isListOf(value["characters"], (one) => isString(one["bot_name"]) && isString(one["bot_description"])) &&
  isListOf(value["conversations"], (one) => isString(one["author"]) && isString(one["message"]))
    ? (value as unknown as OpenCaiRecord)
    : undefined

/** OpenCAI: Discord roleplay with a cast of characters. */
export const OpenCai: DatasetDefinition<OpenCaiRecord> = {
  name: "opencai",
  description: "Discord roleplay with a cast of characters (OpenCAI)",
  homepage: "https://huggingface.co/datasets/Norquinal/OpenCAI",
  source: {
    kind: "hub",
    repo: "Norquinal/OpenCAI",
    files: [{ from: ["opencai_rp.json", "**/opencai_rp.json"], as: "opencai_rp.json" }],
  },
  folder: "opencai",
  files: ["opencai_rp.json"],
  reader: "json",
  schema: OpenCaiRecord,
  open: readValues(OpenCaiRecord, decode),
}

import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isObject, isString, readValues } from "./Decode.ts"

export const OpenCaiRecord = Schema.Struct({
  characters: Schema.Array(Schema.Struct({ bot_name: Schema.String, bot_description: Schema.String })),
  conversations: Schema.Array(Schema.Struct({ author: Schema.String, message: Schema.String })),
})
export type OpenCaiRecord = typeof OpenCaiRecord.Type

const decode = (value: unknown): OpenCaiRecord | undefined => {
  if (!isObject(value) || !Array.isArray(value["characters"]) || !Array.isArray(value["conversations"]))
    return undefined
  for (const character of value["characters"] as Array<unknown>) {
    if (!isObject(character) || !isString(character["bot_name"]) || !isString(character["bot_description"]))
      return undefined
  }
  for (const turn of value["conversations"] as Array<unknown>) {
    if (!isObject(turn) || !isString(turn["author"]) || !isString(turn["message"])) return undefined
  }
  return value as unknown as OpenCaiRecord
}

/** OpenCAI: Discord roleplay with a cast of characters. */
export const OpenCai: DatasetDefinition<OpenCaiRecord> = {
  name: "opencai",
  description: "Discord roleplay with a cast of characters (OpenCAI)",
  homepage: "https://huggingface.co/datasets/Norquinal/OpenCAI",
  folder: "opencai",
  files: ["opencai_rp.json"],
  reader: "json",
  schema: OpenCaiRecord,
  open: readValues(OpenCaiRecord, decode),
}

import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isObject, isString, readValues } from "./Decode.ts"

/** Roles of the ShareGPT shape. */
const Role = Schema.Literal("system", "human", "gpt")

export const AesirRecord = Schema.Struct({
  conversations: Schema.Array(Schema.Struct({ from: Role, value: Schema.String })),
})
export type AesirRecord = typeof AesirRecord.Type

const decode = (value: unknown): AesirRecord | undefined => {
  if (!isObject(value) || !Array.isArray(value["conversations"])) return undefined
  for (const turn of value["conversations"] as Array<unknown>) {
    if (!isObject(turn) || !isString(turn["value"])) return undefined
    const from = turn["from"]
    if (from !== "system" && from !== "human" && from !== "gpt") return undefined
  }
  return value as unknown as AesirRecord
}

/** Character-card conversations in ShareGPT shape, one JSON array. */
export const Aesir: DatasetDefinition<AesirRecord> = {
  name: "aesir",
  description: "character-card roleplay conversations (ShareGPT shape)",
  folder: "aesir",
  files: ["aesir-rpg-charcards.json"],
  reader: "json",
  schema: AesirRecord,
  open: readValues(AesirRecord, decode),
}

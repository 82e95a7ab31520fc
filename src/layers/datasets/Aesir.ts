import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isListOf, isObject, isString, readValues } from "./Decode.ts"

/** Roles of the ShareGPT shape. */
const Role = Schema.Literal("system", "human", "gpt")

export const AesirRecord = Schema.Struct({
  conversations: Schema.Array(Schema.Struct({ from: Role, value: Schema.String })),
})
export type AesirRecord = typeof AesirRecord.Type

const isTurn = ({ from, value }: { readonly [key: string]: unknown }): boolean =>
  isString(value) && (from === "system" || from === "human" || from === "gpt")

const decode = (value: unknown): AesirRecord | undefined =>
  isObject(value) && isListOf(value["conversations"], isTurn) ? (value as unknown as AesirRecord) : undefined

/** Character-card conversations in ShareGPT shape, one JSON array. */
export const Aesir: DatasetDefinition<AesirRecord> = {
  name: "aesir",
  description: "character-card roleplay conversations (ShareGPT shape)",
  source: {
    kind: "own",
    shape:
      "aesir-rpg-charcards.json: one JSON array of ShareGPT conversations, " +
      '[{"conversations": [{"from": "system", "value": "..."}, {"from": "human", ...}, {"from": "gpt", ...}]}]',
  },
  folder: "aesir",
  files: ["aesir-rpg-charcards.json"],
  reader: "json",
  schema: AesirRecord,
  open: readValues(AesirRecord, decode),
}

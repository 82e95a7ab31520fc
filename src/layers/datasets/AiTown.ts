import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isObject, isString, readValues } from "./Decode.ts"

export const AiTownRecord = Schema.Array(
  Schema.Struct({ sender: Schema.Literal("system", "user", "assistant"), message: Schema.String }),
)
export type AiTownRecord = typeof AiTownRecord.Type

const decode = (value: unknown): AiTownRecord | undefined => {
  if (!Array.isArray(value)) return undefined
  for (const turn of value as Array<unknown>) {
    if (!isObject(turn) || !isString(turn["message"])) return undefined
    const sender = turn["sender"]
    if (sender !== "system" && sender !== "user" && sender !== "assistant") return undefined
  }
  return value as AiTownRecord
}

/** Conversations between residents of a simulated town; a JSON array a line. */
export const AiTown: DatasetDefinition<AiTownRecord> = {
  name: "aitown",
  description: "conversations between residents of a simulated town",
  homepage: "https://huggingface.co/datasets/recursal/ai-town-filtered",
  folder: "ai_town",
  files: ["conversations.jsonl"],
  reader: "jsonl",
  schema: AiTownRecord,
  open: readValues(AiTownRecord, decode),
}

import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isListOf, isString, readValues } from "./Decode.ts"

export const AiTownRecord = Schema.Array(
  Schema.Struct({ sender: Schema.Literal("system", "user", "assistant"), message: Schema.String }),
)
export type AiTownRecord = typeof AiTownRecord.Type

const isTurn = ({ message, sender }: { readonly [key: string]: unknown }): boolean =>
  isString(message) && (sender === "system" || sender === "user" || sender === "assistant")

const decode = (value: unknown): AiTownRecord | undefined =>
  isListOf(value, isTurn) ? (value as AiTownRecord) : undefined

/** Conversations between residents of a simulated town; a JSON array a line. */
export const AiTown: DatasetDefinition<AiTownRecord> = {
  name: "aitown",
  description: "conversations between residents of a simulated town",
  homepage: "https://huggingface.co/datasets/recursal/ai-town-filtered",
  source: {
    kind: "hub",
    repo: "recursal/ai-town-filtered",
    // The plain conversations, not those in ChatML.
    files: [{ from: ["conversations.jsonl", "**/conversations.jsonl"], as: "conversations.jsonl" }],
  },
  folder: "ai_town",
  files: ["conversations.jsonl"],
  reader: "jsonl",
  schema: AiTownRecord,
  open: readValues(AiTownRecord, decode),
}

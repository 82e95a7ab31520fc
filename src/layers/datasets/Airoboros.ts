import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isObject, isString, readValues } from "./Decode.ts"

export const AiroborosRecord = Schema.Struct({ instruction: Schema.String, response: Schema.String })
export type AiroborosRecord = typeof AiroborosRecord.Type

const decode = (value: unknown): AiroborosRecord | undefined =>
  isObject(value) && isString(value["instruction"]) && isString(value["response"])
    ? (value as unknown as AiroborosRecord)
    : undefined

/** Airoboros 1.4.1: machine-made instructions with responses. */
export const Airoboros: DatasetDefinition<AiroborosRecord> = {
  name: "airoboros",
  description: "instructions with responses (Airoboros 1.4.1)",
  homepage: "https://huggingface.co/datasets/jondurbin/airoboros-gpt4-1.4.1",
  source: {
    kind: "hub",
    repo: "jondurbin/airoboros-gpt4-1.4.1",
    files: [{ from: ["instructions.jsonl", "**/instructions.jsonl"], as: "instructions.jsonl" }],
  },
  folder: "airoboros",
  files: ["instructions.jsonl"],
  reader: "jsonl",
  schema: AiroborosRecord,
  open: readValues(AiroborosRecord, decode),
}

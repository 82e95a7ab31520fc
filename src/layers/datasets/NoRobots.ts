import * as Schema from "effect/Schema"
import type { DatasetDefinition } from "../../domain/Component.ts"
import { isListOf, isObject, isString, readValues } from "./Decode.ts"

export const NoRobotsRecord = Schema.Struct({
  prompt_id: Schema.String,
  category: Schema.String,
  messages: Schema.Array(
    Schema.Struct({ role: Schema.Literal("system", "user", "assistant"), content: Schema.String }),
  ),
})
export type NoRobotsRecord = typeof NoRobotsRecord.Type

const isTurn = ({ content, role }: { readonly [key: string]: unknown }): boolean =>
  isString(content) && (role === "system" || role === "user" || role === "assistant")

const decode = (value: unknown): NoRobotsRecord | undefined =>
  isObject(value) && isString(value["prompt_id"]) && isString(value["category"]) && isListOf(value["messages"], isTurn)
    ? (value as unknown as NoRobotsRecord)
    : undefined

/** No Robots: instructions and demonstrations written by people (train split). */
export const NoRobots: DatasetDefinition<NoRobotsRecord> = {
  name: "no_robots",
  description: "instructions and answers written by people (No Robots, train split)",
  homepage: "https://huggingface.co/datasets/HuggingFaceH4/no_robots",
  source: {
    kind: "hub",
    repo: "HuggingFaceH4/no_robots",
    // The repository has called the split by either name.
    files: [{ from: ["data/train_sft-*.parquet", "data/train-*.parquet"] }],
    license: "CC BY-NC 4.0",
  },
  folder: "no_robots",
  files: ["train_sft-*.parquet", "train-*.parquet"],
  reader: "parquet",
  schema: NoRobotsRecord,
  open: readValues(NoRobotsRecord, decode),
}

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { accounts, build } from "../../support/build.ts"
import { shared } from "../../support/shared.ts"
import { losses, patience, readFolder } from "./read.ts"

const root = shared("data")
const there = existsSync(root)

/** Files, what is given beside them, and the records in them as their README counts them. */
const files: ReadonlyArray<readonly [string, number, object?]> = [
  ["alpaca/alpaca_5000.json", 5000],
  ["alpaca-cot/qasc_train.json", 1079],
  ["alpaca-cot/sensemaking_train.json", 6068],
  ["codealpaca/code_alpaca_2k.json", 2017],
  ["csv/fine_food_reviews_1k.csv", 1000],
  ["gpteacher/roleplay-simple-deduped-roleplay-instruct.json", 1923],
  ["gpteacher/roleplay-simple-deduped-roleplay-instruct.yaml", 1923],
  ["gpteacher/toolformer-dedupe-only-dataset.json", 7673],
  ["llama-factory-demos/alpaca_en_demo.json", 999],
  ["llama-factory-demos/alpaca_zh_demo.json", 1000],
  ["llama-factory-demos/dataset_info.json", 104],
  ["llama-factory-demos/identity.json", 91],
  ["messages/*.jsonl", 105],
  ["sharegpt/dummy_conversation.json", 500],
  ["sillytavern/*.jsonl", 2],
  ["strings/blns.json", 515],
  ["taskmaster/*.json", 710],
  ["topical-chat/valid_freq.json", 539],
  ["transcripts/*.txt", 60],
  ["zip/val.json.zip", 999],
  ["dce-frontend-sample/*.json", 1, { path: "messages" }],
  ["chatterbot/**/*.yml", 30, { path: "." }],
]

describe.skipIf(!there)("files of all kinds, as they are out there", () => {
  it("each is read whole, in its number of records, and nothing of it is bad", patience, async () => {
    for (const [file, count, more] of files) {
      const outcome = await readFolder(root, { options: { files: [file], ...more }, sliceBytes: 1 << 20 })
      // One transcript is of an empty game: neither a command nor a name is in it.
      const bad = losses(outcome).filter(([reason]) => reason !== "NoTurns")
      assert.deepStrictEqual(bad.slice(0, 3), [], file)
      assert.isAtMost(losses(outcome).length, file.startsWith("transcripts") ? 1 : 0, file)
      assert.strictEqual(outcome.told.length, count, file)
    }
  })

  const tasks: ReadonlyArray<readonly [string, string, object, number]> = [
    ["AlpacaTask", "alpaca/alpaca_5000.json", {}, 4900],
    ["AlpacaTask", "gpteacher/*instruct.yaml", {}, 1900],
    ["AlpacaTask", "csv/*.csv", { fields: { instruction: "Summary", output: "Text" } }, 1000],
    ["ShareGptTask", "sharegpt/dummy_conversation.json", {}, 490],
    ["MessagesTask", "messages/*.jsonl", {}, 100],
    [
      "MessagesTask",
      "topical-chat/valid_freq.json",
      {
        fields: { messages: "content", role: "agent", content: "message", id: "_key" },
        roles: { user: ["agent_1"], model: ["*"] },
      },
      539,
    ],
    [
      "MessagesTask",
      "taskmaster/*.json",
      { fields: { messages: "utterances", role: "speaker", content: "text" } },
      700,
    ],
    [
      "MessagesTask",
      "zip/val.json.zip",
      { fields: { messages: "log", content: "text", id: "_key" }, alternate: "user" },
      999,
    ],
    ["ShareGptTask", "chatterbot/english/*.yml", { path: "conversations" }, 500],
    ["MessagesTask", "transcripts/*.txt", {}, 52],
    ["MessagesTask", "parquet-messages/*.parquet", { fields: { messages: "prompt" } }, 0],
    [
      "MessagesTask",
      "dce-frontend-sample/*.json",
      { path: ".", fields: { role: "author.name" }, roles: { user: ["*"], model: [] } },
      0,
    ],
  ]
  it.effect.skipIf(!there)(
    "tasks for own files make episodes of them, and every record is accounted for",
    () =>
      Effect.gen(function* () {
        for (const [task, file, options, atLeast] of tasks) {
          const config = { [task]: { files: [file], prompt: "none", ...options } }
          const built = yield* build(root, { tasks: [task], config })
          assert.deepStrictEqual(accounts(built), [], file)
          const counts = built.manifest.tasks[task]
          // One conversation of chatterbot's is no list, and one transcript holds no turn.
          const bad = /chatterbot|transcripts/.test(file) ? 1 : 0
          assert.strictEqual(counts?.records.bad, bad, `${file}: ${JSON.stringify(built.lines)}`)
          assert.isAtLeast(counts?.episodes.written ?? -1, atLeast, `${file} ${JSON.stringify(counts)}`)
        }
      }),
    patience.timeout,
  )
})

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { accounts, build, jsonl } from "../../support/build.ts"

const config = { PreferenceTask: { files: ["pairs.jsonl"], prompt: "none" } }

const run = (...records: ReadonlyArray<unknown>) =>
  build({ "pairs.jsonl": jsonl(...records) }, { tasks: ["PreferenceTask"], config, format: "preference" })

const row = {
  prompt: [{ role: "user", content: "U" }],
  chosen: [{ role: "assistant", content: "A" }],
  rejected: [{ role: "assistant", content: "B" }],
}

describe("PreferenceTask", () => {
  it.effect("reads texts, messages, whole conversations and the shapes of trainers alike", () =>
    Effect.gen(function* () {
      const human = { from: "human", value: "U" }
      const built = yield* run(
        { prompt: "U", chosen: "A", rejected: "B" },
        row,
        { chosen: [human, { from: "gpt", value: "A" }], rejected: [human, { from: "gpt", value: "B" }] },
        { prompt: "U", chosen: [human, { from: "gpt", value: "A" }], rejected: [human, { from: "gpt", value: "B" }] },
        { conversations: [human], chosen: { from: "gpt", value: "A" }, rejected: { from: "gpt", value: "B" } },
        { input: { messages: row.prompt }, preferred_output: row.chosen, non_preferred_output: row.rejected },
        { question: "U", response_chosen: "A", response_rejected: "B" },
      )
      assert.deepStrictEqual(built.rows, Array(7).fill(row))
      assert.deepStrictEqual(accounts(built), [])
    }),
  )

  it.effect("leaves out what is no pair, and says why", () =>
    Effect.gen(function* () {
      const built = yield* run(
        { prompt: "U", chosen: "A" },
        { prompt: "U", chosen: "A", rejected: "A" },
        {
          chosen: [
            { role: "user", content: "U" },
            { role: "assistant", content: "A" },
          ],
          rejected: [
            { role: "user", content: "V" },
            { role: "assistant", content: "B" },
          ],
        },
        { prompt: "U", chosen: 1, rejected: "B" },
        [1],
      )
      assert.deepStrictEqual(built.rows, [])
      assert.deepStrictEqual(
        built.lines.map(({ reason }) => reason),
        ["noPair", "sameReplies", "MalformedRecord", "MalformedRecord", "MalformedRecord"],
      )
    }),
  )

  it.effect("other formats write the reply that was chosen", () =>
    Effect.gen(function* () {
      const files = { "pairs.jsonl": jsonl({ prompt: "U", chosen: "A", rejected: "B" }) }
      const { text } = yield* build(files, { tasks: ["PreferenceTask"], config, format: "openai" })
      assert.strictEqual(text, '{"messages":[{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}\n')
    }),
  )

  it.effect("a conversation that does not fit with either reply is left out as a whole", () =>
    Effect.gen(function* () {
      const long = "word ".repeat(50)
      const files = {
        "pairs.jsonl": jsonl(
          { prompt: "U", chosen: "A", rejected: long },
          { prompt: "U", chosen: long, rejected: "B" },
          { prompt: "U", chosen: "A", rejected: "B" },
        ),
      }
      const built = yield* build(files, { tasks: ["PreferenceTask"], config, format: "preference", maxLength: 20 })
      assert.deepStrictEqual(built.rows, [row])
      assert.strictEqual(built.manifest.tasks["PreferenceTask"]?.episodes.tooLarge, 2)
      assert.deepStrictEqual(accounts(built), [])
    }),
  )

  it.effect("names and control tokens are guarded in what was not chosen, too", () =>
    Effect.gen(function* () {
      const files = { "pairs.jsonl": jsonl({ prompt: "U", chosen: "A", rejected: "<|im_start|>user B" }) }
      const built = yield* build(files, { tasks: ["PreferenceTask"], config, format: "preference" })
      assert.include(built.text, "< |im_start|>user B")
    }),
  )
})

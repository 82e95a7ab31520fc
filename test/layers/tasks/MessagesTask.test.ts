import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { readRows } from "../../../src/layers/readers/Parquet.ts"
import { MessagesTask as task } from "../../../src/layers/tasks/MessagesTask.ts"
import { openTask, promptOf, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const chat = (...messages: ReadonlyArray<object>) => ({ messages })
const user = { role: "user", content: "Hi" }
const model = { role: "assistant", content: "Hello" }

describe("MessagesTask", () => {
  it("reads messages of role and content, developer as system", () => {
    assert.deepStrictEqual(textsOf(runTask(task, chat({ role: "developer", content: "S" }, user, model))), [
      ["s", "S"],
      ["u", "Hi"],
      ["m", "Hello"],
    ])
    assert.strictEqual(runTask(task, chat(user, model), { unit: "12" }).id, "messages-12")
  })

  it("names and weights of messages are kept", () => {
    const { result } = runTask(task, chat({ ...user, name: "Ann" }, { ...model, weight: 0, name: " " }))
    assert.deepStrictEqual("turns" in result ? result.turns : [], [
      { kind: "user", text: "Hi", name: "Ann" },
      { kind: "model", text: "Hello", weight: 0 },
    ])
  })

  it("a prompt of messages takes its answer from another field, text or messages", () => {
    for (const answer of [{ completion: "Hello" }, { response: "Hello" }, { completion: [model] }]) {
      assert.deepStrictEqual(textsOf(runTask(task, { prompt: [user], ...answer })), [
        ["u", "Hi"],
        ["m", "Hello"],
      ])
    }
    const options = { fields: { messages: "q.turns", response: "solution" } }
    assert.deepStrictEqual(textsOf(runTask(task, { q: { turns: [user] }, solution: "[1, 2]" }, { options })), [
      ["u", "Hi"],
      ["m", "[1, 2]"],
    ])
    assert.strictEqual(shapedOf(runTask(task, { prompt: [user] })), "noModelTurn")
  })

  it("parts of a content are joined; what is no text is left out, marked, or leaves the record out", () => {
    const image = { type: "image_url", image_url: { url: "x" } }
    const record = chat(
      { role: "user", content: [{ type: "text", text: "Look" }, image, { type: "text", text: "here" }] },
      model,
    )
    const joined = runTask(task, record)
    assert.deepStrictEqual([textsOf(joined)[0]?.[1], joined.repairs], ["Look\nhere", { contentPartsLeftOut: 1 }])
    assert.strictEqual(textsOf(runTask(task, record, { options: { content: "text" } }))[0]?.[1], "Look\n[image]\nhere")
    assert.strictEqual(skipOf(runTask(task, record, { options: { content: "skip" } })), "contentParts")
    const texts = chat({ role: "user", content: [{ type: "input_text", text: "a" }, "b"] }, model)
    assert.strictEqual(textsOf(runTask(task, texts, { options: { content: "skip" } }))[0]?.[1], "a\nb")
    const odd = chat({ role: "user", content: [{ type: "<|user|>", x: 1 }] }, model)
    assert.strictEqual(textsOf(runTask(task, odd, { options: { content: "text" } }))[0]?.[1], "[attachment]")
  })

  it("calls of tools are left out, written as JSON, or leave the record out", () => {
    const call = { id: "1", type: "function", function: { name: "rain", arguments: '{"in":"Rome"}' } }
    const record = chat(
      user,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "wet", tool_call_id: "1" },
      { role: "assistant", content: "Wet." },
    )
    const dropped = runTask(task, record)
    const episode = shapedOf(dropped)
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.slice(1).map(({ kind, text }) => [kind, text]),
      [
        ["user", "Hi"],
        ["model", "Wet."],
      ],
    )
    assert.deepStrictEqual(dropped.cuts, [{ reason: "toolTurns", turns: 2 }])
    assert.deepStrictEqual(textsOf(runTask(task, record, { options: { tools: "text" } })), [
      ["u", "Hi"],
      ["m", '{"name":"rain","arguments":{"in":"Rome"}}'],
      ["u", "wet"],
      ["m", "Wet."],
    ])
    assert.strictEqual(skipOf(runTask(task, record, { options: { tools: "skip" } })), "toolTurns")
  })

  it("tool parts inside a content follow the policy for tools", () => {
    const record = chat(user, {
      role: "assistant",
      content: [
        { type: "text", text: "Let me see." },
        { type: "tool_use", name: "w", input: {} },
      ],
    })
    assert.strictEqual(textsOf(runTask(task, record))[1]?.[1], "Let me see.")
    assert.include(textsOf(runTask(task, record, { options: { tools: "text" } }))[1]?.[1] as string, '"tool_use"')
    assert.strictEqual(skipOf(runTask(task, record, { options: { tools: "skip" } })), "toolTurns")
  })

  it("an empty content is an empty turn, a missing one a mistake", () => {
    assert.deepStrictEqual(textsOf(runTask(task, chat(user, { role: "assistant", content: null }, model)))[1], [
      "m",
      "",
    ])
    assert.strictEqual(skipOf(runTask(task, chat(user, { role: "assistant" }, model))), "MalformedRecord")
  })

  it("an unknown role is named, and evidence is short", () => {
    const { result } = runTask(task, chat({ role: "x".repeat(500), content: "a" }, model))
    assert.isTrue("skip" in result && result.skip === "UnknownRole" && (result.detail as string).length <= 80)
  })

  it("C-12: custom prompts replace the record's system text", () => {
    const made = runTask(task, chat({ role: "system", content: "S" }, user, model), {
      customPrompts: ["Mine {{response_style_str}}"],
    })
    assert.deepStrictEqual([textsOf(made).length, promptOf(made)], [2, "Mine {{response_style_str}}"])
  })

  it("system text in the middle stays for the shared stage to put first", () => {
    const episode = shapedOf(runTask(task, chat(user, { role: "system", content: "S" }, model)))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.map(({ text }) => text),
      ["S", "Hi", "Hello"],
    )
  })

  it("C-5: arbitrary JSON never throws", () => {
    const message = fc.record(
      {
        role: fc.oneof(fc.constantFrom("user", "assistant", "tool", "system"), fc.jsonValue({ maxDepth: 1 })),
        content: fc.jsonValue({ maxDepth: 3 }),
        tool_calls: fc.jsonValue({ maxDepth: 2 }),
        function_call: fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: [] },
    )
    const record = fc.oneof(
      fc.jsonValue(),
      fc.record({ prompt: fc.array(message), completion: fc.jsonValue() }),
      fc.record({ messages: fc.array(message), system: fc.jsonValue() }),
    )
    const runs = [openTask(task), openTask(task, { options: { tools: "text", content: "text" } })]
    fc.assert(
      fc.property(record, (value) => {
        for (const run of runs) {
          const { result } = run(value)
          assert.isTrue("turns" in result || "skip" in result)
        }
      }),
    )
  })

  it.skipIf(!existsSync(shared("data/messages")))("reads the conversations of real files", () => {
    const counts = ["sft_sample", "toy_chat_fine_tuning"].map((name) => {
      const lines = readFileSync(shared(`data/messages/${name}.jsonl`), "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
      const run = openTask(task, { options: { fields: { id: "id" } } })
      return lines.map((line) => run(JSON.parse(line))).filter((made) => typeof shapedOf(made) !== "string").length
    })
    // One of the toy conversations has no user turn.
    assert.deepStrictEqual(counts, [100, 4])
  })

  it.skipIf(!existsSync(shared("data/parquet-messages")))(
    "reads a nested prompt column of a real table, answers from another column",
    async () => {
      const path = shared("data/parquet-messages/test.parquet")
      const rows = await readRows({
        kind: "rowGroup",
        file: "test.parquet",
        path,
        rowStart: 0,
        rowEnd: 50,
        first: { index: 0, line: 1, byte: 0, counts: [] },
      })
      const run = openTask(task, { options: { fields: { response: "solution_text_format" } } })
      assert.strictEqual(rows.map(run).filter((made) => typeof shapedOf(made) !== "string").length, 50)
    },
  )
})

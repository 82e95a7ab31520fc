import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { ShareGptTask as task } from "../../../src/layers/tasks/ShareGptTask.ts"
import { decodeOptions, openTask, promptOf, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const turns = (...pairs: ReadonlyArray<readonly [string, unknown]>) => pairs.map(([from, value]) => ({ from, value }))
const chat = (...pairs: ReadonlyArray<readonly [string, unknown]>) => ({ id: "c1", conversations: turns(...pairs) })
const simple = chat(["human", "Hi"], ["gpt", "Hello"])

describe("ShareGptTask", () => {
  it("reads conversations of from and value, with the usual role names in any case", () => {
    for (const [user, model] of [
      ["human", "gpt"],
      ["User", "Assistant"],
      ["prompter", "bot"],
      ["user", "chatgpt"],
      [" HUMAN ", "model"],
    ] as const) {
      assert.deepStrictEqual(textsOf(runTask(task, chat([user, "Hi"], [model, "Hello"]))), [
        ["u", "Hi"],
        ["m", "Hello"],
      ])
    }
  })

  it("reads messages variants, bare lists, and lists as JSON text", () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
    ]
    for (const record of [
      { messages },
      { conversation: messages },
      messages,
      { conversations: JSON.stringify(messages) },
    ]) {
      assert.deepStrictEqual(textsOf(runTask(task, record)), [
        ["u", "Hi"],
        ["m", "Hello"],
      ])
    }
  })

  it("takes configured fields, also nested ones, and roles", () => {
    const record = {
      a: {
        utterances: [
          { speaker: "caller", t: "Hi" },
          { speaker: "desk", t: "Hello" },
        ],
      },
    }
    const options = {
      fields: { conversations: "a.utterances", from: "speaker", value: "t" },
      roles: { user: ["caller"], model: ["DESK"] },
    }
    assert.deepStrictEqual(textsOf(runTask(task, record, { options })), [
      ["u", "Hi"],
      ["m", "Hello"],
    ])
  })

  it("a configured role wins over a usual name of another kind", () => {
    const made = runTask(task, chat(["bot", "Hi"], ["gpt", "Hello"]), { options: { roles: { user: ["bot"] } } })
    assert.deepStrictEqual(textsOf(made), [
      ["u", "Hi"],
      ["m", "Hello"],
    ])
  })

  it("the identifier is the unit, or the configured field where it is filled", () => {
    assert.strictEqual(runTask(task, simple, { unit: "a.json-4" }).id, "sharegpt-a.json-4")
    assert.strictEqual(runTask(task, simple, { options: { fields: { id: "id" } } }).id, "sharegpt-c1")
    assert.strictEqual(runTask(task, { ...simple, id: null }, { options: { fields: { id: "id" } } }).id, "sharegpt-0")
    assert.strictEqual(runTask(task, { ...simple, id: 7 }, { options: { fields: { id: "id" } } }).id, "sharegpt-7")
  })

  it("an unknown role leaves the record out and is named", () => {
    assert.deepStrictEqual(runTask(task, chat(["narrator", "Hi"], ["gpt", "Hello"])).result, {
      bad: true,
      skip: "UnknownRole",
      detail: "narrator",
    })
  })

  it("C-5: records of other shapes are left out with a reason", () => {
    for (const record of [
      {},
      [],
      "x",
      4,
      { conversations: 3 },
      { conversations: [] },
      { conversations: [null] },
      { conversations: [{ from: "human" }] },
    ]) {
      assert.include(["MalformedRecord", "empty"], skipOf(runTask(task, record)), JSON.stringify(record))
    }
    assert.strictEqual(skipOf(runTask(task, chat(["human", { x: 1 }], ["gpt", "a"]))), "MalformedRecord")
  })

  it("keeps the record's system text, as a turn or in its field; without one it samples the pool", () => {
    assert.deepStrictEqual(textsOf(runTask(task, chat(["system", "S"], ["human", "Hi"], ["gpt", "Hello"])))[0], [
      "s",
      "S",
    ])
    const made = runTask(task, { ...simple, system: "S" })
    assert.deepStrictEqual([textsOf(made)[0], promptOf(made)], [["s", "S"], undefined])
    assert.isString(promptOf(runTask(task, simple)))
    assert.isUndefined(promptOf(runTask(task, simple, { options: { prompt: "none" } })))
    assert.strictEqual(
      textsOf(runTask(task, { conversations: turns(["system", "S"], ["human", "a"], ["gpt", "b"]), system: "S" }))
        .length,
      3,
    )
  })

  it("replaces or drops the record's system text", () => {
    const record = chat(["system", "S"], ["human", "Hi"], ["gpt", "Hello"])
    const replaced = runTask(task, record, { options: { system: "replace" } })
    assert.deepStrictEqual([textsOf(replaced).length, typeof promptOf(replaced)], [2, "string"])
    const dropped = runTask(task, record, { options: { system: "drop" } })
    assert.deepStrictEqual([textsOf(dropped).length, promptOf(dropped)], [2, undefined])
  })

  it("C-12: custom prompts take the place of the record's own, unless it is to be kept", () => {
    const record = chat(["system", "S"], ["human", "Hi"], ["gpt", "Hello"])
    assert.strictEqual(promptOf(runTask(task, record, { customPrompts: ["Mine"] })), "Mine")
    assert.strictEqual(
      promptOf(runTask(task, simple, { customPrompts: ["Mine"], options: { prompt: "none" } })),
      "Mine",
    )
    assert.isUndefined(promptOf(runTask(task, record, { customPrompts: ["Mine"], options: { system: "keep" } })))
  })

  it("tool turns are left out, written, or leave the record out", () => {
    const record = chat(["human", "Rain?"], ["function_call", '{"name":"w"}'], ["observation", "wet"], ["gpt", "Yes."])
    const dropped = runTask(task, record)
    assert.deepStrictEqual(textsOf(dropped), [
      ["u", "Rain?"],
      ["m", "Yes."],
    ])
    assert.deepStrictEqual(dropped.cuts, [{ reason: "toolTurns", turns: 2 }])
    assert.deepStrictEqual(textsOf(runTask(task, record, { options: { tools: "text" } })), [
      ["u", "Rain?"],
      ["m", '{"name":"w"}'],
      ["u", "wet"],
      ["m", "Yes."],
    ])
    assert.strictEqual(skipOf(runTask(task, record, { options: { tools: "skip" } })), "toolTurns")
  })

  it("cleans as a chat: curly quotes and line breaks stay, invisible spaces go", () => {
    assert.strictEqual(task.clean, "chat")
    assert.strictEqual(
      textsOf(runTask(task, chat(["human", "“Hi”\n\n\n\n\u200bthere\u00a0you "], ["gpt", "x"])))[0]?.[1],
      "“Hi”\n\n\n\nthere you",
    )
  })

  it("weights of the model's turns are kept", () => {
    const record = {
      conversations: [
        { from: "human", value: "a", weight: 1 },
        { from: "gpt", value: "b", weight: 0 },
      ],
    }
    const { result } = runTask(task, record)
    assert.deepStrictEqual("turns" in result ? result.turns.map(({ weight }) => weight) : [], [undefined, 0])
  })

  it("options that are not known are refused", () => {
    assert.throws(() => decodeOptions(task.options, { fields: { conversation: "x" } }))
    assert.throws(() => decodeOptions(task.options, { tools: "keep" }))
    assert.deepStrictEqual(decodeOptions(task.options, { fields: null, system: null })["fields"], {})
  })

  it("C-5: arbitrary JSON never throws, and names from the data reach no prototype", () => {
    const message = fc.record(
      {
        from: fc.oneof(
          fc.constantFrom("human", "gpt", "tool", "__proto__", "constructor"),
          fc.jsonValue({ maxDepth: 1 }),
        ),
        value: fc.jsonValue({ maxDepth: 3 }),
      },
      { requiredKeys: [] },
    )
    const record = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record({ conversations: fc.array(message, { maxLength: 5 }) }),
    )
    const runs = (["drop", "text", "skip"] as const).map((tools, i) =>
      openTask(task, { options: { tools, content: (["join", "text", "skip"] as const)[i] } }),
    )
    fc.assert(
      fc.property(record, (value) => {
        for (const run of runs) {
          const { result } = run(JSON.parse(JSON.stringify(value)))
          assert.isTrue("turns" in result || "skip" in result)
        }
      }),
    )
    assert.strictEqual(
      skipOf(runTask(task, {}, { options: { fields: { conversations: "constructor.name" } } })),
      "MalformedRecord",
    )
  })

  it.skipIf(!existsSync(shared("data/sharegpt")))("reads 500 conversations of a real file", () => {
    const records = JSON.parse(readFileSync(shared("data/sharegpt/dummy_conversation.json"), "utf8")) as Array<unknown>
    const run = openTask(task)
    assert.strictEqual(records.map(run).filter((made) => typeof shapedOf(made) !== "string").length, 500)
  })

  it.skipIf(!existsSync(shared("data/taskmaster")))("reads 500 dialogues of another shape by config", () => {
    const records = JSON.parse(readFileSync(shared("data/taskmaster/data_00.json"), "utf8")) as Array<unknown>
    const run = openTask(task, {
      options: { fields: { conversations: "utterances", from: "speaker", value: "text", id: "conversation_id" } },
    })
    const made = records.map(run)
    assert.strictEqual(made.filter((one) => skipOf(one) === undefined && typeof shapedOf(one) !== "string").length, 500)
    assert.strictEqual(new Set(made.map(({ id }) => id)).size, 500)
  })
})

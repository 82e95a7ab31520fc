import { assert, describe, it } from "@effect/vitest"
import { recognise } from "../../src/domain/Recognise.ts"

const settingsOf = (...records: ReadonlyArray<unknown>) => {
  const found = recognise(records)
  return found === undefined ? undefined : [found.task, found.settings]
}

describe("recognising records", () => {
  it("tells the usual shapes without settings", () => {
    assert.deepStrictEqual(settingsOf({ id: "1", conversations: [{ from: "human", value: "Hi" }] }), [
      "ShareGptTask",
      {},
    ])
    assert.deepStrictEqual(settingsOf({ messages: [{ role: "user", content: "Hi" }] }), ["MessagesTask", {}])
    assert.deepStrictEqual(settingsOf({ instruction: "Add.", input: "1 1", output: "2" }), ["AlpacaTask", {}])
    assert.deepStrictEqual(settingsOf({ question: "Why?", answer: "So." }), ["AlpacaTask", {}])
  })

  it("names the fields of other shapes", () => {
    assert.deepStrictEqual(settingsOf({ Query: "Why?", Context: "x", Reply: "So." }), [
      "AlpacaTask",
      { fields: { instruction: "Query", input: "Context", output: "Reply" } },
    ])
    assert.deepStrictEqual(settingsOf({ turns: [{ speaker: "user", text: "Hi" }] }), [
      "MessagesTask",
      { fields: { messages: "turns", role: "speaker" } },
    ])
  })

  it("takes the first of two unknown speakers for the user", () => {
    const talk = {
      utterances: [
        { speaker: "Agent 7", text: "Hi" },
        { speaker: "Zoe", text: "Yes?" },
      ],
    }
    assert.deepStrictEqual(settingsOf(talk, talk), [
      "MessagesTask",
      { fields: { messages: "utterances", role: "speaker" }, roles: { user: ["agent 7"], model: ["zoe"] } },
    ])
    const three = { utterances: [...talk.utterances, { speaker: "Tom", text: "No." }] }
    assert.isUndefined(recognise([three]))
  })

  it("is not put off by a speaker that hardly any message has", () => {
    const talk = {
      conversations: [
        { from: "human", value: "Hi" },
        { from: "gpt", value: "Hello" },
      ],
    }
    const odd = { conversations: [{ from: "narrator", value: "It rains." }] }
    assert.deepStrictEqual(settingsOf(...Array(5).fill(talk), odd), ["ShareGptTask", {}])
    assert.isUndefined(recognise([talk, odd]))
  })

  it("reads lists that stand as JSON in a column of a table", () => {
    const row = { messages: JSON.stringify([{ role: "user", content: "Hi" }]) }
    assert.deepStrictEqual(settingsOf(row), ["MessagesTask", {}])
  })

  it("tells a SillyTavern log by its lines, with or without a header", () => {
    const line = { name: "Zoe", is_user: false, mes: "Hello." }
    assert.strictEqual(recognise([{ chat_metadata: {} }, line])?.task, "PygClaudeRoleplayTask")
    assert.strictEqual(recognise([line, line])?.task, "PygClaudeRoleplayTask")
  })

  it("is silent about anything else", () => {
    for (const records of [
      [],
      ["text"],
      [1, 2],
      [{ a: 1 }],
      [{ instruction: "x" }],
      [[1]],
      [null],
      [{ messages: [] }],
      [{ __proto__: null, x: {} }],
    ])
      assert.isUndefined(recognise(records), JSON.stringify(records))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { type RowTurn, turnsOf } from "../../src/domain/RowTurns.ts"

const plain: ReadonlyArray<RowTurn> = [
  { kind: "system", text: "Be brief." },
  { kind: "user", text: "Hello?" },
  { kind: "model", text: "Hi." },
]

describe("turns of a row", () => {
  it("reads the shapes of the package's formats back", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello?" },
      { role: "assistant", content: "Hi." },
    ]
    const rows = [
      {
        conversations: [
          { from: "system", value: "Be brief." },
          { from: "human", value: "Hello?" },
          { from: "gpt", value: "Hi." },
        ],
        identifier: "a-1",
      },
      { messages },
      { prompt: "<|system|>Be brief.<|user|>Hello?<|model|>", generation: "Hi." },
      { prompt: messages.slice(0, 2), completion: messages.slice(2) },
      { prompt: messages.slice(0, 2), chosen: messages.slice(2), rejected: [] },
      { instruction: "Hello?", input: "", output: "Hi.", system: "Be brief.", history: [] },
    ]
    for (const row of rows) assert.deepStrictEqual(turnsOf(row), plain, JSON.stringify(row))
  })

  it("tells what is trained where the row says so", () => {
    const row = {
      items: [
        { role: "user", content: "Hello?", weight: 0 },
        { role: "assistant", content: "Hi.", weight: 1 },
      ],
      system: "",
    }
    assert.deepStrictEqual(
      turnsOf(row).map(({ trained }) => trained),
      [false, true],
    )
  })

  it("shows a row of another shape as its JSON", () => {
    assert.deepStrictEqual(turnsOf({ input_ids: [1, 2] }), [{ kind: "text", text: '{"input_ids":[1,2]}' }])
    assert.deepStrictEqual(turnsOf({ messages: "none" }), [{ kind: "text", text: '{"messages":"none"}' }])
  })
})

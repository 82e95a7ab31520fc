import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { OpenChat } from "../../../src/layers/formats/OpenChat.ts"
import { anyExample } from "../../support/examples.ts"

const identifier = { identifier: true }

interface Row {
  readonly items: ReadonlyArray<{ readonly role: string; readonly content: string; readonly weight: number }>
  readonly system: string
}

describe("OpenChat", () => {
  it("items with weights, the system prompt beside them, and the identifier", () => {
    assert.strictEqual(
      JSON.stringify(OpenChat.encode({ id: "x-1", turns: [system("S"), user("U1"), model("M1")] }, identifier)),
      '[{"items":[{"role":"user","content":"U1","weight":0},{"role":"assistant","content":"M1","weight":1}],' +
        '"system":"S","identifier":"x-1"}]',
    )
  })

  it("a turn's own weight goes before the usual one", () => {
    const turns: ReadonlyArray<Turn> = [
      { ...user("U"), weight: 0.5 },
      { ...model("M"), weight: 0 },
      user("V"),
      model("N"),
    ]
    const { items } = OpenChat.encode({ id: "x", turns }, identifier)[0] as unknown as Row
    assert.deepStrictEqual(
      items.map(({ weight }) => weight),
      [0.5, 0, 0, 1],
    )
  })

  it("M-2: all lines have the same keys in the same order, an absent system prompt is empty", () => {
    fc.assert(
      fc.property(anyExample, fc.boolean(), (example, withId) => {
        const rows = OpenChat.encode(example, { identifier: withId })
        assert.deepStrictEqual(
          rows.map((row) => Object.keys(row)),
          [withId ? ["items", "system", "identifier"] : ["items", "system"]],
        )
        const { items, system: text } = rows[0] as unknown as Row
        for (const item of items) assert.deepStrictEqual(Object.keys(item), ["role", "content", "weight"])
        assert.strictEqual(text, example.turns[0]?.kind === "system" ? example.turns[0].text : "")
      }),
    )
  })

  it("C-16: the turns can be read back from the line, whatever the texts", () => {
    fc.assert(
      fc.property(anyExample, (example) => {
        const row = JSON.parse(JSON.stringify(OpenChat.encode(example, identifier)[0])) as Row
        const turns = row.items.map(({ content, role }) => (role === "user" ? user(content) : model(content)))
        const head = example.turns[0]?.kind === "system" ? [system(row.system)] : []
        assert.deepStrictEqual([...head, ...turns], [...example.turns])
      }),
    )
  })

  it("C-6: the example is left alone", () => {
    const turns = [system("S"), user("U"), model("M")].map((turn) => Object.freeze(turn))
    const example = Object.freeze({ id: "i", turns: Object.freeze(turns) })
    assert.deepStrictEqual(OpenChat.encode(example, identifier), OpenChat.encode(example, identifier))
  })
})

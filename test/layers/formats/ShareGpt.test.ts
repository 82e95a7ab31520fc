import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { ShareGpt } from "../../../src/layers/formats/ShareGpt.ts"
import { ShareGptTask } from "../../../src/layers/tasks/ShareGptTask.ts"
import { anyExample } from "../../support/examples.ts"
import { runTask, textsOf } from "../harness.ts"

const identifier = { identifier: true }
const makes: { readonly [from: string]: (text: string) => Turn } = { system, human: user, gpt: model }

interface Row {
  readonly conversations: ReadonlyArray<{ readonly from: string; readonly value: string }>
}

describe("ShareGpt", () => {
  it("a list of from and value, and the identifier", () => {
    assert.strictEqual(
      JSON.stringify(ShareGpt.encode({ id: "x-1", turns: [system("S"), user("U1"), model("M1")] }, identifier)),
      '[{"conversations":[{"from":"system","value":"S"},{"from":"human","value":"U1"},' +
        '{"from":"gpt","value":"M1"}],"identifier":"x-1"}]',
    )
  })

  it("names and weights of turns are not written", () => {
    const turns = [user("U", "Bob"), { ...model("M", "Iris"), weight: 0.5 }]
    assert.deepStrictEqual(ShareGpt.encode({ id: "x", turns }, { identifier: false }), [
      {
        conversations: [
          { from: "human", value: "U" },
          { from: "gpt", value: "M" },
        ],
      },
    ])
  })

  it("all lines have the same keys in the same order", () => {
    fc.assert(
      fc.property(anyExample, fc.boolean(), (example, withId) => {
        const rows = ShareGpt.encode(example, { identifier: withId })
        assert.deepStrictEqual(
          rows.map((row) => Object.keys(row)),
          [withId ? ["conversations", "identifier"] : ["conversations"]],
        )
        for (const turn of (rows[0] as Row).conversations) assert.deepStrictEqual(Object.keys(turn), ["from", "value"])
      }),
    )
  })

  it("C-16: the turns can be read back from the line, whatever the texts", () => {
    fc.assert(
      fc.property(anyExample, (example) => {
        const line = JSON.stringify(ShareGpt.encode(example, identifier)[0])
        assert.notInclude(line, "\n")
        const { conversations } = JSON.parse(line) as Row
        assert.deepStrictEqual(
          conversations.map(({ from, value }) => makes[from]?.(value)),
          [...example.turns],
        )
      }),
    )
  })

  it("C-16: a slash is written as it is", () => {
    assert.include(JSON.stringify(ShareGpt.encode({ id: "a/b", turns: [user("c/d"), model("e")] }, identifier)), "c/d")
  })

  it("the task for such files reads what was written", () => {
    const [row] = ShareGpt.encode({ id: "x", turns: [system("S"), user("U"), model("M")] }, identifier)
    assert.deepStrictEqual(textsOf(runTask(ShareGptTask, row)), [
      ["s", "S"],
      ["u", "U"],
      ["m", "M"],
    ])
  })

  it("C-6: the example is left alone", () => {
    const turns = [system("S"), user("U"), model("M")].map((turn) => Object.freeze(turn))
    const example = Object.freeze({ id: "i", turns: Object.freeze(turns) })
    assert.deepStrictEqual(ShareGpt.encode(example, identifier), ShareGpt.encode(example, identifier))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { Alpaca } from "../../../src/layers/formats/Alpaca.ts"

const context = { identifier: true }

describe("Alpaca", () => {
  it("has the last exchange as instruction and output, those before as history", () => {
    assert.strictEqual(
      JSON.stringify(
        Alpaca.encode({ id: "x", turns: [system("S"), user("U1"), model("M1"), user("U2"), model("M2")] }, context),
      ),
      '[{"instruction":"U2","input":"","output":"M2","system":"S","history":[["U1","M1"]]}]',
    )
    assert.strictEqual(
      JSON.stringify(Alpaca.encode({ id: "x", turns: [user("U"), model("A")] }, context)),
      '[{"instruction":"U","input":"","output":"A","system":"","history":[]}]',
    )
  })

  it("has no row for turns that are no exchanges", () => {
    assert.deepStrictEqual(Alpaca.encode({ id: "x", turns: [model("G"), user("U"), model("A")] }, context), [])
    assert.deepStrictEqual(Alpaca.encode({ id: "x", turns: [user("U")] }, context), [])
  })
})

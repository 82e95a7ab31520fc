import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { Pygmalion } from "../../../src/layers/formats/Pygmalion.ts"

const context = { identifier: true }

describe("Pygmalion", () => {
  it("calls the speakers system, human and bot, under the key role", () => {
    assert.strictEqual(
      JSON.stringify(Pygmalion.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context)),
      '[{"conversations":[{"role":"system","value":"S"},{"role":"human","value":"U"},{"role":"bot","value":"A"}]}]',
    )
  })
})

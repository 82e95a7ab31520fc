import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { PromptCompletion } from "../../../src/layers/formats/PromptCompletion.ts"

const context = { identifier: true }

describe("PromptCompletion", () => {
  it("has the last reply as completion, all before it as prompt", () => {
    assert.strictEqual(
      JSON.stringify(PromptCompletion.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context)),
      '[{"prompt":[{"role":"system","content":"S"},{"role":"user","content":"U"}],"completion":[{"role":"assistant","content":"A"}]}]',
    )
  })

  it("has no row without a reply at the end", () => {
    assert.deepStrictEqual(PromptCompletion.encode({ id: "x", turns: [user("U")] }, context), [])
  })
})

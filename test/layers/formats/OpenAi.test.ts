import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { OpenAi } from "../../../src/layers/formats/OpenAi.ts"

const context = { identifier: true }

describe("OpenAi", () => {
  it("is messages of role and content, and nothing else", () => {
    assert.strictEqual(
      JSON.stringify(OpenAi.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context)),
      '[{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}]',
    )
  })

  it("wants the user to speak first, as several of its trainers do", () => {
    assert.isFalse(OpenAi.takes?.greeting)
  })
})

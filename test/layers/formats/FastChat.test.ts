import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { FastChat } from "../../../src/layers/formats/FastChat.ts"

const context = { identifier: true }

describe("FastChat", () => {
  it("is id and conversations, with the system text before the first turn", () => {
    assert.strictEqual(
      JSON.stringify(FastChat.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context)),
      '[{"id":"x","conversations":[{"from":"human","value":"S\\n\\nU"},{"from":"gpt","value":"A"}]}]',
    )
  })

  it("is written as one array", () => {
    assert.strictEqual(FastChat.container, "array")
  })
})

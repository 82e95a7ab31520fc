import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { openFormat } from "../../../src/domain/Format.ts"
import { ChatMl } from "../../../src/layers/formats/ChatMl.ts"

const context = { identifier: true }

const { encode } = openFormat(ChatMl, {})

describe("ChatMl", () => {
  it("is text in ChatML", () => {
    assert.deepStrictEqual(encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context), [
      { text: "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n" },
    ])
  })
})

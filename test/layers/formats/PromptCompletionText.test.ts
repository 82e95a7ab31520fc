import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { PromptCompletionText } from "../../../src/layers/formats/PromptCompletionText.ts"

const context = { identifier: true }

describe("PromptCompletionText", () => {
  it("is a question, under the system text, and its answer", () => {
    assert.deepStrictEqual(
      PromptCompletionText.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context),
      [{ prompt: "S\n\nU", completion: "A" }],
    )
    assert.deepStrictEqual(PromptCompletionText.encode({ id: "x", turns: [user("U"), model("A")] }, context), [
      { prompt: "U", completion: "A" },
    ])
  })

  it("has no row for several exchanges", () => {
    assert.deepStrictEqual(
      PromptCompletionText.encode(
        { id: "x", turns: [system("S"), user("U1"), model("M1"), user("U2"), model("M2")] },
        context,
      ),
      [],
    )
  })
})

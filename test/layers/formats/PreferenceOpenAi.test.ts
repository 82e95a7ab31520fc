import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { PreferenceOpenAi } from "../../../src/layers/formats/PreferenceOpenAi.ts"

const context = { identifier: true }

describe("PreferenceOpenAi", () => {
  it("has a row for each reply that was not chosen", () => {
    const example = { id: "x", turns: [user("U"), model("A")], alternatives: ["B", "C"] }
    assert.deepStrictEqual(
      PreferenceOpenAi.encode(example, context),
      ["B", "C"].map((R) => ({
        input: { messages: [{ role: "user", content: "U" }] },
        preferred_output: [{ role: "assistant", content: "A" }],
        non_preferred_output: [{ role: "assistant", content: R }],
      })),
    )
  })

  it("has no row without one", () => {
    assert.deepStrictEqual(
      PreferenceOpenAi.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context),
      [],
    )
  })
})

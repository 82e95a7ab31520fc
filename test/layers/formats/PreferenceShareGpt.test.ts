import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { PreferenceShareGpt } from "../../../src/layers/formats/PreferenceShareGpt.ts"

const context = { identifier: true }

describe("PreferenceShareGpt", () => {
  it("has a row for each reply that was not chosen", () => {
    const example = { id: "x", turns: [user("U"), model("A")], alternatives: ["B", "C"] }
    assert.deepStrictEqual(
      PreferenceShareGpt.encode(example, context),
      ["B", "C"].map((R) => ({
        conversations: [{ from: "human", value: "U" }],
        chosen: { from: "gpt", value: "A" },
        rejected: { from: "gpt", value: R },
      })),
    )
  })

  it("has no row without one", () => {
    assert.deepStrictEqual(
      PreferenceShareGpt.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context),
      [],
    )
  })
})

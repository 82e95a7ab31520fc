import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { Preference } from "../../../src/layers/formats/Preference.ts"

const context = { identifier: true }

describe("Preference", () => {
  it("has a row for each reply that was not chosen", () => {
    const example = { id: "x", turns: [user("U"), model("A")], alternatives: ["B", "C"] }
    assert.deepStrictEqual(
      Preference.encode(example, context),
      ["B", "C"].map((R) => ({
        prompt: [{ role: "user", content: "U" }],
        chosen: [{ role: "assistant", content: "A" }],
        rejected: [{ role: "assistant", content: R }],
      })),
    )
  })

  it("has no row without one", () => {
    assert.deepStrictEqual(Preference.encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context), [])
  })
})

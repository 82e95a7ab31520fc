import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { OpenAiWeighted } from "../../../src/layers/formats/OpenAiWeighted.ts"

const context = { identifier: true }

describe("OpenAiWeighted", () => {
  it("puts a weight of 0 or 1 on every message", () => {
    const turns = [
      system("S"),
      user("U"),
      { ...model("A"), weight: 0 },
      { ...user("V"), weight: 1 },
      { ...model("B"), weight: 0.4 },
    ]
    const [row] = OpenAiWeighted.encode({ id: "x", turns }, context) as ReadonlyArray<{
      readonly messages: ReadonlyArray<{ readonly weight: number }>
    }>
    assert.deepStrictEqual(
      row?.messages.map(({ weight }) => weight),
      [0, 0, 0, 1, 1],
    )
  })
})

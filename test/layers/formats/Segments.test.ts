import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { openFormat } from "../../../src/domain/Format.ts"
import { builtInTemplate } from "../../../src/domain/Templates.ts"
import { Segments } from "../../../src/layers/formats/Segments.ts"

const context = { identifier: true }

const { encode } = openFormat(Segments, { template: builtInTemplate("zephyr") })

describe("Segments", () => {
  it("cuts the rendering where a reply begins and where it ends, end mark included", () => {
    assert.deepStrictEqual(
      encode({ id: "x", turns: [system("S"), user("U"), model("A"), user("V"), model("B")] }, context),
      [
        {
          segments: [
            { label: false, text: "<|system|>\nS</s>\n<|user|>\nU</s>\n<|assistant|>\n" },
            { label: true, text: "A</s>\n" },
            { label: false, text: "<|user|>\nV</s>\n<|assistant|>\n" },
            { label: true, text: "B</s>\n" },
          ],
        },
      ],
    )
  })

  it("a reply that is not trained is part of what is read", () => {
    const turns = [user("U"), { ...model("A"), weight: 0 }, user("V"), model("B")]
    const [row] = encode({ id: "x", turns }, context) as ReadonlyArray<{
      readonly segments: ReadonlyArray<{ readonly label: boolean; readonly text: string }>
    }>
    assert.deepStrictEqual(
      row?.segments.map(({ label }) => label),
      [false, true],
    )
    assert.include(row?.segments[0]?.text, "A</s>")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { OpenCai } from "../../../src/layers/datasets/OpenCai.ts"
import { readSlice } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (...elements: ReadonlyArray<unknown>) => readSlice(OpenCai, elementsInput("a.json", elements))
const good = {
  characters: [{ bot_name: "Iris", bot_description: "Map maker" }],
  conversations: [{ author: "u1", message: "*enters*", is_bot: false }],
}

describe("OpenCai", () => {
  it("reads cast and messages; scene, summary and tags need not be there", () => {
    const { bad, records } = read(good, { ...good, scene: "shop", summary: "A visit", chatTags: "calm" })
    assert.deepStrictEqual([bad.length, records.length], [0, 2])
    assert.deepStrictEqual(records[0]?.record, good)
  })

  it("C-5: a chat without cast or messages is bad, and the others are read", () => {
    const { bad, records } = read(
      { ...good, characters: null },
      { ...good, characters: [{ bot_name: "Iris" }] },
      { ...good, conversations: [{ author: 5, message: "x" }] },
      { ...good, conversations: "x" },
      good,
    )
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.index, reason]),
      [0, 1, 2, 3].map((index) => [index, "MalformedRecord"]),
    )
    assert.match(bad[1]?.detail as string, /^characters\[0\]\.bot_description: /)
    assert.match(bad[2]?.detail as string, /^conversations\[0\]\.author: /)
  })

  it("the guard and the schema agree on any value", () => {
    guardAgreesWithSchema(OpenCai.schema, (values) => read(...values))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Aesir } from "../../../src/layers/datasets/Aesir.ts"
import { readSlice, start } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (...elements: ReadonlyArray<unknown>) => readSlice(Aesir, elementsInput("a.json", elements))
const turn = { from: "human", value: "hi" } as const

describe("Aesir", () => {
  it("reads the elements of the array, with their places", () => {
    const { records } = readSlice(
      Aesir,
      elementsInput("a.json", [{ conversations: [turn] }, { conversations: [], id: 1 }], { ...start, index: 5 }),
    )
    assert.deepStrictEqual(
      records.map(({ record }) => record.conversations),
      [[turn], []],
    )
    assert.deepStrictEqual(
      records.map(({ index, place }) => [index, place]),
      [
        [5, { file: "a.json", index: 5 }],
        [6, { file: "a.json", index: 6 }],
      ],
    )
  })

  it("C-5: what is no conversation is bad, with the path of the mistake, and the others are read", () => {
    const { bad, records } = read(
      { conversations: [{ from: "bot", value: "x" }] },
      { conversations: [turn, { from: "gpt", value: null }] },
      { conversations: null },
      {},
      [],
      '{"conversations":[',
      { conversations: [turn] },
    )
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.index, reason]),
      [
        [0, "MalformedRecord"],
        [1, "MalformedRecord"],
        [2, "MalformedRecord"],
        [3, "MalformedRecord"],
        [4, "MalformedRecord"],
        [5, "InvalidJson"],
      ],
    )
    assert.match(bad[0]?.detail as string, /^conversations\[0\]\.from: /)
    assert.match(bad[1]?.detail as string, /^conversations\[1\]\.value: /)
  })

  it("C-16: lone surrogates are repaired and counted", () => {
    const { records, repairs } = read('{"conversations":[{"from":"gpt","value":"a\\ud800b"}]}')
    assert.strictEqual(records[0]?.record.conversations[0]?.value, "a\ufffdb")
    assert.deepStrictEqual(repairs, { loneSurrogates: 1 })
  })

  it("the guard and the schema agree on any value", () => {
    guardAgreesWithSchema(Aesir.schema, (values) => readSlice(Aesir, elementsInput("a.json", values)))
  })
})

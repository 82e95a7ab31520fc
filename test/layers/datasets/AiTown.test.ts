import { assert, describe, it } from "@effect/vitest"
import { AiTown } from "../../../src/layers/datasets/AiTown.ts"
import { readSlice } from "../harness.ts"
import { linesInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (text: string) => readSlice(AiTown, linesInput("a.jsonl", text))

describe("AiTown", () => {
  it("reads an array a line", () => {
    const { records } = read('[{"sender":"system","message":"You are Iris.\\n      You like maps."}]\n[]\n')
    assert.deepStrictEqual(
      records.map(({ record }) => record),
      [[{ sender: "system", message: "You are Iris.\n      You like maps." }], []],
    )
  })

  it("D-2: blank lines are counted and skipped", () => {
    const { bad, blankLines, records } = read("\n[]\n\n")
    assert.deepStrictEqual([bad.length, blankLines, records.length], [0, 2, 1])
    assert.strictEqual(records[0]?.place.line, 2)
  })

  it("C-5: unknown senders, missing texts and lines of other shapes are bad", () => {
    const { bad, records } = read('[{"sender":"bot","message":"x"}]\n[{"sender":"user"}]\n{}\n[5]\n[{}\n[]\n')
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.line, reason]),
      [
        [1, "MalformedRecord"],
        [2, "MalformedRecord"],
        [3, "MalformedRecord"],
        [4, "MalformedRecord"],
        [5, "InvalidJson"],
      ],
    )
    assert.match(bad[1]?.detail as string, /^\[0\]\.message: /)
    assert.strictEqual(records.length, 1)
  })

  it("the guard and the schema agree on any value", () => {
    guardAgreesWithSchema(AiTown.schema, (values) => read(values.map((value) => `${JSON.stringify(value)}\n`).join("")))
  })
})

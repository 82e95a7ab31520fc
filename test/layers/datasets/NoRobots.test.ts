import { assert, describe, it } from "@effect/vitest"
import { NoRobots } from "../../../src/layers/datasets/NoRobots.ts"
import { readSlice, start } from "../harness.ts"
import { valuesInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (...values: ReadonlyArray<unknown>) => readSlice(NoRobots, valuesInput("a.parquet", values))
const good = { prompt_id: "p1", category: "Chat", messages: [{ role: "user", content: "a" }], prompt: "a" }

describe("NoRobots", () => {
  it("reads the rows of a table, with their numbers", () => {
    const { records } = readSlice(NoRobots, valuesInput("a.parquet", [good, good], { ...start, index: 100 }))
    assert.deepStrictEqual(
      records.map(({ index, place }) => [index, place]),
      [
        [100, { file: "a.parquet", row: 100 }],
        [101, { file: "a.parquet", row: 101 }],
      ],
    )
    assert.deepStrictEqual(records[0]?.record.messages, [{ role: "user", content: "a" }])
  })

  it("C-5: rows without the columns that are used are bad, and the others are read", () => {
    const { bad, records } = read(
      { ...good, prompt_id: null },
      { ...good, category: undefined },
      { ...good, messages: [{ role: "tool", content: "a" }] },
      null,
      good,
    )
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.row, reason]),
      [
        [0, "MalformedRecord"],
        [1, "MalformedRecord"],
        [2, "MalformedRecord"],
        [3, "MalformedRecord"],
      ],
    )
    assert.match(bad[0]?.detail as string, /^prompt_id: /)
    assert.match(bad[2]?.detail as string, /^messages\[0\]\.role: /)
  })

  it("C-16: lone surrogates of a table are repaired and counted", () => {
    const { records, repairs } = read({ ...good, messages: [{ role: "user", content: "\udc00" }] })
    assert.strictEqual(records[0]?.record.messages[0]?.content, "\ufffd")
    assert.deepStrictEqual(repairs, { loneSurrogates: 1 })
  })

  it("the guard and the schema agree on any value", () => {
    guardAgreesWithSchema(NoRobots.schema, (values) => read(...values))
  })
})

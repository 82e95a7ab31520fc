import { assert, describe, it } from "@effect/vitest"
import { Airoboros } from "../../../src/layers/datasets/Airoboros.ts"
import { bytes, readSlice, start } from "../harness.ts"
import { linesInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (text: string | Uint8Array) => readSlice(Airoboros, linesInput("a.jsonl", text))

describe("Airoboros", () => {
  it("reads a record a line, whatever the line ends, with or without the last one", () => {
    const { blankLines, records } = read('{"instruction":"a","response":"b"}\r\n{"instruction":"c","response":"d"}')
    assert.deepStrictEqual(
      records.map(({ place, record }) => [place.line, record.instruction, record.response]),
      [
        [1, "a", "b"],
        [2, "c", "d"],
      ],
    )
    assert.strictEqual(blankLines, 0)
  })

  it("D-2: blank lines are counted and skipped; they move line numbers, not indexes", () => {
    const { bad, blankLines, records } = read(
      '\n{"instruction":"a","response":"b"}\n \t\n{"instruction":"c","response":"d"}\n',
    )
    assert.deepStrictEqual([bad.length, blankLines], [0, 2])
    assert.deepStrictEqual(
      records.map(({ index, place }) => [index, place.line]),
      [
        [0, 2],
        [1, 4],
      ],
    )
  })

  it("C-5: bad lines are told with their place and reason, and the others are read", () => {
    const { bad, records } = read(
      '{"instruction":"a"}\n{"instruction":\n[]\n{"instruction":"a","response":5}\n{"instruction":"a","response":"b"}\n',
    )
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.line, reason]),
      [
        [1, "MalformedRecord"],
        [2, "InvalidJson"],
        [3, "MalformedRecord"],
        [4, "MalformedRecord"],
      ],
    )
    assert.match(bad[0]?.detail as string, /^response: /)
    assert.deepStrictEqual(
      records.map(({ index }) => index),
      [4],
    )
  })

  it("D-9: bytes that are no UTF-8 are a bad record, with the offset of the first", () => {
    const { bad, records } = read(
      Uint8Array.from([
        ...bytes('{"instruction":"'),
        0xff,
        ...bytes('","response":""}\n{"instruction":"é","response":""}\n'),
      ]),
    )
    assert.deepStrictEqual(
      bad.map(({ detail, place, reason }) => [place.line, reason, detail]),
      [[1, "InvalidUtf8", { byte: 16 }]],
    )
    assert.strictEqual(records[0]?.record.instruction, "é")
  })

  it("a slice that begins later numbers its lines on", () => {
    const { records } = readSlice(
      Airoboros,
      linesInput("a.jsonl", '{"instruction":"a","response":"b"}\n', { ...start, index: 7, line: 9 }),
    )
    assert.deepStrictEqual([records[0]?.index, records[0]?.place.line], [7, 9])
  })

  it("takes records that an app gives as they are", () => {
    const given = { instruction: "a", response: "b" }
    const { records } = readSlice(Airoboros, { kind: "records", records: [given], first: { ...start, index: 2 } })
    assert.strictEqual(records[0]?.record, given)
    assert.strictEqual(records[0]?.index, 2)
  })

  it("the guard and the schema agree on any value", () => {
    guardAgreesWithSchema(Airoboros.schema, (values) =>
      read(values.map((value) => `${JSON.stringify(value)}\n`).join("")),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { concat, losses, readOne, records, runs, patience } from "./read.ts"

const json = fc.jsonValue({ maxDepth: 3, stringUnit: "binary" })
/** White space anywhere between the tokens. */
const spaced = (value: unknown, indent: string): string => JSON.stringify(value, undefined, indent)

/** What a value is read as: a lone null is an empty record. */
const asRecord = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? {}))

describe("JSON arrays", () => {
  it("the elements are those of JSON.parse, wherever the records lie", patience, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(json, { maxLength: 6 }),
        fc.constantFrom("", " ", "\n", "\t\r\n"),
        fc.constantFrom("array", "data", "rows", "records", "examples", "values"),
        fc.integer({ min: 1, max: 50 }),
        async (values, indent, shape, sliceBytes) => {
          const content =
            shape === "array"
              ? spaced(values, indent)
              : shape === "values"
                ? values.map((value) => spaced(value, indent)).join("\n")
                : spaced({ version: "1", dat: [1, { data: [2] }], [shape]: values, "rows ": [3] }, indent)
          // An array at the top level is the list of records itself, and so is one below a well-known key.
          fc.pre(
            shape !== "values" ||
              (values.every(
                (value) => typeof value !== "object" || value === null || Object.keys(value).length === 0,
              ) &&
                !values.some(Array.isArray)),
          )
          const outcome = await readOne("a.json", content, { sliceBytes })
          assert.deepStrictEqual(records(outcome).map(asRecord), values.map(asRecord))
          assert.deepStrictEqual(losses(outcome), [])
          assert.deepStrictEqual(
            outcome.told.map(({ place }) => place.index),
            values.map((_, i) => i),
          )
        },
      ),
      { numRuns: runs(100) },
    )
  })

  it("one bad element is told with its index, and the others are read", async () => {
    const outcome = await readOne("a.json", concat('[{"a":1}, {"a":}, ', Uint8Array.from([0xff]), ', nope, {"a":2}]'))
    assert.deepStrictEqual(records(outcome), [{ a: 1 }, { a: 2 }])
    assert.deepStrictEqual(losses(outcome), [
      ["InvalidJson", { file: "a.json", index: 1 }],
      ["InvalidUtf8", { file: "a.json", index: 2 }],
      ["InvalidJson", { file: "a.json", index: 3 }],
    ])
  })

  it("an array that is cut off anywhere gives the elements before the cut, and tells of it", async () => {
    const text = '[{"a":"x]"}, 12, "y\\"", [3, [4]], true]'
    const whole = [{ a: "x]" }, 12, 'y"', [3, [4]], true]
    for (let cut = 1; cut < text.length; cut++) {
      for (const sliceBytes of [1, 1000]) {
        const outcome = await readOne("a.json", text.slice(0, cut), { sliceBytes })
        const read = records(outcome)
        assert.deepStrictEqual(read, whole.slice(0, read.length))
        assert.deepStrictEqual(
          losses(outcome).map(([reason, { index }]) => [reason, index]),
          [["CutTail", read.length]],
        )
      }
    }
  })

  it("garbage after the array is bad and never taken for a part of it", async () => {
    const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
      [" x", ["InvalidJson"]],
      ["]", ["InvalidJson"]],
      ["} {", ["InvalidJson", "CutTail"]],
      [' "', ["CutTail"]],
      ["\u0000", ["InvalidJson"]],
    ]
    for (const [tail, reasons] of cases) {
      const outcome = await readOne("a.json", `[1,{"a":2}]${tail}`)
      assert.deepStrictEqual(records(outcome), [1, { a: 2 }])
      assert.deepStrictEqual(
        losses(outcome).map(([reason]) => reason),
        [...reasons],
        JSON.stringify(tail),
      )
    }
  })

  it("a wrapper that is cut off is told, also behind its records", async () => {
    for (const text of [
      '{"data":[1,2',
      '{"data":[1,2]',
      '{"data":[1,2],"x":{"y":[3',
      '{"x":"',
      '{"data":[1,2],"x":"',
    ]) {
      const outcome = await readOne("a.json", text)
      assert.strictEqual(losses(outcome).at(-1)?.[0], "CutTail", text)
    }
  })

  it("a key with an escape is no key of records", async () => {
    const outcome = await readOne("a.json", '{"\\"data":[1,2]}')
    assert.deepStrictEqual(records(outcome), [{ '"data': [1, 2] }])
  })

  it("C-5: no bytes are too odd, and what is no record is told", patience, async () => {
    const token = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"',
      "\\",
      "1",
      " ",
      "\n",
      '"data"',
      '"a":',
      "null",
      "-",
    )
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 14 }), async (tokens) => {
        const text = tokens.join("")
        const outcome = await readOne("a.json", text)
        let parsed: unknown
        try {
          parsed = JSON.parse(text)
        } catch {
          // Some text that is no JSON still holds records; it may not come to nothing in silence.
          if (/[^\s,[\]{}:]/.test(text)) assert.isAbove(outcome.told.length, 0, text)
          return
        }
        const data = parsed as { data?: unknown }
        const expected = Array.isArray(parsed) ? parsed : Array.isArray(data?.data) ? data.data : [parsed]
        assert.deepStrictEqual(records(outcome).map(asRecord), expected.map(asRecord))
        assert.deepStrictEqual(losses(outcome), [])
      }),
      { numRuns: runs(300) },
    )
  })
})

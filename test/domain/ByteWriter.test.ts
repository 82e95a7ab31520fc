import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { ByteWriter } from "../../src/domain/ByteWriter.ts"

const written = (value: unknown): string => {
  const writer = new ByteWriter()
  writer.json(value)
  return Buffer.from(writer.view()).toString("utf8")
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
  // Halves of pairs, controls, quotes and backslashes, near the length from which texts are written another way.
  fc
    .array(fc.constantFrom("a", "\ud83d", "\ude00", "\n", '"', "\\", "\u0000", "\u007f", "é", "漢", "\u2028"), {
      maxLength: 60,
    })
    .map((parts) => parts.join("")),
)

describe("ByteWriter", () => {
  it("law: the JSON of a value is that of JSON.stringify", () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double(),
        fc.integer(),
        fc.nat(),
        fc.constantFrom(null, true, false, undefined, () => 1, Symbol("s"), new Date(0), new Map([[1, 2]]), -0),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(text, tie("tree"), { maxKeys: 4 }),
        fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
        fc.record({ toJSON: fc.constant(() => ({ made: "by itself" })) }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        assert.strictEqual(written(value), (JSON.stringify(value) as string | undefined) ?? "null")
      }),
      { numRuns: 2_000 },
    )
  })

  it("long texts are written in pieces, none of which begins inside a pair", () => {
    for (const one of ["😀", "a", "\n", "é", "漢"]) {
      for (const before of ["", "x"]) {
        const long = before + one.repeat(40_000)
        assert.isTrue(written(long) === JSON.stringify(long), JSON.stringify(one))
      }
    }
  })

  it("numbers of every length", () => {
    for (const number of [0, 1, 9, 10, 99, 100, 9_999, 10_000, 999_999, 1_000_000, 1e21, -1, 0.1, Number.MAX_VALUE])
      assert.strictEqual(written([number, number]), JSON.stringify([number, number]))
  })

  it("what has no JSON throws, and what was written of it can be cut", () => {
    const writer = new ByteWriter()
    writer.text("kept")
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const value of [cycle, { big: 1n }]) {
      assert.throws(() => writer.json(value))
      writer.cut(4)
    }
    assert.strictEqual(Buffer.from(writer.view()).toString("utf8"), "kept")
  })

  it("gives back the room that a large value took", () => {
    const writer = new ByteWriter()
    writer.json("a".repeat(9_000_000))
    assert.isAbove(writer.view().buffer.byteLength, 8_000_000)
    writer.cut(0)
    assert.isBelow(writer.view().buffer.byteLength, 100_000)
  })
})

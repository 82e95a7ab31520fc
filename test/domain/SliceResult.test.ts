import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { emptyCounts } from "../../src/domain/Report.ts"
import { decode, encode, type SliceHeader } from "../../src/domain/SliceResult.ts"

const header = (ids: ReadonlyArray<string> = []): SliceHeader => ({
  counts: emptyCounts(true),
  rejections: ids.map((id, i) => ({
    before: i,
    line: { scope: "record", stage: "read", reason: "InvalidJson", place: { file: id, line: i } },
  })),
  kept: ids.map((id, i) => ({
    id,
    place: { file: "a", index: i },
    end: i,
    examples: 1,
    turns: 2,
    cut: 0,
    tokens: 3,
    prints: [i],
  })),
  records: ids.length,
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("SliceResult", () => {
  it("law: what was encoded is decoded, with fingerprints and rows as bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }), { maxLength: 4 }),
        fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 4 }),
        fc.string({ unit: "grapheme" }),
        (ids, prints, rows) => {
          const result = decode(encode(header(ids), prints, rows))
          assert.deepStrictEqual(plain(result.header), plain(header(ids)))
          assert.deepStrictEqual(
            [...result.prints],
            prints.flatMap((print) => [...print]),
          )
          assert.strictEqual(Buffer.from(result.rows).toString("utf8"), rows)
        },
      ),
    )
  })

  it("is read from the middle of a larger buffer", () => {
    const bytes = encode(header(["é"]), [Uint8Array.of(7, 8)], "row\n")
    const larger = new Uint8Array(bytes.length + 20).fill(255)
    larger.set(bytes, 11)
    const { prints, rows } = decode(larger.subarray(11, 11 + bytes.length))
    assert.deepStrictEqual([...prints], [7, 8])
    assert.strictEqual(Buffer.from(rows).toString("utf8"), "row\n")
  })

  it("can be handed to another thread: it owns its memory", () => {
    const bytes = encode(header(), [], "row\n")
    assert.strictEqual(bytes.buffer.byteLength, bytes.length)
    const moved = structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
    assert.strictEqual(Buffer.from(decode(moved).rows).toString("utf8"), "row\n")
  })

  it("bytes that are no result are refused", () => {
    assert.throws(() => decode(new Uint8Array(0)), "not a slice result")
    assert.throws(() => decode(new Uint8Array(40)), "not a slice result")
    assert.throws(() => decode(encode(header(), [], "").subarray(0, 15)), "not a slice result")
  })

  it("the same result gives the same bytes", () => {
    assert.deepStrictEqual(
      Buffer.from(encode(header(["a"]), [Uint8Array.of(1)], "x")),
      Buffer.from(encode(header(["a"]), [Uint8Array.of(1)], "x")),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { emptyCounts } from "../../src/domain/Report.ts"
import { decode, isSealed, type KeptEpisode, makeSliceWriter, seal, type Told } from "../../src/domain/SliceResult.ts"
import { keptOf } from "../support/slices.ts"

interface Given extends KeptEpisode {
  readonly rows: string
  readonly prints: ReadonlyArray<Uint8Array>
}

const given: fc.Arbitrary<Given> = fc.record({
  id: fc.string({ unit: "grapheme" }),
  place: fc.record(
    {
      file: fc.constantFrom("a.jsonl", "b/é.json", ""),
      line: fc.nat(),
      index: fc.nat(),
      row: fc.nat(),
      byte: fc.nat({ max: 2 ** 40 }),
    },
    { requiredKeys: ["file"] },
  ),
  examples: fc.nat(),
  turns: fc.nat(),
  cut: fc.nat(),
  tokens: fc.nat(),
  rows: fc.string({ unit: "grapheme" }),
  prints: fc.tuple(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 })),
})

const told = (id: string): Told => ({
  before: 1,
  line: { scope: "record", stage: "read", reason: "InvalidJson", place: { file: id, line: 7 } },
})

const writer = makeSliceWriter()

const encode = (episodes: ReadonlyArray<Given>, rejections: ReadonlyArray<Told> = []): Uint8Array => {
  writer.begin(2)
  for (const episode of episodes) {
    writer.rows.text(episode.rows)
    writer.keep(episode, episode.prints)
  }
  return writer.finish({ counts: emptyCounts(true), rejections, records: episodes.length })
}

const one: Given = {
  id: "é",
  place: { file: "a", line: 3 },
  examples: 1,
  turns: 2,
  cut: 0,
  tokens: 3,
  rows: "row\n",
  prints: [Uint8Array.of(7, 8), Uint8Array.of()],
}

describe("SliceResult", () => {
  it("law: what was kept is decoded, with fingerprints and rows as bytes; the writer is as good as new", () => {
    fc.assert(
      fc.property(fc.array(given, { maxLength: 5 }), fc.string({ unit: "grapheme" }), (episodes, id) => {
        const result = decode(encode(episodes, [told(id)]))
        let end = 0
        assert.deepStrictEqual(
          keptOf(result),
          episodes.map(({ prints, rows, ...episode }) => {
            end += Buffer.byteLength(rows)
            return { ...episode, end, prints: prints.map((print) => [...print]) }
          }),
        )
        assert.deepStrictEqual(result.rejections, [told(id)])
        assert.strictEqual(result.records, episodes.length)
        assert.strictEqual(Buffer.from(result.rows).toString("utf8"), episodes.map(({ rows }) => rows).join(""))
      }),
    )
  })

  it("is read from the middle of a larger buffer, whatever the boundary", () => {
    const bytes = encode([one])
    for (const at of [8, 11]) {
      const larger = new Uint8Array(bytes.length + 20).fill(255)
      larger.set(bytes, at)
      const result = decode(larger.subarray(at, at + bytes.length))
      assert.deepStrictEqual(keptOf(result)[0]?.prints, [[7, 8], []])
      assert.strictEqual(Buffer.from(result.rows).toString("utf8"), "row\n")
    }
  })

  it("can be handed to another thread: it owns its memory", () => {
    const bytes = encode([one])
    assert.strictEqual(bytes.buffer.byteLength, bytes.length)
    const moved = structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
    assert.strictEqual(Buffer.from(decode(moved).rows).toString("utf8"), "row\n")
  })

  it("bytes that are no result are refused", () => {
    assert.throws(() => decode(new Uint8Array(0)), "not a slice result")
    assert.throws(() => decode(new Uint8Array(80)), "not a slice result")
    assert.throws(() => decode(encode([]).subarray(0, 47)), "not a slice result")
  })

  it("the same result gives the same bytes", () => {
    assert.deepStrictEqual(Buffer.from(encode([one, one])), Buffer.from(encode([one, one])))
  })

  it("law: a sealed result with any one byte changed, or cut anywhere, is not sealed", () => {
    const bytes = encode([one, one], [told("x")])
    assert.isFalse(isSealed(bytes))
    seal(bytes)
    assert.isTrue(isSealed(bytes))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] as number) ^ by
        assert.isFalse(isSealed(changed))
        assert.isFalse(isSealed(bytes.subarray(0, at)))
      }),
    )
  })
})

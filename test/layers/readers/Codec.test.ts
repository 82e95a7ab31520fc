import { assert, describe, it } from "@effect/vitest"
import { gzipSync } from "node:zlib"
import { packedChunk, unpack } from "../../../src/layers/readers/Codec.ts"
import type { Codec } from "../../../src/layers/readers/Kinds.ts"
import { plainCrc32, crc32 } from "../../../src/layers/readers/Crc32.ts"
import { concat, losses, readOne, records } from "./read.ts"

const text = '{"a":1}\n{"a":"zwei"}\n{"a":[3]}\n'
const values = [{ a: 1 }, { a: "zwei" }, { a: [3] }]

/** The text as `xz`, `bzip2` and `zstd` pack it. */
const packed: { readonly [C in Codec]: Buffer } = {
  gz: gzipSync(text),
  xz: Buffer.from(
    "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4AAeABxdAD2IiCI3KKQYjqOus62z/7H3AGJeXVeIe2stGoAA4fnQmtEN9eAAATgfJQQRuh+2830BAAAAAARZWg==",
    "base64",
  ),
  bz2: Buffer.from(
    "QlpoOTFBWSZTWbsJ9oIAAA1bgAAQEAAoEAAKIiAAmiAAIr9UyGmmahAAAR0RFZmBpYu09Fp/i7kinChIXYT7QQA=",
    "base64",
  ),
  zst: Buffer.from("KLUv/QRY+QAAeyJhIjoxfQp7ImEiOiJ6d2VpIn0KeyJhIjpbM119CqH+5BQ=", "base64"),
}

const codecs = Object.keys(packed) as ReadonlyArray<Codec>

/** What comes out of chunks of a size, and why there is no more. */
const unpacked = async (codec: Codec, bytes: Uint8Array, size = packedChunk) => {
  async function* source() {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
  }
  const parts: Array<Uint8Array> = []
  const content = unpack(codec, source())
  for (;;) {
    const next = await content.next()
    if (next.done === true) return { text: Buffer.concat(parts).toString(), broken: next.value }
    parts.push(next.value)
  }
}

describe("packed files", () => {
  it("each of them is read as if it were not packed", async () => {
    for (const codec of codecs) {
      for (const name of [`a.jsonl.${codec}`, `A.JSONL.${codec.toUpperCase()}`]) {
        const outcome = await readOne(name, packed[codec])
        assert.deepStrictEqual(records(outcome), values, name)
        assert.deepStrictEqual(losses(outcome), [], name)
        assert.strictEqual(outcome.planned[0]?.bytes, packed[codec].length)
      }
    }
  })

  it("what comes out does not depend on the size of the reads", async () => {
    for (const codec of codecs) {
      for (const size of [1, 7, 1000]) {
        assert.deepStrictEqual(await unpacked(codec, packed[codec], size), { text, broken: undefined }, codec)
      }
    }
  })

  it("cut off anywhere, or with any byte damaged, it ends with a reason or in the right text, never in other text", async () => {
    for (const codec of codecs) {
      const bytes = packed[codec]
      for (let at = 1; at < bytes.length; at++) {
        const cut = await unpacked(codec, bytes.subarray(0, at))
        assert.isDefined(cut.broken, `${codec} cut at ${at}`)
        assert.isTrue(text.startsWith(cut.text), `${codec} cut at ${at}`)
        const damaged = Buffer.from(bytes)
        damaged[at] = (damaged[at] as number) ^ 0x55
        const other = await unpacked(codec, damaged)
        // A checksum tells only at the end; of what stands in the header, such as a time, none may depend.
        if (other.text !== text && codec !== "zst") assert.isDefined(other.broken, `${codec} damaged at ${at}`)
      }
    }
  })

  it("several streams are one file", async () => {
    for (const codec of ["gz", "bz2", "zst"] as const) {
      const both = await unpacked(codec, concat(packed[codec], packed[codec]))
      assert.deepStrictEqual(both, { text: text + text, broken: undefined }, codec)
    }
  })

  it("what is not packed as its name says is told", async () => {
    for (const codec of codecs) {
      for (const content of ["", text, "PK\u0003\u0004"]) {
        const outcome = await readOne(`a.jsonl.${codec}`, content)
        assert.deepStrictEqual(records(outcome), [])
        if (content !== "")
          assert.deepStrictEqual(
            losses(outcome).map(([reason]) => reason),
            ["CutTail"],
            codec,
          )
      }
    }
  })

  it("CRC-32 is that of the standard's check value, with and without help of Node", () => {
    for (const sum of [crc32, plainCrc32]) {
      assert.strictEqual(sum(Buffer.from("123456789"), 0), 0xcbf43926)
      assert.strictEqual(sum(Buffer.from("6789"), sum(Buffer.from("12345"), 0)), 0xcbf43926)
    }
  })
})

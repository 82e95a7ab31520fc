import { assert, describe, it } from "@effect/vitest"
import { makeSipHash } from "../../src/domain/SipHash.ts"

const key = Uint8Array.from({ length: 16 }, (_, i) => i)

const hex = (bytes: Uint8Array, start = 0, end = bytes.length): string => {
  const out = new Uint32Array(4)
  makeSipHash(key)(bytes, start, end, out)
  return Buffer.from(out.buffer).toString("hex")
}

describe("SipHash", () => {
  // Key 00..0f, input 00..(n-1): the vectors of the reference implementation, and of OpenSSL for longer ones.
  it.each([
    [0, "a3817f04ba25a8e66df67214c7550293"],
    [1, "da87c1d86b99af44347659119b22fc45"],
    [2, "8177228da4a45dc7fca38bdef60affe4"],
    [3, "9c70b60c5267a94e5f33b6b02985ed51"],
    [4, "f88164c12d9c8faf7d0f6e7c7bcd5579"],
    [5, "1368875980776f8854527a07690e9627"],
    [6, "14eeca338b208613485ea0308fd7a15e"],
    [7, "a1f1ebbed8dbc153c0b84aa61ff08239"],
    [8, "3b62a9ba6258f5610f83e264f31497b4"],
    [9, "264499060ad9baabc47f8b02bb6d71ed"],
    [15, "5493e99933b0a8117e08ec0f97cfc3d9"],
    [16, "6ee2a4ca67b054bbfd3315bf85230577"],
    [25, "8ece5f042d5e447b5051b9eacb8d8f6f"],
    [63, "5150d1772f50834a503e069a973fbd7c"],
    [255, "1c9bb67528165f8e468248e3799b0eab"],
    [256, "67a00304d3834c4612eaee7b5f579acb"],
    [300, "ce005a406d14b36d5386b5f7a7e1b311"],
  ])("of the first %i bytes", (length, expected) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i)
    assert.strictEqual(hex(bytes), expected)
    assert.strictEqual(hex(Uint8Array.of(9, 9, 9, ...bytes, 9), 3, 3 + length), expected)
  })

  it("another key gives another hash", () => {
    const out = new Uint32Array(4)
    makeSipHash(new Uint8Array(16))(new Uint8Array(0), 0, 0, out)
    assert.notStrictEqual(Buffer.from(out.buffer).toString("hex"), hex(new Uint8Array(0)))
  })
})

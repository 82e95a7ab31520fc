import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Encoding, makeDecoder } from "../../../src/layers/readers/Encoding.ts"
import { concat, losses, readOne, records, runs } from "./read.ts"

const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16()

/** What is made of bytes in pieces. */
const decode = (encoding: Exclude<Encoding, "utf-8">, bytes: Uint8Array, size: number) => {
  const decoder = makeDecoder(encoding)
  const parts: Array<Uint8Array> = []
  for (let at = 0; at < bytes.length; at += size) parts.push(decoder.decode(bytes.subarray(at, at + size)))
  return { text: Buffer.concat(parts).toString("utf8"), broken: decoder.broken() }
}

describe("encodings", () => {
  it("UTF-16 is told by its byte-order mark, in each kind of text", async () => {
    for (const [file, text, expected] of [
      ["a.jsonl", '{"a":"äöü 😀"}\r\n{"a":2}\n', [{ a: "äöü 😀" }, { a: 2 }]],
      ["a.json", '[{"a":"日本"},{"a":2}]', [{ a: "日本" }, { a: 2 }]],
      ["a.yaml", "- a: ö\n- a: 2\n", [{ a: "ö" }, { a: 2 }]],
      ["a.txt", "Ann: grüß dich\n", [{ messages: [{ role: "Ann", content: "grüß dich" }] }]],
    ] as const) {
      for (const bytes of [Buffer.from(`\ufeff${text}`, "utf16le"), swapped(`\ufeff${text}`)]) {
        const outcome = await readOne(file, bytes, { sliceBytes: 1 })
        assert.deepStrictEqual(records(outcome), [...expected])
        assert.deepStrictEqual(losses(outcome), [])
      }
    }
  })

  it("what is declared is read as that, without a mark", async () => {
    const read = async (encoding: Encoding, bytes: Uint8Array) =>
      records(await readOne("a.csv", bytes, { options: { files: ["a.csv"], encoding } }))
    const text = 'name,says\n"O’Neil","€ 5 — “déjà vu”"\n'
    const expected = [{ name: "O’Neil", says: "€ 5 — “déjà vu”" }]
    const latin = Buffer.from(
      text.replace(
        /[’€—“”]/g,
        (c) => ({ "’": "\u0092", "€": "\u0080", "—": "\u0097", "“": "\u0093", "”": "\u0094" })[c]!,
      ),
      "latin1",
    )
    for (const [encoding, bytes] of [
      ["utf-8", Buffer.from(text)],
      ["utf-16le", Buffer.from(text, "utf16le")],
      ["utf-16be", swapped(text)],
      ["windows-1252", latin],
    ] as const) {
      assert.deepStrictEqual(JSON.parse(JSON.stringify(await read(encoding, bytes))), expected, encoding)
    }
    // Undeclared, it is no text.
    assert.deepStrictEqual(
      losses(await readOne("a.csv", latin)).map(([reason]) => reason),
      ["InvalidUtf8"],
    )
  })

  it("the text does not depend on how it comes, and ends before what is no text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const whole = text.replace(/^\ufeff/, "").toWellFormed()
        for (const [encoding, bytes] of [
          ["utf-16le", Buffer.from(whole, "utf16le")],
          ["utf-16be", swapped(whole)],
        ] as const) {
          assert.deepStrictEqual(decode(encoding, bytes, size), { text: whole, broken: undefined })
          const told = decode("utf-16le", concat(bytes, Uint8Array.from([0, 0xdc, 65, 0])), size)
          if (encoding === "utf-16le")
            assert.deepStrictEqual(told, { text: whole, broken: "bytes that are no utf-16le" })
        }
      }),
      { numRuns: runs(100) },
    )
    assert.isDefined(decode("utf-16le", Uint8Array.from([65, 0, 66]), 1).broken)
    assert.isDefined(decode("utf-16le", Uint8Array.from([65, 0, 0x3d, 0xd8]), 1).broken)
    assert.deepStrictEqual(decode("windows-1252", Uint8Array.from([65, 0x81, 66]), 1), {
      text: "A",
      broken: "bytes that are no windows-1252",
    })
  })

  it("text that stops being text is cut there, and told", async () => {
    const bytes = concat(
      Buffer.from('\ufeff{"a":1}\n{"a":2}\n{"a":"', "utf16le"),
      Uint8Array.from([0, 0xdc]),
      Buffer.from('"}\n', "utf16le"),
    )
    const outcome = await readOne("a.jsonl", bytes)
    assert.deepStrictEqual(records(outcome), [{ a: 1 }, { a: 2 }])
    assert.deepStrictEqual(losses(outcome), [["CutTail", { file: "a.jsonl", line: 3, byte: 16 }]])
  })
})

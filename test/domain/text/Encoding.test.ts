import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { repairMojibake } from "../../../src/domain/text/Encoding.ts"

const check = (vectors: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(repairMojibake(input), expected, JSON.stringify(input))
}
const stays = (...texts: ReadonlyArray<string>): void => check(texts.map((text) => [text, text]))

const windows1252 = "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ"

describe("repairMojibake", () => {
  it("U-2: UTF-8 that was read as Windows-1252, Latin-1 or Windows-1251 is decoded, also twice over", () => {
    check([
      ["itâ€™s", "it’s"],
      ["cafÃ©", "café"],
      ["cafÃƒÂ©", "café"],
      ["â\u0080\u009cHiâ\u0080\u009d", "“Hi”"],
      ["ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"],
      ["РџСЂРёРІРµС‚", "Привет"],
    ])
    stays("café", "Привет", "naïve", "it’s “so”…")
  })

  it("U-2: punctuation that was read as Windows-1250 is decoded", () => {
    check([
      ["â€śUntil,â€ť he said", "“Until,” he said"],
      ["Americaâ€™s", "America’s"],
      ["â€˘ one", "• one"],
    ])
    stays("â€đ", "â€", "śpiew, ťava, l'âme €")
  })

  it("U-2: a C1 control is the character that Windows-1252 has in its place", () => {
    check([
      ["wait\u0085 it\u0092s \u0093so\u0094 \u0096 or\u0097", "wait… it’s “so” – or—"],
      ["donÂ’t", "don’t"],
    ])
    for (let byte = 0x80; byte < 0xa0; byte++) {
      const control = String.fromCharCode(byte)
      const open = [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte)
      check([[`a ${control}`, `a ${open ? control : windows1252[byte - 0x80]}`]])
    }
  })

  it("U-2: controls are taken as bytes of UTF-8 first", () => {
    check([["Ã\u0085ngstrÃ¶m, wiÄ\u0099c", "Ångström, więc"]])
  })

  it("a word in capitals that ends in Ã keeps the mark behind it", () => {
    stays("AMANHÃ…", "“MAÇÃ”", "“MAÇÃ”.", "A IRMÃ’ x", "«MAÇû", "AMANHÃ—disse", "AMANHÃ…QUEM SABE", "MAÇÃ–")
  })

  it("inside a word in capitals, and elsewhere, the mark is a byte", () => {
    check([
      ["CÃ”TE", "CÔTE"],
      ["LEÃ“N", "LEÓN"],
      ["SCHÃ–N", "SCHÖN"],
      ["Ã…ngstrÃ¶m", "Ångström"],
      ["fÃ»t", "fût"],
      ["HÃ\u0085", "HÅ"],
    ])
  })

  it("law: no control that has a meaning is left", () => {
    const piece = fc.constantFrom("Ã", "…", "”", "â€", "ś", "\u0085", "\u0092", "A", "a", " ", "©", "Â", "’")
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = repairMojibake(pieces.join(""))
        assert.notMatch(once, /[\u0080\u0082-\u008c\u008e\u0091-\u009c\u009e\u009f]/)
        assert.isTrue(once.isWellFormed())
      }),
    )
  })

  it("U-10: a million hostile characters take no longer than their length", { timeout: 60_000 }, () => {
    for (const unit of ["Ã", "HÃ…", "â€", "â€ś", "\u0085", "Ã ", "Ð", "Â", "√"]) {
      const text = unit.repeat(1_000_000 / unit.length)
      const from = performance.now()
      repairMojibake(text)
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  })
})

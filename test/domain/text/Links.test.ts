import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { removeLinks } from "../../../src/domain/text/Links.ts"

const check = (vectors: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(removeLinks(input), expected, JSON.stringify(input))
}

describe("removeLinks", () => {
  it("U-5: an address goes, the line break after it stays", () => {
    check([
      ["see http://a.b/c d", "see d"],
      ["see http://a.b\nnext", "see\nnext"],
      ["see https://x.y... ok", "see... ok"],
      ["a http://b.c, d", "a, d"],
    ])
  })

  it("U-5: a bare scheme is no error", () => {
    check([
      ["http://", ""],
      ["see http:// there", "see there"],
    ])
  })

  it("U-5: Markdown links become their text, images vanish", () => {
    check([
      ["[t](http://a.b) z", "t z"],
      ["[t](<http://a.b>) z", "t z"],
      ["see [t](HTTP://a.b)", "see t"],
      ["[](http://x) z", "z"],
      ["[http://a.b](http://a.b) z", "z"],
      ["![alt](http://i.png) x", "x"],
      ["[he waves](softly) z", "[he waves](softly) z"],
    ])
  })

  it("U-5: any case, www, escaped slashes and percent-encoded schemes", () => {
    check([
      ["HTTP://A.B c", "c"],
      ["www.x.com y", "y"],
      ["see www.x.com.", "see."],
      ["file www.", "file www."],
      ["http:\\/\\/a.b x", "x"],
      ["https%3A%2F%2Fa.b%2Fc x", "x"],
    ])
  })

  it("U-5: an address ends before closing brackets and quotes", () => {
    check([
      ["(http://a.b) x", "() x"],
      ['"http://a.b" x', '"" x'],
      ["“http://a.b” x", "“” x"],
    ])
  })

  it("text without links stays as it is", () => {
    check([
      ["  lead", "  lead"],
      ["a\n\n  hello  ", "a\n\n  hello  "],
    ])
  })

  it("U-5: no text makes it fail, and no address is left", () => {
    const piece = fc.constantFrom(
      "http://",
      "https:\\/\\/",
      "www.",
      "[",
      "](",
      ")",
      "!",
      "<",
      '"',
      " ",
      "\n",
      "a",
      ".",
      "%3A",
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        assert.notMatch(removeLinks(pieces.join("")), /https?:\/\/[a-z]/i)
      }),
    )
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 60_000 }, () => {
    const units = ["http://", "http://a ", "[a](http://", "![a](", "[", "](", "www.a ", " ", "[a](b"]
    for (const text of units.map((unit) => unit.repeat(2 ** 20 / unit.length))) {
      const from = performance.now()
      removeLinks(text)
      assert.isBelow(performance.now() - from, 5000, text.slice(0, 12))
    }
  })
})

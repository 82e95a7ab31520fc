import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { removeLinks } from "../../../src/domain/text/Links.ts"
import { cpuSince } from "../../support/cpu.ts"

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

  it("U-5: an address ends before closing brackets, quotes and emphasis", () => {
    check([
      ["(see http://a.b) x", "(see) x"],
      ['"see http://a.b" x', '"see" x'],
      ["*see http://a.b* x", "*see* x"],
      ["(http://a.b for more) x", "(for more) x"],
    ])
  })

  it("U-5: brackets that an address has opened itself belong to it", () => {
    check([
      ["see http://a.b/Foo_(bar) x", "see x"],
      ["see http://a.b/Foo_(bar)/c_((d)), x", "see, x"],
      ["see (http://a.b/Foo_(bar)) x", "see x"],
      ["[t](http://a.b/Foo_(bar)) z", "t z"],
      ["see http://a.b/(c x", "see x"],
    ])
  })

  it("U-5: brackets, quotes and emphasis that are left empty go too", () => {
    check([
      ["(http://a.b) x", "x"],
      ["a (http://a.b), x", "a, x"],
      ["a ( http://a.b http://c.d ) x", "a x"],
      ["a [(http://a.b)] x", "a x"],
      ['"http://a.b" x', "x"],
      ["“http://a.b” x", "x"],
      ["a <http://a.b> x", "a x"],
      ["a **http://a.b** x", "a x"],
      ["_http://a.b_ x", "x"],
      ["a (![alt](http://i.png)) x", "a x"],
      ['"a" http://a.b "b"', '"a" "b"'],
      ["() http://a.b", "()"],
    ])
  })

  it("U-5: a Markdown link may have a title", () => {
    check([
      [`[t](http://a.b "a title") z`, "t z"],
      [`[he waves](softly "x") z`, `[he waves](softly "x") z`],
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
    const units = [
      "http://",
      "http://a ",
      "[a](http://",
      "![a](",
      "[",
      "](",
      "www.a ",
      " ",
      "[a](b",
      "(",
      "http://(",
      "http://.",
      "(http://a) ",
    ]
    const texts = units.map((unit) => unit.repeat(2 ** 20 / unit.length))
    for (const unit of ["(", ".", "a.", "()", "_"]) texts.push(`http://${unit.repeat(2 ** 20 / unit.length)}a`)
    for (const text of texts) {
      const from = process.cpuUsage()
      removeLinks(text)
      assert.isBelow(cpuSince(from), 5000, text.slice(0, 12))
    }
  })
})

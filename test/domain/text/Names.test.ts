import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { compileNameReplacer } from "../../../src/domain/text/Names.ts"
import { cpuSince } from "../../support/cpu.ts"

const replaced = (text: string, ...names: ReadonlyArray<readonly [string, string]>): string =>
  compileNameReplacer(names)(text)

describe("compileNameReplacer", () => {
  it("T-16: whole names in any case", () => {
    assert.strictEqual(replaced("Bob bobby bob_ (BOB) bob's", ["bob", "X"]), "X bobby bob_ (X) X's")
    assert.strictEqual(replaced("STRAẞE ΣΑΣ Élan", ["Straße", "X"], ["σας", "Y"], ["élan", "Z"]), "X Y Z")
  })

  it("T-16: a boundary is asked for only where the name's edge is a word character", () => {
    assert.strictEqual(replaced("a~x~b", ["~x~", "X"]), "aXb")
    assert.strictEqual(replaced("-a- b", ["-a-", "X"]), "X b")
    assert.strictEqual(replaced("😀bob x", ["😀bob", "X"]), "X x")
  })

  it("longer names win, and what was put in is not looked at again", () => {
    assert.strictEqual(replaced("bob smith bob", ["bob", "X"], ["bob smith", "bob"]), "bob X")
    assert.strictEqual(replaced("char_0", ["char_0", "{{char_0}}"]), "{{char_0}}")
  })

  it("names and replacements are literals", () => {
    assert.strictEqual(replaced("a.b* aXb", ["a.b*", "$&"]), "$& aXb")
    fc.assert(
      fc.property(fc.string({ minLength: 2, maxLength: 12 }), (name) => {
        fc.pre(name.trim().length > 1 && !/\s\s/.test(name))
        assert.strictEqual(replaced(`~ ${name.trim()} ~`, [name, "\u0001$&"]).split("\u0001").length, 2)
      }),
    )
  })

  it("a text that grows in lower case is searched all the same", () => {
    assert.strictEqual(replaced("İİ Bob, bobby İ BOB", ["bob", "X"]), "İİ X, bobby İ X")
    assert.strictEqual(replaced("ΟΔΥΣΣΕΥΣ, Οδυσσεύς", ["οδυσσευς", "X"], ["Οδυσσεύσ", "Y"]), "X, Y")
  })

  it("law: the leftmost of all names wins, and of those the longest, as a pattern of them finds", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "_", "-", " ", "é", "😀"), minLength: 1, maxLength: 4 })
    const text = fc.string({ unit: fc.constantFrom("a", "b", "B", "_", "-", " ", "É", "😀", "."), maxLength: 24 })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), text, (names, input) => {
        const keys = [...new Set(names.map((one) => one.trim().toLowerCase()).filter((one) => one !== ""))]
        const edge = (one: string, side: string, at: RegExp): string => (at.test(one) ? side : "")
        const pattern = keys
          .sort((a, b) => b.length - a.length)
          .map((one) =>
            [
              edge(one, String.raw`(?<![\p{L}\p{N}_])`, /^[\p{L}\p{N}_]/u),
              one.replace(/-/g, String.raw`\x2d`),
              edge(one, String.raw`(?![\p{L}\p{N}_])`, /[\p{L}\p{N}_]$/u),
            ].join(""),
          )
          .join("|")
        const expected = keys.length === 0 ? input : input.replace(new RegExp(pattern, "giu"), "X")
        assert.strictEqual(replaced(input, ...names.map((one) => [one, "X"] as const)), expected)
      }),
      { numRuns: 1000 },
    )
  })

  it("an empty name is none", () => {
    assert.strictEqual(replaced("a b", ["", "X"], ["  ", "Y"]), "a b")
  })

  it("U-10: a megabyte of near misses takes no longer than its length", { timeout: 60_000 }, () => {
    const replace = compileNameReplacer([
      ["bob", "X"],
      ["bob smith jr", "Y"],
      ["b b b b b b b c", "Z"],
      ["((((((((x", "Q"],
    ])
    for (const unit of ["bob ", "b ", "(", "b", "bob smith "]) {
      const from = process.cpuUsage()
      replace(unit.repeat(2 ** 20 / unit.length))
      assert.isBelow(cpuSince(from), 5000, unit)
    }
  })
})

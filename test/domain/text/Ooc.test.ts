import { assert, describe, it } from "@effect/vitest"
import { isBracketedRemark, isParenthesised, removeOoc } from "../../../src/domain/text/Ooc.ts"

const check = (vectors: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(removeOoc(input), expected, JSON.stringify(input))
}

describe("removeOoc", () => {
  it("U-7: the shortest balanced pair goes", () => {
    check([
      ["((a)) keep ((b))", "keep"],
      ["[[a]] b", "b"],
      ["((a (b) c)) d", "d"],
      ["(((a))) b", "b"],
      ["((a\nb)) c", "c"],
      ["(unclosed ((a)) b", "(unclosed b"],
    ])
  })

  it("U-7: marked brackets go, in any case", () => {
    check([
      ["(OOC: a) keep (b)", "keep (b)"],
      ["(ooc: x) y", "y"],
      ["[OOC: x] y", "y"],
      ["(OOC: a (b) c) d", "d"],
    ])
  })

  it("U-7: a marked line goes from the mark to its end", () => {
    check([
      ["hello OOC: brb", "hello"],
      ["OOC: start", ""],
      ["ooc: hi\nnext", "next"],
      ["line OOC: hi\nnext", "line\nnext"],
    ])
  })

  it("U-7: what is not balanced, and words that hold the mark, stay", () => {
    check([
      ["((a", "((a"],
      ["a ((b) c", "a ((b) c"],
      ["((a) b) c", "((a) b) c"],
      ["((a]] b", "((a]] b"],
      ["(\n(a)) b", "(\n(a)) b"],
      ["brooch: x", "brooch: x"],
      ["word OOC stuff: no", "word OOC stuff: no"],
    ])
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 120_000 }, () => {
    const units = ["((", "))", "[[", "( ", "OOC:", "OOC: \n", "(OOC: ", "(( ) ", "((()) ", "(OOC: )\n", "o.o.c"]
    for (const unit of units) {
      const text = unit.repeat(2 ** 20 / unit.length)
      const from = performance.now()
      removeOoc(text)
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  })
})

describe("isBracketedRemark", () => {
  it("T-8: is true of a text that is one bracket", () => {
    for (const text of ["[a]", " [a] ", "[a[b]c]", "[a\nb]"]) assert.isTrue(isBracketedRemark(text), text)
    for (const text of ["[a] [b]", "[", "[a]x", "a", ""]) assert.isFalse(isBracketedRemark(text), text)
  })
})

describe("isParenthesised", () => {
  it("is true of a text that is one parenthesis, perhaps with a full stop", () => {
    for (const text of ["(a)", "(a).", " (a) ", "(a\nb)"]) assert.isTrue(isParenthesised(text), text)
    for (const text of ["(a) b", "(a)(b)", "(a)..", "((a))", "a", ""]) assert.isFalse(isParenthesised(text), text)
  })
})

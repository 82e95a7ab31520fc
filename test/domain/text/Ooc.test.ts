import { assert, describe, it } from "@effect/vitest"
import { isBracketedRemark, isParenthesised, removeOoc } from "../../../src/domain/text/Ooc.ts"
import { cpuSince } from "../../support/cpu.ts"

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

  it("U-7: a face inside a remark does not end it", () => {
    check([
      ["((lol :) ok)) x", "x"],
      ["((aw :( ok)) x", "x"],
      ["[[lol :] ok]] x", "x"],
      ["((see you :)) x", "x"],
      ["((OOC: hello :))) hi", "hi"],
      ["(OOC: lol :) ok) hi", "hi"],
      ["(OOC: lol :)) hi", "hi"],
      ["(OOC: see you :) He waves (softly).", "He waves (softly)."],
      ["(OOC: see you :)\nHe waves (softly) and said) x", "He waves (softly) and said) x"],
      ["(see (OOC: hi :)) bye", "(see) bye"],
    ])
  })

  it("U-7: a stray closer inside a remark does not end it", () => {
    check([
      ["((OOC: a) b)) c", "c"],
      ["((OOC: 1) a\n2) b\nbye)) c", "c"],
      ["((haha :D) ok)) x", "x"],
      ["((1) a 2) b)) x", "x"],
      ["(OOC: brb)) x", "x"],
      ["((a)))) x", "x"],
      ["(b ((a))) x", "(b) x"],
      ["(b ((OOC: a) c)) x", "(b) x"],
    ])
  })

  it("U-7: a marked remark that is never closed leaves no brackets", () => {
    check([
      ["hi ((OOC: brb", "hi"],
      ["hi (OOC: brb\nnext", "hi\nnext"],
      ["((OOC: a) He waves", "He waves"],
    ])
  })

  it("U-7: doubled brackets that are closed one by one are no remark", () => {
    const texts = [
      "f((a+b)*c)",
      "f((a+b)*((c+d)*e))",
      "f((x=(a+b))*c)",
      "((a) b) c\nd (e)",
      "((a) b) c\nHe laughed :))",
      "(x ((a) b) c) d",
    ]
    check(texts.map((text) => [text, text]))
  })

  it("U-7: no blank stays before the punctuation that follows a remark", () => {
    check([["hi ((x)), he said", "hi, he said"]])
  })

  it("U-7: every marked line goes, however many remarks there are", () => {
    assert.strictEqual(removeOoc(`${"((a)) b\n".repeat(10_001)}x OOC: c\ny OOC: d`), `${"b\n".repeat(10_001)}x\ny`)
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 120_000 }, () => {
    const units = [
      "((",
      "))",
      "[[",
      "( ",
      "OOC:",
      "OOC: \n",
      "(OOC: ",
      "(( ) ",
      "((()) ",
      "(OOC: )\n",
      "o.o.c",
      "((OOC: ",
      "((:) ",
      ":(",
      "((a) ",
      "((a) b) ",
    ]
    for (const unit of units) {
      const text = unit.repeat(2 ** 20 / unit.length)
      const from = process.cpuUsage()
      removeOoc(text)
      assert.isBelow(cpuSince(from), 5000, unit)
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

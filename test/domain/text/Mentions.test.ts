import { assert, describe, it } from "@effect/vitest"
import { compileMentionRemover, removeMentions } from "../../../src/domain/text/Mentions.ts"
import { cpuSince } from "../../support/cpu.ts"

const check = (vectors: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(removeMentions(input), expected, JSON.stringify(input))
}

describe("removeMentions", () => {
  it("U-6: a mention goes with the blank on one side", () => {
    check([
      ["hi @bob there", "hi there"],
      ["hi @bob, you", "hi, you"],
      ["line\n@bob hi\nx @bob\ny", "line\nhi\nx\ny"],
      ["@bob @bob2 hi", "hi"],
      ["@Élan x", "x"],
    ])
  })

  it("U-6: a mention ends at any character that is no word character, but for a hyphen inside a name", () => {
    check([
      ["yo @bob's cat", "yo cat"],
      ["hi @bob’s cat", "hi cat"],
      ["hi @bob-smith there", "hi there"],
      ["hi @bob-smith-jr's cat", "hi cat"],
      ["hi @bob- there", "hi - there"],
      ["hi @bob -- there", "hi -- there"],
      ["hi @bob;x", "hi;x"],
    ])
  })

  it("U-6: brackets and quotes that are left empty go too", () => {
    check([
      ["(@bob) x", "x"],
      ["a (@bob) x", "a x"],
      ["a (@bob, @tim) x", "a x"],
      ["(hey @bob) x", "(hey) x"],
      ["(@bob hey) x", "(hey) x"],
      ['"@bob" x', "x"],
    ])
  })

  it("U-6: what set off an address at the beginning of a line goes too", () => {
    check([
      ["@bob: hi", "hi"],
      ["@bob, hi", "hi"],
      ["@bob! hi", "hi"],
      ["@bob - hi", "hi"],
      ["@bob, @tim: hi", "hi"],
      ["@bob and @tim: hi", "hi"],
      ["a\n@bob: hi", "a\nhi"],
      ['"@bob, hi" he says', '"hi" he says'],
      ["@bob;x", "x"],
    ])
    check([
      ["hi @bob: x", "hi: x"],
      ["@bob :) x", ":) x"],
      ["@bob:) x", ":) x"],
      ["@bob...", "..."],
    ])
  })

  it("T-17: given names are mentions whatever they are made of", () => {
    const remove = compileMentionRemover(["Tom Jo", "~x~", "bob", " "])
    for (const [input, expected] of [
      ["hi @tom jo, x", "hi, x"],
      ["(@~x~) x", "x"],
      ["@Bob-smith: hi", "hi"],
      ["hi @Tom Jones", "hi Jones"],
      ["hi @tim x", "hi x"],
    ] as const)
      assert.strictEqual(remove(input), expected, input)
  })

  it("U-6: addresses and lone signs stay", () => {
    check([
      ["mail a@b.com", "mail a@b.com"],
      ["a @ b", "a @ b"],
      ["hello@bob", "hello@bob"],
      ["  indented\n  more", "  indented\n  more"],
    ])
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 60_000 }, () => {
    for (const unit of ["@", "@a", "@a ", " ", "x@a", "a", "@a-", "-a", "@a, ", "(@a)", "(", "@a:", "@a - "]) {
      const text = `@a${unit.repeat(2 ** 20 / unit.length)}`
      const from = process.cpuUsage()
      removeMentions(text)
      assert.isBelow(cpuSince(from), 5000, unit)
    }
  })
})

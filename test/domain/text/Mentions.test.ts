import { assert, describe, it } from "@effect/vitest"
import { removeMentions } from "../../../src/domain/text/Mentions.ts"

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

  it("U-6: a mention ends at any character that is no word character", () => {
    check([
      ["yo @bob's cat", "yo cat"],
      ["hi @bob’s cat", "hi cat"],
      ["(@bob) x", "() x"],
      ["@b-c x", "-c x"],
      ["@bob;x", ";x"],
    ])
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
    for (const unit of ["@", "@a", "@a ", " ", "x@a", "a"]) {
      const text = unit.repeat(2 ** 20 / unit.length)
      const from = performance.now()
      removeMentions(text)
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  })
})

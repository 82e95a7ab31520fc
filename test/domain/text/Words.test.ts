import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { countWords, wordsOf } from "../../../src/domain/text/Words.ts"

describe("words", () => {
  it.each([
    ["", []],
    ["  ...  ", []],
    ["Hello, World!", ["hello", "world"]],
    ["don't – it’s well-known", ["don't", "it’s", "well-known"]],
    ["'quoted' -x- y-", ["quoted", "x", "y"]],
    ["Zoë's 3 naïve cafés", ["zoë's", "3", "naïve", "cafés"]],
    ["cafe\u0301 s", ["cafe\u0301", "s"]],
    ["猫が好き", ["猫", "が", "好", "き"]],
    ["iPhone猫15", ["iphone", "猫", "15"]],
    ["𠀀𠀁 𝐇𝐢", ["𠀀", "𠀁", "𝐇𝐢"]],
    ["สวัส", ["ส", "ว", "ส"]],
    ["\ud800a\udc00", ["a"]],
  ] as const)("of %j are %j", (text, words) => {
    assert.deepStrictEqual(wordsOf(text), words)
  })

  it("law: the words of texts with a blank between them are those of both", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.deepStrictEqual(wordsOf(`${a.toLowerCase()} ${b.toLowerCase()}`), [...wordsOf(a), ...wordsOf(b)])
        assert.strictEqual(countWords(a), wordsOf(a).length)
      }),
      { seed: 3 },
    )
  })
})

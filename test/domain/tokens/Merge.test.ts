import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { mergerOf } from "../../../src/domain/tokens/Merge.ts"
import { parseRanks } from "../../../src/domain/tokens/Ranks.ts"
import { ranksText, withTiktoken } from "./tiktoken.ts"

const letters = (maxLength: number, minLength = 1): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength, maxLength })

/** Vocabularies in any order, not only those that training makes. */
const vocabulary = fc.uniqueArray(letters(5, 2), { maxLength: 40 })

const whole = "[\\s\\S]+"

describe("mergerOf", () => {
  it("law: merges short and long pieces to as many tokens as tiktoken, whatever the ranks", () => {
    let short = 0
    let long = 0
    fc.assert(
      fc.property(vocabulary, fc.array(fc.oneof(letters(48), letters(300, 49)), { maxLength: 10 }), (tokens, texts) => {
        const ranks = ranksText(tokens.map((token) => Buffer.from(token)))
        const count = mergerOf(parseRanks(ranks, whole))
        withTiktoken(ranks, whole, (encoding) => {
          for (const text of texts) {
            if (tokens.includes(text)) continue
            if (text.length > 48) long++
            else short++
            const bytes = Buffer.from(`..${text}..`)
            assert.strictEqual(count(bytes, 2, bytes.length - 2), encoding.encode_ordinary(text).length, text)
          }
        })
      }),
      { numRuns: 300 },
    )
    assert.isAbove(short, 100)
    assert.isAbove(long, 100)
  })

  it("merges the first of equal pairs first", () => {
    const count = mergerOf(parseRanks(ranksText([Buffer.from("aa")]), whole))
    const counted = (text: string): number => count(Buffer.from(text), 0, text.length)
    assert.strictEqual(counted("aaa"), 2)
    assert.strictEqual(counted("aaaa"), 2)
    assert.strictEqual(counted("a".repeat(1001)), 501)
  })

  it("merges the lower rank before the pair that stands first", () => {
    // "bc" merges first, so "ab" never comes about.
    const count = mergerOf(parseRanks(ranksText(["bc", "ab", "abc"].map((token) => Buffer.from(token))), whole))
    assert.strictEqual(count(Buffer.from("abc"), 0, 3), 1)
    assert.strictEqual(count(Buffer.from("abcd"), 0, 4), 2)
    const other = mergerOf(parseRanks(ranksText(["bc", "ab"].map((token) => Buffer.from(token))), whole))
    assert.strictEqual(other(Buffer.from("abc"), 0, 3), 2)
    const long = "abcb".repeat(20)
    assert.strictEqual(other(Buffer.from(long), 0, long.length), 60)
  })
})

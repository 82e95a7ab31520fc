import { assert, describe, it } from "@effect/vitest"
import { encodings } from "../../../src/domain/Tokens.ts"
import { loadRanks, noRank, parseRanks } from "../../../src/domain/tokens/Ranks.ts"
import { ranksText } from "./tiktoken.ts"

describe("parseRanks", () => {
  it("tokens are found by their bytes, in the order of their ranks", () => {
    const ranks = parseRanks(ranksText([Buffer.from("ab"), Buffer.from("abc"), Buffer.from([0, 255])]), "x")
    const rankOf = (bytes: Uint8Array): number => ranks.rankOf(bytes, 0, bytes.length)
    assert.strictEqual(ranks.pattern, "x")
    assert.strictEqual(ranks.longest, 3)
    assert.strictEqual(rankOf(Uint8Array.of(7)), 7)
    assert.strictEqual(rankOf(Buffer.from("ab")), 256)
    assert.strictEqual(ranks.rankOfPair(97, 98), 256)
    assert.strictEqual(rankOf(Buffer.from("abc")), 257)
    assert.strictEqual(ranks.rankOf(Buffer.from("xabcx"), 1, 4), 257)
    assert.strictEqual(rankOf(Uint8Array.of(0, 255)), 258)
    assert.strictEqual(ranks.rankOfPair(0, 255), 258)
    assert.strictEqual(rankOf(Buffer.from("ba")), noRank)
    assert.strictEqual(ranks.rankOfPair(98, 97), noRank)
    assert.strictEqual(rankOf(Buffer.from("abcd")), noRank)
  })

  it("a second line starts at its own rank, and lines out of order are refused", () => {
    const ranks = parseRanks("! 0 YQ== Yg==\n! 5 YWI=\n", "x")
    assert.strictEqual(ranks.rankOfPair(97, 98), 2)
    assert.throws(() => parseRanks("! 5 YQ== Yg==\n! 6 YWI=\n", "x"), "token ranks out of order")
    assert.throws(() => parseRanks("YQ== 0\nYg== 1\n", "x"), "token ranks out of order")
  })
})

describe("loadRanks", () => {
  const tokens = { cl100k_base: 128, o200k_base: 128, p50k_base: 128, p50k_edit: 128, r50k_base: 128, gpt2: 128 }

  it("reads every encoding in less than a second", () => {
    for (const name of encodings) {
      const from = performance.now()
      const ranks = loadRanks(name)
      assert.isBelow(performance.now() - from, 1000, name)
      assert.strictEqual(ranks.longest, tokens[name], name)
      // Bytes are tokens by themselves: nothing is without a count.
      for (let byte = 0; byte < 256; byte++) {
        assert.isBelow(ranks.rankOf(Uint8Array.of(byte), 0, 1), 256, `${name} ${byte}`)
      }
    }
  })
})

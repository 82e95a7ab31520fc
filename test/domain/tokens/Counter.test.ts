import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { get_encoding } from "tiktoken"
import { cached, coderOf } from "../../../src/domain/tokens/Counter.ts"
import { loadRanks, parseRanks } from "../../../src/domain/tokens/Ranks.ts"
import { ranksText, withTiktoken } from "./tiktoken.ts"

describe("cached", () => {
  const spied = () => {
    const asked: Array<string> = []
    const count = cached((bytes, from, to) => {
      asked.push(Buffer.from(bytes.subarray(from, to)).toString())
      return to - from
    })
    return { asked, count: (text: string): number => count(Buffer.from(`<${text}>`), 1, text.length + 1) }
  }

  it("counts a piece once", () => {
    const { asked, count } = spied()
    for (const piece of ["ab", "ba", "ab", "abc", "ba", "x".repeat(63), "x".repeat(63)]) {
      assert.strictEqual(count(piece), piece.length)
    }
    assert.deepStrictEqual(asked, ["ab", "ba", "abc", "x".repeat(63)])
  })

  it("does not remember pieces that are longer than its slots", () => {
    const { asked, count } = spied()
    const piece = "x".repeat(64)
    assert.strictEqual(count(piece), 64)
    assert.strictEqual(count(piece), 64)
    assert.strictEqual(asked.length, 2)
  })

  it("forgets old pieces for new ones, and counts them again", () => {
    const { asked, count } = spied()
    const piece = (i: number): string => `${i}${"-".repeat(i % 7)}`
    let wrong = 0
    for (let i = 0; i < 300_000; i++) if (count(piece(i)) !== piece(i).length) wrong++
    assert.strictEqual(wrong, 0)
    assert.strictEqual(asked.length, 300_000)
    assert.strictEqual(count(piece(0)), piece(0).length)
    assert.strictEqual(asked.length, 300_001)
    assert.strictEqual(count(piece(299_999)), piece(299_999).length)
    assert.strictEqual(asked.length, 300_001)
  })
})

describe("coderOf", () => {
  it("a piece that is a token is one, even where no merges lead to it", () => {
    const { pattern } = loadRanks("gpt2")
    const ranks = ranksText([Buffer.from("abc")])
    const { count } = coderOf(parseRanks(ranks, pattern))
    withTiktoken(ranks, pattern, (encoding) => {
      for (const [text, tokens] of [
        ["abc", 1],
        [" abc", 4],
        ["abcabc", 6],
      ] as const) {
        assert.strictEqual(encoding.encode_ordinary(text).length, tokens)
        assert.strictEqual(count(text), tokens)
      }
    })
  })

  it("refuses a split pattern that it does not know", () => {
    assert.throws(() => coderOf(parseRanks(ranksText([]), "\\S+")), "unknown split pattern of tokens: \\S+")
  })

  it("every token of the encodings, as a text of its own, has as many tokens as tiktoken makes", () => {
    for (const name of ["o200k_base", "cl100k_base", "p50k_base"] as const) {
      const { count } = coderOf(loadRanks(name))
      const file = createRequire(import.meta.url).resolve(`tiktoken/encoders/${name}.json`)
      const { bpe_ranks } = JSON.parse(readFileSync(file, "utf8")) as { readonly bpe_ranks: string }
      const encoding = get_encoding(name)
      let tokens = 0
      for (const digits of bpe_ranks.split(/\s/)) {
        if (digits === "!" || /^\d+$/.test(digits)) continue
        const text = Buffer.from(digits, "base64").toString()
        if (count(text) !== encoding.encode_ordinary(text).length) assert.fail(`${name}: ${JSON.stringify(text)}`)
        tokens++
      }
      encoding.free()
      assert.isAbove(tokens, 49_000)
    }
  }, 120_000)
})

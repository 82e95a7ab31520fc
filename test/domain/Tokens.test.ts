import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { countWords, encodings, estimate, loadTokenizer, tokenizerNames } from "../../src/domain/Tokens.ts"

const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ")

describe("countWords", () => {
  it("words are what stands between white space of any kind", () => {
    assert.strictEqual(countWords(""), 0)
    assert.strictEqual(countWords(" \n\t"), 0)
    assert.strictEqual(countWords("one  two\nthree\tfour"), 4)
    assert.strictEqual(countWords("a\u00a0b\u2003c\u3000d\u2028e\u0085f"), 6)
    assert.strictEqual(countWords("don't - stop."), 3)
    // A zero-width space is no white space.
    assert.strictEqual(countWords("a\u200bb"), 1)
  })

  it("law: joining texts by a blank adds their words", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "é", "\u00a0") })
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.strictEqual(countWords(`${a} ${b}`), countWords(a) + countWords(b))
        assert.strictEqual(countWords(a), a.split(/\s+/u).filter((word) => word !== "").length)
      }),
    )
  })
})

describe("estimate", () => {
  it("C-1: is 1.3 tokens a word, rounded up", () => {
    const expected = [
      [0, 0],
      [1, 2],
      [8, 11],
      [10, 13],
      [100, 130],
      [1000, 1300],
    ] as const
    for (const [count, tokens] of expected) assert.strictEqual(estimate(words(count)), tokens)
  })
})

describe("loadTokenizer", () => {
  it("C-11: an unknown name is told with the known ones", async () => {
    let told = ""
    await loadTokenizer("gpt5").catch((cause: unknown) => {
      told = String(cause)
    })
    assert.include(told, 'unknown tokenizer "gpt5"')
    for (const name of tokenizerNames) assert.include(told, name)
  })

  it("the estimate is the one without a model", async () => {
    assert.strictEqual(await loadTokenizer("estimate"), estimate)
  })

  it("every encoding that is offered counts", async () => {
    for (const name of encodings) {
      const count = await loadTokenizer(name)
      assert.strictEqual(count(""), 0, name)
      assert.strictEqual(count("hello world"), 2, name)
    }
  }, 60_000)

  it("cl100k_base counts known texts exactly", async () => {
    const count = await loadTokenizer("cl100k_base")
    assert.strictEqual(count("tiktoken is great!"), 6)
    assert.strictEqual(count("antidisestablishmentarianism"), 6)
    assert.strictEqual(count("2 + 2 = 4"), 7)
    assert.strictEqual(count("お誕生日おめでとう"), 9)
  })

  it("C-23: text that spells a special token is counted as text", async () => {
    const count = await loadTokenizer("cl100k_base")
    assert.isAbove(count("<|endoftext|>"), 1)
  })

  it("U-10: a run of 100,000 equal letters is counted in time, nearly exactly", async () => {
    const count = await loadTokenizer("cl100k_base")
    const from = performance.now()
    const tokens = count("a".repeat(100_000))
    assert.isBelow(performance.now() - from, 5000)
    const piece = count("a".repeat(1000))
    assert.approximately(tokens, piece * 100, 100)
  }, 30_000)

  it("a long text with white space is counted as a whole", async () => {
    const count = await loadTokenizer("cl100k_base")
    assert.strictEqual(count(`${words(5000)}\n${"-".repeat(900)}`), 5000 + count(`\n${"-".repeat(900)}`))
  })
})

/** The sets by which texts are compared, and how alike they are. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, user } from "../../../src/domain/Conversation.ts"
import { signatureOf } from "../../../src/domain/dedup/MinHash.ts"
import { bounded, jaccard, maxShingles, normalForm, shinglesOf } from "../../../src/domain/dedup/Shingles.ts"
import { pair, seeded, words } from "../../support/pairs.ts"

const setsOf = (text: string) => shinglesOf([model(text)], true)

const alike = (one: string, two: string): number => jaccard(setsOf(one).words, setsOf(two).words)

describe("shingles", () => {
  it("the normal form has letters and digits in lower case without accents, and single blanks", () => {
    assert.strictEqual(normalForm("  Où est le  Café? (C'est là!)\n"), "ou est le cafe c est la")
    assert.strictEqual(normalForm("CAFE\u0301 \u{1f600} 3.14"), "cafe 3 14")
    assert.strictEqual(normalForm("我喜欢tea"), "我 喜 欢 tea")
    assert.strictEqual(normalForm("\u{20000}\u{20001}x"), "\u{20000} \u{20001} x")
    assert.strictEqual(normalForm(" .,\n"), "")
  })

  it("a text of fewer than ten words has sets of both kinds, of fewer than five only characters", () => {
    const sizes = (text: string) => [setsOf(text).words.length, setsOf(text).characters.length]
    assert.deepStrictEqual(sizes("one two three four"), [0, 14])
    assert.deepStrictEqual(sizes("one two three four five"), [1, 19])
    assert.deepStrictEqual(sizes("a b c d e f g h i j"), [6, 0])
    assert.deepStrictEqual(sizes("hey!"), [0, 0])
    assert.deepStrictEqual(sizes("\u{1f600}".repeat(40)), [0, 0])
  })

  it("case, accents, punctuation and white space are no difference; numbers are", () => {
    const plain = "the cafe on the corner is where we always meet at noon"
    assert.strictEqual(alike(plain, "The CAFÉ, on\nthe corner -- is where we “always” meet: at noon!"), 1)
    assert.isBelow(alike(`${plain} 12`, `${plain} 13`), 1)
  })

  it("names of speakers and their placeholders are one, where they are written as names", () => {
    const talk = (one: string, two: string, text: string) => shinglesOf([user(text, one), model("", two)], true).words
    const text = (one: string, two: string): string =>
      `Good evening, said ${one}, and bowed to ${two} as one does. ${two} smiled at will, but ${one} did not see it.`
    const plain = talk("Will", "Ann Lee", text("Will", "Ann Lee"))
    assert.strictEqual(jaccard(plain, talk("Bob", "Eve", text("Bob", "Eve"))), 1)
    assert.strictEqual(jaccard(plain, talk("x", "y", text("{{user}}", "{{char}}"))), 1)
    assert.isBelow(jaccard(plain, shinglesOf([user(text("Bob", "Eve"))], true).words), 0.5)
  })

  it("law: the similarity of two texts is that of their word 5-grams", () => {
    const random = seeded("exact")
    for (let i = 0; i < 300; i++) {
      const { one, similarity, two } = pair(random)
      assert.closeTo(alike(one, two), similarity, 1e-9)
      assert.strictEqual(alike(one, two), alike(two, one))
    }
  })

  it("law: a set is sorted and has no hash twice, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(" ", "a", "ab", "你"))), (parts) => {
        const { characters, words: own } = setsOf(parts.join(""))
        for (const set of [own, characters])
          for (let i = 1; i < set.length; i++) assert.isBelow(set[i - 1] as number, set[i] as number)
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  it("of a very large set the smallest hashes are kept, and tell the similarity within 1 %", () => {
    const random = seeded("large")
    const base = Uint32Array.from({ length: 300_000 }, () => Math.floor(random() * 2 ** 32))
    const one = [...new Set(base.subarray(0, 250_000))].sort((a, b) => a - b)
    const two = [...new Set(base.subarray(50_000))].sort((a, b) => a - b)
    const [a, b] = [bounded(Uint32Array.from(one)), bounded(Uint32Array.from(two))]
    assert.deepStrictEqual([a.length, b.length], [maxShingles, maxShingles])
    assert.closeTo(jaccard(a, b), 2 / 3, 0.01)
    assert.strictEqual(jaccard(a, a), 1)
  })

  it("law: of 10,000 pairs of sets the estimate of a signature lies within three deviations, without a bias", () => {
    const random = seeded("sets")
    const size = 112
    let outside = 0
    let bias = 0
    for (let i = 0; i < 10_000; i++) {
      const count = 10 + Math.floor(random() * 60)
      const shared = Math.floor(random() * (count + 1))
      const draw = (): number => Math.floor(random() * 2 ** 32)
      const common = Array.from({ length: shared }, draw)
      const own = (): Uint32Array => Uint32Array.from([...common, ...Array.from({ length: count - shared }, draw)])
      const [a, b] = [signatureOf(own(), size), signatureOf(own(), size)]
      let equal = 0
      for (let k = 0; k < size; k++) if (a[k] === b[k]) equal++
      const exact = shared / (2 * count - shared)
      const deviation = Math.sqrt((exact * (1 - exact)) / size)
      if (Math.abs(equal / size - exact) > 3 * deviation + 1e-9) outside++
      bias += equal / size - exact
    }
    // A normal distribution has 27 of 10,000 outside; the binomial one of small sets some more.
    assert.isBelow(outside, 100)
    assert.isBelow(Math.abs(bias / 10_000), 0.002)
  })

  it("hashes do not collide in the words of a language", () => {
    const random = seeded("collisions")
    const texts = Array.from({ length: 20_000 }, () => words(random, 5).join(" "))
    assert.strictEqual(new Set(texts.map((text) => setsOf(text).words[0])).size, new Set(texts).size)
  })
})

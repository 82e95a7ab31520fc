/** What ledger lines quote: privacy allows 80 characters, readers want whole words. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { maxEvidence } from "../../../src/domain/Rejection.ts"
import { excerpt, opening } from "../../../src/layers/filters/Shared.ts"

const around = (text: string, hit: string): string => {
  const start = text.indexOf(hit)
  return excerpt(text, start, start + hit.length)
}

describe("excerpt", () => {
  it("is the whole text when that is short, without a mark", () => {
    assert.strictEqual(around("So, an apple it is.", "apple"), "So, an apple it is.")
    assert.strictEqual(around(`${" ".repeat(50)}an apple${"\n".repeat(50)}`, "apple"), "an apple")
    assert.strictEqual(around("apple", "apple"), "apple")
  })

  it("is cut at blanks on either side, and marked there", () => {
    assert.strictEqual(
      around("Nothing remarkable happened until the apple rolled from the unattended kitchen table.", "apple"),
      "…happened until the apple rolled from the…",
    )
    assert.strictEqual(
      around("An apple rolled from the unattended kitchen table.", "apple"),
      "An apple rolled from the…",
    )
    assert.strictEqual(around("Nothing remarkable happened until the apple.", "apple"), "…happened until the apple.")
  })

  it("a cut that falls between words loses none", () => {
    assert.strictEqual(around("xx aaaa aaaa aaaa aaaa aaa hit", "hit"), "…aaaa aaaa aaaa aaaa aaa hit")
    assert.strictEqual(around("hit aaaa aaaa aaaa aaaa aaa xx", "hit"), "hit aaaa aaaa aaaa aaaa aaa…")
  })

  it("a hit inside a word is shown with the word, and a word longer than the space is cut", () => {
    assert.strictEqual(
      around("See what pineapples cost nowadays in town hall", "apple"),
      "See what pineapples cost nowadays in town…",
    )
    assert.strictEqual(
      around("一".repeat(40) + "苹果" + "二".repeat(40), "苹果"),
      `…${"一".repeat(24)}苹果${"二".repeat(24)}…`,
    )
    const faces = "\u{1f600}".repeat(30)
    assert.strictEqual(
      around(`x${faces}hit${faces}x`, "hit"),
      `…${"\u{1f600}".repeat(12)}hit${"\u{1f600}".repeat(12)}…`,
    )
    assert.strictEqual(
      around(`${faces}yhity${faces}`, "hit"),
      `…${"\u{1f600}".repeat(11)}yhity${"\u{1f600}".repeat(11)}…`,
    )
  })

  it("a hit longer than the evidence may be is cut at its end", () => {
    const hit = `word ${"several ".repeat(20)}`.trim()
    assert.strictEqual(around(`Before. ${hit} after.`, hit), `Before. word${" several".repeat(8)}…`)
    assert.strictEqual(around(`Before. ${"w".repeat(90)}`, "w".repeat(90)), `Before. ${"w".repeat(71)}…`)
  })
})

describe("opening", () => {
  it("is the beginning of a text in one line, cut at a blank", () => {
    assert.strictEqual(opening(" one\n\n two "), "one two")
    assert.strictEqual(opening("word ".repeat(16).trim()), "word ".repeat(16).trim())
    assert.strictEqual(opening("word ".repeat(17).trim()), `${"word ".repeat(15)}word…`)
    assert.strictEqual(opening(`a ${"b".repeat(100)}`), `a ${"b".repeat(77)}…`)
    assert.strictEqual(opening(`${" ".repeat(995)}here and there`), "here …")
  })

  it("law: whatever is quoted is well formed, in one line, and has at most 80 characters", () => {
    const text = fc.array(fc.oneof(fc.constantFrom(" ", "\n", "word", "\u{1f600}", "\ud83d", "\ude00"), fc.string()), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (parts, a, b) => {
        const joined = parts.join("")
        const start = a % (joined.length + 1)
        const end = start + (b % (joined.length + 1 - start))
        for (const told of [excerpt(joined, start, end), opening(joined)]) {
          assert.isAtMost(told.length, maxEvidence)
          assert.isTrue(told.isWellFormed())
          assert.notMatch(told, /\s\s|[\n\t]/)
        }
      }),
      { numRuns: 500 },
    )
  })
})

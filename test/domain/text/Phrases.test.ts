import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import {
  compilePhrases,
  expandPhrase,
  foldPhrase,
  type PhraseHit,
  type PhraseOptions,
} from "../../../src/domain/text/Phrases.ts"

const found = (text: string, phrases: ReadonlyArray<string>, options?: PhraseOptions): ReadonlyArray<string> =>
  compilePhrases(phrases, options)
    .all(text)
    .map(({ end, start }) => text.slice(start, end))

/** The same by trying every phrase everywhere, for texts whose white space is blanks. */
const naive = (text: string, phrases: ReadonlyArray<string>, wholeWords: boolean): ReadonlyArray<PhraseHit> => {
  const hits: Array<PhraseHit> = []
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && /^[\p{L}\p{M}\p{N}]$/u.test(character)
  phrases.forEach((phrase, index) => {
    const folded = foldPhrase(phrase)
    if (folded === "" || phrases.slice(0, index).some((other) => foldPhrase(other) === folded)) return
    const pattern = folded.replaceAll(/[^a-z0-9 ]/g, String.raw`\$&`).replaceAll(" ", " +")
    for (let start = 0; start < text.length; start++) {
      const sticky = new RegExp(pattern, "iy")
      sticky.lastIndex = start
      const hit = sticky.exec(text)
      if (hit === null) continue
      const end = start + hit[0].length
      if (wholeWords && isWord(folded[0]) && isWord(text[start - 1])) continue
      if (wholeWords && isWord(folded.at(-1)) && isWord(text[end])) continue
      hits.push({ phrase: index, start, end })
    }
  })
  return hits.toSorted((a, b) => a.end - b.end || a.start - b.start)
}

describe("expandPhrase", () => {
  it.each([
    ["a plain phrase", ["a plain phrase"]],
    ["i (can't|cannot) go", ["i can't go", "i cannot go"]],
    ["(a|b) (c|d)", ["a c", "a d", "b c", "b d"]],
    ["help (you|) with", ["help you with", "help with"]],
    ["so(,|) i", ["so, i", "so i"]],
    [" two  blanks ", ["two blanks"]],
    ["never (closed", ["never (closed"]],
    ["", [""]],
  ])("of %j is %j", (line, phrases) => {
    assert.deepStrictEqual(expandPhrase(line), phrases)
  })
})

describe("compilePhrases", () => {
  it("finds phrases that overlap and nest, by their ends, the longest first", () => {
    const phrases = ["he", "she", "his", "hers", "s"]
    assert.deepStrictEqual(compilePhrases(phrases, { wholeWords: false }).all("ushers"), [
      { phrase: 4, start: 1, end: 2 },
      { phrase: 1, start: 1, end: 4 },
      { phrase: 0, start: 2, end: 4 },
      { phrase: 3, start: 2, end: 6 },
      { phrase: 4, start: 5, end: 6 },
    ])
  })

  it("first is the hit that ends first, of several the longest", () => {
    const matcher = compilePhrases(["cat sat", "a cat", "cat", "the cat"])
    assert.deepStrictEqual(matcher.first("see the cat sat"), { phrase: 3, start: 4, end: 11 })
    assert.isUndefined(matcher.first("see the cats"))
  })

  it("F-3: whole words end at what is no letter, mark or digit", () => {
    for (const text of [
      "cat",
      "Cat.",
      "_cat_",
      "*cat*",
      "a-cat-b",
      "cat's",
      "«cat»",
      "(cat)",
      "cat\u{1f600}",
      "cat\ufe0f",
    ])
      assert.lengthOf(found(text, ["cat"]), 1, text)
    for (const text of [
      "cats",
      "acat",
      "cat9",
      "9cat",
      "caté",
      "écat",
      "cat\u0301",
      "catж",
      "cat\u{1d41a}",
      "\u{1d41a}cat",
    ])
      assert.lengthOf(found(text, ["cat"]), 0, text)
    assert.deepStrictEqual(found("concatenate", ["cat"], { wholeWords: false }), ["cat"])
  })

  it("an end of a phrase that is no word character may stand beside a word", () => {
    assert.deepStrictEqual(found("x,so", [",so"]), [",so"])
    assert.deepStrictEqual(found("ok,so", ["ok,"]), ["ok,"])
  })

  it("F-9: folds quotes, hyphens, white space and letter case, and tells true offsets", () => {
    assert.deepStrictEqual(found("I CAN’T \n\t go", ["i can't go"]), ["I CAN’T \n\t go"])
    assert.deepStrictEqual(found("say “hi” now", ['"hi"']), ["“hi”"])
    assert.deepStrictEqual(found("well\u2011being", ["well-being"]), ["well\u2011being"])
    assert.deepStrictEqual(found("ΟΔΟΣ οδός οδος", ["οδος"]), ["ΟΔΟΣ", "οδος"])
    assert.deepStrictEqual(found("a\u0085b", ["a b"]), ["a\u0085b"])
    assert.deepStrictEqual(found("aʼ bʼs", ["a", "b"]), ["a", "b"])
  })

  it("letter case counts if asked", () => {
    assert.deepStrictEqual(found("Cat cat", ["cat"], { caseSensitive: true }), ["cat"])
    assert.deepStrictEqual(found("it’s", ["it's"], { caseSensitive: true }), ["it’s"])
  })

  it("blanks around a phrase do not count, and a blank phrase is never found", () => {
    assert.deepStrictEqual(found("a cat", ["  cat \u0085"]), ["cat"])
    assert.deepStrictEqual(found("concat cats", ["\u0085cat\u0085"]), [])
    assert.deepStrictEqual(found("a   b", ["", " ", "\n"]), [])
    assert.deepStrictEqual(found("abc", []), [])
  })

  it("characters of patterns stand for themselves", () => {
    assert.deepStrictEqual(found("a.b axb (a|b) a+ a*", ["a.b", "(a|b)", "a+", "[a]"]), ["a.b", "(a|b)", "a+"])
  })

  it("of two spellings of a phrase the first is told", () => {
    assert.deepStrictEqual(compilePhrases(["Cat", "cat"]).all("CAT"), [{ phrase: 0, start: 0, end: 3 }])
  })

  it("finds phrases with characters beyond the basic plane", () => {
    assert.deepStrictEqual(compilePhrases(["\u{1f600} ok", "\u{1f601}"]).all("x\u{1f600}  ok\u{1f601}"), [
      { phrase: 0, start: 1, end: 7 },
      { phrase: 1, start: 7, end: 9 },
    ])
  })

  it("holds more distinct characters than a byte counts, and more states than two bytes count", () => {
    const wide = Array.from({ length: 400 }, (_, i) => String.fromCharCode(0x4e00 + i))
    assert.lengthOf(found(wide.join(" "), wide), 400)
    const deep = "ab".repeat(35_000)
    assert.deepStrictEqual(compilePhrases([deep, "c"]).all(`c ${deep}`), [
      { phrase: 1, start: 0, end: 1 },
      { phrase: 0, start: 2, end: 70_002 },
    ])
  })

  it("visit stops when told to", () => {
    const seen: Array<number> = []
    compilePhrases(["a", "b", "c"]).visit("a b c", (phrase) => {
      seen.push(phrase)
      return phrase === 1
    })
    assert.deepStrictEqual(seen, [0, 1])
  })

  const part = fc.constantFrom("a", "b", "A", "ab", " ", "  ", "'", "-", "é")
  const text = fc.array(part, { maxLength: 25 }).map((parts) => parts.join(""))
  const phrase = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""))

  it("law: finds what trying every phrase everywhere finds", () => {
    let hits = 0
    fc.assert(
      fc.property(text, fc.array(phrase, { maxLength: 6 }), fc.boolean(), (given, phrases, wholeWords) => {
        const all = compilePhrases(phrases, { wholeWords }).all(given)
        hits += all.length
        assert.deepStrictEqual(all, naive(given, phrases, wholeWords))
      }),
      { numRuns: 1500, seed: 9 },
    )
    assert.isAbove(hits, 500)
  }, 30_000)

  it("law: foldPhrase is idempotent, and a phrase is found in itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), (given) => {
        const folded = foldPhrase(given)
        assert.strictEqual(foldPhrase(folded), folded)
        assert.strictEqual(compilePhrases([given]).first(given) === undefined, folded === "")
      }),
    )
  })

  it("U-10: takes linear time on text that nearly matches", () => {
    const matcher = compilePhrases([`${"a".repeat(50)}b`, "a a a a a a b", "aa"], { wholeWords: false })
    for (const repeated of ["a", "a ", " ", "ab"]) {
      const before = performance.now()
      matcher.all(repeated.repeat(500_000))
      assert.isBelow(performance.now() - before, 4000, repeated)
    }
  }, 30_000)
})

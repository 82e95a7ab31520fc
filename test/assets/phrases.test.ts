/** What people may get wrong when they edit the lists. */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { packageRoot, readAsset, readList } from "../../src/domain/Assets.ts"
import { proseOf } from "../../src/domain/text/Language.ts"
import { compilePhrases, expandPhrase, foldPhrase } from "../../src/domain/text/Phrases.ts"

const files = readdirSync(join(packageRoot(), "assets", "phrases")).toSorted()

/** Lists whose entries are phrases; the other one holds single words. */
const phraseFiles = files.filter((file) => !["chat_words.txt", "frequent_words.txt"].includes(file))

/** Lists of which each line is an entry, or stands for several. */
const listFiles = files.filter((file) => file !== "frequent_words.txt")

/** The phrases that the lines of a list stand for. */
const listOf = (file: string): ReadonlyArray<string> => readList(`phrases/${file}`).flatMap(expandPhrase)

/** Entries that do not fit a condition. */
const odd = (file: string, fits: (entry: string) => boolean): ReadonlyArray<string> =>
  listOf(file).filter((entry) => !fits(entry))

describe("phrase lists", () => {
  it("are these, and each is used", () => {
    assert.deepStrictEqual(files, [
      "chat_words.txt",
      "frequent_words.txt",
      "refusal.txt",
      "slop_claude.txt",
      "slop_gpt.txt",
    ])
  })

  it.each(files)("%s: says what it is for, ends with a line break and has no blanks at line ends", (file) => {
    const text = readAsset(`phrases/${file}`)
    assert.match(text, /^# [A-Z]/)
    assert.isTrue(text.endsWith("\n") && !text.endsWith("\n\n"))
    assert.notMatch(text, /\r|\t|[ ]\n|\n /)
    assert.isAbove(listOf(file).length, 5)
    if (file !== "frequent_words.txt") for (const line of text.split("\n")) assert.isAtMost(line.length, 120)
  })

  it.each(listFiles)("%s: no entry is blank, none stands there twice", (file) => {
    const seen = new Set([""])
    for (const entry of listOf(file).map(foldPhrase)) {
      assert.isFalse(seen.has(entry), entry)
      seen.add(entry)
    }
  })

  it.each(listFiles)("F-9: %s is in lower case, with straight quotes and single blanks", (file) => {
    assert.deepStrictEqual(
      odd(file, (entry) => entry === foldPhrase(entry)),
      [],
    )
  })

  it.each(phraseFiles)(
    "F-2: %s holds letters, digits, blanks and a little punctuation: no underscores, no patterns",
    (file) => {
      assert.deepStrictEqual(
        odd(file, (entry) => /^[a-z0-9][a-z0-9 ',-]*$/.test(entry)),
        [],
      )
    },
  )

  it.each(phraseFiles)("%s: alternatives are in parentheses that close and hold no others, two or more", (file) => {
    for (const line of readList(`phrases/${file}`))
      assert.notMatch(line.replace(/\([^()|]*(?:\|[^()|]*)+\)/g, ""), /[()|]/, line)
  })

  it.each(phraseFiles)("F-1: %s has no fused entries: each is at most eleven words", (file) => {
    assert.deepStrictEqual(
      odd(file, (entry) => entry.split(" ").length <= 11 && entry.length <= 60),
      [],
    )
  })

  it.each(phraseFiles)("F-3: %s has no short everyday words: single words have six letters or more", (file) => {
    assert.deepStrictEqual(
      odd(file, (entry) => entry.includes(" ") || entry.length >= 6),
      [],
    )
  })

  it.each(phraseFiles)("F-1: each entry of %s is found, by itself and nothing else", (file) => {
    const entries = listOf(file)
    const matcher = compilePhrases(entries)
    entries.forEach((entry, i) => {
      assert.deepStrictEqual(matcher.all(entry), [{ phrase: i, start: 0, end: entry.length }], entry)
    })
  })

  it("the two slop lists share no phrase", () => {
    const gpt = new Set(listOf("slop_gpt.txt"))
    assert.deepStrictEqual(
      odd("slop_claude.txt", (entry) => !gpt.has(entry)),
      [],
    )
  })

  it("frequent_words.txt: a line is the code of a language and its words, each once, in lower case", () => {
    const codes = readList("phrases/frequent_words.txt").map((line) => {
      const [, code, list] = /^([a-z]{2}): (.+)$/.exec(line) as unknown as [string, string, string]
      const words = list.split(" ")
      assert.strictEqual(new Set(words).size, words.length, code)
      assert.isAbove(words.length, 60, code)
      for (const word of words) assert.match(word, /^\p{Ll}+(?:'\p{Ll}*)?$/u, code)
      assert.strictEqual(list, list.toLowerCase().normalize("NFC"))
      return code
    })
    // A word's languages are the bits of a 32-bit number, of which the sign has another meaning.
    assert.isAtMost(codes.length, 31)
    assert.strictEqual(new Set(codes).size, codes.length)
  })

  it("chat_words.txt holds single words, each of which leaves nothing to a detector", () => {
    assert.deepStrictEqual(
      odd("chat_words.txt", (entry) => /^[a-z]+$/.test(entry) && proseOf(entry) === "" && proseOf(`${entry}!`) === "!"),
      [],
    )
  })

  it("chat_words.txt holds no letter three times in a row, as text never does when it is looked up", () => {
    assert.deepStrictEqual(
      odd("chat_words.txt", (entry) => !/(.)\1\1/.test(entry)),
      [],
    )
  })
})

/** What people may get wrong when they edit the lists. */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { packageRoot, readAsset, readList } from "../../src/domain/Assets.ts"
import { proseOf } from "../../src/domain/text/Language.ts"
import { compileList, parsePhraseList, phrasesOf } from "../../src/domain/text/PhraseList.ts"
import { foldPhrase } from "../../src/domain/text/Phrases.ts"

const files = readdirSync(join(packageRoot(), "assets", "phrases")).toSorted()

/** Lists whose entries are phrases; the other one holds single words. */
const phraseFiles = files.filter((file) => !["chat_words.txt", "frequent_words.txt"].includes(file))

/** Lists of which each line is an entry, or stands for several. */
const listFiles = files.filter((file) => file !== "frequent_words.txt")

/** The phrases that the lines of a list stand for, or its words. */
const listOf = (file: string): ReadonlyArray<string> =>
  phraseFiles.includes(file)
    ? phrasesOf(parsePhraseList(readList(`phrases/${file}`))).map(({ phrase }) => phrase)
    : readList(`phrases/${file}`)

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
    assert.isAbove(readList(`phrases/${file}`).length, 5)
    const longest = ["frequent_words.txt", "refusal.txt"].includes(file) ? 1500 : 120
    for (const line of text.split("\n")) assert.isAtMost(line.length, longest)
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
        odd(file, (entry) => /^[a-z0-9][a-z0-9 ',.!-]*$/.test(entry)),
        [],
      )
    },
  )

  it.each(phraseFiles)("%s: alternatives are in parentheses that close and hold no others, two or more", (file) => {
    for (const line of readList(`phrases/${file}`).filter((one) => !/^[a-z' ]+ = /.test(one)))
      assert.notMatch(line.replace(/\([^()|]*(?:\|[^()|]*)+\)/g, ""), /[()|]/, line)
  })

  it.each(phraseFiles)("F-1: %s has no fused entries: each is at most fifteen words", (file) => {
    assert.deepStrictEqual(
      odd(file, (entry) => entry.split(" ").length <= 15 && entry.length <= 80),
      [],
    )
  })

  it.each(phraseFiles)(
    "F-3: %s has no short everyday words: single words have six letters or more, but for ooc",
    (file) => {
      assert.deepStrictEqual(
        odd(file, (entry) => entry.includes(" ") || entry.length >= 6 || entry === "ooc"),
        [],
      )
    },
  )

  it.each(phraseFiles)("F-1: each entry of %s is found, as a whole", (file) => {
    const list = parsePhraseList(readList(`phrases/${file}`))
    const find = compileList(list)
    // Of tens of thousands that few lines stand for, some.
    const entries = listOf(file)
    const every = Math.ceil(entries.length / 5000)
    for (const entry of entries.filter((_, i) => i % every === 0))
      assert.isTrue(
        find(entry).some(({ end, phrase, start }) => phrase === entry && start === 0 && end === entry.length),
        entry,
      )
  })

  it.each(phraseFiles)("%s: sections weigh something, but for exceptions, and each has phrases", (file) => {
    const { categories, ...list } = parsePhraseList(readList(`phrases/${file}`))
    const used = new Set(phrasesOf({ categories, ...list }).map(({ category }) => category))
    assert.deepStrictEqual([...used].toSorted(), categories.map(({ name }) => name).toSorted())
    for (const { name, weight } of categories) assert.strictEqual(weight === 0, name === "except", name)
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

/**
 * What the plain words of a text tell about its language: which scripts it is written in, and how many of its words are
 * among the most frequent ones of some languages (`assets/phrases/frequent_words.txt`). One pass over the characters, no
 * string made, no model: it settles the clear cases at a small part of what a detector takes.
 */
import { readList } from "../Assets.ts"

/** Scripts other than Latin, and the languages that are written in them. The first one where there is but one. */
export const scripts: ReadonlyArray<readonly [name: string, languages: ReadonlyArray<string>]> = [
  ["Cyrillic", ["ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "ce", "os", "bs"]],
  ["Greek", ["el"]],
  ["Hebrew", ["he", "yi"]],
  ["Arabic", ["ar", "fa", "ur", "ps", "ug", "ku", "sd", "az"]],
  ["Han", ["zh", "ja"]],
  ["Hiragana", ["ja"]],
  ["Katakana", ["ja"]],
  ["Hangul", ["ko"]],
  ["Thai", ["th"]],
  ["Lao", ["lo"]],
  ["Khmer", ["km"]],
  ["Myanmar", ["my"]],
  ["Tibetan", ["bo", "dz"]],
  ["Devanagari", ["hi", "mr", "ne", "sa"]],
  ["Bengali", ["bn", "as"]],
  ["Gurmukhi", ["pa"]],
  ["Gujarati", ["gu"]],
  ["Oriya", ["or"]],
  ["Tamil", ["ta"]],
  ["Telugu", ["te"]],
  ["Kannada", ["kn"]],
  ["Malayalam", ["ml"]],
  ["Sinhala", ["si"]],
  ["Georgian", ["ka"]],
  ["Armenian", ["hy"]],
  ["Ethiopic", ["am", "ti"]],
  ["Thaana", ["dv"]],
]

/** Classes below the letters: 0 stands between words; what ends a word, is on a letter, makes a word none. */
const apostrophe = 1
const mark = 2
const spoiler = 3
const firstScript = 4
const hanClass = firstScript + scripts.findIndex(([name]) => name === "Han")

/** The surrogate that begins U+20000 and what follows it: rare Han. Letters below are decoration, or of the dead. */
const firstRareHan = 0xd840

/** A letter of a script that is not in the list. */
const otherScript = firstScript + scripts.length

const units = 0x10000

let table: Uint16Array | undefined

/** Of every UTF-16 unit: its class, or the lower-case Latin letter that it stands for. */
const makeTable = (): Uint16Array => {
  const out = new Uint16Array(units)
  const patterns = scripts.map(([name]) => new RegExp(`\\p{Script=${name}}`, "u"))
  const latin = /\p{Script=Latin}/u
  const letter = /\p{L}/u
  const combining = /\p{M}/u
  const digit = /\p{N}/u
  for (let unit = 0; unit < units; unit++) {
    const character = String.fromCharCode(unit)
    if (letter.test(character)) {
      if (latin.test(character)) {
        const lower = character.toLowerCase()
        out[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit
      } else {
        const index = patterns.findIndex((pattern) => pattern.test(character))
        out[unit] = index < 0 ? otherScript : firstScript + index
      }
    } else if (combining.test(character)) out[unit] = mark
    else if (digit.test(character) || character === "_") out[unit] = spoiler
  }
  for (const character of "'’ʼ‘´`＇") out[character.charCodeAt(0)] = apostrophe
  return out
}

/** FNV-1a over the units of a word (Fowler, Noll and Vo), 32 bits. */
const start = 0x811c9dc5
const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

interface Lists {
  readonly languages: ReadonlyArray<string>
  /** Open addressing: hash of a word and, beside it, a bit for each language that has it. */
  readonly hashes: Int32Array
  readonly bits: Int32Array
  /** Letters of each word, 0 where there is none. A word that is a hit by chance has its hash and its length. */
  readonly lengths: Uint8Array
}

const slots = 1 << 13

const hashOf = (word: string): number => {
  let hash = start
  for (let i = 0; i < word.length; i++) hash = step(hash, word.charCodeAt(i))
  return hash
}

/** A word as the scan sees it: an apostrophe ends it, and belongs to it. */
const partsOf = (word: string): ReadonlyArray<string> => word.match(/[^']+'?/g) ?? []

const makeLists = (): Lists => {
  const entries = readList("phrases/frequent_words.txt").map((line) => {
    const colon = line.indexOf(":")
    return [
      line.slice(0, colon),
      line
        .slice(colon + 1)
        .trim()
        .split(/\s+/),
    ] as const
  })
  const hashes = new Int32Array(slots)
  const bits = new Int32Array(slots)
  const lengths = new Uint8Array(slots)
  const words: Array<string | undefined> = []
  const add = (word: string, bit: number): void => {
    const hash = hashOf(word)
    let slot = hash & (slots - 1)
    while (words[slot] !== undefined && words[slot] !== word) slot = (slot + 1) & (slots - 1)
    words[slot] = word
    hashes[slot] = hash
    lengths[slot] = word.length
    bits[slot] = (bits[slot] as number) | bit
  }
  entries.forEach(([, list], i) => {
    for (const word of list) for (const part of partsOf(word)) add(part, 1 << i)
  })
  // No language: words of chats, which say nothing.
  for (const word of readList("phrases/chat_words.txt")) add(word, chatBit)
  return { languages: entries.map(([language]) => language), hashes, bits, lengths }
}

/** The sign bit: a language list has at most 31 lines. */
const chatBit = 1 << 31

let lists: Lists | undefined

const getLists = (): Lists => (lists ??= makeLists())

/** The languages that words tell of. */
export const wordLanguages = (): ReadonlyArray<string> => getLists().languages

export interface Evidence {
  /** Letters of the Latin script, and of each other one (see {@link scripts}; the last counts all the rest). */
  latin: number
  other: number
  readonly scripts: Uint32Array
  /** Words in Latin letters, but for those of chats. */
  words: number
  /** How many of them are frequent in each of {@link wordLanguages}. */
  readonly frequent: Uint32Array
}

export const noEvidence = (): Evidence => ({
  latin: 0,
  other: 0,
  scripts: new Uint32Array(scripts.length + 1),
  words: 0,
  frequent: new Uint32Array(getLists().languages.length),
})

const isSpace = (unit: number): boolean => unit <= 0x20 || unit === 0xa0
const at = 0x40
const lessThan = 0x3c
const backtick = 0x60
const colon = 0x3a
const slash = 0x2f

/** The end of the word-like run that begins at `from`. */
const endOfRun = (text: string, from: number): number => {
  let end = from
  while (end < text.length && !isSpace(text.charCodeAt(end))) end++
  return end
}

/** Makes it say nothing. */
export const clear = (evidence: Evidence): void => {
  evidence.latin = 0
  evidence.other = 0
  evidence.words = 0
  evidence.scripts.fill(0)
  evidence.frequent.fill(0)
}

/** Letters of a tag: more are no tag, but a sign. */
const maxTag = 200

/** Where a tag that begins at `from` ends; `from` itself where none does. */
const endOfTag = (text: string, from: number): number => {
  const limit = Math.min(text.length, from + maxTag)
  for (let end = from + 1; end < limit; end++) {
    const unit = text.charCodeAt(end)
    if (unit === 0x3e) return end
    if (unit === lessThan || unit === 0x0a) break
  }
  return from
}

/**
 * Adds what a text tells, up to `maxLetters` letters of it; answers how many letters it has looked at. Code between
 * backticks, tags, addresses, mentions and words with digits or underscores are in no language.
 */
export const gather = (text: string, into: Evidence, maxLetters: number): number => {
  const classes = (table ??= makeTable())
  const { bits, hashes, lengths } = getLists()
  const { frequent, scripts: byScript } = into
  const languages = frequent.length
  let letters = 0
  let hash = start
  let from = -1
  let spoiled = false

  const endWord = (end: number): void => {
    if (!spoiled) {
      let slot = hash & (slots - 1)
      let found = 0
      for (; lengths[slot] !== 0; slot = (slot + 1) & (slots - 1))
        if (hashes[slot] === hash && lengths[slot] === end - from) {
          found = bits[slot] as number
          break
        }
      if (found >= 0) {
        into.words++
        for (let i = 0; i < languages && found !== 0; i++, found >>>= 1)
          if ((found & 1) === 1) frequent[i] = (frequent[i] as number) + 1
      }
    }
    hash = start
    from = -1
    spoiled = false
  }

  for (let i = 0; i < text.length && letters < maxLetters; i++) {
    const unit = text.charCodeAt(i)
    let kind = classes[unit] as number
    if (unit >= firstRareHan && unit < 0xdc00) {
      kind = hanClass
      i++
    }
    if (kind >= 0x61) {
      letters++
      into.latin++
      if (from < 0) from = i
      hash = step(hash, kind)
      continue
    }
    if (kind === spoiler) {
      if (from < 0) from = i
      spoiled = true
      continue
    }
    if (kind === mark) continue
    if (kind === apostrophe && unit !== backtick) {
      if (from >= 0) {
        hash = step(hash, 0x27)
        endWord(i + 1)
      }
      continue
    }
    if (kind >= firstScript) {
      if (from >= 0) endWord(i)
      letters++
      into.other++
      byScript[kind - firstScript] = (byScript[kind - firstScript] as number) + 1
      continue
    }
    // An address: the scheme before it was a word that is none.
    if (unit === colon && from >= 0 && text.charCodeAt(i + 1) === slash && text.charCodeAt(i + 2) === slash) {
      spoiled = true
      endWord(i)
      i = endOfRun(text, i) - 1
      continue
    }
    if (from >= 0) endWord(i)
    if (unit === at) i = endOfRun(text, i) - 1
    else if (unit === lessThan) i = endOfTag(text, i)
    else if (unit === backtick && text.startsWith("```", i)) {
      const close = text.indexOf("```", i + 3)
      i = close < 0 ? text.length : close + 2
    }
  }
  if (from >= 0) endWord(text.length)
  return letters
}

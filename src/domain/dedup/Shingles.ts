/**
 * The set of shingles by which texts are held against each other: word 5-grams, and character 5-grams for texts too
 * short to have many. A shingle is a 32-bit hash; a set is its distinct hashes in rising order.
 *
 * Text is read in a normal form: lower case, without accents, everything but letters and digits a blank (the form of
 * datatrove's MinHash; unlike there numbers count, or "2 + 2 is 4" and "3 + 5 is 8" would be the same). In scripts that
 * are written without blanks each character is a word.
 */
import type { Turn } from "../Conversation.ts"

/** Words, and characters, of a shingle. */
export const shingleSize = 5

/** A text with fewer words is compared by its characters as well. */
const fewWords = 10

/** Hashes of a set beyond which only the smallest are kept: a text of about 400 KB. */
export const maxShingles = 65_536

/** Distinct shingles of a text. Shingles of words and of characters are never mixed. */
export interface ShingleSets {
  readonly words: Uint32Array
  readonly characters: Uint32Array
  /** How many words the text has. */
  readonly count: number
}

const empty = new Uint32Array(0)

/** A full-avalanche finaliser of 32 bits (Chris Wellons' lowbias32, found by search, public domain). */
export const mix32 = (value: number): number => {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return x ^ (x >>> 16)
}

// ----------------------------------------------------------------------------------------------------------- characters

const unknown = 0
const separator = 1
const dropped = 2
const part = 3
/** A word by itself. */
const single = 4

const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const kindOf = (character: string): number => {
  if (/\p{Mn}/u.test(character)) return dropped
  if (!/[\p{L}\p{M}\p{N}]/u.test(character)) return separator
  return unspaced.test(character) ? single : part
}

/** What a UTF-16 unit is and becomes, learned as units are met: most texts use a hundred of them. */
const kinds = new Uint8Array(0x10000)
const folds = new Uint16Array(0x10000)

const learn = (unit: number): number => {
  const character = String.fromCharCode(unit)
  // Lower case first: then a mark that it gives birth to goes as well.
  const bare = character
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{Mn}+/gu, "")
  folds[unit] = bare.length === 1 ? bare.charCodeAt(0) : unit
  const kind = unit >= 0xd800 && unit <= 0xdfff ? separator : kindOf(character)
  kinds[unit] = kind
  return kind
}

const prime = 0x01000193
const basis = 0x811c9dc5 | 0

/** Takes the words of a text one after another: the hash of the normal form, and the offsets. */
type TakeWord = (hash: number, start: number, end: number) => void

/** Reads the words of a text, each hashed by FNV-1a. One pass. */
export const readWords = (text: string, word: TakeWord): void => {
  let hash = basis
  let start = -1
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    let kind = kinds[unit] as number
    if (kind === unknown) kind = learn(unit)
    if (kind === part) {
      if (start < 0) start = at
      hash = Math.imul(hash ^ (folds[unit] as number), prime)
      continue
    }
    if (kind === dropped) continue
    let own = kind === single ? (folds[unit] as number) : -1
    let size = 1
    if (unit >= 0xd800 && unit < 0xdc00) {
      const code = text.codePointAt(at) as number
      if (code > 0xffff) {
        size = 2
        const wide = kindOf(String.fromCodePoint(code))
        if (wide === dropped) {
          at++
          continue
        }
        if (wide === part) {
          if (start < 0) start = at
          hash = Math.imul(Math.imul(hash ^ (code >>> 10), prime) ^ (code & 0x3ff), prime)
          at++
          continue
        }
        if (wide === single) own = code
      }
    }
    if (start >= 0) word(mix32(hash), start, at)
    start = -1
    hash = basis
    if (own >= 0) word(mix32(Math.imul(basis ^ own, prime)), at, at + size)
    at += size - 1
  }
  if (start >= 0) word(mix32(hash), start, text.length)
}

/** The normal form itself: words with one blank between them. */
export const normalForm = (text: string): string => {
  let out = ""
  let open = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    let kind = kinds[unit] as number
    if (kind === unknown) kind = learn(unit)
    let character = ""
    if (unit >= 0xd800 && unit < 0xdc00) {
      character = String.fromCodePoint(text.codePointAt(at) as number)
      if (character.length === 2) {
        kind = kindOf(character)
        at++
      }
    } else character = String.fromCharCode(folds[unit] as number)
    if (kind === dropped) continue
    if (kind === separator) {
      open = true
      continue
    }
    if ((open || kind === single) && out !== "") out += " "
    open = kind === single
    out += character
  }
  return out
}

// -------------------------------------------------------------------------------------------------------------- speakers

const speakerWords = { user: "user", model: "char", system: "" } as const

const wordHash = (word: string): number => {
  let hash = 0
  readWords(word, (one) => (hash = one))
  return hash
}

const isCapital = (text: string, at: number): boolean => {
  const first = String.fromCodePoint(text.codePointAt(at) as number)
  return first !== first.toLowerCase()
}

/**
 * The words of the speakers' names, by their hash, and what stands for them: `user` and `char`, as in the placeholders
 * `{{user}}` and `{{char}}`. So a conversation with other names is the same conversation.
 */
const speakers = (turns: ReadonlyArray<Turn>): Map<number, number> | undefined => {
  let found: Map<number, number> | undefined
  let last: string | undefined
  for (const { kind, name } of turns) {
    if (name === undefined || name === last) continue
    last = name
    const standing = wordHash(speakerWords[kind])
    readWords(name, (hash, start) => {
      found ??= new Map()
      if (isCapital(name, start) && !found.has(hash)) found.set(hash, standing)
    })
  }
  return found
}

// ------------------------------------------------------------------------------------------------------------------ sets

let words = new Int32Array(1 << 12)
let hashes = new Uint32Array(1 << 12)

/** Sorted, each hash once; above the limit only the smallest. A copy. */
const setOf = (count: number): Uint32Array => {
  const sorted = hashes.subarray(0, count).sort()
  let distinct = 0
  for (let i = 0; i < count; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[distinct++] = sorted[i] as number
  }
  return sorted.slice(0, distinct)
}

const room = (count: number): void => {
  if (hashes.length < count) hashes = new Uint32Array(count * 2)
}

/** A hash of the words from one to before another, in their order. */
export const hashWords = (all: Int32Array, from: number, to: number): number => {
  let hash = 0
  for (let k = from; k < to; k++) hash = Math.imul((hash ^ (all[k] as number)) + 0x9e3779b9, 0x85ebca6b)
  return mix32(hash)
}

const wordShingles = (count: number): Uint32Array => {
  const total = count - shingleSize + 1
  if (total < 1) return empty
  room(total)
  for (let i = 0; i < total; i++) {
    hashes[i] = hashWords(words, i, i + shingleSize)
  }
  return setOf(total)
}

const characterShingles = (texts: ReadonlyArray<string>): Uint32Array => {
  const text = texts
    .map(normalForm)
    .filter((one) => one !== "")
    .join(" ")
  const total = text.length - shingleSize + 1
  if (total < 1) return empty
  room(total)
  for (let i = 0; i < total; i++) {
    let hash = basis
    for (let k = i; k < i + shingleSize; k++) hash = Math.imul(hash ^ text.charCodeAt(k), prime)
    hashes[i] = mix32(hash)
  }
  return setOf(total)
}

/** Shingles of some turns, read as one text. With `names`, those of speakers give way to what stands for them. */
export const shinglesOf = (turns: ReadonlyArray<Turn>, names: boolean): ShingleSets => {
  const known = names ? speakers(turns) : undefined
  let count = 0
  let text = ""
  let stood = false
  const word = (hash: number, start: number): void => {
    let own = hash
    if (known !== undefined) {
      const standing = known.get(hash)
      const stands = standing !== undefined && isCapital(text, start)
      if (stands) {
        own = standing
        // A first and a last name are one.
        if (stood && words[count - 1] === own) return
      }
      stood = stands
    }
    if (count === words.length) {
      const larger = new Int32Array(count * 2)
      larger.set(words)
      words = larger
    }
    words[count++] = own
  }
  for (const turn of turns) {
    text = turn.text
    stood = false
    readWords(text, word)
  }
  return {
    words: wordShingles(count),
    characters: count < fewWords ? characterShingles(turns.map((turn) => turn.text)) : empty,
    count,
  }
}

/** What is kept of a set: all of it, or the smallest hashes of a very large one. */
export const bounded = (set: Uint32Array): Uint32Array =>
  set.length > maxShingles ? set.subarray(0, maxShingles) : set

/**
 * Jaccard similarity of two sets: exact, but for sets of {@link maxShingles}, where the smallest hashes of the union are
 * a sample of it (bottom-k sketch, Broder 1997): its standard error is below 0.2 %.
 */
export const jaccard = (a: Uint32Array, b: Uint32Array): number => {
  if (a.length === 0 || b.length === 0) return 0
  const limit = a.length >= maxShingles || b.length >= maxShingles ? maxShingles : Number.POSITIVE_INFINITY
  let common = 0
  let union = 0
  let i = 0
  let j = 0
  while (union < limit && i < a.length && j < b.length) {
    const left = a[i] as number
    const right = b[j] as number
    if (left === right) common++
    if (left <= right) i++
    if (right <= left) j++
    union++
  }
  if (union < limit) union = Math.min(limit, union + a.length - i + b.length - j)
  return common / union
}

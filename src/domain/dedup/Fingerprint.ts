/**
 * What a conversation is known by when near duplicates are looked for: the bands of its MinHash signature, the shingles
 * by which a candidate is verified, and the chain of its turns. Plain bytes, made where the conversation is, compared
 * where all of them come together.
 *
 * Layout: 32-bit numbers in the machine's order (little-endian wherever Node runs): trained words, all words, chain keys,
 * bands and shingles of words, bands and shingles of characters; then the chain, then both sets with their bands.
 */
import type { Episode, Turn } from "../Conversation.ts"
import { keyBytes, keyOf } from "../KeyTable.ts"
import { bandsOf, layouts, type Recall } from "./MinHash.ts"
import { bounded, jaccard, shinglesOf } from "./Shingles.ts"
import { composeMarks } from "../text/Style.ts"

export interface FingerprintOptions {
  /**
   * What is compared: all turns but the system turn; the model's replies of 20 words or more (short answers are alike in
   * conversations that are not); the first turn of the user.
   */
  readonly on: "conversation" | "replies" | "prompt"
  /** Whether other names of the speakers are no difference. */
  readonly names: boolean
  readonly recall: Recall
  /** Whether the chain has a key for each turn, or only the last two. */
  readonly chain: boolean
}

export const defaultFingerprint: FingerprintOptions = {
  on: "conversation",
  names: true,
  recall: "normal",
  chain: false,
}

/** A set of shingles with its bands; no bands: the text is too short for this kind. */
export interface BandedSet {
  readonly bands: Uint32Array
  readonly shingles: Uint32Array
}

export interface Fingerprint {
  /** Words of the model's turns. */
  readonly trained: number
  /** Words of all turns but the system turn. */
  readonly total: number
  /** Keys of its chain ({@link chainOf}): one a turn, or those of the last two. */
  readonly keys: number
  readonly key: (i: number) => Uint8Array
  readonly words: BandedSet
  readonly characters: BandedSet
}

const headWords = 7

/** Words from which on a reply tells conversations apart. */
const minReplyWords = 20

const wordsIn = (text: string): number => {
  let count = 0
  let inside = false
  for (let i = 0; i < text.length; i++) {
    const blank = text.charCodeAt(i) <= 0x20
    if (!blank && !inside) count++
    inside = !blank
  }
  return count
}

/** Line ends as one, no blanks before them, accents composed: what nobody sees is no difference. */
const plain = (text: string): string => {
  const composed = composeMarks(text)
  const last = composed.charCodeAt(composed.length - 1)
  const isTrimmed =
    last > 0x20 && last !== 0xa0 && !composed.includes("\r") && !composed.includes(" \n") && !composed.includes("\t\n")
  return isTrimmed ? composed : trimLines(composed)
}

const trimLines = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")

let scratch = Buffer.allocUnsafe(1 << 12)

/** Behind the key of the turns before it, so that texts cannot imitate the beginning of a turn. */
const roleBytes = { system: 0, user: 1, model: 2 } as const

/**
 * Keys of the beginnings of a conversation: each covers the one before, the role and the text of a turn. One
 * conversation begins with another if and only if the other's last key is among its own.
 */
export const chainOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Uint8Array> => {
  scratch.fill(0, 0, keyBytes)
  return turns.map(({ kind, text }) => {
    const own = plain(text)
    // A UTF-16 unit takes at most three bytes in UTF-8.
    const need = keyBytes + 1 + own.length * 3
    if (need > scratch.length) scratch = Buffer.concat([scratch.subarray(0, keyBytes)], need * 2)
    scratch[keyBytes] = roleBytes[kind]
    const length = scratch.write(own, keyBytes + 1, "utf8")
    const key = keyOf(scratch.subarray(0, keyBytes + 1 + length))
    scratch.set(key)
    return key
  })
}

const compared = (turns: ReadonlyArray<Turn>, on: FingerprintOptions["on"]): ReadonlyArray<Turn> => {
  switch (on) {
    case "conversation":
      return turns
    case "replies":
      return turns.filter(({ kind, text }) => kind === "model" && wordsIn(text) >= minReplyWords)
    case "prompt":
      return turns.filter(({ kind }) => kind === "user").slice(0, 1)
  }
}

/** Makes fingerprints. Pure; time grows as the text does. */
export const compileFingerprint =
  (options: FingerprintOptions): ((episode: Episode) => Uint8Array) =>
  (episode) => {
    const turns = episode.turns.filter(({ kind }) => kind !== "system")
    const shingles = shinglesOf(compared(turns, options.on), options.names)
    const layout = layouts[options.recall]
    const none = new Uint32Array(0)
    const sets = [shingles.words, shingles.characters].map((all): BandedSet => {
      return all.length === 0
        ? { bands: none, shingles: none }
        : { bands: bandsOf(all, layout), shingles: bounded(all) }
    })
    const all = chainOf(turns)
    const chain = options.chain ? all : all.slice(-2)
    let trained = 0
    let total = 0
    for (const { kind, text } of turns) {
      const count = wordsIn(text)
      total += count
      if (kind === "model") trained += count
    }
    const size = headWords + (chain.length * keyBytes) / 4
    const out = new Uint32Array(sets.reduce((sum, set) => sum + set.bands.length + set.shingles.length, size))
    const bytes = new Uint8Array(out.buffer)
    out.set([trained, total, chain.length, ...sets.flatMap((set) => [set.bands.length, set.shingles.length])])
    chain.forEach((key, i) => bytes.set(key, headWords * 4 + i * keyBytes))
    let at = size
    for (const set of sets) {
      out.set(set.bands, at)
      out.set(set.shingles, at + set.bands.length)
      at += set.bands.length + set.shingles.length
    }
    return bytes
  }

/** Views into a fingerprint; a copy where its bytes do not lie on a boundary of four. */
export const readFingerprint = (given: Uint8Array): Fingerprint => {
  const bytes = given.byteOffset % 4 === 0 ? given : Uint8Array.prototype.slice.call(given)
  const all = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const [trained = 0, total = 0, keys = 0, ...lengths] = all.subarray(0, headWords)
  let at = headWords + (keys * keyBytes) / 4
  const take = (length: number): Uint32Array => {
    at += length
    return all.subarray(at - length, at)
  }
  const [wordBands = 0, wordShingles = 0, characterBands = 0, characterShingles = 0] = lengths
  return {
    trained,
    total,
    keys,
    key: (i) => bytes.subarray(headWords * 4 + i * keyBytes, headWords * 4 + (i + 1) * keyBytes),
    words: { bands: take(wordBands), shingles: take(wordShingles) },
    characters: { bands: take(characterBands), shingles: take(characterShingles) },
  }
}

/** The fingerprint of an episode with the defaults. */
export const fingerprintOf = compileFingerprint(defaultFingerprint)

/** How alike two conversations are, from 0 to 1: the larger of both similarities. */
export const similarity = (a: Fingerprint, b: Fingerprint): number =>
  Math.max(jaccard(a.words.shingles, b.words.shingles), jaccard(a.characters.shingles, b.characters.shingles))

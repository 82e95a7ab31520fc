/**
 * Finds what is nearly the same as something seen before: locality-sensitive hashing over the bands of MinHash
 * signatures, and each candidate verified by the exact Jaccard similarity of its shingles.
 *
 * Memory for each conversation added: 14 (or 22) entries of 8 bytes in a table that is 35 to 70 % full, so 160 to 320
 * bytes (252 to 503), and 8 bytes for sizes; twice that for texts of 5 to 9 words, which stand in both tables. The
 * fingerprints themselves, 4 bytes a shingle, are asked for where they lie (`recall`), or kept in memory without it.
 *
 * @example
 * const index = makeNearIndex()
 * training.forEach((episode, ordinal) => index.add(fingerprintOf(episode), ordinal))
 * const hit = index.find(fingerprintOf(other)) // { ordinal, score } of the most similar one, from 0.8 on
 */
import { type BandedSet, type Fingerprint, readFingerprint, similarity } from "./Fingerprint.ts"
import { mix32 } from "./Shingles.ts"

export interface NearOptions {
  /** Similarity from which on two conversations are the same; above 0. */
  readonly threshold?: number
  /** The fingerprint of an ordinal that was added. Without it the index keeps them. */
  readonly recall?: (ordinal: number) => Uint8Array
}

export interface NearHit {
  readonly ordinal: number
  /** Verified Jaccard similarity, at least the threshold. */
  readonly score: number
}

export interface NearIndex {
  /** Takes in a conversation under a number below 2^32 - 1. The bytes may be used again afterwards. */
  readonly add: (fingerprint: Uint8Array, ordinal: number) => void
  /** The most similar of those added; of equals the one added first. */
  readonly find: (fingerprint: Uint8Array) => NearHit | undefined
  /** Bytes of the tables, without fingerprints. */
  readonly bytes: () => number
}

export const defaultThreshold = 0.8

/** Members of a bucket that are looked at; later ones are not even entered. Bounds the work where much is half alike. */
const maxBucket = 50

/** Candidates that are verified: those with the most bands in common. */
const maxCandidates = 64

const maxLoad = 0.7

/** A multi-map from 32-bit keys to numbers: open addressing, entries of equal keys one behind the other. */
const makeTable = () => {
  let slots = 1 << 12
  let used = 0
  let keys = new Uint32Array(slots)
  /** Number + 1; 0 is a free slot. */
  let marks = new Uint32Array(slots)

  const put = (key: number, mark: number): void => {
    const mask = slots - 1
    let members = 0
    let slot = key & mask
    for (; marks[slot] !== 0; slot = (slot + 1) & mask) {
      if (keys[slot] === key && ++members >= maxBucket) return
    }
    keys[slot] = key
    marks[slot] = mark
    used++
  }

  const grow = (): void => {
    const before = { keys, marks, slots }
    slots *= 2
    keys = new Uint32Array(slots)
    marks = new Uint32Array(slots)
    used = 0
    // From a free slot on: equal keys keep their order also where a run goes over the end.
    const from = before.marks.indexOf(0)
    for (let i = 0; i < before.slots; i++) {
      const slot = (from + i) & (before.slots - 1)
      const mark = before.marks[slot] as number
      if (mark !== 0) put(before.keys[slot] as number, mark)
    }
  }

  return {
    add: (key: number, value: number): void => {
      put(key, value + 1)
      if (used > slots * maxLoad) grow()
    },
    each: (key: number, found: (value: number) => void): void => {
      const mask = slots - 1
      for (let slot = key & mask; marks[slot] !== 0; slot = (slot + 1) & mask)
        if (keys[slot] === key) found((marks[slot] as number) - 1)
    },
    bytes: (): number => slots * 8,
  }
}

/** A list of numbers that grows. */
const makeList = () => {
  let values = new Uint32Array(1 << 10)
  let count = 0
  return {
    push: (value: number): void => {
      if (count === values.length) {
        const larger = new Uint32Array(count * 2)
        larger.set(values)
        values = larger
      }
      values[count++] = value
    },
    get: (i: number): number => values[i] as number,
    count: (): number => count,
    bytes: (): number => values.byteLength,
  }
}

/** Bands of characters are other keys than bands of words. */
const characterSalt = 0x3c6ef372

export const makeNearIndex = (options: NearOptions = {}): NearIndex => {
  const { recall, threshold = defaultThreshold } = options
  const table = makeTable()
  /** Ordinals in the order in which they were added, and the sizes of their sets, which rule most candidates out. */
  const ordinals = makeList()
  const wordSizes = makeList()
  const kept: Array<Uint8Array> = []

  const eachKey = ({ characters, words }: Fingerprint, each: (key: number) => void): void => {
    for (const key of words.bands) each(key)
    for (const key of characters.bands) each(mix32(key ^ characterSalt) >>> 0)
  }

  return {
    add: (bytes, ordinal) => {
      const print = readFingerprint(bytes)
      if (print.words.bands.length === 0 && print.characters.bands.length === 0) return
      const position = ordinals.count()
      ordinals.push(ordinal)
      wordSizes.push(print.characters.bands.length === 0 ? print.words.shingles.length : 0)
      if (recall === undefined) kept.push(Uint8Array.prototype.slice.call(bytes))
      eachKey(print, (key) => table.add(key, position))
    },

    find: (bytes) => {
      const print = readFingerprint(bytes)
      const shared = new Map<number, number>()
      eachKey(print, (key) => table.each(key, (position) => shared.set(position, (shared.get(position) ?? 0) + 1)))
      if (shared.size === 0) return undefined
      const candidates = [...shared]
        .filter(([position]) => mayReach(print.words, print.characters, wordSizes.get(position), threshold))
        .sort(([a, inA], [b, inB]) => inB - inA || a - b)
        .slice(0, maxCandidates)
      let best: { readonly position: number; readonly score: number } | undefined
      for (const [position] of candidates) {
        const other = readFingerprint(
          recall === undefined ? (kept[position] as Uint8Array) : recall(ordinals.get(position)),
        )
        const score = similarity(print, other)
        if (score < threshold) continue
        if (best === undefined || score > best.score || (score === best.score && position < best.position))
          best = { position, score }
      }
      return best === undefined ? undefined : { ordinal: ordinals.get(best.position), score: best.score }
    },

    bytes: () => table.bytes() + ordinals.bytes() + wordSizes.bytes(),
  }
}

/** Sets of very different sizes cannot be alike. A size of 0 says nothing: a short text has two sets. */
const mayReach = (words: BandedSet, characters: BandedSet, size: number, threshold: number): boolean => {
  const own = words.shingles.length
  if (size === 0 || characters.shingles.length > 0) return true
  return Math.min(own, size) >= threshold * Math.max(own, size)
}

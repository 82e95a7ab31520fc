/**
 * Figures about any number of rows in bounded memory: histograms, the commonest texts, and samples chosen by hash. The
 * same rows give the same figures.
 */
import { createHash } from "node:crypto"

// ---------------------------------------------------------------------------------------------------------- histograms

/** Counts of non-negative whole numbers, in bins that grow with the number: exact below 16, then eight a doubling. */
export interface Histogram {
  readonly add: (value: number) => void
  readonly count: () => number
  readonly sum: () => number
  readonly max: () => number
  /** The upper end of the bin that holds this part (0 to 1) of the values; at most an eighth of a doubling too high. */
  readonly quantile: (part: number) => number
  /** Bins that hold something: first value, first value of the next bin, values. */
  readonly bins: () => ReadonlyArray<{ readonly from: number; readonly to: number; readonly count: number }>
}

const exact = 16
const perDoubling = 8

const binOf = (value: number): number =>
  value < exact ? value : exact + Math.floor(perDoubling * Math.log2(value / exact))

const startOf = (bin: number): number =>
  bin < exact ? bin : Math.ceil(exact * 2 ** ((bin - exact) / perDoubling) - 1e-9)

export const makeHistogram = (): Histogram => {
  const counts: Array<number> = []
  let count = 0
  let sum = 0
  let max = 0
  const at = (bin: number): number => counts[bin] ?? 0
  return {
    add: (value) => {
      const whole = Math.max(0, Math.round(value))
      const bin = binOf(whole)
      while (counts.length <= bin) counts.push(0)
      counts[bin] = at(bin) + 1
      count++
      sum += whole
      if (whole > max) max = whole
    },
    count: () => count,
    sum: () => sum,
    max: () => max,
    quantile: (part) => {
      let left = Math.max(1, Math.ceil(part * count))
      for (let bin = 0; bin < counts.length; bin++) {
        left -= at(bin)
        if (left <= 0) return Math.min(max, startOf(bin + 1) - 1)
      }
      return max
    },
    bins: () =>
      counts.flatMap((value, bin) =>
        value === 0 ? [] : [{ from: startOf(bin), to: Math.max(startOf(bin + 1), startOf(bin) + 1), count: value }],
      ),
  }
}

// ------------------------------------------------------------------------------------------------------ commonest texts

/**
 * The commonest of a stream of texts (Misra and Gries, "Finding repeated elements", 1982): holds at most `capacity`
 * texts; a count is too low by at most the number of texts seen / `capacity`.
 */
export const makeCommonest = (capacity: number) => {
  const counts = new Map<string, number>()
  let seen = 0
  return {
    add: (text: string): void => {
      seen++
      const known = counts.get(text)
      if (known !== undefined || counts.size < capacity) {
        counts.set(text, (known ?? 0) + 1)
        return
      }
      for (const [other, count] of counts) {
        if (count === 1) counts.delete(other)
        else counts.set(other, count - 1)
      }
    },
    seen: () => seen,
    /** By count, then by text. */
    top: (most: number): ReadonlyArray<{ readonly text: string; readonly count: number }> =>
      [...counts]
        .map(([text, count]) => ({ text, count }))
        .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
        .slice(0, most),
  }
}

// ------------------------------------------------------------------------------------------------------------- samples

/** A number from 0 to 2^48 that a text stands for, always the same. */
const rankOf = (key: string): number => createHash("sha256").update(key).digest().readUIntBE(0, 6)

/** Chooses this part (0 to 1) of all keys, always the same ones: a sample for which nothing has to be kept. */
export const chooses =
  (part: number): ((key: string) => boolean) =>
  (key) =>
    part >= 1 || rankOf(key) < part * 2 ** 48

/** Keeps those `size` values whose keys have the smallest hashes: a fair sample that no order of the rows changes. */
export const makeSampler = <A>(size: number) => {
  const kept: Array<{ readonly rank: number; readonly value: A }> = []
  return {
    /** `make` is called only for what is kept, for now. */
    offer: (key: string, make: () => A): void => {
      const rank = rankOf(key)
      const last = kept[kept.length - 1]
      if (kept.length >= size && last !== undefined && rank >= last.rank) return
      let at = kept.length
      while (at > 0 && (kept[at - 1] as (typeof kept)[number]).rank > rank) at--
      kept.splice(at, 0, { rank, value: make() })
      if (kept.length > size) kept.pop()
    },
    values: (): ReadonlyArray<A> => kept.map(({ value }) => value),
  }
}

// ------------------------------------------------------------------------------------------------------------ openings

/** Words of an opening. */
const openingWords = 3

/** How a reply begins: its first three words in lower case, without marks; undefined for a shorter one. */
export const openingOf = (text: string): string | undefined => {
  const words = text
    .slice(0, 200)
    .toLowerCase()
    .match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)
  return words === null || words.length < openingWords
    ? undefined
    : words.slice(0, openingWords).join(" ").replaceAll("’", "'").slice(0, 60)
}

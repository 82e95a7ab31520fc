/** The tokens of an encoding by their bytes, in a few typed arrays: 5 MB for 200,000 tokens. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

/** A rank that no token has: of bytes that are no token. */
export const noRank = 0x7fffffff

export interface Ranks {
  /** How the encoding splits a text, as a pattern. */
  readonly pattern: string
  /** Length of the longest token. */
  readonly longest: number
  /**
   * Rank of the token that `bytes[from..to)` spells, or `noRank`. Lower ranks merge first; the numbers are not those of
   * tiktoken, which leaves gaps for its special tokens, but are in the same order.
   */
  readonly rankOf: (bytes: Uint8Array, from: number, to: number) => number
  /** Rank of a token of two bytes. */
  readonly rankOfPair: (first: number, second: number) => number
  /** The number that tiktoken gives the token of a rank. */
  readonly idOf: (rank: number) => number
  /** Special tokens with their numbers. */
  readonly special: ReadonlyMap<string, number>
}

/** Hash of bytes, the same for the same bytes. */
export const hashOf = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = to - from
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  // The low bits choose the slot, and know nothing of the high bits of early bytes without this.
  hash ^= hash >>> 15
  return hash
}

/** Places of the base64 digits. */
const digits = (): Uint8Array => {
  const table = new Uint8Array(128)
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i
  return table
}

/** Reads the ranks of an encoding from the files of the package tiktoken. Throws where they are not as expected. */
export const loadRanks = (name: string): Ranks => {
  const file = createRequire(import.meta.url).resolve(`tiktoken/encoders/${name}.json`)
  const { bpe_ranks, pat_str, special_tokens } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly bpe_ranks: string
    readonly pat_str: string
    readonly special_tokens: { readonly [token: string]: number }
  }
  return parseRanks(bpe_ranks, pat_str, new Map(Object.entries(special_tokens)))
}

/**
 * @param text lines `! first base64 base64 ...`: tokens of the ranks from `first` on
 */
export const parseRanks = (text: string, pattern: string, special: ReadonlyMap<string, number> = new Map()): Ranks => {
  const lines = text.split("\n").filter((line) => line !== "")
  const table = digits()
  // Four digits make three bytes at most, and there are fewer tokens than separators.
  let data = new Uint8Array(Math.ceil((text.length * 3) / 4))
  let starts = new Int32Array(text.length)
  let count = 0
  let size = 0
  let longest = 0
  let least = -1
  /** Where each line of the ranks begins: its first rank here, and the number that tiktoken gives it. */
  const firsts: Array<readonly [rank: number, id: number]> = []
  for (const line of lines) {
    const [head, mark, first] = /^(!) (\d+) /.exec(line) ?? []
    if (head === undefined || mark === undefined || Number(first) < least) throw new Error("token ranks out of order")
    firsts.push([count, Number(first)])
    let bits = 0
    let held = 0
    starts[count] = size
    for (let i = head.length; i <= line.length; i++) {
      const code = i === line.length ? 32 : line.charCodeAt(i)
      if (code === 32) {
        const length = size - (starts[count] as number)
        if (length > 0) {
          if (length > longest) longest = length
          starts[++count] = size
        }
        bits = 0
        held = 0
      } else if (code !== 61) {
        bits = (bits << 6) | (table[code] as number)
        held += 6
        if (held >= 8) {
          held -= 8
          data[size++] = bits >> held
          bits &= (1 << held) - 1
        }
      }
    }
    least = Number(first) + count
  }
  data = data.slice(0, size)
  starts = starts.slice(0, count + 1)

  const pairs = new Int32Array(65536).fill(noRank)
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(count * 2 + 2)))
  const mask = slots.length - 1
  for (let rank = 0; rank < count; rank++) {
    const from = starts[rank] as number
    const to = starts[rank + 1] as number
    if (to - from === 2) pairs[((data[from] as number) << 8) | (data[from + 1] as number)] = rank
    let slot = hashOf(data, from, to) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = rank + 1
  }

  const rankOf = (bytes: Uint8Array, from: number, to: number): number => {
    const length = to - from
    if (length > longest) return noRank
    let slot = hashOf(bytes, from, to) & mask
    for (;;) {
      const rank = (slots[slot] as number) - 1
      if (rank < 0) return noRank
      const start = starts[rank] as number
      if ((starts[rank + 1] as number) - start === length) {
        let i = 0
        while (i < length && data[start + i] === bytes[from + i]) i++
        if (i === length) return rank
      }
      slot = (slot + 1) & mask
    }
  }
  const idOf = (rank: number): number => {
    let line = firsts.length - 1
    while ((firsts[line] as (typeof firsts)[number])[0] > rank) line--
    const [start, id] = firsts[line] as (typeof firsts)[number]
    return rank - start + id
  }
  const rankOfPair = (first: number, second: number): number => pairs[(first << 8) | second] as number
  return { pattern, longest, rankOf, rankOfPair, idOf, special }
}

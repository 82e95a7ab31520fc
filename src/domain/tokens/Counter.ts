/** Tokens of an encoding: split, look up, merge what is new. */
import { charClasses } from "./CharClasses.ts"
import type { Coder } from "./Coder.ts"
import { mergerOf, type CountPiece } from "./Merge.ts"
import { hashOf, noRank, type Ranks } from "./Ranks.ts"
import { endByte, scannerOf } from "./Split.ts"

/** Remembered pieces, at most: in sets of `ways` whose slot the hash chooses. */
const cachedPieces = 1 << 16
const ways = 4
/** Longest piece that is remembered, in bytes. */
const longestCached = 63
/** Bytes of a slot: the length of the piece, then the piece. */
const slotBytes = longestCached + 1

/**
 * Counts of the pieces last seen, at a fixed cost of memory (4.3 MB): a new piece takes the place of an older one of
 * its set, and no choice of pieces makes a look-up slow.
 */
export const cached = (countPiece: CountPiece): CountPiece => {
  const slots = new Uint8Array(cachedPieces * slotBytes)
  const counts = new Uint8Array(cachedPieces)
  const oldest = new Uint8Array(cachedPieces / ways)
  return (bytes, from, to) => {
    const length = to - from
    if (length > longestCached) return countPiece(bytes, from, to)
    const set = hashOf(bytes, from, to) & (cachedPieces / ways - 1)
    for (let way = 0; way < ways; way++) {
      const slot = set * ways + way
      const start = slot * slotBytes
      if (slots[start] !== length) continue
      let i = 0
      while (i < length && slots[start + 1 + i] === bytes[from + i]) i++
      if (i === length) return counts[slot] as number
    }
    const count = countPiece(bytes, from, to)
    const way = oldest[set] as number
    oldest[set] = (way + 1) % ways
    const slot = set * ways + way
    const start = slot * slotBytes
    slots[start] = length
    for (let i = 0; i < length; i++) slots[start + 1 + i] = bytes[from + i] as number
    counts[slot] = count
    return count
  }
}

/** Longest buffer that is kept between texts, in bytes. */
const longestKept = 1 << 20

/**
 * Counts and numbers of the tokens that tiktoken's `encode_ordinary` makes of a text. Throws for an unknown split
 * pattern.
 */
export const coderOf = (ranks: Ranks): Required<Coder> => {
  const nextPiece = scannerOf(ranks.pattern, charClasses())
  if (nextPiece === undefined) throw new Error(`unknown split pattern of tokens: ${ranks.pattern}`)
  const { idOf, rankOf } = ranks
  const mergePiece = mergerOf(ranks)
  const countPiece = cached(mergePiece)
  const encoder = new TextEncoder()
  let kept = new Uint8Array(1 << 14)

  /** A UTF-16 unit makes three bytes at most, and one byte marks the end. */
  const bufferFor = (units: number): Uint8Array => {
    const needed = units * 3 + 1
    if (needed <= kept.length) return kept
    const buffer = new Uint8Array(needed * 2 <= longestKept ? needed * 2 : needed)
    if (buffer.length <= longestKept) kept = buffer
    return buffer
  }

  /** The text as bytes with `endByte` behind them, and how many they are. */
  const write = (text: string): { readonly bytes: Uint8Array; readonly size: number } => {
    const bytes = bufferFor(text.length)
    // A lone surrogate becomes U+FFFD, as on its way to tiktoken.
    const size = encoder.encodeInto(text, bytes).written
    bytes[size] = endByte
    return { bytes, size }
  }

  return {
    count: (text) => {
      const { bytes, size } = write(text)
      let tokens = 0
      let from = 0
      while (from < size) {
        const to = nextPiece(bytes, from)
        tokens += rankOf(bytes, from, to) !== noRank ? 1 : countPiece(bytes, from, to)
        from = to
      }
      return tokens
    },
    encode: (text) => {
      const { bytes, size } = write(text)
      const ids: Array<number> = []
      let from = 0
      while (from < size) {
        const to = nextPiece(bytes, from)
        const rank = rankOf(bytes, from, to)
        if (rank !== noRank) ids.push(idOf(rank))
        else {
          const ends: Array<number> = []
          mergePiece(bytes, from, to, ends)
          let start = from
          for (const end of ends) {
            ids.push(idOf(rankOf(bytes, start, end)))
            start = end
          }
        }
        from = to
      }
      return ids
    },
  }
}

/** Byte-pair merging: how many tokens remain of a piece when no neighbours merge any more. */
import { noRank, type Ranks } from "./Ranks.ts"

/** Tokens of `bytes[from..to)`, which is one piece. */
export type CountPiece = (bytes: Uint8Array, from: number, to: number) => number

/** The same, and puts where each token ends into `ends`. */
export type MergePiece = (bytes: Uint8Array, from: number, to: number, ends?: Array<number>) => number

/** Up to this many bytes the lowest rank is looked for among all pairs; longer pieces take a heap. */
const shortest = 48

/**
 * The rule: merge the neighbours whose concatenation has the lowest rank, the first of equal ones, until there are none
 * that are a token together.
 */
export const mergerOf = (ranks: Ranks): MergePiece => {
  const { rankOf, rankOfPair } = ranks

  /** Ranks of part k with part k + 1, and where part k starts. */
  const pairRanks = new Int32Array(shortest + 1)
  const starts = new Int32Array(shortest + 2)

  const mergeShort: MergePiece = (bytes, from, to, ends) => {
    let parts = to - from
    let least = noRank
    let at = 0
    for (let k = 0; k < parts; k++) {
      starts[k] = from + k
      const rank = k + 1 < parts ? rankOfPair(bytes[from + k] as number, bytes[from + k + 1] as number) : noRank
      pairRanks[k] = rank
      if (rank < least) {
        least = rank
        at = k
      }
    }
    starts[parts] = to
    while (least !== noRank) {
      // Part at + 1 goes into part at.
      parts--
      for (let k = at + 1; k < parts; k++) {
        starts[k] = starts[k + 1] as number
        pairRanks[k] = pairRanks[k + 1] as number
      }
      starts[parts] = to
      pairRanks[at] = at + 1 < parts ? rankOf(bytes, starts[at] as number, starts[at + 2] as number) : noRank
      if (at > 0) pairRanks[at - 1] = rankOf(bytes, starts[at - 1] as number, starts[at + 1] as number)
      least = noRank
      for (let k = 0; k < parts - 1; k++) {
        const rank = pairRanks[k] as number
        if (rank < least) {
          least = rank
          at = k
        }
      }
    }
    if (ends !== undefined) for (let k = 1; k <= parts; k++) ends.push(starts[k] as number)
    return parts
  }

  return (bytes, from, to, ends) =>
    to - from <= shortest ? mergeShort(bytes, from, to, ends) : mergeLong(ranks, bytes, from, to, ends)
}

/** Sets a rank apart from a place in one number: places are below this. */
const places = 2 ** 31

/** As `mergeShort` with a heap of pairs, so that the time is n log n; takes 28 bytes of memory a byte. */
const mergeLong = (
  { rankOf, rankOfPair }: Ranks,
  bytes: Uint8Array,
  from: number,
  to: number,
  ends: Array<number> | undefined,
): number => {
  const size = to - from
  // A part is named by the place of its first byte.
  const next = new Int32Array(size + 1)
  const previous = new Int32Array(size + 1)
  /** Rank of the part at a place with the next one; `noRank` where there is none, or the part is gone. */
  const pairRanks = new Int32Array(size).fill(noRank)
  // Ranks x places + place: the lowest rank first, then the first place. What is no longer so is skipped when it comes
  // up. A merge takes out one and puts in two at most, and there are fewer merges than bytes.
  const heap = new Float64Array(2 * size)
  let held = 0

  // Four children a node: half the levels of two, and they lie side by side in memory.
  const sink = (at: number, key: number): void => {
    for (;;) {
      let child = 4 * at + 1
      if (child >= held) break
      let least = heap[child] as number
      const last = Math.min(child + 3, held - 1)
      for (let other = child + 1; other <= last; other++) {
        const value = heap[other] as number
        if (value < least) {
          least = value
          child = other
        }
      }
      if (key <= least) break
      heap[at] = least
      at = child
    }
    heap[at] = key
  }

  const push = (key: number): void => {
    let at = held++
    while (at > 0) {
      const parent = (at - 1) >> 2
      if ((heap[parent] as number) <= key) break
      heap[at] = heap[parent] as number
      at = parent
    }
    heap[at] = key
  }

  const setRank = (place: number): void => {
    const second = next[place] as number
    const rank = second < size ? rankOf(bytes, from + place, from + (next[second] as number)) : noRank
    pairRanks[place] = rank
    if (rank !== noRank) push(rank * places + place)
  }

  for (let place = 0; place < size; place++) {
    next[place] = place + 1
    previous[place] = place - 1
    if (place + 1 === size) break
    const rank = rankOfPair(bytes[from + place] as number, bytes[from + place + 1] as number)
    pairRanks[place] = rank
    if (rank !== noRank) heap[held++] = rank * places + place
  }
  for (let at = (held - 2) >> 2; at >= 0; at--) sink(at, heap[at] as number)

  let parts = size
  while (held > 0) {
    const key = heap[0] as number
    held--
    if (held > 0) sink(0, heap[held] as number)
    const rank = Math.floor(key / places)
    const place = key - rank * places
    if (pairRanks[place] !== rank) continue
    const gone = next[place] as number
    const after = next[gone] as number
    next[place] = after
    previous[after] = place
    pairRanks[gone] = noRank
    parts--
    setRank(place)
    if (place > 0) setRank(previous[place] as number)
  }
  if (ends !== undefined)
    for (let place = 0; place < size; place = next[place] as number) ends.push(from + (next[place] as number))
  return parts
}

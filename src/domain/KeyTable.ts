/**
 * A table from 128-bit keys to numbers: open addressing with linear probing, a key as four words.
 *
 * Memory: 20 bytes a slot, 35 to 70 % of the slots in use: 29 to 57 bytes a key, and 86 for a moment while it doubles.
 */
import { sha256 } from "./Sha256.ts"

/** Bytes of a key. */
export const keyBytes = 16

/** The first half of SHA-256: among 10^8 keys the chance of any collision is below 10^-22. */
export const keyOf = (data: string | Uint8Array): Uint8Array => sha256(data).subarray(0, keyBytes)

/** Fullness at which the table doubles. */
const maxLoad = 0.7

export interface KeyTable {
  /** The number that stands with a key. */
  readonly get: (key: Uint8Array) => number | undefined
  /** Puts a number below 2^32 - 1 with a key, in place of the one that stood there. */
  readonly add: (key: Uint8Array, value: number) => void
  /** Bytes that the table takes. */
  readonly bytes: () => number
}

export const makeKeyTable = (): KeyTable => {
  let slots = 1 << 12
  let used = 0
  let keys = new Uint32Array(slots * 4)
  /** Number + 1; 0 is a free slot. */
  let marks = new Uint32Array(slots)
  const word = new Uint32Array(4)
  const wordBytes = new Uint8Array(word.buffer)

  /** The slot of the key in `word`, or the free one where it belongs. */
  const find = (): number => {
    const mask = slots - 1
    for (let slot = (word[0] as number) & mask; ; slot = (slot + 1) & mask) {
      if (marks[slot] === 0) return slot
      const k = slot * 4
      if (keys[k] === word[0] && keys[k + 1] === word[1] && keys[k + 2] === word[2] && keys[k + 3] === word[3])
        return slot
    }
  }

  const put = (slot: number, mark: number): void => {
    keys.set(word, slot * 4)
    marks[slot] = mark
  }

  const grow = (): void => {
    const before = { keys, marks, slots }
    slots *= 2
    keys = new Uint32Array(slots * 4)
    marks = new Uint32Array(slots)
    for (let slot = 0; slot < before.slots; slot++) {
      const mark = before.marks[slot] as number
      if (mark === 0) continue
      word.set(before.keys.subarray(slot * 4, slot * 4 + 4))
      put(find(), mark)
    }
  }

  return {
    get: (key) => {
      wordBytes.set(key)
      const mark = marks[find()] as number
      return mark === 0 ? undefined : mark - 1
    },
    add: (key, value) => {
      wordBytes.set(key)
      const slot = find()
      if (marks[slot] === 0) used++
      put(slot, value + 1)
      if (used > slots * maxLoad) grow()
    },
    bytes: () => keys.byteLength + marks.byteLength,
  }
}

/**
 * MinHash signatures and their bands (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.3 and
 * 3.4): two sets of Jaccard similarity s share a band of r rows with chance s^r, and one of b bands with
 * 1 - (1 - s^r)^b.
 */
import { mix32 } from "./Shingles.ts"

export interface Layout {
  readonly bands: number
  readonly rows: number
}

/**
 * `normal` finds 56 % of the pairs at 0.7, 92 % at 0.8, 99 % at 0.85 and all above; `high` 98 % at 0.7, all at 0.8. What
 * is found is always verified, so that a wide layout costs time and memory and never a wrong drop.
 */
export const layouts = { normal: { bands: 14, rows: 8 }, high: { bands: 22, rows: 5 } } as const

export type Recall = keyof typeof layouts

const largest = 0x7fffffff

let lanes = new Int32Array(1 << 10)
let steps = new Int32Array(1 << 10)

/**
 * The minima of a set under `size` hash functions. A shingle x gives two lanes, x and y; function i is mix(x + i y). All
 * numbers are signed 32-bit: those stay out of the heap. Four functions at a time, so that their minima stay in registers:
 * a fifth less time than one after the other.
 */
export const signatureOf = (set: Uint32Array, size: number): Int32Array => {
  const count = set.length
  if (lanes.length < count) {
    lanes = new Int32Array(count * 2)
    steps = new Int32Array(count * 2)
  }
  for (let s = 0; s < count; s++) {
    const lane = (set[s] as number) | 0
    lanes[s] = lane
    steps[s] = mix32(lane ^ 0x5bd1e995) | 1
  }
  const minima = new Int32Array(Math.ceil(size / 4) * 4)
  for (let i = 0; i < size; i += 4) {
    let a = largest
    let b = largest
    let c = largest
    let d = largest
    for (let s = 0; s < count; s++) {
      const step = steps[s] as number
      let lane = ((lanes[s] as number) + step) | 0
      let hash = mix32(lane)
      if (hash < a) a = hash
      lane = (lane + step) | 0
      hash = mix32(lane)
      if (hash < b) b = hash
      lane = (lane + step) | 0
      hash = mix32(lane)
      if (hash < c) c = hash
      lane = (lane + step) | 0
      hash = mix32(lane)
      if (hash < d) d = hash
      lanes[s] = lane
    }
    minima[i] = a
    minima[i + 1] = b
    minima[i + 2] = c
    minima[i + 3] = d
  }
  return minima.subarray(0, size)
}

/** One key a band; the band's number is part of it. */
export const bandsOf = (set: Uint32Array, { bands, rows }: Layout): Uint32Array => {
  const minima = signatureOf(set, bands * rows)
  const keys = new Uint32Array(bands)
  for (let band = 0; band < bands; band++) {
    let key = mix32(band + 1)
    for (let row = 0; row < rows; row++) key = mix32((key ^ (minima[band * rows + row] as number)) + 0x9e3779b9)
    keys[band] = key
  }
  return keys
}

/**
 * A random generator that belongs to one record, so that what is drawn for it depends on nothing else: not on the other
 * records, tasks, workers, or the order of the run.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand "Small Fast Counting", 32-bit variant), seeded by a 128-bit hash of
 * the key `seed/task/record id`. Golden values in the tests hold it still.
 */
export interface RecordRandom {
  /** A number in [0, 1) with 32 random bits. */
  readonly next: () => number
  /** An integer in [0, bound). */
  readonly int: (bound: number) => number
  /** One element, uniformly. The list must not be empty. */
  readonly pick: <A>(list: ReadonlyArray<A>) => A
}

/** Four 32-bit words from a string, after cyrb128 (public domain, bryc): enough to seed, not cryptographic. */
const words = (key: string): [number, number, number, number] => {
  let h1 = 1779033703
  let h2 = 3144134277
  let h3 = 1013904242
  let h4 = 2773480762
  for (let i = 0; i < key.length; i++) {
    const k = key.charCodeAt(i)
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067)
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233)
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213)
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179)
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1]
}

/** The generator of a key. Seeding is done at the first draw: most records draw nothing. */
export const make = (key: string): RecordRandom => {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let ready = false
  const step = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  const next = (): number => {
    if (!ready) {
      ready = true
      ;[a, b, c, d] = words(key)
      for (let i = 0; i < 15; i++) step()
    }
    return step() / 4294967296
  }
  const int = (bound: number): number => Math.floor(next() * bound)
  return { next, int, pick: (list) => list[int(list.length)] as (typeof list)[number] }
}

/** The key of a record's generator. `purpose` keeps draws for different uses apart. */
export const key = (seed: number, task: string, id: string): string => `${seed}/${task}/${id}`

/** Pairs of texts of a known similarity. */
import * as RecordRandom from "../../src/domain/RecordRandom.ts"

export type Random = () => number

export const seeded = (purpose: string): Random => {
  const random = RecordRandom.make(RecordRandom.key(42, "pairs", purpose))
  return () => random.next()
}

const letters = "abcdefghijklmnopqrstuvwxyz"

const word = (random: Random): string =>
  Array.from({ length: 3 + Math.floor(random() * 6) }, () => letters[Math.floor(random() * 26)]).join("")

export const words = (random: Random, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, () => word(random))

/** Word 5-grams as strings: another way to the same number as the code under test. */
export const exactJaccard = (one: string, two: string): number => {
  const grams = (text: string): Set<string> => {
    const all = text.split(" ")
    return new Set(all.slice(4).map((_, i) => all.slice(i, i + 5).join(" ")))
  }
  const a = grams(one)
  const b = grams(two)
  let common = 0
  for (const gram of a) if (b.has(gram)) common++
  return common / (a.size + b.size - common)
}

export interface Pair {
  readonly one: string
  readonly two: string
  readonly similarity: number
}

/** A text and another with about a share of its 5-grams changed: in places anywhere, or in one stretch. */
const changedBy = (random: Random, share: number): Pair => {
  const count = 100 + Math.floor(random() * 300)
  const one = words(random, count)
  const changed = [...one]
  const number = Math.round(share * count)
  if (random() < 0.5) {
    const from = Math.floor(random() * (count - number))
    for (let i = from; i < from + number; i++) changed[i] = word(random)
  } else for (let i = 0; i < number / 5; i++) changed[Math.floor(random() * count)] = word(random)
  const [a, b] = [one.join(" "), changed.join(" ")]
  return { one: a, two: b, similarity: exactJaccard(a, b) }
}

/** Two texts whose similarity lies in a range: of those that share what is left when a share s is changed, (1-s)/(1+s). */
export const pair = (random: Random, low = 0, high = 1.01): Pair => {
  for (;;) {
    const wanted = low + random() * (Math.min(1, high) - low)
    const made = changedBy(random, (1 - wanted) / (1 + wanted))
    if (made.similarity >= low && made.similarity < high) return made
  }
}

/**
 * Finds texts of an evaluation in a training text: by the n-grams of words that both have. The evaluation is indexed,
 * which is small; what is searched is read once.
 */
import { hashWords, mix32, readWords } from "./Shingles.ts"

/** One item of an evaluation: its texts (question, choices, answer), and where it stands. */
export interface EvaluationItem {
  readonly source: string
  /** The file that it is from: what many items of a file share tells nothing. */
  readonly set: number
  readonly texts: ReadonlyArray<string>
}

/** What of an item was found in a text. */
export interface Overlap {
  readonly source: string
  /** Share of the item that the text covers, averaged over the item's texts. */
  readonly score: number
  /** Whether one of its texts is there as a whole. */
  readonly contained: boolean
  /** Offsets of the longest stretch that both have. */
  readonly start: number
  readonly end: number
}

export type FindOverlap = (text: string) => Overlap | undefined

/** Words from which on a text can be recognised. A shorter one, such as an answer, stands in anything. */
export const minWords = 8

/**
 * Items of a set that may share some words before these are boilerplate, such as the instruction that each begins with:
 * a twentieth of them, but at least 2 and at most 10.
 */
const maxSharing = (items: number): number => Math.max(2, Math.min(10, Math.floor(items / 20)))

/** A text of an item. */
interface Field {
  readonly item: number
  /** Its words, from here on in the list of all words. */
  readonly first: number
  readonly count: number
  /** Words of its n-grams: fewer than n where it is shorter. */
  readonly size: number
  /** Words that its n-grams can cover; at least half of what boilerplate covers as well: a rest is not the whole. */
  coverable: number
}

const grow = (from: Int32Array): Int32Array<ArrayBuffer> => {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}

/** Words of a text with their offsets, in lists that are used again. */
const makeWords = () => {
  const list = {
    hashes: new Int32Array(1 << 10),
    starts: new Int32Array(1 << 10),
    ends: new Int32Array(1 << 10),
    count: 0,
  }
  return (text: string): typeof list => {
    list.count = 0
    readWords(text, (hash, start, end) => {
      if (list.count === list.hashes.length) {
        list.hashes = grow(list.hashes)
        list.starts = grow(list.starts)
        list.ends = grow(list.ends)
      }
      list.hashes[list.count] = hash
      list.starts[list.count] = start
      list.ends[list.count++] = end
    })
    return list
  }
}

/** N-grams of fields by their hash: chained entries. */
const makeGrams = (capacity: number) => {
  const slots = 1 << Math.max(4, Math.ceil(Math.log2(capacity * 2)))
  const heads = new Int32Array(slots)
  const next = new Int32Array(capacity + 1)
  const hashes = new Int32Array(capacity + 1)
  const fields = new Int32Array(capacity + 1)
  const positions = new Int32Array(capacity + 1)
  let count = 0
  return {
    add: (hash: number, field: number, position: number): void => {
      count++
      const slot = mix32(hash) & (slots - 1)
      hashes[count] = hash
      fields[count] = field
      positions[count] = position
      next[count] = heads[slot] as number
      heads[slot] = count
    },
    each: (hash: number, found: (field: number, position: number) => void): void => {
      for (let at = heads[mix32(hash) & (slots - 1)] as number; at !== 0; at = next[at] as number)
        if (hashes[at] === hash) found(fields[at] as number, positions[at] as number)
    },
  }
}

/** What was found of a field in the text that is searched. */
interface Found {
  /** Bit 0: the word is covered; bit 1: the n-gram that begins here was met. */
  readonly marks: Uint8Array
  covered: number
  /** The stretch under way: its last n-gram in the field and in the text. */
  position: number
  at: number
  from: number
  /** The longest stretch, as words of the text. */
  start: number
  end: number
}

/** Words that stretches cover, which come in the order of their beginnings. */
const makeCover = () => {
  let end = 0
  let count = 0
  return {
    add: (from: number, to: number): void => {
      count += to - Math.max(end, from)
      end = to
    },
    words: (): number => count,
  }
}

const covered = 1
const begun = 2

/** Indexes an evaluation. `size` is the n of the n-grams. */
export const compileOverlap = (items: ReadonlyArray<EvaluationItem>, size: number): FindOverlap => {
  const wordsOf = makeWords()
  const least = Math.min(size, minWords)
  const fields: Array<Field> = []
  const lists: Array<Int32Array> = []
  let total = 0
  items.forEach(({ texts }, item) => {
    for (const text of texts) {
      const { count, hashes } = wordsOf(text)
      if (count < least) continue
      fields.push({ item, first: total, count, size: Math.min(size, count), coverable: 0 })
      lists.push(hashes.slice(0, count))
      total += count
    }
  })
  const words = new Int32Array(total)
  fields.forEach(({ first }, i) => words.set(lists[i] as Int32Array, first))

  const gramsOf = ({ count, first, size: own }: Field, each: (hash: number, position: number) => void): void => {
    for (let i = 0; i + own <= count; i++) each(hashWords(words, first + i, first + i + own), i)
  }
  const common = commonParts(items, fields, words)

  const grams = makeGrams(total)
  const fieldsOf: Array<Array<number>> = items.map(() => [])
  fields.forEach((field, number) => {
    const own = new Set<number>()
    const counted = makeCover()
    const possible = makeCover()
    gramsOf(field, (hash, position) => {
      // Where a text says a thing twice the first place stands for both.
      if (own.has(hash)) return
      own.add(hash)
      possible.add(position, position + field.size)
      // One word more makes an instruction no evidence.
      if (common(field, position) || common(field, position + 1)) return
      grams.add(hash, number, position)
      counted.add(position, position + field.size)
    })
    if (counted.words() === 0) return
    field.coverable = Math.max(counted.words(), Math.ceil(possible.words() / 2))
    fieldsOf[field.item]?.push(number)
  })
  const sizes = [...new Set(fields.map((field) => field.size))]

  const isSame = (hashes: Int32Array, at: number, { first, size: own }: Field, position: number): boolean => {
    for (let k = 0; k < own; k++) if (hashes[at + k] !== words[first + position + k]) return false
    return true
  }

  return (text) => {
    const list = wordsOf(text)
    const { ends, hashes, starts } = list
    const all = new Map<number, Found>()
    for (const own of sizes) {
      for (let at = 0; at + own <= list.count; at++) {
        grams.each(hashWords(hashes, at, at + own), (number, position) => {
          const field = fields[number] as Field
          if (field.size === own && isSame(hashes, at, field, position)) note(all, number, field, position, at)
        })
      }
    }
    let best: Overlap | undefined
    const met = new Set([...all.keys()].map((number) => (fields[number] as Field).item))
    for (const item of [...met].sort((a, b) => a - b)) {
      const own = fieldsOf[item] as ReadonlyArray<number>
      let sum = 0
      let contained = false
      let longest: Found | undefined
      for (const number of own) {
        const found = all.get(number)
        if (found === undefined) continue
        const { coverable } = fields[number] as Field
        sum += found.covered / coverable
        if (found.covered >= coverable) contained = true
        if (longest === undefined || found.end - found.start > longest.end - longest.start) longest = found
      }
      if (longest === undefined) continue
      const score = sum / own.length
      const isBetter = best === undefined || (contained === best.contained ? score > best.score : contained)
      if (isBetter)
        best = {
          source: (items[item] as EvaluationItem).source,
          score,
          contained,
          start: starts[longest.start] as number,
          end: ends[longest.end - 1] as number,
        }
    }
    return best
  }
}

/** Whether many items of a set share the words from a position on: one less than an n-gram has. */
const commonParts = (
  items: ReadonlyArray<EvaluationItem>,
  fields: ReadonlyArray<Field>,
  words: Int32Array,
): ((field: Field, position: number) => boolean) => {
  const sizes = new Map<number, number>()
  for (const { set } of items) sizes.set(set, (sizes.get(set) ?? 0) + 1)
  // Of each part in each set: the last item that has it, and how many have it.
  const spread = new Map<number, Map<number, { item: number; items: number }>>()
  const partAt = ({ first, size }: Field, position: number): number =>
    hashWords(words, first + position, first + position + size - 1)
  for (const field of fields) {
    const { set } = items[field.item] as EvaluationItem
    const known = spread.get(set) ?? new Map<number, { item: number; items: number }>()
    spread.set(set, known)
    for (let i = 0; i + field.size - 1 <= field.count; i++) {
      const seen = known.get(partAt(field, i))
      if (seen === undefined) known.set(partAt(field, i), { item: field.item, items: 1 })
      else if (seen.item !== field.item) {
        seen.item = field.item
        seen.items++
      }
    }
  }
  return (field, position) => {
    const { set } = items[field.item] as EvaluationItem
    const shared = spread.get(set)?.get(partAt(field, position))?.items ?? 0
    return shared > maxSharing(sizes.get(set) ?? 0)
  }
}

/** Notes that an n-gram of a field stands in the text. */
const note = (all: Map<number, Found>, number: number, field: Field, position: number, at: number): void => {
  let found = all.get(number)
  if (found === undefined) {
    found = { marks: new Uint8Array(field.count), covered: 0, position: -2, at: -2, from: 0, start: 0, end: 0 }
    all.set(number, found)
  }
  if (found.at !== at - 1 || found.position !== position - 1) found.from = at
  found.at = at
  found.position = position
  const end = at + field.size
  if (end - found.from > found.end - found.start) {
    found.start = found.from
    found.end = end
  }
  if (((found.marks[position] as number) & begun) !== 0) return
  for (let k = position; k < position + field.size; k++) {
    if (((found.marks[k] as number) & covered) === 0) found.covered++
    found.marks[k] = (found.marks[k] as number) | covered
  }
  found.marks[position] = (found.marks[position] as number) | begun
}

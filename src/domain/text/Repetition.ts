/**
 * How much a text repeats itself: the measures of Gopher's repetition rules (Rae et al., "Scaling Language Models:
 * Methods, Analysis & Insights from Training Gopher", 2021, appendix A1.1, table A1), and runs of one sentence or word.
 * Each takes a time that grows as the text does.
 */
import { isCode } from "./Code.ts"
import { eachWord } from "./Words.ts"

/** What a measure says of a text in which something repeats. */
interface Measured {
  readonly measure: string
  readonly score: number
  /** Of a share: from where on Gopher drops. Of a loop: the length that it has reached. */
  readonly limit: number
  /** A run of one sentence, word or character that is long enough: too much at any scale. */
  readonly loop?: true
  /** Offsets of what repeats, where it stands first. */
  readonly start: number
  readonly end: number
}

/** A measure that is above its limit. */
export interface Excess {
  readonly measure: string
  readonly score: number
  readonly threshold: number
  readonly start: number
  readonly end: number
}

/** A stretch of the text. */
interface Piece {
  readonly start: number
  readonly end: number
}

/** Shares from which on Gopher drops a document. */
const limits = { lines: 0.3, lineCharacters: 0.2, paragraphs: 0.3, paragraphCharacters: 0.2 }
const topLimits = new Map([
  [2, 0.2],
  [3, 0.18],
  [4, 0.16],
])
const duplicateLimits = new Map([
  [5, 0.15],
  [6, 0.14],
  [7, 0.13],
  [8, 0.12],
  [9, 0.11],
  [10, 0.1],
])

/**
 * What chats need beside Gopher: that rule was made for web pages. With fewer lines or paragraphs than these one repeat
 * is a large share. A sequence of words has to occur several times: without that the most common three words of *any*
 * sentence of eleven words are 22 % of it.
 */
const minLines = 6
const minParagraphs = 4
const minOccurrences = 3

/** A sentence this often in a row, or a word, is a loop; so is a character, but for rules such as `-----`. */
const sentenceRun = 5
const wordRun = 20
const characterRun = 50

const fence = /^[ \t]{0,8}(?:```|~~~)/
const listed = /^[ \t]{0,20}(?:[-*+•|>]|\d{1,4}[.):]|[a-zA-Z][.)])(?:[ \t]|$)|^[ \t]{0,8}[|>]/

/**
 * A text with what may repeat itself taken out: fenced code, tables, lists and block quotes become blanks, so that the
 * offsets stay true.
 */
export const proseOnly = (text: string): string => {
  let code = false
  let changed = false
  const lines = text.split("\n").map((line) => {
    const isFence = fence.test(line)
    const out = code || isFence || listed.test(line)
    if (isFence) code = !code
    if (out) changed = true
    return out ? " ".repeat(line.length) : line
  })
  return changed ? lines.join("\n") : text
}

const piecesOf = (text: string, gap: RegExp): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  const add = (from: number, to: number): void => {
    let [start, end] = [from, to]
    while (start < end && text.charCodeAt(start) <= 0x20) start++
    while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
    if (start < end) pieces.push({ start, end })
  }
  let at = 0
  for (const hit of text.matchAll(gap)) {
    add(at, hit.index)
    at = hit.index + hit[0].length
  }
  add(at, text.length)
  return pieces
}

/** Repeats among pieces: how many there are, their characters, and the first one. */
const repeatsOf = (text: string, pieces: ReadonlyArray<Piece>) => {
  const seen = new Map<string, number>()
  let count = 0
  let characters = 0
  let first: Piece | undefined
  for (const piece of pieces) {
    const key = text.slice(piece.start, piece.end)
    const before = seen.get(key) ?? 0
    seen.set(key, before + 1)
    if (before === 0) continue
    count++
    characters += key.length
    first ??= piece
  }
  return { count, characters, first }
}

const measureLines = function* (
  text: string,
  name: "line" | "paragraph",
  pieces: ReadonlyArray<Piece>,
  [countLimit, characterLimit]: readonly [number, number],
): Generator<Measured> {
  const { characters, count, first } = repeatsOf(text, pieces)
  if (first === undefined) return
  yield { measure: `${name}s`, score: count / pieces.length, limit: countLimit, ...first }
  const all = pieces.reduce((sum, { end, start }) => sum + end - start, 0)
  yield { measure: `${name}Characters`, score: characters / all, limit: characterLimit, ...first }
}

/** The words of a text: where each stands, and a number for each different one. */
interface Words {
  readonly starts: ReadonlyArray<number>
  readonly ends: ReadonlyArray<number>
  readonly names: Uint32Array
  /** Characters of all words. */
  readonly characters: number
}

const readWords = (text: string): Words => {
  const starts: Array<number> = []
  const ends: Array<number> = []
  const names: Array<number> = []
  const known = new Map<string, number>()
  let characters = 0
  eachWord(text, (start, end) => {
    starts.push(start)
    ends.push(end)
    characters += end - start
    const word = text.slice(start, end).toLowerCase()
    let name = known.get(word)
    if (name === undefined) known.set(word, (name = known.size))
    names.push(name)
  })
  return { starts, ends, names: Uint32Array.from(names), characters }
}

/**
 * Gives each different sequence of `n + 1` words a number, from those of `n` words: two sequences are the same where
 * their first `n` words and their last word are (Karp, Miller and Rosenberg, 1972). Exact, and no sequence is ever put
 * together as text.
 */
const lengthen = (names: Uint32Array, words: Uint32Array, n: number): Uint32Array => {
  const count = words.length - n
  const out = new Uint32Array(Math.max(0, count))
  const known = new Map<number, number>()
  const width = words.length + 1
  for (let i = 0; i < count; i++) {
    const key = (names[i] as number) * width + (words[i + n] as number)
    let name = known.get(key)
    if (name === undefined) known.set(key, (name = known.size))
    out[i] = name
  }
  return out
}

/**
 * Numbers for the sequences of `n` words that begin at each word, the same number for the same sequence. `words` holds
 * numbers of words, each below the count of all.
 */
export const nameSequences = (words: Uint32Array, n: number): Uint32Array => {
  let names = words
  for (let length = 1; length < n; length++) names = lengthen(names, words, length)
  return names
}

/** Characters of the words `from` to `to`, without what stands between them. */
const sumsOf = ({ ends, starts }: Words): Float64Array => {
  const sums = new Float64Array(starts.length + 1)
  for (let i = 0; i < starts.length; i++)
    sums[i + 1] = (sums[i] as number) + (ends[i] as number) - (starts[i] as number)
  return sums
}

/** The share of the text that the most common sequence takes, each word counted once. */
const topShare = (words: Words, sums: Float64Array, names: Uint32Array, n: number) => {
  const counts = new Uint32Array(names.length)
  let most = 0
  for (const name of names) {
    const count = ((counts[name] as number) += 1)
    if (count > (counts[most] as number)) most = name
  }
  if ((counts[most] ?? 0) < minOccurrences) return undefined
  let characters = 0
  let occurrences = 0
  let first = -1
  for (let i = 0; i < names.length; i++) {
    if (names[i] !== most) continue
    if (first < 0) first = i
    occurrences++
    characters += (sums[i + n] as number) - (sums[i] as number)
    i += n - 1
  }
  return occurrences >= minOccurrences ? { score: characters / words.characters, first } : undefined
}

/** The share of the text in sequences that stood there before; those that overlap count once. */
const duplicateShare = (words: Words, sums: Float64Array, names: Uint32Array, n: number) => {
  const seen = new Uint8Array(names.length)
  let characters = 0
  let first = -1
  for (let i = 0; i < names.length; ) {
    const name = names[i] as number
    if (seen[name] === 1) {
      if (first < 0) first = i
      characters += (sums[i + n] as number) - (sums[i] as number)
      i += n
    } else {
      seen[name] = 1
      i++
    }
  }
  return first >= 0 ? { score: characters / words.characters, first } : undefined
}

const measureWords = function* (text: string): Generator<Measured> {
  const words = readWords(text)
  // Where each character is a word, five of them are no phrase: such scripts are judged by lines and runs alone.
  if (words.starts.length === 0 || words.characters < 2 * words.starts.length) return
  const sums = sumsOf(words)
  let names = words.names
  for (let n = 2; n <= 10; n++) {
    names = lengthen(names, words.names, n - 1)
    if (names.length < 2) return
    const top = topLimits.get(n)
    const found = (top === undefined ? duplicateShare : topShare)(words, sums, names, n)
    if (found === undefined) continue
    yield {
      measure: top === undefined ? `duplicate${n}Words` : `top${n}Words`,
      score: found.score,
      limit: top ?? (duplicateLimits.get(n) as number),
      start: words.starts[found.first] as number,
      end: words.ends[found.first + n - 1] as number,
    }
  }
}

/** The longest run of equal pieces that reaches a limit. */
const runOf = (
  measure: string,
  limit: number,
  count: number,
  same: (a: number, b: number) => boolean,
  pieceAt: (index: number) => Piece,
): Measured | undefined => {
  let run = 1
  let best = 1
  let last = 0
  for (let i = 1; i < count; i++) {
    run = same(i - 1, i) ? run + 1 : 1
    if (run > best) {
      best = run
      last = i
    }
  }
  return best >= limit ? { measure, score: best, limit, loop: true, ...pieceAt(last) } : undefined
}

const longRun = new RegExp(`([^\\s\\-=*_.~#+])\\1{${characterRun - 1},}`, "u")

const findLoop = (text: string): Measured | undefined => {
  const characters = longRun.exec(text)
  if (characters !== null)
    return {
      measure: "characterRun",
      score: characters[0].length / (characters[1] as string).length,
      limit: characterRun,
      loop: true,
      start: characters.index,
      end: characters.index + characters[0].length,
    }
  const { ends, names, starts } = readWords(text)
  const words = runOf(
    "wordRun",
    wordRun,
    names.length,
    (a, b) => names[a] === names[b],
    (i) => ({ start: starts[i] as number, end: ends[i] as number }),
  )
  if (words !== undefined) return words
  const sentences = piecesOf(text, /[.!?…。！？]["”’»)*_]{0,3}(?=\s)|\n/g).filter(({ end, start }) => end - start >= 10)
  const keys = sentences.map(({ end, start }) => text.slice(start, end).toLowerCase())
  return runOf(
    "sentenceRun",
    sentenceRun,
    keys.length,
    (a, b) => keys[a] === keys[b],
    (i) => sentences[i] as Piece,
  )
}

/** What the measures say of a text, one after another, as far as they are asked for. */
const measuresOf = function* (text: string): Generator<Measured> {
  const prose = proseOnly(text)
  // Code and markup say the same again and again, and are right to.
  if (isCode(prose)) return
  const loop = findLoop(prose)
  if (loop !== undefined) yield loop
  const paragraphs = piecesOf(prose, /\n[ \t]*\n/g)
  if (paragraphs.length >= minParagraphs)
    yield* measureLines(prose, "paragraph", paragraphs, [limits.paragraphs, limits.paragraphCharacters])
  const lines = piecesOf(prose, /\n/g)
  if (lines.length >= minLines) yield* measureLines(prose, "line", lines, [limits.lines, limits.lineCharacters])
  yield* measureWords(prose)
}

/** How many times its limit a measure is. A loop is beyond any. */
const timesLimit = ({ limit, loop, score }: Measured): number =>
  loop === true ? Number.POSITIVE_INFINITY : score / limit

/**
 * The first measure that a text is above the limit of; `undefined` if it is above none. `scale` multiplies the shares of
 * Gopher: 2 lets twice the repetition pass.
 */
export const repetitionOf = (text: string, scale = 1): Excess | undefined => {
  for (const found of measuresOf(text)) {
    if (timesLimit(found) <= scale) continue
    const { end, limit, loop, measure, score, start } = found
    return { measure, score, threshold: loop === true ? limit : Math.min(1, limit * scale), start, end }
  }
  return undefined
}

/**
 * How much a text repeats itself: how many times its limit the measure is that is furthest above, or nearest below. 0
 * where nothing repeats; infinite for a loop.
 */
export const repetitionScore = (text: string): number => {
  let most = 0
  for (const found of measuresOf(text)) {
    most = Math.max(most, timesLimit(found))
    if (most === Number.POSITIVE_INFINITY) break
  }
  return most
}

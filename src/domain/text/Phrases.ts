/**
 * Finds fixed phrases in text in one pass, whatever the text and however many phrases: an Aho-Corasick automaton
 * (Aho and Corasick, 1975) with all transitions worked out beforehand, so that a character costs two array reads.
 *
 * Letter case, curly quotes and white space are folded one code unit at a time, inside the table that leads from a
 * character to its class. A text is never rewritten, so the offsets of a hit are true.
 */

/** A phrase found: the index into the list, and the offsets in UTF-16 units. */
export interface PhraseHit {
  readonly phrase: number
  readonly start: number
  readonly end: number
}

export interface PhraseMatcher {
  /** Calls `onHit` for each hit, by its end, the longest first; stops when it answers `true`. */
  readonly visit: (text: string, onHit: (phrase: number, start: number, end: number) => boolean) => void
  /** Calls `onHit` for each hit that begins at `at`, the shortest first; stops when it answers `true`. */
  readonly from: (text: string, at: number, onHit: (phrase: number, end: number) => boolean) => void
  /** The hit that ends first; of several that end there the longest. */
  readonly first: (text: string) => PhraseHit | undefined
  /** All hits, also those that overlap. */
  readonly all: (text: string) => ReadonlyArray<PhraseHit>
}

export interface PhraseOptions {
  /** Tells letter case apart. Default: false. */
  readonly caseSensitive?: boolean
  /** A phrase stands for itself, not for a part of a longer word. Default: true. */
  readonly wholeWords?: boolean
}

const units = 0x10000
const space = 0x20

/** Characters that stand for another one, besides letter case and white space. */
const same: ReadonlyArray<readonly [as: string, of: string]> = [
  ["'", "‘’‚‛′`´ʼ＇"],
  ['"', "“”„‟″＂"],
  ["-", "‐‑"],
]

const makeFold = (caseSensitive: boolean): Uint16Array => {
  const fold = new Uint16Array(units)
  for (let unit = 0; unit < units; unit++) {
    fold[unit] = unit
    const character = String.fromCharCode(unit)
    if (/[\s\u0085]/.test(character)) fold[unit] = space
    else if (!caseSensitive) {
      // A letter whose lower case takes two units stays as it is: offsets count one unit for each.
      const lower = character.toLowerCase()
      if (lower.length === 1) fold[unit] = lower.charCodeAt(0)
    }
  }
  // The form of sigma at the end of a word has the same upper case as the other one.
  if (!caseSensitive) fold[0x3c2] = 0x3c3
  for (const [as, of] of same) for (const character of of) fold[character.charCodeAt(0)] = as.charCodeAt(0)
  return fold
}

const folds: { sensitive?: Uint16Array; insensitive?: Uint16Array } = {}

const foldTable = (caseSensitive: boolean): Uint16Array =>
  caseSensitive ? (folds.sensitive ??= makeFold(true)) : (folds.insensitive ??= makeFold(false))

/** The code units that a phrase is matched by: folded, runs of white space as one blank, none at the ends. */
const foldUnits = (phrase: string, fold: Uint16Array): Array<number> => {
  const out: Array<number> = []
  for (let i = 0; i < phrase.length; i++) {
    const unit = fold[phrase.charCodeAt(i)] as number
    if (unit !== space || (out.length > 0 && out[out.length - 1] !== space)) out.push(unit)
  }
  if (out[out.length - 1] === space) out.pop()
  return out
}

const spell = (folded: ReadonlyArray<number>): string => {
  let out = ""
  for (const unit of folded) out += String.fromCharCode(unit)
  return out
}

/** The form in which two spellings of a phrase are the same for a matcher that ignores letter case. */
export const foldPhrase = (phrase: string): string => spell(foldUnits(phrase, foldTable(false)))

const alternatives = /\(([^()]*)\)/

/**
 * The phrases that a line of a list stands for: `i (can't|cannot) (help|) with` is four. An alternative may be empty;
 * blanks are made single. Parentheses inside others are not known.
 */
export const expandPhrase = (line: string): ReadonlyArray<string> => {
  const group = alternatives.exec(line)
  if (group === null) return [line.replace(/\s+/g, " ").trim()]
  const before = line.slice(0, group.index)
  const after = line.slice(group.index + group[0].length)
  return (group[1] as string).split("|").flatMap((choice) => expandPhrase(`${before}${choice}${after}`))
}

/**
 * Letters, the marks on them, and digits make words. The underscore does not: in chats it is emphasis. Neither do
 * variation selectors: they follow emoji. An apostrophe does not, although Unicode counts one form of it (U+02BC) among
 * the letters.
 */
const wordCharacter = /[\p{L}\p{M}\p{N}]/u
const isSelector = (code: number): boolean => code >= 0xfe00 && code <= 0xfe0f
const isQuote = (unit: number): boolean => unit === 0x2bc

let words: Uint8Array | undefined

const makeWords = (): Uint8Array => {
  const table = new Uint8Array(units)
  for (let unit = 0; unit < units; unit++)
    if (wordCharacter.test(String.fromCharCode(unit)) && !isSelector(unit) && !isQuote(unit)) table[unit] = 1
  return table
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000

/** Whether the character that begins at `at` is part of a word. */
const wordAt = (table: Uint8Array, text: string, at: number): boolean => {
  if (at >= text.length) return false
  const unit = text.charCodeAt(at)
  if (!isHigh(unit)) return table[unit] === 1
  const code = text.codePointAt(at) as number
  return code > 0xffff && wordCharacter.test(String.fromCodePoint(code)) && !(code >= 0xe0100 && code <= 0xe01ef)
}

/** Whether the character that ends at `at` is part of a word. */
const wordBefore = (table: Uint8Array, text: string, at: number): boolean => {
  if (at <= 0) return false
  const low = isLow(text.charCodeAt(at - 1)) && at > 1 && isHigh(text.charCodeAt(at - 2))
  return wordAt(table, text, low ? at - 2 : at - 1)
}

/**
 * Compiles phrases. Blank ones never match; of two that fold to the same the first one is reported.
 *
 * The automaton takes (different beginnings of phrases) x (distinct characters + 1) x 4 bytes; 150 phrases are about
 * 150 KB. A hit is a whole word at either end where the phrase has a word character there. White space inside a phrase
 * matches any run of white space, line breaks too.
 */
export const compilePhrases = (phrases: ReadonlyArray<string>, options: PhraseOptions = {}): PhraseMatcher => {
  const { caseSensitive = false, wholeWords = true } = options
  const fold = foldTable(caseSensitive)
  const table = (words ??= makeWords())
  const folded = phrases.map((phrase) => foldUnits(phrase, fold))

  // Class 0 is every character that no phrase holds.
  const classOf = new Map<number, number>()
  for (const phrase of folded) for (const unit of phrase) if (!classOf.has(unit)) classOf.set(unit, classOf.size + 1)
  const width = classOf.size + 1
  // One type of array for all matchers: code that meets several is slower for every one of them.
  const classes = new Uint16Array(units)
  for (let unit = 0; unit < units; unit++) classes[unit] = classOf.get(fold[unit] as number) ?? 0
  const spaceClass = classOf.get(space) ?? 0

  // Phrases that begin alike share states: how many there are shows only once the tree is there.
  const limit = folded.reduce((sum, phrase) => sum + phrase.length, 1)
  const ends = new Int32Array(limit).fill(-1)
  let tree = new Uint32Array(Math.min(limit, 1024) * width)
  let states = 1
  folded.forEach((phrase, index) => {
    if (phrase.length === 0) return
    let state = 0
    for (const unit of phrase) {
      const edge = state * width + (classOf.get(unit) as number)
      if (tree[edge] === 0) {
        tree[edge] = states++
        if (states * width > tree.length) {
          const larger = new Uint32Array(tree.length * 2)
          larger.set(tree)
          tree = larger
        }
      }
      state = tree[edge] as number
    }
    if (ends[state] === -1) ends[state] = index
  })
  const next = tree.slice(0, states * width)

  // What leads down the tree; every other transition leads back towards the root.
  const depths = new Uint16Array(states)
  // Breadth first: a missing transition is that of the longest proper suffix, which is complete by then. `shorter` leads
  // to the longest suffix that is a phrase.
  const suffix = new Uint32Array(states)
  const shorter = new Uint32Array(states)
  const queue = new Uint32Array(states)
  let filled = 0
  for (let c = 1; c < width; c++)
    if (next[c] !== 0) {
      depths[next[c] as number] = 1
      queue[filled++] = next[c] as number
    }
  for (let at = 0; at < filled; at++) {
    const state = queue[at] as number
    const back = suffix[state] as number
    shorter[state] = ends[back] === -1 ? (shorter[back] as number) : back
    for (let c = 1; c < width; c++) {
      const edge = state * width + c
      const to = next[edge] as number
      const other = next[back * width + c] as number
      if (to === 0) next[edge] = other
      else {
        depths[to] = (depths[state] as number) + 1
        suffix[to] = other
        queue[filled++] = to
      }
    }
  }
  // After one blank of a phrase any further ones change nothing.
  if (spaceClass !== 0)
    for (let state = 0; state < states; state++) {
      const to = next[state * width + spaceClass] as number
      if (to !== 0) next[to * width + spaceClass] = to
    }
  const firstHit = new Uint32Array(states)
  for (let state = 1; state < states; state++) firstHit[state] = ends[state] === -1 ? (shorter[state] as number) : state
  // What is read for each character: where the row of the next state begins, and in the last bit whether that state has
  // a hit. One read a character, and no multiplication.
  const rows = next.map((state) => state * width * 2 + (firstHit[state] === 0 ? 0 : 1))

  const spellings = folded.map(spell)
  const wordAtStart = spellings.map((phrase) => wholeWords && wordAt(table, phrase, 0))
  const wordAtEnd = spellings.map((phrase) => wholeWords && wordBefore(table, phrase, phrase.length))

  /** Where the phrase begins whose last character stands at `last`. */
  const startOf = (text: string, last: number, length: number): number => {
    let at = last + 1
    for (let left = length; left > 0; left--) {
      at--
      if (classes[text.charCodeAt(at)] === spaceClass && spaceClass !== 0)
        while (at > 0 && classes[text.charCodeAt(at - 1)] === spaceClass) at--
    }
    return at
  }

  const visit: PhraseMatcher["visit"] = (text, onHit) => {
    let row = 0
    for (let i = 0; i < text.length; i++) {
      row = rows[(row >>> 1) + (classes[text.charCodeAt(i)] as number)] as number
      if ((row & 1) === 0) continue
      let hit = firstHit[(row >>> 1) / width] as number
      const inside = wholeWords && wordAt(table, text, i + 1)
      for (; hit !== 0; hit = shorter[hit] as number) {
        const phrase = ends[hit] as number
        if (inside && wordAtEnd[phrase] === true) continue
        const start = startOf(text, i, (folded[phrase] as Array<number>).length)
        if (wordAtStart[phrase] === true && wordBefore(table, text, start)) continue
        if (onHit(phrase, start, i + 1)) return
      }
    }
  }

  const from: PhraseMatcher["from"] = (text, at, onHit) => {
    let row = 0
    let inSpace = false
    for (let i = at, depth = 0; i < text.length; i++) {
      const kind = classes[text.charCodeAt(i)] as number
      if (kind === 0) return
      if (kind === spaceClass) {
        if (inSpace) continue
        inSpace = true
      } else inSpace = false
      row = rows[(row >>> 1) + kind] as number
      const state = (row >>> 1) / width
      if (depths[state] !== ++depth) return
      const phrase = ends[state] as number
      if (phrase < 0 || (wordAtEnd[phrase] === true && wordAt(table, text, i + 1))) continue
      if (onHit(phrase, i + 1)) return
    }
  }

  return {
    visit,
    from,
    first: (text) => {
      let found: PhraseHit | undefined
      visit(text, (phrase, start, end) => {
        found = { phrase, start, end }
        return true
      })
      return found
    },
    all: (text) => {
      const hits: Array<PhraseHit> = []
      visit(text, (phrase, start, end) => {
        hits.push({ phrase, start, end })
        return false
      })
      return hits
    },
  }
}

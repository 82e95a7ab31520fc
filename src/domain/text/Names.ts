/** Names and their placeholders, both ways. */
import { type Cut, replaceAt } from "./Cuts.ts"

/** Puts known names in place of `{{char}}` and `{{user}}`; what is unknown stays. */
export const replaceNames = (
  text: string,
  names: { readonly char?: string | undefined; readonly user?: string | undefined },
): string =>
  text.includes("{{")
    ? text.replace(
        /\{\{(char|user)\}\}/gi,
        (found: string, name: string) => names[name.toLowerCase() as "char" | "user"] ?? found,
      )
    : text

/** The text as a pattern of a regular expression with the `u` flag, which forbids needless escapes. */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, (c) => `\\${c}`)

/** A name that was found, and which of those that are looked for. */
export interface NameHit extends Cut {
  readonly name: number
}

/**
 * Compiles a finder of whole names, whatever their case. A name's edge needs a word boundary only where the name itself
 * begins or ends with a word character. Longer names win; one pass over the text. Of two that are the same in lower case
 * the first is found; blank ones never are.
 */
export const compileNameFinder = (names: ReadonlyArray<string>): ((text: string) => ReadonlyArray<NameHit>) => {
  const byName = new Map<string, number>()
  names.forEach((name, i) => {
    const key = name.trim().toLowerCase()
    if (key !== "" && !byName.has(key)) byName.set(key, i)
  })
  if (byName.size === 0) return () => none
  const sorted = [...byName.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const known = sorted.map((name) => ({
    key: plainSigma(name),
    name: byName.get(name) as number,
    first: wordFirst.test(name),
    last: wordLast.test(name),
  }))
  let pattern: RegExp | undefined
  return (text) => {
    const lower = plainSigma(text.toLowerCase())
    // Lower case is as long but for a letter or two (U+0130): then the places would not fit.
    if (lower.length !== text.length) return findBy((pattern ??= patternOf(sorted)), text, byName)
    let hits: Array<NameHit> | undefined
    for (const { first, key, last, name } of known)
      for (let from = lower.indexOf(key); from >= 0; ) {
        const to = from + key.length
        if ((first && isWordBefore(text, from)) || (last && isWordAt(text, to))) from = lower.indexOf(key, from + 1)
        else {
          hits ??= []
          hits.push({ from, to, name })
          from = lower.indexOf(key, to)
        }
      }
    return hits === undefined ? none : leftmost(hits)
  }
}

const none: ReadonlyArray<NameHit> = []
const wordFirst = /^[\p{L}\p{N}_]/u
const wordLast = /[\p{L}\p{N}_]$/u

/** The character before a place, perhaps with half of the one before that. */
const before = (text: string, at: number): string => text.slice(Math.max(0, at - 2), at)

const isAsciiWord = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95

/** Whether a character of a word stands before a place, or behind it. Most are plain. */
const isWordBefore = (text: string, at: number): boolean => {
  const code = at === 0 ? 32 : text.charCodeAt(at - 1)
  return code < 128 ? isAsciiWord(code) : wordLast.test(before(text, at))
}
const isWordAt = (text: string, at: number): boolean => {
  const code = at < text.length ? text.charCodeAt(at) : 32
  return code < 128 ? isAsciiWord(code) : wordFirst.test(text.slice(at, at + 2))
}

/** The small sigma at the end of a word is the same letter. */
const plainSigma = (text: string): string => (text.includes("ς") ? text.replaceAll("ς", "σ") : text)

/** Of hits that overlap, the one that begins first, and the longest of those. */
const leftmost = (hits: Array<NameHit>): ReadonlyArray<NameHit> => {
  if (hits.length === 1) return hits
  hits.sort((a, b) => a.from - b.from || b.to - a.to)
  let end = 0
  return hits.filter(({ from, to }) => {
    if (from < end) return false
    end = to
    return true
  })
}

const patternOf = (names: ReadonlyArray<string>): RegExp =>
  new RegExp(
    names.map((name) => escapeRegExp(name) + (wordLast.test(name) ? "(?![\\p{L}\\p{N}_])" : "")).join("|"),
    "giu",
  )

/** The same by a pattern, which folds each letter where it stands. */
const findBy = (pattern: RegExp, text: string, byName: ReadonlyMap<string, number>): ReadonlyArray<NameHit> => {
  const hits: Array<NameHit> = []
  pattern.lastIndex = 0
  // The boundary before a name is checked here: a look-behind would be tried at every place of the text.
  for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
    const { 0: found, index } = hit
    if (wordFirst.test(found) && wordLast.test(before(text, index))) {
      pattern.lastIndex = index + String.fromCodePoint(found.codePointAt(0) as number).length
      continue
    }
    const name = byName.get(found.toLowerCase())
    if (name !== undefined) hits.push({ from: index, to: index + found.length, name })
  }
  return hits
}

/** Compiles a replacer of whole names, as {@link compileNameFinder} finds them. What is put in is not looked at again. */
export const compileNameReplacer = (
  names: ReadonlyArray<readonly [name: string, replacement: string]>,
): ((text: string) => string) => {
  const find = compileNameFinder(names.map(([name]) => name))
  return (text) => replaceAt(text, find(text), ({ name }) => (names[name] as readonly [string, string])[1])
}

/** Removes `@name` mentions. */
import { leaveOut, opensAt, withEmptyPairs } from "./Cuts.ts"

/** A word behind the sign. */
const anyName = /@[\p{L}\p{N}_]{1,64}/uy

/** More words, each after a hyphen, and a possessive. */
const rest = /(?:-[\p{L}\p{N}_]{1,64}){0,8}(?:['’][sS](?![\p{L}\p{N}_]))?/uy

const wordFirst = /^[\p{L}\p{N}_]/u
const wordLast = /[\p{L}\p{N}_]$/u

/** What may stand between the members of a list of mentions. */
const between = /^[ \t]?(?:[,&+/]|and)?[ \t]?$/

/** What an address or a second sign has before its `@`. */
const inWord = /[\p{L}\p{N}_@.]$/u

/** Punctuation that set off a mention at the beginning of a line; a face stays. */
const afterAddress = /[,:;!?]{1,8}(?=[\s\p{L}\p{N}]|$)|\s[-–—](?=\s)/uy

/**
 * Compiles the removal of mentions: of the given names, whatever they are made of, and of any other word. A mention
 * follows no word character (`a@b.com` is an address); a possessive goes with it, as do the brackets and quotes that
 * held nothing else, one of the blanks around it, the comma or colon of an address at the beginning of a line, and what
 * joined it to the mention before.
 */
export const compileMentionRemover = (names: ReadonlyArray<string>): ((text: string) => string) => {
  // Compared as they are: a pattern of its own for the names of every record would cost more than all the rest.
  const known = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))]
    .sort((a, b) => b.length - a.length)
    .map((name) => ({
      length: name.length,
      lower: name.toLowerCase(),
      upper: name.toUpperCase(),
      word: wordLast.test(name),
    }))

  /** Where the mention ends whose sign stands at `at`, or `at`. */
  const endOf = (text: string, at: number): number => {
    let end = at
    for (const { length, lower, upper, word } of known) {
      const to = at + 1 + length
      const found = text.slice(at + 1, to)
      if (found.toLowerCase() !== lower && found.toUpperCase() !== upper) continue
      if (word && wordFirst.test(text.slice(to, to + 2))) continue
      end = to
      break
    }
    if (end === at) {
      anyName.lastIndex = at
      if (anyName.exec(text) === null) return at
      end = anyName.lastIndex
    }
    rest.lastIndex = end
    rest.exec(text)
    return Math.max(end, rest.lastIndex)
  }

  return (text) => {
    if (!text.includes("@")) return text
    const found: Array<{ from: number; to: number }> = []
    for (let index = text.indexOf("@"); index >= 0; ) {
      const to = inWord.test(text.slice(Math.max(0, index - 2), index)) ? index : endOf(text, index)
      if (to === index) {
        index = text.indexOf("@", index + 1)
        continue
      }
      const last = found[found.length - 1]
      if (last !== undefined && between.test(text.slice(last.to, Math.min(index, last.to + 6)))) last.to = to
      else found.push({ from: index, to })
      index = text.indexOf("@", to)
    }
    const cuts = withEmptyPairs(text, found).map(({ from, to }) => {
      if (/[^\S\n]/.test(text[from - 1] ?? "") || !opensAt(text, from - 1)) return { from, to }
      afterAddress.lastIndex = to
      return { from, to: to + (afterAddress.exec(text)?.[0].length ?? 0) }
    })
    return leaveOut(text, cuts).trim()
  }
}

/** Removes all mentions that are one word. */
export const removeMentions = compileMentionRemover([])

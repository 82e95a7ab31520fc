/** Removes `@name` mentions. */
import { leaveOut, opensAt, withEmptyPairs } from "./Cuts.ts"
import { escapeRegExp } from "./Names.ts"

const wordEnd = String.raw`(?![\p{L}\p{N}_])`

/** A word; more of them may follow, each after a hyphen. */
const anyName = String.raw`[\p{L}\p{N}_]{1,64}`
const moreName = String.raw`(?:-${anyName}){0,8}`

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
  const known = names
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .sort((a, b) => b.length - a.length)
    .map((name) => escapeRegExp(name) + (/[\p{L}\p{N}_]$/u.test(name) ? wordEnd : ""))
  const mention = new RegExp(
    String.raw`@(?:${[...known, anyName].join("|")})${moreName}(?:['’]s${wordEnd})?`,
    known.length === 0 ? "uy" : "iuy",
  )
  return (text) => {
    if (!text.includes("@")) return text
    const found: Array<{ from: number; to: number }> = []
    for (let index = text.indexOf("@"); index >= 0; ) {
      mention.lastIndex = index
      const whole = inWord.test(text.slice(Math.max(0, index - 2), index)) ? undefined : mention.exec(text)?.[0]
      if (whole === undefined) {
        index = text.indexOf("@", index + 1)
        continue
      }
      const last = found[found.length - 1]
      const to = index + whole.length
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

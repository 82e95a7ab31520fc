/** Parts to leave out of a text, without debris around them. Linear in the length of the text. */

export interface Cut {
  readonly from: number
  readonly to: number
}

const closers: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["<", ">"],
  ["“", "”"],
  ["„", "“"],
  ["‘", "’"],
  ["«", "»"],
])

/** Marks that open and close alike: only without blanks inside is it known which of the two one is. */
const alike: ReadonlySet<string> = new Set(['"', "'", "`", "*", "_", "~"])

/** Whether something begins behind the character at `at`: a line, a word, or what a bracket or a mark opens. */
export const opensAt = (text: string, at: number): boolean => {
  // Marks stand in runs: what is before them tells whether they open.
  for (let i = at; i > at - 4; i--) {
    const char = text[i]
    if (char === undefined || /\s/.test(char) || closers.has(char)) return true
    if (!alike.has(char)) return false
  }
  return false
}

/** What stands directly behind a word, without a blank. */
const tight = /[^\S ]|[.,;:!?…)\]}>”’»]/

/** Whether something ends before `at`: a line, a word, or what a bracket or a mark closes. */
const closesAt = (text: string, at: number): boolean => {
  for (let i = at; i < at + 4; i++) {
    const char = text[i]
    if (char === undefined || tight.test(char)) return true
    if (!alike.has(char)) return i > at && char === " "
  }
  return false
}

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t"

/**
 * Joins cuts that overlap or have only blanks between them, and widens each over the brackets and quotes that would be
 * left empty. The cuts come in order.
 */
export const withEmptyPairs = (text: string, cuts: ReadonlyArray<Cut>): ReadonlyArray<Cut> => {
  const joined: Array<{ from: number; to: number }> = []
  for (const { from, to } of cuts) {
    const last = joined[joined.length - 1]
    let between = last?.to ?? from
    while (between < from && isBlank(text[between])) between++
    if (last !== undefined && between >= from) last.to = Math.max(last.to, to)
    else joined.push({ from, to })
  }
  let least = 0
  for (const cut of joined) {
    for (;;) {
      let start = cut.from
      let end = cut.to
      while (start > least && isBlank(text[start - 1])) start--
      while (isBlank(text[end])) end++
      if (start === least) break
      const open = text[start - 1] as string
      const close = closers.get(open) ?? (alike.has(open) && start === cut.from && end === cut.to ? open : undefined)
      if (close === undefined || text[end] !== close) break
      cut.from = start - 1
      cut.to = end + 1
    }
    least = cut.to
  }
  return joined
}

/** The text without the cuts, which are apart and in order. Of the blanks around one, only one side's stay. */
export const leaveOut = (text: string, cuts: ReadonlyArray<Cut>): string => {
  const parts: Array<string> = []
  let from = 0
  let last: string | undefined
  let opens = true
  for (const cut of cuts) {
    if (cut.from > from) {
      parts.push(text.slice(from, cut.from))
      last = text[cut.from - 1]
      opens = opensAt(text, cut.from - 1)
    }
    from = cut.to
    if (opens && text[from] === " ") from++
    else if (last === " " && closesAt(text, from)) {
      last = dropBlanks(parts)
      opens = last === undefined || last === "\n"
    }
  }
  parts.push(text.slice(from))
  return parts.join("")
}

/** Takes the blanks from the end of what was written; answers the character that is then the last. */
const dropBlanks = (parts: Array<string>): string | undefined => {
  for (;;) {
    const part = parts.pop()
    if (part === undefined) return undefined
    let end = part.length
    while (end > 0 && part[end - 1] === " ") end--
    if (end === 0) continue
    parts.push(part.slice(0, end))
    return part[end - 1]
  }
}

/** The text with something else in the places, which are apart and in order. */
export const replaceAt = <A extends Cut>(text: string, places: ReadonlyArray<A>, by: (place: A) => string): string => {
  if (places.length === 0) return text
  const parts: Array<string> = []
  let last = 0
  for (const place of places) {
    parts.push(text.slice(last, place.from), by(place))
    last = place.to
  }
  parts.push(text.slice(last))
  return parts.join("")
}

/** Out-of-character remarks. */
import { type Cut, leaveOut } from "./Cuts.ts"

interface Open {
  readonly at: number
  readonly close: ")" | "]"
  readonly double: boolean
  readonly marked: boolean
  /** How many closers would balance the opener, were it no remark. */
  owed: number
  /** The last closer that did not end the remark, and its line. */
  stray?: number
  strayLine?: number
}

interface Found extends Cut {
  /** Where the mark of an `OOC:` stands that goes to the end of its line. */
  readonly mark?: number
}

/** Whether the bracket at `at` is the mouth of a face (`:)`, `;-)`). */
const hasEyes = (text: string, at: number): boolean => /[:;=][-'^o]?$/.test(text.slice(Math.max(0, at - 2), at))

/** Where a sad face at `at` ends, if it is one: something else must follow, as `x=(a` is none. */
const sadFace = (text: string, at: number): number | undefined => {
  if (!hasEyes(text, at)) return undefined
  let end = at
  while (end - at < 4 && text[end] === text[at]) end++
  return /[^\s)\]]/.test(text[end] ?? " ") ? undefined : end
}

const marks = /^[([]{1,2}\s?o\.?o\.?c\b/i

/** A remark without brackets, or in some that are never closed. */
const markedLine = /([([]{0,3} ?)(?<![\p{L}\p{N}_])o\.?o\.?c\.? ?:[^\n]*/giu

/**
 * The remarks in brackets. A stray closer inside a remark (`((lol :) ok))`, `((OOC: a) b))`) does not end it; but a
 * double opener whose two brackets are closed one by one, as in `f((a+b)*c)`, is none. One pass with a stack: linear.
 */
const bracketed = (text: string): Array<Found> => {
  const cuts: Array<Found> = []
  const stack: Array<Open> = []
  const cut = (from: number, to: number): void => void cuts.push({ from, to })
  /** Takes the innermost opener as it is: what is marked ends at its last stray closer. */
  const giveUp = (): void => {
    const { at, marked, stray } = stack.pop() as Open
    if (marked && stray !== undefined) cut(at, stray + 1)
  }
  let line = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "\n") line++
    else if (char === "(" || char === "[") {
      const sad = sadFace(text, at)
      if (sad !== undefined) {
        at = sad - 1
        continue
      }
      const double = text[at + 1] === char
      const marked = marks.test(text.slice(at, at + 10))
      stack.push({ at, close: char === "(" ? ")" : "]", double, marked, owed: double ? 2 : 1 })
      if (double) at++
      // Deep nesting is no remark but an attack on the stack's memory.
      if (stack.length > 10_000) return []
    } else if (char === ")" || char === "]") {
      for (;;) {
        const open = stack[stack.length - 1]
        if (open === undefined || open.close !== char) break
        const run = text[at + 1] === char
        /** Another opener waits for the closers that this one does not need. */
        const below = stack[stack.length - 2]?.close === char
        const late = open.strayLine !== undefined && open.strayLine !== line
        const face = hasEyes(text, at)
        const ends = open.double
          ? run && (open.owed === 2 || (!below && !(late && (face || (open.owed === 0 && !open.marked)))))
          : !late && !(open.marked && face && !(run && below))
        if (ends) {
          stack.pop()
          if (open.double) at++
          if (!open.double && !open.marked) break
          // A run of closers is longer than the opener's, and nobody waits for the rest.
          while (text[at + 1] === char && stack[stack.length - 1]?.close !== char) at++
          cut(open.at, at + 1)
          break
        }
        if (open.double ? open.owed === 0 && (below || (late && !open.marked)) : late) {
          giveUp()
          continue
        }
        if (!face && open.owed > 0) open.owed--
        if (!face || !open.double) {
          open.stray = at
          open.strayLine = line
        }
        break
      }
    }
  }
  while (stack.length > 0) giveUp()
  return cuts
}

/**
 * Removes `((..))` and `[[..]]` (balanced, also over several lines), `(OOC: ..)` and `[OOC: ..]`, and `OOC: ..` to the end
 * of its line. What is never closed stays.
 */
export const removeOoc = (text: string): string => {
  if (!/\(\(|\[\[|ooc|o\.o\.?c/i.test(text)) return text
  const found = bracketed(text)
  for (const { 0: whole, 1: brackets, index } of text.matchAll(markedLine))
    found.push({ from: index, to: index + whole.length, mark: index + (brackets as string).length })
  if (found.length === 0) return text
  found.sort((a, b) => (a.mark ?? a.from) - (b.mark ?? b.from) || b.to - a.to)
  const cuts: Array<{ from: number; to: number }> = []
  for (const { from, mark, to } of found) {
    const last = cuts[cuts.length - 1]
    if (last === undefined || (mark ?? from) >= last.to) cuts.push({ from: Math.max(from, last?.to ?? 0), to })
    // A mark in brackets goes with them, not with its line.
    else if (mark === undefined) last.to = Math.max(last.to, to)
  }
  return leaveOut(text, cuts).trim()
}

/** Whether the whole text is one `[..]` remark. */
export const isBracketedRemark = (text: string): boolean => {
  const trimmed = text.trim()
  if (!trimmed.startsWith("[") || !trimmed.endsWith("]") || trimmed.length < 2) return false
  let depth = 0
  for (let i = 0; i < trimmed.length; i++) {
    if (trimmed[i] === "[") depth++
    else if (trimmed[i] === "]" && --depth === 0 && i < trimmed.length - 1) return false
  }
  return depth === 0
}

/** Whether the whole text is one parenthesis, perhaps with a full stop. */
export const isParenthesised = (text: string): boolean => /^\([^)]*\)\.?$/.test(text.trim())

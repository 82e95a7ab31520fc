import type { FilterDefinition } from "../../domain/Component.ts"
import { type HitRule, phraseFilter } from "./PhraseLists.ts"

const marks = /["“”„«»\n*]/g
const letter = /\p{L}/u
const closing = /["“”»\n]/g

/**
 * Leaves out what is only quoted: a hit between double quotes that a narrator stands beside, as in `"I can't help with
 * that," said the robot` or `To refuse, say "I can't help with that"`. Quotes around a whole reply, or with nothing but
 * actions in asterisks beside them, are how characters speak; those count. Goes through a text once, hit by hit.
 */
const notQuoted: HitRule = (text) => {
  let at = 0
  /** Where the next mark is, if it has been looked for. */
  let next = -1
  /** The mark that opened the quote. */
  let opened = ""
  let acting = false
  let narrated = false
  let closed = -1

  const pass = (to: number): void => {
    if (!narrated && opened === "" && !acting && letter.test(text.slice(at, to))) narrated = true
    at = to
  }
  const advance = (to: number): void => {
    for (;;) {
      if (next < at) {
        marks.lastIndex = at
        next = marks.exec(text)?.index ?? text.length
      }
      if (next >= to) break
      pass(next)
      at++
      const mark = text[next] as string
      if (mark === "\n") {
        opened = ""
        acting = false
      } else if (mark === "*") acting = !acting
      else if (mark === '"' || (mark === "“" && opened === "„")) opened = opened === "" ? mark : ""
      else opened = "“„«".includes(mark) ? mark : ""
    }
    pass(to)
  }
  /** Whether a narrator ends the sentence of the quote: `," says she`, `?" asks he`. */
  const narratedAfter = (end: number): boolean => {
    if (closed < end) {
      closing.lastIndex = end
      closed = closing.exec(text)?.index ?? text.length
    }
    return /^["“”»],?[ \t]{0,8}\p{Ll}/u.test(text.slice(closed, closed + 10))
  }
  return (start, end) => {
    advance(start)
    return !(opened !== "" && (narrated || narratedAfter(end)))
  }
}

/**
 * Drops episodes in which a reply refuses or speaks of itself as a machine, by what it says of itself and how it begins;
 * the phrases are in `assets/phrases/refusal.txt`. Some are enough by themselves (`i can't assist with that`); those that
 * people use as well count only together with an apology at the beginning or with what such replies object to. What is
 * only quoted does not count.
 */
export const RefusalFilter: FilterDefinition = phraseFilter({
  name: "RefusalFilter",
  description: "Drops episodes in which the model refuses or speaks of itself as a machine",
  reason: "refusal",
  meaning: "the phrases of one reply weigh enough",
  sources: [{ name: "refusal", file: "phrases/refusal.txt" }],
  categories: ["machine", "refuses", "rules", "moralises", "unwilling", "apology", "subject"],
  per: "turn",
  hitRule: notQuoted,
})

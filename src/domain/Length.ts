/**
 * Keeps examples under the token limit. An example is a system turn (if there is one) and a stretch of the conversation
 * that ends with a model turn that is trained; nothing is cut inside a turn.
 */
import { isTrained, type Turn } from "./Conversation.ts"

export type LengthMode = "fit" | "windows" | "turns" | "drop"

/** A stretch of turns: `system` says whether the system turn stands before it. */
export interface Span {
  /** Index of the first and one past the last turn, in the episode's turns. */
  readonly from: number
  readonly to: number
  readonly tokens: number
}

export interface Fitted {
  readonly spans: ReadonlyArray<Span>
  /** Turns that no span holds, and why; a turn is a range of the episode's turns. */
  readonly cut: ReadonlyArray<{
    readonly from: number
    readonly to: number
    readonly reason: "pastLimit" | "tooLarge" | "unanswered" | "notTrained"
  }>
}

/**
 * Longest prefix, by tokens, that ends with a model turn that is trained and has a user turn: a row may train its last
 * turn whatever its weight was. `counts` holds the tokens of each turn. The sum is plain: each turn is counted once.
 */
const longest = (
  turns: ReadonlyArray<Turn>,
  counts: ReadonlyArray<number>,
  start: number,
  budget: number,
): { to: number; tokens: number } | undefined => {
  let total = 0
  let seenUser = false
  let best: { to: number; tokens: number } | undefined
  for (let i = start; i < turns.length; i++) {
    total += counts[i] as number
    if (total > budget) break
    const turn = turns[i] as Turn
    if (turn.kind === "user") seenUser = true
    else if (turn.kind === "model" && seenUser && isTrained(turn)) best = { to: i + 1, tokens: total }
  }
  return best
}

/**
 * Splits an episode by the limit.
 *
 * - `fit`: one span, the longest prefix within the limit.
 * - `drop`: the whole or nothing.
 * - `windows`: disjoint spans, each with the system turn repeated; a pair of turns that alone is over the limit is left
 *   out, named in `cut`, and the next window begins after it.
 * - `turns`: a span for each turn that is trained, which ends with it and holds as much of what came before as fits.
 */
export const fitLength = (
  turns: ReadonlyArray<Turn>,
  counts: ReadonlyArray<number>,
  limit: number,
  mode: LengthMode,
): Fitted => {
  const start = turns[0]?.kind === "system" ? 1 : 0
  const fixed = start === 1 ? (counts[0] as number) : 0
  let total = 0
  for (const count of counts) total += count
  if (mode === "turns") return oneEach(turns, counts, start, limit - fixed, fixed)
  if (total <= limit) return { spans: [{ from: start, to: turns.length, tokens: total }], cut: [] }
  if (mode === "drop") return { spans: [], cut: [] }
  if (mode === "fit") {
    const best = longest(turns, counts, start, limit - fixed)
    if (best === undefined) return { spans: [], cut: [] }
    return {
      spans: [{ from: start, to: best.to, tokens: best.tokens + fixed }],
      cut: [{ from: best.to, to: turns.length, reason: "pastLimit" }],
    }
  }
  const spans: Array<Span> = []
  const cut: Array<Fitted["cut"][number]> = []
  let at = start
  while (at < turns.length) {
    const best = longest(turns, counts, at, limit - fixed)
    if (best !== undefined) {
      spans.push({ from: at, to: best.to, tokens: best.tokens + fixed })
      at = best.to
      continue
    }
    // The turns up to and including the next answer do not fit even alone.
    let to = at
    let seenUser = false
    while (to < turns.length) {
      const { kind } = turns[to] as Turn
      to++
      if (kind === "user") seenUser = true
      else if (kind === "model" && seenUser) break
    }
    const isLost = turns.slice(at, to).some((turn) => turn.kind === "model" && isTrained(turn))
    cut.push({ from: at, to, reason: !seenUser ? "unanswered" : isLost ? "tooLarge" : "notTrained" })
    at = to
  }
  return { spans, cut }
}

/** A span for each turn that is trained. It begins with a turn of the user, or with the conversation. */
const oneEach = (
  turns: ReadonlyArray<Turn>,
  counts: ReadonlyArray<number>,
  start: number,
  budget: number,
  fixed: number,
): Fitted => {
  const spans: Array<Span> = []
  const cut: Array<Fitted["cut"][number]> = []
  turns.forEach((turn, i) => {
    if (i < start || turn.kind !== "model" || !isTrained(turn)) return
    let total = counts[i] as number
    let best: Span | undefined
    let seenUser = false
    for (let at = i - 1; at >= start; at--) {
      total += counts[at] as number
      if (total > budget) break
      if ((turns[at] as Turn).kind === "user") seenUser = true
      if (seenUser && ((turns[at] as Turn).kind === "user" || at === start))
        best = { from: at, to: i + 1, tokens: total + fixed }
    }
    if (best !== undefined) spans.push(best)
    else cut.push({ from: i, to: i + 1, reason: seenUser || total > budget ? "tooLarge" : "unanswered" })
  })
  return { spans, cut }
}

/**
 * What was not written, and why: the lines of the ledger.
 */
import type { Place } from "./Record.ts"

/** `record` and `episode` lines enter the sums; `turns` tells of a part that was cut from something that is kept. */
export type Scope = "record" | "episode" | "turns"

export type Stage = "read" | "task" | "shape" | "filter" | "length" | "format" | "mix"

export interface Rejection {
  readonly scope: Scope
  readonly stage: Stage
  /** A short stable code, e.g. `MalformedRecord`, `tooFewMessages`, or the name of a filter. */
  readonly reason: string
  readonly place: Place
  readonly id?: string
  /** Evidence, at most {@link maxEvidence} characters of data text. */
  readonly detail?: Detail
}

export type Detail = string | { readonly [key: string]: string | number | boolean | null }

/** Characters of data text that a ledger line may quote (privacy: the ledger is no copy of the data). */
export const maxEvidence = 80

/** Cuts text to what a ledger line may hold, never inside a surrogate pair. */
export const evidence = (text: string): string => {
  if (text.length <= maxEvidence) return text.toWellFormed()
  const cut = text.charCodeAt(maxEvidence - 2) >= 0xd800 && text.charCodeAt(maxEvidence - 2) < 0xdc00 ? 2 : 1
  return `${text.slice(0, maxEvidence - cut)}…`.toWellFormed()
}

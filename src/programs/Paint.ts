/** Colours, and texts that several commands show alike. Data in them is made safe to show. */
import type { Detail } from "../domain/Rejection.ts"
import { diff } from "../domain/text/Diff.ts"
import { terminalLine, terminalText } from "../domain/text/Terminal.ts"

/** Colours by role; without them the text is the same. */
export interface Paint {
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly system: (text: string) => string
  readonly user: (text: string) => string
  readonly model: (text: string) => string
  /** What a change took out, and what it put in. */
  readonly removed: (text: string) => string
  readonly added: (text: string) => string
  /** What a verdict says. */
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  /** Evidence in a text. */
  readonly mark: (text: string) => string
}

const wrap =
  (code: string) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`

export const colours: Paint = {
  dim: wrap("2"),
  bold: wrap("1"),
  system: wrap("33"),
  user: wrap("36"),
  model: wrap("32"),
  removed: wrap("31;9"),
  added: wrap("32;1"),
  good: wrap("32"),
  bad: wrap("31"),
  mark: wrap("30;43"),
}

const same = (text: string): string => text

/** Without colours changes stand in the marks of a word diff. */
export const plain: Paint = {
  dim: same,
  bold: same,
  system: same,
  user: same,
  model: same,
  removed: (text) => `[-${text}-]`,
  added: (text) => `{+${text}+}`,
  good: same,
  bad: same,
  mark: (text) => `>>${text}<<`,
}

/** How something is shown. */
export interface View {
  readonly paint: Paint
  /** Columns of the terminal; undefined where there is none, and lines are left as long as they are. */
  readonly columns: number | undefined
}

/** What a stream takes: colours and wrapped lines where it is a terminal; no colours with `NO_COLOR`, and on a dumb one. */
export const viewOf = (stream: { readonly isTTY?: boolean; readonly columns?: number }): View => {
  const { env } = process
  const isTerminal = stream.isTTY === true
  return {
    paint: isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb" ? colours : plain,
    // A terminal that does not tell its size says 0.
    columns: isTerminal && (stream.columns ?? 0) > 0 ? stream.columns : undefined,
  }
}

/** Characters of a text, on either side of a change, that are shown. */
const around = 40

const clipStart = (text: string): string => (text.length > around ? `…${text.slice(-around)}` : text)
const clipEnd = (text: string): string => (text.length > around ? `${text.slice(0, around)}…` : text)

/** What changed between two texts, with a little around it. */
export const diffText = (before: string, after: string, paint: Paint): string => {
  const changes = diff(before, after)
  return changes
    .map(({ kind, text }, i) => {
      const shown = terminalText(text).replaceAll("\n", "↵")
      if (kind === "removed") return paint.removed(shown)
      if (kind === "added") return paint.added(shown)
      if (shown.length <= 2 * around) return shown
      if (i === 0) return clipStart(shown)
      return i === changes.length - 1 ? clipEnd(shown) : `${clipEnd(shown)} ${clipStart(shown)}`
    })
    .join("")
}

export const detailText = (detail: Detail | undefined): string =>
  detail === undefined
    ? ""
    : typeof detail === "string"
      ? terminalLine(detail)
      : Object.entries(detail)
          .map(([key, value]) => `${terminalLine(key)} ${terminalLine(String(value))}`)
          .join(", ")

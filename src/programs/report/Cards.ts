/** Conversations and ledger lines as the page shows them. */
import type { LedgerLine } from "../../domain/Merge.ts"
import { formatPlace } from "../../domain/Record.ts"
import { diff } from "../../domain/text/Diff.ts"
import type { Excerpt, Left, Sample, Shown } from "./Data.ts"
import { counted, escape, figure, soft } from "./Markup.ts"

const roleNames = { system: "system", user: "user", model: "model", text: "text" } as const

const trainedNote = (trained: boolean | undefined): string =>
  trained === undefined ? "" : trained ? " · trained" : " · not trained"

const bubble = ({ cut, kind, trained }: Shown, html: string): string =>
  `<div class="turn ${kind}"><b>${roleNames[kind]}${trainedNote(trained)}</b>${html}${cut === true ? "…" : ""}</div>`

const gap = (between: number): string => `<p class="soft">… ${counted(between, "turn")} between …</p>`

/** Pieces of a conversation, with a gap before the last one where turns are left out. */
const withGap = (pieces: ReadonlyArray<string>, between: number): string =>
  between === 0 ? pieces.join("") : [...pieces.slice(0, -1), gap(between), ...pieces.slice(-1)].join("")

export const excerptText = ({ between, turns }: Excerpt): string =>
  withGap(
    turns.map((turn) => bubble(turn, escape(turn.text))),
    between,
  )

/** Where less than this of two texts is the same, the changes between them tell nothing. */
const minSame = 0.4

/** A text as it differs from another one; undefined where little is the same. */
const changesText = (before: Shown, after: Shown): string | undefined => {
  let changes = diff(before.text, after.text)
  const same = changes.reduce((sum, { kind, text }) => sum + (kind === "same" ? text.length : 0), 0)
  if (same < minSame * Math.max(before.text.length, after.text.length)) return undefined
  // Texts that are cut differ where they are cut.
  if (before.cut === true || after.cut === true)
    changes = changes.slice(0, changes.findLastIndex(({ kind }) => kind === "same") + 1)
  const tags = { same: ["", ""], added: ["<ins>", "</ins>"], removed: ["<del>", "</del>"] } as const
  return changes.map(({ kind, text }) => `${tags[kind][0]}${escape(text)}${tags[kind][1]}`).join("")
}

/** A conversation as it differs from another one. The prompt of the system is no part of what filters compare. */
export const differenceText = (kept: Excerpt, { between, turns }: Excerpt): string => {
  const spoken = (excerpt: ReadonlyArray<Shown>): ReadonlyArray<Shown> =>
    excerpt.filter(({ kind }) => kind !== "system")
  const others = spoken(kept.turns)
  const own = spoken(turns)
  return withGap(
    turns.map((turn) => {
      const other = others[own.indexOf(turn)]
      const html = other?.kind === turn.kind && kept.between === between ? changesText(other, turn) : undefined
      return bubble(turn, html ?? escape(turn.text))
    }),
    between,
  )
}

const detailText = ({ detail }: LedgerLine): string =>
  detail === undefined
    ? ""
    : typeof detail === "string"
      ? detail
      : Object.entries(detail)
          .map(([key, value]) => `${key}: ${typeof value === "number" ? figure(value) : String(value)}`)
          .join(" · ")

const heading = (id: string | undefined, place: string): string =>
  `<h4>${escape(id ?? place)} ${id === undefined ? "" : soft(place)}</h4>`

/** Evidence marked in the texts, where it stands there. */
const evidenceIn = ({ detail }: LedgerLine): ReadonlyArray<string> =>
  typeof detail !== "object"
    ? []
    : ["phrase", "text", "token"].flatMap((key) => {
        const value = detail[key]
        return typeof value === "string" && value.length > 2 ? [value.replace(/^…|…$/g, "")] : []
      })

const marked = (text: string, evidence: ReadonlyArray<string>): string => {
  const lower = text.toLowerCase()
  if (lower.length !== text.length) return escape(text)
  for (const one of evidence) {
    const at = lower.indexOf(one.toLowerCase())
    if (at >= 0)
      return `${escape(text.slice(0, at))}<mark>${escape(text.slice(at, at + one.length))}</mark>${escape(text.slice(at + one.length))}`
  }
  return escape(text)
}

/** Where it was read, what the ledger says of it, and its text where it was found. */
export const leftText = ({ line, text }: Left): string => {
  const detail = detailText(line)
  const evidence = evidenceIn(line)
  return `${heading(line.id, formatPlace(line.place))}${detail === "" ? "" : `<p class="evidence">${escape(detail)}</p>`}${
    text === undefined
      ? ""
      : withGap(
          text.turns.map((turn) => bubble(turn, marked(turn.text, evidence))),
          text.between,
        )
  }`
}

export const leftCard = (left: Left): string =>
  `<article data-task="${escape(left.line.task)}" data-reason="${escape(left.line.reason)}" data-side="left"><p class="why">${escape(left.line.reason)} ${soft(left.line.stage)}</p>${leftText(left)}</article>`

export const sampleText = ({ file, id, line, text }: Sample): string =>
  `${heading(id, `${file}:${line}`)}${excerptText(text)}`

export const sampleCard = (sample: Sample): string =>
  `<article data-task="${escape(sample.task)}" data-side="written">${sampleText(sample)}</article>`

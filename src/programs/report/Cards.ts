/** Conversations and ledger lines as the page shows them. */
import type { LedgerLine } from "../../domain/Merge.ts"
import { formatPlace } from "../../domain/Record.ts"
import { diff } from "../../domain/text/Diff.ts"
import type { Excerpt, Left, Sample } from "./Data.ts"
import { counted, escape, figure, soft } from "./Markup.ts"

const roleNames = { system: "system", user: "user", model: "model", text: "text" } as const

const trainedNote = (trained: boolean | undefined): string =>
  trained === undefined ? "" : trained ? " · trained" : " · not trained"

const bubble = (kind: keyof typeof roleNames, trained: boolean | undefined, html: string): string =>
  `<div class="turn ${kind}"><b>${roleNames[kind]}${trainedNote(trained)}</b>${html}</div>`

const gap = (between: number): string => `<p class="soft">… ${counted(between, "turn")} between …</p>`

/** Pieces of a conversation, with a gap before the last one where turns are left out. */
const withGap = (pieces: ReadonlyArray<string>, between: number): string =>
  between === 0 ? pieces.join("") : [...pieces.slice(0, -1), gap(between), ...pieces.slice(-1)].join("")

export const excerptText = ({ between, turns }: Excerpt): string =>
  withGap(
    turns.map(({ kind, text, trained }) => bubble(kind, trained, escape(text))),
    between,
  )

/** Turns that are compared; a text that is cut in another place would be told as a change. */
const compared = (text: string): string => text.replace(/…$/, "")

/** A conversation as it differs from another one: what only it has, and what only the other one has. */
export const differenceText = (kept: Excerpt, { between, turns }: Excerpt): string =>
  withGap(
    turns.map(({ kind, text, trained }, i) => {
      const other = kept.turns[i]
      if (other === undefined || other.kind !== kind || kept.between !== between)
        return bubble(kind, trained, escape(text))
      const html = diff(compared(other.text), compared(text))
        .map(({ kind: change, text: part }) =>
          change === "same"
            ? escape(part)
            : change === "added"
              ? `<ins>${escape(part)}</ins>`
              : `<del>${escape(part)}</del>`,
        )
        .join("")
      return bubble(kind, trained, html)
    }),
    between,
  )

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

/** What the ledger says of something, and its text where it was found. */
export const leftText = ({ line, text }: Left): string => {
  const detail = detailText(line)
  const evidence = evidenceIn(line)
  return `${heading(line.id, formatPlace(line.place))}<p><b>${escape(line.reason)}</b> ${soft(`at stage ${line.stage}`)}</p>${
    detail === "" ? "" : `<p class="evidence">${escape(detail)}</p>`
  }${
    text === undefined
      ? ""
      : withGap(
          text.turns.map((turn) => bubble(turn.kind, turn.trained, marked(turn.text, evidence))),
          text.between,
        )
  }`
}

export const leftCard = (left: Left): string =>
  `<article data-task="${escape(left.line.task)}" data-reason="${escape(left.line.reason)}">${leftText(left)}</article>`

export const sampleText = ({ file, id, line, text }: Sample): string =>
  `${heading(id, `${file}:${line}`)}${excerptText(text)}`

export const sampleCard = (sample: Sample): string =>
  `<article data-task="${escape(sample.task)}">${sampleText(sample)}</article>`

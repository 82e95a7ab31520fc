/**
 * An example as a person reads it in a terminal: each turn a bubble, which tells who speaks, how many tokens it has and
 * whether a trainer learns from it. The same without colours. Data in it is made safe to show.
 */
import wrapAnsi from "wrap-ansi"
import type { TrainingExample, Turn } from "../domain/Conversation.ts"
import type { Detail } from "../domain/Rejection.ts"
import { terminalLine, terminalText } from "../domain/text/Terminal.ts"
import type { Measured, MeasuredTurn } from "./Measure.ts"
import { detailText, diffText, type Paint, type View } from "./Paint.ts"
import type { Shown } from "./Preview.ts"

const trainedMark = "●"
const readMark = "○"

/** Narrower than this nothing is wrapped to. */
const minColumns = 20

/** The blank at which a line was broken, behind colours that begin anew. */
const brokenAt = /^((?:\u001b\[[\d;]*m)*) /

/** Lines of a text that fit into the terminal beside what stands before them. */
const linesOf = (text: string, { columns }: View, before: number): ReadonlyArray<string> =>
  text.split("\n").flatMap((line) =>
    columns === undefined
      ? [line]
      : wrapAnsi(line, Math.max(minColumns, columns - before), { hard: true, trim: false })
          .split("\n")
          .map((part, i) => (i === 0 ? part : part.replace(brokenAt, "$1"))),
  )

/** Parts in a line, or in as many as the terminal takes. */
const joined = (parts: ReadonlyArray<string>, view: View): string => linesOf(parts.join(" · "), view, 0).join("\n")

const count = (number: number, one: string): string =>
  `${number.toLocaleString("en-US")} ${one}${number === 1 ? "" : "s"}`

/** Evidence from a filter, marked where it stands in a text that is safe to show. */
const marked = (text: string, evidence: ReadonlyArray<string>, paint: Paint): string => {
  const found = evidence.find((one) => one !== "" && text.toLowerCase().includes(one.toLowerCase()))
  if (found === undefined) return text
  const at = text.toLowerCase().indexOf(found.toLowerCase())
  // Lower case may be longer than the text it is of; then nothing is marked.
  if (text.toLowerCase().length !== text.length) return text
  const end = at + found.length
  return `${text.slice(0, at)}${paint.mark(text.slice(at, end))}${marked(text.slice(end), [found], paint)}`
}

interface Bubble {
  readonly kind: Turn["kind"]
  readonly title: string
  readonly text: string
  readonly measured: MeasuredTurn | undefined
  readonly notes: ReadonlyArray<string>
}

/** A line before each line of the text: none of them can pass for another turn. */
const bubbleText = (
  { kind, measured, notes, text, title }: Bubble,
  evidence: ReadonlyArray<string>,
  view: View,
): ReadonlyArray<string> => {
  const { paint } = view
  const trained = measured?.trained === true
  const mark = measured === undefined ? "" : `${trained ? paint[kind](trainedMark) : paint.dim(readMark)} `
  const tokens = measured === undefined ? [] : [count(measured.tokens, "token")]
  const told = [...tokens, ...notes].join(" · ")
  const head = `${mark}${paint[kind](title)}${told === "" ? "" : ` ${paint.dim(told)}`}`
  const edge = trained ? paint[kind]("┃") : paint.dim("│")
  return [
    ...linesOf(head, view, 0),
    ...linesOf(marked(terminalText(text), evidence, paint), view, 2).map((line) => `${edge} ${line}`),
  ]
}

/** What surprises: a reply that is not trained, somebody else's turn that is, a weight between. */
const notesOf = ({ kind, weight }: Turn, measured: MeasuredTurn | undefined): ReadonlyArray<string> => [
  ...(measured !== undefined && measured.trained !== (kind === "model")
    ? [measured.trained ? "trained" : "not trained"]
    : []),
  ...(weight === undefined || weight === 0 || weight === 1 ? [] : [`weight ${weight}`]),
]

/** The turns of an example, below its identifier and what it comes to. */
export const exampleText = (
  { alternatives = [], id, turns }: TrainingExample,
  view: View,
  {
    evidence = [],
    measured,
  }: { readonly evidence?: ReadonlyArray<string>; readonly measured?: Measured | undefined } = {},
): string => {
  const { paint } = view
  const bubbles: ReadonlyArray<Bubble> = [
    ...turns.map((turn, i): Bubble => {
      const own = measured?.turns[i]
      const name = turn.name === undefined ? "" : ` ${terminalLine(turn.name).slice(0, 40)}`
      return { kind: turn.kind, title: turn.kind + name, text: turn.text, measured: own, notes: notesOf(turn, own) }
    }),
    ...alternatives.map((text, i): Bubble => {
      const tokens = measured?.alternatives[i]
      const own = tokens === undefined ? undefined : { tokens, trained: false }
      return { kind: "model", title: "rejected reply", text, measured: own, notes: [] }
    }),
  ]
  const totals =
    measured === undefined
      ? []
      : [
          paint.dim(
            joined(
              [
                count(turns.length, "turn"),
                count(measured.tokens, "token"),
                `${measured.trained.toLocaleString("en-US")} trained`,
              ],
              view,
            ),
          ),
        ]
  return [
    ...linesOf(paint.bold(terminalLine(id)), view, 0),
    ...totals,
    ...bubbles.flatMap((bubble) => bubbleText(bubble, evidence, view)),
    "",
  ].join("\n")
}

/** What the marks mean, and what counts the tokens. */
export const legendText = (tokenizer: string, view: View): string =>
  view.paint.dim(
    joined(
      [
        `${trainedMark} trained on`,
        `${readMark} read only`,
        `tokens: ${tokenizer === "estimate" ? "estimate (words × 1.3)" : terminalLine(tokenizer)}`,
      ],
      view,
    ),
  )

/** Evidence of a ledger line: the texts of it, which may have been cut at the end. */
const evidenceOf = (detail: Detail | undefined): ReadonlyArray<string> =>
  (detail === undefined
    ? []
    : typeof detail === "string"
      ? [detail]
      : Object.entries(detail).flatMap(([key, value]) => (key !== "rule" && typeof value === "string" ? [value] : []))
  ).map((text) => terminalText(text.replace(/…$/, "")))

/** An example of a preview: under the name of its task, with what was asked for beside it. */
export const shownText = ({ cleaned, drop, example, measured, task }: Shown, view: View): string => {
  const { paint } = view
  const why = drop === undefined ? "" : `, dropped by ${drop.filter}: ${detailText(drop.detail)}`
  return [
    ...linesOf(paint.dim(`── ${terminalLine(task)}${why} ──`), view, 0),
    exampleText(example, view, { measured, evidence: drop === undefined ? [] : evidenceOf(drop.detail) }),
    ...cleaned.flatMap(({ after, before }) =>
      linesOf(`${paint.dim("cleaned:")} ${diffText(before, after, paint)}`, view, 0),
    ),
    ...(cleaned.length > 0 ? [""] : []),
  ].join("\n")
}

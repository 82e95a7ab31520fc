/** The life of a record as a person reads it. Plain text; data in it is made safe to show. */
import type { Turn } from "../domain/Conversation.ts"
import { formatPlace } from "../domain/Record.ts"
import type { Detail, Rejection } from "../domain/Rejection.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import type { Explanation, Outcome } from "./Explain.ts"
import { exampleText, legendText } from "./ExampleText.ts"
import { detailText, diffText, type Paint, type View } from "./Paint.ts"
import type { Watched, WatchedEpisode } from "./Watch.ts"

const withDetail = (what: string, detail: Detail | undefined): string => {
  const told = detailText(detail)
  return told === "" ? what : `${what} (${told})`
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`

const kindsOf = (turns: ReadonlyArray<Turn>): string =>
  (["system", "user", "model"] as const)
    .map((kind) => [kind, turns.filter((turn) => turn.kind === kind).length] as const)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${kind}`)
    .join(", ")

const column = 10

/** A stage on the left, what it says on the right. */
const lines = (stage: string, told: ReadonlyArray<string>, paint: Paint): ReadonlyArray<string> =>
  told.map((text, i) => `${i === 0 ? paint.bold(stage.padEnd(column)) : " ".repeat(column)}${text}`)

const rejectionText = ({ detail, reason }: Rejection): string => withDetail(terminalLine(reason), detail)

const madeText = ({ made }: Watched): string => {
  if ("skip" in made)
    return withDetail(`${made.bad === true ? "bad" : "left out"}: ${terminalLine(made.skip)}`, made.detail)
  if (made.length === 1) return kindsOf(made[0]?.turns ?? [])
  return `${count(made.length, "conversation")}: ${made.map(({ turns }) => kindsOf(turns)).join(" | ")}`
}

const filterLines = ({ verdicts }: WatchedEpisode, paint: Paint): ReadonlyArray<string> =>
  verdicts.map(({ drop, filter }) =>
    drop === undefined
      ? `${terminalLine(filter)}: keeps it`
      : `${terminalLine(filter)}: ${paint.bad("drops it")}, ${withDetail(terminalLine(drop.reason), drop.detail)}`,
  )

const outcomeLines = ({ lines: told, named, output, rows }: Outcome, paint: Paint): ReadonlyArray<string> => {
  const decided = told.find(({ scope }) => scope !== "turns")
  if (rows.length > 0) return rows.map(({ file, line }) => paint.good(`${terminalLine(file)}:${line}`))
  if (decided === undefined)
    return [
      named
        ? `neither a row nor the ledger of ${terminalLine(output)} tells of it: the run ended before it`
        : `the ledger of ${terminalLine(output)} does not leave it out; its rows carry no identifiers to find it by`,
    ]
  return [`not in ${terminalLine(output)}: ${decided.stage}, ${rejectionText(decided)}`]
}

/** The whole of it; `changes` are the texts that the clean-up changed, of which the first few are shown. */
export const explanationText = (explanation: Explanation, view: View): string => {
  const { paint } = view
  const { comparing, format, id, maxLength, outcome, place, task, tokens, watched } = explanation
  const out: Array<string> = [paint.bold(terminalLine(id ?? formatPlace(place)))]
  const of = (stage: Rejection["stage"]): ReadonlyArray<string> =>
    explanation.lines.filter((line) => line.stage === stage).map(rejectionText)
  out.push(...lines("read", [terminalLine(formatPlace(place)), ...of("read")], paint))
  if (watched !== undefined) {
    const changes = watched.cleaned.slice(0, maxShown).map(({ after, before }) => diffText(before, after, paint))
    const more = watched.cleaned.length - changes.length
    out.push(
      ...lines(
        "clean",
        [`${count(watched.cleaned.length, "text")} changed`, ...changes, ...(more > 0 ? [`and ${more} more`] : [])],
        paint,
      ),
    )
    out.push(
      ...lines(
        "task",
        [`${terminalLine(task)}: ${madeText(watched)}`, ...("skip" in watched.made ? [] : of("task"))],
        paint,
      ),
    )
    const dropped = watched.episodes.some(({ verdicts }) => verdicts.some(({ drop }) => drop !== undefined))
    out.push(...lines("shape", of("shape"), paint))
    out.push(
      ...lines(
        "filter",
        watched.episodes.flatMap((episode) => filterLines(episode, paint)),
        paint,
      ),
    )
    const length =
      tokens === undefined ? [] : [`${count(tokens, "token")}${maxLength === undefined ? "" : ` of ${maxLength}`}`]
    out.push(...lines("length", [...length, ...of("length")], paint))
    out.push(...lines("format", of("format"), paint))
    if (comparing.length > 0 && outcome === undefined)
      out.push(
        ...lines(
          "compare",
          [`${comparing.map(terminalLine).join(", ")} decide over a whole run: --output names one`],
          paint,
        ),
      )
    if (outcome !== undefined) out.push(...lines("written", outcomeLines(outcome, paint), paint))
    const examples = watched.episodes.flatMap((episode, i) =>
      episode.examples.map((example, j) => ({ example, measured: explanation.measured[i]?.[j] })),
    )
    if (examples.length > 0) out.push("", legendText(explanation.tokenizer, view))
    for (const { example, measured } of examples)
      out.push(
        "",
        paint.dim(`── ${terminalLine(format)}${dropped ? ", if no filter dropped it" : ""} ──`),
        exampleText(example, view, { measured }).trimEnd(),
      )
  } else if (outcome !== undefined) out.push(...lines("written", outcomeLines(outcome, paint), paint))
  return `${out.join("\n")}\n`
}

/** Changed texts that are shown. */
const maxShown = 5

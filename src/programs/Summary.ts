/** What a person reads after a run, before it, and in a preview. Plain text; data in it is made safe to show. */
import type { TrainingExample } from "../domain/Conversation.ts"
import { type Manifest, type TaskCounts, total } from "../domain/Report.ts"
import { terminalLine, terminalText } from "../domain/text/Terminal.ts"
import type { Detail } from "../domain/Rejection.ts"
import { detailText, diffText, type Paint } from "./Paint.ts"
import type { Shown } from "./Preview.ts"
import type { ResolvedRun } from "./Resolve.ts"

/** Columns of equal width; numbers stand right. */
const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
  )
}

const size = (bytes: number): string => {
  const units = ["bytes", "KB", "MB", "GB", "TB"]
  let value = bytes
  let unit = 0
  // What would be told as 1000.0 of a unit is 1.0 of the next.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]}`
}

const reasons = (counts: { readonly [reason: string]: number }): string =>
  Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([reason, count]) => `${terminalLine(reason)} ${count}`)
    .join(", ")

const explain = (key: string, { episodes, records, repairs, turns }: TaskCounts): ReadonlyArray<string> => {
  const parts = [
    ["bad records", records.bad > 0 ? String(records.bad) : ""],
    ["skipped", reasons(records.skipped)],
    ["dropped", reasons(episodes.dropped)],
    ["invalid", reasons(episodes.invalid)],
    ["turns cut", turns.cut > 0 ? String(turns.cut) : ""],
    ["repairs", reasons(repairs)],
  ].filter(([, told]) => told !== "")
  return parts.length === 0 ? [] : [`${key}: ${parts.map(([what, told]) => `${what}: ${told}`).join("; ")}`]
}

const rowsText = (rows: number): string => (rows === 1 ? "1 row" : `${rows} rows`)

/** The end of a run: a line a task, why things were left out, and what was written where. */
export const summary = (manifest: Manifest, files: ReadonlyArray<string>): string => {
  const entries = Object.entries(manifest.tasks)
  const row = (key: string, counts: ReadonlyArray<TaskCounts>): ReadonlyArray<string> => {
    const sum = (of: (one: TaskCounts) => number): string => String(counts.reduce((all, one) => all + of(one), 0))
    return [
      key,
      sum(({ records }) => records.read),
      sum(({ records }) => records.bad),
      sum(({ records }) => total(records.skipped)),
      sum(({ episodes }) => episodes.made),
      sum(({ episodes }) => total(episodes.dropped)),
      sum(({ episodes }) => total(episodes.invalid)),
      sum(({ episodes }) => episodes.tooLarge),
      sum(({ episodes }) => episodes.sampledOut),
      sum(({ episodes }) => episodes.written),
      sum(({ examples }) => examples),
    ]
  }
  const head = ["task", "read", "bad", "skipped", "made", "dropped", "invalid", "too large", "share", "written", "rows"]
  const rows = [head, ...entries.map(([key, counts]) => row(terminalLine(key), [counts]))]
  if (entries.length > 1)
    rows.push(
      row(
        "all",
        entries.map(([, counts]) => counts),
      ),
    )
  const why = entries.flatMap(([key, counts]) => explain(terminalLine(key), counts))
  const [output, validation] = manifest.outputs
  const apart = validation === undefined ? "" : ` and ${rowsText(validation.rows)} for validation`
  const bytes = manifest.outputs.reduce((all, one) => all + one.bytes, 0)
  const seconds = (manifest.durationMs / 1000).toFixed(1)
  const counted = entries.every(([, { tokens }]) => tokens !== null)
    ? `, ${entries.reduce((all, [, { tokens }]) => all + (tokens ?? 0), 0)} tokens`
    : ""
  return [
    ...table(rows),
    ...(why.length === 0 ? [] : ["", ...why]),
    "",
    `wrote ${rowsText(output?.rows ?? 0)}${apart}${counted}, ${size(bytes)}, in ${seconds} s:`,
    ...files.map((file) => `  ${terminalLine(file)}`),
    "",
  ].join("\n")
}

/** What a run would do. */
export interface Plan {
  readonly tasks: ReadonlyArray<{
    readonly task: string
    readonly dataset: string
    readonly files: ReadonlyArray<string>
    readonly filters: ReadonlyArray<string>
  }>
  readonly format: string
  readonly maxLength: number
  readonly length: string
  readonly tokenizer: string
  readonly seed: number
}

export const planOf = ({ run, tasks }: ResolvedRun): Plan => ({
  tasks: tasks.map(({ dataset, filters, job, plan: { files } }) => ({
    task: job.key,
    dataset: dataset.definition.name,
    files: files.map(({ file }) => file),
    filters: filters.map(({ definition }) => definition.name),
  })),
  format: run.format,
  maxLength: run.maxLength ?? -1,
  length: run.lengthMode,
  tokenizer: run.tokenizer,
  seed: run.seed,
})

export const plan = ({ format, length, maxLength, seed, tasks, tokenizer }: Plan): string => {
  const lines = tasks.flatMap(({ dataset, files, filters, task }) => [
    `${terminalLine(task)}: dataset ${terminalLine(dataset)}, ${files.length} ${files.length === 1 ? "file" : "files"}`,
    ...files.slice(0, 5).map((file) => `  ${terminalLine(file)}`),
    ...(files.length > 5 ? [`  and ${files.length - 5} more`] : []),
    `  filters: ${filters.length === 0 ? "none" : filters.map(terminalLine).join(", ")}`,
  ])
  const limit = maxLength === -1 ? "no limit" : `${maxLength} tokens (${tokenizer}, ${length})`
  return [...lines, `format ${terminalLine(format)}, length: ${limit}, seed ${seed}`, "nothing was written", ""].join(
    "\n",
  )
}

const roleNames = { system: "system", user: "user", model: "model" } as const

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

/** An example as a person reads it. */
export const exampleText = (
  { id, turns }: TrainingExample,
  paint: Paint,
  evidence: ReadonlyArray<string> = [],
): string =>
  [
    paint.bold(terminalLine(id)),
    // Further lines are indented: none of them can pass for another turn.
    ...turns.map(
      (turn) =>
        `${paint[turn.kind](`${roleNames[turn.kind]}:`)} ${marked(terminalText(turn.text), evidence, paint).replaceAll("\n", "\n  ")}`,
    ),
    "",
  ].join("\n")

/** Evidence of a ledger line: the texts of it, which may have been cut at the end. */
const evidenceOf = (detail: Detail | undefined): ReadonlyArray<string> =>
  (detail === undefined
    ? []
    : typeof detail === "string"
      ? [detail]
      : Object.entries(detail).flatMap(([key, value]) => (key !== "rule" && typeof value === "string" ? [value] : []))
  ).map((text) => terminalText(text.replace(/…$/, "")))

/** An example of a preview: under the name of its task, with what was asked for beside it. */
export const shownText = ({ cleaned, drop, example, task }: Shown, paint: Paint): string => {
  const why = drop === undefined ? "" : `, dropped by ${drop.filter}: ${detailText(drop.detail)}`
  return [
    paint.dim(`── ${terminalLine(task)}${why} ──`),
    exampleText(example, paint, drop === undefined ? [] : evidenceOf(drop.detail)),
    ...cleaned.map(({ after, before }) => `${paint.dim("cleaned:")} ${diffText(before, after, paint)}`),
    ...(cleaned.length > 0 ? [""] : []),
  ].join("\n")
}

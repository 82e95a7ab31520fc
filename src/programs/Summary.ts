/** What a person reads after a run and before it. Plain text; data in it is made safe to show. */
import { type Manifest, type TaskCounts, total } from "../domain/Report.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
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

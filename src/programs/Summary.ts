/** What a person reads after a run and before it. Plain text; data in it is made safe to show. */
import stringWidth from "string-width"
import wrapAnsi from "wrap-ansi"
import { type Manifest, type TaskCounts, total } from "../domain/Report.ts"
import { countText, sizeText } from "../domain/progress/Texts.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { type CommandLine, lineText } from "./Next.ts"
import { type View, viewOf } from "./Paint.ts"
import type { ResolvedRun } from "./Resolve.ts"

/** How numbers are told: to a person with commas, to a program without. */
type NumberText = (value: number) => string

/** Columns of equal width; numbers stand right. */
const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell))
    })
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const blanks = " ".repeat((widths[i] ?? 0) - stringWidth(cell))
        return i === 0 ? cell + blanks : blanks + cell
      })
      .join("  "),
  )
}

const reasons = (counts: { readonly [reason: string]: number }, number: NumberText): string =>
  Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([reason, count]) => together(`${terminalLine(reason)} ${number(count)}`))
    .join(", ")

const explain = (
  key: string,
  { episodes, records, repairs, turns }: TaskCounts,
  number: NumberText,
): ReadonlyArray<string> => {
  const parts = [
    ["bad records", records.bad > 0 ? number(records.bad) : ""],
    ["skipped", reasons(records.skipped, number)],
    ["dropped", reasons(episodes.dropped, number)],
    ["invalid", reasons(episodes.invalid, number)],
    ["turns cut", turns.cut > 0 ? number(turns.cut) : ""],
    ["repairs", reasons(repairs, number)],
  ].filter(([, told]) => told !== "")
  return parts.length === 0
    ? []
    : [`${key}: ${parts.map(([what = "", told]) => `${together(what)}:${noBreak}${told}`).join("; ")}`]
}

/** What is counted of a task, in the order of the way from record to row. */
const counted: ReadonlyArray<readonly [title: string, of: (counts: TaskCounts) => number]> = [
  ["read", ({ records }) => records.read],
  ["bad", ({ records }) => records.bad],
  ["skipped", ({ records }) => total(records.skipped)],
  ["made", ({ episodes }) => episodes.made],
  ["dropped", ({ episodes }) => total(episodes.dropped)],
  ["invalid", ({ episodes }) => total(episodes.invalid)],
  ["too large", ({ episodes }) => episodes.tooLarge],
  ["share", ({ episodes }) => episodes.sampledOut],
  ["written", ({ episodes }) => episodes.written],
  ["rows", ({ examples }) => examples],
]

interface Row {
  readonly key: string
  readonly cells: ReadonlyArray<number>
}

/** The columns that a terminal has no room for, the least wanted first: those of nothing, and what others tell as well. */
const narrowed = (rows: ReadonlyArray<Row>, width: number, number: NumberText): ReadonlyArray<number> => {
  const all = counted.map(([title], i) => ({
    i,
    title,
    width: 2 + Math.max(title.length, ...rows.map(({ cells }) => number(cells[i] as number).length)),
  }))
  const at = (title: string): number => counted.findIndex(([one]) => one === title)
  const isSame = (a: string, b: string): boolean => rows.every(({ cells }) => cells[at(a)] === cells[at(b)])
  let kept = all
  const names = Math.max(4, ...rows.map(({ key }) => stringWidth(key)))
  const isWide = (): boolean => names + kept.reduce((sum, one) => sum + one.width, 0) > width
  const drop = (isDropped: (one: (typeof all)[number]) => boolean): void => {
    if (isWide()) kept = kept.filter((one) => !isDropped(one))
  }
  drop(
    ({ i, title }) => !["read", "made", "written", "rows"].includes(title) && rows.every(({ cells }) => cells[i] === 0),
  )
  drop(({ title }) => title === "made")
  drop(({ title }) => title === "rows" && isSame("rows", "written"))
  return kept.map(({ i }) => i)
}

/** Narrower than this a name tells no one anything: the numbers stand below it, not behind. */
const minName = 16

/** A table, or, where the terminal has no room for one, a few lines for each task. */
const tableOf = (rows: ReadonlyArray<Row>, view: View, number: NumberText): ReadonlyArray<string> => {
  const { columns, paint } = view
  const width = columns === undefined ? Number.POSITIVE_INFINITY : columns - 1
  const shown = narrowed(rows, width, number)
  const titles = shown.map((i) => (counted[i] as (typeof counted)[number])[0])
  const cellsOf = ({ cells }: Row): ReadonlyArray<string> => shown.map((i) => number(cells[i] as number))
  const numbers = aligned([["", ...titles], ...rows.map((row) => ["", ...cellsOf(row)])])
  const room = width - stringWidth(numbers[0] ?? "")
  if (room < Math.min(minName, Math.max(4, ...rows.map(({ key }) => stringWidth(key)))))
    return rows.flatMap((row) => {
      const told = cellsOf(row).flatMap((cell, i) =>
        cell === "0" && titles[i] !== "written" ? [] : [together(`${cell} ${titles[i]}`)],
      )
      return [paint.bold(clip(row.key, width)), ...wrapped(`  ${told.join(", ")}`, columns)]
    })
  const [head = "", ...lines] = aligned([
    ["task", ...titles],
    ...rows.map((row) => [clip(row.key, room), ...cellsOf(row)]),
  ])
  return [
    paint.dim(head),
    ...lines.map((text, i) => (rows.length > 1 && i === lines.length - 1 ? paint.bold(text) : text)),
  ]
}

const segments = new Intl.Segmenter("en", { granularity: "grapheme" })

/** The beginning of a name that fits. */
const clip = (text: string, width: number): string => {
  if (stringWidth(text) <= width) return text
  let out = ""
  for (const { segment } of segments.segment(text)) {
    if (stringWidth(out + segment) > width - 1) break
    out += segment
  }
  return `${out}…`
}

/** Stands for a blank at which no line is to be broken: what and how many stay together. */
const noBreak = "\u00a0"

const together = (text: string): string => text.replaceAll(" ", noBreak)

/** Lines that fit; those after the first stand two columns in. */
const wrapped = (text: string, columns: number | undefined): ReadonlyArray<string> => {
  if (columns === undefined || stringWidth(text) < columns) return [text.replaceAll(noBreak, " ")]
  const own = /^ */.exec(text)?.[0] ?? ""
  return wrapAnsi(text.trimStart(), Math.max(1, columns - 1 - (own.length || 2)), { hard: true })
    .split("\n")
    .map((line, i) => (i === 0 || own !== "" ? own : "  ") + line.replaceAll(noBreak, " "))
}

const timeText = (millis: number): string => {
  const seconds = millis / 1000
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds) % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export interface SummaryOptions {
  readonly view: View
  /** Commands that one would run next. */
  readonly next: ReadonlyArray<CommandLine>
}

/** The end of a run: a line a task, why things were left out, what was written where, and what could be done next. */
export const summary = (
  manifest: Manifest,
  files: ReadonlyArray<string>,
  { next, view }: SummaryOptions = { view: viewOf({}), next: [] },
): string => {
  const { columns, paint } = view
  const number: NumberText = columns === undefined ? String : countText
  const rowsText = (rows: number): string => (rows === 1 ? "1 row" : `${number(rows)} rows`)
  const entries = Object.entries(manifest.tasks)
  const rowOf = (key: string, counts: ReadonlyArray<TaskCounts>): Row => ({
    key,
    cells: counted.map(([, of]) => counts.reduce((sum, one) => sum + of(one), 0)),
  })
  const rows = entries.map(([key, counts]) => rowOf(terminalLine(key), [counts]))
  if (entries.length > 1)
    rows.push(
      rowOf(
        "all",
        entries.map(([, counts]) => counts),
      ),
    )
  const why = entries.flatMap(([key, counts]) => explain(terminalLine(key), counts, number))
  const [output, validation] = manifest.outputs
  const apart = validation === undefined ? "" : ` and ${rowsText(validation.rows)} for validation`
  const bytes = manifest.outputs.reduce((all, one) => all + one.bytes, 0)
  const tokens = entries.every(([, { tokens }]) => tokens !== null)
    ? `, ${number(entries.reduce((all, [, { tokens }]) => all + (tokens ?? 0), 0))} tokens`
    : ""
  const wrote = `wrote ${rowsText(output?.rows ?? 0)}${apart}${tokens}, ${sizeText(bytes)}, in ${timeText(manifest.durationMs)}:`
  return [
    ...tableOf(rows, view, number),
    ...(why.length === 0 ? [] : ["", ...why.flatMap((line) => wrapped(line, columns))]),
    "",
    ...wrapped(wrote, columns),
    // Paths, and commands below, are there to be copied: they stay whole.
    ...files.map((file) => `  ${terminalLine(file)}`),
    ...(next.length === 0 ? [] : ["", paint.dim("next:"), ...next.map((command) => lineText(command, columns))]),
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

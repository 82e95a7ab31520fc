/** The ledger: its lines, and whether there are as many of each kind as the manifest counts. */
import { type Manifest, type TaskCounts, total } from "../../domain/Report.ts"
import { parseLine } from "../Lines.ts"
import { type Findings, makeFindings } from "./Findings.ts"
import { isMissing, readDigested } from "./ReadFile.ts"
import { compare } from "./ReadOutput.ts"

const scopes: ReadonlySet<unknown> = new Set(["record", "episode", "turns"])
const stages: ReadonlySet<unknown> = new Set(["read", "task", "shape", "filter", "length", "format", "mix"])

interface LedgerLine {
  readonly task: string
  readonly scope: string
  readonly stage: string
  readonly reason: string
}

const isLedgerLine = (line: { readonly [key: string]: unknown }): boolean => {
  const { detail, id, place, reason, scope, stage, task } = line
  return (
    typeof task === "string" &&
    typeof reason === "string" &&
    scopes.has(scope) &&
    stages.has(stage) &&
    (id === undefined || typeof id === "string") &&
    (detail === undefined || typeof detail === "string" || (typeof detail === "object" && detail !== null)) &&
    typeof place === "object" &&
    place !== null &&
    typeof (place as { readonly file?: unknown }).file === "string"
  )
}

/** The count of the manifest that a line of an episode belongs to. */
const countOf = ({ reason, stage }: LedgerLine): string =>
  reason === "failed"
    ? "invalid failed"
    : stage === "filter"
      ? `dropped ${reason}`
      : stage === "length"
        ? "tooLarge"
        : stage === "mix"
          ? "sampledOut"
          : `invalid ${reason}`

const add = (to: Map<string, number>, key: string): void => void to.set(key, (to.get(key) ?? 0) + 1)

/** Lines of a task in the ledger. */
interface Lines {
  records: number
  readonly reasons: Map<string, number>
  readonly episodes: Map<string, number>
}

export const readLedger = async (
  file: string,
  manifest: Manifest | undefined,
  isExpected: boolean,
  findings: Findings,
  signal: AbortSignal,
): Promise<number | null> => {
  const own = makeFindings()
  const tasks = new Map<string, Lines>()
  for (const task of Object.keys(manifest?.tasks ?? {}))
    tasks.set(task, { records: 0, reasons: new Map(), episodes: new Map() })
  const read = await readDigested(file, file.endsWith(".gz"), signal, ({ bytes, number: line }) => {
    const value = parseLine(bytes)
    if (typeof value === "string") return own.add({ file, line, what: value })
    if (!isLedgerLine(value)) return own.add({ file, line, what: "the line is no ledger line" })
    const told = value as unknown as LedgerLine
    const counts = tasks.get(told.task)
    if (counts === undefined) {
      if (manifest !== undefined)
        own.add({ file, line, what: "the line tells of a task that the manifest does not know", actual: told.task })
      return
    }
    if (told.scope === "record") {
      counts.records++
      add(counts.reasons, told.reason)
    } else if (told.scope === "episode") add(counts.episodes, countOf(told))
  })
  if (isMissing(read)) {
    if (isExpected || read.what !== "the file is missing") findings.add({ file, ...read })
    return null
  }
  if (manifest?.ledger !== undefined) compare(file, manifest.ledger, read, "lines", findings)
  if (read.broken !== undefined) {
    findings.add({ file, what: "the file cannot be unpacked", actual: read.broken })
    return null
  }
  findings.addAll(own)
  if (read.isOpen) findings.add({ file, line: read.lines, what: "the last line has no end" })
  for (const [task, lines] of tasks) {
    const counts = (manifest as Manifest).tasks[task] as TaskCounts
    compareLedger(file, task, counts, lines, findings)
  }
  return read.lines
}

/** Holds the lines of a task against its counts. */
const compareLedger = (file: string, task: string, counts: TaskCounts, lines: Lines, findings: Findings): void => {
  const { episodes, records } = counts
  const expect = (what: string, expected: number, actual: number): void => {
    if (expected !== actual) findings.add({ file, what: `${task}: ${what}`, expected, actual })
  }
  const all = [...lines.episodes.values()].reduce((sum, count) => sum + count, 0)
  expect("lines of records", records.bad + total(records.skipped), lines.records)
  expect(
    "lines of episodes",
    total(episodes.dropped) + total(episodes.invalid) + episodes.tooLarge + episodes.sampledOut,
    all,
  )
  // A record that is bad may have the same reason as one that is left out, so that there can be more lines.
  for (const [reason, count] of Object.entries(records.skipped)) {
    const found = lines.reasons.get(reason) ?? 0
    if (found < count) expect(`lines of records with reason ${reason}`, count, found)
  }
  const told = new Map<string, number>([
    ...Object.entries(episodes.dropped).map(([reason, count]) => [`dropped ${reason}`, count] as const),
    ...Object.entries(episodes.invalid).map(([reason, count]) => [`invalid ${reason}`, count] as const),
    ["tooLarge", episodes.tooLarge],
    ["sampledOut", episodes.sampledOut],
  ])
  for (const what of new Set([...told.keys(), ...lines.episodes.keys()]))
    expect(`lines of episodes, ${what}`, told.get(what) ?? 0, lines.episodes.get(what) ?? 0)
}

/**
 * What was built, to look at: reads an output with its manifest and ledger once and makes one HTML file of it. Memory
 * does not grow with the output: figures are kept in bins, samples are chosen by hash.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { causeText } from "../domain/Cause.ts"
import type { OutputError } from "../domain/Errors.ts"
import type { LedgerLine } from "../domain/Merge.ts"
import { formatPlace } from "../domain/Record.ts"
import type { Manifest, TaskCounts } from "../domain/Report.ts"
import { type RowTurn, turnsOf } from "../domain/RowTurns.ts"
import { type Histogram, makeCommonest, makeHistogram, makeSampler, openingOf } from "../domain/report/Stats.ts"
import { countWords, estimate } from "../domain/Tokens.ts"
import { Output } from "../services/Output.ts"
import { readLines } from "./Lines.ts"

/** There is nothing to report on, or it cannot be read. */
export class ReportError extends Schema.TaggedError<ReportError>()("ReportError", {
  reason: Schema.Literal("NotFound", "Unreadable"),
  file: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "NotFound" ? this.detail : `cannot read "${this.file}": ${this.detail}`
  }
}

/** A row that is shown. */
export interface Sample {
  readonly task: string
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly id: string | undefined
  readonly turns: ReadonlyArray<RowTurn>
}

/** What was not written for one reason. */
export interface Reason {
  readonly task: string
  readonly stage: string
  readonly reason: string
  readonly count: number
  readonly samples: ReadonlyArray<LedgerLine>
}

/** Conversations that were left out for one that was kept. */
export interface Group {
  readonly task: string
  readonly filter: string
  readonly kept: string
  readonly dropped: ReadonlyArray<{ readonly id: string; readonly score: number | undefined }>
  /** All of them, those too that are not listed. */
  readonly count: number
}

/** Scores that a filter gave to what it dropped. */
export interface Scores {
  readonly filter: string
  readonly threshold: number | undefined
  readonly values: ReadonlyArray<number>
  readonly count: number
  /** Those nearest to the threshold. */
  readonly nearest: ReadonlyArray<LedgerLine>
}

export interface TaskFigures {
  readonly key: string
  readonly counts: TaskCounts
  readonly tokens: Histogram
  readonly turns: Histogram
  /** Words of each reply. */
  readonly replies: Histogram
}

export interface ReportData {
  readonly name: string
  readonly manifest: Manifest
  readonly rows: number
  readonly tasks: ReadonlyArray<TaskFigures>
  readonly openings: ReadonlyArray<{ readonly text: string; readonly count: number }>
  readonly replies: number
  readonly reasons: ReadonlyArray<Reason>
  readonly groups: ReadonlyArray<Group>
  /** Filters that hold conversations against each other: they decide last. */
  readonly comparing: ReadonlyArray<string>
  readonly scores: ReadonlyArray<Scores>
  readonly samples: ReadonlyArray<Sample>
}

/** Rows that are shown of each task, and ledger lines of each reason. */
const samplesPerTask = 24
const samplesPerReason = 6
const maxGroups = 20
const maxOfGroup = 8
const maxScores = 2000
const nearestScores = 8
const maxOpenings = 24
/** Replies that openings are counted in hold at most so many different ones at once. */
const openingCapacity = 20_000
/** Groups and reasons that are counted; further ones of a hostile ledger are left out. */
const maxKinds = 100_000
const maxLineBytes = 128 * 1024 * 1024

// -------------------------------------------------------------------------------------------------------------- ledger

const numberOf = (line: LedgerLine, key: string): number | undefined => {
  const value = typeof line.detail === "object" ? line.detail[key] : undefined
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

const parse = (bytes: Buffer | undefined): { readonly [key: string]: unknown } | undefined => {
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"))
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as { readonly [key: string]: unknown })
      : undefined
  } catch {
    return undefined
  }
}

const text = (value: unknown): value is string => typeof value === "string"

const isLedgerLine = (value: { readonly [key: string]: unknown } | undefined): boolean =>
  value !== undefined &&
  text(value["task"]) &&
  text(value["stage"]) &&
  text(value["reason"]) &&
  typeof value["place"] === "object" &&
  value["place"] !== null

const readLedger = async (file: string): Promise<Pick<ReportData, "reasons" | "groups" | "comparing" | "scores">> => {
  const reasons = new Map<
    string,
    { count: number; line: LedgerLine; sampler: ReturnType<typeof makeSampler<LedgerLine>> }
  >()
  const groups = new Map<
    string,
    { task: string; filter: string; kept: string; count: number; dropped: Array<Group["dropped"][number]> }
  >()
  const scores = new Map<
    string,
    {
      threshold: number | undefined
      count: number
      sampler: ReturnType<typeof makeSampler<number>>
      nearest: Array<{ away: number; line: LedgerLine }>
    }
  >()
  for await (const { bytes, number } of readLines(file, maxLineBytes)) {
    const value = parse(bytes)
    if (!isLedgerLine(value)) continue
    const line = value as unknown as LedgerLine
    const key = JSON.stringify([line.task, line.stage, line.reason])
    let known = reasons.get(key)
    if (known === undefined) {
      if (reasons.size >= maxKinds) continue
      known = { count: 0, line, sampler: makeSampler<LedgerLine>(samplesPerReason) }
      reasons.set(key, known)
    }
    known.count++
    known.sampler.offer(`${line.task}/${line.id ?? formatPlace(line.place)}`, () => line)
    if (line.stage !== "filter" || typeof line.detail !== "object") continue
    const score = numberOf(line, "score")
    const { kept } = line.detail
    if (typeof kept === "string" && line.id !== undefined) {
      const groupKey = JSON.stringify([line.reason, kept])
      let group = groups.get(groupKey)
      if (group === undefined && groups.size < maxKinds) {
        group = { task: line.task, filter: line.reason, kept, count: 0, dropped: [] }
        groups.set(groupKey, group)
      }
      if (group !== undefined) {
        group.count++
        if (group.dropped.length < maxOfGroup) group.dropped.push({ id: line.id, score })
      }
    }
    if (score === undefined) continue
    const threshold = numberOf(line, "threshold")
    let scored = scores.get(line.reason)
    if (scored === undefined) {
      scored = { threshold, count: 0, sampler: makeSampler<number>(maxScores), nearest: [] }
      scores.set(line.reason, scored)
    }
    scored.count++
    scored.sampler.offer(`${line.task}/${line.id ?? number}`, () => score)
    const away = Math.abs(score - (threshold ?? 0))
    const at = scored.nearest.findIndex((other) => other.away > away)
    if (at >= 0 || scored.nearest.length < nearestScores)
      scored.nearest.splice(at < 0 ? scored.nearest.length : at, 0, { away, line })
    if (scored.nearest.length > nearestScores) scored.nearest.pop()
  }
  const byName = <A extends { readonly task?: string; readonly filter?: string; readonly reason?: string }>(
    a: A,
    b: A,
  ) => (JSON.stringify([a.task, a.filter, a.reason]) < JSON.stringify([b.task, b.filter, b.reason]) ? -1 : 1)
  return {
    reasons: [...reasons.values()]
      .map(({ count, line: { reason, stage, task }, sampler }) => ({
        task,
        stage,
        reason,
        count,
        samples: sampler.values(),
      }))
      .sort((a, b) => b.count - a.count || byName(a, b)),
    groups: [...groups.values()].sort((a, b) => b.count - a.count || (a.kept < b.kept ? -1 : 1)).slice(0, maxGroups),
    comparing: [...new Set([...groups.values()].map(({ filter }) => filter))],
    scores: [...scores]
      .map(([filter, { count, nearest, sampler, threshold }]) => ({
        filter,
        threshold,
        count,
        values: sampler.values(),
        nearest: nearest.map(({ line }) => line),
      }))
      .sort(byName),
  }
}

// ---------------------------------------------------------------------------------------------------------------- rows

/**
 * The task of each row: rows stand in the order of the tasks, each with as many as the manifest tells, unless they were
 * shuffled or split. Then the identifier tells it, by what it begins with; the longest key that fits.
 */
const taskOfRows = (manifest: Manifest): ((row: number, id: string | undefined) => string | undefined) => {
  const keys = Object.keys(manifest.tasks)
  const prefixes = prefixesOf(manifest)
  if (manifest.outputs.length === 1 && !isShuffled(manifest)) {
    const ends: Array<number> = []
    let end = 0
    for (const key of keys) ends.push((end += manifest.tasks[key]?.examples ?? 0))
    return (row) => keys[ends.findIndex((one) => row < one)]
  }
  const only = keys.length === 1 ? keys[0] : undefined
  return (_, id) => prefixes.find(([prefix]) => id?.startsWith(`${prefix}-`) === true)?.[1] ?? only
}

const isShuffled = ({ config }: Manifest): boolean => {
  const shuffle = (config as { readonly shuffle?: unknown } | null)?.shuffle
  return shuffle !== undefined && shuffle !== false && shuffle !== null
}

/** What the identifiers of each task begin with, longest first. */
const prefixesOf = ({ config, tasks }: Manifest): ReadonlyArray<readonly [prefix: string, key: string]> => {
  const sections = (config as { readonly tasks?: { readonly [key: string]: { readonly prefix?: unknown } } } | null)
    ?.tasks
  return Object.keys(tasks)
    .map((key) => {
      const prefix = sections?.[key]?.prefix
      return [text(prefix) ? prefix : key, key] as const
    })
    .sort(([a], [b]) => b.length - a.length)
}

const readRows = async (
  folder: string,
  manifest: Manifest,
): Promise<Pick<ReportData, "rows" | "tasks" | "openings" | "replies" | "samples">> => {
  const figures = new Map(
    Object.entries(manifest.tasks).map(([key, counts]) => [
      key,
      { key, counts, tokens: makeHistogram(), turns: makeHistogram(), replies: makeHistogram() },
    ]),
  )
  const samplers = new Map([...figures.keys()].map((key) => [key, makeSampler<Sample>(samplesPerTask)]))
  const openings = makeCommonest(openingCapacity)
  const taskOf = taskOfRows(manifest)
  let rows = 0
  for (const { file } of manifest.outputs) {
    for await (const { bytes, number } of readLines(join(folder, basename(file)), maxLineBytes)) {
      // An element of an array stands on a line of its own, before a comma.
      const row = parse(bytes?.at(-1) === 44 ? bytes.subarray(0, -1) : bytes)
      if (row === undefined) continue
      const id = text(row["identifier"]) ? row["identifier"] : undefined
      const task = taskOf(rows++, id)
      const own = task === undefined ? undefined : figures.get(task)
      const turns = turnsOf(row)
      let tokens = 0
      let spoken = 0
      for (const turn of turns) {
        tokens += estimate(turn.text)
        if (turn.kind !== "system") spoken++
        if (turn.kind !== "model") continue
        own?.replies.add(countWords(turn.text))
        const opening = openingOf(turn.text)
        if (opening !== undefined) openings.add(opening)
      }
      if (own === undefined || task === undefined) continue
      own.tokens.add(tokens)
      own.turns.add(spoken)
      samplers.get(task)?.offer(id ?? `${file}:${number}`, () => ({ task, file, line: number, id, turns }))
    }
  }
  return {
    rows,
    tasks: [...figures.values()],
    openings: openings.top(maxOpenings),
    replies: openings.seen(),
    samples: [...samplers.values()].flatMap((sampler) => sampler.values()),
  }
}

// ------------------------------------------------------------------------------------------------------------- program

export interface ReportOptions {
  /** Default: beside the output. */
  readonly manifestFile?: string
  readonly ledgerFile?: string
  /** Where to write; default: the output's name with `.report.html`. */
  readonly reportFile?: string
}

export const reportFileOf = (output: string, options: ReportOptions = {}): string =>
  options.reportFile ?? `${output}.report.html`

const readManifest = async (file: string, output: string): Promise<Manifest> => {
  const bytes = await readFile(file).catch((cause: unknown) => {
    if ((cause as { readonly code?: unknown }).code !== "ENOENT") throw cause
    throw new ReportError({
      reason: "NotFound",
      file,
      detail: `there is no manifest "${file}". A report needs what "data-toolbox build" wrote for "${output}"; name another place with --manifest.`,
    })
  })
  const value = parse(bytes)
  const isManifest =
    value !== undefined &&
    typeof value["tasks"] === "object" &&
    value["tasks"] !== null &&
    Array.isArray(value["outputs"])
  if (!isManifest) throw new ReportError({ reason: "Unreadable", file, detail: "it is no manifest of data-toolbox" })
  return value as unknown as Manifest
}

/** Gathers what a report shows. */
export const gather = (output: string, options: ReportOptions = {}): Effect.Effect<ReportData, ReportError> =>
  Effect.tryPromise({
    try: async () => {
      const manifest = await readManifest(options.manifestFile ?? `${output}.manifest.json`, output)
      const ledger = options.ledgerFile ?? `${output}.ledger.jsonl.gz`
      const hasLedger = await stat(ledger).then(
        () => true,
        () => false,
      )
      const told = hasLedger ? await readLedger(ledger) : { reasons: [], groups: [], comparing: [], scores: [] }
      return { name: basename(output), manifest, ...told, ...(await readRows(dirname(output), manifest)) }
    },
    catch: (cause) =>
      cause instanceof ReportError
        ? cause
        : new ReportError({
            reason: "Unreadable",
            file: ((cause as { readonly path?: unknown }).path as string | undefined) ?? output,
            detail: causeText(cause),
          }),
  })

/** Writes the report of an output beside it, whole or not at all, and answers the file's name. */
export const report = (
  output: string,
  options: ReportOptions = {},
): Effect.Effect<string, ReportError | OutputError, Output> =>
  Effect.scoped(
    Effect.gen(function* () {
      const data = yield* gather(output, options)
      const { html } = yield* Effect.promise(() => import("./report/Html.ts"))
      const file = reportFileOf(output, options)
      const service = yield* Output
      const work = `${file}.work`
      yield* Effect.addFinalizer(() => service.sweep(work, false))
      const staged = yield* service.stage(file, work)
      yield* staged.write(Buffer.from(html(data), "utf8"))
      yield* staged.close
      yield* staged.publish
      return file
    }),
  )

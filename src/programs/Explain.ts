/**
 * The life of one record: where it was read, what the clean-up changed, what each filter said, how long it is, and what
 * was written. Runs the task's own functions on that record alone; the rest of the input is only looked through for it.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { readFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { causeText } from "../domain/Cause.ts"
import type { BuildSpec } from "../domain/BuildSpec.ts"
import type { BuildError } from "../domain/Errors.ts"
import type { LedgerLine } from "../domain/Merge.ts"
import { formatPlace, type Place } from "../domain/Record.ts"
import type { Rejection } from "../domain/Rejection.ts"
import type { Manifest } from "../domain/Report.ts"
import { decode } from "../domain/SliceResult.ts"
import { SliceRunner } from "../services/SliceRunner.ts"
import * as Build from "./Build.ts"
import { readLines } from "./Lines.ts"
import { type Measured, measureOf } from "./Measure.ts"
import { type Components, type ReadSpec, resolve, type ResolvedRun } from "./Resolve.ts"
import { comparing, notWanted, watch, type Watched } from "./Watch.ts"
import { type Fields, isFields } from "../domain/Fields.ts"

/** The record cannot be explained: it was not found, or what tells of it cannot be read. */
export class ExplainError extends Schema.TaggedError<ExplainError>()("ExplainError", {
  reason: Schema.Literal("NotFound", "Unreadable", "NoIdentifier"),
  what: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "Unreadable" ? `cannot read "${this.what}": ${this.detail}` : this.detail
  }
}

/** What an output says of a record. */
export interface Outcome {
  readonly output: string
  /** Rows that were written of it: 1-based lines. */
  readonly rows: ReadonlyArray<{ readonly file: string; readonly line: number }>
  readonly lines: ReadonlyArray<LedgerLine>
  /** Whether rows of this output carry identifiers: without them none can be told. */
  readonly named: boolean
}

export interface Explanation {
  readonly task: string
  readonly id: string | undefined
  readonly place: Place
  /** Absent for a record that could not be read. */
  readonly watched: Watched | undefined
  /** What the stages say of it, filters excepted. */
  readonly lines: ReadonlyArray<Rejection>
  /** Tokens of what would be written, where they are counted. */
  readonly tokens: number | undefined
  /** Of each example of each episode of the record: the tokens of its turns, and which are trained. */
  readonly measured: ReadonlyArray<ReadonlyArray<Measured>>
  readonly tokenizer: string
  readonly maxLength: number | undefined
  readonly format: string
  /** Filters that hold conversations against each other: only an output knows what they said. */
  readonly comparing: ReadonlyArray<string>
  readonly outcome: Outcome | undefined
}

export interface ExplainSpec {
  /** An identifier, or a place such as `chats.jsonl:12`. */
  readonly id: string
  /** How to read it: as for a build. */
  readonly spec: ReadSpec & { readonly format: string }
  /** The output whose ledger and rows are looked through. */
  readonly output?: OutputFiles
}

export interface OutputFiles {
  readonly file: string
  readonly ledgerFile?: string
  readonly manifestFile?: string
}

const reading = <A>(file: string, read: () => Promise<A>): Effect.Effect<A, ExplainError> =>
  Effect.tryPromise({
    try: read,
    catch: (cause) => {
      const isGone = (cause as { readonly code?: unknown } | null)?.code === "ENOENT"
      const detail = `there is no "${file}", which "data-toolbox build" writes beside an output`
      return isGone
        ? new ExplainError({ reason: "NotFound", what: file, detail })
        : new ExplainError({ reason: "Unreadable", what: file, detail: causeText(cause) })
    },
  })

const ledgerOf = ({ file, ledgerFile }: OutputFiles): string => ledgerFile ?? `${file}.ledger.jsonl.gz`
const manifestOf = ({ file, manifestFile }: OutputFiles): string => manifestFile ?? `${file}.manifest.json`

// -------------------------------------------------------------------------------------------------------------- output

/** The run that an output was made by, from its manifest; plug-ins are not in it by their paths. */
export const specOf = (
  files: OutputFiles,
): Effect.Effect<{ readonly manifest: Manifest; readonly spec: ExplainSpec["spec"] }, ExplainError> => {
  const file = manifestOf(files)
  return Effect.flatMap(
    reading(file, async () => JSON.parse(await readFile(file, "utf8")) as unknown),
    (manifest) => {
      const config = isFields(manifest) ? manifest["config"] : undefined
      const tasks = isFields(config) ? config["tasks"] : undefined
      if (!isFields(config) || !isFields(tasks))
        return new ExplainError({ reason: "Unreadable", what: file, detail: "it is no manifest of data-toolbox" })
      const sections = Object.entries(tasks).map(([key, section]) => {
        const { options, ...rest } = (isFields(section) ? section : {}) as Fields
        // A task that runs under its own name takes no other.
        const { prefix: _, task, ...own } = rest
        return [key, { ...(isFields(options) ? options : {}), ...own, ...(task === key ? {} : { task }) }] as const
      })
      const spec = {
        tasks: Object.keys(tasks),
        config: Object.fromEntries(sections),
        format: String(config["format"] as string),
        maxLength: config["maxLength"] as number,
        length: config["length"] as NonNullable<BuildSpec["length"]>,
        tokenizer: config["tokenizer"] as string,
        roleTokens: config["roleTokens"] as NonNullable<BuildSpec["roleTokens"]>,
        ...(typeof config["chatTemplate"] === "string" ? { chatTemplate: config["chatTemplate"] } : {}),
        seed: (manifest as Fields)["seed"] as number,
      }
      return Effect.succeed({ manifest: manifest as unknown as Manifest, spec })
    },
  )
}

/** Whether an identifier is that of the record, or of a part of what was made of it. */
const isOf = (id: string, record: string): boolean =>
  id === record ||
  ((id.startsWith(`${record}#`) || id.startsWith(`${record}/`)) && /^[#/]\d+/.test(id.slice(record.length)))

/** The identifier of a row of an output. */
export const idOfRow = (output: string, line: number): Effect.Effect<string, ExplainError> =>
  Effect.flatMap(
    reading(output, async () => {
      for await (const { bytes, number } of readLines(output))
        if (number === line) return bytes === undefined ? undefined : (JSON.parse(bytes.toString("utf8")) as unknown)
      return null
    }),
    (row) => {
      if (row === null || row === undefined)
        return new ExplainError({ reason: "NotFound", what: output, detail: `"${output}" has no line ${line}` })
      const id = isFields(row) ? row["identifier"] : undefined
      return typeof id === "string"
        ? Effect.succeed(id)
        : new ExplainError({
            reason: "NoIdentifier",
            what: output,
            detail: `line ${line} of "${output}" has no identifier: its format carries none, or the build left it out. The ledger and "data-toolbox preview" tell identifiers.`,
          })
    },
  )

/** What the ledger and the rows of an output say of a record. */
const outcomeOf = (files: OutputFiles, manifest: Manifest, id: string): Effect.Effect<Outcome, ExplainError> => {
  const ledger = ledgerOf(files)
  return Effect.flatMap(
    reading(ledger, async () => {
      const lines: Array<LedgerLine> = []
      const needle = JSON.stringify(id).slice(1, -1)
      for await (const { bytes } of readLines(ledger)) {
        if (bytes === undefined || (!bytes.includes(needle) && !bytes.includes('"place"'))) continue
        const line = JSON.parse(bytes.toString("utf8")) as LedgerLine
        if ((line.id !== undefined && isOf(line.id, id)) || formatPlace(line.place) === id) lines.push(line)
      }
      return lines
    }),
    (lines) =>
      Effect.map(
        Effect.forEach(manifest.outputs, (output) => {
          const file = join(dirname(files.file), basename(output.file))
          return reading(file, async () => {
            const rows: Array<{ file: string; line: number }> = []
            let named = false
            const needle = Buffer.from(`"identifier":${JSON.stringify(id).slice(0, -1)}`)
            for await (const { bytes, number } of readLines(file)) {
              named ||= bytes?.includes('"identifier":') === true
              if (bytes?.includes(needle) !== true) continue
              const row = JSON.parse(bytes.toString("utf8")) as { readonly identifier?: unknown }
              if (typeof row.identifier === "string" && isOf(row.identifier, id)) rows.push({ file, line: number })
            }
            return { rows, named }
          })
        }),
        (outputs): Outcome => ({
          output: files.file,
          rows: outputs.flatMap(({ rows }) => rows),
          lines,
          named: outputs.some(({ named }) => named),
        }),
      ),
  )
}

// -------------------------------------------------------------------------------------------------------------- record

interface Hit {
  readonly watched: Watched | undefined
  readonly lines: ReadonlyArray<Rejection>
  readonly tokens: number | undefined
}

/** Looks through the slices of a task for the record. */
const findIn = (
  resolved: ResolvedRun,
  index: number,
  id: string,
  file: string | undefined,
): Effect.Effect<Hit | undefined, BuildError, SliceRunner> =>
  Effect.suspend(() => {
    const task = resolved.tasks[index] as ResolvedRun["tasks"][number]
    let watched: Watched | undefined
    const wants = (own: string, place: Place): boolean => isOf(id, own) || formatPlace(place) === id
    const observed = watch(Build.unmixed(task), { wants, seen: (one) => (watched = one) })
    const plan =
      file === undefined
        ? observed.plan
        : {
            ...observed.plan,
            slices: Stream.filter(observed.plan.slices, (slice) => Build.sourcesOf(slice).includes(file)),
          }
    const alone: ResolvedRun = { ...resolved, tasks: [{ ...observed, plan }], portable: false, limit: undefined }
    return Build.results(alone).pipe(
      Stream.map(({ result }): Hit | undefined => {
        const { kept, rejections } = decode(result)
        const isMine = ({ id: own, place, reason }: Rejection): boolean =>
          reason !== notWanted &&
          (watched === undefined ? formatPlace(place) === id : own !== undefined && isOf(own, watched.id))
        const lines = rejections.map(({ line }) => line).filter(isMine)
        if (watched === undefined && lines.length === 0) return undefined
        let tokens = 0
        for (let i = 0; i < kept.count; i++) tokens += kept.tokens(i)
        return { watched, lines, tokens: kept.count > 0 && resolved.run.countTokens ? tokens : undefined }
      }),
      Stream.filter((hit) => hit !== undefined),
      Stream.runHead,
      Effect.map((found) => (found._tag === "Some" ? found.value : undefined)),
    )
  })

/** Explains one record. */
export const explain = ({
  id,
  output,
  spec,
}: ExplainSpec): Effect.Effect<Explanation, BuildError | ExplainError, Components | SliceRunner> =>
  Effect.gen(function* () {
    const resolved = yield* resolve(spec)
    const look = (own: string): Effect.Effect<Outcome | undefined, ExplainError> =>
      output === undefined
        ? Effect.succeed(undefined)
        : Effect.flatMap(specOf(output), ({ manifest }) => outcomeOf(output, manifest, own))
    const told = yield* look(id)
    const known = told?.lines[0]
    for (const [index, task] of resolved.tasks.entries()) {
      if (known !== undefined && known.task !== task.job.key) continue
      // An identifier begins with that of its task; a place may be in any.
      if (!id.startsWith(`${task.job.prefix}-`) && !task.plan.files.some(({ file }) => id.startsWith(file))) continue
      const hit = yield* findIn(resolved, index, id, known?.place.file)
      if (hit === undefined) continue
      const { lines, tokens, watched } = hit
      const measure = yield* Effect.promise(() => measureOf(resolved, task))
      const [line] = lines
      // Asked for by its place, or by the name of a part: what an output says stands under its identifier.
      const outcome = watched === undefined || watched.id === id ? told : yield* look(watched.id)
      return {
        task: task.job.key,
        id: watched?.id ?? line?.id,
        place: watched?.place ?? (line?.place as Place),
        watched,
        lines,
        tokens,
        measured: (watched?.episodes ?? []).map(({ examples }) => examples.map(measure)),
        tokenizer: resolved.run.tokenizer,
        maxLength: resolved.run.maxLength,
        format: resolved.run.format,
        comparing: comparing(task.filters.map(({ definition }) => definition)),
        outcome,
      }
    }
    const tasks = resolved.tasks.map(({ job }) => `${job.key} ("${job.prefix}-...")`).join(", ")
    return yield* new ExplainError({
      reason: "NotFound",
      what: id,
      detail: `no record "${id}" in ${tasks}. Identifiers stand in the output, in the ledger, and above the examples of a preview; a place is written as chats.jsonl:12.`,
    })
  })

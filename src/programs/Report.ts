/**
 * What was built, to look at: reads an output with its manifest and ledger once, and of the raw data what it takes to
 * show what was left out, and makes one HTML file of it. Memory does not grow with the output: figures are kept in bins,
 * samples are chosen by hash.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, stat } from "node:fs/promises"
import { basename, dirname } from "node:path"
import { causeText } from "../domain/Cause.ts"
import type { OutputError } from "../domain/Errors.ts"
import { isFields } from "../domain/Fields.ts"
import type { LedgerLine } from "../domain/Merge.ts"
import type { Manifest } from "../domain/Report.ts"
import { Output } from "../services/Output.ts"
import { Filters, Tasks } from "../services/Registry.ts"
import { Tokenizer, type TokenizerService } from "../services/Tokenizer.ts"
import type { SliceRunner } from "../services/SliceRunner.ts"
import { parseFields } from "./Lines.ts"
import type { Left, ReportData } from "./report/Data.ts"
import { openGauges } from "./report/Gauges.ts"
import { type LedgerData, readLedger, scoreIn } from "./report/ReadLedger.ts"
import { readRaw, type Wanted } from "./report/ReadRaw.ts"
import { readRows, type RunTokenizer } from "./report/ReadRows.ts"
import type { Components } from "./Resolve.ts"

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
  const value = parseFields(bytes)
  if (value === undefined || !isFields(value["tasks"]) || !Array.isArray(value["outputs"]))
    throw new ReportError({ reason: "Unreadable", file, detail: "it is no manifest of data-toolbox" })
  return value as unknown as Manifest
}

const nothing: LedgerData = { reasons: [], groups: [], comparing: [], languages: [] }

const reading = <A>(output: string, read: () => Promise<A>): Effect.Effect<A, ReportError> =>
  Effect.tryPromise({
    try: read,
    catch: (cause) =>
      cause instanceof ReportError
        ? cause
        : new ReportError({
            reason: "Unreadable",
            file: ((cause as { readonly path?: unknown }).path as string | undefined) ?? output,
            detail: causeText(cause),
          }),
  })

/** The task that runs under a key. */
const taskName = ({ config }: Manifest, key: string): string => {
  const sections = isFields(config) ? config["tasks"] : undefined
  const section = isFields(sections) ? sections[key] : undefined
  return isFields(section) && typeof section["task"] === "string" ? section["task"] : key
}

/** The tokenizer of the run, where it goes by a name; of a file only the base name is known. */
const tokenizerOf = async ({ config }: Manifest, { load, names }: TokenizerService): Promise<RunTokenizer> => {
  const name = isFields(config) ? config["tokenizer"] : undefined
  if (typeof name !== "string" || name === "estimate" || !names.includes(name))
    return { name: "estimate", count: undefined }
  return { name, count: (await load(name)).count }
}

/** Gathers what a report shows. */
export const gather = (
  output: string,
  options: ReportOptions = {},
): Effect.Effect<ReportData, ReportError, Components | SliceRunner> =>
  Effect.gen(function* () {
    const filters = yield* Filters
    const tasks = yield* Tasks
    const tokenizers = yield* Tokenizer
    const manifestFile = options.manifestFile ?? `${output}.manifest.json`
    const ledgerFile = options.ledgerFile ?? `${output}.ledger.jsonl.gz`
    const { gauges, manifest, rows, told } = yield* reading(output, async () => {
      const manifest = await readManifest(manifestFile, output)
      const gauges = openGauges(manifest, filters.find)
      const hasLedger = await stat(ledgerFile).then(
        () => true,
        () => false,
      )
      const told = hasLedger ? await readLedger(ledgerFile, gauges) : nothing
      const kept = new Set(told.groups.map((group) => group.kept))
      const tokenizer = await tokenizerOf(manifest, tokenizers)
      return { gauges, manifest, told, rows: await readRows(dirname(output), manifest, gauges, kept, tokenizer) }
    })
    const scores = gauges.gathered()
    const { groups, reasons } = told
    const lines = [
      ...reasons.flatMap((reason) => reason.lines),
      ...groups.flatMap(({ dropped }) => dropped),
      ...scores.flatMap(({ above }) => above.map(({ line }) => line)),
    ]
    const wanted: ReadonlyArray<Wanted> = [
      ...lines.flatMap(({ id, place, task }) => (id === undefined ? [] : [{ task, id, file: place.file }])),
      ...groups.flatMap(({ kept: id, task }) => (rows.texts.has(id) ? [] : [{ task, id, file: undefined }])),
    ]
    const raw = yield* readRaw({ file: output, manifestFile, ledgerFile }, manifest, wanted)
    const left = (line: LedgerLine): Left => ({
      line,
      text: line.id === undefined ? undefined : raw.find(line.task, line.id),
    })
    return {
      ...rows,
      name: basename(output),
      manifest,
      languages: { ...rows.languages, dropped: told.languages },
      reasons: reasons.map(({ lines: of, ...reason }) => ({
        ...reason,
        meaning:
          reason.stage === "filter"
            ? filters.find(reason.reason)?.description
            : tasks.find(taskName(manifest, reason.task))?.reasons?.[reason.reason],
        samples: of.map(left),
      })),
      groups: groups.map(({ dropped, ...group }) => ({
        ...group,
        keptText: rows.texts.get(group.kept) ?? raw.find(group.task, group.kept),
        dropped: dropped.map((line) => ({ ...left(line), score: scoreIn(line) })),
      })),
      comparing: told.comparing,
      scores: scores.map(({ above, ...score }) => ({
        ...score,
        above: above.map((one) => ({ score: one.score, ...left(one.line) })),
      })),
      missing: raw.missing,
    }
  })

/** Writes the report of an output beside it, whole or not at all, and answers the file's name. */
export const report = (
  output: string,
  options: ReportOptions = {},
): Effect.Effect<string, ReportError | OutputError, Output | Components | SliceRunner> =>
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

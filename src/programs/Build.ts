/**
 * The main job: raw data of the chosen tasks to training data, a ledger of what was not written, and a manifest of how
 * it was made.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, isAbsolute, join } from "node:path"
import { causeText } from "../domain/Cause.ts"
import type { BuildSpec } from "../domain/BuildSpec.ts"
import type { FilterDefinition, FormatDefinition, SideInput } from "../domain/Component.ts"
import type { TrainingExample } from "../domain/Conversation.ts"
import {
  type BuildError,
  ConfigError,
  DatasetError,
  OutputError,
  PolicyError,
  type Problem,
  type SliceError,
} from "../domain/Errors.ts"
import { withEncode } from "../domain/Format.ts"
import type { FilterJob, Job } from "../domain/Job.ts"
import { type LedgerLine, type Merge, type Merged, needsScratch, openMerge } from "../domain/Merge.ts"
import { type Mix, type MixCounts, mixes, openMix } from "../domain/Mix.ts"
import { digest, packageTool } from "../domain/Package.ts"
import {
  add,
  checkSums,
  type Manifest,
  type ManifestInput,
  type ManifestOutput,
  manifestText,
  seal,
  sorted,
  type TaskCounts,
  total,
} from "../domain/Report.ts"
import { splitMember } from "../domain/Record.ts"
import type { Slice } from "../domain/Slice.ts"
import { decode } from "../domain/SliceResult.ts"
import { Ledger } from "../services/Ledger.ts"
import { checkFolder, Output, type Staged, type Written } from "../services/Output.ts"
import { Progress, type ProgressService } from "../services/Progress.ts"
import { SliceRunner, type Work } from "../services/SliceRunner.ts"
import {
  checkTargets,
  type Components,
  type MaxBad,
  type ReadSpec,
  type ResolvedRun,
  resolve,
  type RunTask,
} from "./Resolve.ts"

/** What a run needs beside the components that its config names. */
export type Services = Components | SliceRunner | Output | Ledger | Progress

// -------------------------------------------------------------------------------------------------------------- slices

interface SideEntry {
  readonly dataset: string
  readonly entries: number
  readonly sha256: string
}

/** What a run learns on its way, for the manifest. */
interface Learned {
  readonly sides: Array<SideEntry>
  /** Files that slices were cut from, by task: all of them unless a limit ended the task early. */
  readonly touched: ReadonlyArray<Set<string>>
}

export interface SliceDone {
  readonly task: number
  readonly result: Uint8Array
}

export const sourcesOf = (slice: Slice): ReadonlyArray<string> =>
  slice.kind === "files"
    ? slice.files.map(({ file }) => file)
    : slice.kind === "records"
      ? []
      : [splitMember(slice.file).file]

interface Pending {
  readonly index: number
  /** Bytes of input that the slice stands for. */
  readonly bytes: number
  readonly work: Work
}

/** Filters without the options that only the merge reads: a changed threshold leaves finished slices as they are. */
const earlyOptions = (
  jobs: ReadonlyArray<FilterJob>,
  filters: ReadonlyArray<FilterDefinition>,
): ReadonlyArray<FilterJob> =>
  jobs.map((job, i) => {
    const late = filters[i]?.memory?.late ?? []
    if (late.length === 0) return job
    const options = Object.entries(job.options as object).filter(([name]) => !late.includes(name))
    return { ...job, options: Object.fromEntries(options) }
  })

/** Runs the slices of all tasks, some at a time; results come in order. */
const runSlices = (
  resolved: ResolvedRun,
  learned: Learned,
  ahead: number,
  keep: string | undefined,
  progress?: ProgressService,
): Stream.Stream<SliceDone, DatasetError | SliceError, SliceRunner> =>
  Stream.unwrap(
    Effect.map(SliceRunner, (runner) => {
      const plugins = resolved.plugins.map(({ path, sha256 }) => ({ path, sha256 }))
      const works = (index: number): Stream.Stream<Pending, DatasetError> => {
        const { job: task, parts, plan } = resolved.tasks[index] as ResolvedRun["tasks"][number]
        const preparing = (begun: boolean) =>
          progress === undefined || parts.dataset.sideInput === undefined
            ? Effect.void
            : progress.preparing(task.key, begun)
        const sideInput = Effect.zipRight(preparing(true), Effect.ensuring(plan.sideInput, preparing(false)))
        return Stream.unwrap(
          Effect.map(sideInput, (side) => {
            const found = Option.getOrUndefined(side)
            const sideDigest = found === undefined ? undefined : digest((found as SideInput).value)
            if (found !== undefined && sideDigest !== undefined)
              learned.sides.push({ dataset: parts.dataset.name, entries: found.entries, sha256: sideDigest })
            const job: Job = {
              run: resolved.run,
              task,
              plugins,
              ...(found === undefined ? {} : { side: found.value }),
            }
            const early = { ...task, filters: earlyOptions(task.filters, parts.filters) }
            const jobKey = digest([packageTool().build, resolved.run, early, parts.format.name, plugins, sideDigest])
            let passed = 0
            const pending = Stream.map(plan.slices, (slice): Pending => {
              const place = keep === undefined ? {} : { keep }
              const bytes = plan.passed() - passed
              passed += bytes
              return { index, bytes, work: { job, jobKey, parts, portable: resolved.portable, slice, ...place } }
            })
            if (progress === undefined) return pending
            return Stream.onEnd(
              pending,
              Effect.suspend(() => progress.planned(task.key, passed)),
            )
          }),
        )
      }
      const runTold = ({ bytes, work }: Pending) => {
        if (progress === undefined) return runner.run(work)
        let resumed = false
        const found = () => {
          resumed = true
        }
        return Effect.tap(runner.run({ ...work, found }), () =>
          progress.slice({ task: work.job.task.key, bytes, resumed }),
        )
      }
      const run = (pending: Pending) =>
        Effect.map(runTold(pending), (result): SliceDone => {
          for (const file of sourcesOf(pending.work.slice)) learned.touched[pending.index]?.add(file)
          return { task: pending.index, result }
        })
      const tasks = Stream.fromIterable(resolved.tasks.keys())
      const { limit } = resolved
      if (limit === undefined)
        return Stream.mapEffect(Stream.flatMap(tasks, works), run, { concurrency: Math.max(1, ahead) })
      // How many records a slice may take depends on those before it; past the limit nothing is even planned.
      return Stream.flatMap(tasks, (index) => {
        let left = limit
        const done = Stream.mapEffect(works(index), (pending) =>
          Effect.tap(run({ ...pending, work: { ...pending.work, limit: left } }), ({ result }) =>
            Effect.sync(() => {
              left -= decode(result).records
            }),
          ),
        )
        return Stream.takeUntil(done, () => left <= 0)
      })
    }),
  )

// --------------------------------------------------------------------------------------------------------------- merge

interface MergedSlice extends Merged {
  readonly task: number
}

const mergeOf = (
  { run, tasks }: ResolvedRun,
  work: string,
  mix?: Mix,
): Effect.Effect<Merge, OutputError, Output | Scope.Scope> => {
  const merged = tasks.map(({ asked, filters, job }) => ({
    key: job.key,
    countTokens: run.countTokens,
    filters: [
      ...asked.first,
      ...filters,
      ...asked.last.map((one) => ({ ...one, definition: mix?.collect(one.definition) ?? one.definition })),
    ],
  }))
  if (!needsScratch(merged)) return Effect.sync(() => openMerge(merged))
  return Effect.flatMap(Output, ({ scratch }) => Effect.map(scratch(work), (space) => openMerge(merged, space)))
}

/** Runs a step of a merge, which may find the disk full. */
const attempt = <A>(act: () => A): Effect.Effect<A, OutputError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(act())
    } catch (cause) {
      return cause instanceof OutputError ? Effect.fail(cause) : Effect.die(cause)
    }
  })

/** Steps of a merge that are taken before others get their turn: some milliseconds. */
const stepsAtOnce = 500

const settle = (merge: Merge): Effect.Effect<void, OutputError> =>
  Effect.flatMap(
    attempt(() => merge.settle(stepsAtOnce)),
    (done) => (done ? Effect.void : Effect.zipRight(Effect.sleep(0), settle(merge))),
  )

/** Who is told how far a merge is. */
interface Told {
  readonly observed: (task: number, records: number) => Effect.Effect<void>
  readonly phase: ProgressService["phase"]
}

/** Merges the results in order; a merge that observes sees all of them before it decides. */
const mergeSlices = <R>(
  merge: Merge,
  slices: Stream.Stream<SliceDone, DatasetError | SliceError, R>,
  work: string,
  told?: Told,
): Stream.Stream<MergedSlice, DatasetError | SliceError | OutputError, R | Output> => {
  let steps = 0
  const step = ({ result, task }: SliceDone) =>
    attempt((): MergedSlice => {
      steps++
      return { task, ...merge.step(task, result) }
    })
  if (!merge.observes) return Stream.mapEffect(slices, step)
  return Stream.unwrapScoped(
    Effect.gen(function* () {
      const spool = yield* (yield* Output).spool(work)
      const order: Array<number> = []
      yield* Stream.runForEach(slices, ({ result, task }) => {
        order.push(task)
        return Effect.zipRight(
          Effect.flatMap(
            attempt(() => merge.observe(task, result)),
            (records) => told?.observed(task, records) ?? Effect.void,
          ),
          spool.append(result),
        )
      })
      if (told !== undefined) yield* told.phase(() => ({ name: "comparing", done: 0, of: undefined, unit: "slices" }))
      yield* settle(merge)
      if (told !== undefined)
        yield* told.phase(() => ({ name: "deciding", done: steps, of: order.length, unit: "slices" }))
      return Stream.mapEffect(Stream.zipWithIndex(spool.read), ([result, i]) =>
        step({ task: order[i] as number, result }),
      )
    }),
  )
}

/** The results of the slices of a run as they are, before any merge: for those who look at records one by one. */
export const results = (resolved: ResolvedRun): Stream.Stream<SliceDone, DatasetError | SliceError, SliceRunner> =>
  runSlices(resolved, { sides: [], touched: resolved.tasks.map(() => new Set()) }, 1, undefined)

// -------------------------------------------------------------------------------------------------------------- policy

const describe = (maxBad: MaxBad): string => ("count" in maxBad ? String(maxBad.count) : `${maxBad.percent}%`)

const share = (bad: number, read: number): string => `${((100 * bad) / read).toFixed(1)} %`

/** Share of bad records from which on a run without a policy of its own warns. */
const warnBad = 0.05

const tooManyBad = (
  task: string,
  { bad, read }: TaskCounts["records"],
  maxBad: MaxBad | undefined,
  atEnd: boolean,
): PolicyError | undefined => {
  if (maxBad === undefined) return undefined
  const exceeded = "count" in maxBad ? bad > maxBad.count : atEnd && bad * 100 > maxBad.percent * read
  if (!exceeded) return undefined
  return new PolicyError({
    reason: "TooManyBad",
    task,
    detail:
      `${bad} of ${read} records are bad (${share(bad, read)}), more than the ${describe(maxBad)} that is allowed. ` +
      `Run without --strict and --max-bad to get the ledger, which tells the place and reason of each.`,
  })
}

// ------------------------------------------------------------------------------------------------------------- outputs

/**
 * Where the unfinished lies: beside the output, or in a temporary folder of its own. The slices that a run has finished
 * stay there when it does not end well.
 */
const workFolder = (outputFile: string, keepWork: boolean): Effect.Effect<string, OutputError, Scope.Scope | Output> =>
  outputFile === "-"
    ? Effect.acquireRelease(
        Effect.tryPromise({
          try: () => mkdtemp(join(tmpdir(), "data-toolbox-")),
          catch: (cause) =>
            new OutputError({
              reason: "Open",
              file: tmpdir(),
              detail: causeText(cause),
            }),
        }),
        (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }).catch(() => undefined)),
      )
    : Effect.flatMap(Output, (output) =>
        Effect.acquireRelease(Effect.succeed(`${outputFile}.work`), (folder, exit) =>
          output.sweep(folder, keepWork || !Exit.isSuccess(exit)),
        ),
      )

/** `train.jsonl` and `train.validation.jsonl`. */
const validationFileOf = (file: string): string => file.replace(/((?:\.jsonl?)?(?:\.gz)?)$/i, ".validation$1")

const targetsOf = (spec: BuildSpec) => {
  const beside = (given: string | null | undefined, ending: string): string | undefined =>
    given === null ? undefined : (given ?? (spec.outputFile === "-" ? undefined : `${spec.outputFile}${ending}`))
  return {
    output: spec.outputFile,
    validation: spec.validation === undefined ? undefined : validationFileOf(spec.outputFile),
    ledger: beside(spec.ledgerFile, ".ledger.jsonl.gz"),
    manifest: beside(spec.manifestFile, ".manifest.json"),
  }
}

const checkFolders = (targets: ReturnType<typeof targetsOf>): Effect.Effect<ReadonlyArray<Problem>> =>
  Effect.promise(async () => {
    const problems: Array<Problem> = []
    const options = [
      ["--output-file", targets.output],
      ["--validation", targets.validation],
      ["--ledger", targets.ledger],
      ["--manifest", targets.manifest],
    ] as const
    for (const [path, file] of options) {
      if (file === undefined || file === "-") continue
      const problem = await checkFolder(file)
      if (problem !== undefined && !problems.some(({ message }) => message === problem))
        problems.push({ path, message: problem })
    }
    return problems
  })

/** Rows as they stand in the file: lines, or the elements of an array, each of which brings the comma before it. */
const containerOf = ({ tasks }: ResolvedRun) => {
  const isArray = tasks[0]?.parts.format.container === "array"
  let isEmpty = true
  return {
    rows: (parts: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
      const [first, ...rest] = parts
      if (!isArray || !isEmpty || first === undefined) return parts
      isEmpty = false
      // ",\n" of the first element.
      return [Buffer.from("[\n"), first.subarray(2), ...rest]
    },
    end: (): ReadonlyArray<Uint8Array> => (isArray ? [Buffer.from(isEmpty ? "[]\n" : "\n]\n")] : []),
  }
}

/** Digests of the inputs that were read, in order, each once. */
const inputsOf = (resolved: ResolvedRun, learned: Learned): Effect.Effect<ReadonlyArray<ManifestInput>, DatasetError> =>
  Effect.gen(function* () {
    const inputs: Array<ManifestInput> = []
    const seen = new Set<string>()
    for (const [index, { dataset, plan }] of resolved.tasks.entries()) {
      const planned = new Map(plan.planned().map((file) => [file.file, file]))
      for (const { file, path } of plan.files) {
        // A run with a limit reads no more than it needs: files that gave no record are no input.
        if (resolved.limit !== undefined && learned.touched[index]?.has(file) !== true) continue
        const { name } = dataset.definition
        if (seen.has(`${name}/${file}`)) continue
        seen.add(`${name}/${file}`)
        const known = planned.get(file)
        const { bytes, sha256 } =
          known ??
          (yield* Effect.tryPromise({
            try: () => digestFile(path),
            catch: (cause) =>
              new DatasetError({
                dataset: name,
                reason: "Unreadable",
                folder: path,
                expected: [file],
                detail: causeText(cause),
              }),
          }))
        inputs.push({ kind: "dataset", dataset: name, file, bytes, sha256 })
      }
    }
    const { tokenizerFile } = resolved.run
    if (tokenizerFile !== undefined) {
      const { bytes, path, sha256 } = tokenizerFile
      inputs.push({ kind: "tokenizer", file: basename(path), bytes, sha256 })
    }
    if (resolved.template !== undefined) {
      const { bytes, path, sha256 } = resolved.template
      inputs.push({ kind: "template", file: basename(path), bytes, sha256 })
    }
    for (const { job } of resolved.tasks) {
      for (const { bytes, name, path, sha256 } of job.filters.flatMap(({ files = [] }) => files)) {
        if (seen.has(path)) continue
        seen.add(path)
        inputs.push({ kind: "filterData", file: isBelow(name) ? name : basename(path), bytes, sha256 })
      }
    }
    for (const { bytes, path, sha256 } of resolved.plugins)
      inputs.push({ kind: "plugin", file: basename(path), bytes, sha256 })
    return inputs
  })

/** Whether a path leads down from where it is read: only such a one may be told, others tell of the machine. */
const isBelow = (path: string): boolean => !isAbsolute(path) && !path.split(/[/\\]/).includes("..")

const digestFile = async (path: string): Promise<{ readonly bytes: number; readonly sha256: string }> => {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest("hex") }
}

const tidyCounts = (counts: TaskCounts): TaskCounts => ({
  records: { ...counts.records, skipped: sorted(counts.records.skipped) },
  episodes: {
    ...counts.episodes,
    dropped: sorted(counts.episodes.dropped),
    invalid: sorted(counts.episodes.invalid),
  },
  turns: counts.turns,
  repairs: sorted(counts.repairs),
  examples: counts.examples,
  tokens: counts.tokens,
})

/** The config as it was understood: enough to make the output again. */
const resolvedConfig = (spec: BuildSpec, { run, tasks }: ResolvedRun): unknown => ({
  format: run.format,
  maxLength: run.maxLength ?? -1,
  length: run.lengthMode,
  tokenizer: run.tokenizer,
  roleTokens: run.roleTokens,
  chatTemplate: run.template?.name ?? null,
  identifier: run.identifier,
  limit: spec.limit ?? null,
  shuffle: spec.shuffle ?? false,
  validation: spec.validation ?? null,
  validationStrict: spec.validationStrict ?? false,
  strict: spec.strict ?? false,
  maxBad: spec.maxBad ?? null,
  tasks: Object.fromEntries(
    tasks.map(({ filters, job, mix }) => [
      job.key,
      {
        task: job.task,
        prefix: job.prefix,
        options: job.options,
        filters: filters.map(({ job: { name, options } }) => ({ [name]: options })),
        custom_prompts: job.customPrompts ?? null,
        clean: job.clean,
        names: job.names,
        anonymize: job.anonymize ?? [],
        ...job.target,
        ...mix,
        share: job.share,
      },
    ]),
  ),
})

const configFile = (spec: ReadSpec): string | undefined => {
  const { file, text } = (spec.config ?? {}) as { readonly text?: unknown; readonly file?: unknown }
  return typeof text === "string" && typeof file === "string" ? file : undefined
}

// ----------------------------------------------------------------------------------------------------------------- run

/** A run that is ready to begin: everything is checked and found, nothing has been written. */
export const prepare = (spec: BuildSpec): Effect.Effect<ResolvedRun, ConfigError | DatasetError, Components> =>
  Effect.gen(function* () {
    const targets = targetsOf(spec)
    const resolved = yield* resolve(spec, yield* checkFolders(targets))
    const named = [
      ["--output-file", targets.output],
      ["--validation", targets.validation],
      ["--ledger", targets.ledger],
      ["--manifest", targets.manifest],
    ] as const
    yield* checkTargets(
      named.flatMap(([option, file]) => (file === undefined ? [] : [[option, file] as const])),
      resolved,
      configFile(spec),
    )
    return resolved
  })

/**
 * Builds training data: writes the output, its ledger and its manifest, each whole or not at all, and answers the
 * manifest. Warnings go to the log.
 */
export const run = (spec: BuildSpec): Effect.Effect<Manifest, BuildError, Services> =>
  Effect.flatMap(prepare(spec), (resolved) =>
    Effect.ensuring(
      Effect.scoped(runResolved(spec, resolved)),
      Effect.flatMap(Progress, ({ done }) => done),
    ),
  )

const runResolved = (
  spec: BuildSpec,
  resolved: ResolvedRun,
): Effect.Effect<Manifest, BuildError, SliceRunner | Output | Ledger | Progress | Scope.Scope> =>
  Effect.gen(function* () {
    for (const warning of resolved.warnings) yield* Effect.logWarning(warning)
    const started = yield* Clock.currentTimeMillis
    const targets = targetsOf(spec)
    const output = yield* Output
    const progress = yield* Progress
    const { ahead } = yield* SliceRunner
    yield* progress.begin(
      resolved.tasks.map(({ job, plan }) => ({
        task: job.key,
        // With a limit nobody knows how much will be read.
        ...(resolved.limit === undefined ? { bytes: plan.bytes } : {}),
      })),
    )
    const work = yield* workFolder(spec.outputFile, spec.keepWork ?? false)
    const keep = spec.outputFile === "-" ? undefined : output.sliceFolder(work)
    const file = yield* output.stage(targets.output, work)
    const validationFile = targets.validation === undefined ? undefined : yield* output.stage(targets.validation, work)
    const ledger = yield* (yield* Ledger).open(targets.ledger, work)
    const manifestFile = targets.manifest === undefined ? undefined : yield* output.stage(targets.manifest, work)
    const learned: Learned = { sides: [], touched: resolved.tasks.map(() => new Set()) }
    const mix = yield* mixOf(resolved, work)
    const merge = yield* mergeOf(resolved, work, mix)
    const container = containerOf(resolved)
    const keyOf = (task: number): string => (resolved.tasks[task] as ResolvedRun["tasks"][number]).job.key

    const write = ({ lines, rows, task, written }: MergedSlice) =>
      Effect.gen(function* () {
        if (mix === undefined) for (const part of container.rows(rows)) yield* file.write(part)
        else yield* attempt(() => written().forEach((episode) => mix.add({ task, ...episode })))
        yield* ledger.write(lines)
        for (const { place, reason } of lines)
          if (reason === "CutTail")
            yield* Effect.logWarning(`${keyOf(task)}: ${place.file} is cut off; what stood behind is lost`)
        const counts = merge.counts(task)
        const { dropped, written: kept } = counts.episodes
        yield* progress.counts({ task: keyOf(task), read: counts.records.read, kept, dropped: total(dropped) })
        const bad = tooManyBad(keyOf(task), counts.records, resolved.maxBad, false)
        if (bad !== undefined) return yield* bad
      })
    const observed = resolved.tasks.map(() => 0)
    const told: Told = {
      observed: (task, records) =>
        progress.counts({ task: keyOf(task), read: (observed[task] = (observed[task] ?? 0) + records) }),
      phase: progress.phase,
    }
    const slices = runSlices(resolved, learned, ahead, keep, progress)
    yield* Stream.runForEach(mergeSlices(merge, slices, work, told), write)

    const mixed = mix === undefined ? undefined : yield* attempt(mix.finish)
    let bytesWritten = 0
    const passOn = (bytes: number): void => {
      bytesWritten += bytes
    }
    yield* progress.phase(() =>
      mixed === undefined
        ? { name: "finishing", done: 0, of: undefined, unit: "bytes" }
        : { name: "writing", done: bytesWritten, of: mixed.bytes, unit: "bytes" },
    )
    const counts = resolved.tasks.map((_, task) => mixedCounts(merge.counts(task), mixed?.counts[task]))
    yield* checkCounts(resolved, counts)
    if (mixed !== undefined) yield* writeAll(file, container, mixed.training(), passOn)
    for (const part of container.end()) yield* file.write(part)
    const written = yield* file.close
    const rows = mixed?.rows.training ?? counts.reduce((sum, { examples }) => sum + examples, 0)
    const outputs = [toldOf(written, rows)]
    if (validationFile !== undefined && mixed !== undefined) {
      const own = containerOf(resolved)
      yield* writeAll(validationFile, own, mixed.validation(), passOn)
      for (const part of own.end()) yield* validationFile.write(part)
      outputs.push(toldOf(yield* validationFile.close, mixed.rows.validation))
    }
    const ledgerWritten = yield* ledger.close
    const ended = yield* Clock.currentTimeMillis
    const manifest = seal({
      tool: packageTool(),
      arguments: spec.arguments ?? [],
      config: resolvedConfig(spec, resolved),
      seed: resolved.run.seed,
      inputs: yield* inputsOf(resolved, learned),
      sideInputs: learned.sides,
      tasks: Object.fromEntries(counts.map((count, task) => [keyOf(task), tidyCounts(count)])),
      outputs,
      ...(ledgerWritten === undefined ? {} : { ledger: toldOf(ledgerWritten, ledgerWritten.lines) }),
      startedAt: new Date(started).toISOString(),
      durationMs: ended - started,
    })
    if (manifestFile !== undefined) {
      yield* manifestFile.write(Buffer.from(manifestText(manifest), "utf8"))
      yield* manifestFile.close
    }
    // All is on disk by now; the manifest comes last and marks the set as complete.
    yield* Effect.uninterruptible(
      Effect.zipRight(
        Effect.all([file.publish, validationFile?.publish ?? Effect.void, ledger.publish], { discard: true }),
        manifestFile === undefined ? Effect.void : manifestFile.publish,
      ),
    )
    return manifest
  })

/** The mix of a run, where its rows have to wait until all are known. */
const mixOf = (
  { mix, tasks }: ResolvedRun,
  work: string,
): Effect.Effect<Mix | undefined, OutputError, Output | Scope.Scope> => {
  const own = tasks.map((task) => task.mix)
  if (!mixes(mix, own)) return Effect.succeed(undefined)
  const isArray = tasks[0]?.parts.format.container === "array"
  return Effect.flatMap(Output, ({ scratch }) =>
    Effect.map(scratch(work), (space) => openMix(mix, own, space, isArray)),
  )
}

/** Counts as they are after the mix: rows that are repeated count each time. */
const mixedCounts = (counts: TaskCounts, mixed: MixCounts | undefined): TaskCounts => {
  if (mixed === undefined) return counts
  if (mixed.moved > 0) add(counts.repairs, "validationMoved", mixed.moved)
  return { ...counts, examples: mixed.examples, tokens: counts.tokens === null ? null : mixed.tokens }
}

const writeAll = (
  file: Staged,
  container: ReturnType<typeof containerOf>,
  parts: Generator<Uint8Array>,
  written: (bytes: number) => void,
): Effect.Effect<void, OutputError> =>
  Effect.gen(function* () {
    for (;;) {
      const next = yield* attempt(() => parts.next())
      if (next.done === true) return
      for (const part of container.rows([next.value])) yield* file.write(part)
      written(next.value.length)
    }
  })

const toldOf = ({ bytes, contentSha256, file, sha256 }: Written, rows: number): ManifestOutput => ({
  file: basename(file),
  bytes,
  sha256,
  rows,
  ...(contentSha256 === undefined ? {} : { contentSha256 }),
})

/** The law of accounts, and the policies that are judged at the end. */
const checkCounts = (
  { maxBad, strict, tasks }: ResolvedRun,
  counts: ReadonlyArray<TaskCounts>,
): Effect.Effect<void, PolicyError> =>
  Effect.gen(function* () {
    const wrong = counts.flatMap((count, task) =>
      checkSums((tasks[task] as ResolvedRun["tasks"][number]).job.key, count),
    )
    if (wrong.length > 0)
      return yield* new PolicyError({
        reason: "SumsOff",
        detail: `the counts do not add up, which is a mistake of this tool: ${wrong.join("; ")}`,
      })
    for (const [task, count] of counts.entries()) {
      const { key } = (tasks[task] as ResolvedRun["tasks"][number]).job
      const { bad, read } = count.records
      const exceeded = tooManyBad(key, count.records, maxBad, true)
      if (exceeded !== undefined) return yield* exceeded
      if (maxBad === undefined && bad > read * warnBad)
        yield* Effect.logWarning(
          `${key}: ${bad} of ${read} records are bad (${share(bad, read)}); the ledger tells why`,
        )
      const repeated = count.episodes.invalid["duplicateId"] ?? 0
      if (repeated > 0)
        yield* Effect.logWarning(
          `${key}: ${repeated} episodes were left out because their identifiers were used before; the ledger names them`,
        )
    }
    if (counts.reduce((sum, { examples }) => sum + examples, 0) > 0) return
    const read = counts.reduce((sum, { records }) => sum + records.read, 0)
    const detail = `no example was written (${read} ${read === 1 ? "record" : "records"} read, ${explain(counts)})`
    if (strict) return yield* new PolicyError({ reason: "NothingWritten", detail })
    yield* Effect.logWarning(detail)
  })

/** The commonest reasons for not writing, over all tasks. */
const explain = (counts: ReadonlyArray<TaskCounts>): string => {
  const sum = (of: (count: TaskCounts) => number): number => counts.reduce((all, count) => all + of(count), 0)
  const parts = [
    [sum(({ records }) => records.bad), "bad"],
    [sum(({ records }) => total(records.skipped)), "skipped"],
    [sum(({ episodes }) => total(episodes.invalid)), "invalid"],
    [sum(({ episodes }) => total(episodes.dropped)), "dropped by filters"],
    [sum(({ episodes }) => episodes.tooLarge), "too large"],
    [sum(({ episodes }) => episodes.sampledOut), "left out by share"],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return told.length === 0 ? "nothing else happened" : told.join(", ")
}

// ------------------------------------------------------------------------------------------------------------ examples

/** A run whose rows are the examples themselves, in the shape that the chosen format would be given. */
const asExamples = (format: FormatDefinition): FormatDefinition => ({
  ...withEncode(format, (encode) => (example, context) => (encode(example, context).length === 0 ? [] : [example])),
  container: "jsonl",
})

const neutral: FormatDefinition = {
  name: "examples",
  description: "the examples themselves",
  container: "jsonl",
  trainers: [],
  roleTokens: [],
  lengthText: (turn) => turn.text,
  encode: (example) => [example],
}

export type ExamplesSpec = ReadSpec & {
  /** Whose role tokens and lengths count; absent: nothing is escaped, and the plain texts are counted. */
  readonly format?: string
}

export interface MergedExamples {
  readonly task: string
  readonly examples: ReadonlyArray<TrainingExample>
  readonly lines: ReadonlyArray<LedgerLine>
}

const parseRows = (rows: ReadonlyArray<Uint8Array>): ReadonlyArray<TrainingExample> =>
  rows.flatMap((part) =>
    Buffer.from(part.buffer, part.byteOffset, part.byteLength)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as TrainingExample),
  )

/** Resolves a run whose rows are the examples themselves. */
export const resolveExamples = (
  spec: ExamplesSpec,
): Effect.Effect<ResolvedRun, ConfigError | DatasetError, Components> =>
  resolve({ ...spec, format: spec.format ?? neutral }, [], asExamples)

export const mergedOf = (resolved: ResolvedRun): Stream.Stream<MergedExamples, BuildError, SliceRunner | Output> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const learned: Learned = { sides: [], touched: resolved.tasks.map(() => new Set()) }
      const { ahead } = yield* SliceRunner
      const work = yield* workFolder("-", false)
      const merge = yield* mergeOf(resolved, work)
      return Stream.map(
        mergeSlices(merge, runSlices(resolved, learned, ahead, undefined), work),
        ({ lines, rows, task }): MergedExamples => ({
          task: (resolved.tasks[task] as ResolvedRun["tasks"][number]).job.key,
          examples: parseRows(rows),
          lines,
        }),
      )
    }),
  )

/** The examples of a run, slice by slice, with what was left out. */
export const merged = (
  spec: ExamplesSpec,
): Stream.Stream<MergedExamples, BuildError, Components | SliceRunner | Output> =>
  Stream.unwrap(Effect.map(resolveExamples(spec), mergedOf))

/** The examples that a build of this spec would write, without writing them. */
export const examples = (
  spec: ExamplesSpec,
): Stream.Stream<TrainingExample, BuildError, Components | SliceRunner | Output> =>
  Stream.mapConcat(merged(spec), (slice) => slice.examples)

/** Resolves a run of which the first examples are wanted. */
export const resolvePreview = (
  spec: ExamplesSpec,
): Effect.Effect<ResolvedRun, ConfigError | DatasetError, Components> =>
  resolveExamples({ ...spec, sliceBytes: spec.sliceBytes ?? previewSliceBytes })

export interface TaskExample {
  readonly task: string
  readonly example: TrainingExample
}

/** The same of a run that is resolved. */
export const previewOf = (
  resolved: ResolvedRun,
  count: number,
  skip = 0,
): Stream.Stream<TaskExample, BuildError, SliceRunner | Output> =>
  Stream.flatMap(Stream.fromIterable(resolved.tasks.map(unmixed)), (task) =>
    mergedOf({ ...resolved, tasks: [task] }).pipe(
      Stream.mapConcat((slice) => slice.examples.map((example) => ({ task: slice.task, example }))),
      Stream.drop(skip),
      Stream.take(count),
    ),
  )

/** The first examples of each task, `count` of each behind `skip`; reads no more of a task than it takes to find them. */
export const preview = (
  spec: ExamplesSpec,
  count: number,
  skip = 0,
): Stream.Stream<TaskExample, BuildError, Components | SliceRunner | Output> =>
  // All tasks are checked before the first is shown.
  Stream.unwrap(Effect.map(resolvePreview(spec), (resolved) => previewOf(resolved, count, skip)))

/** A task without what only the whole of its rows decides: a preview would have to read all of them. */
export const unmixed = (task: RunTask): RunTask => ({
  ...task,
  mix: {},
  asked: { first: [], last: [] },
  job: { ...task.job, filters: task.filters.map(({ job }) => job) },
  parts: { ...task.parts, filters: task.filters.map(({ definition }) => definition) },
})

/** A preview needs a few records, not a megabyte of them. */
const previewSliceBytes = 64 * 1024

/** The files that a run of this spec writes. */
export const filesOf = (spec: BuildSpec): ReadonlyArray<string> => {
  const { ledger, manifest, output, validation } = targetsOf(spec)
  return [output === "-" ? "(standard output)" : output, validation, ledger, manifest].filter(
    (file) => file !== undefined,
  )
}

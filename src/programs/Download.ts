/**
 * Raw data of datasets: what the catalog says of it, what of it is here, and how the rest is brought here. What was got is
 * kept in the lock file of the data folder, so that the same can be got again.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { readdir, stat } from "node:fs/promises"
import { isAbsolute, join, resolve } from "node:path"
import type { DatasetDefinition, DatasetSource, FormatDefinition, SourceFile } from "../domain/Component.ts"
import { ConfigError, DownloadError, type Problem } from "../domain/Errors.ts"
import { firstMatches } from "../domain/GlobName.ts"
import { suggestion } from "../domain/Nearest.ts"
import { isPartName, nameProblem } from "../domain/OutsideName.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { addToLock, type LockEntry, type LockFiles, lockName, readLock } from "../services/DataLock.ts"
import { DataFolder } from "../services/DataFolder.ts"
import { Datasets, type DatasetService, fromContext } from "../services/Dataset.ts"
import { differenceOf, digestsOf } from "../services/Digests.ts"
import { Downloader, type Expected } from "../services/Downloader.ts"
import { Hub } from "../services/Hub.ts"
import { sizeText } from "../domain/progress/Texts.ts"
import { Progress } from "../services/Progress.ts"
import { Tasks } from "../services/Registry.ts"
import { type Components, type ReadSpec, resolveNames } from "./Resolve.ts"

export interface DownloadSpec {
  readonly datasets: ReadonlyArray<string>
  /** Tasks whose datasets are wanted, too. */
  readonly tasks?: ReadonlyArray<string>
  /** Only what the lock file names, as it names it. */
  readonly locked?: boolean
  /** Files at a time. */
  readonly parallel?: number
  /** Most bytes that the run may bring. */
  readonly maxBytes?: number
  /** A URL or a path that takes the place of the source of the one dataset. */
  readonly from?: string
  /** Its name in the dataset's folder. */
  readonly as?: string
  readonly sha256?: string
}

export interface FileReport {
  /** Relative to the data folder. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** `present`: it was here and is right. `unverified`: it was here and nothing tells what it should be. */
  readonly state: "downloaded" | "present" | "unverified"
  readonly from: string
  readonly revision?: string
  /** Bytes that were left of an earlier attempt. */
  readonly resumedFrom?: number
}

export interface DatasetReport {
  readonly dataset: string
  readonly files: ReadonlyArray<FileReport>
}

export interface DownloadReport {
  readonly datasets: ReadonlyArray<DatasetReport>
  /** Bytes of the files that were downloaded. */
  readonly bytes: number
}

export type Services = Datasets | Tasks | DataFolder | Downloader | Hub | Progress

const defaultParallel = 4

// ---------------------------------------------------------------------------------------------------------- what is wanted

interface Wanted {
  readonly dataset: DatasetDefinition
  /** Relative to the dataset's folder. */
  readonly name: string
  readonly from: string
  readonly source: string
  readonly revision: string | undefined
  readonly expected: Expected
  readonly isLocked: boolean
}

/** Relative to the data folder. */
const fileOf = ({ dataset, name }: Wanted): string => (dataset.folder === "" ? name : `${dataset.folder}/${name}`)

/** What an entry of the lock file is held against. */
const keyOf = (source: DatasetSource & { readonly files: ReadonlyArray<SourceFile> }, file: SourceFile): string => {
  const from = typeof file.from === "string" ? file.from : file.from.join(" or ")
  return source.kind === "hub" ? `hub:${source.repo}@${source.revision ?? "main"}:${from}` : from
}

const lastPart = (from: string): string => {
  const path = URL.canParse(from) ? new URL(from).pathname : from.replaceAll("\\", "/")
  const last = path.slice(path.lastIndexOf("/") + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

const isGlob = (path: string): boolean => path.includes("*")

const place = (repo: string, path: string): string => `${repo}/${path}`

/** Files of a repository that a source names: one, or all that the first glob with a match stands for. */
const hubPaths = (source: DatasetSource & { readonly kind: "hub" }, file: SourceFile) =>
  Effect.gen(function* () {
    const revision = source.revision ?? "main"
    if (typeof file.from === "string" && !isGlob(file.from)) return { revision, paths: [file.from] }
    const patterns = typeof file.from === "string" ? [file.from] : file.from
    const there = yield* (yield* Hub).paths(source.repo, revision)
    const paths = firstMatches(patterns, there.paths)
    if (paths.length === 0) {
      const some = there.paths.filter((path) => !path.startsWith(".")).slice(0, 10)
      return yield* new DownloadError({
        reason: "NotFound",
        place: source.repo,
        detail: terminalLine(
          `the repository has no file ${patterns.join(" or ")}; it has ${some.join(", ")}` +
            `${there.paths.length > some.length ? ", ..." : ""}. Take one with --from URL --as NAME`,
        ),
      })
    }
    return { revision: there.revision, paths }
  })

/** The files of one entry of a source: by the lock file where it knows them, else as the source says now. */
const wantedOf = (dataset: DatasetDefinition, file: SourceFile, lock: LockFiles, locked: boolean) =>
  Effect.gen(function* () {
    const source = dataset.source as DatasetSource & { readonly files: ReadonlyArray<SourceFile> }
    const key = keyOf(source, file)
    const prefix = dataset.folder === "" ? "" : `${dataset.folder}/`
    const known = [...lock].filter(
      ([path, entry]) => entry.dataset === dataset.name && entry.source === key && path.startsWith(prefix),
    )
    if (known.length > 0)
      return known.map(
        ([path, { bytes, from, revision, sha256 }]): Wanted => ({
          dataset,
          name: path.slice(prefix.length),
          from,
          source: key,
          revision,
          expected: { bytes, sha256 },
          isLocked: true,
        }),
      )
    if (locked)
      return yield* new DownloadError({
        reason: "Locked",
        place: dataset.name,
        detail: `the lock file does not know ${terminalLine(key)}; without --locked it is downloaded and added`,
      })
    const given: Expected = {
      ...(file.bytes === undefined ? {} : { bytes: file.bytes }),
      ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
    }
    if (source.kind === "url") {
      const from = typeof file.from === "string" ? file.from : (file.from[0] as string)
      const name = file.as ?? lastPart(from)
      return [{ dataset, name, from, source: key, revision: undefined, expected: given, isLocked: false }]
    }
    const hub = yield* Hub
    const { paths, revision } = yield* hubPaths(source as DatasetSource & { readonly kind: "hub" }, file)
    if (file.as !== undefined && paths.length > 1)
      return yield* new DownloadError({
        reason: "Protocol",
        place: place((source as { readonly repo: string }).repo, key),
        detail: terminalLine(`several files fit: ${paths.slice(0, 10).join(", ")}. Take one with --from URL`),
      })
    return yield* Effect.forEach(paths, (path) =>
      Effect.map(
        hub.file((source as { readonly repo: string }).repo, revision, path),
        (found): Wanted => ({
          dataset,
          name: file.as ?? lastPart(path),
          from: found.url,
          source: key,
          revision: found.revision,
          expected: { ...found.expected, ...given },
          isLocked: false,
        }),
      ),
    )
  })

// -------------------------------------------------------------------------------------------------------------- one file

/** What is there under the name of a file; undefined where nothing is. */
const found = (path: string) =>
  Effect.tryPromise({
    try: (signal) =>
      digestsOf(path, signal).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined
        throw cause
      }),
    catch: (cause) =>
      new DownloadError({
        reason: "Write",
        place: path,
        detail: `what is there cannot be read (${String((cause as { readonly code?: unknown }).code)})`,
      }),
  })

const knowsBytes = ({ gitSha1, sha256 }: Expected): boolean => sha256 !== undefined || gitSha1 !== undefined

/** Bytes of the run: what may come, and what has come of each file, for the progress. */
interface Account {
  readonly left: Ref.Ref<number>
  readonly tell: (file: string, got: number, of: number | undefined) => Effect.Effect<void>
}

const rateMillis = 10_000

/** Adds up the files that are under way; the rate is that of the last ten seconds. */
const makeAccount = (maxBytes: number | undefined): Effect.Effect<Account, never, Progress> =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const files = new Map<string, { readonly got: number; readonly of: number | undefined }>()
    const seen: Array<readonly [at: number, got: number]> = []
    return {
      left: yield* Ref.make(maxBytes ?? Number.POSITIVE_INFINITY),
      tell: (file, got, of) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          files.set(file, { got, of })
          const all = [...files.values()]
          const sum = all.reduce((total, one) => total + one.got, 0)
          const size = all.every((one) => one.of !== undefined)
            ? all.reduce((total, one) => total + (one.of ?? 0), 0)
            : undefined
          seen.push([now, sum])
          while (seen.length > 2 && (seen[0] as readonly [number, number])[0] < now - rateMillis) seen.shift()
          const [since, before] = seen[0] as readonly [number, number]
          const rate = now > since ? Math.max(0, ((sum - before) * 1000) / (now - since)) : 0
          const title = files.size === 1 ? file : `${files.size} files`
          return progress.transfer({ file: title, got: sum, rate, ...(size === undefined ? {} : { of: size }) })
        }),
    }
  })

/** Brings one file, unless the right one is here. */
const bring = (wanted: Wanted, root: string, account: Account) =>
  Effect.gen(function* () {
    const { dataset, expected, from, isLocked, name, revision, source } = wanted
    const file = fileOf(wanted)
    const folder = resolve(root, dataset.folder)
    const problem = file === lockName ? "it is that of the lock file" : nameProblem(name)
    if (problem !== undefined)
      return yield* new DownloadError({
        reason: "Refused",
        place: terminalLine(name.slice(0, 300)),
        detail: `this is no name for a file here: ${problem}`,
      })
    const report = (bytes: number, sha256: string, state: FileReport["state"], resumedFrom = 0): FileReport => ({
      file,
      bytes,
      sha256,
      state,
      from,
      ...(revision === undefined ? {} : { revision }),
      ...(resumedFrom === 0 ? {} : { resumedFrom }),
    })
    const pin = (bytes: number, sha256: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const entry: LockEntry = {
          dataset: dataset.name,
          source,
          from,
          ...(revision === undefined ? {} : { revision }),
          bytes,
          sha256,
          got: new Date(now).toISOString(),
        }
        return addToLock(root, new Map([[file, entry]]))
      })
    const there = yield* found(join(folder, ...name.split("/")))
    if (there !== undefined) {
      const difference = differenceOf(there, expected)
      if (difference === undefined) {
        if (!knowsBytes(expected)) return report(there.bytes, there.sha256, "unverified")
        if (!isLocked) yield* pin(there.bytes, there.sha256)
        return report(there.bytes, there.sha256, "present")
      }
      if (!isLocked)
        return yield* new DownloadError({
          reason: "Differs",
          place: file,
          detail: `a file of this name is there, and it is another one: ${difference}. Move it away, and run again`,
        })
      yield* Effect.logWarning(`${terminalLine(file)} is not what was downloaded: ${difference}; it is fetched again`)
    }
    const downloader = yield* Downloader
    const size = expected.bytes ?? 0
    // What is known to come is set aside first; what is not known may take what is left.
    const left = yield* Ref.modify(account.left, (all) => [all, all - size])
    const { bytes, resumedFrom, sha256 } = yield* downloader.fetch({
      from,
      folder,
      name,
      expected,
      ...(left === Number.POSITIVE_INFINITY ? {} : { maxBytes: Math.max(0, left) }),
      onBytes: (got, of) => account.tell(file, got, of),
    })
    yield* Ref.update(account.left, (all) => all - (bytes - size))
    if (!isLocked) yield* pin(bytes, sha256)
    return report(bytes, sha256, "downloaded", resumedFrom)
  })

// --------------------------------------------------------------------------------------------------------------- program

/** The datasets that are meant, or all that is wrong with their names. */
const named = (spec: DownloadSpec) =>
  Effect.gen(function* () {
    const { all } = yield* Datasets
    const tasks = (yield* Tasks).all()
    const problems: Array<Problem> = []
    const wanted = new Map<string, DatasetDefinition>()
    for (const name of spec.datasets) {
      const dataset = all.find((one) => one.name === name)
      const task = tasks.find((one) => one.name === name)
      if (dataset !== undefined) wanted.set(name, dataset)
      else
        problems.push({
          path: "DATASET",
          message:
            task === undefined
              ? `there is no dataset "${name}".${suggestion(
                  name,
                  all.map((one) => one.name),
                )}`
              : `"${name}" is a task; its dataset is "${task.dataset.name}" (or use --all-of-tasks)`,
        })
    }
    for (const name of spec.tasks ?? []) {
      const task = tasks.find((one) => one.name === name)
      if (task !== undefined) wanted.set(task.dataset.name, task.dataset)
      else
        problems.push({
          path: "--all-of-tasks",
          message: `there is no task "${name}".${suggestion(
            name,
            tasks.map((one) => one.name),
          )}`,
        })
    }
    if (spec.datasets.length === 0 && (spec.tasks ?? []).length === 0)
      problems.push({ path: "DATASET", message: 'name a dataset; "data-toolbox list datasets" tells what there is' })
    if (spec.from !== undefined && (spec.datasets.length !== 1 || (spec.tasks ?? []).length > 0))
      problems.push({ path: "--from", message: "is for one dataset" })
    for (const option of ["as", "sha256"] as const)
      if (spec[option] !== undefined && spec.from === undefined)
        problems.push({ path: `--${option}`, message: "goes with --from" })
    if (spec.sha256 !== undefined && !/^[0-9a-f]{64}$/.test(spec.sha256))
      problems.push({ path: "--sha256", message: "is no digest of 64 hexadecimal digits" })
    if (spec.as !== undefined) {
      const problem = nameProblem(spec.as)
      if (problem !== undefined) problems.push({ path: "--as", message: `is no name for a file here: ${problem}` })
    }
    if (problems.length > 0) return yield* new ConfigError({ problems })
    return [...wanted.values()]
  })

/** A dataset with what the flags say of its source. */
const withGiven = (dataset: DatasetDefinition, { as, from, sha256 }: DownloadSpec): DatasetDefinition =>
  from === undefined
    ? dataset
    : {
        ...dataset,
        source: {
          kind: "url",
          files: [
            {
              from: URL.canParse(from) || isAbsolute(from) ? from : resolve(from),
              ...(as === undefined ? {} : { as }),
              ...(sha256 === undefined ? {} : { sha256 }),
            },
          ],
        },
      }

/** How to get a dataset that nobody gives out. */
const ownText = (dataset: DatasetDefinition, folder: string): string =>
  dataset.source?.kind === "own"
    ? `nobody gives it out. Put your own into ${folder}: ${dataset.source.shape}. Or copy a file there with --from`
    : "it has no source of its own: name one with --from URL or --from PATH"

const filesOf = ({ source }: DatasetDefinition): ReadonlyArray<SourceFile> =>
  source === undefined || source.kind === "own" ? [] : source.files

/** Brings all files of the datasets that are not here, and verifies those that are. */
export const download = (
  datasets: ReadonlyArray<DatasetDefinition>,
  { locked = false, maxBytes, parallel = defaultParallel }: Omit<DownloadSpec, "datasets" | "tasks" | "from">,
): Effect.Effect<DownloadReport, ConfigError | DownloadError, Exclude<Services, Tasks>> =>
  Effect.gen(function* () {
    const { root } = yield* DataFolder
    const lock = yield* readLock(root)
    const account = yield* makeAccount(maxBytes)
    const progress = yield* Progress
    const opener = yield* Datasets
    const all = yield* Effect.forEach(datasets, (dataset) =>
      Effect.gen(function* () {
        if (filesOf(dataset).length > 0)
          return yield* Effect.forEach(filesOf(dataset), (file) => wantedOf(dataset, file, lock, locked))
        const state = yield* isThere(opener.open(dataset))
        if (state) return []
        return yield* new DownloadError({
          reason: "NotFound",
          place: dataset.name,
          detail: ownText(dataset, join(root, dataset.folder)),
        })
      }),
    )
    const wanted = all.flat(2)
    const known = wanted.reduce((sum, { expected }) => sum + (expected.bytes ?? 0), 0)
    if (maxBytes !== undefined && known > maxBytes)
      return yield* new DownloadError({
        reason: "TooLarge",
        place: datasets.map(({ name }) => name).join(", "),
        detail: `the files have ${known} bytes, more than the ${maxBytes} of --max-bytes`,
      })
    const seen = new Map<string, Wanted>()
    for (const one of wanted) {
      const key = fileOf(one).normalize("NFC").toLowerCase()
      const other = seen.get(key)
      if (other !== undefined && other.from !== one.from)
        return yield* new DownloadError({
          reason: "Refused",
          place: fileOf(one),
          detail: `two files would have this name: ${terminalLine(other.from)} and ${terminalLine(one.from)}`,
        })
      seen.set(key, one)
    }
    const files = yield* Effect.forEach(
      seen.values(),
      (one) => Effect.map(bring(one, root, account), (report) => ({ dataset: one.dataset.name, report })),
      { concurrency: parallel },
    ).pipe(Effect.ensuring(progress.done))
    return {
      datasets: datasets.map(({ name }) => ({
        dataset: name,
        files: files.filter(({ dataset }) => dataset === name).map(({ report }) => report),
      })),
      bytes: files.reduce((sum, { report }) => sum + (report.state === "downloaded" ? report.bytes : 0), 0),
    }
  })

/** The job of the command. */
export const run = (spec: DownloadSpec): Effect.Effect<DownloadReport, ConfigError | DownloadError, Services> =>
  Effect.flatMap(named(spec), (datasets) =>
    download(
      datasets.map((dataset) => withGiven(dataset, spec)),
      spec,
    ),
  )

/** What was done, a line a file. */
export const reportText = ({ bytes, datasets }: DownloadReport): string => {
  const lines = datasets.flatMap(({ dataset, files }) =>
    files.length === 0
      ? [`${dataset}: your own files are here`]
      : files.map(({ file, resumedFrom, sha256, state, ...one }) => {
          const what = state === "unverified" ? "was here; nothing tells what it should be" : state
          const again = resumedFrom === undefined ? "" : `, continued after ${sizeText(resumedFrom)}`
          return terminalLine(`${file}: ${what}${again}, ${sizeText(one.bytes)}, sha256 ${sha256}`)
        }),
  )
  return `${[...lines, `downloaded ${sizeText(bytes)}`].join("\n")}\n`
}

// --------------------------------------------------------------------------------------------------------------- listing

export interface DatasetState {
  /** `incomplete`: some of it is here, or a download was stopped, or a file is not as long as it was. */
  readonly state: "present" | "incomplete" | "absent"
  /** What to do about it; undefined where nothing has to be done. */
  readonly how: string | undefined
}

const planOptions = { options: {}, sliceBytes: 1 << 16, maxRecordBytes: 1 << 26 }

const isThere = (service: DatasetService<unknown>): Effect.Effect<boolean> =>
  Effect.match(service.plan(planOptions), { onFailure: () => false, onSuccess: () => true })

/** A download of this dataset that was stopped lies in its folder, or below it. */
const hasParts = async (folder: string): Promise<boolean> => {
  const names = await readdir(folder).catch(() => [])
  return names.some(isPartName)
}

/** Whether the raw data of a dataset is here; reads none of it. */
export const stateOf = (dataset: DatasetDefinition): Effect.Effect<DatasetState, ConfigError, Datasets | DataFolder> =>
  Effect.gen(function* () {
    const { root } = yield* DataFolder
    const datasets = yield* Datasets
    const lock = yield* readLock(root)
    const folder = resolve(root, dataset.folder)
    const isOwn = filesOf(dataset).length === 0
    const how = isOwn ? ownText(dataset, folder) : `data-toolbox download ${dataset.name}`
    const files = [...lock].filter(([, entry]) => entry.dataset === dataset.name)
    const sizes = yield* Effect.promise(() =>
      Promise.all(
        files.map(([file, { bytes }]) =>
          stat(join(root, file)).then(
            ({ size }) => size === bytes,
            () => false,
          ),
        ),
      ),
    )
    const isStopped = yield* Effect.promise(() => hasParts(folder))
    if (dataset.folder === "") return { state: sizes.includes(false) ? "incomplete" : "present", how: undefined }
    const there = yield* isThere(datasets.open(dataset))
    if (isStopped || sizes.includes(false)) {
      const isAny = isStopped || there || sizes.includes(true)
      return { state: isAny ? "incomplete" : "absent", how }
    }
    return there ? { state: "present", how: undefined } : { state: "absent", how }
  })

/** What a build or a preview is about. */
export type MissingSpec = ReadSpec & { readonly format: string | FormatDefinition }

/** Fetches what the tasks of a build lack, before it begins: files of datasets in their own folders. */
export const fetchMissing = (
  spec: MissingSpec,
  options: Omit<DownloadSpec, "datasets" | "tasks" | "from"> = {},
): Effect.Effect<DownloadReport, ConfigError | DownloadError, Services | Components> =>
  Effect.gen(function* () {
    const { tasks } = yield* resolveNames(spec, spec.format, [])
    const datasets = yield* Datasets
    const context = yield* Effect.context<never>()
    const missing = new Map<string, DatasetDefinition>()
    for (const { definition, job } of tasks) {
      const { dataset } = definition
      // Who names other files, or brings the dataset along, has them.
      const isOther = job.options["folder"] !== undefined || job.options["files"] !== undefined
      if (isOther || Option.isSome(fromContext(context, dataset)) || filesOf(dataset).length === 0) continue
      if (!(yield* isThere(datasets.open(dataset)))) missing.set(dataset.name, dataset)
    }
    return yield* download([...missing.values()], options)
  })

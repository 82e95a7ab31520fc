/** Makes a dataset's service from its definition: over the data folder, or over given records. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { closeSync, openSync, readSync } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { isAbsolute, join, relative, resolve, sep } from "node:path"
import type { DatasetDefinition, First, RecordSink, SideFile, Opaque } from "../domain/Component.ts"
import { DatasetError } from "../domain/Errors.ts"
import type { Located } from "../domain/Record.ts"
import { defaultMaxRecordBytes, defaultSliceBytes, type PlannedFile, type Slice } from "../domain/Slice.ts"
import { DataFolder } from "../services/DataFolder.ts"
import { Datasets, type DatasetService, type Plan, type PlanOptions } from "../services/Dataset.ts"
import { findFiles } from "./readers/Glob.ts"
import { loadSlice } from "./readers/Load.ts"
import { FileChanged } from "./readers/Unchanged.ts"
import { knownEndings, kindOf, packedEndings } from "./readers/Kinds.ts"
import { type InputFile, planFile } from "./readers/Plan.ts"
import { ArchiveError, limitsOf } from "./readers/Archive.ts"
import type { Encoding } from "./readers/Encoding.ts"
import { splitMember } from "../domain/Record.ts"
import { causeText } from "../domain/Cause.ts"

const start: First = { index: 0, line: 1, byte: 0, counts: [] }

/** The service over the files of a data folder. */
export const make = <A>(definition: DatasetDefinition<A>, root: string): DatasetService<A> => {
  const plan = ({ maxRecordBytes, options, sliceBytes }: PlanOptions): Effect.Effect<Plan, DatasetError> =>
    Effect.gen(function* () {
      const folderName: string = options["folder"] ?? definition.folder
      const folder = resolve(root, folderName)
      const patterns: ReadonlyArray<string> = options["files"] ?? definition.files
      const error = (
        reason: DatasetError["reason"],
        detail?: string,
        how: { readonly fetchable?: ReadonlyArray<string>; readonly dataFolder?: string } = {},
      ) =>
        new DatasetError({
          dataset: definition.name,
          reason,
          folder,
          expected: patterns,
          ...(detail === undefined ? {} : { detail }),
          ...how,
        })
      const inside = relative(root, folder)
      if (inside.startsWith("..") || isAbsolute(inside)) {
        return yield* error("NotFound", `The folder "${folderName}" lies outside the data folder.`)
      }
      const skipped: Array<string> = []
      const found = yield* Effect.tryPromise({
        try: () => findInputs(folder, patterns, (file) => skipped.push(file)),
        catch: (cause) => error("NotFound", causeText(cause)),
      })
      if (skipped.length > 0) {
        const more = skipped.length > 1 ? ` and ${skipped.length - 1} more` : ""
        yield* Effect.logWarning(
          `dataset "${definition.name}": "${skipped[0]}"${more} skipped: a link that leads out of ${folder}, or nowhere`,
        )
      }
      if (found.length === 0) {
        const { source } = definition
        const isOther = options["folder"] !== undefined || options["files"] !== undefined
        const isGiven = source !== undefined && source.kind !== "own" && !isOther
        return yield* error(
          "NotFound",
          undefined,
          isGiven ? { fetchable: [definition.name], ...dataFolderOption(root) } : {},
        )
      }
      const prefix = inside === "" ? "" : `${inside.split(sep).join("/")}/`
      const auto = definition.reader === "auto"
      const unknown = found.filter(({ name }) => {
        const { container, kind } = kindOf(name)
        return auto && container === undefined && kind === undefined
      })
      if (unknown.length > 0) {
        const more = unknown.length > 1 ? ` and ${unknown.length - 1} more` : ""
        return yield* error(
          "Unreadable",
          `"${unknown[0]?.name}"${more}: no kind of file that is read (${knownEndings.join(", ")}, each also packed: ` +
            `${packedEndings.join(", ")}). Name the files more closely with "files:".`,
        )
      }
      const slow = found.find(({ name }) => ["xz", "bz2"].includes(kindOf(name).codec ?? ""))
      if (slow !== undefined) {
        yield* Effect.logWarning(
          `dataset "${definition.name}": "${slow.name}" is slow to unpack, again for each run; gzip and zstd are not`,
        )
      }
      const files = found.map(
        ({ members, name }): InputFile => ({
          file: prefix + name,
          path: join(folder, name),
          ...(members === undefined ? {} : { members }),
        }),
      )
      const planned: Array<PlannedFile> = []
      let passed = 0
      const recordPath: string | undefined = options["path"]
      const encoding: Encoding | undefined = options["encoding"]

      const failed = (cause: unknown) =>
        cause instanceof FileChanged
          ? error("Changed")
          : error(cause instanceof ArchiveError ? "Refused" : "Unreadable", causeText(cause))
      async function* slices(): AsyncGenerator<Slice> {
        if (definition.reader === "files") {
          yield* fileSlices(files, sliceBytes, maxRecordBytes, planned, (bytes) => {
            passed += bytes
          })
          return
        }
        for (const input of files) {
          const before = passed
          planned.push(
            yield* planFile(input, {
              reader: definition.reader,
              sliceBytes,
              maxRecordBytes,
              limits: limitsOf(options["limits"]),
              passed: (bytes) => {
                passed = before + bytes
              },
              ...(recordPath === undefined ? {} : { path: recordPath === "." ? [] : recordPath.split(".") }),
              ...(encoding === undefined ? {} : { encoding }),
              ...(definition.groupOf === undefined
                ? {}
                : { groupOf: (header: ReadonlyArray<string>) => definition.groupOf!(options, header) }),
              ...(definition.countKey === undefined ? {} : { countKey: definition.countKey }),
            }),
          )
        }
      }
      async function* contents(): AsyncGenerator<SideFile> {
        for (const { file, path } of files) {
          // What is too large is told as a record; it is never held.
          if ((await stat(path)).size <= maxRecordBytes) yield { file, bytes: await readFile(path) }
        }
      }
      return {
        files,
        bytes: Effect.promise(() => bytesOf(files)),
        passed: () => passed,
        several: files.length > 1 || files.some(({ file }) => kindOf(file).container !== undefined),
        sideInput:
          definition.sideInput === undefined
            ? Effect.succeedNone
            : Effect.map(
                Effect.tryPromise({ try: () => definition.sideInput!(contents()), catch: failed }),
                Option.some,
              ),
        slices: Stream.fromAsyncIterable({ [Symbol.asyncIterator]: slices }, failed),
        planned: () => planned,
      }
    })
  return { definition, plan, records: recordsOf(definition, plan) }
}

/** The files that patterns name, and the members of them where they are archives. */
const findInputs = async (
  folder: string,
  patterns: ReadonlyArray<string>,
  skipped: (file: string) => void,
): Promise<ReadonlyArray<{ readonly name: string; readonly members?: ReadonlyArray<string> }>> => {
  const globs = patterns.map(splitMember)
  const found = new Map<string, ReadonlyArray<string> | undefined>()
  for (const { file, member } of globs) {
    for (const name of await findFiles(folder, [file], skipped)) {
      const before = found.get(name)
      // All members are more than some.
      const all = member === undefined || (found.has(name) && before === undefined)
      found.set(name, all ? undefined : [...(before ?? []), member])
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => (members === undefined ? { name } : { name, members }))
}

/** Bytes of files. Some at a time: there may be a hundred thousand. */
const bytesOf = async (files: ReadonlyArray<{ readonly path: string }>): Promise<number> => {
  let sum = 0
  for (let at = 0; at < files.length; at += 64)
    for (const size of await Promise.all(files.slice(at, at + 64).map(({ path }) => sizeOf(path)))) sum += size
  return sum
}

/** The option that a command needs to find the same data folder. */
const dataFolderOption = (root: string): { readonly dataFolder?: string } =>
  root === resolve(process.env["TOOLBOX_DATA_FOLDER"] || "data") ? {} : { dataFolder: root }

const digestChunk = 256 * 1024

const emptyDigest = createHash("sha256").digest("hex")

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

/**
 * Size and digest of a file, or undefined where it cannot be read. What fits the buffer is read at a stroke: for some
 * thousands of small files that costs a third of handing each step to another thread.
 */
const digestFile = async (
  path: string,
  buffer: Buffer,
): Promise<{ readonly bytes: number; readonly sha256: string } | undefined> => {
  const hash = createHash("sha256")
  let bytes = 0
  try {
    const file = openSync(path, "r")
    try {
      for (;;) {
        const size = readSync(file, buffer, 0, buffer.length, null)
        if (size === 0) break
        hash.update(buffer.subarray(0, size))
        bytes += size
        // Others get their turn while a large one is read.
        if (size === buffer.length) await new Promise<void>((resolve) => setImmediate(resolve))
      }
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
  return { bytes, sha256: hash.digest("hex") }
}

/** Batches of small files; each is digested when it is planned. */
async function* fileSlices(
  files: ReadonlyArray<{ readonly file: string; readonly path: string }>,
  sliceBytes: number,
  maxRecordBytes: number,
  planned: Array<PlannedFile>,
  passed: (bytes: number) => void,
): AsyncGenerator<Slice> {
  let batch: Array<{ file: string; path: string; sha256?: string }> = []
  let bytes = 0
  let index = 0
  const buffer = Buffer.allocUnsafeSlow(digestChunk)
  for (const { file, path } of files) {
    const digested = await digestFile(path, buffer)
    // The slice tells of a file that cannot be read: it is one bad record.
    const readable = digested !== undefined
    const { bytes: size, sha256 } = digested ?? { bytes: await sizeOf(path), sha256: emptyDigest }
    planned.push({ file, bytes: size, sha256 })
    passed(size)
    if (size > maxRecordBytes) {
      if (batch.length > 0) yield { kind: "files", files: batch, first: { ...start, index } }
      index += batch.length
      batch = []
      bytes = 0
      const place = { file }
      yield {
        kind: "bad",
        file,
        reason: "TooLarge",
        place,
        detail: { bytes: size },
        first: { ...start, index: index++ },
      }
      continue
    }
    batch.push(readable ? { file, path, sha256 } : { file, path })
    bytes += size
    if (bytes >= sliceBytes) {
      yield { kind: "files", files: batch, first: { ...start, index } }
      index += batch.length
      batch = []
      bytes = 0
    }
  }
  if (batch.length > 0) yield { kind: "files", files: batch, first: { ...start, index } }
}

/** The service over records that an app or a test gives. */
export const makeRecords = <A>(definition: DatasetDefinition<A>, records: ReadonlyArray<A>): DatasetService<A> => {
  const plan = ({ sliceBytes }: PlanOptions): Effect.Effect<Plan, DatasetError> =>
    Effect.sync(() => {
      // Records have no size in bytes; a slice of the usual size holds about a thousand of them.
      const size = Math.max(1, Math.min(1000, Math.ceil(sliceBytes / 1024)))
      const slices: Array<Slice> = []
      for (let at = 0; at < records.length; at += size) {
        slices.push({ kind: "records", records: records.slice(at, at + size), first: { ...start, index: at } })
      }
      return {
        files: [],
        bytes: Effect.succeed(0),
        passed: () => 0,
        several: false,
        sideInput: Effect.succeedNone,
        slices: Stream.fromIterable(slices),
        planned: () => [],
      }
    })
  return { definition, plan, records: recordsOf(definition, plan) }
}

/** Only what is good: bad records, skipped ones and notes are for a build and its ledger. */
const recordsOf = <A>(
  definition: DatasetDefinition<A>,
  plan: DatasetService<A>["plan"],
): Stream.Stream<Located<A>, DatasetError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const schema = Schema.Struct(definition.options ?? {}) as unknown as Schema.Schema<Opaque>
      const options = yield* Effect.mapError(
        Schema.decodeUnknown(schema)({}),
        () =>
          new DatasetError({
            dataset: definition.name,
            reason: "NotFound",
            folder: definition.folder,
            expected: definition.files,
            detail: "It has no files of its own: a task's section of the config names them.",
          }),
      )
      const planned = yield* plan({ options, sliceBytes: defaultSliceBytes, maxRecordBytes: defaultMaxRecordBytes })
      const side = yield* planned.sideInput
      const read = definition.open({
        options,
        maxRecordBytes: defaultMaxRecordBytes,
        side: Option.getOrUndefined(side)?.value,
      })
      return Stream.mapConcatEffect(planned.slices, (slice) =>
        Effect.map(
          Effect.tryPromise({
            try: () => loadSlice(slice),
            catch: (cause) =>
              new DatasetError({
                dataset: definition.name,
                reason: "Unreadable",
                folder: definition.folder,
                expected: definition.files,
                detail: causeText(cause),
              }),
          }),
          ({ input }) => {
            const out: Array<Located<A>> = []
            const ignore = () => undefined
            const sink: RecordSink<A> = {
              record: (record, place, index) => void out.push({ record, place, index }),
              bad: ignore,
              skip: ignore,
              note: ignore,
              blankLines: ignore,
              repaired: ignore,
            }
            read(input, sink)
            return out
          },
        ),
      )
    }),
  )

/** The layer of a dataset's Tag over the data folder. */
export const layer = <I, A>(
  tag: Context.Tag<I, DatasetService<A>>,
  definition: DatasetDefinition<A>,
): Layer.Layer<I, never, DataFolder> =>
  Layer.effect(
    tag,
    Effect.map(DataFolder, ({ root }) => make(definition, root)),
  )

/** The layer of a dataset's Tag over given records. */
export const layerRecords =
  <I, A>(tag: Context.Tag<I, DatasetService<A>>, definition: DatasetDefinition<A>) =>
  (records: ReadonlyArray<A>): Layer.Layer<I> =>
    Layer.succeed(tag, makeRecords(definition, records))

/** Opens any dataset over the data folder. */
export const layerDatasets = (
  all: ReadonlyArray<DatasetDefinition<Opaque>>,
): Layer.Layer<Datasets, never, DataFolder> =>
  Layer.effect(
    Datasets,
    Effect.map(DataFolder, ({ root }) => ({ all, open: (definition) => make(definition, root) })),
  )

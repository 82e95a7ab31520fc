/**
 * The lock file of a data folder, `data.lock.json`: what was downloaded, from where, at which commit, with which digest.
 * With it the same data can be had again.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { causeText } from "../domain/Cause.ts"
import { ConfigError, DownloadError } from "../domain/Errors.ts"
import { syncFolder } from "./Output.ts"

const Hex = (digits: number) => Schema.String.pipe(Schema.pattern(new RegExp(`^[0-9a-f]{${digits}}$`)))

/** One file. */
export const LockEntry = Schema.Struct({
  dataset: Schema.String,
  /** What the catalog said of it: when that changes, the entry is of no use. */
  source: Schema.String,
  /** Where it came from. Never the address of a redirect, which may hold a key. */
  from: Schema.String,
  /** The commit, for files of the Hub. */
  revision: Schema.optional(Schema.String),
  bytes: Schema.Number.pipe(Schema.int(), Schema.nonNegative()),
  sha256: Hex(64),
  /** When it was got. */
  got: Schema.String,
})
export type LockEntry = typeof LockEntry.Type

const Lock = Schema.parseJson(
  Schema.Struct({
    version: Schema.Literal(1),
    /** Paths relative to the data folder. */
    files: Schema.Record({ key: Schema.String, value: LockEntry }),
  }),
)

export type LockFiles = ReadonlyMap<string, LockEntry>

export const lockName = "data.lock.json"

/** What the lock file of a data folder holds; nothing where there is none. */
export const readLock = (root: string): Effect.Effect<LockFiles, ConfigError> => {
  const path = join(root, lockName)
  const wrong = (message: string) => ConfigError.one({ path, message })
  return Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () =>
        readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
          if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined
          throw cause
        }),
      catch: (cause) => wrong(`cannot be read: ${causeText(cause)}`),
    })
    if (text === undefined) return new Map<string, LockEntry>()
    const decoded = Schema.decodeUnknownEither(Lock)(text)
    if (Either.isLeft(decoded))
      return yield* wrong("is no lock file of this tool; put the right one back, or remove it")
    return new Map(Object.entries(decoded.right.files))
  })
}

const textOf = (files: LockFiles): string => {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${JSON.stringify({ version: 1, files: Object.fromEntries(sorted) }, null, 2)}\n`
}

/** A process that holds the lock file open for longer than this is gone. */
const staleMillis = 10_000

const now = (): number => performance.timeOrigin + performance.now()

/**
 * Adds entries to the lock file, which other processes may do at the same time: one after another, by a file that only one
 * can make.
 */
export const addToLock = (root: string, entries: LockFiles): Effect.Effect<void, ConfigError | DownloadError> => {
  const path = join(root, lockName)
  const turn = `${path}.turn`
  const failed = (cause: unknown) =>
    new DownloadError({ reason: "Write", place: lockName, detail: `it cannot be written (${causeText(cause)})` })
  const take = Effect.tryPromise({
    try: async () => {
      try {
        await (await open(turn, "wx")).close()
        return true
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
        const found = await stat(turn).catch(() => undefined)
        if (found !== undefined && now() - found.mtimeMs > staleMillis) await rm(turn, { force: true })
        return false
      }
    },
    catch: failed,
  })
  const wait: Effect.Effect<void, DownloadError> = Effect.flatMap(take, (taken) =>
    taken ? Effect.void : Effect.zipRight(Effect.sleep(20), wait),
  )
  const write = Effect.gen(function* () {
    const files = new Map([...(yield* readLock(root)), ...entries])
    yield* Effect.tryPromise({
      try: async () => {
        // Whoever left one was ended while it was its turn.
        for (const name of await readdir(root))
          if (/^data\.lock\.json\.\d+\.tmp$/.test(name)) await rm(join(root, name), { force: true })
        const temporary = `${path}.${process.pid}.tmp`
        const handle = await open(temporary, "w", 0o644)
        try {
          await handle.writeFile(textOf(files))
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, path)
        await syncFolder(root)
      },
      catch: failed,
    })
  })
  return Effect.acquireUseRelease(
    wait,
    () => write,
    () => Effect.promise(() => rm(turn, { force: true })),
  )
}

/**
 * Files that appear whole or not at all: written to a temporary file, closed with an fsync, renamed to their name, and
 * the folder fsynced.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { readSync, rmSync, writeSync } from "node:fs"
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { constants, createGzip, type Gzip } from "node:zlib"
import { OutputError } from "../domain/Errors.ts"
import { causeText } from "../domain/Cause.ts"
import { isRunning, owner, ownerText, parseOwner } from "./Owner.ts"
import { memoryScratch, type Scratch } from "../domain/PrintStore.ts"

/** What was written to a file. */
export interface Written {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** Digest before compression, for compressed files. */
  readonly contentSha256?: string
}

/** A file in the making. */
export interface Staged {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, OutputError>
  /** Ends writing; the bytes are on disk under a temporary name. */
  readonly close: Effect.Effect<Written, OutputError>
  /** Makes the file visible under its name. */
  readonly publish: Effect.Effect<void, OutputError>
}

/** Byte strings put by for a second pass. */
export interface Spool {
  readonly append: (bytes: Uint8Array) => Effect.Effect<void, OutputError>
  readonly read: Stream.Stream<Uint8Array, OutputError>
}

export interface OutputService {
  /** Begins a file. `-` is the standard output, which nothing can take back. `work` is the folder for the unfinished. */
  readonly stage: (file: string, work: string) => Effect.Effect<Staged, OutputError, Scope.Scope>
  /** Begins a list of byte strings that is read back in order, once, after all are in: state too large for memory. */
  readonly spool: (work: string) => Effect.Effect<Spool, OutputError, Scope.Scope>
  /** Begins a space for bytes that are read again in any order. What fails is thrown as an `OutputError`. */
  readonly scratch: (work: string) => Effect.Effect<Scratch, OutputError, Scope.Scope>
  /** Absolute path of the folder for finished slices, which a later run may use; undefined where none are kept. */
  readonly sliceFolder: (work: string) => string | undefined
  /**
   * Tidies the work folder at the end of a run: temporary files of processes that are gone, the finished slices in it
   * unless `keepSlices`, and the folder itself when nothing is left.
   */
  readonly sweep: (work: string, keepSlices: boolean) => Effect.Effect<void>
}

const fail = (reason: "Open" | "Write" | "Publish", file: string) => (cause: unknown) =>
  new OutputError({ reason, file, detail: causeText(cause) })

const codeOf = (cause: unknown): unknown => (cause as { readonly code?: unknown } | null)?.code

/** Does something that takes space. On a full disk the finished slices of the run give way: they only spare time. */
const withRoom = async <A>(slices: string, act: () => Promise<A>): Promise<A> => {
  for (;;) {
    try {
      return await act()
    } catch (cause) {
      if (codeOf(cause) !== "ENOSPC" && codeOf(cause) !== "EDQUOT") throw cause
      const names = await readdir(slices).catch(() => [])
      let removed = 0
      for (const name of names)
        await rm(join(slices, name)).then(
          () => removed++,
          () => undefined,
        )
      if (removed === 0) throw cause
    }
  }
}

/** A write may be short. */
const writeAll = async (handle: FileHandle, data: Uint8Array, slices: string): Promise<void> => {
  for (let at = 0; at < data.length; )
    at += (await withRoom(slices, () => handle.write(data, at, data.length - at, null))).bytesWritten
}

export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

let staged = 0

/**
 * A name that no other run takes, on this machine or another that shares the folder: whose it is, then the time and a
 * running number.
 */
const temporaryName = (name: string): string =>
  `${name}.${ownerText()}.${Math.trunc(performance.timeOrigin + performance.now())}-${staged++}.tmp`

/** The work folder, but none of those above it: an output folder that is gone is not made anew. */
const makeFolder = (folder: string): Promise<void> =>
  mkdir(folder).then(
    () => undefined,
    (cause: unknown) => {
      if (codeOf(cause) !== "EEXIST") throw cause
    },
  )

/** Another run on the same output may end now, and remove the work folder before there is a file in it. */
const openIn = async (work: string, path: string, flags: "wx" | "wx+"): Promise<FileHandle> => {
  for (let tries = 0; ; tries++) {
    await makeFolder(work)
    try {
      return await withRoom(sliceFolder(work), () => open(path, flags))
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT" || tries === 10) throw cause
    }
  }
}

interface Temporary {
  readonly path: string
  readonly handle: FileHandle
}

/** A file for as long as the scope lasts. What cannot be removed then is swept by a later run. */
const temporaryFile = (
  path: string,
  work: string,
  flags: "wx" | "wx+",
  name: string,
): Effect.Effect<Temporary, OutputError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => ({ path, handle: await openIn(work, path, flags) }),
      catch: fail("Open", name),
    }),
    ({ handle }) =>
      Effect.promise(async () => {
        await handle.close().catch(() => undefined)
        await rm(path, { force: true }).catch(() => undefined)
      }),
  )

/**
 * Where a file is written before it gets its name: in the work folder, or beside it where the work folder lies elsewhere.
 * A rename leads to no other disk.
 */
const temporaryPath = async (file: string, work: string): Promise<string> => {
  const folder = dirname(file)
  const name = temporaryName(basename(file))
  if (resolve(folder) === resolve(dirname(work))) return join(work, name)
  const prefix = `${basename(file)}.`
  await removeStale(folder, async (other) => other.startsWith(prefix) && (await isStaleFile(folder, other)))
  return join(folder, name)
}

const stageFile = (file: string, work: string): Effect.Effect<Staged, OutputError, Scope.Scope> =>
  Effect.gen(function* () {
    const path = yield* Effect.promise(() => temporaryPath(file, work))
    const { handle } = yield* temporaryFile(path, work, "wx", file)
    const hash = createHash("sha256")
    const content = createHash("sha256")
    const gzip = file.endsWith(".gz")
      ? yield* Effect.acquireRelease(Effect.sync(makeGzip), ({ destroy }) => Effect.sync(destroy))
      : undefined
    let bytes = 0
    const put = async (data: Uint8Array): Promise<void> => {
      hash.update(data)
      bytes += data.length
      await writeAll(handle, data, sliceFolder(work))
    }
    return {
      write: (data) =>
        Effect.tryPromise({
          try: async () => {
            if (gzip === undefined) return put(data)
            content.update(data)
            for (const part of await gzip.write(data)) await put(part)
          },
          catch: fail("Write", file),
        }),
      close: Effect.tryPromise({
        try: async () => {
          if (gzip !== undefined) for (const part of await gzip.end()) await put(part)
          await handle.sync()
          await handle.close()
          const written = { file, bytes, sha256: hash.digest("hex") }
          return gzip === undefined ? written : { ...written, contentSha256: content.digest("hex") }
        },
        catch: fail("Write", file),
      }),
      publish: Effect.tryPromise({
        try: async () => {
          await rename(path, file)
          await syncFolder(dirname(file))
        },
        catch: fail("Publish", file),
      }),
    }
  })

/** A temporary file of byte strings; their lengths are kept in memory. */
const spoolFile = (work: string): Effect.Effect<Spool, OutputError, Scope.Scope> =>
  Effect.gen(function* () {
    const path = join(work, temporaryName("spool"))
    const { handle } = yield* temporaryFile(path, work, "wx+", path)
    const lengths: Array<number> = []
    async function* read(): AsyncGenerator<Uint8Array> {
      let at = 0
      for (const length of lengths) {
        const bytes = Buffer.allocUnsafeSlow(length)
        for (let got = 0; got < length; ) {
          const { bytesRead } = await handle.read(bytes, got, length - got, at + got)
          if (bytesRead === 0) throw new Error("the temporary file became shorter")
          got += bytesRead
        }
        at += length
        yield bytes
      }
    }
    return {
      append: (bytes) =>
        Effect.tryPromise({
          try: async () => {
            await writeAll(handle, bytes, sliceFolder(work))
            lengths.push(bytes.length)
          },
          catch: fail("Write", path),
        }),
      read: Stream.fromAsyncIterable({ [Symbol.asyncIterator]: read }, fail("Write", path)),
    }
  })

/** The same for what waits for nothing. */
const withRoomSync = <A>(slices: string, act: () => A): A => {
  try {
    return act()
  } catch (cause) {
    if (codeOf(cause) !== "ENOSPC" && codeOf(cause) !== "EDQUOT") throw cause
    rmSync(slices, { recursive: true, force: true })
    return act()
  }
}

/** Bytes that are gathered before they are written. */
const scratchBlock = 1 << 20

/**
 * A temporary file that is written in blocks and read synchronously: a decision about an episode reads a few kilobytes,
 * which the system holds in memory as long as there is room.
 */
const scratchFile = (work: string): Effect.Effect<Scratch, OutputError, Scope.Scope> =>
  Effect.gen(function* () {
    const path = join(work, temporaryName("scratch"))
    const { handle } = yield* temporaryFile(path, work, "wx+", path)
    const { fd } = handle
    let block = Buffer.allocUnsafe(scratchBlock)
    let held = 0
    let written = 0
    const flush = (): void => {
      for (let at = 0; at < held; )
        at += withRoomSync(sliceFolder(work), () => writeSync(fd, block, at, held - at, written + at))
      written += held
      held = 0
    }
    return {
      append: (bytes) => {
        try {
          if (held + bytes.length > block.length) flush()
          if (bytes.length > block.length) block = Buffer.allocUnsafe(bytes.length)
          block.set(bytes, held)
          held += bytes.length
        } catch (cause) {
          throw fail("Write", path)(cause)
        }
      },
      read: (at, length) => {
        if (at >= written) return Uint8Array.prototype.slice.call(block, at - written, at - written + length)
        try {
          if (at + length > written) flush()
          const bytes = new Uint8Array(length)
          for (let got = 0; got < length; ) {
            const read = readSync(fd, bytes, got, length - got, at + got)
            if (read === 0) throw new Error("the temporary file became shorter")
            got += read
          }
          return bytes
        } catch (cause) {
          throw fail("Write", path)(cause)
        }
      },
    }
  })

const sliceFolder = (work: string): string => resolve(work, "slices")

/**
 * A file of another machine is taken for left when nothing was written to it for so long. Some are written to at the end
 * of a run only.
 */
const leftAfterMillis = 7 * 24 * 3_600_000

/** Whether a temporary file of an output is a leftover. Those of this process go by the end of their scopes. */
const isStaleFile = async (folder: string, name: string): Promise<boolean> => {
  const owned = parseOwner(/\.([0-9a-f]{12}\.\d+\.\d+)\.\d+-\d+\.tmp$/.exec(name)?.[1] ?? "")
  if (owned === undefined) return false
  const runs = isRunning(owned)
  if (runs !== undefined) return !runs
  const found = await stat(join(folder, name)).catch(() => undefined)
  return found !== undefined && performance.timeOrigin + performance.now() - found.mtimeMs > leftAfterMillis
}

/**
 * The same for slices, which worker threads write. Whoever misses one does the slice again, so that the number of the
 * process will do.
 */
const isStaleSlice = (name: string): boolean => {
  const pid = Number(/\.(\d{1,10})\.\d+\.\d+\.tmp$/.exec(name)?.[1] ?? process.pid)
  return pid !== process.pid && isRunning({ ...owner(), pid, start: "0" }) === false
}

/** Removes temporary files whose processes are gone. */
const removeStale = async (folder: string, isStale: (name: string) => boolean | Promise<boolean>): Promise<void> => {
  for (const name of await readdir(folder).catch(() => []))
    if (await isStale(name)) await rm(join(folder, name), { force: true }).catch(() => undefined)
}

const sweepFolder = async (work: string, keepSlices: boolean): Promise<void> => {
  const slices = sliceFolder(work)
  // Another run on the same output may be under way: what is its own stays, what it misses of the slices it does again.
  if (!keepSlices) await rm(slices, { recursive: true, force: true }).catch(() => undefined)
  await removeStale(slices, isStaleSlice)
  await removeStale(work, (name) => isStaleFile(work, name))
  for (const folder of [slices, work]) await rmdir(folder).catch(() => undefined)
}

/** A gzip stream driven by promises: what each write gives out is collected. */
const makeGzip = () => {
  const stream: Gzip = createGzip({ level: constants.Z_DEFAULT_COMPRESSION })
  let parts: Array<Uint8Array> = []
  let broken: Error | undefined
  stream.on("data", (part: Buffer) => parts.push(part))
  stream.on("error", (cause) => {
    broken = cause
  })
  const take = (): Array<Uint8Array> => {
    if (broken !== undefined) throw broken
    const out = parts
    parts = []
    return out
  }
  const write = promisify((data: Uint8Array, done: (cause?: Error | null) => void) => void stream.write(data, done))
  const end = promisify((done: (cause?: Error | null) => void) => {
    stream.once("end", () => done())
    stream.once("error", done)
    stream.end()
  })
  return {
    write: async (data: Uint8Array) => {
      await write(data)
      return take()
    },
    end: async () => {
      await end()
      return take()
    },
    destroy: () => void stream.destroy(),
  }
}

const stageStdout = (): Staged => {
  const hash = createHash("sha256")
  let bytes = 0
  return {
    write: (data) =>
      Effect.async<void, OutputError>((resume) => {
        hash.update(data)
        bytes += data.length
        process.stdout.write(data, (cause) =>
          resume(cause === undefined || cause === null ? Effect.void : Effect.fail(fail("Write", "-")(cause))),
        )
      }),
    close: Effect.sync(() => ({ file: "-", bytes, sha256: hash.digest("hex") })),
    publish: Effect.void,
  }
}

export class Output extends Context.Tag("data-toolbox/Output")<Output, OutputService>() {
  static readonly layer: Layer.Layer<Output> = Layer.succeed(Output, {
    stage: (file, work) => (file === "-" ? Effect.sync(stageStdout) : stageFile(file, work)),
    spool: spoolFile,
    scratch: scratchFile,
    sliceFolder,
    sweep: (work, keepSlices) => Effect.promise(() => sweepFolder(work, keepSlices)),
  })

  /** Keeps what is published in a map of file name to bytes: for tests and previews. */
  static readonly layerMemory = (files: Map<string, Uint8Array>): Layer.Layer<Output> =>
    Layer.succeed(Output, {
      stage: (file) =>
        Effect.sync(() => {
          const parts: Array<Uint8Array> = []
          return {
            write: (data: Uint8Array) => Effect.sync(() => void parts.push(Uint8Array.from(data))),
            close: Effect.sync(() => {
              const all = Buffer.concat(parts)
              return { file, bytes: all.length, sha256: createHash("sha256").update(all).digest("hex") }
            }),
            publish: Effect.sync(() => void files.set(file, Buffer.concat(parts))),
          }
        }),
      spool: () =>
        Effect.sync(() => {
          const parts: Array<Uint8Array> = []
          return {
            append: (bytes: Uint8Array) => Effect.sync(() => void parts.push(bytes)),
            read: Stream.suspend(() => Stream.fromIterable(parts)),
          }
        }),
      scratch: () => Effect.sync(memoryScratch),
      sliceFolder: () => undefined,
      sweep: () => Effect.void,
    })
}

/** Whether a folder can take the output: it is there, or the reason it cannot. */
export const checkFolder = async (file: string): Promise<string | undefined> => {
  const folder = dirname(file)
  try {
    if (!(await stat(folder)).isDirectory()) return `"${folder}" is not a folder`
    await readdir(folder)
  } catch (cause) {
    const isMissing = codeOf(cause) === "ENOENT" || codeOf(cause) === "ENOTDIR"
    return isMissing
      ? `the folder "${folder}" does not exist; make it first`
      : `the folder "${folder}" cannot be used: ${causeText(cause)}`
  }
  try {
    const found = await stat(file)
    if (found.isDirectory()) return `"${file}" is a folder`
    if (!found.isFile()) return `"${file}" is no ordinary file; "-" writes to the standard output`
  } catch (cause) {
    // No such file yet: the usual case.
    if (codeOf(cause) !== "ENOENT") return `"${file}" cannot be looked at: ${causeText(cause)}`
  }
  return undefined
}

/** Where a download lands: the check of its name, the lease of its part, the check of its bytes, the publication. */
import * as Effect from "effect/Effect"
import { createReadStream } from "node:fs"
import { lstat, mkdir, realpath, stat, statfs } from "node:fs/promises"
import { dirname, join, sep } from "node:path"
import { causeText } from "../../domain/Cause.ts"
import { DownloadError } from "../../domain/Errors.ts"
import { nameProblem } from "../../domain/OutsideName.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"
import type { Fetched, FileRequest } from "../../services/Downloader.ts"
import { differenceOf, digestsOf } from "../../services/Digests.ts"
import { claim, type Part } from "./Part.ts"

/** A file to be: its folder is there and lies where it should. */
export interface Target {
  readonly path: string
}

const codeOf = (cause: unknown): string => {
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === "string" ? code : ""
}

/** What fails on the disk. */
export const diskError =
  (place: string) =>
  <A>(act: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, DownloadError> =>
    Effect.tryPromise({
      try: act,
      catch: (cause) => {
        const isFull = codeOf(cause) === "ENOSPC" || codeOf(cause) === "EDQUOT"
        return new DownloadError({
          reason: isFull ? "NoSpace" : "Write",
          place: terminalLine(place),
          detail: isFull
            ? "the disk is full; what has come is kept for the next time"
            : terminalLine(`it cannot be written (${causeText(cause)})`),
        })
      },
    })

/** Makes the folders of a file, and sees that no link leads them away. */
export const targetOf = ({ folder, name }: FileRequest): Effect.Effect<Target, DownloadError> => {
  const refuse = (detail: string) =>
    Effect.fail(new DownloadError({ reason: "Refused", place: terminalLine(name.slice(0, 300)), detail }))
  const problem = nameProblem(name)
  if (problem !== undefined) return refuse(`this is no name for a file here: ${problem}`)
  return Effect.gen(function* () {
    const disk = diskError(name)
    const root = yield* disk(async () => {
      await mkdir(folder, { recursive: true })
      return realpath(folder)
    })
    const parts = name.split("/")
    let at = root
    // Folder by folder: a link that is followed first may lead out before anybody looks.
    for (const part of parts.slice(0, -1)) {
      const next = join(at, part)
      at = yield* disk(async () => {
        await mkdir(next).catch((cause: unknown) => {
          if (codeOf(cause) !== "EEXIST") throw cause
        })
        return realpath(next)
      })
      if (!(at === root || at.startsWith(root.endsWith(sep) ? root : root + sep)))
        return yield* refuse("a link in its path leads out of the folder of the dataset")
    }
    const path = join(at, parts.at(-1) as string)
    const found = yield* disk(() => lstat(path).catch(() => undefined))
    if (found?.isDirectory() === true) return yield* refuse("there is a folder of this name")
    return { path }
  })
}

/** How often one looks whether another process has finished, and how often it is told. */
const lookMillis = 200
const tellMillis = 10_000

/**
 * Does the work with the part of a file. While another process has it, waits; when that one has published the file, there
 * is nothing left to do.
 */
export const leased = (
  { path }: Target,
  request: FileRequest,
  act: (part: Part) => Effect.Effect<Fetched, DownloadError>,
): Effect.Effect<Fetched, DownloadError> => {
  const disk = diskError(request.name)
  const stamp = disk(() =>
    stat(path).then(
      ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
      () => "",
    ),
  )
  return Effect.gen(function* () {
    const before = yield* stamp
    for (let waited = 0; ; waited += lookMillis) {
      const done = yield* Effect.acquireUseRelease(
        disk(() => claim(path)),
        (claimed) =>
          Effect.gen(function* () {
            if ("busy" in claimed) return undefined
            // Somebody else may have finished while this one waited.
            if (waited > 0 && (yield* stamp) !== before) {
              const digests = yield* disk((signal) => digestsOf(path, signal))
              if (differenceOf(digests, request.expected) === undefined) {
                yield* disk(() => claimed.part.remove())
                return { path, bytes: digests.bytes, sha256: digests.sha256, resumedFrom: 0 }
              }
            }
            return yield* act(claimed.part)
          }),
        (claimed) =>
          "busy" in claimed
            ? Effect.void
            : Effect.promise(() =>
                // What holds nothing is of no use to anybody.
                (claimed.part.size() === 0 ? claimed.part.remove() : claimed.part.close()).catch(() => undefined),
              ),
      )
      if (done !== undefined) return done
      if (waited % tellMillis === 0)
        yield* Effect.logInfo(`another process downloads ${terminalLine(request.name)}; waiting for it`)
      yield* Effect.sleep(lookMillis)
    }
  })
}

/** Free space is asked for before, not after, where the size is known. */
export const checkSpace = (path: string, needed: number, place: string): Effect.Effect<void, DownloadError> =>
  Effect.flatMap(
    Effect.promise(() => statfs(dirname(path)).catch(() => undefined)),
    (found) => {
      if (found === undefined) return Effect.void
      const free = found.bavail * found.bsize
      return free >= needed
        ? Effect.void
        : Effect.fail(
            new DownloadError({
              reason: "NoSpace",
              place: terminalLine(place),
              detail: `it needs ${needed} bytes more and the disk has ${free} left`,
            }),
          )
    },
  )

/** Holds all bytes against what they should be, and publishes them. */
export const verified = (part: Part, { path }: Target, request: FileRequest): Effect.Effect<Fetched, DownloadError> =>
  Effect.gen(function* () {
    const disk = diskError(request.name)
    const digests = yield* disk((signal) => part.digests(signal))
    const problem = differenceOf(digests, request.expected)
    if (problem !== undefined)
      return yield* new DownloadError({
        reason: "Corrupt",
        place: terminalLine(request.name),
        detail: `${problem}; nothing was put in place`,
      })
    yield* Effect.uninterruptible(disk(() => part.publish(path)))
    return { path, bytes: digests.bytes, sha256: digests.sha256, resumedFrom: 0 }
  })

/** Copies a file of this machine. */
export const copyInto = (
  part: Part,
  { from, maxBytes, name, onBytes }: FileRequest,
): Effect.Effect<void, DownloadError> =>
  Effect.gen(function* () {
    const unreadable = (detail: string) => new DownloadError({ reason: "NotFound", place: terminalLine(from), detail })
    const found = yield* Effect.tryPromise({
      try: () => stat(from),
      catch: (cause) => unreadable(terminalLine(causeText(cause))),
    })
    if (!found.isFile()) return yield* unreadable("it is no ordinary file")
    if (maxBytes !== undefined && found.size > maxBytes)
      return yield* new DownloadError({
        reason: "TooLarge",
        place: terminalLine(from),
        detail: `it has ${found.size} bytes, more than the ${maxBytes} that --max-bytes leaves`,
      })
    yield* checkSpace(part.folder, found.size, name)
    yield* diskError(name)(async (signal) => {
      await part.begin({ from, bytes: found.size })
      const stream = createReadStream(from, { highWaterMark: 1 << 20, signal })
      for await (const chunk of stream as AsyncIterable<Buffer>) await part.write(chunk)
    })
    if (onBytes !== undefined) yield* onBytes(part.size(), found.size)
    if (part.size() !== found.size)
      return yield* new DownloadError({
        reason: "Corrupt",
        place: terminalLine(from),
        detail: "it changed while it was copied",
      })
  })

/** Brings one raw file to its place: whole and verified, or not at all. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import { mkdir, rename, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { causeText } from "../domain/Cause.ts"
import { DownloadError } from "../domain/Errors.ts"
import { nameProblem } from "../domain/OutsideName.ts"

/** What the bytes of a file must be, as far as it is known. Digests are hexadecimal. */
export interface Expected {
  readonly bytes?: number
  readonly sha256?: string
  /** SHA-1 of `blob <size>\0` and the bytes: how git names a file. */
  readonly gitSha1?: string
}

export interface FileRequest {
  /** An http(s) URL, or the absolute path of a file on this machine. */
  readonly from: string
  /** Absolute path of the folder that the file must stay in; made when it is not there. */
  readonly folder: string
  /** Name from outside: a relative path with `/`. */
  readonly name: string
  readonly expected: Expected
  /** Most bytes that may be taken. */
  readonly maxBytes?: number
  /** Told now and then: bytes that are here, and in all where it is known. */
  readonly onBytes?: (got: number, of: number | undefined) => Effect.Effect<void>
}

export interface Fetched {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** Bytes that an earlier attempt of another process had left. */
  readonly resumedFrom: number
}

export interface DownloaderService {
  readonly fetch: (request: FileRequest) => Effect.Effect<Fetched, DownloadError>
}

export class Downloader extends Context.Tag("data-toolbox/Downloader")<Downloader, DownloaderService>() {
  /** Fetches nothing. */
  static readonly layerOffline: Layer.Layer<Downloader> = Layer.succeed(Downloader, {
    fetch: ({ from }) =>
      Effect.fail(new DownloadError({ reason: "Offline", place: from, detail: "nothing is fetched in this run" })),
  })

  /** Files that a test or an app gives: where they lie to their bytes, or why they cannot be had. */
  static readonly layerTest = (files: {
    readonly [from: string]: Uint8Array | DownloadError
  }): Layer.Layer<Downloader> => Layer.succeed(Downloader, { fetch: (request) => fetchGiven(files, request) })
}

const fetchGiven = (
  files: { readonly [from: string]: Uint8Array | DownloadError },
  { expected, folder, from, maxBytes, name, onBytes }: FileRequest,
): Effect.Effect<Fetched, DownloadError> =>
  Effect.gen(function* () {
    const fail = (reason: DownloadError["reason"], detail: string) => new DownloadError({ reason, place: from, detail })
    const problem = nameProblem(name)
    if (problem !== undefined) return yield* fail("Refused", problem)
    const given = Object.hasOwn(files, from) ? files[from] : undefined
    if (given === undefined) return yield* fail("NotFound", "there is nothing there")
    if (!(given instanceof Uint8Array)) return yield* given
    if (given.length > (maxBytes ?? Number.POSITIVE_INFINITY)) return yield* fail("TooLarge", "it has more bytes")
    const sha256 = createHash("sha256").update(given).digest("hex")
    const gitSha1 = createHash("sha1").update(`blob ${given.length}\0`).update(given).digest("hex")
    const found: Required<Expected> = { bytes: given.length, sha256, gitSha1 }
    for (const key of ["bytes", "sha256", "gitSha1"] as const)
      if (expected[key] !== undefined && expected[key] !== found[key]) return yield* fail("Corrupt", `${key} differs`)
    const path = join(folder, name)
    yield* Effect.tryPromise({
      try: async () => {
        await mkdir(dirname(path), { recursive: true })
        await writeFile(`${path}.tmp`, given)
        await rename(`${path}.tmp`, path)
      },
      catch: (cause) => fail("Write", causeText(cause)),
    })
    if (onBytes !== undefined) yield* onBytes(given.length, given.length)
    return { path, bytes: given.length, sha256, resumedFrom: 0 }
  })

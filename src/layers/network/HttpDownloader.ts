/**
 * Downloads over http(s) and copies from this machine: into a part file, verified byte for byte, then published. A part
 * that is there already is continued, if the server says that it is still the same file.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { DownloadError } from "../../domain/Errors.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { Downloader, type Expected, type Fetched, type FileRequest } from "../../services/Downloader.ts"
import { type Followed, follow, makeReach, meaningOf, placeOf, type Reach } from "./Follow.ts"
import { refusalOf } from "./HttpHub.ts"
import { checkSpace, copyInto, diskError, leased, type Target, targetOf, verified } from "./Landing.ts"
import type { Part } from "./Part.ts"
import { retried, Transient } from "./Retry.ts"
import type { NetworkSettings } from "./Settings.ts"

/** How often it is told how far a file is. */
const tellEvery = 1 << 20

/** An entity tag that stands for the very bytes (RFC 9110, 8.8.3); a weak one does not. */
const strongTag = (tag: string | undefined): string | undefined =>
  tag !== undefined && /^"[\u0021\u0023-\u007e]*"$/.test(tag) ? tag : undefined

/** `bytes 100-199/200`; the size in all may be unknown. */
const contentRange = (
  header: string | undefined,
): { readonly first: number; readonly last: number; readonly total: number | undefined } | undefined => {
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header ?? "")
  if (found === null) return undefined
  return {
    first: Number(found[1]),
    last: Number(found[2]),
    total: found[3] === "*" ? undefined : Number(found[3]),
  }
}

interface Work {
  readonly client: HttpClient.HttpClient
  readonly settings: NetworkSettings
  readonly request: FileRequest
  readonly part: Part
  readonly reach: Reach
  /** Most bytes of the file that were ever here. */
  best: number
}

/** What an answer is good for: its bytes are to be added at the end of the part, or in place of all. */
interface Accepted {
  readonly restart: boolean
  readonly validator: string | undefined
  readonly total: number | undefined
}

/** Judges an answer before its bytes are taken. `undefined`: what is here is of no use, ask again from the beginning. */
const accept = (
  followed: Followed,
  { request: { expected, maxBytes, name }, part }: Work,
): Accepted | DownloadError | undefined => {
  const { response, url } = followed
  const { headers, status } = response
  const fail = (reason: DownloadError["reason"], detail: string) =>
    new DownloadError({ reason, place: placeOf(url), detail })
  const offset = part.size()
  const encoding = headers["content-encoding"]?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== "" && encoding !== "identity")
    return status === 206
      ? undefined
      : fail("Protocol", `the server packs the file (${terminalLine(encoding)}) although it was asked not to`)
  const tag = headers["etag"]
  const length = /^\d{1,15}$/.test(headers["content-length"] ?? "") ? Number(headers["content-length"]) : undefined
  let total: number | undefined
  if (status === 206) {
    const range = contentRange(headers["content-range"])
    const state = part.state()
    if (offset === 0) return fail("Protocol", "the server sends a part of the file although all of it was asked for")
    if (range === undefined || range.first !== offset) return undefined
    if (strongTag(tag) !== undefined && strongTag(tag) !== state?.validator) return undefined
    if (state?.bytes !== undefined && range.total !== undefined && range.total !== state.bytes) return undefined
    if (range.last < range.first || (range.total !== undefined && range.last >= range.total)) return undefined
    total = range.total ?? state?.bytes ?? expected.bytes
  } else {
    const type = headers["content-type"]?.toLowerCase() ?? ""
    if (type.startsWith("text/html") && !/\.html?$/i.test(name))
      return fail("Protocol", "the server sends an HTML page in place of the file")
    total = length
    const isWhole = length !== undefined || headers["transfer-encoding"]?.toLowerCase().includes("chunked") === true
    if (!isWhole && expected.bytes === undefined && expected.sha256 === undefined && expected.gitSha1 === undefined)
      return fail("Protocol", "nothing tells how long the file is, so that nothing would tell that it is whole")
  }
  if (total !== undefined && expected.bytes !== undefined && total !== expected.bytes)
    return fail("Corrupt", `it should have ${expected.bytes} bytes; the server offers ${total}`)
  const size = total ?? expected.bytes
  if (maxBytes !== undefined && size !== undefined && size > maxBytes)
    return fail("TooLarge", `it has ${size} bytes, more than the ${maxBytes} that --max-bytes leaves`)
  return { restart: status !== 206, validator: strongTag(tag), total: size }
}

/** One request, and all that it brings. */
const attempt = (work: Work): Effect.Effect<void, Transient | DownloadError, Scope.Scope> =>
  Effect.gen(function* () {
    const { client, part, reach, request, settings } = work
    const { expected, maxBytes, onBytes } = request
    const disk = diskError(request.name)
    const state = part.state()
    const offset = part.size()
    if (expected.bytes !== undefined && offset === expected.bytes && state?.from === request.from) return
    const tag = state?.from === request.from ? state.validator : undefined
    const isMore = offset > 0 && tag !== undefined && offset < (expected.bytes ?? Number.POSITIVE_INFINITY)
    const again = (detail: string) =>
      new Transient({
        error: new DownloadError({ reason: "Protocol", place: placeOf(request.from), detail }),
        progressed: false,
      })
    if (offset > 0 && !isMore) yield* disk(() => part.begin({ from: request.from }))
    const followed = yield* follow(client, settings, reach, {
      method: "GET",
      url: request.from,
      headers: isMore ? { range: `bytes=${offset}-`, "if-range": tag } : {},
    })
    const { response, url } = followed
    if (response.status === 416 && isMore) {
      yield* disk(() => part.begin({ from: request.from }))
      return yield* again("the server does not have the part that was asked for")
    }
    if (response.status !== 200 && response.status !== 206) {
      const now = yield* Clock.currentTimeMillis
      return yield* refusalOf(followed, settings.token !== undefined, now)
    }
    const accepted = accept(followed, work)
    if (accepted === undefined) {
      yield* disk(() => part.begin({ from: request.from }))
      return yield* again("the server sends another part than the one that was asked for")
    }
    if ("_tag" in accepted) return yield* accepted
    const { restart, total, validator } = accepted
    if (total !== undefined) yield* checkSpace(part.folder, total - (restart ? 0 : offset), request.name)
    if (restart)
      yield* disk(() =>
        part.begin({
          from: request.from,
          ...(validator === undefined ? {} : { validator }),
          ...(total === undefined ? {} : { bytes: total }),
        }),
      )
    const most = total ?? maxBytes
    let toldAt = part.size()
    // An answer that only brings back what was here already is no progress.
    const progress = () => {
      const progressed = part.size() > work.best
      work.best = Math.max(work.best, part.size())
      return progressed
    }
    yield* response.stream.pipe(
      Stream.mapError((error) => meaningOf(error, url, false)),
      Stream.timeoutFail(
        () =>
          new Transient({
            error: new DownloadError({
              reason: "TimedOut",
              place: placeOf(url),
              detail: `nothing came for ${settings.idleMillis / 1000} s`,
            }),
            progressed: false,
          }),
        settings.idleMillis,
      ),
      Stream.runForEach((chunk) =>
        Effect.gen(function* () {
          if (most !== undefined && part.size() + chunk.length > most) {
            yield* disk(() => part.begin({ from: request.from }))
            return yield* total === undefined
              ? new DownloadError({
                  reason: "TooLarge",
                  place: placeOf(url),
                  detail: `it has more bytes than the ${maxBytes} that --max-bytes leaves`,
                })
              : new DownloadError({
                  reason: "Corrupt",
                  place: placeOf(url),
                  detail: `the server sends more than the ${total} bytes that it should have`,
                })
          }
          yield* disk(() => part.write(chunk))
          if (onBytes !== undefined && part.size() - toldAt >= tellEvery) {
            toldAt = part.size()
            yield* onBytes(part.size(), total)
          }
        }),
      ),
      Effect.mapError((error) =>
        error._tag === "Transient" ? new Transient({ error: error.error, progressed: progress() }) : error,
      ),
    )
    if (onBytes !== undefined) yield* onBytes(part.size(), total)
    if (total !== undefined && part.size() < total)
      return yield* new Transient({
        error: new DownloadError({
          reason: "Unreachable",
          place: placeOf(url),
          detail: `the connection ended after ${part.size()} of ${total} bytes`,
        }),
        progressed: progress(),
      })
  })

/** All attempts. */
const complete = (work: Work): Effect.Effect<void, DownloadError> =>
  retried(Effect.scoped(attempt(work)), work.settings)

const isUrl = (from: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]+:/.test(from)

const download = (
  client: HttpClient.HttpClient,
  settings: NetworkSettings,
  request: FileRequest,
  target: Target,
): Effect.Effect<Fetched, DownloadError> =>
  leased(target, request, (part) =>
    Effect.gen(function* () {
      const resumedFrom = part.state()?.from === request.from ? part.size() : 0
      const work: Work = { client, settings, request, part, reach: makeReach(), best: part.size() }
      for (let tries = 1; ; tries++) {
        yield* complete(work)
        const fetched = yield* Effect.either(verified(part, target, request))
        if (fetched._tag === "Right") return { ...fetched.right, resumedFrom }
        // A part from before may have been damaged since, and so may bytes on their way: once more from the beginning.
        const isCorrupt = fetched.left.reason === "Corrupt"
        if (isCorrupt) yield* diskError(request.name)(() => part.begin({ from: request.from }))
        if (!isCorrupt || tries === 2) return yield* fetched.left
        work.best = 0
      }
    }),
  ).pipe(
    Effect.timeoutFail({
      duration: settings.totalMillis,
      onTimeout: () =>
        new DownloadError({
          reason: "TimedOut",
          place: placeOf(request.from),
          detail: `it is not here after ${Math.round(settings.totalMillis / 1000)} s; what has come is kept for the next time`,
        }),
    }),
  )

const sane = ({ sha256, gitSha1 }: Expected): boolean =>
  (sha256 === undefined || /^[0-9a-f]{64}$/.test(sha256)) && (gitSha1 === undefined || /^[0-9a-f]{40}$/.test(gitSha1))

export const layer = (settings: NetworkSettings): Layer.Layer<Downloader, never, HttpClient.HttpClient> =>
  Layer.effect(
    Downloader,
    Effect.map(HttpClient.HttpClient, (client) => ({
      fetch: (request) =>
        Effect.gen(function* () {
          const { expected, from, maxBytes, name } = request
          if (!sane(expected))
            return yield* new DownloadError({ reason: "Refused", place: name, detail: "its digest is no digest" })
          if (maxBytes !== undefined && (expected.bytes ?? 0) > maxBytes)
            return yield* new DownloadError({
              reason: "TooLarge",
              place: placeOf(from),
              detail: `it has ${expected.bytes} bytes, more than the ${maxBytes} that --max-bytes leaves`,
            })
          const target = yield* targetOf(request)
          return yield* isUrl(from)
            ? download(client, settings, request, target)
            : leased(target, request, (part) =>
                Effect.zipRight(copyInto(part, request), verified(part, target, request)),
              )
        }),
    })),
  )

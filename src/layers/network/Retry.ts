/** What is tried again, when, and how often. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { DownloadError } from "../../domain/Errors.ts"
import type { NetworkSettings } from "./Settings.ts"

/** Something that may go well the next time. */
export class Transient extends Data.TaggedError("Transient")<{
  /** What is told when there is no next time. */
  readonly error: DownloadError
  /** How long the server asks to wait. */
  readonly retryAfterMillis?: number
  /** Whether there is more of the file than ever before. */
  readonly progressed: boolean
}> {}

/** Answers that say "later"; the list is curl's, with the time-outs of proxies. */
const transientStatuses = new Set([408, 429, 500, 502, 503, 504, 522, 524])
export const isTransientStatus = (status: number): boolean => transientStatuses.has(status)

/** A server that asks for more than this is not waited for. */
export const longestWaitMillis = 10 * 60_000

/**
 * `Retry-After` in either form (RFC 9110, 10.2.3): seconds, or a date. Undefined for anything else; a date that is past
 * is no wait.
 */
export const retryAfterMillis = (header: string | undefined, nowMillis: number): number | undefined => {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // The dates of HTTP begin with the name of a day; `Date.parse` alone takes almost anything.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMillis)
}

const longestDelay = Duration.seconds(30)

type Failure = Transient | DownloadError

const waitOf = (failure: Failure): number => (failure._tag === "Transient" ? (failure.retryAfterMillis ?? 0) : 0)

type RetrySettings = Pick<NetworkSettings, "attempts" | "firstDelayMillis">

/**
 * Waits 0.5 s, 1 s, 2 s, ... up to 30 s, each a fifth more or less by chance, and never shorter than the server asks. At
 * most `attempts` in a row without progress; what brings bytes begins to count anew.
 */
export const retrySchedule = ({ attempts, firstDelayMillis }: RetrySettings): Schedule.Schedule<Failure, Failure> =>
  Schedule.exponential(Duration.millis(firstDelayMillis)).pipe(
    Schedule.delayed((delay) => Duration.min(delay, longestDelay)),
    Schedule.jittered,
    Schedule.intersect(Schedule.recurs(attempts - 1)),
    Schedule.zipRight(Schedule.identity<Failure>()),
    Schedule.whileOutput((failure) => failure._tag === "Transient" && waitOf(failure) <= longestWaitMillis),
    Schedule.modifyDelay((failure, delay) => Duration.max(delay, Duration.millis(waitOf(failure)))),
    Schedule.resetWhen((failure) => failure._tag === "Transient" && failure.progressed),
  )

/** Tries again by the schedule; what is left at the end is told as it is. */
export const retried = <A, R>(
  effect: Effect.Effect<A, Failure, R>,
  settings: RetrySettings,
): Effect.Effect<A, DownloadError, R> =>
  effect.pipe(
    Effect.retry(retrySchedule(settings)),
    Effect.mapError((failure) => (failure._tag === "Transient" ? failure.error : failure)),
  )

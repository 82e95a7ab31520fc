/**
 * One request with its redirects, each of which is decided anew: where it may lead, and whether the token goes along.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { isIP } from "node:net"
import { isLoopbackHost, isPublicAddress } from "../../domain/Address.ts"
import { causeText } from "../../domain/Cause.ts"
import { DownloadError } from "../../domain/Errors.ts"
import { packageTool } from "../../domain/Package.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { AddressGuard, AddressRefused } from "./NodeHttp.ts"
import { Transient } from "./Retry.ts"
import type { NetworkSettings } from "./Settings.ts"

export const maxRedirects = 10

/** A URL as it is told and kept: its query may be a key for a while. */
export const placeOf = (url: string | URL): string => {
  const text = String(url)
  if (!URL.canParse(text)) return terminalLine(text.slice(0, 200))
  const { host, pathname, protocol } = new URL(text)
  return terminalLine(`${protocol}//${host}${pathname}`.slice(0, 500))
}

/** What is remembered of the addresses of a file between its hops and attempts. */
export interface Reach {
  readonly guard: AddressGuard["Type"]
}

/**
 * Who begins in the public internet stays there. Who names a place inside a private network, as a mirror of the Hub may
 * be, goes anywhere. The first connection decides, for all attempts: a name that leads elsewhere later is not followed.
 */
export const makeReach = (): Reach => {
  let startedPublic: boolean | undefined
  return {
    guard: {
      admit: (addresses) => {
        const open = addresses.filter(isPublicAddress)
        startedPublic ??= open.length > 0
        return startedPublic ? open : addresses
      },
    },
  }
}

export interface Followed {
  readonly response: HttpClientResponse
  /** Where the answer came from in the end. */
  readonly url: URL
  /** Headers of answers of the Hub on the way, the last one first. */
  readonly fromHub: (name: string) => string | undefined
}

export interface FollowRequest {
  readonly method: "GET" | "HEAD"
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  /** Redirects to other origins are answers, too: the Hub tells about a file with one. */
  readonly stayWithin?: boolean
}

const refused = (url: URL | string, detail: string) =>
  new DownloadError({ reason: "Refused", place: placeOf(url), detail })

/** Why a URL is not asked at all. */
const problemOf = (url: URL, before: URL | undefined, { allowHttp }: NetworkSettings): string | undefined => {
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return `"${url.protocol}" is no way to fetch a file; only http and https are`
  if (url.username !== "" || url.password !== "") return "the address holds a user name or a password"
  if (url.protocol === "http:" && before?.protocol === "https:")
    return `${before.host} redirects from https to http, where anybody on the way could change the file`
  if (url.protocol === "http:" && !allowHttp) return "plain http is not used unless --allow-http says so"
  return undefined
}

/** Names of problems with a connection that another attempt does not cure: certificates and protocols. */
const isLasting = (code: string): boolean => /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO|ERR_INVALID/.test(code)

const codeOf = (cause: unknown): string => {
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === "string" ? code : ""
}

/** What a failed request means. `progressed` is for the retries. */
export const meaningOf = (error: HttpClientError, url: URL, progressed: boolean): Transient | DownloadError => {
  const cause = error.cause
  if (cause instanceof AddressRefused) return refused(url, terminalLine(cause.message))
  const code = codeOf(cause) || codeOf((cause as { readonly cause?: unknown } | null)?.cause)
  const detail = terminalLine(`the connection failed (${code === "" ? causeText(cause).slice(0, 200) : code})`)
  const told = new DownloadError({ reason: "Unreachable", place: placeOf(url), detail })
  return isLasting(code) ? told : new Transient({ error: told, progressed })
}

const redirects = new Set([301, 302, 303, 307, 308])

/** Asks, and follows at most ten redirects. The answer lives as long as the scope. */
export const follow = (
  client: HttpClient.HttpClient,
  settings: NetworkSettings,
  reach: Reach,
  { headers, method, stayWithin = false, url: first }: FollowRequest,
): Effect.Effect<Followed, Transient | DownloadError, Scope.Scope> =>
  Effect.gen(function* () {
    if (!URL.canParse(first)) return yield* refused(first, "this is no address")
    if (settings.offline)
      return yield* new DownloadError({
        reason: "Offline",
        place: placeOf(first),
        detail: "HF_HUB_OFFLINE is set, so that nothing is fetched",
      })
    const told: Array<HttpClientResponse["headers"]> = []
    let url = new URL(first)
    let before: URL | undefined
    // Who has left the Hub gets no token, even when a redirect leads back to it.
    let atHub = true
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const problem = problemOf(url, before, settings)
      if (problem !== undefined) return yield* refused(url, problem)
      const host = url.hostname.replace(/^\[|\]$/g, "")
      if (isIP(host) !== 0 && reach.guard.admit([host]).length === 0)
        return yield* refused(url, new AddressRefused(url.hostname).message)
      atHub &&= url.origin === settings.endpoint.origin
      const isSafe = url.protocol === "https:" || isLoopbackHost(url.hostname)
      const token = atHub && isSafe ? settings.token : undefined
      const scope = yield* Effect.acquireRelease(Scope.make(), (one, exit) => Scope.close(one, exit))
      const request = HttpClientRequest.make(method)(url.href, {
        headers: {
          "accept-encoding": "identity",
          "user-agent": `data-toolbox/${packageTool().version}`,
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${Redacted.value(token)}` }),
        },
      })
      const here = url
      const response: HttpClientResponse = yield* HttpClient.withScope(client)
        .execute(request)
        .pipe(
          Scope.extend(scope),
          Effect.provideService(AddressGuard, reach.guard),
          // Addresses may hold keys in their queries: they are not for traces.
          Effect.withTracerEnabled(false),
          Effect.mapError((error) => meaningOf(error, here, false)),
          Effect.timeoutFail({
            duration: settings.idleMillis,
            onTimeout: () =>
              new Transient({
                error: new DownloadError({
                  reason: "TimedOut",
                  place: placeOf(here),
                  detail: `no answer within ${settings.idleMillis / 1000} s`,
                }),
                progressed: false,
              }),
          }),
        )
      if (atHub) told.unshift(response.headers)
      const { location } = response.headers
      if (!redirects.has(response.status) || location === undefined)
        return { response, url, fromHub: (name) => told.find((one) => one[name] !== undefined)?.[name] }
      if (!URL.canParse(location, url.href)) return yield* refused(url, "it redirects to something that is no address")
      const next: URL = new URL(location, url.href)
      if (stayWithin && next.origin !== url.origin)
        return { response, url, fromHub: (name) => told.find((one) => one[name] !== undefined)?.[name] }
      // The answer is not read: its connection ends here.
      yield* Scope.close(scope, Exit.void)
      before = url
      url = next
    }
    return yield* refused(first, `more than ${maxRedirects} redirects`)
  })

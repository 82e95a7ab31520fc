/** The Hub by its public addresses: what `huggingface_hub` asks, asked the same way. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { DownloadError } from "../../domain/Errors.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { Hub, type HubFile, type HubPaths } from "../../services/Hub.ts"
import { type Followed, follow, type FollowRequest, makeReach, meaningOf, placeOf } from "./Follow.ts"
import { isTransientStatus, retried, retryAfterMillis, Transient } from "./Retry.ts"
import type { NetworkSettings } from "./Settings.ts"

/** The list of the files of a repository: what is asked of it, the rest is not looked at. */
const Info = Schema.parseJson(
  Schema.Struct({
    sha: Schema.optional(Schema.String),
    siblings: Schema.Array(Schema.Struct({ rfilename: Schema.String })),
  }),
)

const maxInfoBytes = 64 * 1024 * 1024

/** Each part of a path, but the slashes between them. */
const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/")

/** A name of a repository as the Hub allows it: what else is in it could lead elsewhere. */
const isRepo = (repo: string): boolean =>
  /^[A-Za-z0-9][\w.-]{0,95}(?:\/[A-Za-z0-9][\w.-]{0,95})?$/.test(repo) && !repo.includes("..")

/** The meaning of an answer that is none of those that were hoped for. */
export const refusalOf = (
  { fromHub, response, url }: Followed,
  hasToken: boolean,
  now: number,
): Transient | DownloadError => {
  const { status } = response
  const place = placeOf(url)
  const code = fromHub("x-error-code")
  const words = fromHub("x-error-message")
  const said = words === undefined ? "" : ` ("${terminalLine(words).slice(0, 200)}")`
  if (isTransientStatus(status)) {
    const wait = retryAfterMillis(response.headers["retry-after"], now)
    const later = wait === undefined ? "" : `; it asks to come again in ${Math.ceil(wait / 1000)} s`
    const error = new DownloadError({ reason: "Unreachable", place, detail: `the server answers ${status}${later}` })
    return new Transient({ error, progressed: false, ...(wait === undefined ? {} : { retryAfterMillis: wait }) })
  }
  if (status === 401 || status === 403) {
    const what =
      code === "GatedRepo"
        ? "the repository is gated: ask for access on its page, then give a token"
        : status === 401 && code === "RepoNotFound"
          ? "there is no such repository, or it is private and needs a token"
          : "the server wants to know who asks"
    const how = hasToken ? "the token that was given does not open it" : "give a token with HF_TOKEN or HF_TOKEN_PATH"
    return new DownloadError({ reason: "Unauthorized", place, detail: `${status}: ${what}; ${how}${said}` })
  }
  if (status === 404 || status === 410) {
    const what =
      code === "RevisionNotFound"
        ? "there is no such revision"
        : code === "EntryNotFound"
          ? "there is no such file"
          : "there is nothing there"
    return new DownloadError({ reason: "NotFound", place, detail: `${status}: ${what}${said}` })
  }
  return new DownloadError({ reason: "Status", place, detail: `the server answers ${status}${said}` })
}

/** What an entity tag of the Hub says of the bytes: SHA-256 of a large file, the name in git of any other. */
const digestOf = (tag: string | undefined): { readonly sha256?: string; readonly gitSha1?: string } => {
  const plain = (tag ?? "").replace(/^W\//, "").replaceAll('"', "")
  if (/^[0-9a-f]{64}$/.test(plain)) return { sha256: plain }
  return /^[0-9a-f]{40}$/.test(plain) ? { gitSha1: plain } : {}
}

const sizeOf = (header: string | undefined): { readonly bytes?: number } =>
  header !== undefined && /^\d{1,15}$/.test(header) ? { bytes: Number(header) } : {}

const isCommit = (text: string | undefined): text is string => text !== undefined && /^[0-9a-f]{40}$/.test(text)

export const layer = (settings: NetworkSettings): Layer.Layer<Hub, never, HttpClient.HttpClient> =>
  Layer.effect(
    Hub,
    Effect.map(HttpClient.HttpClient, (client) => {
      const base = `${settings.endpoint.origin}${settings.endpoint.pathname.replace(/\/+$/, "")}`

      const asked = <A>(
        request: FollowRequest,
        read: (followed: Followed) => Effect.Effect<A, Transient | DownloadError, Scope.Scope>,
      ): Effect.Effect<A, DownloadError> =>
        retried(Effect.scoped(Effect.flatMap(follow(client, settings, makeReach(), request), read)), settings)

      const refuse = (followed: Followed) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.fail(refusalOf(followed, settings.token !== undefined, now)),
        )

      const checked = <A>(
        repo: string,
        then: () => Effect.Effect<A, DownloadError>,
      ): Effect.Effect<A, DownloadError> =>
        isRepo(repo)
          ? then()
          : Effect.fail(
              new DownloadError({ reason: "Refused", place: terminalLine(repo), detail: "no name of a repository" }),
            )

      const paths = (repo: string, revision: string): Effect.Effect<HubPaths, DownloadError> => {
        const url = `${base}/api/datasets/${repo}/revision/${encodeURIComponent(revision)}`
        return asked({ method: "GET", url, headers: {} }, (followed) =>
          Effect.gen(function* () {
            if (followed.response.status !== 200) return yield* refuse(followed)
            const place = placeOf(url)
            const unfit = (detail: string) => new DownloadError({ reason: "Protocol", place, detail })
            const chunks: Array<Uint8Array> = []
            let size = 0
            yield* followed.response.stream.pipe(
              Stream.mapError((error) => meaningOf(error, followed.url, false)),
              Stream.timeoutFail(
                () =>
                  new Transient({
                    error: new DownloadError({ reason: "TimedOut", place, detail: "the answer stopped half-way" }),
                    progressed: false,
                  }),
                settings.idleMillis,
              ),
              Stream.runForEach((chunk) => {
                size += chunk.length
                if (size > maxInfoBytes) return Effect.fail(unfit("the list of its files is too long"))
                return Effect.sync(() => void chunks.push(chunk))
              }),
            )
            const { sha, siblings } = yield* Effect.mapError(
              Schema.decodeUnknown(Info)(Buffer.concat(chunks).toString("utf8")),
              () => unfit("the answer is no list of files; is this a Hub?"),
            )
            return { revision: isCommit(sha) ? sha : revision, paths: siblings.map(({ rfilename }) => rfilename) }
          }),
        )
      }

      const file = (repo: string, revision: string, path: string): Effect.Effect<HubFile, DownloadError> => {
        const urlAt = (at: string) => `${base}/datasets/${repo}/resolve/${encodeURIComponent(at)}/${encoded(path)}`
        return asked({ method: "HEAD", url: urlAt(revision), headers: {}, stayWithin: true }, (followed) => {
          const { fromHub, response } = followed
          const isRedirect = response.status >= 300 && response.status < 400
          if (response.status !== 200 && !isRedirect) return refuse(followed)
          const commit = fromHub("x-repo-commit")
          const at = isCommit(commit) ? commit : revision
          const size = fromHub("x-linked-size") ?? (isRedirect ? undefined : response.headers["content-length"])
          return Effect.succeed({
            url: urlAt(at),
            revision: at,
            path,
            expected: { ...sizeOf(size), ...digestOf(fromHub("x-linked-etag") ?? fromHub("etag")) },
          })
        })
      }

      return {
        paths: (repo, revision) => checked(repo, () => paths(repo, revision)),
        file: (repo, revision, path) => checked(repo, () => file(repo, revision, path)),
      }
    }),
  )

/**
 * A server on this machine that behaves like the Hub, and one of another origin that it redirects to: entity tags, large
 * and plain files, gated repositories. Each answer can be replaced by one that misbehaves.
 */
import { onTestFinished } from "@effect/vitest"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface HubFileGiven {
  readonly bytes: Uint8Array
  /** Large files lie elsewhere: the Hub redirects to them. */
  readonly lfs?: boolean
}

export interface Seen {
  readonly server: "hub" | "cdn" | "third"
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
}

export type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => void

export interface HubServer {
  /** `http://127.0.0.1:port` of the three origins. */
  readonly hub: string
  readonly cdn: string
  readonly third: string
  readonly seen: Array<Seen>
  /** Repositories: name to path to file. */
  readonly repos: Map<string, Map<string, HubFileGiven>>
  /** Repositories that want this token. */
  readonly gated: Map<string, string>
  /** Answers in place of the usual ones, by path (without the query), on every origin. */
  readonly answers: Map<string, Answer>
  readonly close: () => Promise<void>
}

export const commit = "0123456789abcdef0123456789abcdef01234567"

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
export const gitSha1 = (bytes: Uint8Array): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")

const made = new Map<string, Buffer>()

/** Bytes that are not like others of another seed. */
export const bytesOf = (size: number, seed = 1): Buffer => {
  const key = `${size} ${seed}`
  const known = made.get(key)
  if (known !== undefined) return known
  const out = Buffer.alloc(size)
  made.set(key, out)
  let state = seed * 2654435761
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state >>> 24
  }
  return out
}

/** A well-behaved answer: ranges under a strong tag. */
export const serve = (
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  headers: { readonly [name: string]: string } = {},
): void => {
  const etag = headers["etag"]
  const found = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")
  const condition = request.headers["if-range"]
  const isRange = found !== null && (condition === undefined || condition === etag)
  const first = isRange ? Number(found[1]) : 0
  if (isRange && first >= bytes.length) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end()
    return
  }
  const part = bytes.subarray(first)
  response.writeHead(isRange ? 206 : 200, {
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    ...headers,
    "content-length": String(part.length),
    ...(isRange ? { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  response.end(request.method === "HEAD" ? undefined : part)
}

const listen = (handler: (request: IncomingMessage, response: ServerResponse) => void, host: string) =>
  new Promise<{ readonly server: Server; readonly origin: string }>((resolve) => {
    const server = createServer(handler)
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo
      resolve({ server, origin: `http://${host}:${port}` })
    })
  })

export const startHub = async (): Promise<HubServer> => {
  const repos: HubServer["repos"] = new Map()
  const gated: HubServer["gated"] = new Map()
  const answers: HubServer["answers"] = new Map()
  const times = new Map<string, number>()
  const seen: Array<Seen> = []

  const handle =
    (server: Seen["server"], usual: Answer) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const url = request.url ?? "/"
      seen.push({ server, method: request.method ?? "", url, headers: { ...request.headers } as Seen["headers"] })
      const path = url.split("?")[0] as string
      const key = `${request.method} ${path}`
      const count = times.get(key) ?? 0
      times.set(key, count + 1)
      response.on("error", () => undefined)
      ;(answers.get(path) ?? usual)(request, response, count)
    }

  const blobs = (hash: string): Uint8Array | undefined => {
    for (const files of repos.values()) for (const { bytes } of files.values()) if (sha256(bytes) === hash) return bytes
    return undefined
  }

  const cdnUsual: Answer = (request, response) => {
    const hash = /^\/blob\/([0-9a-f]{64})/.exec(request.url ?? "")?.[1]
    const bytes = hash === undefined ? undefined : blobs(hash)
    if (bytes === undefined) return void response.writeHead(404).end()
    // The tag of the store is not that of the Hub.
    serve(request, response, bytes, { etag: `"cdn-${hash?.slice(0, 8)}"` })
  }

  const [cdn, third] = await Promise.all([
    listen(handle("cdn", cdnUsual), "127.0.0.1"),
    listen(
      handle("third", (_request, response) => void response.writeHead(404).end()),
      "127.0.0.2",
    ),
  ])

  const hubUsual: Answer = (request, response) => {
    const url = new URL(request.url ?? "/", "http://hub")
    const path = decodeURIComponent(url.pathname)
    const listing = /^\/api\/datasets\/([\w.-]+\/[\w.-]+)\/revision\/(.+)$/.exec(path)
    const file = /^\/datasets\/([\w.-]+\/[\w.-]+)\/resolve\/([^/]+)\/(.+)$/.exec(path)
    const repo = listing?.[1] ?? file?.[1] ?? ""
    const files = repos.get(repo)
    const refuse = (status: number, code: string, message: string) =>
      void response.writeHead(status, { "x-error-code": code, "x-error-message": message }).end()
    if (files === undefined) return refuse(401, "RepoNotFound", "Repository not found")
    const wanted = gated.get(repo)
    if (wanted !== undefined) {
      const given = request.headers.authorization
      if (given === undefined) return refuse(401, "GatedRepo", "Access to this dataset is restricted")
      if (given !== `Bearer ${wanted}`) return refuse(403, "GatedRepo", "You are not in the authorized list")
    }
    const revision = listing?.[2] ?? file?.[2]
    if (revision !== "main" && revision !== commit) return refuse(404, "RevisionNotFound", "No such revision")
    if (listing !== null) {
      const body = JSON.stringify({ sha: commit, siblings: [...files.keys()].map((rfilename) => ({ rfilename })) })
      return void response.writeHead(200, { "content-type": "application/json" }).end(body)
    }
    const found = files.get(file?.[3] ?? "")
    if (found === undefined) return refuse(404, "EntryNotFound", "Entry not found")
    if (found.lfs === true) {
      const hash = sha256(found.bytes)
      const location = `${cdn.origin}/blob/${hash}?X-Signature=SECRET_QUERY`
      return void response
        .writeHead(302, {
          location,
          "x-repo-commit": commit,
          "x-linked-etag": `"${hash}"`,
          "x-linked-size": String(found.bytes.length),
        })
        .end()
    }
    serve(request, response, found.bytes, { etag: `"${gitSha1(found.bytes)}"`, "x-repo-commit": commit })
  }
  const hub = await listen(handle("hub", hubUsual), "127.0.0.1")

  return {
    hub: hub.origin,
    cdn: cdn.origin,
    third: third.origin,
    seen,
    repos,
    gated,
    answers,
    close: async () => {
      for (const { server } of [hub, cdn, third]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

/** An empty folder, for as long as the test runs. */
export const emptyFolder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "data-toolbox-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

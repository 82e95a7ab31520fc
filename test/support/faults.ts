/** All the ways in which a server can be wrong about a file. */
import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { type Answer, bytesOf, serve } from "./hub.ts"

export interface Fault {
  readonly name: string
  readonly answer: (bytes: Buffer) => Answer
  /** What it ends in: "right" bytes, or an error of this reason, where size and digest are known, ... */
  readonly known: string
  /** ... and where nothing is. Absent: nobody could tell. */
  readonly unknown?: string
}

const tag = '"v1"'
const silence: Answer = () => undefined

const cutAt = (bytes: Buffer): number => Math.floor(bytes.length / 2)

/** The first answer, then another. */
const once =
  (first: Answer, then: (bytes: Buffer) => Answer = (bytes) => well(bytes)) =>
  (bytes: Buffer): Answer =>
  (request, response, times) =>
    times === 0 ? first(request, response, times) : then(bytes)(request, response, times)

const well =
  (bytes: Buffer, headers: { readonly [name: string]: string } = { etag: tag }): Answer =>
  (request, response) =>
    serve(request, response, bytes, headers)

/** Sends what it says for a while, then drops the connection. */
const cut = (response: ServerResponse, bytes: Buffer, headers: { readonly [name: string]: string }): void => {
  response.writeHead(200, headers)
  response.write(bytes.subarray(0, cutAt(bytes)), () => setTimeout(() => response.socket?.destroy(), 20))
}

const status =
  (code: number, headers: { readonly [name: string]: string } = {}, body = ""): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body)

/** Answers an unconditional request with a cut body, and one for the rest with something else. */
const cutThen =
  (rest: (bytes: Buffer) => Answer, headers: { readonly [name: string]: string } = { etag: tag }) =>
  (bytes: Buffer): Answer =>
  (request, response, times) =>
    request.headers.range !== undefined
      ? rest(bytes)(request, response, times)
      : times === 0
        ? cut(response, bytes, { ...headers, "content-length": String(bytes.length) })
        : well(bytes, headers)(request, response, times)

export const faults: ReadonlyArray<Fault> = [
  { name: "a body cut under Content-Length", answer: cutThen(well), known: "right", unknown: "right" },
  {
    name: "a body cut under chunked framing",
    answer: (bytes) => (request, response, times) =>
      times === 0 ? cut(response, bytes, { etag: tag }) : well(bytes)(request, response, times),
    known: "right",
    unknown: "right",
  },
  {
    name: "a body cut where its end is that of the connection",
    answer: (bytes) => (_request, response) => {
      response.shouldKeepAlive = false
      response.useChunkedEncodingByDefault = false
      response.writeHead(200, { connection: "close" })
      response.end(bytes.subarray(0, cutAt(bytes)))
    },
    known: "Unreachable",
    unknown: "Protocol",
  },
  {
    name: "more bytes than promised",
    answer: (bytes) => well(Buffer.concat([bytes, bytesOf(100, 9)])),
    known: "Corrupt",
  },
  {
    name: "bytes past the Content-Length",
    answer: (bytes) => (_request, response) => {
      response.socket?.end(
        Buffer.concat([
          Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`),
          bytes,
          bytesOf(50, 9),
        ]),
      )
    },
    known: "right",
    unknown: "right",
  },
  {
    name: "endless chunks",
    answer: (bytes) => (_request, response) => {
      response.writeHead(200, {})
      const more = (): void => {
        if (!response.destroyed) response.write(bytesOf(bytes.length + 1, 8), () => setTimeout(more, 5))
      }
      more()
    },
    known: "Corrupt",
  },
  {
    name: "all of it for a Range",
    answer: cutThen((bytes) => (_request, response) => {
      response.writeHead(200, { "content-length": String(bytes.length), etag: tag }).end(bytes)
    }),
    known: "right",
    unknown: "right",
  },
  {
    name: "206 from another place than was asked for",
    answer: cutThen((bytes) => (_request, response) => {
      const range = `bytes 0-${bytes.length - 1}/${bytes.length}`
      response.writeHead(206, { "content-range": range, "content-length": String(bytes.length), etag: tag }).end(bytes)
    }),
    known: "right",
    unknown: "right",
  },
  {
    name: "206 of another size in all",
    answer: cutThen((bytes) => (request, response) => {
      const first = Number(/\d+/.exec(request.headers.range ?? "")?.[0])
      const part = bytes.subarray(first)
      const range = `bytes ${first}-${bytes.length - 1}/${bytes.length + 7}`
      response.writeHead(206, { "content-range": range, "content-length": String(part.length), etag: tag }).end(part)
    }),
    known: "right",
    unknown: "right",
  },
  {
    name: "206 without Content-Range",
    answer: cutThen((bytes) =>
      status(206, { etag: tag, "content-length": String(bytes.length) }, bytes.toString("latin1")),
    ),
    known: "right",
    unknown: "right",
  },
  {
    name: "206 under another tag, whatever If-Range says",
    answer: cutThen((bytes) => (request, response) => {
      const first = Number(/\d+/.exec(request.headers.range ?? "")?.[0])
      const part = bytesOf(bytes.length - first, 5)
      const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`
      response.writeHead(206, { "content-range": range, "content-length": String(part.length), etag: '"v2"' }).end(part)
    }),
    known: "right",
    unknown: "right",
  },
  {
    name: "206 for all of it",
    answer: (bytes) => (_request, response) => {
      const range = `bytes 0-${bytes.length - 1}/${bytes.length}`
      response.writeHead(206, { "content-range": range, "content-length": String(bytes.length) }).end(bytes)
    },
    known: "Protocol",
    unknown: "Protocol",
  },
  {
    name: "a weak tag, and a cut",
    answer: cutThen((bytes) => well(bytes), { etag: 'W/"v1"' }),
    known: "right",
    unknown: "right",
  },
  { name: "no tag, and a cut", answer: cutThen((bytes) => well(bytes), {}), known: "right", unknown: "right" },
  {
    name: "gzip on a ranged answer",
    answer: cutThen((bytes) => (request, response) => {
      const first = Number(/\d+/.exec(request.headers.range ?? "")?.[0])
      const part = gzipSync(bytes.subarray(first))
      const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`
      response
        .writeHead(206, {
          "content-encoding": "gzip",
          "content-range": range,
          "content-length": String(part.length),
          etag: tag,
        })
        .end(part)
    }),
    known: "right",
    unknown: "right",
  },
  {
    name: "gzip that was not asked for",
    answer: (bytes) => (_request, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes)),
    known: "Protocol",
    unknown: "Protocol",
  },
  {
    name: "other bytes of the same size",
    answer: (bytes) => well(bytesOf(bytes.length, 77)),
    known: "Corrupt",
  },
  {
    name: "a byte that flips on the way, the first time",
    answer: (bytes) => (request, response, times) => {
      const bent = Buffer.from(bytes)
      bent[cutAt(bytes)] = (bent[cutAt(bytes)] as number) ^ 1
      well(times === 0 ? bent : bytes)(request, response, times)
    },
    known: "right",
  },
  { name: "416 for the rest", answer: cutThen(() => status(416)), known: "right", unknown: "right" },
  {
    name: "an HTML page with 200",
    answer: () => status(200, { "content-type": "text/html; charset=utf-8" }, "<html>Log in</html>"),
    known: "Protocol",
    unknown: "Protocol",
  },
  { name: "nothing at all with 200", answer: () => status(200, { "content-length": "0" }), known: "Corrupt" },
  {
    name: "a slow drip",
    answer: (bytes) => (_request, response) => {
      response.writeHead(200, { "content-length": String(bytes.length), etag: tag })
      const step = Math.ceil(bytes.length / 8)
      const next = (at: number): void => {
        if (at >= bytes.length) return void response.end()
        response.write(bytes.subarray(at, at + step))
        setTimeout(() => next(at + step), 40)
      }
      next(0)
    },
    known: "right",
    unknown: "right",
  },
  { name: "silence before the headers, once", answer: once(silence), known: "right", unknown: "right" },
  { name: "silence before the headers, always", answer: () => silence, known: "TimedOut", unknown: "TimedOut" },
  {
    name: "silence in the middle, once",
    answer: (bytes) => (request, response, times) => {
      if (times > 0) return well(bytes)(request, response, times)
      response.writeHead(200, { "content-length": String(bytes.length), etag: tag })
      response.write(bytes.subarray(0, cutAt(bytes)))
    },
    known: "right",
    unknown: "right",
  },
  {
    name: "a reset before the headers",
    answer: once((request) => void request.socket.resetAndDestroy()),
    known: "right",
    unknown: "right",
  },
  {
    name: "a reset in the middle",
    answer: (bytes) => (request, response, times) => {
      if (times > 0) return well(bytes)(request, response, times)
      response.writeHead(200, { "content-length": String(bytes.length), etag: tag })
      response.write(bytes.subarray(0, cutAt(bytes)), () => setTimeout(() => request.socket.resetAndDestroy(), 20))
    },
    known: "right",
    unknown: "right",
  },
  {
    name: "429 and seconds to wait",
    answer: once(status(429, { "retry-after": "0" })),
    known: "right",
    unknown: "right",
  },
  {
    name: "503 and a date to wait for",
    answer: once(status(503, { "retry-after": "Thu, 01 Jan 2004 00:00:00 GMT" })),
    known: "right",
    unknown: "right",
  },
  {
    name: "429 and a day to wait",
    answer: () => status(429, { "retry-after": "86400" }),
    known: "Unreachable",
    unknown: "Unreachable",
  },
  {
    name: "a storm of 5xx",
    answer: (bytes) => (request, response, times) =>
      times < 2 ? status([500, 502][times] as number)(request, response, times) : well(bytes)(request, response, times),
    known: "right",
    unknown: "right",
  },
  { name: "5xx for ever", answer: () => status(504), known: "Unreachable", unknown: "Unreachable" },
  { name: "501", answer: () => status(501), known: "Status", unknown: "Status" },
  { name: "204", answer: () => status(204), known: "Status", unknown: "Status" },
  { name: "401", answer: () => status(401), known: "Unauthorized", unknown: "Unauthorized" },
  { name: "403", answer: () => status(403), known: "Unauthorized", unknown: "Unauthorized" },
  { name: "404", answer: () => status(404), known: "NotFound", unknown: "NotFound" },
  {
    name: "a loop of redirects",
    answer: () => (request, response) => void response.writeHead(302, { location: request.url ?? "/" }).end(),
    known: "Refused",
    unknown: "Refused",
  },
  {
    name: "a redirect without a place",
    answer: () => status(302),
    known: "Status",
    unknown: "Status",
  },
  {
    name: "something that is no HTTP",
    answer: () => (_request, response) => void response.socket?.end("SSH-2.0-x\r\n\r\n"),
    known: "Unreachable",
    unknown: "Unreachable",
  },
  {
    name: "a status that does not exist",
    answer: () => (_request, response) =>
      void response.socket?.end("HTTP/1.1 999 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
    known: "Unreachable",
    unknown: "Unreachable",
  },
  {
    name: "another protocol",
    answer: () => (_request, response) =>
      void response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi"),
    known: "Unreachable",
    unknown: "Unreachable",
  },
]

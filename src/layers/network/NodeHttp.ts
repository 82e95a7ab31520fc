/**
 * HTTP over Node's own modules: a redirect is an answer like any other, and the addresses that a name stands for are
 * looked at when the connection is made. Every request has a connection of its own, so that none is reached by a
 * connection that was made under other rules.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { RequestError } from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { lookup as systemLookup, type LookupAddress } from "node:dns"
import type { IncomingMessage } from "node:http"
import type { LookupFunction } from "node:net"
import { Readable } from "node:stream"

/** Decides which of the addresses of a host a request may be sent to. Everything is allowed where none is given. */
export class AddressGuard extends Context.Reference<AddressGuard>()("data-toolbox/AddressGuard", {
  defaultValue: (): { readonly admit: (addresses: ReadonlyArray<string>) => ReadonlyArray<string> } => ({
    admit: (addresses) => addresses,
  }),
}) {}

/** The cause of a request that the guard let go nowhere. */
export class AddressRefused extends Error {
  constructor(host: string) {
    super(`"${host}" leads to an address inside a private network`)
  }
}

const guarded =
  (lookup: typeof systemLookup, admit: (addresses: ReadonlyArray<string>) => ReadonlyArray<string>): LookupFunction =>
  (host, options, done) =>
    lookup(host, { ...options, all: true }, (cause, found: ReadonlyArray<LookupAddress>) => {
      if (cause !== null) return done(cause, "", 0)
      const admitted = new Set(admit(found.map(({ address }) => address)))
      const left = found.filter(({ address }) => admitted.has(address))
      const [first] = left
      if (first === undefined) return done(new AddressRefused(host) as NodeJS.ErrnoException, "", 0)
      if (options.all === true) done(null, left)
      else done(null, first.address, first.family)
    })

/** Statuses whose answers have no body. */
const bodiless = new Set([204, 205, 304])

const responseOf = (message: IncomingMessage, method: string): Response => {
  const status = message.statusCode ?? 0
  const headers = Object.entries(message.headers).flatMap(
    ([name, value]): ReadonlyArray<[string, string]> =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  )
  const isEmpty = method === "HEAD" || bodiless.has(status)
  if (isEmpty) message.resume()
  const body = isEmpty ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers })
}

export interface NodeHttpOptions {
  /** Stands in for the system's resolver. */
  readonly lookup?: typeof systemLookup
}

export const layer = ({ lookup = systemLookup }: NodeHttpOptions = {}): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.promise(async () => {
      const [http, https] = await Promise.all([import("node:http"), import("node:https")])
      return HttpClient.make((request, url, signal, fiber) =>
        Effect.async((resume) => {
          const { admit } = Context.get(fiber.currentContext, AddressGuard)
          const fail = (cause: unknown) => resume(new RequestError({ request, reason: "Transport", cause }))
          try {
            const { request: send } = url.protocol === "https:" ? https : http
            const sent = send(
              url,
              {
                method: request.method,
                headers: { ...request.headers },
                agent: false,
                signal,
                lookup: guarded(lookup, admit),
              },
              (message) => {
                try {
                  resume(Effect.succeed(HttpClientResponse.fromWeb(request, responseOf(message, request.method))))
                } catch (cause) {
                  message.destroy()
                  fail(cause)
                }
              },
            )
            sent.on("error", fail)
            sent.on("upgrade", (_message, socket) => {
              socket.destroy()
              fail(new Error("the server changed the protocol"))
            })
            sent.end()
            return Effect.sync(() => void sent.destroy())
          } catch (cause) {
            return fail(cause)
          }
        }),
      )
    }),
  )

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { layerOver, layerWith } from "../../../src/layers/network/Network.ts"
import * as NodeHttp from "../../../src/layers/network/NodeHttp.ts"
import { AddressGuard } from "../../../src/layers/network/NodeHttp.ts"
import { defaults, type NetworkSettings } from "../../../src/layers/network/Settings.ts"
import { Downloader } from "../../../src/services/Downloader.ts"
import { bytesOf, emptyFolder, type HubServer, serve, startHub } from "../../support/hub.ts"

const canary = "hf_CANARYinTheCoalMine0123456789"

let hub: HubServer
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

const settings = (given: Partial<NetworkSettings> = {}): NetworkSettings => ({
  ...defaults,
  endpoint: new URL(hub.hub),
  token: Redacted.make(canary),
  allowHttp: true,
  attempts: 1,
  ...given,
})

type Lookup = NonNullable<Parameters<typeof layerWith>[1]>["lookup"]

/** A resolver that knows a few names only. */
const lookupOf = (names: { readonly [name: string]: string }): Lookup =>
  ((host: string, _options: unknown, done: (cause: Error | null, found?: unknown) => void) =>
    names[host] === undefined
      ? done(Object.assign(new Error("not known"), { code: "ENOTFOUND" }))
      : done(null, [{ address: names[host], family: names[host]?.includes(":") ? 6 : 4 }])) as never

const fetch = (from: string, folder: string, given: Partial<NetworkSettings> = {}, lookup?: Lookup) =>
  Effect.flatMap(Downloader, (downloader) => downloader.fetch({ from, folder, name: "file", expected: {} })).pipe(
    Effect.either,
    Effect.provide(layerWith(settings(given), lookup === undefined ? {} : { lookup })),
  )

/** Asks a host of the public internet, that redirects to a place; the rest is real. */
const throughPublic = (location: string, lookup: Lookup) => {
  const client = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (real) =>
      HttpClient.make((request, url, _signal, fiber) => {
        if (url.hostname !== "public.example") return real.execute(request)
        Context.get(fiber.currentContext, AddressGuard).admit(["93.184.216.34"])
        return Effect.succeed(
          HttpClientResponse.fromWeb(request, new Response(null, { status: 302, headers: { location } })),
        )
      }),
    ),
  )
  return Effect.flatMap(Downloader, (downloader) =>
    downloader.fetch({ from: "http://public.example/", folder: emptyFolder(), name: "file", expected: {} }),
  ).pipe(
    Effect.provide(
      layerOver(settings()).pipe(
        Layer.provide(client),
        Layer.provide(NodeHttp.layer(lookup === undefined ? {} : { lookup })),
      ),
    ),
  )
}

const portOf = (origin: string): string => new URL(origin).port

/** Shapes of redirects: where the Hub sends to, given the three origins. */
const shapes: ReadonlyArray<readonly [name: string, location: (hub: string, cdn: string, third: string) => string]> = [
  ["another port", (_, cdn) => `${cdn}/end`],
  ["another host", (_, __, third) => `${third}/end`],
  ["another name of the same host", (own) => `http://localhost:${portOf(own)}/end`],
  ["the same host with user and password", (own) => own.replace("://", "://user:pass@") + "/end"],
  ["the Hub as a user name", (own, cdn) => `http://${new URL(own).hostname}@${new URL(cdn).host}/end`],
  ["another port and user", (_, cdn) => cdn.replace("://", "://user@") + "/end"],
  ["upper case", (_, __, third) => third.toUpperCase() + "/end"],
  ["a trailing dot", (_, cdn) => `http://localhost.:${portOf(cdn)}/end`],
  ["without a scheme", (_, cdn) => `//${new URL(cdn).host}/end`],
  ["backslashes", (_, cdn) => `\\\\${new URL(cdn).host}\\end`],
  ["a decimal address", (_, cdn) => `http://2130706433:${portOf(cdn)}/end`],
  ["an octal address", (_, cdn) => `http://0177.0.0.1:${portOf(cdn)}/end`],
  ["a hexadecimal address", (_, cdn) => `http://0x7f000001:${portOf(cdn)}/end`],
  ["a short address", (_, cdn) => `http://127.1:${portOf(cdn)}/end`],
  ["a mapped address", (_, cdn) => `http://[::ffff:127.0.0.1]:${portOf(cdn)}/end`],
  ["https at the Hub's port", (own) => own.replace("http:", "https:") + "/end"],
  ["a chain through the other host", (_, cdn) => `${cdn}/chain-1`],
  ["to the other host and back", (_, cdn) => `${cdn}/back`],
  ["a fragment and a query", (_, cdn) => `${cdn}/end?to=${hub.hub}#${hub.hub}`],
  ["a tab in the scheme", (_, cdn) => `ht\ttp://${new URL(cdn).host}/end`],
  ["a path with two slashes", (_, cdn) => `${cdn}//end`],
]

describe("the token", () => {
  it(`is seen by the Hub alone, in ${shapes.length} shapes of redirects, and by no byte on disk or in a log`, async () => {
    const body = bytesOf(2000)
    for (const path of ["/end", "//end"]) hub.answers.set(path, (request, response) => serve(request, response, body))
    for (let i = 1; i < 5; i++)
      hub.answers.set(`/chain-${i}`, (_request, response) => {
        const to = i === 4 ? `${hub.cdn}/end` : `${i % 2 === 0 ? hub.cdn : hub.third}/chain-${i + 1}`
        response.writeHead(307, { location: to }).end()
      })
    hub.answers.set("/back", (_request, response) =>
      response.writeHead(308, { location: `${hub.hub}/came-back` }).end(),
    )
    hub.answers.set("/came-back", (request, response) => serve(request, response, body))
    let fetched = 0
    const logged: Array<string> = []
    const logger = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => void logged.push(JSON.stringify(message))),
    )
    for (const [i, [name, location]] of shapes.entries()) {
      hub.answers.set(`/shape-${i}`, (_request, response) => {
        response.writeHead(302, { location: location(hub.hub, hub.cdn, hub.third) }).end()
      })
      const folder = emptyFolder()
      hub.seen.length = 0
      const result = await Effect.runPromise(
        fetch(`${hub.hub}/shape-${i}`, folder).pipe(
          Effect.provide(Layer.merge(logger, Logger.minimumLogLevel(LogLevel.All))),
        ),
      )
      if (Either.isRight(result)) fetched++
      const [first, ...others] = hub.seen
      assert.strictEqual(first?.headers["authorization"], `Bearer ${canary}`, name)
      assert.notInclude(JSON.stringify(others), canary, name)
      logged.push(
        Either.isLeft(result) ? `${result.left.message} ${JSON.stringify(result.left)} ${result.left.stack}` : "",
      )
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
        if (entry.isFile()) assert.notInclude(readFileSync(join(entry.parentPath, entry.name), "latin1"), canary, name)
    }
    assert.notInclude(logged.join("\n"), canary)
    // Most of them lead somewhere: what was refused shows nothing.
    assert.isAtLeast(fetched, 14)
  })

  it("stays with the Hub where that redirects within itself", async () => {
    hub.seen.length = 0
    hub.answers.set("/renamed", (_request, response) => response.writeHead(307, { location: "/new-name" }).end())
    hub.answers.set("/new-name", (request, response) => serve(request, response, bytesOf(10)))
    const result = await Effect.runPromise(fetch(`${hub.hub}/renamed`, emptyFolder()))
    assert.isTrue(Either.isRight(result))
    assert.deepStrictEqual(
      hub.seen.map(({ headers }) => headers["authorization"]),
      [`Bearer ${canary}`, `Bearer ${canary}`],
    )
  })

  it("does not go over plain http to a Hub that is no loopback, nor to any other place", async () => {
    hub.seen.length = 0
    hub.answers.set("/plain", (request, response) => serve(request, response, bytesOf(10)))
    const endpoint = new URL(`http://hub.corp:${portOf(hub.hub)}`)
    const lookup = lookupOf({ "hub.corp": "127.0.0.1" })
    await Effect.runPromise(fetch(`${endpoint.origin}/plain`, emptyFolder(), { endpoint }, lookup))
    await Effect.runPromise(fetch(`${hub.cdn}/plain`, emptyFolder()))
    assert.strictEqual(hub.seen.length, 2)
    assert.notInclude(JSON.stringify(hub.seen), canary)
  })
})

describe("a redirect", () => {
  const refusal = async (from: string, given: Partial<NetworkSettings> = {}, lookup?: Lookup): Promise<string> => {
    const result = await Effect.runPromise(fetch(from, emptyFolder(), given, lookup))
    if (Either.isRight(result)) return "fetched"
    return `${result.left.reason}: ${result.left.detail}`
  }

  it("to something that is no http is not followed, and neither are more than ten", async () => {
    for (const location of [
      "file:///etc/passwd",
      "data:text/plain,x",
      "ftp://127.0.0.1/x",
      "javascript:0",
      "http://",
    ]) {
      hub.answers.set("/odd", (_request, response) => response.writeHead(302, { location }).end())
      assert.match(await refusal(`${hub.hub}/odd`), /^Refused/, location)
    }
    for (const [count, outcome] of [
      [10, /^fetched/],
      [11, /^Refused: more than 10/],
    ] as const) {
      for (let i = 0; i < count; i++)
        hub.answers.set(`/hop-${count}-${i}`, (_request, response) =>
          response.writeHead(302, { location: `/hop-${count}-${i + 1}` }).end(),
        )
      hub.answers.set(`/hop-${count}-${count}`, (request, response) => serve(request, response, bytesOf(10)))
      assert.match(await refusal(`${hub.hub}/hop-${count}-0`), outcome)
    }
  })

  it("from the public internet into a private network is refused, by the address and not by its spelling", async () => {
    // A name of the public internet that this machine answers for: what counts is what the resolver says.
    const names = { "inside.example": "127.0.0.1", "inside6.example": "::1" }
    const spellings = [
      ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001"],
      ["127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "0xa.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
      ["3232235777", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1", "192.0.0.1", "198.18.0.1"],
      ["224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fc00::1]"],
      [
        "[fd12:3456::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
      ],
      ["[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "inside.example", "inside6.example", "127。0。0。1", "①27.0.0.1"],
    ].flat()
    assert.isAtLeast(spellings.length, 40)
    for (const host of spellings) {
      hub.seen.length = 0
      const location = `http://${/^[\u0020-\u007e]+$/.test(host) ? host : encodeURIComponent(host)}:${portOf(hub.cdn)}/end`
      const result = await Effect.runPromise(Effect.either(throughPublic(location, lookupOf(names))))
      assert.strictEqual(Either.isLeft(result) ? result.left.reason : "fetched", "Refused", host)
      assert.deepStrictEqual(
        hub.seen.map(({ server }) => server),
        [],
        host,
      )
    }
  })
})

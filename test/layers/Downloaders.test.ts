/** Every Downloader by one contract; the ones that fetch nothing say so. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layerWith } from "../../src/layers/network/Network.ts"
import { defaults } from "../../src/layers/network/Settings.ts"
import { Downloader } from "../../src/services/Downloader.ts"
import { Hub } from "../../src/services/Hub.ts"
import { downloaderSuite } from "../suites/downloader.ts"
import { type HubServer, serve, startHub } from "../support/hub.ts"

let hub: HubServer
let folder: string
beforeAll(async () => {
  hub = await startHub()
  folder = mkdtempSync(join(tmpdir(), "data-toolbox-"))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await hub.close()
})

const settings = { ...defaults, token: undefined, allowHttp: true, attempts: 2, firstDelayMillis: 5 }

downloaderSuite("http", {
  layer: (bytes) => {
    hub.answers.set("/contract", (request, response) => serve(request, response, bytes))
    return layerWith(settings)
  },
  from: () => `${hub.third}/contract`,
})

downloaderSuite("a path of this machine", {
  layer: (bytes) => {
    writeFileSync(join(folder, "contract"), bytes)
    return layerWith({ ...settings, offline: true })
  },
  from: () => join(folder, "contract"),
})

downloaderSuite("given files", {
  layer: (bytes) => Downloader.layerTest({ "given:contract": bytes }),
  from: () => "given:contract",
})

describe("offline", () => {
  it.effect("nothing is fetched, and it is said so", () =>
    Effect.gen(function* () {
      const request = { from: "https://data.example/a", folder: "/nonexistent", name: "a", expected: {} }
      const fetch = Effect.flip(Effect.flatMap(Downloader, (one) => one.fetch(request)))
      const ask = Effect.flip(Effect.flatMap(Hub, (one) => one.file("a/b", "main", "c")))
      const errors = yield* Effect.all([
        Effect.provide(fetch, Downloader.layerOffline),
        Effect.provide(ask, Hub.layerOffline),
        Effect.provide(ask, layerWith({ ...settings, offline: true })),
      ])
      assert.deepStrictEqual(
        errors.map(({ reason }) => reason),
        ["Offline", "Offline", "Offline"],
      )
    }),
  )
})

import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerWith } from "../../../src/layers/network/Network.ts"
import { defaults, type NetworkSettings } from "../../../src/layers/network/Settings.ts"
import { Downloader, type FileRequest } from "../../../src/services/Downloader.ts"
import { type Fault, faults } from "../../support/faults.ts"
import { bytesOf, gitSha1, type HubServer, emptyFolder, serve, sha256, startHub } from "../../support/hub.ts"

vi.setConfig({ testTimeout: 120_000 })

let hub: HubServer
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

const settings = (given: Partial<NetworkSettings> = {}): NetworkSettings => ({
  ...defaults,
  endpoint: new URL(hub.hub),
  token: undefined,
  allowHttp: true,
  idleMillis: 60_000,
  attempts: 4,
  firstDelayMillis: 5,
  ...given,
})

const fetch = (request: Omit<FileRequest, "expected"> & Partial<FileRequest>, given: Partial<NetworkSettings> = {}) =>
  Effect.flatMap(Downloader, (downloader) => downloader.fetch({ expected: {}, ...request })).pipe(
    Effect.provide(layerWith(settings(given))),
  )

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(Effect.either(effect))

/** What is in a folder, but unfinished downloads. */
const published = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder).filter((name) => !name.endsWith(".part"))

describe("a server that misbehaves", () => {
  const sizes = [2, 65_537, 1_500_000]
  const isLong = process.env["TOOLBOX_LONG"] !== undefined

  const check = async (root: string, fault: Fault, size: number, mode: "known" | "unknown"): Promise<void> => {
    const outcome = fault[mode]
    if (outcome === undefined) return
    const bytes = bytesOf(size, size)
    const name = `${fault.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${size}-${mode}`
    const path = `/fault/${name}`
    hub.answers.set(path, fault.answer(bytes))
    const into = join(root, name)
    const expected = mode === "known" ? { bytes: size, sha256: sha256(bytes) } : {}
    // Who waits for what never comes waits short; the others have time, however busy the machine is.
    const idleMillis = fault.name.startsWith("silence") ? 400 : 60_000
    const result = await run(fetch({ from: hub.cdn + path, folder: into, name: "file.bin", expected }, { idleMillis }))
    const about = `${fault.name}, ${size} bytes, ${mode}: ${Either.isLeft(result) ? result.left.message : "right"}`
    if (Either.isRight(result)) {
      assert.strictEqual(outcome, "right", about)
      assert.isTrue(readFileSync(join(into, "file.bin")).equals(bytes), about)
      assert.deepStrictEqual(readdirSync(into), ["file.bin"], about)
      assert.strictEqual(result.right.sha256, sha256(bytes))
    } else {
      assert.strictEqual(result.left._tag, "DownloadError")
      assert.strictEqual(result.left.reason, outcome, about)
      assert.deepStrictEqual(published(into), [], about)
    }
  }

  it(`ends in the right bytes or in a typed error, never in a wrong file (${faults.length} faults x 3 sizes)`, async () => {
    const all = faults.flatMap((fault) =>
      sizes.flatMap((size) =>
        (size === sizes[1] || isLong ? (["known", "unknown"] as const) : (["known"] as const)).map(
          (mode) => [fault, size, mode] as const,
        ),
      ),
    )
    const failed: Array<string> = []
    const root = emptyFolder()
    for (let at = 0; at < all.length; at += 24)
      await Promise.all(
        all
          .slice(at, at + 24)
          .map((one) =>
            check(root, ...one).catch((cause: unknown) => void failed.push(String((cause as Error).message))),
          ),
      )
    assert.deepStrictEqual(failed, [])
  })

  it("and a name that no resolver knows are told as unreachable", async () => {
    const lookup = ((_host: string, _options: unknown, done: (cause: Error) => void) =>
      done(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }))) as never
    const effect = Effect.flatMap(Downloader, (downloader) =>
      downloader.fetch({ from: "http://data.invalid/x", folder: emptyFolder(), name: "x", expected: {} }),
    ).pipe(Effect.provide(layerWith(settings(), { lookup })))
    const result = await run(effect)
    assert.strictEqual(Either.isLeft(result) ? result.left.reason : "", "Unreachable")
  })
})

describe("a file that changes at the server", () => {
  it("between two attempts is all new, never mixed", async () => {
    const folder = emptyFolder()
    const [first, second] = [bytesOf(100_000, 1), bytesOf(120_000, 2)]
    hub.answers.set("/swap", (request, response, times) => {
      if (times > 0) return serve(request, response, second, { etag: '"two"' })
      response.writeHead(200, { "content-length": String(first.length), etag: '"one"' })
      response.write(first.subarray(0, 60_000), () => setTimeout(() => response.socket?.destroy(), 20))
    })
    const got = await Effect.runPromise(fetch({ from: `${hub.cdn}/swap`, folder, name: "a" }))
    assert.isTrue(readFileSync(got.path).equals(second))
    const asked = hub.seen.filter(({ url }) => url === "/swap").map(({ headers }) => headers["if-range"])
    assert.deepStrictEqual(asked, [undefined, '"one"'])
  })
})

describe("a part that was left", () => {
  /** Interrupts a download after its first half. */
  const half = async (folder: string, path: string, bytes: Buffer): Promise<void> => {
    hub.answers.set(path, (_request, response) => {
      response.writeHead(200, { "content-length": String(bytes.length), etag: '"tag"' })
      response.write(bytes.subarray(0, bytes.length / 2))
    })
    const fiber = Effect.runFork(fetch({ from: hub.cdn + path, folder, name: "a" }))
    await vi.waitFor(() => {
      const part = readdirSync(folder).find((name) => name.endsWith(".part"))
      assert.strictEqual(readFileSync(join(folder, part ?? "", "bytes")).length, bytes.length / 2)
    })
    await Effect.runPromise(Fiber.interrupt(fiber))
  }

  it("is continued by the next run, under the tag that it had", async () => {
    const folder = emptyFolder()
    const bytes = bytesOf(400_000)
    await half(folder, "/half", bytes)
    hub.answers.set("/half", (request, response) => serve(request, response, bytes, { etag: '"tag"' }))
    const got = await Effect.runPromise(fetch({ from: `${hub.cdn}/half`, folder, name: "a" }))
    assert.strictEqual(got.resumedFrom, 200_000)
    assert.isTrue(readFileSync(got.path).equals(bytes))
    assert.deepStrictEqual(readdirSync(folder), ["a"])
  })

  it("and was damaged since is found by the digest, and fetched again from the beginning", async () => {
    const folder = emptyFolder()
    const bytes = bytesOf(400_000)
    await half(folder, "/damaged", bytes)
    const part = join(folder, readdirSync(folder)[0] as string, "bytes")
    const bent = readFileSync(part)
    bent[5] = (bent[5] as number) ^ 255
    writeFileSync(part, bent)
    hub.answers.set("/damaged", (request, response) => serve(request, response, bytes, { etag: '"tag"' }))
    const expected = { bytes: bytes.length, sha256: sha256(bytes) }
    const got = await Effect.runPromise(fetch({ from: `${hub.cdn}/damaged`, folder, name: "a", expected }))
    assert.isTrue(readFileSync(got.path).equals(bytes))
  })

  it("of another address is not continued", async () => {
    const folder = emptyFolder()
    const bytes = bytesOf(400_000)
    await half(folder, "/one", bytes)
    const other = bytesOf(400_000, 2)
    hub.answers.set("/two", (request, response) => serve(request, response, other, { etag: '"tag"' }))
    const got = await Effect.runPromise(fetch({ from: `${hub.cdn}/two`, folder, name: "a" }))
    assert.strictEqual(got.resumedFrom, 0)
    assert.isTrue(readFileSync(got.path).equals(other))
    assert.deepStrictEqual(readdirSync(folder), ["a"])
  })
})

describe("a download", () => {
  it("leaves the file that was there as it was when it fails, and replaces it whole when it does not", async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, "a"), "old")
    const bytes = bytesOf(1000)
    hub.answers.set("/replace", (request, response) => serve(request, response, bytes))
    const from = `${hub.cdn}/replace`
    const wrong = await run(fetch({ from, folder, name: "a", expected: { gitSha1: "0".repeat(40) } }))
    assert.isTrue(Either.isLeft(wrong))
    assert.strictEqual(readFileSync(join(folder, "a"), "utf8"), "old")
    await Effect.runPromise(fetch({ from, folder, name: "a", expected: { gitSha1: gitSha1(bytes) } }))
    assert.isTrue(readFileSync(join(folder, "a")).equals(bytes))
  })

  it("stops at the most bytes that it may take, told or not", async () => {
    const folder = emptyFolder()
    const bytes = bytesOf(5000)
    hub.answers.set("/told", (request, response) => serve(request, response, bytes))
    hub.answers.set("/untold", (_request, response) => void response.writeHead(200).end(bytes))
    for (const path of ["/told", "/untold"]) {
      const result = await run(fetch({ from: hub.cdn + path, folder, name: "a", maxBytes: 4999 }))
      assert.strictEqual(Either.isLeft(result) ? result.left.reason : "", "TooLarge")
      assert.isFalse(existsSync(join(folder, "a")))
      await Effect.runPromise(fetch({ from: hub.cdn + path, folder, name: path.slice(1), maxBytes: 5000 }))
    }
  })

  it("gives up when its time is over, and keeps what it has", async () => {
    const folder = emptyFolder()
    hub.answers.set("/slow", (_request, response) => {
      response.writeHead(200, { "content-length": "1000", etag: '"x"' })
      response.write(bytesOf(500))
    })
    const result = await run(fetch({ from: `${hub.cdn}/slow`, folder, name: "a" }, { totalMillis: 300 }))
    assert.strictEqual(Either.isLeft(result) ? result.left.reason : "", "TimedOut")
    const [part] = readdirSync(folder)
    assert.strictEqual(readFileSync(join(folder, part ?? "", "bytes")).length, 500)
  })

  it("does not go through a link that leads out of its folder", async () => {
    const [folder, outside] = [emptyFolder(), emptyFolder()]
    symlinkSync(outside, join(folder, "link"))
    mkdirSync(join(folder, "taken"))
    hub.answers.set("/link", (request, response) => serve(request, response, bytesOf(10)))
    for (const name of ["link/a", "link/deep/a", "taken"]) {
      const result = await run(fetch({ from: `${hub.cdn}/link`, folder, name }))
      assert.strictEqual(Either.isLeft(result) ? result.left.reason : "", "Refused")
    }
    assert.deepStrictEqual(readdirSync(outside), [])
  })

  it("of a link in the way replaces the link, not what it leads to", async () => {
    const [folder, outside] = [emptyFolder(), emptyFolder()]
    writeFileSync(join(outside, "precious"), "old")
    symlinkSync(join(outside, "precious"), join(folder, "a"))
    hub.answers.set("/over", (request, response) => serve(request, response, bytesOf(10)))
    await Effect.runPromise(fetch({ from: `${hub.cdn}/over`, folder, name: "a" }))
    assert.strictEqual(readFileSync(join(outside, "precious"), "utf8"), "old")
    assert.isTrue(readFileSync(join(folder, "a")).equals(bytesOf(10)))
  })
})

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { layerWith } from "../../../src/layers/network/Network.ts"
import { defaults, fromEnvironment, type NetworkSettings } from "../../../src/layers/network/Settings.ts"
import { Hub } from "../../../src/services/Hub.ts"
import { bytesOf, commit, emptyFolder, gitSha1, type HubServer, sha256, startHub } from "../../support/hub.ts"

let hub: HubServer
beforeAll(async () => {
  hub = await startHub()
  hub.repos.set(
    "own/chats",
    new Map([
      ["data/large.parquet", { bytes: bytesOf(5000), lfs: true }],
      ["notes & more.json", { bytes: bytesOf(30) }],
    ]),
  )
  hub.repos.set("own/secret", new Map([["a", { bytes: bytesOf(3) }]]))
  hub.gated.set("own/secret", "hf_right")
})
afterAll(() => hub.close())

const settings = (given: Partial<NetworkSettings> = {}): NetworkSettings => ({
  ...defaults,
  endpoint: new URL(hub.hub),
  token: undefined,
  allowHttp: true,
  attempts: 2,
  firstDelayMillis: 5,
  ...given,
})

const asked = <A, E>(effect: Effect.Effect<A, E, Hub>, given: Partial<NetworkSettings> = {}) =>
  Effect.runPromise(Effect.provide(effect, layerWith(settings(given))))

const file = (repo: string, path: string, revision = "main") =>
  Effect.flatMap(Hub, (one) => one.file(repo, revision, path))

describe("the Hub", () => {
  it("tells the commit, the size and the digest of large and of plain files", async () => {
    const large = await asked(file("own/chats", "data/large.parquet"))
    assert.deepStrictEqual(large, {
      url: `${hub.hub}/datasets/own/chats/resolve/${commit}/data/large.parquet`,
      revision: commit,
      path: "data/large.parquet",
      expected: { bytes: 5000, sha256: sha256(bytesOf(5000)) },
    })
    const plain = await asked(file("own/chats", "notes & more.json"))
    assert.deepStrictEqual(plain.expected, { bytes: 30, gitSha1: gitSha1(bytesOf(30)) })
    assert.include(plain.url, "/notes%20%26%20more.json")
  })

  it("lists the files of a repository", async () => {
    const listed = await asked(Effect.flatMap(Hub, (one) => one.paths("own/chats", "main")))
    assert.deepStrictEqual(listed, { revision: commit, paths: ["data/large.parquet", "notes & more.json"] })
  })

  it("says in words what it refuses", async () => {
    const refusals: ReadonlyArray<readonly [string, string, string, Partial<NetworkSettings>, RegExp]> = [
      ["own/secret", "a", "main", {}, /^Unauthorized 401: the repository is gated.*give a token/],
      ["own/secret", "a", "main", { token: Redacted.make("hf_wrong") }, /^Unauthorized 403: .*does not open it/],
      ["own/nothing", "a", "main", {}, /^Unauthorized 401: there is no such repository, or it is private/],
      ["own/chats", "a", "main", {}, /^NotFound 404: there is no such file/],
      ["own/chats", "a", "v9", {}, /^NotFound 404: there is no such revision/],
      ["../own", "a", "main", {}, /^Refused no name of a repository/],
      ["own/chats/../../x", "a", "main", {}, /^Refused/],
    ]
    for (const [repo, path, revision, given, meant] of refusals) {
      const { detail, reason } = await asked(Effect.flip(file(repo, path, revision)), given)
      assert.match(`${reason} ${detail}`, meant)
    }
    const open = await asked(file("own/secret", "a"), { token: Redacted.make("hf_right") })
    assert.strictEqual(open.expected.bytes, 3)
  })

  it("that sends no list of files is told", async () => {
    hub.answers.set("/api/datasets/own/odd/revision/main", (_request, response) =>
      response.writeHead(200).end('{"siblings": [{"rfilename": 5}]}'),
    )
    const error = await asked(Effect.flip(Effect.flatMap(Hub, (one) => one.paths("own/odd", "main"))))
    assert.strictEqual(error.reason, "Protocol")
  })
})

describe("the environment", () => {
  const read = (variables: { readonly [name: string]: string }) =>
    Effect.runPromise(
      Effect.either(
        Effect.withConfigProvider(fromEnvironment(), ConfigProvider.fromMap(new Map(Object.entries(variables)))),
      ),
    )

  it("is read as the Hub's own client reads it", async () => {
    const home = emptyFolder()
    writeFileSync(join(home, "token"), "hf_of_home\n")
    writeFileSync(join(home, "other"), "  hf_of_path \r\n")
    mkdirSync(join(home, "cache", "huggingface"), { recursive: true })
    writeFileSync(join(home, "cache", "huggingface", "token"), "hf_of_cache")
    const token = async (variables: { readonly [name: string]: string }) => {
      const settings = await read(variables)
      if (settings._tag === "Left") return settings.left.message
      return settings.right.token === undefined ? undefined : Redacted.value(settings.right.token)
    }
    assert.strictEqual(await token({ HF_TOKEN: "hf_of_variable", HF_HOME: home }), "hf_of_variable")
    assert.strictEqual(await token({ HF_TOKEN: "", HF_HOME: home }), "hf_of_home")
    assert.strictEqual(await token({ HF_TOKEN_PATH: join(home, "other"), HF_HOME: home }), "hf_of_path")
    assert.strictEqual(await token({ XDG_CACHE_HOME: join(home, "cache") }), "hf_of_cache")
    assert.isUndefined(await token({ HF_HOME: "/nonexistent" }))
    assert.isUndefined(await token({ HF_TOKEN: "hf_x", HF_HUB_DISABLE_IMPLICIT_TOKEN: "1", HF_HOME: home }))
    const wrong = await token({ HF_TOKEN: "hf_secret\u0007x" })
    assert.match(wrong ?? "", /^HF_TOKEN: holds something that cannot be a token/)
    assert.notInclude(wrong ?? "", "secret")
  })

  it("names another endpoint, and says when there is no network", async () => {
    const right = async (variables: { readonly [name: string]: string }) => {
      const read_ = await read({ HF_HOME: "/nonexistent", ...variables })
      assert.isTrue(read_._tag === "Right")
      return read_._tag === "Right" ? read_.right : defaults
    }
    assert.strictEqual((await right({})).endpoint.href, "https://huggingface.co/")
    assert.strictEqual((await right({ HF_ENDPOINT: "https://mirror.example/hf/" })).endpoint.pathname, "/hf")
    for (const on of ["1", "true", "YES", "on"]) assert.isTrue((await right({ HF_HUB_OFFLINE: on })).offline)
    for (const off of ["0", "false", ""]) assert.isFalse((await right({ HF_HUB_OFFLINE: off })).offline)
    assert.strictEqual((await right({ HF_HUB_DOWNLOAD_TIMEOUT: "7" })).idleMillis, 7000)
    for (const endpoint of ["mirror", "ftp://x", "https://u:p@x"])
      assert.strictEqual((await read({ HF_ENDPOINT: endpoint }))._tag, "Left")
  })
})

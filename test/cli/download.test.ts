/** The command as a process, against a Hub on this machine. */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bytesOf, commit, gitSha1, type HubServer, serve, sha256, startHub } from "../support/hub.ts"
import { cli, folder, listing, ok, start, timeout } from "../support/cli.ts"

vi.setConfig({ testTimeout: timeout })

const token = "hf_CANARYcanary0123456789"

const rows = (count: number): Buffer =>
  Buffer.from(
    Array.from(
      { length: count },
      (_, i) => `${JSON.stringify({ instruction: `Say ${i}.`, response: `${i}!` })}\n`,
    ).join(""),
  )

const airoboros = rows(50)
const teatime = Buffer.from("[]\n")

let hub: HubServer
const env = (more: { readonly [name: string]: string } = {}) => ({
  HF_ENDPOINT: hub.hub,
  HF_HOME: "/nonexistent",
  HF_HUB_DOWNLOAD_TIMEOUT: "5",
  ...more,
})

beforeAll(async () => {
  hub = await startHub()
  hub.repos.set("jondurbin/airoboros-gpt4-1.4.1", new Map([["instructions.jsonl", { bytes: airoboros, lfs: true }]]))
  hub.repos.set(
    "OpenLeecher/Teatime",
    new Map([
      ["all_logs_longest.json", { bytes: teatime }],
      ["README.md", { bytes: Buffer.from("#") }],
    ]),
  )
  hub.repos.set("HuggingFaceH4/no_robots", new Map([["data/train-00000.parquet", { bytes: bytesOf(1000), lfs: true }]]))
  hub.gated.set("HuggingFaceH4/no_robots", token)
})
afterAll(() => hub.close())

const download = (...args: ReadonlyArray<string>): ReadonlyArray<string> => [
  "download",
  ...args,
  "--allow-http",
  "--data-folder",
  "data",
]

const read = (cwd: string, file: string): Buffer => readFileSync(join(cwd, "data", file))

interface Lock {
  readonly files: {
    readonly [file: string]: {
      readonly from: string
      readonly sha256: string
      readonly revision?: string
      readonly bytes: number
    }
  }
}
const lockOf = (cwd: string): Lock => JSON.parse(read(cwd, "data.lock.json").toString()) as Lock

describe("download", () => {
  it("brings large and plain files, pins them, and does not bring them twice", async () => {
    const cwd = folder({})
    await ok(download("airoboros", "teatime"), { cwd, env: env() })
    assert.isTrue(read(cwd, "airoboros/instructions.jsonl").equals(airoboros))
    assert.isTrue(read(cwd, "teatime/all_logs_longest.json").equals(teatime))
    const { files } = lockOf(cwd)
    assert.deepStrictEqual(Object.keys(files), ["airoboros/instructions.jsonl", "teatime/all_logs_longest.json"])
    const entry = files["airoboros/instructions.jsonl"]
    assert.strictEqual(entry?.sha256, sha256(airoboros))
    assert.strictEqual(entry?.revision, commit)
    assert.include(entry?.from ?? "", `/resolve/${commit}/instructions.jsonl`)
    assert.deepStrictEqual(readdirSync(join(cwd, "data/airoboros")), ["instructions.jsonl"])
    const before = hub.seen.length
    const again = await ok(download("airoboros", "teatime", "--json"), { cwd, env: env() })
    assert.strictEqual(hub.seen.length, before)
    assert.strictEqual((JSON.parse(again.stdout) as { bytes: number }).bytes, 0)
    assert.isFalse(JSON.stringify(lockOf(cwd)).includes("SECRET_QUERY"))
  })

  it("makes the same data again by the lock file, and --locked refuses what is not in it", async () => {
    const cwd = folder({})
    await ok(download("airoboros"), { cwd, env: env() })
    const lock = read(cwd, "data.lock.json")
    const fresh = folder({ "data/data.lock.json": lock })
    await ok(download("airoboros", "--locked"), { cwd: fresh, env: env() })
    assert.isTrue(read(fresh, "airoboros/instructions.jsonl").equals(airoboros))
    assert.isTrue(read(fresh, "data.lock.json").equals(lock))
    const refused = await cli(download("teatime", "--locked"), { cwd: fresh, env: env() })
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /the lock file does not know/)
    // The Hub has other bytes under that commit: nothing is put in place.
    const other = JSON.parse(lock.toString()) as { files: { [file: string]: { sha256: string } } }
    other.files["airoboros/instructions.jsonl"]!.sha256 = "0".repeat(64)
    const bent = folder({ "data/data.lock.json": JSON.stringify(other) })
    const wrong = await cli(download("airoboros", "--locked"), { cwd: bent, env: env() })
    assert.strictEqual(wrong.code, 1)
    assert.match(wrong.stderr, /SHA-256 should be/)
    assert.deepStrictEqual(
      listing(join(bent, "data")).filter((line) => line.includes("instructions.jsonl")),
      [],
    )
  })

  it("finds damage in what it had brought, and brings it again; a file of the user's stays", async () => {
    const cwd = folder({})
    await ok(download("airoboros"), { cwd, env: env() })
    const file = join(cwd, "data/airoboros/instructions.jsonl")
    const bent = Buffer.from(airoboros)
    bent[100] = (bent[100] as number) ^ 1
    writeFileSync(file, bent)
    const repaired = await ok(download("airoboros"), { cwd, env: env() })
    assert.match(repaired.stderr, /warning: airoboros\/instructions.jsonl is not what was downloaded/)
    assert.isTrue(readFileSync(file).equals(airoboros))
    const own = folder({ "data/airoboros/instructions.jsonl": "mine\n" })
    const refused = await cli(download("airoboros"), { cwd: own, env: env() })
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /Move it away/)
    assert.strictEqual(read(own, "airoboros/instructions.jsonl").toString(), "mine\n")
  })

  it("a gated repository says what is missing; the token is in no byte on disk and in no message", async () => {
    const cwd = folder({ "home/token": `${token}\n` })
    const without = await cli(download("no_robots"), { cwd, env: env() })
    assert.strictEqual(without.code, 1)
    assert.match(without.stderr, /401: the repository is gated.*HF_TOKEN/)
    const wrong = await cli(download("no_robots"), { cwd, env: env({ HF_TOKEN: "hf_wrong" }) })
    assert.match(wrong.stderr, /403: .*the token that was given does not open it/)
    const from = hub.seen.length
    const right = await ok(download("no_robots", "--json"), { cwd, env: env({ HF_HOME: join(cwd, "home") }) })
    assert.isTrue(read(cwd, "no_robots/train-00000.parquet").equals(bytesOf(1000)))
    const all = [without, wrong, right].map(({ stderr, stdout }) => stdout + stderr).join("")
    for (const line of listing(join(cwd, "data")))
      if (!line.endsWith("/")) assert.notInclude(read(cwd, line.replace(/ [0-9a-f]{64}$/, "")).toString(), token)
    assert.notInclude(all, token)
    const got = hub.seen.slice(from)
    assert.isTrue(got.some(({ headers, server }) => server === "hub" && headers["authorization"] === `Bearer ${token}`))
    assert.isFalse(got.some(({ headers, server }) => server !== "hub" && JSON.stringify(headers).includes(token)))
  })

  it("tells wrong names, all at once, before it does anything", async () => {
    const cwd = folder({})
    const ran = await cli(download("airoborus", "AesirRoleplayTask", "--all-of-tasks", "Nothing"), { cwd, env: env() })
    assert.strictEqual(ran.code, 2)
    assert.match(ran.stderr, /there is no dataset "airoborus". Did you mean "airoboros"/)
    assert.match(ran.stderr, /"AesirRoleplayTask" is a task; its dataset is "aesir"/)
    assert.match(ran.stderr, /there is no task "Nothing"/)
    assert.deepStrictEqual(readdirSync(cwd), [])
    const none = await cli(["download", "--data-folder", "data"], { cwd, env: env() })
    assert.strictEqual(none.code, 2)
    const private_ = await cli(download("characterai"), { cwd, env: env() })
    assert.strictEqual(private_.code, 1)
    assert.match(private_.stderr, /nobody gives it out.*public\/\*\.json/)
  })

  it("plain http needs its flag, and HF_HUB_OFFLINE is heard", async () => {
    const cwd = folder({})
    const before = hub.seen.length
    const http = await cli(["download", "airoboros", "--data-folder", "data"], { cwd, env: env() })
    assert.strictEqual(http.code, 1)
    assert.match(http.stderr, /--allow-http/)
    const offline = await cli(download("airoboros"), { cwd, env: env({ HF_HUB_OFFLINE: "1" }) })
    assert.strictEqual(offline.code, 1)
    assert.match(offline.stderr, /HF_HUB_OFFLINE is set/)
    assert.strictEqual(hub.seen.length, before)
  })

  it("takes a file of this machine or any URL in place of a source", async () => {
    const cwd = folder({ "dump.csv": "thread_title,message_username,message\n" })
    await ok(download("rp_forums", "--from", "dump.csv", "--as", "harbour.csv"), { cwd, env: env() })
    assert.strictEqual(read(cwd, "rp_forums/harbour.csv").toString(), "thread_title,message_username,message\n")
    hub.answers.set("/own/chats.jsonl", (request, response) => serve(request, response, Buffer.from("{}\n")))
    await ok(download("files", "--from", `${hub.third}/own/chats.jsonl?key=1`), { cwd, env: env() })
    assert.strictEqual(read(cwd, "chats.jsonl").toString(), "{}\n")
    const wrong = await cli(
      download("files", "--from", `${hub.third}/own/chats.jsonl`, "--as", "b.jsonl", "--sha256", "0".repeat(64)),
      { cwd, env: env() },
    )
    assert.strictEqual(wrong.code, 1)
    const out = await cli(download("files", "--from", "dump.csv", "--as", "../x"), { cwd, env: env() })
    assert.strictEqual(out.code, 2)
    assert.deepStrictEqual(readdirSync(cwd).sort(), ["data", "dump.csv"])
  })

  it("list tells what is here, what is half here, and how to get what is not", async () => {
    const cwd = folder({})
    mkdirSync(join(cwd, "data"))
    await ok(download("airoboros"), { cwd, env: env() })
    const list = ["list", "datasets", "--data-folder", "data"]
    const { stdout } = await ok(list, { cwd })
    assert.match(stdout, /^airoboros +present /m)
    assert.match(stdout, /^teatime +absent .*\n +data-toolbox download teatime$/m)
    writeFileSync(join(cwd, "data/airoboros/instructions.jsonl"), "short")
    const { datasets } = JSON.parse((await ok([...list, "--json"], { cwd })).stdout) as {
      datasets: ReadonlyArray<{ name: string; state: string; how?: string; source?: { kind: string } }>
    }
    const of = (name: string) => datasets.find((one) => one.name === name)
    assert.strictEqual(of("airoboros")?.state, "incomplete")
    assert.strictEqual(of("airoboros")?.how, "data-toolbox download airoboros")
    assert.strictEqual(of("pygclaude")?.source?.kind, "own")
  })
})

describe("build without its data", () => {
  const build = (...more: ReadonlyArray<string>): ReadonlyArray<string> => [
    "build",
    "--tasks",
    "AiroborosInstructionFollowingTask,TeatimeRoleplayTask",
    "--config",
    "config.yml",
    "--format",
    "sharegpt",
    "--output-file",
    "out.jsonl",
    "--workers",
    "0",
    ...more,
  ]

  it("says which paths were looked at and the command that fetches them, and touches nothing", async () => {
    const cwd = folder({ "config.yml": "" })
    const ran = await cli(build("--data-folder", "raw data"), { cwd, env: env() })
    assert.strictEqual(ran.code, 1)
    assert.include(ran.stderr, `expected instructions.jsonl in ${join(cwd, "raw data/airoboros")}`)
    assert.include(ran.stderr, `all_logs_longest.json in ${join(cwd, "raw data/teatime")}`)
    assert.include(
      ran.stderr,
      `or run: data-toolbox download airoboros teatime --data-folder '${join(cwd, "raw data")}'`,
    )
    assert.deepStrictEqual(readdirSync(cwd), ["config.yml"])
  })

  it("--download fetches first, for a preview too", async () => {
    const cwd = folder({ "config.yml": "" })
    const ran = await ok(build("--download", "--allow-http"), { cwd, env: env() })
    assert.match(ran.stderr, /downloaded airoboros, teatime/)
    assert.strictEqual(readFileSync(join(cwd, "out.jsonl"), "utf8").trim().split("\n").length, 50)
    const other = folder({ "config.yml": "" })
    const args = ["--tasks", "AiroborosInstructionFollowingTask", "--config", "config.yml", "--examples", "1"]
    const { stdout } = await ok(["preview", ...args, "--download", "--allow-http"], { cwd: other, env: env() })
    assert.include(stdout, "Say 0.")
  })
})

describe("a download that is stopped", () => {
  const large = bytesOf(3_000_000, 7)
  const hash = sha256(large)
  /** Sends a part, then waits for the client to go; the second time all of it. */
  const stall = (after: number) => {
    hub.repos.set("jondurbin/airoboros-gpt4-1.4.1", new Map([["instructions.jsonl", { bytes: large, lfs: true }]]))
    hub.answers.set(`/blob/${hash}`, (request, response, times) => {
      if (times > 0) return serve(request, response, large, { etag: '"store"' })
      response.writeHead(200, { "content-length": String(large.length), etag: '"store"' })
      response.write(large.subarray(0, after))
    })
  }
  const partSize = (cwd: string): number => {
    try {
      const at = join(cwd, "data/airoboros")
      const part = readdirSync(at).find((name) => name.endsWith(".part"))
      return part === undefined ? 0 : statSync(join(at, part, "bytes")).size
    } catch {
      return 0
    }
  }

  const signals = process.env["TOOLBOX_LONG"] === undefined ? ["SIGKILL", "SIGINT"] : ["SIGKILL", "SIGINT", "SIGTERM"]
  for (const signal of signals as ReadonlyArray<NodeJS.Signals>)
    it(`by ${signal} goes on where it was, and ends in the right bytes`, async () => {
      const own = await startHub()
      const before = hub
      hub = own
      try {
        stall(2_000_000)
        const cwd = folder({})
        const { child, done } = start(download("airoboros"), { cwd, env: env({ HF_HUB_DOWNLOAD_TIMEOUT: "100" }) })
        await vi.waitFor(() => assert.strictEqual(partSize(cwd), 2_000_000), { timeout: 30_000, interval: 20 })
        const at = performance.now()
        child.kill(signal)
        const { code, signal: by } = await done
        if (signal === "SIGKILL") assert.strictEqual(by, "SIGKILL")
        else assert.strictEqual(code, signal === "SIGINT" ? 130 : 143)
        assert.isBelow(performance.now() - at, 5000)
        assert.strictEqual(partSize(cwd), 2_000_000)
        const { stdout } = await ok(["list", "datasets", "--data-folder", "data"], { cwd })
        assert.match(stdout, /^airoboros +incomplete/m)
        const ran = await ok(download("airoboros", "--json"), { cwd, env: env() })
        const report = JSON.parse(ran.stdout) as { datasets: [{ files: [{ resumedFrom: number; sha256: string }] }] }
        assert.strictEqual(report.datasets[0].files[0].resumedFrom, 2_000_000)
        assert.isTrue(read(cwd, "airoboros/instructions.jsonl").equals(large))
        const ranges = own.seen.filter(({ headers, server }) => server === "cdn" && headers["range"] !== undefined)
        assert.deepStrictEqual(
          ranges.map(({ headers }) => [headers["range"], headers["if-range"]]),
          [["bytes=2000000-", '"store"']],
        )
        assert.deepStrictEqual(readdirSync(join(cwd, "data/airoboros")), ["instructions.jsonl"])
      } finally {
        hub = before
        await own.close()
      }
    })
})

describe("processes at the same dataset", () => {
  const count = process.env["TOOLBOX_LONG"] === undefined ? 3 : 8

  it(`${count} of them bring one right file, and all end well`, async () => {
    const own = await startHub()
    try {
      const large = bytesOf(2_000_000, 3)
      own.repos.set("jondurbin/airoboros-gpt4-1.4.1", new Map([["instructions.jsonl", { bytes: large, lfs: true }]]))
      const cwd = folder({})
      const all = await Promise.all(
        Array.from({ length: count }, () =>
          cli(download("airoboros"), { cwd, env: { ...env(), HF_ENDPOINT: own.hub } }),
        ),
      )
      for (const { code, stderr } of all) assert.strictEqual(code, 0, stderr)
      assert.isTrue(read(cwd, "airoboros/instructions.jsonl").equals(large))
      assert.deepStrictEqual(readdirSync(join(cwd, "data/airoboros")), ["instructions.jsonl"])
      assert.deepStrictEqual(readdirSync(join(cwd, "data")).sort(), ["airoboros", "data.lock.json"])
      assert.strictEqual(lockOf(cwd).files["airoboros/instructions.jsonl"]?.sha256, sha256(large))
      assert.strictEqual(gitSha1(Buffer.from("")), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    } finally {
      await own.close()
    }
  })
})

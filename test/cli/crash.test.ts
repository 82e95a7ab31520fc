/** What a run leaves behind when it is ended in the middle: what was there before, and nothing half-written. */
import { assert, describe, it, vi } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  buildChats,
  chat,
  chatFolder,
  checkAccounts,
  listing,
  ok,
  type Ran,
  readSet,
  settled,
  sha256,
  shell,
  start,
  timeout,
} from "../support/cli.ts"
import { described, sweep } from "../support/kills.ts"

vi.setConfig({ testTimeout: timeout * 2 })

const set = ["out.jsonl", "out.jsonl.ledger.jsonl.gz", "out.jsonl.manifest.json"]

/** About 20 MB of chats, so that a run lasts long enough to be met in the middle. */
const large = (): Uint8Array => {
  const lines: Array<string> = []
  const text = "The harbour was quiet, and only the gulls kept watch over the boats. ".repeat(6)
  for (let i = 0, bytes = 0; bytes < 20_000_000; i++) {
    const line =
      i % 100 === 99 ? '{"conversations": 5}' : chat(`Tell me story ${i}.`, `${i}: ${text}`, "And then?", text)
    lines.push(line)
    bytes += line.length + 1
  }
  return Buffer.from(`${lines.join("\n")}\n`)
}

/** A folder with an old output set, and data for a new one that takes a while. */
const prepared = async (): Promise<{ readonly cwd: string; readonly old: ReadonlyArray<string> }> => {
  const cwd = chatFolder(large(), {
    "config.yml": "ShareGptTask: { files: chats.jsonl, filters: [ExactDedupFilter] }\n",
    "old.yml": "ShareGptTask: { files: old.jsonl }\n",
    "old.jsonl": `${chat("Old?", "Old.")}\n{\n`,
  })
  await ok(
    buildChats().map((arg) => (arg === "config.yml" ? "old.yml" : arg)),
    { cwd },
  )
  return { cwd, old: digests(cwd) }
}

const digests = (cwd: string): ReadonlyArray<string> => set.map((file) => sha256(readFileSync(join(cwd, file))))

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}

/** Ends a run as soon as it has written a part of its rows. */
const endInTheMiddle = async (cwd: string, signal: NodeJS.Signals, workers: string): Promise<Ran> => {
  const { child, done } = start(buildChats("--workers", workers), { cwd })
  let over = false
  const ended = done.finally(() => {
    over = true
  })
  const work = join(cwd, "out.jsonl.work")
  const rows = (): string | undefined =>
    existsSync(work)
      ? readdirSync(work).find((name) => /^out\.jsonl\.[0-9a-f]{12}\.\d[\d.-]*\.tmp$/.test(name))
      : undefined
  for (;;) {
    const name = rows()
    if (name !== undefined && sizeOf(join(work, name)) > 0) break
    if (over) assert.fail(`the run ended before it could be met: ${(await ended).stderr}`)
    await sleep(2)
  }
  child.kill(signal)
  return await ended
}

describe("a run that is ended in the middle", () => {
  for (const workers of ["0", "2"]) {
    it(`by kill -9, with ${workers} workers: the old set stays; the next run tidies up and gives the usual bytes`, async () => {
      const { cwd, old } = await prepared()
      const { signal } = await endInTheMiddle(cwd, "SIGKILL", workers)
      assert.strictEqual(signal, "SIGKILL")
      assert.deepStrictEqual(digests(cwd), old)
      assert.isTrue(existsSync(join(cwd, "out.jsonl.work")))
      await ok(buildChats("--workers", workers), { cwd })
      assert.isFalse(existsSync(join(cwd, "out.jsonl.work")))
      const resumed = readSet(join(cwd, "out.jsonl"))
      checkAccounts(resumed)
      assert.notStrictEqual(sha256(resumed.bytes), old[0])
      await ok(buildChats("--output-file", "fresh.jsonl"), { cwd })
      const fresh = readSet(join(cwd, "fresh.jsonl"))
      assert.isTrue(fresh.bytes.equals(resumed.bytes))
      assert.deepStrictEqual(fresh.ledger, resumed.ledger)
    })
  }

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    for (const workers of ["0", "2"]) {
      it(`by ${signal}, with ${workers} workers: exit code ${code}, the old set stays, nothing is half-written`, async () => {
        const { cwd, old } = await prepared()
        const before = listing(cwd)
        const ran = await endInTheMiddle(cwd, signal, workers)
        assert.deepStrictEqual([ran.code, ran.signal, ran.stdout], [code, null, ""])
        assert.notInclude(ran.stderr, "    at ")
        assert.deepStrictEqual(digests(cwd), old)
        assert.deepStrictEqual(settled(cwd), before)
      })
    }
  }

  it("goes on where it was: finished slices are not made again, and the bytes are the usual ones", async () => {
    const { cwd } = await prepared()
    const { code } = await endInTheMiddle(cwd, "SIGTERM", "0")
    assert.strictEqual(code, 143)
    const slices = join(cwd, "out.jsonl.work", "slices")
    const stamps = () => new Map(readdirSync(slices).map((name) => [name, statSync(join(slices, name)).mtimeMs]))
    const kept = stamps()
    assert.isAbove(kept.size, 0)
    await ok(buildChats("--keep-work"), { cwd })
    const all = stamps()
    assert.isAbove(all.size, kept.size)
    for (const [name, time] of kept) assert.strictEqual(all.get(name), time)
    const resumed = readSet(join(cwd, "out.jsonl"))
    await ok(buildChats("--output-file", "fresh.jsonl"), { cwd })
    assert.isTrue(readSet(join(cwd, "fresh.jsonl")).bytes.equals(resumed.bytes))
    // The next run without the option takes what is there, and removes it.
    await ok(buildChats(), { cwd })
    assert.isFalse(existsSync(join(cwd, "out.jsonl.work")))
    assert.isTrue(readSet(join(cwd, "out.jsonl")).bytes.equals(resumed.bytes))
  })

  it("leaves no temporary file in the system's folder when the output is -", async () => {
    const { cwd } = await prepared()
    const temp = chatFolder([])
    const before = listing(temp)
    const { child, done } = start(buildChats("--output-file", "-", "--workers", "0"), { cwd, env: { TMPDIR: temp } })
    child.stdout?.once("data", () => child.kill("SIGINT"))
    const { code } = await done
    assert.strictEqual(code, 130)
    assert.deepStrictEqual(listing(temp), before)
  })
})

describe.skipIf(process.platform === "win32")("a run that cannot write on", () => {
  it("ends with 1 and the name of the file, leaves the old set as it was and tidies up", async () => {
    const { cwd } = await prepared()
    const before = listing(cwd)
    for (const workers of ["0", "2"]) {
      // A file may have 1 MiB; a write beyond fails as it does on a full disk.
      const line = `trap '' XFSZ; ulimit -f 1024; data-toolbox ${buildChats("--workers", workers).join(" ")}`
      const { code, stderr, stdout } = await shell(line, { cwd })
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(
        stderr,
        /^data-toolbox: cannot write out\.jsonl: EFBIG[^\n]*\. What was there before is unchanged\.\n$/,
      )
      assert.deepStrictEqual(settled(cwd), before)
    }
  })
})

describe("runs on one output at once", () => {
  it("do no harm to each other, nor does one that is killed among them: the usual bytes, and no litter", async () => {
    const chats = Array.from({ length: 3000 }, (_, i) => chat(`Question ${i}?`, `Answer ${i % 2000}.`.repeat(20)))
    const config = "ShareGptTask: { files: chats.jsonl, filters: [ExactDedupFilter] }\n"
    const cwd = chatFolder(chats, { "config.yml": config })
    await ok(buildChats("--output-file", "alone.jsonl"), { cwd })
    const alone = readSet(join(cwd, "alone.jsonl"))
    for (const doomed of [0, 2]) {
      const runs = ["0", "2", "0", "1"].map((workers) => start(buildChats("--workers", workers, "--quiet"), { cwd }))
      const work = join(cwd, "out.jsonl.work")
      while (!existsSync(work) || readdirSync(work).length < 6) {
        if (runs.every(({ child }) => child.exitCode !== null)) break
        await sleep(2)
      }
      runs[doomed]?.child.kill("SIGKILL")
      for (const [i, { done }] of runs.entries()) {
        const { code, signal, stderr } = await done
        if (i !== doomed || signal !== "SIGKILL") assert.deepStrictEqual([code, stderr], [0, ""])
      }
      const built = readSet(join(cwd, "out.jsonl"))
      assert.isTrue(built.bytes.equals(alone.bytes))
      assert.deepStrictEqual(built.ledger, alone.ledger)
      await ok(buildChats(), { cwd })
      assert.deepStrictEqual(
        readdirSync(cwd).filter((name) => name.startsWith("out.")),
        set,
      )
    }
  })
})

describe("30 runs that are killed at any moment", () => {
  it("leave each file of the set as it was or as it will be, and the next run completes it without litter", async () => {
    const seed = Number(process.env["TOOLBOX_SEED"] ?? Date.now() % 1_000_000)
    const swept = await sweep(30, seed)
    console.log(`30 kills, seed ${seed}: ${described(swept)}`)
    assert.deepStrictEqual(swept.wrong, [])
    // Most moments are met while a run is still under way, whatever else the machine has to do.
    assert.isBelow(swept.phases["ended before"], 15)
  }, 600_000)
})

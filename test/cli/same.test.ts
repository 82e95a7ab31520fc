/** Same inputs, same bytes: whatever the number of workers, the place, the language, or the company. */
import { assert, describe, it, vi } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { chat, folder, lasting, ok, readSet, root, timeout, words } from "../support/cli.ts"
import { digests, pairsOf, pairwise, small } from "../support/matrix.ts"

vi.setConfig({ testTimeout: timeout })

const samples = join(root, "samples")
const config = join(samples, "config.yml")
const tasks = [...readFileSync(config, "utf8").matchAll(/^([A-Za-z]\w*):/gm)].map(([, key]) => key as string)

interface Given {
  readonly tasks?: ReadonlyArray<string>
  readonly workers?: string
  readonly env?: { readonly [name: string]: string }
  readonly more?: ReadonlyArray<string>
}

const build = async ({ env = {}, more = [], tasks: named = tasks, workers = "0" }: Given = {}) => {
  const cwd = folder()
  await ok(
    [
      ...words("build --format sharegpt --output-file out.jsonl --quiet --tasks"),
      named.join(","),
      "--config",
      config,
      "--data-folder",
      samples,
      "--workers",
      workers,
      ...more,
    ],
    { cwd, env },
  )
  return readSet(join(cwd, "out.jsonl"))
}

type Set = Awaited<ReturnType<typeof build>>

const equal = (one: Set, two: Set): void => {
  assert.isTrue(one.bytes.equals(two.bytes))
  assert.deepStrictEqual(two.ledger, one.ledger)
  assert.deepStrictEqual(lasting(two.manifest), lasting(one.manifest))
}

describe("the samples give the same rows, ledger and manifest", () => {
  it("with 0, 1 and 2 workers", async () => {
    const inProcess = await build()
    assert.isAbove(inProcess.rows.length, 20)
    equal(inProcess, await build({ workers: "1" }))
    equal(inProcess, await build({ workers: "2" }))
  })

  it("in another language, time zone and with other options of Node", async () => {
    const usual = await build()
    for (const env of [
      { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", TZ: "Pacific/Kiritimati" },
      { LANG: "C", LC_ALL: "C", TZ: "America/St_Johns", NODE_OPTIONS: "--max-old-space-size=512" },
    ])
      equal(usual, await build({ env }))
  })

  it("and other ones with another seed, of the same records", async () => {
    const one = await build()
    const two = await build({ more: ["--seed", "43"] })
    assert.isFalse(one.bytes.equals(two.bytes))
    const ids = ({ rows }: Set) => rows.map(({ identifier }) => identifier)
    assert.deepStrictEqual(ids(two), ids(one))
  })
})

describe("a task", () => {
  it("gives the same rows alone as among others, in any order", async () => {
    const all = await build()
    const linesOf = ({ bytes }: Set) => bytes.toString("utf8").trimEnd().split("\n")
    const together = linesOf(all)
    const ranges = new Map<string, readonly [from: number, to: number]>()
    let from = 0
    for (const [task, { examples }] of Object.entries(all.manifest.tasks)) {
      ranges.set(task, [from, from + examples])
      from += examples
    }
    assert.strictEqual(from, together.length)
    const alone = ["AesirRoleplayTask", "TeatimeRoleplayTask", "OwnTable"].map((task) => [task])
    const halves = [0, 1].map((half) => tasks.filter((_, i) => i % 2 === half))
    for (const some of [...alone, ...halves]) {
      const own = await build({ tasks: some })
      assert.deepStrictEqual(
        linesOf(own),
        some.flatMap((task) => together.slice(...(ranges.get(task) as readonly [number, number]))),
      )
      for (const task of some) assert.deepStrictEqual(own.manifest.tasks[task], all.manifest.tasks[task], task)
      assert.deepStrictEqual(
        own.ledger,
        all.ledger.filter(({ task }) => some.includes(task)),
      )
    }
    const reversed = await build({ tasks: [...tasks].reverse() })
    assert.deepStrictEqual([...linesOf(reversed)].sort(), [...together].sort())
  })
})

describe("a large input", () => {
  it("cut into many slices, with memory across them, gives the same bytes with any number of workers", async () => {
    // Every seventh chat repeats an earlier one, most of them from another slice.
    const lines = Array.from({ length: 12_000 }, (_, i) =>
      i % 7 === 6
        ? chat("Again?", `Repeat ${i % 50}.`)
        : chat(`Question ${i}?`, `${i}: ${"some words to fill it ".repeat(12)}`),
    )
    const cwd = folder({
      "config.yml": "ShareGptTask: { files: chats.jsonl, filters: [ExactDedupFilter] }\n",
      "chats.jsonl": `${lines.join("\n")}\n`,
    })
    const sets: Array<Set> = []
    for (const workers of ["0", "1", "2", "5"]) {
      await ok(
        [
          ...words("build --tasks ShareGptTask --config config.yml --data-folder . --format sharegpt"),
          ...words("--output-file out.jsonl --max-length 100 --quiet --workers"),
          workers,
        ],
        { cwd },
      )
      sets.push(readSet(join(cwd, "out.jsonl")))
    }
    const [first, ...rest] = sets as [Set, ...Array<Set>]
    const counts = first.manifest.tasks["ShareGptTask"] as (typeof first.manifest.tasks)[string]
    assert.deepStrictEqual({ ...counts.episodes.dropped }, { ExactDedupFilter: 1714 - 50 })
    for (const set of rest) equal(first, set)
  })
})

describe("the matrix of what must not change the output", () => {
  it("gives one digest for each two of: workers, size of slices, order of folders, language and time zone, resumed", async () => {
    const cases = pairwise(small())
    const pairs = new Set(cases.flatMap(pairsOf))
    for (const one of small()) for (const pair of pairsOf(one)) assert.isTrue(pairs.has(pair), pair)
    const all = await digests(cases, false)
    const [expected] = all[0] as (typeof all)[number]
    for (const [digest, one] of all) assert.strictEqual(digest, expected, JSON.stringify(one))
    console.log(`${all.length} runs of ${small().length} gave the digest ${expected}`)
  })
})

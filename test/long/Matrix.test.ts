/** The whole matrix of what must not change the output, on the samples and, where it is there, on the raw data tree. */
import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as NodeWorkers from "../../src/layers/NodeWorkers.ts"
import { build } from "../support/build.ts"
import { digests, whole } from "../support/matrix.ts"
import { shared } from "../support/shared.ts"

const long = process.env["TOOLBOX_LONG"] === "1"
if (!long) console.log("skipped: the long matrix; npm run test:long runs it")

const root = fileURLToPath(new URL("../..", import.meta.url))
const samples = join(root, "samples")
const bin = join(root, "dist", "bin", "data-toolbox.js")
const config = { text: readFileSync(join(samples, "config.yml"), "utf8"), file: "config.yml" }
const sampleTasks = [...config.text.matchAll(/^([A-Z]\w*):/gm)].map((hit) => hit[1] as string)
const nine = sampleTasks.slice(0, 9)

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex")

describe.runIf(long)("the matrix", () => {
  const raw = shared("raw")
  const inputs = [
    { name: "samples", folder: samples, tasks: sampleTasks },
    ...(raw === undefined ? [] : [{ name: "raw data", folder: raw, tasks: nine }]),
  ]
  for (const { folder, name, tasks } of inputs) {
    it.effect(`${name}: every number of workers with every size of slices gives the same bytes`, () =>
      Effect.gen(function* () {
        const spec = { tasks, config, maxLength: 700 }
        const expected = yield* build(folder, spec)
        for (const workers of [0, 1, 2, 5])
          for (const sliceBytes of [3_000, 50_000, 1 << 20, 1 << 26]) {
            if (name !== "samples" && sliceBytes < 50_000) continue
            const built = yield* build(folder, { ...spec, sliceBytes }, NodeWorkers.layer(workers))
            const told = `${workers} workers, slices of ${sliceBytes} bytes`
            assert.strictEqual(sha256(built.text), sha256(expected.text), told)
            assert.deepStrictEqual(built.lines, expected.lines, told)
            assert.deepStrictEqual(built.manifest, expected.manifest, told)
          }
      }),
    )

    it.effect(`${name}: each task alone writes what it writes among all, in any order`, () =>
      Effect.gen(function* () {
        const spec = { config, maxLength: 700 }
        const byTask = new Map<string, string>()
        for (const task of tasks) byTask.set(task, (yield* build(folder, { ...spec, tasks: [task] })).text)
        for (const order of [tasks, [...tasks].reverse()]) {
          const built = yield* build(folder, { ...spec, tasks: order })
          assert.strictEqual(sha256(built.text), sha256(order.map((task) => byTask.get(task)).join("")))
        }
      }),
    )
  }

  it("workers, sizes of slices, orders of folders, languages and time zones, resumed or not: all give one digest", async () => {
    const all = await digests(whole(), true)
    const [expected] = all[0] as (typeof all)[number]
    for (const [digest, one] of all) assert.strictEqual(digest, expected, JSON.stringify(one))
    console.log(`${all.length} runs gave the digest ${expected}`)
  }, 3_600_000)

  it("the command is built", () => {
    assert.isTrue(existsSync(bin))
  })
})

/** What every SliceRunner does, whichever way it runs slices. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Job } from "../../src/domain/Job.ts"
import type { Parts } from "../../src/domain/RecordPath.ts"
import type { Slice } from "../../src/domain/Slice.ts"
import { decode } from "../../src/domain/SliceResult.ts"
import { cleanSets } from "../../src/domain/text/Clean.ts"
import { loadTokenizer } from "../../src/domain/Tokens.ts"
import * as DatasetLayer from "../../src/layers/DatasetLayer.ts"
import { ShareGpt } from "../../src/layers/formats/ShareGpt.ts"
import * as InProcess from "../../src/layers/InProcess.ts"
import { ShareGptTask } from "../../src/layers/tasks/ShareGptTask.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { SliceRunner } from "../../src/services/SliceRunner.ts"
import { build, chat, jsonl } from "../support/build.ts"

const samples = fileURLToPath(new URL("../../samples", import.meta.url))
const config = { text: readFileSync(`${samples}/config.yml`, "utf8"), file: "config.yml" }
const tasks = [...config.text.matchAll(/^([A-Z]\w*):/gm)].map((hit) => hit[1] as string)

const parts: Parts = {
  task: ShareGptTask,
  dataset: ShareGptTask.dataset,
  filters: [],
  format: ShareGpt,
  loadTokenizer,
}

const job: Job = {
  run: {
    seed: 42,
    format: "sharegpt",
    identifier: true,
    lengthMode: "fit",
    tokenizer: "estimate",
    countTokens: false,
    roleTokens: "escape",
    maxRecordBytes: 1 << 20,
  },
  task: {
    key: "ShareGptTask",
    task: "ShareGptTask",
    prefix: "sharegpt",
    options: { prompt: "none", tools: "drop", content: "join" },
    filters: [],
    clean: cleanSets.chat,
    names: "keep",
    share: 1,
    severalFiles: false,
    repeatedNames: [],
  },
  plugins: [],
}

const start = { index: 0, line: 1, byte: 0, counts: [] }

const records = (...given: ReadonlyArray<unknown>): Slice => ({ kind: "records", records: given, first: start })

/** Slices of a file of many chats. */
const slicesOf = (root: string, sliceBytes: number) =>
  Effect.gen(function* () {
    const plan = yield* DatasetLayer.make(ShareGptTask.dataset, root).plan({
      options: { files: ["*.jsonl"] },
      sliceBytes,
      maxRecordBytes: 1 << 20,
    })
    return [...(yield* Stream.runCollect(plan.slices))]
  })

const many = jsonl(...Array.from({ length: 300 }, (_, i) => chat(`Question ${i}?`, `Answer ${i}.`)))

export const sliceRunnerSuite = (name: string, layer: Layer.Layer<SliceRunner>): void => {
  describe(`SliceRunner, ${name}`, () => {
    it.effect("a build of the samples is the same as in process", () =>
      Effect.gen(function* () {
        const spec = { tasks, config, maxLength: 500, sliceBytes: 700 }
        const expected = yield* build(samples, spec, InProcess.layer)
        const built = yield* build(samples, spec, layer)
        assert.strictEqual(built.text, expected.text)
        assert.deepStrictEqual(built.lines, expected.lines)
        assert.deepStrictEqual(built.manifest, expected.manifest)
      }),
    )

    it.effect("answers the same bytes as the in-process runner, slice by slice", () =>
      Effect.gen(function* () {
        const { root } = yield* DataFolder
        const runner = yield* SliceRunner
        const slices = yield* slicesOf(root, 2000)
        assert.isAbove(slices.length, 5)
        const work = (slice: Slice) => ({ job, jobKey: "k", parts, portable: true, slice })
        const results = yield* Effect.forEach(slices, (slice) => runner.run(work(slice)), { concurrency: runner.ahead })
        for (const [i, slice] of slices.entries()) {
          const expected = yield* InProcess.make().run(work(slice))
          assert.deepStrictEqual(Buffer.from(results[i] ?? []), Buffer.from(expected))
        }
      }).pipe(Effect.provide(layer), Effect.provide(DataFolder.layerTemp({ "a.jsonl": many }))),
    )

    it.effect("takes no more records than the limit of a slice", () =>
      Effect.gen(function* () {
        const runner = yield* SliceRunner
        const slice = records(chat("a", "b"), chat("c", "d"), chat("e", "f"))
        const result = yield* runner.run({ job, jobKey: "k", parts, portable: true, slice, limit: 2 })
        assert.strictEqual(decode(result).records, 2)
      }).pipe(Effect.provide(layer)),
    )

    it.effect("runs a component that only the app knows", () =>
      Effect.gen(function* () {
        const runner = yield* SliceRunner
        const loud = {
          ...ShareGpt,
          encode: (example: { readonly id: string }) => [{ shout: example.id.toUpperCase() }],
        }
        const slice = records(chat("a", "b"))
        const result = yield* runner.run({
          job,
          jobKey: "own",
          parts: { ...parts, format: loud },
          portable: true,
          slice,
        })
        assert.strictEqual(Buffer.from(decode(result).rows).toString(), '{"shout":"SHAREGPT-0"}\n')
      }).pipe(Effect.provide(layer)),
    )

    it.effect("runs records that cannot be cloned", () =>
      Effect.gen(function* () {
        const runner = yield* SliceRunner
        const slice = records({ ...chat("a", "b"), tell: () => "nothing" })
        const result = yield* runner.run({ job, jobKey: "k", parts, portable: true, slice })
        assert.strictEqual(decode(result).kept.count, 1)
      }).pipe(Effect.provide(layer)),
    )

    it.effect("a file that is gone is a failure of the slice, with its place", () =>
      Effect.gen(function* () {
        const { root } = yield* DataFolder
        const runner = yield* SliceRunner
        const slices = yield* slicesOf(root, 1 << 20)
        yield* Effect.promise(() => rm(join(root, "a.jsonl")))
        const error = yield* Effect.flip(
          runner.run({ job, jobKey: "k", parts, portable: true, slice: slices[0] as Slice }),
        )
        assert.strictEqual(error.reason, "Read")
        assert.strictEqual(error.place, "a.jsonl")
        // The runner is as good as before.
        const next = yield* runner.run({ job, jobKey: "k", parts, portable: true, slice: records(chat("a", "b")) })
        assert.strictEqual(decode(next).kept.count, 1)
      }).pipe(Effect.provide(layer), Effect.provide(DataFolder.layerTemp({ "a.jsonl": many }))),
    )

    it.effect("a job that cannot be compiled is a failure, told once for each slice", () =>
      Effect.gen(function* () {
        const runner = yield* SliceRunner
        const broken = { ...job, run: { ...job.run, countTokens: true, tokenizer: "none_such" } }
        const work = { job: broken, jobKey: "broken", parts, portable: true, slice: records(chat("a", "b")) }
        for (let i = 0; i < 2; i++) {
          const error = yield* Effect.flip(runner.run(work))
          assert.strictEqual(error.reason, "Run")
          assert.match(error.detail, /unknown tokenizer "none_such"/)
        }
      }).pipe(Effect.provide(layer)),
    )

    it.effect("keeps many jobs apart", () =>
      Effect.gen(function* () {
        const runner = yield* SliceRunner
        const slice = records(chat("a", "b"))
        for (let i = 0; i < 150; i++) {
          const own = { ...job, task: { ...job.task, prefix: `p${i}` } }
          const result = yield* runner.run({ job: own, jobKey: `job ${i}`, parts, portable: true, slice })
          assert.strictEqual(decode(result).kept.id(0), `p${i}-0`)
        }
      }).pipe(Effect.provide(layer)),
    )
  })
}

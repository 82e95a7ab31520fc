/** A run that was stopped goes on where it was, and ends as if nothing had happened. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { SliceInput } from "../../src/domain/Component.ts"
import { SliceError } from "../../src/domain/Errors.ts"
import * as RecordRandom from "../../src/domain/RecordRandom.ts"
import { emptyCounts } from "../../src/domain/Report.ts"
import { decode, makeSliceWriter } from "../../src/domain/SliceResult.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { datasets } from "../../src/layers/datasets/All.ts"
import * as InProcess from "../../src/layers/InProcess.ts"
import * as NodeWorkers from "../../src/layers/NodeWorkers.ts"
import { runKept } from "../../src/layers/SliceStore.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import * as Build from "../../src/programs/Build.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Ledger } from "../../src/services/Ledger.ts"
import { Output } from "../../src/services/Output.ts"
import { owner, ownerText } from "../../src/services/Owner.ts"
import { Progress, type ProgressEvent } from "../../src/services/Progress.ts"
import { SliceRunner } from "../../src/services/SliceRunner.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"
import { chat, jsonl, type Spec } from "../support/build.ts"

const records = (n: number, word = "Question") =>
  jsonl(...Array.from({ length: n }, (_, i) => (i % 17 === 3 ? "{broken" : chat(`${word} ${i}?`, `Answer ${i % 20}.`))))

/** A folder with data in it, and the runs over it. */
const project = (files: { readonly [name: string]: string } = { "a.jsonl": records(200) }) => {
  const root = mkdtempSync(join(tmpdir(), "data-toolbox-"))
  mkdirSync(join(root, "data"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, "data", name), text)
  const outputFile = join(root, "out.jsonl")
  const work = `${outputFile}.work`
  const slices = join(work, "slices")
  const run = (
    spec: Partial<Spec> = {},
    runner: Layer.Layer<SliceRunner> = InProcess.layer,
    progress: Layer.Layer<Progress> = Progress.layerQuiet,
  ) =>
    Effect.provide(
      Build.run({
        tasks: ["ShareGptTask"],
        config: { ShareGptTask: { files: ["*.jsonl"], prompt: "none", filters: ["ExactDedupFilter"] } },
        format: "sharegpt",
        outputFile,
        sliceBytes: 1000,
        ...spec,
      }),
      Layer.mergeAll(
        Toolbox.layerComponents,
        Layer.provide(layerDatasets(datasets), DataFolder.layer(join(root, "data"))),
        runner,
        Layer.provideMerge(Ledger.layer, Output.layer),
        progress,
        Tokenizer.layer,
      ),
    )
  const written = () => ({
    output: readFileSync(outputFile, "utf8"),
    ledger: gunzipSync(readFileSync(`${outputFile}.ledger.jsonl.gz`)).toString(),
  })
  const kept = (): ReadonlyArray<string> => (existsSync(slices) ? readdirSync(slices).sort() : [])
  return { root, outputFile, work, slices, run, written, kept }
}

/** The in-process runner that counts what it runs, and fails from the n-th slice on. */
const failing = (after: number): { readonly layer: Layer.Layer<SliceRunner>; readonly asked: () => number } => {
  let asked = 0
  const layer = Layer.sync(SliceRunner, () => {
    const inner = InProcess.make()
    return {
      // One after the other: what is done when it fails is known.
      ahead: 1,
      run: (work: Parameters<typeof inner.run>[0]) =>
        Effect.suspend(() =>
          asked++ < after ? inner.run(work) : new SliceError({ reason: "Run", place: "here", detail: "stopped" }),
        ),
    }
  })
  return { layer, asked: () => asked }
}

/** When each kept slice was written: a slice that was used again is not written again. */
const times = (folder: string, names: ReadonlyArray<string>): ReadonlyArray<number> =>
  names.map((name) => statSync(join(folder, name)).mtimeMs)

const age = (folder: string, names: ReadonlyArray<string>): void => {
  for (const name of names) utimesSync(join(folder, name), 1, 1)
}

describe("a run that was stopped", () => {
  it.effect("keeps its finished slices, and the next run uses them", () =>
    Effect.gen(function* () {
      const undisturbed = project()
      yield* undisturbed.run()
      const { kept, outputFile, run, slices, work, written } = project()
      const error = yield* Effect.flip(run({}, failing(7).layer))
      assert.strictEqual(error._tag, "SliceError")
      assert.isFalse(existsSync(outputFile))
      assert.deepStrictEqual(readdirSync(work), ["slices"])
      const before = kept()
      assert.strictEqual(before.length, 7)
      age(slices, before)
      const again = yield* run({ keepWork: true })
      assert.deepStrictEqual(
        times(slices, before),
        before.map(() => 1000),
      )
      assert.isAbove(kept().length, 15)
      assert.deepStrictEqual(written(), undisturbed.written())
      assert.strictEqual(again.tasks["ShareGptTask"]?.records.read, 200)
    }),
  )

  it.effect("tells which slices the run before it had done, in the process and on workers", () =>
    Effect.gen(function* () {
      for (const runner of [InProcess.layer, NodeWorkers.layer(2)]) {
        const { root, run } = project()
        yield* Effect.flip(run({}, failing(7).layer))
        const events: Array<ProgressEvent> = []
        yield* run({}, runner, Progress.layerTest(events))
        const slices = events.flatMap((event) => (event.kind === "slice" ? [event] : []))
        assert.deepStrictEqual([slices.length > 15, slices.filter(({ resumed }) => resumed).length], [true, 7])
        // All of the input, in bytes, and no more.
        const { size } = statSync(join(root, "data", "a.jsonl"))
        assert.strictEqual(
          slices.reduce((sum, { bytes }) => sum + bytes, 0),
          size,
        )
        assert.deepStrictEqual(events[0], { kind: "begin", tasks: ["ShareGptTask"] })
        assert.deepStrictEqual(
          events.filter(({ kind }) => kind === "planned"),
          [{ kind: "planned", task: "ShareGptTask", bytes: size }],
        )
        assert.deepInclude(events, { kind: "counts", task: "ShareGptTask", read: 200, kept: 188, dropped: 0 })
        assert.strictEqual(events.at(-1)?.kind, "done")
      }
    }),
  )

  it.effect("leaves nothing behind once it has gone through", () =>
    Effect.gen(function* () {
      const { root, run } = project()
      yield* Effect.flip(run({}, failing(3).layer))
      yield* run()
      assert.deepStrictEqual(readdirSync(root).sort(), [
        "data",
        "out.jsonl",
        "out.jsonl.ledger.jsonl.gz",
        "out.jsonl.manifest.json",
      ])
    }),
  )

  it.effect("finds each of 500 bytes flipped in its finished slices, and does again what they are in", () =>
    Effect.gen(function* () {
      const undisturbed = project({ "a.jsonl": records(120) })
      yield* undisturbed.run()
      const expected = undisturbed.written()
      const { kept, outputFile, run, slices, written } = project({ "a.jsonl": records(120) })
      yield* Effect.flip(run({}, failing(7).layer))
      const names = kept()
      assert.strictEqual(names.length, 7)
      const good = new Map(names.map((name) => [name, readFileSync(join(slices, name))]))
      const random = RecordRandom.make(RecordRandom.key(42, "flips", "slices"))
      const below = (limit: number): number => Math.floor(random.next() * limit)
      for (let flips = 0; flips < 500; ) {
        // One of them stays as it is, and is used.
        const whole = names[below(names.length)] as string
        const damaged = names.filter((name) => name !== whole)
        for (const [name, bytes] of good) {
          const flipped = Buffer.from(bytes)
          if (name !== whole) {
            // A single bit every other time.
            const by = flips++ % 2 === 0 ? 1 << below(8) : 1 + below(255)
            const at = below(flipped.length)
            flipped[at] = (flipped[at] as number) ^ by
          }
          writeFileSync(join(slices, name), flipped)
        }
        age(slices, names)
        rmSync(outputFile, { force: true })
        yield* run({ keepWork: true })
        assert.deepStrictEqual(written(), expected)
        assert.deepStrictEqual(times(slices, [whole]), [1000])
        for (const name of damaged) assert.isTrue(readFileSync(join(slices, name)).equals(good.get(name) as Buffer))
      }
    }),
  )

  it.effect("finds a slice that was cut off, is empty, or has bytes behind it", () =>
    Effect.gen(function* () {
      const { kept, run, slices, written } = project({ "a.jsonl": records(40) })
      yield* run({ keepWork: true })
      const expected = written()
      const [name = "", other = ""] = kept()
      const path = join(slices, name)
      const good = readFileSync(path)
      const damaged = [0, 10, 32, 33, good.length - 1].map((length) => good.subarray(0, length))
      for (const bytes of [
        ...damaged,
        Buffer.concat([good, good]),
        readFileSync(join(slices, other)).subarray(0, -1),
      ]) {
        writeFileSync(path, bytes)
        yield* run({ keepWork: true })
        assert.deepStrictEqual(written(), expected)
        assert.isTrue(readFileSync(path).equals(good))
      }
    }),
  )
})

describe("kept slices", () => {
  it.effect("a changed filter does again only the task that has it", () =>
    Effect.gen(function* () {
      const { kept, run, slices } = project({ "a.jsonl": records(60), "b.jsonl": records(60, "Query") })
      const config = (filters: ReadonlyArray<unknown>) => ({
        One: { task: "ShareGptTask", files: ["a.jsonl"], prompt: "none" },
        Two: { task: "ShareGptTask", files: ["b.jsonl"], prompt: "none", filters },
      })
      const tasks = ["One", "Two"]
      yield* run({ tasks, config: config([]), keepWork: true })
      const first = kept()
      age(slices, first)
      yield* run({ tasks, config: config([{ AppleFilter: { words: ["Query 5"] } }]), keepWork: true })
      assert.deepStrictEqual(
        times(slices, first),
        first.map(() => 1000),
      )
      // Half of them are of the task that has not changed.
      assert.strictEqual(kept().length, first.length + first.length / 2)
    }),
  )

  it.effect("another threshold of a filter that compares episodes does nothing again, another fingerprint does", () =>
    Effect.gen(function* () {
      const { kept, run, slices, written } = project({ "a.jsonl": records(60) })
      const config = (options: object) => ({
        ShareGptTask: { files: ["*.jsonl"], prompt: "none", filters: [{ NearDedupFilter: options }] },
      })
      yield* run({ config: config({ threshold: 0.9 }), keepWork: true })
      const first = kept()
      age(slices, first)
      yield* run({ config: config({ threshold: 0.5, keep: "longest", siblings: "one" }), keepWork: true })
      assert.deepStrictEqual(kept(), first)
      assert.deepStrictEqual(
        times(slices, first),
        first.map(() => 1000),
      )
      const resumed = written()
      const anew = project({ "a.jsonl": records(60) })
      yield* anew.run({ config: config({ threshold: 0.5, keep: "longest", siblings: "one" }) })
      assert.deepStrictEqual(resumed, anew.written())
      yield* run({ config: config({ prefixes: false }), keepWork: true })
      assert.strictEqual(kept().length, 2 * first.length)
    }),
  )

  it.effect("what is added to a file leaves the slices before it as they were", () =>
    Effect.gen(function* () {
      const { kept, root, run, slices, written } = project()
      yield* run({ keepWork: true })
      const first = kept()
      writeFileSync(join(root, "data", "a.jsonl"), records(230))
      yield* run({ keepWork: true })
      assert.isBelow(kept().length, first.length + 8)
      const fresh = project({ "a.jsonl": records(230) })
      yield* fresh.run()
      assert.deepStrictEqual(written(), fresh.written())
      assert.isTrue(existsSync(slices))
    }),
  )

  it.effect("another seed, format, limit or length shares none of them", () =>
    Effect.gen(function* () {
      const { kept, run } = project({ "a.jsonl": records(5) })
      const base = { config: { ShareGptTask: { files: ["*.jsonl"] } }, keepWork: true, sliceBytes: 1 << 20 }
      const specs: ReadonlyArray<Partial<Spec>> = [
        {},
        { seed: 1 },
        { format: "metharme" },
        { limit: 3 },
        { maxLength: 100 },
        { maxLength: 100, length: "drop" },
        { roleTokens: "keep" },
        { identifier: false },
        { tokenizer: "estimate" },
      ]
      for (const spec of specs) yield* run({ ...base, ...spec })
      assert.strictEqual(kept().length, specs.length)
      for (const spec of specs) yield* run({ ...base, ...spec })
      assert.strictEqual(kept().length, specs.length)
    }),
  )

  it.effect("workers and the process share them", () =>
    Effect.gen(function* () {
      if (!existsSync(NodeWorkers.defaultEntry())) return console.log("skipped: the worker's entry is not built")
      const { kept, run, slices, written } = project()
      yield* run({ keepWork: true }, NodeWorkers.layer(2))
      const names = kept()
      const expected = written()
      age(slices, names)
      yield* run({ keepWork: true })
      assert.deepStrictEqual(kept(), names)
      assert.deepStrictEqual(
        times(slices, names),
        names.map(() => 1000),
      )
      assert.deepStrictEqual(written(), expected)
    }),
  )

  it.effect("two runs on one output at once both end well", () =>
    Effect.gen(function* () {
      const { root, run, written } = project()
      const other = project()
      yield* other.run()
      for (let i = 0; i < 5; i++) {
        yield* Effect.all([run(), run()], { concurrency: 2 })
        assert.deepStrictEqual(written(), other.written())
        assert.deepStrictEqual(
          readdirSync(root).filter((name) => name.endsWith(".work")),
          [],
        )
      }
      rmSync(root, { recursive: true, force: true })
    }),
  )

  it.effect("that cannot be kept, nor cleared away, are lost time and nothing else", () =>
    Effect.promise(async () => {
      const root = mkdtempSync(join(tmpdir(), "data-toolbox-"))
      // Below a file there is no folder, and no temporary file to remove.
      writeFileSync(join(root, "file"), "")
      const input: SliceInput = {
        kind: "lines",
        file: "a.jsonl",
        bytes: Buffer.from("{}\n"),
        first: { index: 0, line: 1, byte: 0, counts: [] },
      }
      const writer = makeSliceWriter()
      const run = (): Uint8Array => {
        writer.begin(0)
        return writer.finish({ counts: emptyCounts(false), rejections: [], records: 1 })
      }
      const folder = join(root, "file", "work", "slices")
      const found = () => assert.fail("nothing was kept")
      const result = await runKept(async () => run, input, undefined, "job", folder, found)
      assert.strictEqual(decode(result).records, 1)
    }),
  )

  it.effect("temporary files of processes that are gone are cleared away, those of others are left", () =>
    Effect.gen(function* () {
      const { run, work } = project()
      mkdirSync(join(work, "slices"), { recursive: true })
      // No process has the highest number there can be; this one's parent lives.
      const named = (pid: number): string => `out.jsonl.${ownerText({ ...owner(), pid, start: "0" })}.1-0.tmp`
      writeFileSync(join(work, named(4_194_304)), "")
      writeFileSync(join(work, "slices", "x.4194304.1.0.tmp"), "")
      writeFileSync(join(work, named(process.ppid)), "")
      yield* run()
      assert.deepStrictEqual(readdirSync(work), [named(process.ppid)])
    }),
  )
})

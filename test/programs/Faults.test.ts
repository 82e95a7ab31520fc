/**
 * What a run leaves behind when the file system fails it: each call once, and for good. The set that was there before
 * stays as it was, and nothing is left lying about but finished slices.
 */
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { execFileSync, spawnSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
// The mocks are found by this name only.
import { vi } from "vitest"
import { type BuildError, OutputError } from "../../src/domain/Errors.ts"
import type { Manifest } from "../../src/domain/Report.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { datasets } from "../../src/layers/datasets/All.ts"
import * as Filter from "../../src/layers/Filter.ts"
import * as InProcess from "../../src/layers/InProcess.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import * as Build from "../../src/programs/Build.ts"
import { verify } from "../../src/programs/Verify.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Ledger } from "../../src/services/Ledger.ts"
import { Output, type OutputService } from "../../src/services/Output.ts"
import { type Owner, owner, ownerText } from "../../src/services/Owner.ts"
import { Progress } from "../../src/services/Progress.ts"
import { SliceRunner } from "../../src/services/SliceRunner.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"
import { chat, jsonl, type Spec } from "../support/build.ts"

// ------------------------------------------------------------------------------------------------ faults of the system

const system = vi.hoisted(() => ({
  armed: false,
  /** Calls since it was armed, by name. */
  calls: [] as Array<string>,
  fails: (_call: number): boolean => false,
  /** What a failing call fails with; empty: what is usual for it. */
  code: "",
  /** Writes take a part of what they are given. */
  short: false,
  step: (name: string): void => {
    if (!system.armed) return
    const call = system.calls.push(name) - 1
    if (!system.fails(call)) return
    const usual: { readonly [name: string]: string } = { open: "EMFILE", write: "ENOSPC", mkdir: "ENOSPC", sync: "EIO" }
    const code = system.code === "" ? (usual[name] ?? "EACCES") : system.code
    throw Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name })
  },
}))

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>()
  const { readSync, writeSync } = real as unknown as { readonly [name: string]: (...args: Array<unknown>) => number }
  const mocked = {
    ...real,
    readSync: (...args: Array<unknown>) => {
      system.step("readSync")
      return readSync?.(...args)
    },
    writeSync: (...args: Array<unknown>) => {
      system.step("writeSync")
      return writeSync?.(...args)
    },
  }
  return { ...mocked, default: mocked }
})

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const { step } = system
  type Call = (...args: ReadonlyArray<unknown>) => Promise<unknown>
  const wrap =
    (name: string, call: Call): Call =>
    async (...args) => {
      step(name)
      return call(...args)
    }
  const handleOf = (handle: FileHandle): FileHandle =>
    new Proxy(handle, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== "function" || typeof name !== "string") return value
        const call = value.bind(target) as Call
        // A close that fails has closed the file all the same.
        if (name === "close")
          return async () => {
            await call()
            step("close")
          }
        if (name === "write" && system.short)
          return (data: Uint8Array, at: number, length: number, position: number | null) =>
            call(data, at, Math.ceil(length / 2), position)
        return wrap(name, call)
      },
    })
  const mocked = Object.fromEntries(
    Object.entries(real).map(([name, value]) => [
      name,
      typeof value === "function" ? wrap(name, value as unknown as Call) : value,
    ]),
  )
  const open = async (...args: Parameters<typeof real.open>): Promise<FileHandle> => {
    step("open")
    return handleOf(await real.open(...args))
  }
  return { ...mocked, open, default: { ...mocked, open } }
})

/** Runs with calls that fail; answers the names of the calls too. */
const withSystem = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  fails: (call: number) => boolean,
  code = "",
): Effect.Effect<{ readonly exit: Exit.Exit<A, E>; readonly calls: ReadonlyArray<string> }, never, R> =>
  Effect.suspend(() => {
    Object.assign(system, { armed: true, calls: [], fails, code })
    return Effect.map(Effect.exit(effect), (exit) => ({ exit, calls: system.calls }))
  }).pipe(Effect.ensuring(Effect.sync(() => Object.assign(system, { armed: false }))))

// ----------------------------------------------------------------------------------------------- faults of the service

/** Counts what is asked of an Output, and does something else in place of some of it. */
interface Meddle {
  /** Before the operation; an error is that of the operation. */
  readonly before?: (operation: number, name: string) => OutputError | undefined
  /** After it was done. */
  readonly after?: (operation: number, name: string) => OutputError | undefined
}

const meddled = (operations: Array<string>, { after, before }: Meddle): Layer.Layer<Output> =>
  Layer.effect(
    Output,
    Effect.map(Output, (real): OutputService => {
      const step = <A, R>(name: string, effect: Effect.Effect<A, OutputError, R>): Effect.Effect<A, OutputError, R> =>
        Effect.suspend(() => {
          const operation = operations.push(name) - 1
          const error = before?.(operation, name)
          if (error !== undefined) return Effect.fail(error)
          return Effect.flatMap(effect, (value) => {
            const late = after?.(operation, name)
            return late === undefined ? Effect.succeed(value) : Effect.fail(late)
          })
        })
      return {
        ...real,
        stage: (file, work) =>
          Effect.map(step("stage", real.stage(file, work)), (staged) => ({
            write: (bytes) => step("write", staged.write(bytes)),
            close: step("close", staged.close),
            publish: step("publish", staged.publish),
          })),
        spool: (work) =>
          Effect.map(step("spool", real.spool(work)), (spool) => ({
            append: (bytes) => step("append", spool.append(bytes)),
            read: Stream.unwrap(step("read", Effect.succeed(spool.read))),
          })),
      }
    }),
  ).pipe(Layer.provide(Output.layer))

const injected = new OutputError({ reason: "Write", file: "some file", detail: "injected" })

// ---------------------------------------------------------------------------------------------------------------- runs

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "data-toolbox-faults-"))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A filter that has to see all episodes first: the run needs a spool. */
const Patient = Filter.define({
  name: "Patient",
  memory: {
    fingerprint: () => (episode) => Buffer.from(episode.turns[0]?.text ?? ""),
    open: () => ({ observe: () => undefined, decide: () => undefined, remember: () => undefined }),
  },
})

/** Runs a build into files, a slice at a time so that its calls come in one order. */
const build = (
  dataFolder: string,
  outputFile: string,
  spec: Partial<Spec> = {},
  output: Layer.Layer<Output> = Output.layer,
): Effect.Effect<Manifest, BuildError> =>
  Effect.suspend(() =>
    Effect.provide(
      Build.run({
        tasks: ["ShareGptTask"],
        config: { ShareGptTask: { files: ["new.jsonl"], filters: ["ExactDedupFilter"], prompt: "none" } },
        format: "sharegpt",
        sliceBytes: 900,
        ...spec,
        outputFile,
      }),
      Layer.provideMerge(
        Layer.mergeAll(
          Layer.provideMerge(Filter.layer(Patient), Toolbox.layerComponents),
          layerDatasets(datasets),
          Layer.sync(SliceRunner, () => ({ ...InProcess.make(), ahead: 1 })),
          Layer.provideMerge(Ledger.layer, output),
          Progress.layerQuiet,
          Tokenizer.layer,
        ),
        DataFolder.layer(dataFolder),
      ),
    ),
  )

const records = (name: string, count: number, text = "The tide, as ever."): string =>
  jsonl(...Array.from({ length: count }, (_, i) => chat(`${name} ${i}?`, text)), "{ broken", chat(`${name} 1?`, text))

/** A folder of inputs, and one for outputs. */
const makeRoot = (): { readonly data: string; readonly out: string } => {
  const root = folder()
  const data = join(root, "data")
  const out = join(root, "out")
  mkdirSync(data)
  mkdirSync(out)
  writeFileSync(join(data, "new.jsonl"), records("New", 14))
  writeFileSync(join(data, "old.jsonl"), records("Old", 5))
  return { data, out }
}

const output = "train.jsonl"
const names: ReadonlyArray<string> = [output, `${output}.ledger.jsonl.gz`, `${output}.manifest.json`]

type Files = ReadonlyArray<Buffer>

const validation = "train.validation.jsonl"

/** The names of the set that is there, in the order in which they are published. */
const setOf = (out: string): ReadonlyArray<string> =>
  existsSync(join(out, validation)) ? names.toSpliced(1, 0, validation) : names

const filesOf = (out: string): Files => setOf(out).map((name) => readFileSync(join(out, name)))

/** Which files of the set are the new ones; each is either of them, byte for byte. */
const states = (out: string, old: Files, fresh: Files, told: string): string =>
  filesOf(out)
    .map((bytes, i) => {
      const isOld = bytes.equals(old[i] as Buffer)
      assert.isTrue(isOld || bytes.equals(fresh[i] as Buffer), `${told}: ${setOf(out)[i]} is neither old nor new`)
      return isOld ? "old" : "new"
    })
    .join(" ")

/** All below a folder but the set. */
const others = (out: string): ReadonlyArray<string> =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name).slice(out.length + 1)
      return entry.isDirectory() ? `${path}/` : path
    })
    .filter((path) => path !== validation && !names.includes(path))
    .sort()

/** What may stay after a failure: slices that are done, for the next run. */
const isSlice = (path: string): boolean => /^train\.jsonl\.work\/(?:slices\/(?:[0-9a-f]{64})?)?$/.test(path)

const errorOf = <A, E>(exit: Exit.Exit<A, E>, told: string): E => {
  if (Exit.isSuccess(exit)) return assert.fail(`${told}: the run succeeded`)
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "None") return assert.fail(`${told}: no typed error, but ${Cause.pretty(exit.cause)}`)
  assert.strictEqual(Cause.defects(exit.cause).length, 0, `${told}: ${Cause.pretty(exit.cause)}`)
  return failure.value
}

const oldSpec: Partial<Spec> = { config: { ShareGptTask: { files: ["old.jsonl"] } } }

/** A scratch space that fails from the n-th call on. */
const failingScratch = (after: number): Layer.Layer<Output> =>
  Layer.effect(
    Output,
    Effect.map(Output, (real) => {
      let calls = 0
      const call = <A>(act: () => A): A => {
        if (calls++ >= after) throw injected
        return act()
      }
      return {
        ...real,
        scratch: (work: string) =>
          Effect.map(real.scratch(work), ({ append, read }) => ({
            append: (bytes: Uint8Array) => call(() => append(bytes)),
            read: (at: number, length: number) => call(() => read(at, length)),
          })),
      }
    }),
  ).pipe(Layer.provide(Output.layer))

it.effect("a scratch space that fails ends the run with the old files as they were, wherever it fails", () =>
  Effect.gen(function* () {
    const { data, out } = makeRoot()
    const file = join(out, output)
    yield* build(data, file, oldSpec)
    const old = filesOf(out)
    const spec = (options: object): Partial<Spec> => ({
      config: { ShareGptTask: { files: ["new.jsonl"], prompt: "none", filters: [{ NearDedupFilter: options }] } },
    })
    for (const options of [{}, { prefixes: false }]) {
      for (const after of [0, 1, 5, 20, 40]) {
        const exit = yield* Effect.exit(build(data, file, spec(options), failingScratch(after)))
        assert.deepStrictEqual(errorOf(exit, `after ${after}`), injected)
        assert.deepStrictEqual(filesOf(out), old)
        assert.isTrue(others(out).every(isSlice), others(out).join(" "))
      }
    }
    yield* build(data, file, spec({}), failingScratch(1_000_000))
    assert.isEmpty(others(out))
  }),
)

/** Then every fault is followed by another run; else one of four. */
const long = process.env["TOOLBOX_LONG"] === "1"

interface Scenario {
  readonly name: string
  readonly spec: Partial<Spec>
  /** Whether an earlier run has kept slices. */
  readonly resumes?: boolean
}

const scenarios: ReadonlyArray<Scenario> = [
  { name: "a run that keeps its finished slices", spec: {} },
  {
    name: "a run with a spool",
    spec: {
      config: { ShareGptTask: { files: ["new.jsonl"], filters: ["Patient", "ExactDedupFilter"], prompt: "none" } },
    },
  },
]

/** A root with an old set; the bytes of it, and of the new one. */
const prepare = (spec: Partial<Spec>) =>
  Effect.gen(function* () {
    const { data, out } = makeRoot()
    const file = join(out, output)
    yield* build(data, file, spec)
    const fresh = filesOf(out)
    yield* build(data, file, { ...spec, ...oldSpec })
    const old = filesOf(out)
    const set = setOf(out)
    assert.deepStrictEqual(others(out), [])
    set.forEach((name, i) => assert.isFalse(fresh[i]?.equals(old[i] as Buffer), name))
    const restore = (): void => {
      rmSync(out, { recursive: true, force: true })
      mkdirSync(out)
      set.forEach((name, i) => writeFileSync(join(out, name), old[i] as Buffer))
    }
    return { data, out, file, fresh, old, restore }
  })

// ---------------------------------------------------------------------------------------------------------------- tests

describe("an output that fails", () => {
  for (const { name, spec } of scenarios) {
    const modes: ReadonlyArray<{ readonly mode: string; readonly meddle: (n: number) => Meddle }> = [
      { mode: "once", meddle: (n) => ({ before: (i) => (i === n ? injected : undefined) }) },
      { mode: "from then on", meddle: (n) => ({ before: (i) => (i >= n ? injected : undefined) }) },
      { mode: "once it is done", meddle: (n) => ({ after: (i) => (i === n ? injected : undefined) }) },
    ]
    for (const { meddle, mode } of modes) {
      it.effect(
        `at any operation of ${name}, ${mode}: a typed error, the old set, no litter; the next run is whole`,
        () =>
          Effect.gen(function* () {
            const { data, file, fresh, old, out, restore } = yield* prepare(spec)
            const operations: Array<string> = []
            yield* build(data, file, spec, meddled(operations, {}))
            const all = [...operations]
            for (const [n, operation] of all.entries()) {
              restore()
              operations.length = 0
              const told = `operation ${n}, ${operation}, ${mode}`
              const exit = yield* Effect.exit(build(data, file, spec, meddled(operations, meddle(n))))
              assert.strictEqual(errorOf(exit, told), injected, told)
              // Each file is whole: those that were published before the fault are new.
              const published = all.slice(0, mode === "once it is done" ? n + 1 : n).filter((one) => one === "publish")
              const expected = names.map((_, i) => (i < published.length ? "new" : "old")).join(" ")
              assert.strictEqual(states(out, old, fresh, told), expected, told)
              assert.deepStrictEqual(
                others(out).filter((path) => !isSlice(path)),
                [],
                told,
              )
              const { findings } = yield* verify(file)
              const isWhole = expected === "old old old" || expected === "new new new"
              assert.strictEqual(findings.length === 0, isWhole, `${told}: ${JSON.stringify(findings)}`)
              yield* build(data, file, spec)
              assert.strictEqual(states(out, old, fresh, told), "new new new", told)
              assert.deepStrictEqual(others(out), [], told)
            }
          }),
      )
    }
  }

  it.effect("the operations that fail are all there are", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      const kinds: Array<ReadonlyArray<string>> = []
      for (const { spec } of scenarios) {
        const operations: Array<string> = []
        yield* build(data, join(out, output), spec, meddled(operations, {}))
        kinds.push([...new Set(operations)].sort())
        assert.deepStrictEqual(operations.slice(-4), ["close", "publish", "publish", "publish"])
      }
      assert.deepStrictEqual(kinds, [
        ["close", "publish", "stage", "write"],
        ["append", "close", "publish", "read", "spool", "stage", "write"],
      ])
    }),
  )
})

/** Every other slice of a run. */
const keptSlices = (data: string, file: string, spec: Partial<Spec>) =>
  Effect.map(build(data, file, { ...spec, keepWork: true }), () => {
    const folder = join(`${file}.work`, "slices")
    return readdirSync(folder)
      .filter((_, i) => i % 2 === 0)
      .map((name) => [name, readFileSync(join(folder, name))] as const)
  })

/** With what is written at the end of the run, and what a run before it has kept. */
const more: ReadonlyArray<Scenario> = [
  ...scenarios,
  { name: "a run with a second output and an order of its own", spec: { shuffle: true, validation: "3" } },
  { name: "a run that takes slices of an earlier one", spec: {}, resumes: true },
]

const codes = ["", "ENOSPC", "EIO", "EMFILE", "EACCES"] as const

describe("a file system that fails", () => {
  for (const { name, resumes, spec } of more) {
    for (const [mode, fails] of [
      ["once", (n: number) => (call: number) => call === n],
      ["from then on", (n: number) => (call: number) => call >= n],
    ] as const) {
      it.effect(`at any call of ${name}, ${mode}: a typed error or the whole new set; the next run is whole`, () =>
        Effect.gen(function* () {
          const { data, file, fresh, old, out, restore: restoreSet } = yield* prepare(spec)
          const known = [...fresh.keys(), fresh.length].map((count) =>
            fresh.map((_, i) => (i < count ? "new" : "old")).join(" "),
          )
          const slices = join(`${file}.work`, "slices")
          const kept = resumes === true ? yield* keptSlices(data, file, spec) : []
          const restore = (): void => {
            restoreSet()
            if (kept.length > 0) mkdirSync(slices, { recursive: true })
            for (const [path, bytes] of kept) writeFileSync(join(slices, path), bytes)
          }
          restore()
          const undisturbed = yield* withSystem(build(data, file, spec), () => false)
          assert.isTrue(Exit.isSuccess(undisturbed.exit))
          const outcomes = { failed: 0, done: 0 }
          for (const [n, call] of undisturbed.calls.entries()) {
            // One code for each call, another for its neighbours; all of them in the long tests.
            for (const code of long ? codes : [codes[n % codes.length] as string]) {
              restore()
              const told = `call ${n}, ${call}, ${mode}, ${code}`
              const { calls, exit } = yield* withSystem(build(data, file, spec), fails(n), code)
              const state = states(out, old, fresh, told)
              if (Exit.isSuccess(exit)) {
                outcomes.done++
                // What only keeps slices or tidies up may fail.
                assert.strictEqual(state, known.at(-1), told)
              } else {
                outcomes.failed++
                const error = errorOf(exit, told)
                assert.include(["OutputError", "DatasetError", "SliceError", "ConfigError"], error._tag, told)
                assert.match(error.message, code === "" ? /\bE[A-Z]{2,}\b/ : new RegExp(code), told)
                assert.match(error.message, /train\.|new\.jsonl|spool\.|scratch\.|\/out"|\/data/, told)
                if (error._tag === "OutputError") assert.match(error.message, /run again/, told)
                // In the order in which they are published.
                assert.include(known, state, told)
                if (!calls.slice(0, n).includes("rename")) assert.strictEqual(state, known[0], told)
              }
              // A temporary file stays only where it cannot be removed, and only in the work folder.
              const left = others(out)
              const litter = left.filter((path) => !isSlice(path))
              assert.isTrue(
                left.every((path) => path.startsWith("train.jsonl.work/")),
                `${told}: ${left.join(", ")}`,
              )
              if (call !== "rm" && mode === "once") assert.deepStrictEqual(litter, [], told)
              if (!long && n % 4 !== 0) continue
              yield* build(data, file, spec)
              assert.strictEqual(states(out, old, fresh, told), known.at(-1), told)
              if (litter.length === 0) assert.deepStrictEqual(others(out), [], told)
            }
          }
          console.log(`${name}, ${mode}: ${outcomes.failed} of ${undisturbed.calls.length} calls fail the run`)
          assert.isAbove(outcomes.failed, 10)
        }),
      )
    }
  }
})

describe("a file system", () => {
  it.effect("that takes a part of each write: the same bytes", () =>
    Effect.gen(function* () {
      const { data, file, fresh, old, out } = yield* prepare(scenarios[1]?.spec ?? {})
      system.short = true
      yield* Effect.ensuring(
        withSystem(build(data, file, scenarios[1]?.spec), () => false),
        Effect.sync(() => {
          system.short = false
        }),
      )
      assert.strictEqual(states(out, old, fresh, "short writes"), "new new new")
    }),
  )

  for (const when of ["stage", "write", "close", "publish"]) {
    it.effect(`whose output folder vanishes at the first ${when}: a typed error, and the folder stays away`, () =>
      Effect.gen(function* () {
        const { data, out } = makeRoot()
        const operations: Array<string> = []
        const before = (_: number, name: string): undefined => {
          if (name === when) rmSync(out, { recursive: true, force: true })
        }
        // Nothing is kept here: see the next test for what is.
        const { spec } = scenarios[1] as (typeof scenarios)[number]
        const exit = yield* Effect.exit(build(data, join(out, output), spec, meddled(operations, { before })))
        const error = errorOf(exit, when)
        assert.strictEqual(error._tag, "OutputError")
        assert.match(error.message, /ENOENT/)
        assert.isFalse(existsSync(out))
      }),
    )
  }

  it.effect("that does not let the user write: a typed error that names the file and why, and the old set", () =>
    Effect.gen(function* () {
      const { data, file, fresh, old, out } = yield* prepare({})
      const isRoot = process.geteuid?.() === 0
      if (isRoot && process.seteuid === undefined) return console.log("skipped: the user cannot be changed")
      for (const at of [join(data, ".."), data]) chmodSync(at, 0o755)
      chmodSync(out, 0o555)
      const exit = yield* Effect.acquireUseRelease(
        Effect.sync(() => {
          if (isRoot) process.seteuid?.(65_534)
        }),
        () => Effect.exit(build(data, file)),
        () =>
          Effect.sync(() => {
            if (isRoot) process.seteuid?.(0)
            chmodSync(out, 0o755)
          }),
      )
      const error = errorOf(exit, "read-only folder")
      assert.strictEqual(error._tag, "OutputError")
      assert.include(error.message, `cannot write ${file}: EACCES`)
      assert.strictEqual(states(out, old, fresh, "read-only folder"), "old old old")
      assert.deepStrictEqual(others(out), [])
    }),
  )

  it.effect("on which a file stands in the place of the work folder: a typed error, and the file stays", () =>
    Effect.gen(function* () {
      const { data, file, fresh, old, out } = yield* prepare({})
      writeFileSync(`${file}.work`, "mine")
      const error = errorOf(yield* Effect.exit(build(data, file)), "a file as work folder")
      assert.strictEqual(error._tag, "OutputError")
      assert.match(error.message, /ENOTDIR/)
      assert.strictEqual(readFileSync(`${file}.work`, "utf8"), "mine")
      assert.strictEqual(states(out, old, fresh, "a file as work folder"), "old old old")
    }),
  )
})

// ------------------------------------------------------------------------------------------------------ small file systems

/** Mounts a small file system on an empty folder; false with a printed reason where that is not allowed. */
const mounted = (at: string, size: string): boolean => {
  mkdirSync(at, { recursive: true })
  const ran = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", at], { encoding: "utf8" })
  if (ran.status !== 0) {
    console.log(`skipped: no small file system can be mounted (${(ran.error?.message ?? ran.stderr).trim()})`)
    return false
  }
  onTestFinished(() => void spawnSync("umount", ["-l", at]))
  return true
}

/** About so many bytes of chats. */
const chatsOf = (bytes: number): string => {
  const text = "Only the gulls kept watch over the boats in the harbour. ".repeat(16)
  return records("Story", Math.ceil(bytes / (text.length + 110)), text)
}

describe("a small file system", () => {
  it.live("that the output does not fit on: a typed error, the old set, no litter, and room for the next run", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      if (!mounted(out, "4m")) return
      const file = join(out, output)
      yield* build(data, file, oldSpec)
      const old = filesOf(out)
      writeFileSync(join(data, "new.jsonl"), chatsOf(6_000_000))
      for (const { name, spec } of scenarios) {
        const exit = yield* Effect.exit(build(data, file, { ...spec, sliceBytes: 200_000 }))
        const error = errorOf(exit, name)
        assert.strictEqual(error._tag, "OutputError", name)
        assert.match(error.message, /ENOSPC/, name)
        filesOf(out).forEach((bytes, i) => assert.isTrue(bytes.equals(old[i] as Buffer), `${name}: ${names[i]}`))
        assert.deepStrictEqual(
          others(out).filter((path) => !isSlice(path)),
          [],
          name,
        )
        assert.deepStrictEqual((yield* verify(file)).findings, [], name)
      }
      writeFileSync(join(data, "new.jsonl"), chatsOf(2_000_000))
      yield* build(data, file, { sliceBytes: 200_000 })
      assert.deepStrictEqual((yield* verify(file)).findings, [])
      assert.deepStrictEqual(others(out), [])
    }),
  )

  it.live("that the output fits on, but not the finished slices too: the slices give way", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      if (!mounted(out, "4m")) return
      const file = join(out, output)
      writeFileSync(join(data, "new.jsonl"), chatsOf(3_000_000))
      yield* build(data, file, { sliceBytes: 200_000 })
      const { findings, summary } = yield* verify(file)
      assert.deepStrictEqual(findings, [])
      assert.isAbove(summary.bytes, 3_000_000)
      assert.deepStrictEqual(others(out), [])
    }),
  )

  it.live("that is read-only: a typed error, and the old set", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      if (!mounted(out, "4m")) return
      const file = join(out, output)
      yield* build(data, file, oldSpec)
      const old = filesOf(out)
      execFileSync("mount", ["-o", "remount,ro", out])
      const error = errorOf(yield* Effect.exit(build(data, file)), "read-only")
      assert.strictEqual(error._tag, "OutputError")
      assert.match(error.message, /EROFS/)
      filesOf(out).forEach((bytes, i) => assert.isTrue(bytes.equals(old[i] as Buffer), names[i]))
      assert.deepStrictEqual(others(out), [])
    }),
  )

  it.live("that holds only the ledger: it is published there too, from a file beside it", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      const elsewhere = join(out, "..", "elsewhere")
      if (!mounted(elsewhere, "4m")) return
      const file = join(out, output)
      const ledgerFile = join(elsewhere, "ledger.jsonl.gz")
      const gone = ownerText({ ...owner(), pid: spawnSync(process.execPath, ["-e", ""]).pid })
      const formerly = ownerText({ ...owner(), start: "1" })
      for (const name of [
        `ledger.jsonl.gz.${gone}.1700000000000-1.tmp`,
        `ledger.jsonl.gz.${formerly}.1700000000000-1.tmp`,
      ])
        writeFileSync(join(elsewhere, name), "left by a run that died")
      const mine = `notes.${gone}.1700000000000-1.tmp`
      for (const name of [mine, "ledger.jsonl.gz.tmp"]) writeFileSync(join(elsewhere, name), "mine")
      yield* build(data, file, { ledgerFile })
      assert.deepStrictEqual(readdirSync(elsewhere).sort(), ["ledger.jsonl.gz", "ledger.jsonl.gz.tmp", mine])
      assert.deepStrictEqual((yield* verify(file, { ledgerFile })).findings, [])
      assert.strictEqual(gunzipSync(readFileSync(ledgerFile)).toString("utf8").split("\n").length, 3)
    }),
  )
})

describe("what an earlier run has left", () => {
  it.effect("or one that ends now: a work folder that it removes before there is a file in it is made again", () =>
    Effect.gen(function* () {
      const { data, file, fresh, old, out } = yield* prepare({})
      let removed = 0
      const fails = (call: number): boolean => {
        if (removed < 3 && system.calls[call] === "open" && system.calls[call - 1] === "mkdir") {
          rmSync(`${file}.work`, { recursive: true })
          removed++
        }
        return false
      }
      const { exit } = yield* withSystem(build(data, file), fails)
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(removed, 3)
      assert.strictEqual(states(out, old, fresh, "removed"), "new new new")
      assert.deepStrictEqual(others(out), [])
    }),
  )

  it.effect("is removed when its process is gone, or its number is another's now; what belongs to others stays", () =>
    Effect.gen(function* () {
      const { data, out } = makeRoot()
      const file = join(out, "train.2024")
      const work = `${file}.work`
      mkdirSync(work)
      const named = (name: string, own: Partial<Owner>): string =>
        `${name}.${ownerText({ ...owner(), ...own })}.1700000000000-0.tmp`
      const { pid } = spawnSync(process.execPath, ["-e", ""])
      const elsewhere = { host: "0123456789ab" }
      const old = named("scratch", elsewhere)
      const stale = [
        named("train.2024", { pid }),
        named("spool", { pid }),
        named("train.2024", { start: "1" }),
        // Its parent runs, but did not when this was written. Only Linux tells.
        ...(process.platform === "linux" ? [named("train.2024", { pid: process.ppid, start: "1" })] : []),
        old,
      ]
      const live = [
        named("train.2024", { pid: process.ppid, start: "0" }),
        named("train.2024", {}),
        named("train.2024", { ...elsewhere, pid }),
        "notes.txt",
      ]
      for (const name of [...stale, ...live]) writeFileSync(join(work, name), "")
      const eightDaysAgo = (performance.timeOrigin + performance.now()) / 1000 - 8 * 86_400
      utimesSync(join(work, old), eightDaysAgo, eightDaysAgo)
      yield* build(data, file)
      assert.deepStrictEqual(readdirSync(work).sort(), [...live].sort())
    }),
  )
})

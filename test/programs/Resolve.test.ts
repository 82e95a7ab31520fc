import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { FormatDefinition } from "../../src/domain/Component.ts"
import { ConfigError, DatasetError } from "../../src/domain/Errors.ts"
import * as Datasets from "../../src/layers/Datasets.ts"
import * as Task from "../../src/layers/Task.ts"
import { filters } from "../../src/layers/filters/All.ts"
import { formats } from "../../src/layers/formats/All.ts"
import { tasks } from "../../src/layers/tasks/All.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import { checkTargets, parseMaxBad, type ReadSpec, resolve } from "../../src/programs/Resolve.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"
import type { Files } from "../support/build.ts"

type Spec = Partial<ReadSpec> & { readonly format?: string | FormatDefinition }

const resolved = (spec: Spec) => resolve({ tasks: ["AesirRoleplayTask"], format: "sharegpt", ...spec })

const services = (files: Files) => Layer.provideMerge(Toolbox.layer, DataFolder.layerTemp(files))

const withFiles =
  (files: Files) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provide(effect, services(files))

/** The lines of the error that a spec ends in. */
const told = (spec: Spec, files: Files = {}): Effect.Effect<ReadonlyArray<string>> =>
  resolved(spec).pipe(
    Effect.flip,
    Effect.map((error) => {
      assert.instanceOf(error, ConfigError)
      return error.message.split("\n")
    }),
    withFiles(files),
    Effect.orDie,
  )

const aesir = { "aesir/aesir-rpg-charcards.json": "[]" }

const airoboros = { "airoboros/instructions.jsonl": "" }

const taskNames = tasks.map(({ name }) => name).join(", ")

describe("settings", () => {
  it.effect("are told all at once, before any file is looked for", () =>
    Effect.gen(function* () {
      const problems = yield* told({
        tasks: ["AesirRoleplayTask", "Aesir", "AesirRoleplayTask"],
        format: "sharegtp",
        maxLength: 0,
        seed: 1.5,
        limit: 0,
        sliceBytes: -1,
        maxRecordBytes: 0.5,
        length: "windos" as never,
        roleTokens: "escpae" as never,
        maxBad: "some",
        tokenizer: "cl100k",
        config: { text: "AesirRoleplayTask: { shar: 1 }", file: "c.yml" },
      })
      assert.deepStrictEqual(problems, [
        'c.yml:1:22: AesirRoleplayTask.shar: unknown key. Did you mean "share"?',
        '--tasks: "AesirRoleplayTask" is named more than once',
        "--max-length: 0 is no limit: give a number of tokens above 0, or -1 for none",
        "--seed: 1.5 is no whole number",
        "--limit: 0 is no number of records above 0",
        "sliceBytes: -1 is no number of bytes above 0",
        "maxRecordBytes: 0.5 is no number of bytes above 0",
        '--length: unknown mode "windos". Did you mean "windows"?',
        '--role-tokens: unknown policy "escpae". Did you mean "escape"?',
        '--max-bad: "some" is neither a number of records (5) nor a share of them (1%)',
        '--tokenizer: unknown tokenizer "cl100k". Did you mean "cl100k_base"?',
        '--format: unknown format "sharegtp". Did you mean "sharegpt"?',
        '--tasks: unknown task "Aesir". Did you mean "AesirRoleplayTask"?',
      ])
    }),
  )

  it.effect("C-26: a limit of tokens is above 0, or -1 for none", () =>
    Effect.gen(function* () {
      for (const maxLength of [0, -2, -1.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
        assert.deepStrictEqual(yield* told({ maxLength }), [
          `--max-length: ${maxLength} is no limit: give a number of tokens above 0, or -1 for none`,
        ])
      for (const [given, maxLength] of [
        [undefined, undefined],
        [-1, undefined],
        [1, 1],
        [4096, 4096],
      ] as const) {
        const { run } = yield* withFiles(aesir)(resolved(given === undefined ? {} : { maxLength: given }))
        assert.strictEqual(run.maxLength, maxLength)
        assert.strictEqual(run.countTokens, maxLength !== undefined)
      }
    }),
  )

  it.effect("C-10: tasks are named once, and at least one is", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* told({ tasks: [] }), ["--tasks: name at least one task"])
      assert.deepStrictEqual(yield* told({ tasks: ["AesirRoleplayTask", "AesirRoleplayTask", "AesirRoleplayTask"] }), [
        '--tasks: "AesirRoleplayTask" is named more than once',
      ])
      assert.deepStrictEqual(yield* told({ tasks: ["Nothing", ""] }), [
        `--tasks: unknown task "Nothing". Known: ${taskNames}.`,
        `--tasks: unknown task "". Known: ${taskNames}.`,
      ])
    }),
  )

  it.effect("have defaults", () =>
    Effect.gen(function* () {
      const { limit, maxBad, plugins, portable, run, strict, warnings } = yield* withFiles(aesir)(resolved({}))
      assert.deepStrictEqual(run, {
        seed: 42,
        format: "sharegpt",
        identifier: true,
        lengthMode: "fit",
        tokenizer: "estimate",
        countTokens: false,
        roleTokens: "escape",
        maxRecordBytes: run.maxRecordBytes,
      })
      assert.isAbove(run.maxRecordBytes, 1 << 20)
      assert.deepStrictEqual(
        { limit, maxBad, plugins, portable, strict, warnings },
        { limit: undefined, maxBad: undefined, plugins: [], portable: true, strict: false, warnings: [] },
      )
    }),
  )

  it.effect("are taken over as they are given", () =>
    Effect.gen(function* () {
      const { limit, maxBad, run, strict, warnings } = yield* withFiles(aesir)(
        resolved({
          seed: -7,
          format: "METHARME",
          identifier: false,
          maxLength: 100,
          length: "windows",
          tokenizer: "o200k_base",
          roleTokens: "drop",
          maxRecordBytes: 1000,
          limit: 3,
          maxBad: "2.5%",
          config: { AesirRoleplayTask: { dataset_name: "aesir" } },
        }),
      )
      assert.deepStrictEqual(run, {
        seed: -7,
        format: "metharme",
        identifier: false,
        maxLength: 100,
        lengthMode: "windows",
        tokenizer: "o200k_base",
        countTokens: true,
        roleTokens: "drop",
        maxRecordBytes: 1000,
      })
      assert.deepStrictEqual({ limit, maxBad, strict }, { limit: 3, maxBad: { percent: 2.5 }, strict: false })
      assert.deepStrictEqual(warnings, [
        '"dataset_name" is ignored (1 of them in the config); "folder" names another place',
      ])
      const strictly = yield* withFiles(aesir)(resolved({ strict: true, maxBad: "5" }))
      assert.deepStrictEqual([strictly.strict, strictly.maxBad], [true, { count: 0 }])
    }),
  )

  it("bad records are allowed by number or by share", () => {
    for (const [text, maxBad] of [
      ["5", { count: 5 }],
      ["0", { count: 0 }],
      [" 12 ", { count: 12 }],
      ["1%", { percent: 1 }],
      ["0.25%", { percent: 0.25 }],
      ["100%", { percent: 100 }],
      ["101%", undefined],
      ["100.5%", undefined],
      ["0.5", undefined],
      ["-1", undefined],
      ["1e3", undefined],
      ["5 %", undefined],
      ["%", undefined],
      ["", undefined],
      ["9".repeat(16), undefined],
    ] as const)
      assert.deepStrictEqual(parseMaxBad(text), maxBad, text)
  })

  it.effect("a format is found in any case", () =>
    Effect.gen(function* () {
      const names = formats.map(({ name }) => name)
      assert.deepStrictEqual(yield* told({ format: "xml" }), [
        `--format: unknown format "xml". Known: ${names.join(", ")}.`,
      ])
      const { run, tasks: found } = yield* withFiles(aesir)(
        resolve({ tasks: ["AesirRoleplayTask"], format: "ShareGPT" }, [], (format) => ({ ...format, name: "shown" })),
      )
      assert.strictEqual(run.format, "sharegpt")
      assert.strictEqual(found[0]?.parts.format.name, "shown")
    }),
  )

  it.effect("of the caller's own that are wrong are told with the others", () =>
    Effect.gen(function* () {
      const problems = [{ path: "--output-file", message: "no folder" }]
      const error = yield* withFiles({})(
        Effect.flip(resolve({ tasks: ["AesirRoleplayTask"], format: "sharegpt", seed: 0.5 }, problems)),
      )
      assert.strictEqual(error.message, "--seed: 0.5 is no whole number\n--output-file: no folder")
    }),
  )

  it.effect("counters of an app's own are no work for other threads, unless nothing is counted", () =>
    Effect.gen(function* () {
      const own = Tokenizer.layerOf({ estimate: () => 1 })
      const portable = (spec: Spec) =>
        resolved(spec).pipe(
          Effect.map((run) => run.portable),
          Effect.provide(own),
          withFiles(aesir),
        )
      assert.isTrue(yield* portable({}))
      assert.isFalse(yield* portable({ maxLength: 10 }))
      assert.isFalse(yield* portable({ tokenizer: "estimate" }))
    }),
  )
})

describe("the config of a run", () => {
  it.effect("that cannot be read is told with the settings, and nothing that would follow from it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* told({ tasks: ["Mine"], seed: 0.1, config: { text: "Mine: {\nplugins: [5]", file: "dir/c.yml" } }),
        [
          "dir/c.yml:2:1: not valid YAML: Flow map in block collection must be sufficiently indented and end with a }",
          "--seed: 0.1 is no whole number",
        ],
      )
    }),
  )

  it.effect("gives every selected task its job, in the order they are selected", () =>
    Effect.gen(function* () {
      const { tasks: found } = yield* withFiles({
        ...aesir,
        ...airoboros,
        "own/a.jsonl": "",
        "own/b.jsonl": "",
      })(
        resolved({
          tasks: ["Mine", "AiroborosInstructionFollowingTask", "AesirRoleplayTask"],
          config: {
            defaults: { filters: ["ExactDedupFilter"] },
            AesirRoleplayTask: { filters: [], share: 0.5 },
            AiTownRoleplayTask: {},
            Mine: { task: "ShareGptTask", files: "own/*.jsonl" },
          },
        }),
      )
      assert.deepStrictEqual(
        found.map(({ filters: used, job, parts, plan }) => [
          job.key,
          job.severalFiles,
          plan.files.map(({ file }) => file),
          used.map(({ definition }) => definition),
          parts.filters.length,
          parts.task.name,
          parts.dataset.name,
        ]),
        [
          [
            "Mine",
            true,
            ["own/a.jsonl", "own/b.jsonl"],
            filters.filter(({ name }) => name === "ExactDedupFilter"),
            1,
            "ShareGptTask",
            "files",
          ],
          [
            "AiroborosInstructionFollowingTask",
            false,
            ["airoboros/instructions.jsonl"],
            filters.filter(({ name }) => name === "ExactDedupFilter"),
            1,
            "AiroborosInstructionFollowingTask",
            "airoboros",
          ],
          ["AesirRoleplayTask", false, ["aesir/aesir-rpg-charcards.json"], [], 0, "AesirRoleplayTask", "aesir"],
        ],
      )
    }),
  )

  it.effect("C-13: a folder of its own is where a task reads", () =>
    Effect.gen(function* () {
      const { tasks: found } = yield* withFiles({ "else/where/x.json": "[]" })(
        resolved({ config: { AesirRoleplayTask: { folder: "else", files: ["**/*.json"] } } }),
      )
      assert.deepStrictEqual(
        found[0]?.plan.files.map(({ file }) => file),
        ["else/where/x.json"],
      )
    }),
  )
})

describe("datasets of a run", () => {
  it.effect("that are missing are all told in one error", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const error = yield* Effect.flip(
        resolved({
          tasks: ["AiTownRoleplayTask", "AesirRoleplayTask", "Mine", "Again", "AiroborosInstructionFollowingTask"],
          config: {
            Mine: { task: "ShareGptTask", files: ["a.jsonl", "b/*.json"], folder: "own" },
            Again: { task: "AiTownRoleplayTask" },
          },
        }),
      )
      assert.instanceOf(error, DatasetError)
      assert.strictEqual(
        error.message,
        `no raw data for dataset "aitown": expected conversations.jsonl in ${root}/ai_town. ` +
          'Put the files there, or name another place with --data-folder, TOOLBOX_DATA_FOLDER or "folder:" in the ' +
          `config. Missing as well: "files" (a.jsonl or b/*.json in ${root}/own), ` +
          `"airoboros" (instructions.jsonl in ${root}/airoboros).\n` +
          `to fetch it, add --download, or run: data-toolbox download aitown airoboros --data-folder ${root}`,
      )
      const { dataset, expected, folder, reason } = error
      assert.deepStrictEqual(
        { dataset, expected, folder, reason },
        { dataset: "aitown", expected: ["conversations.jsonl"], folder: `${root}/ai_town`, reason: "NotFound" },
      )
    }).pipe(withFiles(aesir)),
  )

  it.effect("one that is missing is told alone, once", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const error = yield* Effect.flip(
        resolved({ tasks: ["AesirRoleplayTask", "Mine"], config: { Mine: { task: "AesirRoleplayTask" } } }),
      )
      assert.strictEqual(
        error.message,
        `no raw data for dataset "aesir": expected aesir-rpg-charcards.json in ${root}/aesir. Put the files there, ` +
          'or name another place with --data-folder, TOOLBOX_DATA_FOLDER or "folder:" in the config.',
      )
    }).pipe(withFiles({})),
  )

  it.effect("do not lie outside the data folder", () =>
    Effect.gen(function* () {
      for (const folder of ["..", "../x", "/etc", "a/../../b"]) {
        const error = yield* Effect.flip(resolved({ config: { AesirRoleplayTask: { folder } } }))
        assert.instanceOf(error, DatasetError)
        assert.strictEqual(error.detail, `The folder "${folder}" lies outside the data folder.`)
      }
    }).pipe(withFiles(aesir)),
  )

  it.effect("that an app provides take the place of the package's", () =>
    Effect.gen(function* () {
      const { tasks: found } = yield* resolved({ tasks: ["AiroborosInstructionFollowingTask"] }).pipe(
        Effect.provide(Datasets.Airoboros.layerRecords([{ instruction: "Hi?", response: "Hi." }])),
        withFiles({}),
      )
      assert.deepStrictEqual(found[0]?.plan.files, [])
      assert.isFalse(found[0]?.job.severalFiles)
    }),
  )
})

describe("the plug-ins of a run", () => {
  const filter = (name: string) => `{ name: "${name}", judge: () => () => undefined }`
  const own = {
    "aesir/aesir-rpg-charcards.json": "[]",
    "diary/a.jsonl": "",
    "conf/own.mjs": `
      export const datasets = [{ name: "diary", decode: (value) => value }]
      export const tasks = [{
        name: "DiaryTask", dataset: "diary", open: () => ({ id: () => "0", episodes: () => ({ turns: [] }) })
      }]
      export const filters = [${filter("OwnFilter")}]
      export const formats = [{ name: "own", encode: () => [] }]
    `,
    "conf/clash.mjs": `
      export const datasets = [{ name: "aesir", decode: (value) => value }]
      export const tasks = [{
        name: "AlpacaTask", dataset: "aesir", open: () => ({ id: () => "0", episodes: () => ({ turns: [] }) })
      }]
      export const filters = [${filter("RefusalFilter")}, ${filter("OtherFilter")}, ${filter("OwnFilter")}]
      export const formats = [{ name: "ShareGPT", encode: () => [] }]
    `,
    "conf/broken.mjs": "throw new Error('not today')",
    "conf/shape.mjs": `export const filters = [{ name: "A" }]`,
  }

  it.effect("are found beside the config, and what they define is known like any other", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const text = "plugins: [own.mjs]\nDiaryTask: { filters: [OwnFilter] }\nMine: { task: DiaryTask }"
      const {
        plugins,
        run,
        tasks: found,
      } = yield* resolved({
        tasks: ["DiaryTask", "Mine"],
        format: "OWN",
        config: { text, file: join(root, "conf/c.yml") },
      })
      assert.deepStrictEqual(
        plugins.map(({ path }) => path),
        [join(root, "conf/own.mjs")],
      )
      assert.strictEqual(run.format, "own")
      assert.deepStrictEqual(
        found.map(({ filters: used, job, plan }) => [job.prefix, used.length, plan.files.map(({ file }) => file)]),
        [
          ["diary", 1, ["diary/a.jsonl"]],
          ["Mine", 0, ["diary/a.jsonl"]],
        ],
      )
    }).pipe(withFiles(own)),
  )

  it.effect("that cannot be loaded are told where the config names them, in the order of the file", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const text = `
AesirRoleplayTask: { filters: [AFilter] }
plugins:
  - 5
  - missing.mjs
  - broken.mjs
  - shape.mjs
AiTownRoleplayTask: { share: 2 }
`
      const file = join(root, "conf/c.yml")
      const error = yield* Effect.flip(resolved({ config: { text, file }, seed: 0.5 }))
      assert.deepStrictEqual(error.message.replaceAll(`${root}/conf/`, "").split("\n"), [
        'c.yml:2:32: AesirRoleplayTask.filters[0]: unknown filter "AFilter". Did you mean "AppleFilter"?',
        "c.yml:4:5: plugins[0]: expected the file of a module, got 5",
        "c.yml:5:5: plugins[1]: missing.mjs: there is no such file",
        "c.yml:6:5: plugins[2]: broken.mjs: not today",
        'c.yml:7:5: plugins[3]: shape.mjs: filters[0]: expected either "judge" or "memory"',
        "c.yml:8:30: AiTownRoleplayTask.share: expected a number between 0 and 1, got 2",
        "--seed: 0.5 is no whole number",
      ])
    }).pipe(withFiles(own)),
  )

  it.effect("cannot take names that there are: the package's, or another plug-in's", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const file = join(root, "conf/c.yml")
      const error = yield* Effect.flip(resolved({ config: { text: "plugins: [own.mjs, clash.mjs]", file } }))
      assert.deepStrictEqual(error.message.replaceAll(`${root}/conf/`, "").split("\n"), [
        'c.yml:1:20: plugins[1]: clash.mjs: there is a dataset "aesir" already',
        'c.yml:1:20: plugins[1]: clash.mjs: there is a task "AlpacaTask" already',
        'c.yml:1:20: plugins[1]: clash.mjs: there is a filter "RefusalFilter" already',
        'c.yml:1:20: plugins[1]: clash.mjs: there is a filter "OwnFilter" already',
        'c.yml:1:20: plugins[1]: clash.mjs: there is a format "ShareGPT" already',
      ])
    }).pipe(withFiles(own)),
  )

  it.effect("of a config that an app gives as a value lie relative to the working folder", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* told({ config: { plugins: ["./nothing-here.mjs"] } }), [
        `plugins[0]: ${join(process.cwd(), "nothing-here.mjs")}: there is no such file`,
      ])
    }),
  )
})

describe("files to write", () => {
  const files = {
    ...aesir,
    "c.yml": "plugins: [own.mjs]",
    "own.mjs": "export const filters = [{ name: 'A', judge: () => () => undefined }]",
  }

  /** What is told of targets, with the data folder as `~`. */
  const problems = (targets: (root: string) => ReadonlyArray<readonly [string, string]>) =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      const config = { text: files["c.yml"], file: join(root, "c.yml") }
      const run = yield* resolved({ config })
      const result = yield* Effect.either(checkTargets(targets(root), run, config.file))
      return result._tag === "Right" ? [] : result.left.message.replaceAll(root, "~").split("\n")
    })

  it.effect("are refused where they are an input, the config or a plug-in, under any of their names", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      yield* Effect.promise(async () => {
        await mkdir(join(root, "links"))
        await symlink(join(root, "aesir"), join(root, "links/aesir"))
        await symlink(join(root, "c.yml"), join(root, "links/c"))
      })
      const told = yield* problems(() => [
        ["--output-file", join(root, "aesir/../aesir/aesir-rpg-charcards.json")],
        ["--ledger", join(root, "c.yml")],
        ["--manifest", join(root, "own.mjs")],
        ["--other", join(root, "links/aesir/aesir-rpg-charcards.json")],
        ["--more", join(root, "links/c")],
      ])
      const input = "is an input of this run"
      assert.deepStrictEqual(told, [
        `--output-file: "~/aesir/aesir-rpg-charcards.json" ${input} (aesir/aesir-rpg-charcards.json); choose another name`,
        `--ledger: "~/c.yml" ${input} (~/c.yml); choose another name`,
        `--manifest: "~/own.mjs" ${input} (~/own.mjs); choose another name`,
        `--other: "~/links/aesir/aesir-rpg-charcards.json" ${input} (aesir/aesir-rpg-charcards.json); choose another name`,
        '--other: "~/links/aesir/aesir-rpg-charcards.json" is written by --output-file already',
        `--more: "~/links/c" ${input} (~/c.yml); choose another name`,
        '--more: "~/links/c" is written by --ledger already',
      ])
    }).pipe(withFiles(files)),
  )

  it.effect("are refused where two are one", () =>
    Effect.gen(function* () {
      const told = yield* problems((root) => [
        ["--output-file", join(root, "out.jsonl")],
        ["--ledger", join(root, "aesir/../out.jsonl")],
        ["--manifest", join(root, "nowhere/out.jsonl")],
      ])
      assert.deepStrictEqual(told, ['--ledger: "~/out.jsonl" is written by --output-file already'])
    }).pipe(withFiles(files)),
  )

  it.effect("may be new, there already, or the standard output", () =>
    Effect.gen(function* () {
      const { root } = yield* DataFolder
      yield* Effect.promise(() => writeFile(join(root, "old.jsonl"), "old"))
      const told = yield* problems(() => [
        ["--output-file", "-"],
        ["--ledger", join(root, "old.jsonl")],
        ["--manifest", join(root, "aesir/new.json")],
      ])
      assert.deepStrictEqual(told, [])
    }).pipe(withFiles(files)),
  )
})

describe("tasks of an app's own", () => {
  it.effect("stand among the package's, with their own datasets and options", () =>
    Effect.gen(function* () {
      const dataset = Datasets.define({ name: "notes", schema: Schema.Struct({ text: Schema.String }) })
      const task = Task.define({
        name: "NotesTask",
        dataset,
        options: { least: Schema.optionalWith(Schema.Number, { default: () => 5 }) },
        open: () => ({ id: (_record, unit) => unit, episodes: () => ({ turns: [] }) }),
      })
      const { tasks: found } = yield* resolved({ tasks: ["NotesTask"] }).pipe(
        Effect.provide(Layer.provideMerge(Task.layer(task), services({ "notes/a.jsonl": "" }))),
      )
      assert.strictEqual(found[0]?.parts.task, task)
      assert.deepStrictEqual(found[0]?.job.options, { least: 5 })
      assert.strictEqual(found[0]?.job.prefix, "notes")
    }),
  )
})

import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { EpisodeDraft, FormatDefinition, Plugin, TaskDefinition } from "../../src/domain/Component.ts"
import { commonTokens } from "../../src/domain/RoleTokens.ts"
import { Airoboros } from "../../src/layers/datasets/Airoboros.ts"
import { layer, loadPlugin } from "../../src/layers/Plugins.ts"
import { Plugins } from "../../src/services/Plugins.ts"
import { linesInput } from "../support/inputs.ts"
import { openTask, readSlice } from "./harness.ts"

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-toolbox-plugins-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

let written = 0

/** Loads a module of this text. */
const load = (text: string, name = `plugin${written++}.mjs`) =>
  Effect.gen(function* () {
    const path = join(folder, name)
    yield* Effect.promise(() => writeFile(path, text))
    return yield* (yield* Plugins).load(path)
  }).pipe(Effect.provide(layer))

const pluginOf = (text: string, name?: string): Effect.Effect<Required<Plugin>, string> =>
  Effect.map(load(text, name), ({ plugin }) => plugin as Required<Plugin>)

const told = (text: string): Effect.Effect<string | undefined> =>
  Effect.map(Effect.either(load(text)), (result) => (Either.isLeft(result) ? result.left : undefined))

const task = (more: string): string => `export const tasks = [{
  name: "OwnTask", dataset: "airoboros", open: () => ({ id: () => "0", episodes: () => ({ turns: [] }) }), ${more}
}]`

const format = (more: string): string => `export const formats = [{ name: "own", encode: () => [], ${more} }]`

const filter = (more: string): string => `export const filters = [{ name: "OwnFilter", ${more} }]`

const dataset = (more: string): string => `export const datasets = [{ name: "own", ${more} }]`

describe("a plug-in", () => {
  it.effect("may be named exports of plain definitions; what they leave out is filled in", () =>
    Effect.gen(function* () {
      const plugin = yield* pluginOf(`
        export const helper = 5
        export const datasets = [{ name: "diary", decode: (value) => typeof value.text === "string" ? value : undefined }]
        export const tasks = [{
          name: "DiaryTask",
          dataset: "diary",
          open: () => ({
            id: (_record, unit) => unit,
            episodes: (record) => ({ turns: [{ kind: "user", text: "?" }, { kind: "model", text: record.text }] })
          })
        }]
        export const filters = [{ name: "NoFilter", judge: () => () => undefined }]
        export const formats = [{ name: "plain", encode: ({ turns }) => [{ turns }] }]
      `)
      const [diary] = plugin.datasets
      const [diaryTask] = plugin.tasks
      assert.deepInclude(diary, { name: "diary", description: "", folder: "diary", reader: "auto" })
      assert.deepStrictEqual(diary?.files, [
        "*.jsonl",
        "*.json",
        "*.csv",
        "*.parquet",
        "*.jsonl.gz",
        "*.json.gz",
        "*.csv.gz",
      ])
      assert.strictEqual(diaryTask?.dataset, diary)
      assert.deepInclude(diaryTask as TaskDefinition, {
        name: "DiaryTask",
        description: "",
        prefix: "diary",
        clean: "chat",
        placeholders: [],
        suggestedFilters: [],
      })
      assert.deepInclude(plugin.filters[0], { name: "NoFilter", description: "" })
      assert.deepInclude(plugin.formats[0] as FormatDefinition, {
        name: "plain",
        description: "",
        container: "jsonl",
        trainers: [],
        roleTokens: commonTokens,
      })
      assert.strictEqual(plugin.formats[0]?.lengthText({ kind: "user", text: "Hi." }), "Hi.")
    }),
  )

  it.effect("reads its own dataset by decode: what that refuses is bad", () =>
    Effect.gen(function* () {
      const plugin = yield* pluginOf(
        dataset('decode: (value) => typeof value.text === "string" ? value.text : undefined'),
      )
      const own = plugin.datasets[0] as NonNullable<(typeof plugin.datasets)[0]>
      const read = readSlice(own, linesInput("a.jsonl", '{"text":"one"}\n{"txt":"two"}\n'))
      assert.deepStrictEqual(
        read.records.map(({ record }) => record),
        ["one"],
      )
      assert.deepStrictEqual(
        read.bad.map(({ reason, place }) => [reason, place.line]),
        [["MalformedRecord", 2]],
      )
    }),
  )

  it.effect("may be a default export, in place of the named ones", () =>
    Effect.gen(function* () {
      const text = 'export const filters = 5\nexport default { filters: [{ name: "A", judge: () => () => undefined }] }'
      assert.deepStrictEqual(
        (yield* pluginOf(text)).filters.map(({ name }) => name),
        ["A"],
      )
    }),
  )

  it.effect("may be a CommonJS module", () =>
    Effect.gen(function* () {
      const text = 'module.exports = { filters: [{ name: "A", judge: () => () => undefined }] }'
      assert.deepStrictEqual(
        (yield* pluginOf(text, "common.cjs")).filters.map(({ name }) => name),
        ["A"],
      )
    }),
  )

  it.effect("may be a function that receives all it needs, and one that answers later", () =>
    Effect.gen(function* () {
      const body = `({
        Schema, bad, dataset, hints, model, placeholders, skip, system, user
      }) => ({
        tasks: [{
          name: "SizedTask",
          prefix: "sized",
          dataset: dataset("airoboros"),
          options: { least: Schema.optionalWith(Schema.Number, { default: () => 3 }) },
          placeholders: placeholders.filter((name) => name === "user"),
          open: ({ options }) => ({
            id: (_record, unit) => unit,
            episodes: (record) =>
              record.length === 0 ? bad("empty")
              : record.length < options.least ? skip("short", hints.join())
              : { turns: [system("Be."), user(record), model("Yes.")] }
          })
        }]
      })`
      for (const text of [`export default ${body}`, `export default async ${body}`]) {
        const [made] = (yield* pluginOf(text)).tasks as readonly [TaskDefinition]
        assert.strictEqual(made.dataset, Airoboros)
        assert.deepStrictEqual(made.placeholders, ["user"])
        const run = openTask(made)
        assert.deepStrictEqual(run("").result, { skip: "empty", bad: true })
        assert.deepStrictEqual(run("ab").result, { skip: "short", detail: "response_style_str,response_length_str" })
        assert.deepStrictEqual((run("abc").result as EpisodeDraft).turns, [
          { kind: "system", text: "Be." },
          { kind: "user", text: "abc" },
          { kind: "model", text: "Yes." },
        ])
        assert.deepStrictEqual(run("abc").id, "sized-0")
      }
    }),
  )

  it.effect("may give a dataset inside a task: the same one for tasks that name it so", () =>
    Effect.gen(function* () {
      const open = "open: () => ({ id: () => '0', episodes: () => ({ turns: [] }) })"
      const plugin = yield* pluginOf(`
        const diary = { name: "diary", files: ["*.txt.jsonl"], decode: (value) => value }
        export const tasks = [
          { name: "One", dataset: diary, ${open} },
          { name: "Two", dataset: diary, ${open} },
          { name: "Three", dataset: "diary", ${open} },
        ]
      `)
      assert.strictEqual(plugin.datasets.length, 1)
      assert.deepStrictEqual(plugin.datasets[0]?.files, ["*.txt.jsonl"])
      for (const { dataset: own } of plugin.tasks) assert.strictEqual(own, plugin.datasets[0])
    }),
  )

  it.effect("is loaded once: every caller gets the same definitions, with the digest of their text", () =>
    Effect.gen(function* () {
      const text = filter("judge: () => () => undefined")
      const first = yield* load(text, "once.mjs")
      assert.deepInclude(first, {
        path: join(folder, "once.mjs"),
        bytes: text.length,
        sha256: createHash("sha256").update(text).digest("hex"),
      })
      // The module stays what it was for this process, and so does its digest.
      const second = yield* load(text.replace("OwnFilter", "NewFilter"), "once.mjs")
      assert.strictEqual(second.plugin, first.plugin)
      assert.strictEqual(second.sha256, first.sha256)
      assert.strictEqual(yield* Effect.promise(() => loadPlugin(first)), first.plugin)
      const other = yield* Effect.flip(
        Effect.tryPromise(() => loadPlugin({ path: first.path, sha256: "0".repeat(64) })),
      )
      assert.match(String(other.cause), /changed during the run; run again/)
    }),
  )

  it.effect("that was not there can be loaded once it is", () =>
    Effect.gen(function* () {
      const path = join(folder, "later.mjs")
      const missing = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(Plugins, (plugins) => plugins.load(path)),
          layer,
        ),
      )
      assert.strictEqual(missing, "there is no such file")
      const { plugin } = yield* load(filter("judge: () => () => undefined"), "later.mjs")
      assert.strictEqual(plugin.filters?.length, 1)
    }),
  )

  it.effect("that is a folder, no JavaScript, throws, or lacks an import is told", () =>
    Effect.gen(function* () {
      yield* Effect.promise(() => mkdir(join(folder, "folder.mjs")))
      const isFolder = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(Plugins, (plugins) => plugins.load(join(folder, "folder.mjs"))),
          layer,
        ),
      )
      assert.strictEqual(isFolder, "it is a folder")
      assert.match((yield* told("export const tasks = [")) ?? "", /Unexpected|Expression expected|Parse/)
      assert.strictEqual(yield* told('throw new Error("not today")'), "not today")
      assert.strictEqual(yield* told('throw "a text"'), "a text")
      assert.strictEqual(yield* told('export default () => { throw new Error("nor now") }'), "nor now")
      assert.match((yield* told('import "./nowhere.mjs"')) ?? "", /nowhere\.mjs/)
    }),
  )

  it.effect("asks the api for datasets that there are", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* told('export default ({ dataset }) => ({ tasks: [{ dataset: dataset("airoboro") }] })'),
        'no dataset is called "airoboro". Did you mean "airoboros"?',
      )
      assert.strictEqual(
        yield* told(task('dataset: "teatimes"')),
        'no dataset is called "teatimes". Did you mean "teatime"?',
      )
    }),
  )
})

describe("a plug-in of the wrong shape", () => {
  const kinds = 'expected definitions under "datasets", "tasks", "filters", "formats"'
  const name = "expected a name of letters, digits, dots and dashes"
  for (const [says, text, message] of [
    ["nothing", "", kinds],
    ["other names", "export const task = {}", kinds],
    ["null", "export default null", kinds],
    ["a number", "export default 5", kinds],
    ["a list", "export default []", kinds],
    ["a function of nothing", "export default () => undefined", kinds],
    ["no list", "export const tasks = {}", "tasks: expected a list of definitions"],
    ["a list of names", 'export const filters = ["A"]', "filters: expected a list of definitions"],
    ["a null in a list", "export const formats = [null]", "formats: expected a list of definitions"],
    ["a task without a name", task("name: undefined"), `tasks[0].name: ${name}`],
    ["a task of an empty name", task('name: ""'), `tasks[0].name: ${name}`],
    ["a task whose name has a comma", task('name: "a,b"'), `tasks[0].name: ${name}`],
    ["a task without open", task("open: undefined"), "tasks[0].open: expected a function"],
    ["a task that opens nothing", task("open: {}"), "tasks[0].open: expected a function"],
    ["a task of no dataset", task("dataset: undefined"), "tasks[0].dataset: expected a dataset, or the name of one"],
    ["a task of a numbered dataset", task("dataset: 5"), "tasks[0].dataset: expected a dataset, or the name of one"],
    [
      "a task of an unfinished dataset",
      task('dataset: { name: "own" }'),
      'tasks[0].dataset: expected a function "open" or "decode"',
    ],
    ["a task of a nameless dataset", task("dataset: { decode: () => 1 }"), `tasks[0].dataset.name: ${name}`],
    ["an unknown clean set", task('clean: "some"'), 'tasks[0].clean: expected "original" or "chat" or "off"'],
    ["a prefix that is no text", task("prefix: 5"), `tasks[0].prefix: ${name}`],
    [
      "unknown placeholders",
      task('placeholders: ["name"]'),
      "tasks[0].placeholders: expected a list of some of char, user, persona, characters, content_type_str",
    ],
    ["filters that are no list", task('suggestedFilters: "A"'), "tasks[0].suggestedFilters: expected a list of text"],
    [
      "options that are no Schema",
      task("options: { least: 5 }"),
      "tasks[0].options: expected a Schema for each option",
    ],
    ["reasons that are no texts", task("reasons: { none: 1 }"), "tasks[0].reasons: expected a text for each reason"],
    ["a misspelt key", task("option: {}"), 'tasks[0].option: unknown key. Did you mean "options"?'],
    ["a filter that does nothing", filter(""), 'filters[0]: expected either "judge" or "memory"'],
    [
      "a filter of both kinds",
      filter("judge: () => () => undefined, memory: {}"),
      'filters[0]: expected either "judge" or "memory"',
    ],
    ["a judge that is no function", filter("judge: 5"), "filters[0].judge: expected a function"],
    ["a memory without parts", filter("memory: {}"), 'filters[0].memory: expected functions "fingerprint" and "open"'],
    [
      "a memory that cannot open",
      filter("memory: { fingerprint: () => () => new Uint8Array() }"),
      'filters[0].memory: expected functions "fingerprint" and "open"',
    ],
    ["a format that encodes nothing", format("encode: undefined"), "formats[0].encode: expected a function"],
    ["an unknown container", format('container: "csv"'), 'formats[0].container: expected "jsonl" or "array"'],
    ["one role token", format('roleTokens: "<s>"'), "formats[0].roleTokens: expected a list of text"],
    ["a dataset that reads nothing", dataset(""), 'datasets[0]: expected a function "open" or "decode"'],
    ["a decode that is no function", dataset("decode: 5"), "datasets[0].decode: expected a function"],
    ["files that are text", dataset('decode: () => 1, files: "*.json"'), "datasets[0].files: expected a list of text"],
    [
      "an unknown reader",
      dataset('decode: () => 1, reader: "xml"'),
      'datasets[0].reader: expected "jsonl" or "json" or "csv" or "parquet" or "files" or "auto"',
    ],
    ["a schema that is none", dataset("decode: () => 1, schema: {}"), "datasets[0].schema: expected a Schema"],
    [
      "a second definition that is wrong",
      'export const filters = [{ name: "A", judge: () => () => undefined }, { name: "B" }]',
      'filters[1]: expected either "judge" or "memory"',
    ],
  ] as const) {
    it.effect(`is told: ${says}`, () => Effect.map(told(text), (found) => assert.strictEqual(found, message)))
  }
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { readFileSync } from "node:fs"
import { filters } from "../../src/layers/filters/All.ts"
import { tasks } from "../../src/layers/tasks/All.ts"
import * as Config from "../../src/programs/Config.ts"
import { configSchema, optionsSchema } from "../../src/programs/ConfigSchema.ts"
import { all, isObject, type Json, resolveIn, validatorOf } from "../support/jsonSchema.ts"

const root = configSchema(tasks, filters)

const accepts = validatorOf(root)

const resolveRef = resolveIn(root)

const checks = (value: unknown): boolean =>
  Config.resolveConfig(Config.fromValue(value), { tasks, filters }, []).problems.length === 0

/** Every schema inside the schema; what stands under `properties` and `$defs` are names, not keywords. */
const schemasIn = (schema: Json): ReadonlyArray<Json> => [
  schema,
  ...Object.entries(schema).flatMap(([keyword, given]) => {
    // A default is a value.
    if (keyword === "default") return []
    const inside = keyword === "properties" || keyword === "$defs" ? Object.values(given as Json) : [given].flat()
    return inside.filter(isObject).flatMap(schemasIn)
  }),
]

describe("the JSON Schema of the config", () => {
  it("accepts the samples' config, as the check does", () => {
    const text = readFileSync(new URL("../../samples/config.yml", import.meta.url), "utf8")
    const { config, problems } = Config.parse(text, "config.yml")
    assert.deepStrictEqual(problems, [])
    assert.isTrue(checks(config.value))
    assert.isTrue(accepts(config.value))
  })

  it("says of every option what it is for, and of those that have one the default", () => {
    const silent = schemasIn(root).flatMap((schema) =>
      schema === root || !isObject(schema["properties"]) || "allOf" in schema
        ? []
        : Object.entries(schema["properties"])
            .filter(([, option]) => isObject(option) && typeof option["description"] !== "string")
            .map(([name]) => name),
    )
    // Options of a filter stand under its name, and the name of a task may be given in a section of another name.
    const names = new Set([...filters.map(({ name }) => name), "task"])
    assert.deepStrictEqual(
      silent.filter((name) => !names.has(name)),
      [],
    )
    const { properties } = optionsSchema(filters.find(({ name }) => name === "SimilarityFilter")?.options ?? {})
    assert.deepStrictEqual(
      Object.values(properties).map((option) => option["default"]),
      [0.6, 0.5, 2, "neighbours"],
    )
  })

  for (const [says, value] of [
    ["an empty config", {}],
    ["a config that is null", null],
    ["top keys that are null", { defaults: null, plugins: null, AesirRoleplayTask: null }],
    ["one plug-in as text", { plugins: "./a.mjs" }],
    ["plug-ins in a list", { plugins: ["./a.mjs", "b.mjs"] }],
    ["default filters", { defaults: { filters: ["ExactDedupFilter", { RefusalFilter: { minHits: 2 } }] } }],
    ["no filters", { AesirRoleplayTask: { filters: [] }, AiTownRoleplayTask: { filters: null } }],
    ["a filter without options", { AesirRoleplayTask: { filters: [{ RefusalFilter: null }, { AppleFilter: {} }] } }],
    ["a task under another name", { Mine: { task: "ShareGptTask", files: "a.jsonl", pool: "assistant" } }],
    ["a prompt as text", { AesirRoleplayTask: { custom_prompts: "Hello." } }],
    ["prompts in a list", { AesirRoleplayTask: { custom_prompts: ["Hello."] } }],
    ["any dataset_name", { AesirRoleplayTask: { dataset_name: ["x"] } }],
    ["single clean flags", { AesirRoleplayTask: { clean: { quotes: false } } }],
    ["names of columns", { RpForumsRoleplayTask: { columns: { title: "subject", author: "who" } } }],
    ["ratings by file", { RpForumsRoleplayTask: { content_type: { "*.csv": "erp" } } }],
  ] as const) {
    it(`accepts what the check accepts: ${says}`, () => {
      assert.isTrue(checks(value))
      assert.isTrue(accepts(value))
    })
  }

  for (const [says, value] of [
    ["a list", []],
    ["an unknown task", { AesirTask: {} }],
    ["a section of another name without a task", { Mine: { share: 1 } }],
    ["an unknown task of a section of another name", { Mine: { task: "Nothing" } }],
    ["an unknown key", { AesirRoleplayTask: { shar: 1 } }],
    ["an unknown key under another name", { Mine: { task: "AesirRoleplayTask", shar: 1 } }],
    ["a key of another task", { AesirRoleplayTask: { remove_ooc: true } }],
    ["a share above 1", { AesirRoleplayTask: { share: 1.5 } }],
    ["an unknown filter", { defaults: { filters: ["NoFilter"] } }],
    ["an unknown option of a filter", { defaults: { filters: [{ RefusalFilter: { hits: 1 } }] } }],
    ["two filters in one entry", { defaults: { filters: [{ RefusalFilter: {}, AppleFilter: {} }] } }],
    ["filters as text", { AesirRoleplayTask: { filters: "ExactDedupFilter" } }],
    ["an unknown key of the defaults", { defaults: { filter: [] } }],
    ["own files that are not named", { ShareGptTask: {} }],
    ["own files without a section", { AlpacaTask: null }],
    ["no files at all", { AesirRoleplayTask: { files: [] } }],
    ["an unknown clean set", { AesirRoleplayTask: { clean: "some" } }],
    ["a count below its least", { defaults: { filters: [{ RefusalFilter: { minHits: 0 } }] } }],
  ] as const) {
    it(`refuses what the check refuses: ${says}`, () => {
      assert.isFalse(checks(value))
      assert.isFalse(accepts(value))
    })
  }

  it("takes null for every key of every task and every option of every filter", () => {
    for (const task of tasks) {
      const own = task.dataset.name === "files" ? { files: "a.jsonl" } : {}
      const nulls = Object.fromEntries(Object.keys(Config.fieldsOf(task)).map((key) => [key, null]))
      assert.isTrue(accepts({ [task.name]: { ...nulls, ...own } }), task.name)
    }
    for (const { name, options = {} } of filters) {
      const nulls = Object.fromEntries(Object.keys(options).map((key) => [key, null]))
      assert.isTrue(accepts({ defaults: { filters: [{ [name]: nulls }] } }), name)
    }
  })

  it("stands on its own: every reference leads to a definition, no part has an address, every object is closed", () => {
    const parts = schemasIn(root)
    assert.isAbove(parts.length, 500)
    const refs = new Set(parts.flatMap((part) => ("$ref" in part ? [part["$ref"] as string] : [])))
    assert.deepStrictEqual(
      [...refs].sort(),
      ["filter", ...tasks.map(({ name }) => name)].map((name) => `#/$defs/${name}`).sort(),
    )
    for (const ref of refs) assert.isTrue(isObject(resolveRef(ref)))
    for (const part of parts) {
      assert.notProperty(part, "$id")
      if (part !== root) assert.notStrictEqual(typeof part["title"], "string")
      // A section of another name is closed by the schema of the task it names.
      if ("properties" in part && "type" in part && part !== root["additionalProperties"])
        assert.property(part, "additionalProperties", JSON.stringify(part))
    }
    assert.deepStrictEqual(JSON.parse(JSON.stringify(root)), root)
  })

  it("describes each task and filter, and closes sections on the keys of their task", () => {
    const defs = root["$defs"] as { readonly [key: string]: Json }
    for (const task of tasks) {
      assert.strictEqual(defs[task.name]?.["description"], task.description)
      assert.deepStrictEqual(
        Object.keys(defs[task.name]?.["properties"] as Json).sort(),
        Object.keys(Config.fieldsOf(task)).sort(),
      )
    }
    assert.deepStrictEqual(
      all(defs["filter"]?.["anyOf"]).flatMap(({ description }) => (description === undefined ? [] : [description])),
      filters.map(({ description }) => description),
    )
  })

  it("accepts whatever the check accepts", () => {
    const words = ["keep", "replace", "off", "chat", "task", "run", "model", "text", "drop", "pool", "x", ""]
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(...words, true, false, null, 0, 0.5, 1, 2, -1),
      fc.constantFrom(...words),
    )
    const value = fc.oneof(
      { weight: 4, arbitrary: leaf },
      fc.array(leaf, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("quotes", "title", "id", "user", "*.csv"), leaf, { maxKeys: 2 }),
    )
    const filter = fc.constantFrom(...filters).chain(({ name, options = {} }) =>
      fc.oneof(
        fc.constant<unknown>(name),
        fc
          .dictionary(fc.constantFrom("roles", ...Object.keys(options)), value, { maxKeys: 2 })
          .map((given) => ({ [name]: given })),
      ),
    )
    const section = fc.constantFrom(...tasks).chain((task) =>
      fc
        .tuple(
          fc.boolean(),
          fc.dictionary(fc.constantFrom(...Object.keys(Config.fieldsOf(task)).filter((key) => key !== "task")), value, {
            maxKeys: 3,
          }),
          fc.option(fc.array(filter, { maxLength: 2 }), { nil: undefined }),
        )
        .map(([own, given, list]) => {
          const files = task.dataset.name === "files" ? { files: ["a.jsonl"] } : {}
          const body = { ...files, ...given, ...(list === undefined ? {} : { filters: list }) }
          return own ? { Mine: { task: task.name, ...body } } : { [task.name]: body }
        }),
    )
    let accepted = 0
    fc.assert(
      fc.property(section, (config) => {
        if (!checks(config)) return
        accepted++
        assert.isTrue(accepts(config), JSON.stringify(config))
      }),
      { numRuns: 500 },
    )
    assert.isAbove(accepted, 50)
  })
})

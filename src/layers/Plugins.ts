/** Loads plug-in modules, the same in the main thread and in workers. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import {
  bad,
  type DatasetDefinition,
  type FilterDefinition,
  type FormatDefinition,
  type Plugin,
  skip,
  type TaskDefinition,
} from "../domain/Component.ts"
import { model, system, user } from "../domain/Conversation.ts"
import { suggestion } from "../domain/Nearest.ts"
import { hints, placeholders } from "../domain/prompts/Placeholders.ts"
import { type LoadedPlugin, Plugins } from "../services/Plugins.ts"
import { datasets } from "./datasets/All.ts"
import { isObject } from "./datasets/Decode.ts"
import * as Datasets from "./Datasets.ts"
import * as Filter from "./Filter.ts"
import * as Format from "./Format.ts"
import * as Task from "./Task.ts"

/** What a plug-in's function receives: enough to write components without importing anything. */
export const api = {
  /** `effect/Schema`, for options. */
  Schema,
  skip,
  bad,
  system,
  user,
  model,
  placeholders,
  hints,
  /** The datasets of the package by name. */
  dataset: (name: string): DatasetDefinition<unknown> => {
    const found = datasets.find((definition) => definition.name === name)
    if (found !== undefined) return found
    const known = datasets.map((definition) => definition.name)
    throw new Error(`no dataset is called "${name}".${suggestion(name, known)}`)
  },
} as const

type Fields = { readonly [key: string]: unknown }

const fail = (what: string): never => {
  throw new Error(what)
}

// -------------------------------------------------------------------------------------------------------------- shapes

/** A test of a part of a definition, and what to say that was expected. */
type Check = readonly [passes: (value: unknown) => boolean, expected: string]

type Shape<A> = { readonly [K in keyof Required<A>]: Check }

const isText = (value: unknown): boolean => typeof value === "string"
const isFunction = (value: unknown): value is (...given: ReadonlyArray<never>) => unknown => typeof value === "function"
const isList = (value: unknown, passes: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(passes)

const oneOf = (...names: ReadonlyArray<string>): Check => [
  (value) => names.includes(value as string),
  names.map((name) => `"${name}"`).join(" or "),
]

/** What a config can name, and an identifier can begin with. */
const name: Check = [
  (value) => typeof value === "string" && /^[\p{L}\p{N}_.-]+$/u.test(value),
  "a name of letters, digits, dots and dashes",
]
const text: Check = [isText, "text"]
const texts: Check = [(value) => isList(value, isText), "a list of text"]
const meanings: Check = [(value) => isObject(value) && Object.values(value).every(isText), "a text for each reason"]
const func: Check = [isFunction, "a function"]
const schema: Check = [Schema.isSchema, "a Schema"]
const options: Check = [
  (value) =>
    isObject(value) &&
    Object.values(value).every((field) => Schema.isSchema(field) || Schema.isPropertySignature(field)),
  "a Schema for each option",
]

const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value)

const isSourceFile = (value: unknown): boolean =>
  isObject(value) &&
  (isText(value["from"]) || (isList(value["from"], isText) && (value["from"] as ReadonlyArray<unknown>).length > 0)) &&
  isTextOrAbsent(value["as"]) &&
  isTextOrAbsent(value["sha256"]) &&
  (value["bytes"] === undefined || Number.isSafeInteger(value["bytes"]))

const source: Check = [
  (value) =>
    isObject(value) &&
    isTextOrAbsent(value["license"]) &&
    (value["kind"] === "own"
      ? isText(value["shape"])
      : value["kind"] === "hub"
        ? isText(value["repo"]) && isTextOrAbsent(value["revision"]) && isList(value["files"], isSourceFile)
        : value["kind"] === "url" && isList(value["files"], isSourceFile)),
  'kind "hub" with repo and files, kind "url" with files, or kind "own" with shape',
]

const datasetShape: Shape<DatasetDefinition & { readonly decode: unknown }> = {
  name,
  description: text,
  homepage: text,
  source,
  folder: text,
  files: texts,
  reader: oneOf("jsonl", "json", "csv", "parquet", "files", "auto"),
  options,
  schema,
  decode: func,
  groupOf: func,
  countKey: func,
  sideInput: func,
  open: func,
}

const taskShape: Shape<Omit<TaskDefinition, "dataset">> = {
  name,
  description: text,
  prefix: name,
  options,
  clean: oneOf("original", "chat", "off"),
  anonymize: [(value) => typeof value === "boolean", "true or false"],
  placeholders: [
    (value) => isList(value, (one) => placeholders.includes(one as (typeof placeholders)[number])),
    `a list of some of ${placeholders.join(", ")}`,
  ],
  suggestedFilters: texts,
  reasons: meanings,
  open: func,
}

const filterShape: Shape<FilterDefinition> = {
  name,
  description: text,
  reasons: meanings,
  options,
  check: func,
  load: func,
  files: func,
  checkFiles: func,
  judge: func,
  scores: [
    (value) =>
      isList(
        value,
        (one) =>
          isObject(one) &&
          isText(one["option"]) &&
          isText(one["label"]) &&
          [one["threshold"], ...[one["of"], one["among"], one["told"]].filter((part) => part !== undefined)].every(
            isFunction,
          ),
      ),
    'a list of objects with "option", "label" and the function "threshold"',
  ],
  memory: [
    (value) => isObject(value) && isFunction(value["fingerprint"]) && isFunction(value["open"]),
    'functions "fingerprint" and "open"',
  ],
}

const formatShape: Shape<FormatDefinition> = {
  name,
  description: text,
  container: oneOf("jsonl", "array"),
  trainers: texts,
  roleTokens: texts,
  lengthText: func,
  tokens: func,
  encode: func,
  loss: oneOf("last", "all", "turns"),
  template: oneOf("renders", "trainer"),
  takes: [
    (value) => isObject(value) && Object.values(value).every((one) => typeof one === "boolean"),
    "greeting and alternatives, each true or false",
  ],
  needs: [
    (value) => isList(value, (one) => one === "template" || one === "tokenizer"),
    'a list of "template" and "tokenizer"',
  ],
  open: func,
}

/** Throws at the first part of a definition that is not what it should be; these parts must be there. */
const check = <A extends Fields>(given: A, where: string, shape: Fields, required: ReadonlyArray<string>): A => {
  const known = Object.keys(shape)
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) fail(`${where}.${key}: unknown key.${suggestion(key, known)}`)
  }
  for (const [key, [passes, expected]] of Object.entries(shape as { readonly [key: string]: Check })) {
    if (given[key] === undefined ? required.includes(key) : !passes(given[key]))
      fail(`${where}.${key}: expected ${expected}`)
  }
  return given
}

// --------------------------------------------------------------------------------------------------------- definitions

/** A dataset may give `decode(value) -> record | undefined` in place of `schema` and `open`. */
const datasetOf = (given: Fields, where: string): DatasetDefinition<unknown> => {
  if (given["open"] === undefined && given["decode"] === undefined)
    fail(`${where}: expected a function "open" or "decode"`)
  const checked = check(given, where, datasetShape, ["name"]) as unknown as DatasetDefinition<unknown>
  return Datasets.define({ ...checked, schema: checked.schema ?? Schema.Unknown })
}

/** `find` answers a dataset by its name, or makes one of a definition. */
const taskOf = (
  { dataset, ...given }: Fields,
  where: string,
  find: (dataset: unknown, where: string) => DatasetDefinition<unknown>,
): TaskDefinition => {
  const checked = check(given, where, taskShape, ["name", "open"]) as unknown as Omit<TaskDefinition, "dataset">
  return Task.define({ ...checked, dataset: find(dataset, `${where}.dataset`) })
}

const filterOf = (given: Fields, where: string): FilterDefinition => {
  if ((given["judge"] === undefined) === (given["memory"] === undefined))
    fail(`${where}: expected either "judge" or "memory"`)
  return Filter.define(check(given, where, filterShape, ["name"]) as unknown as FilterDefinition)
}

const formatOf = (given: Fields, where: string): FormatDefinition =>
  Format.define(check(given, where, formatShape, ["name", "encode"]) as unknown as FormatDefinition)

const kinds = ["datasets", "tasks", "filters", "formats"] as const

/** Checks what a module gives, and fills what may be left out. Throws with what is wrong. */
const normalise = (given: unknown): Plugin => {
  if (!isObject(given) || !kinds.some((kind) => given[kind] !== undefined))
    return fail(`expected definitions under ${kinds.map((kind) => `"${kind}"`).join(", ")}`)
  const listOf = <A>(kind: (typeof kinds)[number], make: (one: Fields, where: string) => A): Array<A> => {
    const list = given[kind] ?? []
    if (!Array.isArray(list) || !list.every(isObject)) return fail(`${kind}: expected a list of definitions`)
    return (list as ReadonlyArray<Fields>).map((one, i) => make(one, `${kind}[${i}]`))
  }
  const own = listOf("datasets", datasetOf)
  const find = (source: unknown, where: string): DatasetDefinition<unknown> => {
    if (typeof source === "string") return own.find((dataset) => dataset.name === source) ?? api.dataset(source)
    if (!isObject(source)) return fail(`${where}: expected a dataset, or the name of one`)
    const same = (dataset: DatasetDefinition<unknown>): boolean => (dataset as unknown) === source
    const known = own.find((dataset) => dataset.name === source["name"]) ?? datasets.find(same)
    if (known !== undefined) return known
    const made = datasetOf(source, where)
    own.push(made)
    return made
  }
  return {
    tasks: listOf("tasks", (one, where) => taskOf(one, where, find)),
    filters: listOf("filters", filterOf),
    formats: listOf("formats", formatOf),
    datasets: own,
  }
}

// ------------------------------------------------------------------------------------------------------------- modules

const read = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((cause: { readonly code?: unknown }) => {
    if (cause.code === "ENOENT") return fail("there is no such file")
    if (cause.code === "EISDIR") return fail("it is a folder")
    throw cause
  })

const importModule = async (path: string): Promise<LoadedPlugin> => {
  const bytes = await read(path)
  const module = (await import(pathToFileURL(path).href)) as Fields
  const exported = module["default"] ?? module
  const given: unknown = isFunction(exported) ? await (exported as (toolbox: typeof api) => unknown)(api) : exported
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  return { path, bytes: bytes.length, sha256, plugin: normalise(given) }
}

const loaded = new Map<string, Promise<LoadedPlugin>>()

/** Loads a module once: everyone sees the same definitions, and the digest is that of the text they came from. */
const load = (path: string): Promise<LoadedPlugin> => {
  let plugin = loaded.get(path)
  if (plugin === undefined) {
    plugin = importModule(path)
    loaded.set(path, plugin)
    // What failed may be mended.
    plugin.catch(() => loaded.delete(path))
  }
  return plugin
}

/** Loads the module that another thread has loaded. Rejects with what is wrong, also when it is not the same any more. */
export const loadPlugin = async (known: { readonly path: string; readonly sha256: string }): Promise<Plugin> => {
  const { plugin, sha256 } = await load(known.path)
  if (sha256 !== known.sha256) throw new Error(`${known.path} changed during the run; run again`)
  return plugin
}

export const layer: Layer.Layer<Plugins> = Layer.succeed(Plugins, {
  load: (path) =>
    Effect.tryPromise({
      try: () => load(path),
      // A module may throw anything.
      catch: (cause) => (isObject(cause) && typeof cause["message"] === "string" ? cause["message"] : String(cause)),
    }),
})

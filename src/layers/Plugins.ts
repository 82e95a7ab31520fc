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

const text = (value: unknown, where: string): string =>
  typeof value === "string" && value !== "" ? value : fail(`${where}: expected text`)

const isFunction = (value: unknown): value is (...given: ReadonlyArray<never>) => unknown => typeof value === "function"

/** A dataset may give `decode(value) -> record | undefined` in place of `schema` and `open`. */
const datasetOf = (given: Fields, where: string): DatasetDefinition<unknown> => {
  const name = text(given["name"], `${where}.name`)
  if (!isFunction(given["open"]) && !isFunction(given["decode"]))
    fail(`${where}: expected a function "open" or "decode"`)
  return Datasets.define({ schema: Schema.Unknown, ...given, name })
}

const taskOf = (given: Fields, where: string, own: ReadonlyArray<DatasetDefinition<unknown>>): TaskDefinition => {
  const name = text(given["name"], `${where}.name`)
  const source = given["dataset"]
  const dataset: DatasetDefinition<unknown> =
    typeof source === "string"
      ? (own.find((definition) => definition.name === source) ?? api.dataset(source))
      : isObject(source)
        ? (source as unknown as DatasetDefinition<unknown>)
        : fail(`${where}.dataset: expected a dataset or the name of one`)
  if (!isFunction(given["open"])) fail(`${where}.open: expected a function`)
  return Task.define({
    ...(given as unknown as TaskDefinition),
    name,
    dataset: own.find((definition) => definition.name === dataset.name) ?? dataset,
  })
}

const filterOf = (given: Fields, where: string): FilterDefinition => {
  const name = text(given["name"], `${where}.name`)
  const { memory } = given
  if (isFunction(given["judge"]) === (memory !== undefined)) fail(`${where}: expected either "judge" or "memory"`)
  if (memory !== undefined && !(isObject(memory) && isFunction(memory["fingerprint"]) && isFunction(memory["open"])))
    fail(`${where}.memory: expected functions "fingerprint" and "open"`)
  return Filter.define({ ...given, name })
}

const formatOf = (given: Fields, where: string): FormatDefinition => {
  const name = text(given["name"], `${where}.name`)
  if (!isFunction(given["encode"])) fail(`${where}.encode: expected a function`)
  return Format.define({ ...(given as unknown as FormatDefinition), name })
}

const kinds = ["datasets", "tasks", "filters", "formats"] as const

const listOf = (value: unknown, kind: string): ReadonlyArray<Fields> => {
  if (value === undefined) return []
  if (!Array.isArray(value) || !value.every(isObject)) return fail(`${kind}: expected a list of definitions`)
  return value as ReadonlyArray<Fields>
}

/** Checks what a module gives, and fills what may be left out. Throws with what is wrong. */
export const normalise = (exported: unknown): Plugin => {
  const given: unknown = isFunction(exported) ? (exported as (toolbox: typeof api) => unknown)(api) : exported
  if (!isObject(given) || !kinds.some((kind) => given[kind] !== undefined))
    return fail(`expected definitions under ${kinds.map((kind) => `"${kind}"`).join(", ")}`)
  const own = listOf(given["datasets"], "datasets").map((one, i) => datasetOf(one, `datasets[${i}]`))
  return {
    datasets: own,
    tasks: listOf(given["tasks"], "tasks").map((one, i) => taskOf(one, `tasks[${i}]`, own)),
    filters: listOf(given["filters"], "filters").map((one, i) => filterOf(one, `filters[${i}]`)),
    formats: listOf(given["formats"], "formats").map((one, i) => formatOf(one, `formats[${i}]`)),
  }
}

const loaded = new Map<string, Promise<Plugin>>()

/** Loads a module once: everyone sees the same definitions. Rejects with what is wrong. */
export const loadPlugin = (path: string): Promise<Plugin> => {
  let plugin = loaded.get(path)
  if (plugin === undefined) {
    plugin = import(pathToFileURL(path).href).then((module: Fields) => normalise(module["default"] ?? module))
    loaded.set(path, plugin)
  }
  return plugin
}

const load = async (path: string): Promise<LoadedPlugin> => {
  const bytes = await readFile(path)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  return { path, bytes: bytes.length, sha256, plugin: await loadPlugin(path) }
}

export const layer: Layer.Layer<Plugins> = Layer.succeed(Plugins, {
  load: (path) =>
    Effect.tryPromise({
      try: () => load(path),
      catch: (cause) => (cause instanceof Error ? cause.message : String(cause)),
    }),
})

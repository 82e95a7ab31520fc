/**
 * The config: YAML (or a value) to resolved tasks. Everything that is wrong with it is told at once, with line, column,
 * key path and the nearest known name; sections that the run does not use are checked as well.
 */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isAbsolute, resolve } from "node:path"
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml"
import type { FilterDefinition, OptionFields, TaskDefinition } from "../domain/Component.ts"
import type { Problem } from "../domain/Errors.ts"
import type { FilterJob, TaskJob } from "../domain/Job.ts"
import { nearest, suggestion } from "../domain/Nearest.ts"
import { templateProblems } from "../domain/prompts/Template.ts"
import { type CleanFlags, cleanFlagNames, cleanSets } from "../domain/text/Clean.ts"

type Path = ReadonlyArray<string | number>

type Fields = { readonly [key: string]: unknown }

/** A config before any name in it is looked up. */
export interface RawConfig {
  readonly value: unknown
  /** What to call it in messages. */
  readonly file: string | undefined
  /** Position of a key path in the text, if there is a text. */
  readonly locate: (path: Path, key?: boolean) => { readonly line: number; readonly column: number } | undefined
}

export interface ResolvedFilter {
  readonly definition: FilterDefinition
  readonly job: FilterJob
}

/** A section of the config, checked. */
export interface ResolvedTask {
  readonly definition: TaskDefinition
  readonly filters: ReadonlyArray<ResolvedFilter>
  readonly job: Omit<TaskJob, "severalFiles">
}

/** Where the names in a config are looked up. */
export interface Known {
  readonly tasks: ReadonlyArray<TaskDefinition>
  readonly filters: ReadonlyArray<FilterDefinition>
}

export interface ResolvedConfig {
  /** By config key; tasks without a section are not in it. */
  readonly tasks: ReadonlyMap<string, ResolvedTask>
  readonly problems: ReadonlyArray<Problem>
  readonly warnings: ReadonlyArray<string>
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** `AlpacaTask.filters[1]`. */
export const formatPath = (path: Path): string =>
  path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("")

// -------------------------------------------------------------------------------------------------------------- text

const locateIn = (root: Node | null, lines: LineCounter) => (path: Path, key: boolean) => {
  let node: unknown = root
  let offset: number | undefined
  path.forEach((part, i) => {
    const wantsKey = key && i === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      )
      const target = wantsKey || pair?.value === null ? pair?.key : pair?.value
      node = pair?.value
      offset = (target as Node | undefined)?.range?.[0] ?? offset
    } else {
      node = (node as { readonly items?: ReadonlyArray<unknown> } | undefined)?.items?.[part as number]
      offset = (node as Node | undefined)?.range?.[0] ?? offset
    }
  })
  if (offset === undefined) return undefined
  const { col, line } = lines.linePos(offset)
  return { line, column: col }
}

/** Aliases that a config may expand to: enough for anchors in use, too few for a bomb. */
const maxAliases = 100

/** Reads the text of a config. */
export const parse = (
  text: string,
  file: string,
): { readonly config: RawConfig; readonly problems: Array<Problem> } => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true, uniqueKeys: true })
  const problems = document.errors.map((error): Problem => {
    const { col, line } = lineCounter.linePos(error.pos[0])
    return { path: "", message: error.message, line, column: col }
  })
  let value: unknown = {}
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: maxAliases }) ?? {}
    } catch (cause) {
      problems.push({ path: "", message: cause instanceof Error ? cause.message : String(cause) })
    }
  }
  const locate = locateIn(document.contents as Node | null, lineCounter)
  return { config: { value, file, locate: (path, key = false) => locate(path, key) }, problems }
}

/** A config that an app gives as a value. */
export const fromValue = (value: unknown): RawConfig => ({ value, file: undefined, locate: () => undefined })

// ------------------------------------------------------------------------------------------------------------ problems

interface Collector {
  readonly problems: Array<Problem>
  readonly at: (path: Path, message: string, key?: boolean) => void
}

const collector = (config: RawConfig): Collector => {
  const problems: Array<Problem> = []
  return {
    problems,
    at: (path, message, key = false) => {
      problems.push({ path: formatPath(path), message, ...config.locate(path, key) })
    },
  }
}

/** `Expected "a" | "b", actual "c"` as a sentence with the nearest name. */
const sentence = (messages: ReadonlyArray<string>): string => {
  const expected: Array<string> = []
  let actual = ""
  for (const message of messages) {
    const parts = /^Expected (.*), actual (.*)$/s.exec(message)
    if (parts === null) return messages.join("; ")
    expected.push((parts[1] as string).replace(/ \| undefined$/, ""))
    actual = parts[2] as string
  }
  const wanted = [...new Set(expected)]
  const names = wanted.flatMap(namesIn)
  const given = /^"(.*)"$/s.exec(actual)?.[1]
  const near = given === undefined || names.length === 0 ? undefined : nearest(given, names)
  return `expected ${wanted.join(" or ")}, got ${actual}${near === undefined ? "" : `. Did you mean "${near}"?`}`
}

const namesIn = (text: string): ReadonlyArray<string> => [...text.matchAll(/"([^"]*)"/g)].map((hit) => hit[1] as string)

const missingFiles = 'is missing: name your own files, for example files: ["chats/*.jsonl"]'

/** Decodes options; problems go to the collector under their key paths. */
const decodeOptions = (
  fields: OptionFields,
  given: Fields,
  path: Path,
  out: Collector,
): { readonly [key: string]: unknown } | undefined => {
  const known = Object.keys(fields)
  let unknown = false
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    unknown = true
    out.at([...path, key], `unknown key.${suggestion(key, known)}`, true)
  }
  const present = Object.fromEntries(
    Object.entries(given).filter(([key, value]) => value !== null && known.includes(key)),
  )
  const schema = Schema.Struct(fields) as unknown as Schema.Schema<{ readonly [key: string]: unknown }>
  const result = Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })(present)
  if (result._tag === "Right") return unknown ? undefined : result.right
  const byPath = new Map<string, { path: Path; messages: Array<string> }>()
  for (const issue of ParseResult.ArrayFormatter.formatErrorSync(result.left)) {
    const where = issue.path.map((part) => (typeof part === "number" ? part : String(part)))
    const name = JSON.stringify(where)
    const found = byPath.get(name) ?? { path: [...path, ...where], messages: [] }
    found.messages.push(issue.message)
    byPath.set(name, found)
  }
  for (const [name, { messages: all, path: where }] of byPath) {
    // A key that may be left out is a union with nothing: that branch tells no one anything.
    const messages = all.filter((message) => !/^Expected (?:undefined|null), actual /.test(message))
    const deeper = [...byPath.keys()].some((other) => other !== name && other.startsWith(name.slice(0, -1)))
    if (messages.length === 0 || (deeper && messages.every((message) => message.startsWith("Expected ")))) continue
    const last = String(where[where.length - 1])
    const unexpected = /^is unexpected, expected: (.*)$/s.exec(messages[0] ?? "")
    if (messages[0] === "is missing") out.at(where, last === "files" ? missingFiles : "is missing")
    else if (unexpected === null) out.at(where, sentence(messages))
    else out.at(where, `unknown key.${suggestion(last, namesIn(unexpected[1] as string))}`, true)
  }
  return undefined
}

// ------------------------------------------------------------------------------------------------------------- sections

const globs = Schema.Union(Schema.NonEmptyArray(Schema.NonEmptyString), Schema.NonEmptyString)

const CleanFlagsSchema = Schema.Struct(
  Object.fromEntries(cleanFlagNames.map((name) => [name, Schema.optional(Schema.Boolean)])),
)

/** Keys that every task understands; `init`, the check and the JSON Schema all take them from here. */
export const commonFields = {
  /** Task that this section runs, where its key is a name of your own. */
  task: Schema.optional(Schema.NonEmptyString),
  /** Names of filters, or `Name: { option: value }`. Replaces `defaults.filters`. */
  filters: Schema.optional(Schema.Array(Schema.Unknown)),
  /** System prompts in place of the built-in ones. */
  custom_prompts: Schema.optional(Schema.Union(Schema.Array(Schema.String), Schema.String)),
  /** Accepted for old configs; nothing reads it. */
  dataset_name: Schema.optional(Schema.Unknown),
  /** Folder below the data folder, in place of the dataset's own. */
  folder: Schema.optional(Schema.String),
  /** Globs below the folder, in place of the dataset's own. */
  files: Schema.optional(globs),
  /** How texts are cleaned: a named set, or single flags that change the task's own set. */
  clean: Schema.optional(Schema.Union(Schema.Literal("original", "chat", "off"), CleanFlagsSchema)),
  /** Whether `{{user}}` and `{{char}}` in turns are replaced where a name is known. */
  names: Schema.optional(Schema.Literal("keep", "replace")),
  /** Share of the task's episodes that is kept, chosen by a hash. */
  share: Schema.optional(Schema.Number.pipe(Schema.between(0, 1))),
} satisfies OptionFields

const resolveFilters = (
  value: unknown,
  path: Path,
  known: Known,
  out: Collector,
): ReadonlyArray<ResolvedFilter> | undefined => {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) {
    out.at(path, `expected a list of filters, got ${JSON.stringify(value)}`)
    return []
  }
  const names = known.filters.map(({ name }) => name)
  const seen = new Set<string>()
  return (value as ReadonlyArray<unknown>).flatMap((entry, i): ReadonlyArray<ResolvedFilter> => {
    const here = [...path, i]
    const keys = isObject(entry) ? Object.keys(entry) : []
    const name = typeof entry === "string" ? entry : keys[0]
    if (name === undefined || keys.length > 1) {
      out.at(here, "expected the name of a filter, or one name with its options")
      return []
    }
    const definition = known.filters.find((filter) => filter.name === name)
    if (definition === undefined) {
      out.at(here, `unknown filter "${name}".${suggestion(name, names)}`)
      return []
    }
    const given = isObject(entry) ? (entry[name] ?? {}) : {}
    const inside = isObject(entry) ? [...here, name] : here
    if (!isObject(given)) {
      out.at(inside, `expected options as "option: value", got ${JSON.stringify(given)}`)
      return []
    }
    const options = decodeOptions(definition.options ?? {}, given, inside, out)
    if (options === undefined) return []
    for (const message of definition.check?.(options) ?? []) out.at(inside, message)
    const identity = JSON.stringify([name, options])
    if (seen.has(identity)) out.at(here, `"${name}" stands here twice`)
    seen.add(identity)
    return [{ definition, job: { name, options } }]
  })
}

const cleanOf = (value: unknown, definition: TaskDefinition): CleanFlags => {
  if (typeof value === "string") return cleanSets[value as keyof typeof cleanSets]
  return { ...cleanSets[definition.clean], ...(value as CleanFlags | undefined) }
}

const promptsOf = (value: unknown): ReadonlyArray<string> | undefined => {
  const list = typeof value === "string" ? [value] : (value as ReadonlyArray<string> | undefined)
  return list === undefined || list.length === 0 ? undefined : list
}

const resolveSection = (
  key: string,
  section: Fields,
  definition: TaskDefinition,
  defaults: ReadonlyArray<ResolvedFilter>,
  known: Known,
  out: Collector,
): ResolvedTask | undefined => {
  const before = out.problems.length
  // What a task or dataset says about a common key (`files` of the tasks for own files) goes before the common rule.
  const fields: OptionFields = { ...commonFields, ...definition.dataset.options, ...definition.options }
  const decoded = decodeOptions(fields, section, [key], out)
  const filters = resolveFilters(section["filters"], [key, "filters"], known, out) ?? defaults
  const prompts = promptsOf(section["custom_prompts"] ?? undefined)
  if (Array.isArray(prompts) && prompts.every((prompt) => typeof prompt === "string")) {
    prompts.forEach((prompt, i) => {
      for (const message of templateProblems(prompt, definition.placeholders))
        out.at(
          typeof section["custom_prompts"] === "string" ? [key, "custom_prompts"] : [key, "custom_prompts", i],
          message,
        )
    })
  }
  if (decoded === undefined || out.problems.length > before) return undefined
  const own = new Set([...Object.keys(definition.dataset.options ?? {}), ...Object.keys(definition.options ?? {})])
  const options = Object.fromEntries(
    Object.entries(decoded).filter(
      ([name, value]) => value !== undefined && (own.has(name) || name === "folder" || name === "files"),
    ),
  )
  const files = options["files"]
  return {
    definition,
    filters,
    job: {
      key,
      task: definition.name,
      prefix: key === definition.name ? definition.prefix : key,
      options: files === undefined ? options : { ...options, files: typeof files === "string" ? [files] : files },
      filters: filters.map(({ job }) => job),
      clean: cleanOf(decoded["clean"], definition),
      names: (decoded["names"] as "keep" | "replace" | undefined) ?? "keep",
      ...(prompts === undefined ? {} : { customPrompts: prompts }),
      share: (decoded["share"] as number | undefined) ?? 1,
    },
  }
}

/** Absolute paths of the plug-ins that a config names, relative to its folder. */
export const pluginPaths = (
  config: RawConfig,
  folder: string,
): { readonly paths: ReadonlyArray<string>; readonly problems: ReadonlyArray<Problem> } => {
  const out = collector(config)
  const value = isObject(config.value) ? (config.value["plugins"] ?? []) : []
  const list = typeof value === "string" ? [value] : value
  if (!Array.isArray(list)) {
    out.at(["plugins"], `expected a list of module files, got ${JSON.stringify(list)}`)
    return { paths: [], problems: out.problems }
  }
  const paths = (list as ReadonlyArray<unknown>).flatMap((path, i) => {
    if (typeof path === "string" && path !== "") return [isAbsolute(path) ? path : resolve(folder, path)]
    out.at(["plugins", i], `expected the file of a module, got ${JSON.stringify(path)}`)
    return []
  })
  return { paths, problems: out.problems }
}

/** Keys of the top level that are no tasks. */
const topKeys = ["defaults", "plugins"] as const

/** Checks all sections. `selected` are the tasks of the run: they may do without a section. */
export const resolveConfig = (config: RawConfig, known: Known, selected: ReadonlyArray<string>): ResolvedConfig => {
  const out = collector(config)
  const tasks = new Map<string, ResolvedTask>()
  const warnings: Array<string> = []
  const names = known.tasks.map(({ name }) => name)
  const top = config.value ?? {}
  if (!isObject(top)) {
    out.at([], "the config must be a mapping of task names to their settings")
    return { tasks, problems: out.problems, warnings }
  }
  const defaults = top["defaults"] ?? {}
  if (!isObject(defaults)) out.at(["defaults"], "expected a mapping, for example { filters: [ExactDedupFilter] }")
  else
    for (const name of Object.keys(defaults))
      if (name !== "filters") out.at(["defaults", name], `unknown key.${suggestion(name, ["filters"])}`, true)
  const shared = isObject(defaults)
    ? (resolveFilters(defaults["filters"], ["defaults", "filters"], known, out) ?? [])
    : []
  const broken = new Set<string>()
  let ignored = 0
  for (const [key, value] of Object.entries(top)) {
    if ((topKeys as ReadonlyArray<string>).includes(key)) continue
    const section = value ?? {}
    if (!isObject(section)) {
      out.at([key], `expected the settings of a task as "key: value", got ${JSON.stringify(section)}`)
      broken.add(key)
      continue
    }
    const given = section["task"] ?? undefined
    const named = given === undefined ? key : given
    const definition = known.tasks.find(({ name }) => name === named)
    if (definition === undefined) {
      broken.add(key)
      if (given === undefined)
        out.at(
          [key],
          `unknown task "${key}".${suggestion(key, [...names, ...topKeys])} A section of another name needs "task: NAME".`,
          true,
        )
      else out.at([key, "task"], `unknown task ${JSON.stringify(given)}.${suggestion(String(given), names)}`)
      continue
    }
    if (key !== definition.name && names.includes(key)) {
      broken.add(key)
      out.at([key, "task"], `the key "${key}" is the name of another task; choose a name of your own`)
      continue
    }
    if (/[,\s]/.test(key)) out.at([key], "a task's name holds no commas and no blanks: --tasks could not name it", true)
    if (section["dataset_name"] !== undefined) ignored++
    const resolved = resolveSection(key, section, definition, shared, known, out)
    if (resolved === undefined) broken.add(key)
    else tasks.set(key, resolved)
  }
  if (ignored > 0)
    warnings.push(`"dataset_name" is ignored (${ignored} of them in the config); "folder" names another place`)
  for (const key of selected) {
    if (tasks.has(key) || broken.has(key)) continue
    const definition = known.tasks.find(({ name }) => name === key)
    if (definition === undefined) {
      const all = [...new Set([...tasks.keys(), ...names])]
      out.problems.push({ path: "--tasks", message: `unknown task "${key}".${suggestion(key, all)}` })
      continue
    }
    const resolved = resolveSection(key, {}, definition, shared, known, out)
    if (resolved !== undefined) tasks.set(key, resolved)
  }
  return { tasks, problems: inOrder(out.problems), warnings }
}

/** By place in the file; what has none comes last. */
const inOrder = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  [...problems].sort(
    (a, b) =>
      (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER) || (a.column ?? 0) - (b.column ?? 0),
  )

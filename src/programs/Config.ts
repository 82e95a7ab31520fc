/**
 * The config: YAML (or a value) to resolved tasks. Everything that is wrong with it is told at once, with line, column,
 * key path and the nearest known name; sections that the run does not use are checked as well.
 */
import * as Option from "effect/Option"
import type { ParseIssue, Type } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { resolve } from "node:path"
import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from "yaml"
import type { FilterDefinition, OptionFields, TaskDefinition } from "../domain/Component.ts"
import type { Problem } from "../domain/Errors.ts"
import { type Fields, isFields } from "../domain/Fields.ts"
import type { FilterJob, TaskJob } from "../domain/Job.ts"
import type { TaskMix } from "../domain/Mix.ts"
import { nearest, suggestion } from "../domain/Nearest.ts"
import { templateProblems } from "../domain/prompts/Template.ts"
import { evidence } from "../domain/Rejection.ts"
import { greetingRules, type TargetRules } from "../domain/Target.ts"
import { type AnonymizeKind, anonymizeKinds } from "../domain/text/Anonymize.ts"
import { type CleanFlags, cleanFlagNames, cleanFlags, cleanSets } from "../domain/text/Clean.ts"

type Path = ReadonlyArray<string | number>

/** A config before any name in it is looked up. */
export interface RawConfig {
  readonly value: unknown
  /** What to call it in messages. */
  readonly file: string | undefined
  /** Position of a key path (of its last key, with `key`) in the text, if there is a text. */
  readonly locate: (path: Path, key: boolean) => { readonly line: number; readonly column: number } | undefined
}

export interface ResolvedFilter {
  readonly definition: FilterDefinition
  readonly job: FilterJob
  /** Where its options stand. */
  readonly path: Path
}

/** A section of the config, checked. */
export interface ResolvedTask {
  readonly definition: TaskDefinition
  readonly filters: ReadonlyArray<ResolvedFilter>
  readonly job: Omit<TaskJob, "severalFiles" | "repeatedNames">
  /** Absent: the task gives all its rows, once. */
  readonly mix?: TaskMix
}

/** Where the names in a config are looked up. */
export interface Known {
  readonly tasks: ReadonlyArray<TaskDefinition>
  readonly filters: ReadonlyArray<FilterDefinition>
}

export interface ResolvedConfig {
  /** By config key; tasks without a section are not in it unless they are selected. */
  readonly tasks: ReadonlyMap<string, ResolvedTask>
  readonly problems: ReadonlyArray<Problem>
  readonly warnings: ReadonlyArray<string>
}

/** `AlpacaTask.filters[1]`; keys that are no plain names stand in brackets. */
export const formatPath = (path: Path): string =>
  path
    .map((part, i) => {
      if (typeof part === "number") return `[${part}]`
      if (!/^[\p{L}\p{N}_-]{1,80}$/u.test(part)) return `[${quoted(part)}]`
      return i === 0 ? part : `.${part}`
    })
    .join("")

const quoted = (text: string): string => JSON.stringify(evidence(text))

/** A value as a message names it: a config may hold anything, of any size. */
const shown = (value: unknown): string => {
  if (typeof value === "string") return quoted(value)
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  return isFields(value) ? "a mapping" : String(value)
}

// ------------------------------------------------------------------------------------------------------------ problems

/** Gathers problems under their key paths; `key` points at the last key and not at its value. */
interface Collector {
  readonly problems: Array<Problem>
  readonly at: (path: Path, message: string, key?: boolean) => void
}

export const problemAt = (config: RawConfig, path: Path, message: string, key = false): Problem => ({
  path: formatPath(path),
  message,
  ...config.locate(path, key),
})

const collector = (config: RawConfig): Collector => {
  const problems: Array<Problem> = []
  return { problems, at: (path, message, key) => void problems.push(problemAt(config, path, message, key)) }
}

/** By place in the file; what has none comes last. */
export const inOrder = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  [...problems].sort(
    (a, b) =>
      (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER) || (a.column ?? 0) - (b.column ?? 0),
  )

// ---------------------------------------------------------------------------------------------------------------- text

/** The place of a key path; of a path that leads to nothing, the last part of it that is there. */
const locateIn =
  (root: Node | null, lines: LineCounter): RawConfig["locate"] =>
  (path, key) => {
    let node: unknown = root
    let offset = path.length === 0 ? root?.range?.[0] : undefined
    path.forEach((part, i) => {
      let found: unknown
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
        node = pair?.value
        found = key && i === path.length - 1 ? pair?.key : (pair?.value ?? pair?.key)
      } else {
        node = isSeq(node) ? node.items[part as number] : undefined
        found = node
      }
      offset = (found as Node | undefined)?.range?.[0] ?? offset
    })
    if (offset === undefined) return undefined
    const { col, line } = lines.linePos(offset)
    return { line, column: col }
  }

/** Values that the aliases of a config may stand for: plenty for anchors in use, too few for a bomb. */
const maxAliased = 100_000

/**
 * What the parser lets pass but no config can mean: keys that are no text or stand twice, and aliases that lead nowhere,
 * into themselves, or to copies of copies without end.
 */
const checkNodes = (root: Node | null, wrong: (node: unknown, path: Path, message: string) => void): void => {
  const anchors = new Map<string, Node>()
  /** Values that a node unfolds to; nodes that are still open are not in it. */
  const sizes = new Map<unknown, number>()
  let aliased = 0

  const mark = (node: unknown): void => {
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, node)
  }

  const sizeOfAlias = (node: Alias, path: Path): number => {
    const { source } = node
    const size = sizes.get(anchors.get(source))
    if (!anchors.has(source)) wrong(node, path, `nothing above is marked &${source}, which *${source} stands for`)
    else if (size === undefined) wrong(node, path, `*${source} stands inside what it stands for`)
    const before = aliased
    aliased += size ?? 0
    if (before <= maxAliased && aliased > maxAliased)
      wrong(node, path, `the aliases up to here stand for more than ${maxAliased} values`)
    return size ?? 0
  }

  const isMapping = (node: unknown): boolean => isMap(isAlias(node) ? anchors.get(node.source) : node)

  const checkMerge = (key: Scalar, value: unknown, path: Path): void => {
    const source = isAlias(value) ? anchors.get(value.source) : value
    if (!(isSeq(source) ? source.items.every(isMapping) : isMapping(source)))
      wrong(key, path, "takes a mapping, or a list of mappings")
  }

  const sizeOfEntry = ({ key, value }: Pair, path: Path, seen: Set<string>): number => {
    mark(key)
    // A merge key is a symbol.
    const isMerge = isScalar(key) && typeof key.value === "symbol"
    const given = isScalar(key) ? key.value : undefined
    if (!isMerge && typeof given !== "string" && typeof given !== "number" && typeof given !== "boolean") {
      wrong(key, path, "a key must be text")
      return 0
    }
    const name = isMerge ? "<<" : String(given)
    const here = [...path, name]
    if (seen.has(name)) wrong(key, here, "this key stands here twice")
    seen.add(name)
    const size = sizeOf(value, here)
    if (isMerge) checkMerge(key, value, here)
    return size
  }

  const sizeOf = (node: unknown, path: Path): number => {
    if (isAlias(node)) return sizeOfAlias(node, path)
    mark(node)
    let size = 1
    const seen = new Set<string>()
    if (isMap(node)) for (const pair of node.items) size += sizeOfEntry(pair, path, seen)
    if (isSeq(node)) for (const [i, item] of node.items.entries()) size += sizeOf(item, [...path, i])
    sizes.set(node, size)
    return size
  }

  sizeOf(root, [])
}

const yamlMessage = (code: string, message: string): string => {
  if (code === "RESOURCE_EXHAUSTION") return "the config is nested too deeply"
  if (code === "MULTIPLE_DOCS") return "the file holds more than one document"
  return `not valid YAML: ${message}`
}

/** Reads the text of a config. */
export const parse = (
  text: string,
  file: string,
): { readonly config: RawConfig; readonly problems: ReadonlyArray<Problem> } => {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    // YAML 1.2 whatever the text says of itself: there `off` and `no` are words, and values are plain.
    schema: "core",
    resolveKnownTags: false,
    merge: true,
    prettyErrors: false,
    // `checkNodes` tells more, and does not compare each key with each.
    uniqueKeys: false,
  })
  const problems: Array<Problem> = []
  const wrong = (offset: number, path: Path, message: string): void => {
    const { col, line } = lines.linePos(offset)
    problems.push({ path: formatPath(path), message, line, column: col })
  }
  const faults = [...document.errors, ...document.warnings]
  // What follows a text that is nested too deeply is a consequence.
  const deep = faults.find(({ code }) => code === "RESOURCE_EXHAUSTION")
  for (const { code, message, pos } of deep === undefined ? faults : [deep])
    wrong(pos[0], [], yamlMessage(code, message))
  const root = document.contents as Node | null
  if (problems.length === 0)
    checkNodes(root, (node, path, message) => wrong((node as Node).range?.[0] ?? 0, path, message))
  const value: unknown = problems.length === 0 ? (document.toJS({ maxAliasCount: -1 }) ?? {}) : {}
  return { config: { value, file, locate: locateIn(root, lines) }, problems: inOrder(problems) }
}

/** A config that an app gives as a value. */
export const fromValue = (value: unknown): RawConfig => ({ value, file: undefined, locate: () => undefined })

// ------------------------------------------------------------------------------------------------------------- options

/** What a schema takes, in words: the alternatives. */
const wanted = (ast: AST.AST): ReadonlyArray<string> => {
  switch (ast._tag) {
    case "Literal":
      return ast.literal === null ? [] : [JSON.stringify(ast.literal)]
    case "Union":
      return [...new Set(ast.types.flatMap(wanted))]
    case "StringKeyword":
      return ["text"]
    case "NumberKeyword":
      return ["a number"]
    case "BooleanKeyword":
      return ["true", "false"]
    case "TupleType":
      return ["a list"]
    case "TypeLiteral":
      return ["a mapping"]
    case "UndefinedKeyword":
      return []
    case "Transformation":
      return wanted(ast.from)
    case "Refinement":
      return Option.match(AST.getDescriptionAnnotation(ast), {
        onNone: () => wanted(ast.from),
        onSome: (text) => [text],
      })
    default:
      return [String(ast)]
  }
}

const expected = (ast: AST.AST, actual: unknown): string => {
  const all = wanted(ast)
  const names = all.flatMap((name) => (name.startsWith('"') ? [JSON.parse(name) as string] : []))
  const near = typeof actual === "string" ? nearest(actual, names) : undefined
  const listed = all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all[all.length - 1]}`
  return `expected ${listed}, got ${shown(actual)}${near === undefined ? "" : `. Did you mean "${near}"?`}`
}

/** The message that a schema brings along. */
const ownMessage = (issue: Type): string | undefined => {
  const message = Option.map(AST.getMessageAnnotation(issue.ast), (make) => make(issue))
  return Option.isSome(message) && typeof message.value === "string" ? message.value : undefined
}

/** Whether a branch of a union was the one that was meant: the value had its type, and something about it is wrong. */
const isMeant = (issue: ParseIssue): boolean => {
  switch (issue._tag) {
    case "Pointer":
      return true
    case "Refinement":
      return issue.kind === "Predicate" || isMeant(issue.issue)
    case "Transformation":
      return isMeant(issue.issue)
    case "Composite":
      return [issue.issues].flat().some(isMeant)
    default:
      return false
  }
}

const missingFiles = 'is missing: name your own files, for example files: ["chats/*.jsonl"]'

/** Tells what a schema found wrong; `known` are the keys that may stand beside the last one of the path. */
const tell = (issue: ParseIssue, path: Path, out: Collector, known: ReadonlyArray<string> = []): void => {
  switch (issue._tag) {
    case "Pointer": {
      const keys = [issue.path].flat().map((key) => (typeof key === "number" ? key : String(key)))
      return tell(issue.issue, [...path, ...keys], out, known)
    }
    case "Unexpected":
      return out.at(path, `unknown key.${suggestion(String(path[path.length - 1]), known)}`, true)
    case "Missing":
      return out.at(path, path[path.length - 1] === "files" ? missingFiles : "is missing")
    case "Forbidden":
      return out.at(path, "cannot be checked at once")
    case "Type":
      return out.at(path, issue.message ?? ownMessage(issue) ?? expected(issue.ast, issue.actual))
    case "Transformation":
      return tell(issue.issue, path, out)
    case "Refinement": {
      const inner = issue.issue
      if (inner._tag !== "Type") return tell(inner, path, out)
      return out.at(path, inner.message ?? ownMessage(inner) ?? expected(issue.ast, inner.actual))
    }
    case "Composite": {
      const { actual, ast } = issue
      const parts = [issue.issues].flat()
      if (ast._tag === "Union") {
        const meant = parts.find(isMeant)
        return meant === undefined ? out.at(path, expected(ast, actual)) : tell(meant, path, out)
      }
      if (Array.isArray(actual) && actual.length === 0) return out.at(path, "must not be empty")
      const keys = ast._tag === "TypeLiteral" ? ast.propertySignatures.map(({ name }) => String(name)) : []
      for (const part of parts) tell(part, path, out, keys)
    }
  }
}

/** Decodes options (a key that is null is absent); problems go to the collector under their key paths. */
const decodeOptions = (fields: OptionFields, given: Fields, path: Path, out: Collector): Fields | undefined => {
  const present = Object.entries(given).filter(
    ([key, value]) => (value ?? null) !== null || !Object.hasOwn(fields, key),
  )
  const schema = Schema.Struct(fields) as unknown as Schema.Schema<Fields>
  const decode = Schema.decodeUnknownEither(schema, { errors: "all", onExcessProperty: "error" })
  const result = decode(Object.fromEntries(present))
  if (result._tag === "Right") return result.right
  tell(result.left.issue, path, out)
  return undefined
}

// ------------------------------------------------------------------------------------------------------------- filters

/** Filters of a list; undefined when there is no list. */
const resolveFilters = (
  value: unknown,
  path: Path,
  known: Known,
  out: Collector,
): ReadonlyArray<ResolvedFilter> | undefined => {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) {
    out.at(path, `expected a list of filters, for example [ExactDedupFilter], got ${shown(value)}`)
    return []
  }
  const names = known.filters.map(({ name }) => name)
  const seen = new Set<string>()
  return (value as ReadonlyArray<unknown>).flatMap((entry, i): ReadonlyArray<ResolvedFilter> => {
    const here = [...path, i]
    const keys = isFields(entry) ? Object.keys(entry) : []
    const name = typeof entry === "string" ? entry : keys[0]
    if (name === undefined || keys.length > 1) {
      out.at(here, `expected the name of a filter, or one name with its options, got ${shown(entry)}`)
      return []
    }
    const definition = known.filters.find((filter) => filter.name === name)
    if (definition === undefined) {
      out.at(here, `unknown filter ${quoted(name)}.${suggestion(name, names)}`)
      return []
    }
    const given = isFields(entry) ? (entry[name] ?? {}) : {}
    const inside = isFields(entry) ? [...here, name] : here
    if (!isFields(given)) {
      out.at(inside, `expected options as "option: value", got ${shown(given)}`)
      return []
    }
    const options = decodeOptions(definition.options ?? {}, given, inside, out)
    if (options === undefined) return []
    for (const message of definition.check?.(options) ?? []) out.at(inside, message)
    const identity = JSON.stringify([name, options])
    if (seen.has(identity)) out.at(here, `"${name}" stands here twice`)
    seen.add(identity)
    return [{ definition, job: { name, options }, path: inside }]
  })
}

// ------------------------------------------------------------------------------------------------------------- sections

const globs = Schema.Union(
  Schema.transform(Schema.NonEmptyString, Schema.Array(Schema.NonEmptyString), {
    strict: true,
    decode: (glob) => [glob],
    encode: ([glob = ""]) => glob,
  }),
  Schema.NonEmptyArray(Schema.NonEmptyString),
)

const CleanFlagsSchema = Schema.Struct(
  Object.fromEntries(
    cleanFlagNames.map((name) => [
      name,
      Schema.optional(Schema.Boolean).annotations({ description: `${cleanFlags[name]}.` }),
    ]),
  ),
)

/** Keys that every task understands; the check and the JSON Schema take them from here. */
export const commonFields = {
  task: Schema.optional(Schema.String).annotations({
    description: "Task that this section runs, where its key is a name of your own.",
  }),
  filters: Schema.optional(Schema.Unknown).annotations({
    description: "Filters in order: names, or `Name: { option: value }`. Replaces `defaults.filters`; `[]` is none.",
  }),
  custom_prompts: Schema.optional(Schema.Union(Schema.String, Schema.Array(Schema.String))).annotations({
    description:
      "System prompts in place of the built-in ones; `%{a|b}` picks a variant, `{{char}}` and others are filled where the task knows them. null or `[]`: the built-in ones.",
  }),
  dataset_name: Schema.optional(Schema.Unknown).annotations({
    description: "Accepted for old configs; nothing reads it.",
  }),
  folder: Schema.optional(Schema.String).annotations({
    description: "Folder below the data folder. Default: the dataset's own.",
  }),
  files: Schema.optional(globs).annotations({ description: "Globs below the folder. Default: the dataset's own." }),
  clean: Schema.optional(Schema.Union(Schema.Literal("original", "chat", "off"), CleanFlagsSchema)).annotations({
    description:
      "How texts are cleaned: a named set, or single flags that change the task's own set. Default: the task's own set.",
  }),
  names: Schema.optional(Schema.Literal("keep", "replace")).annotations({
    description: "Whether `{{user}}` and `{{char}}` in turns are replaced where a name is known. Default: keep.",
  }),
  anonymize: Schema.optional(
    Schema.Union(Schema.Boolean, Schema.Literal("on", "off"), Schema.Array(Schema.Literal(...anonymizeKinds))),
  ).annotations({
    description:
      "What tells who somebody is gives way to placeholders: `true`, `false`, or only some kinds. Default: the task's own, mostly false.",
  }),
  greeting: Schema.optional(Schema.Literal(...greetingRules)).annotations({
    description:
      "What becomes of turns of the model before the first turn of the user. Default: keep, or openerUser where the format wants the user first.",
  }),
  train: Schema.optional(Schema.Literal("all", "last")).annotations({
    description:
      "Replies that are trained, where the format can say it: all, or the last of each conversation. Default: all, as far as the data has no weights.",
  }),
  trainUser: Schema.optional(Schema.Boolean).annotations({
    description: "Whether turns of the user are trained as well, where the format can say it. Default: false.",
  }),
  maxExamples: Schema.optional(Schema.Number.pipe(Schema.int(), Schema.positive())).annotations({
    description: "Rows that the task may give, before they are repeated; chosen by a hash. Default: no limit.",
  }),
  repeat: Schema.optional(Schema.Number.pipe(Schema.int(), Schema.between(1, 1000))).annotations({
    description: "Times that each of its training rows is written. Default: 1.",
  }),
  share: Schema.optional(Schema.Number.pipe(Schema.between(0, 1))).annotations({
    description: "Share of the task's conversations that is kept, chosen by a hash of their identifiers. Default: 1.",
  }),
} satisfies OptionFields

/** The keys of a task's section. It may say more about where its files lie; the other common keys mean the same in all. */
export const fieldsOf = ({ dataset, options }: TaskDefinition): OptionFields => {
  const own: OptionFields = { ...dataset.options, ...options }
  const { files = commonFields.files, folder = commonFields.folder } = own
  return { ...own, ...commonFields, files, folder }
}

/** One value, or a list of them. */
const listOf = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

const checkPrompts = (value: unknown, path: Path, definition: TaskDefinition, out: Collector): void => {
  for (const [i, prompt] of listOf(value).entries()) {
    if (typeof prompt !== "string") continue
    for (const message of templateProblems(prompt, definition.placeholders))
      out.at(Array.isArray(value) ? [...path, i] : path, message)
  }
}

const cleanOf = (value: unknown, definition: TaskDefinition): CleanFlags =>
  typeof value === "string"
    ? cleanSets[value as keyof typeof cleanSets]
    : { ...cleanSets[definition.clean], ...(value as CleanFlags | undefined) }

/** The kinds in their own order, so that two configs that mean the same are the same. */
const anonymizeOf = (value: unknown, definition: TaskDefinition): ReadonlyArray<AnonymizeKind> => {
  const given = value ?? definition.anonymize ?? false
  if (Array.isArray(given)) return anonymizeKinds.filter((kind) => given.includes(kind))
  return given === true || given === "on" ? anonymizeKinds : []
}

/** The keys of a section that are among these and given. */
const pick = (decoded: Fields, keys: ReadonlyArray<string>): Fields | undefined => {
  const given = keys.flatMap((key) => (decoded[key] === undefined ? [] : [[key, decoded[key]] as const]))
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

const mixOf = (decoded: Fields): { readonly mix?: TaskMix } => {
  const mix = pick(decoded, ["maxExamples", "repeat"])
  return mix === undefined ? {} : { mix }
}

const targetOf = (decoded: Fields): { readonly target?: TargetRules } => {
  const target = pick(decoded, ["greeting", "train", "trainUser"])
  return target === undefined ? {} : { target }
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
  const decoded = decodeOptions(fieldsOf(definition), section, [key], out)
  const filters = resolveFilters(section["filters"], [key, "filters"], known, out) ?? defaults
  checkPrompts(section["custom_prompts"], [key, "custom_prompts"], definition, out)
  if (decoded === undefined || out.problems.length > before) return undefined
  // Where the files lie is for the dataset to know; the other common keys are told to no component.
  const isOption = (name: string): boolean =>
    name === "files" || name === "folder" || !Object.hasOwn(commonFields, name)
  const options = Object.fromEntries(Object.entries(decoded).filter(([name]) => isOption(name)))
  const prompts = listOf(decoded["custom_prompts"]) as ReadonlyArray<string>
  const anonymize = anonymizeOf(decoded["anonymize"], definition)
  return {
    definition,
    filters,
    job: {
      key,
      task: definition.name,
      prefix: key === definition.name ? definition.prefix : key,
      options,
      filters: filters.map(({ job }) => job),
      clean: cleanOf(decoded["clean"], definition),
      names: (decoded["names"] as "keep" | "replace" | undefined) ?? "keep",
      ...(anonymize.length === 0 ? {} : { anonymize }),
      ...(prompts.length === 0 ? {} : { customPrompts: prompts }),
      ...targetOf(decoded),
      share: (decoded["share"] as number | undefined) ?? 1,
    },
    ...mixOf(decoded),
  }
}

// ----------------------------------------------------------------------------------------------------------- top level

/** A module that a config names, with its key path. */
export interface PluginPath {
  /** Absolute. */
  readonly file: string
  readonly path: Path
}

/** The plug-ins that a config names, relative to its folder. */
export const pluginPaths = (
  config: RawConfig,
  folder: string,
): { readonly modules: ReadonlyArray<PluginPath>; readonly problems: ReadonlyArray<Problem> } => {
  const out = collector(config)
  const value = isFields(config.value) ? config.value["plugins"] : undefined
  const modules: Array<PluginPath> = []
  for (const [i, given] of listOf(value).entries()) {
    const path = Array.isArray(value) ? ["plugins", i] : ["plugins"]
    if (typeof given !== "string" || given === "") {
      out.at(path, `expected the file of a module, got ${shown(given)}`)
      continue
    }
    const file = resolve(folder, given)
    if (modules.some((other) => other.file === file)) out.at(path, `${quoted(given)} stands here twice`)
    else modules.push({ file, path })
  }
  return { modules, problems: out.problems }
}

/** Keys of the top level that are no tasks. */
const topKeys: ReadonlyArray<string> = ["defaults", "plugins"]

const resolveDefaults = (value: unknown, known: Known, out: Collector): ReadonlyArray<ResolvedFilter> => {
  const defaults = value ?? {}
  if (!isFields(defaults)) {
    out.at(["defaults"], `expected a mapping, for example { filters: [ExactDedupFilter] }, got ${shown(defaults)}`)
    return []
  }
  for (const name of Object.keys(defaults))
    if (name !== "filters") out.at(["defaults", name], `unknown key.${suggestion(name, ["filters"])}`, true)
  return resolveFilters(defaults["filters"], ["defaults", "filters"], known, out) ?? []
}

/** What `--tasks` can name and identifiers can begin with. */
const isName = (key: string): boolean => /^[^\s,\p{Cc}\p{Cf}]+$/u.test(key)

/** The task that a section runs: the one that it names, or the one that its key is. */
const taskOf = (key: string, section: unknown, known: Known, out: Collector): TaskDefinition | undefined => {
  const names = known.tasks.map(({ name }) => name)
  const given = isFields(section) ? (section["task"] ?? undefined) : undefined
  const definition = known.tasks.find(({ name }) => name === (given ?? key))
  if (definition === undefined && given !== undefined)
    out.at([key, "task"], `unknown task ${shown(given)}.${suggestion(typeof given === "string" ? given : "", names)}`)
  else if (definition === undefined)
    out.at(
      [key],
      `unknown task ${quoted(key)}.${suggestion(key, [...names, ...topKeys])} ` +
        `A section of another name needs "task: NAME".`,
      true,
    )
  else if (key !== definition.name && names.includes(key))
    out.at([key, "task"], `the key "${key}" is the name of another task; choose a name of your own`)
  else if (!isName(key)) out.at([key], "a name for --tasks is not empty and holds no commas and no blanks", true)
  else return definition
  return undefined
}

/** Checks all sections. `selected` are the tasks of the run: they may do without a section. */
export const resolveConfig = (config: RawConfig, known: Known, selected: ReadonlyArray<string>): ResolvedConfig => {
  const out = collector(config)
  const tasks = new Map<string, ResolvedTask>()
  const warnings: Array<string> = []
  const top = config.value ?? {}
  if (!isFields(top)) {
    out.at([], `the config must be a mapping of task names to their settings, got ${shown(top)}`)
    return { tasks, problems: out.problems, warnings }
  }
  const defaults = resolveDefaults(top["defaults"], known, out)
  const sections = Object.entries(top).filter(([key]) => !topKeys.includes(key))
  for (const [key, value] of sections) {
    const section = value ?? {}
    const definition = taskOf(key, section, known, out)
    if (definition === undefined) continue
    if (!isFields(section)) {
      out.at([key], `expected the settings of a task as "key: value", got ${shown(section)}`)
      continue
    }
    const resolved = resolveSection(key, section, definition, defaults, known, out)
    if (resolved !== undefined) tasks.set(key, resolved)
  }
  const ignored = sections.filter(([, section]) => isFields(section) && (section["dataset_name"] ?? null) !== null)
  if (ignored.length > 0)
    warnings.push(`"dataset_name" is ignored (${ignored.length} of them in the config); "folder" names another place`)

  const names = known.tasks.map(({ name }) => name)
  const keys = sections.map(([key]) => key)
  for (const key of new Set(selected)) {
    if (keys.includes(key)) continue
    const definition = known.tasks.find(({ name }) => name === key)
    if (definition === undefined) {
      const message = `unknown task ${quoted(key)}.${suggestion(key, [...new Set([...keys, ...names])])}`
      out.problems.push({ path: "--tasks", message })
      continue
    }
    const resolved = resolveSection(key, {}, definition, defaults, known, out)
    if (resolved !== undefined) tasks.set(key, resolved)
  }
  return { tasks, problems: inOrder(out.problems), warnings }
}

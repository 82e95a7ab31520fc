/**
 * From what was asked for to work that can begin: names looked up, options checked, inputs found. Nothing is read of the
 * inputs and nothing is written; all that is wrong is told at once.
 */
import { isNonEmptyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { realpath } from "node:fs/promises"
import { basename, dirname, resolve as resolvePath } from "node:path"
import type { BuildSpec } from "../domain/BuildSpec.ts"
import { readTemplate, type TemplateFile } from "../domain/ChatTemplate.ts"
import type {
  ChatTemplate,
  DatasetDefinition,
  FilterDefinition,
  FormatDefinition,
  FormatSettings,
  TaskDefinition,
} from "../domain/Component.ts"
import { ConfigError, DatasetError, type Problem } from "../domain/Errors.ts"
import { openFilterFile } from "../domain/FilterFiles.ts"
import type { RunJob, TaskJob } from "../domain/Job.ts"
import { causeText } from "../domain/Cause.ts"
import { openFormat } from "../domain/Format.ts"
import { askedOf, type MixSettings, type TaskMix } from "../domain/Mix.ts"
import { suggestion } from "../domain/Nearest.ts"
import type { Parts } from "../domain/RecordPath.ts"
import { targetProblems } from "../domain/Target.ts"
import { builtInTemplate, templateNames } from "../domain/Templates.ts"
import { isTokenizerFile, type TokenizerFile } from "../domain/Tokens.ts"
import { defaultMaxRecordBytes, defaultSliceBytes } from "../domain/Slice.ts"
import { Datasets, type DatasetService, fromContext, type Plan } from "../services/Dataset.ts"
import { type LoadedPlugin, Plugins } from "../services/Plugins.ts"
import { Filters, Formats, Tasks } from "../services/Registry.ts"
import { Tokenizer, type TokenizerService } from "../services/Tokenizer.ts"
import * as Config from "./Config.ts"

/** What resolving needs. Datasets with a Tag of their own in the context take the place of the package's. */
export type Components = Tasks | Filters | Formats | Plugins | Datasets | Tokenizer

/** Bad records that a run may have. */
export type MaxBad = { readonly count: number } | { readonly percent: number }

const repeatedNames = ({ files }: Plan): ReadonlyArray<string> => {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { file } of files) {
    const name = file.slice(file.lastIndexOf("/") + 1)
    if (seen.has(name)) repeated.add(name)
    seen.add(name)
  }
  return [...repeated].sort((a, b) => (a < b ? -1 : 1))
}

/** A task of the run with its input found. */
export interface RunTask {
  readonly job: TaskJob
  readonly filters: ReadonlyArray<Config.ResolvedFilter>
  readonly dataset: DatasetService<unknown>
  readonly plan: Plan
  readonly parts: Parts
  readonly mix: TaskMix
  /** What the mix asks of every episode, before and behind the filters. */
  readonly asked: ReturnType<typeof askedOf>
}

export interface ResolvedRun {
  readonly tasks: ReadonlyArray<RunTask>
  readonly run: RunJob
  readonly plugins: ReadonlyArray<LoadedPlugin>
  /** The file of the chat template, where it is one. */
  readonly template: TemplateFile | undefined
  /** Whether other threads find the tokenizer by name. */
  readonly portable: boolean
  readonly mix: MixSettings
  readonly limit: number | undefined
  readonly maxBad: MaxBad | undefined
  readonly strict: boolean
  readonly warnings: ReadonlyArray<string>
}

/** The parts of a spec that do not speak of files to write. */
export type ReadSpec = Omit<BuildSpec, "outputFile" | "format" | "ledgerFile" | "manifestFile">

/** `5` or `1%`. */
export const parseMaxBad = (text: string): MaxBad | undefined => {
  const match = /^(\d{1,15})(?:(\.\d{1,6})?(%))?$/.exec(text.trim())
  if (match === null) return undefined
  const value = Number(`${match[1]}${match[2] ?? ""}`)
  if (match[3] === undefined) return { count: value }
  return value <= 100 ? { percent: value } : undefined
}

const isCount = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value > 0)

const lengthModes: ReadonlyArray<string> = ["fit", "windows", "turns", "drop"]
const roleTokenPolicies: ReadonlyArray<string> = ["escape", "drop", "keep"]

/** Something has to be put by, and something left. */
const isValidation = (text: string): boolean => {
  const given = parseMaxBad(text)
  return given !== undefined && ("count" in given ? given.count > 0 : given.percent > 0 && given.percent < 100)
}

/** Problems of the plain settings. */
const checkSettings = (spec: ReadSpec, tokenizers: ReadonlyArray<string>): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const wrong = (path: string, message: string): void => void problems.push({ path, message })
  if (spec.tasks.length === 0) wrong("--tasks", "name at least one task")
  const repeated = spec.tasks.filter((task, i) => spec.tasks.indexOf(task) !== i)
  for (const task of new Set(repeated)) wrong("--tasks", `"${task}" is named more than once`)
  if (spec.maxLength !== undefined && spec.maxLength !== -1 && !isCount(spec.maxLength))
    wrong("--max-length", `${spec.maxLength} is no limit: give a number of tokens above 0, or -1 for none`)
  if (spec.seed !== undefined && !Number.isSafeInteger(spec.seed)) wrong("--seed", `${spec.seed} is no whole number`)
  if (!isCount(spec.limit)) wrong("--limit", `${spec.limit} is no number of records above 0`)
  if (!isCount(spec.sliceBytes)) wrong("sliceBytes", `${spec.sliceBytes} is no number of bytes above 0`)
  if (!isCount(spec.maxRecordBytes)) wrong("maxRecordBytes", `${spec.maxRecordBytes} is no number of bytes above 0`)
  if (spec.length !== undefined && !lengthModes.includes(spec.length))
    wrong("--length", `unknown mode "${String(spec.length)}".${suggestion(String(spec.length), lengthModes)}`)
  if (spec.roleTokens !== undefined && !roleTokenPolicies.includes(spec.roleTokens)) {
    const given = String(spec.roleTokens)
    wrong("--role-tokens", `unknown policy "${given}".${suggestion(given, roleTokenPolicies)}`)
  }
  if (spec.maxBad !== undefined && parseMaxBad(spec.maxBad) === undefined)
    wrong("--max-bad", `"${spec.maxBad}" is neither a number of records (5) nor a share of them (1%)`)
  if (spec.validation !== undefined && !isValidation(spec.validation))
    wrong("--validation", `"${spec.validation}" is neither a number of conversations (100) nor a share of them (1%)`)
  if (spec.validationStrict === true && spec.validation === undefined)
    wrong("--validation-strict", "goes with --validation")
  if (spec.tokenizer !== undefined && !tokenizers.includes(spec.tokenizer) && !isTokenizerFile(spec.tokenizer))
    wrong("--tokenizer", `unknown tokenizer "${spec.tokenizer}".${suggestion(spec.tokenizer, tokenizers)}`)
  return problems
}

interface Named {
  readonly datasets: ReadonlyArray<DatasetDefinition>
  readonly tasks: ReadonlyArray<TaskDefinition>
  readonly filters: ReadonlyArray<FilterDefinition>
  readonly formats: ReadonlyArray<FormatDefinition>
}

interface FoundPlugin extends LoadedPlugin {
  /** A problem with it, told where the config names it. */
  readonly problem: (message: string) => Problem
}

/** Adds the components of plug-ins; a name that is taken is a problem. */
const withPlugins = (known: Named, plugins: ReadonlyArray<FoundPlugin>, problems: Array<Problem>): Named => {
  const join = <K extends keyof Named>(kind: K, same: (name: string) => string = (name) => name): Named[K] => {
    const all: Array<Named[K][number]> = [...known[kind]]
    for (const { path, plugin, problem } of plugins) {
      for (const one of plugin[kind] ?? []) {
        if (all.some(({ name }) => same(name) === same(one.name)))
          problems.push(problem(`${path}: there is a ${kind.slice(0, -1)} "${one.name}" already`))
        else all.push(one)
      }
    }
    return all as unknown as Named[K]
  }
  return {
    datasets: join("datasets"),
    tasks: join("tasks"),
    filters: join("filters"),
    formats: join("formats", (name) => name.toLowerCase()),
  }
}

/** Loads the plug-ins that the config names. */
const loadPlugins = (config: Config.RawConfig, problems: Array<Problem>) =>
  Effect.gen(function* () {
    const loader = yield* Plugins
    const named = Config.pluginPaths(config, config.file === undefined ? process.cwd() : dirname(config.file))
    problems.push(...named.problems)
    const plugins: Array<FoundPlugin> = []
    for (const { file, path } of named.modules) {
      const problem = (message: string): Problem => Config.problemAt(config, path, message)
      const loaded = yield* Effect.either(loader.load(file))
      if (Either.isRight(loaded)) plugins.push({ ...loaded.right, problem })
      else problems.push(problem(`${file}: ${loaded.left}`))
    }
    return plugins
  })

const isText = (config: NonNullable<ReadSpec["config"]>): config is { readonly text: string; readonly file: string } =>
  typeof config.text === "string" && typeof config.file === "string"

const readConfig = ({ config = {} }: ReadSpec) =>
  isText(config) ? Config.parse(config.text, config.file) : { config: Config.fromValue(config), problems: [] }

const findFormat = (
  format: string | FormatDefinition,
  { formats }: Named,
  problems: Array<Problem>,
): FormatDefinition | undefined => {
  const found =
    typeof format === "string" ? formats.find(({ name }) => name.toLowerCase() === format.toLowerCase()) : format
  const wrong = (message: string): void => void problems.push({ path: "--format", message })
  if (found === undefined && typeof format === "string") {
    const names = formats.map(({ name }) => name)
    wrong(`unknown format "${format}".${suggestion(format, names)}`)
  }
  return found
}

/** A template of the run, with the file that it was read from. */
interface FoundTemplate {
  readonly template: ChatTemplate
  readonly file: TemplateFile | undefined
}

const findTemplate = (
  { chatTemplate: given }: ReadSpec,
  format: FormatDefinition | undefined,
  problems: Array<Problem>,
): Effect.Effect<FoundTemplate | undefined> => {
  const wrong = (message: string) =>
    Effect.sync((): undefined => void problems.push({ path: "--chat-template", message }))
  if (given === undefined)
    return format?.needs?.includes("template") === true
      ? wrong(`format "${format.name}" needs one: ${templateNames.join(", ")}, or a file`)
      : Effect.succeed(undefined)
  if (format !== undefined && format.template === undefined && !format.needs?.includes("template"))
    return wrong(`format "${format.name}" has its own marks, and no use for a chat template`)
  const template = builtInTemplate(given)
  if (template !== undefined) return Effect.succeed({ template, file: undefined })
  if (!/[./\\]/.test(given)) return wrong(`unknown template "${given}".${suggestion(given, templateNames)}`)
  return Effect.catchAll(
    Effect.map(
      Effect.tryPromise({ try: () => readTemplate(resolvePath(given)), catch: causeText }),
      (file): FoundTemplate => ({ template: file.template, file }),
    ),
    (why) => wrong(`${given}: ${why}`),
  )
}

/** What the format cannot say or take of what was asked for. */
const checkTarget = (
  format: FormatDefinition,
  settings: FormatSettings,
  spec: ReadSpec,
  config: Config.RawConfig,
  tasks: ReadonlyArray<Config.ResolvedTask>,
): ReadonlyArray<Problem> => {
  let opened: ReturnType<typeof openFormat>
  try {
    opened = openFormat(format, settings)
  } catch (cause) {
    return [{ path: "--format", message: `"${format.name}": ${causeText(cause)}` }]
  }
  const perTurn: ReadonlyArray<Problem> =
    spec.length === "turns" && opened.loss === "all"
      ? [
          {
            path: "--length",
            message: `turns makes an example of each reply, but format "${format.name}" trains all replies of an example; choose fit or windows`,
          },
        ]
      : []
  return [
    ...perTurn,
    ...tasks.flatMap(({ job }) =>
      targetProblems(job.target ?? {}, opened).map(({ key, message }) =>
        Config.problemAt(config, [job.key, key], message),
      ),
    ),
  ]
}

/** Loads the `tokenizer.json` that is named, if it is one. */
const findTokenizerFile = (
  { tokenizer: given }: ReadSpec,
  { names, open }: TokenizerService,
  problems: Array<Problem>,
): Effect.Effect<TokenizerFile | undefined> => {
  if (given === undefined || names.includes(given) || !isTokenizerFile(given)) return Effect.succeed(undefined)
  const wrong = (what: string) =>
    Effect.sync((): undefined => void problems.push({ path: "--tokenizer", message: `${given}: ${what}` }))
  if (open === undefined) return wrong("a tokenizer is named here, files are not taken")
  return Effect.catchAll(Effect.tryPromise({ try: () => open(resolvePath(given)), catch: causeText }), wrong)
}

/** Reads the files that the filters of a task name, relative to the config. */
const withFiles = (
  task: Config.ResolvedTask,
  config: Config.RawConfig,
  problems: Array<Problem>,
): Effect.Effect<Config.ResolvedTask> =>
  Effect.promise(async () => {
    const folder = config.file === undefined ? process.cwd() : dirname(config.file)
    const filters: Array<Config.ResolvedFilter> = []
    for (const filter of task.filters) {
      const { definition, job, path } = filter
      const named = definition.files?.(job.options) ?? []
      const opened: Array<Awaited<ReturnType<typeof openFilterFile>>> = []
      for (const file of named) {
        const wrong = (cause: unknown): void => {
          const message = `${file.path}: ${causeText(cause)}`
          const problem = Config.problemAt(config, [...path, ...file.key], message)
          // Tasks that share their filters by the defaults would tell it each.
          if (!problems.some((other) => other.path === problem.path && other.message === message))
            problems.push(problem)
        }
        await openFilterFile(resolvePath(folder, file.path), file.path).then((one) => opened.push(one), wrong)
      }
      if (opened.length === named.length)
        for (const message of definition.checkFiles?.(
          job.options,
          opened.map(({ file }) => file),
        ) ?? [])
          problems.push(Config.problemAt(config, path, message))
      filters.push(named.length === 0 ? filter : { ...filter, job: { ...job, files: opened.map(({ key }) => key) } })
    }
    return { ...task, filters, job: { ...task.job, filters: filters.map(({ job }) => job) } }
  })

/** Names, config and plug-ins of a spec, looked up and checked. */
export const resolveNames = (spec: ReadSpec, format: string | FormatDefinition, more: ReadonlyArray<Problem>) =>
  Effect.gen(function* () {
    const tokenizer = yield* Tokenizer
    const { config, problems: unreadable } = readConfig(spec)
    const problems = [...unreadable, ...checkSettings(spec, tokenizer.names), ...more]
    const tokenizerFile = yield* findTokenizerFile(spec, tokenizer, problems)
    const plugins = yield* loadPlugins(config, problems)
    const known = withPlugins(
      {
        datasets: (yield* Datasets).all,
        tasks: (yield* Tasks).all(),
        filters: (yield* Filters).all(),
        formats: (yield* Formats).all(),
      },
      plugins,
      problems,
    )
    const chosen = findFormat(format, known, problems)
    const template = yield* findTemplate(spec, chosen, problems)
    // Of a text that cannot be read nothing more can be said.
    const resolved = unreadable.length > 0 ? undefined : Config.resolveConfig(config, known, spec.tasks)
    problems.push(...(resolved?.problems ?? []))
    if (problems.length === 0 && chosen !== undefined && resolved !== undefined) {
      const needs = chosen.needs?.includes("tokenizer") === true
      const loaded = needs
        ? yield* Effect.promise(() => tokenizer.load(basename(spec.tokenizer ?? "estimate"), tokenizerFile))
        : undefined
      const selected = spec.tasks.map((key) => resolved.tasks.get(key) as Config.ResolvedTask)
      const settings = { template: template?.template, tokenizer: loaded }
      problems.push(...checkTarget(chosen, settings, spec, config, selected))
    }
    const tasks = yield* Effect.forEach(spec.tasks, (key) => {
      const task = resolved?.tasks.get(key)
      return task === undefined ? Effect.succeed(undefined) : withFiles(task, config, problems)
    })
    if (problems.length > 0 || chosen === undefined || resolved === undefined)
      return yield* new ConfigError({
        problems: Config.inOrder(problems),
        ...(config.file === undefined ? {} : { file: config.file }),
      })
    return {
      tasks: tasks as ReadonlyArray<Config.ResolvedTask>,
      plugins,
      format: chosen,
      template,
      tokenizer,
      tokenizerFile,
      warnings: resolved.warnings,
    }
  })

/** Several datasets may be missing: one error tells of all. */
const together = (errors: readonly [DatasetError, ...ReadonlyArray<DatasetError>]): DatasetError => {
  const [first, ...rest] = errors
  const { dataset, expected, folder, reason } = first
  const lackOf = (error: DatasetError): string =>
    `"${error.dataset}" (${error.expected.join(" or ")} in ${error.folder}${error.detail === undefined ? "" : `: ${error.detail}`})`
  const others = [...new Set(rest.map(lackOf))].filter((lack) => lack !== lackOf(first))
  if (others.length === 0) return first
  const detail = `${first.detail === undefined ? "" : `${first.detail} `}Missing as well: ${others.join(", ")}.`
  const dataFolder = errors.find((error) => error.dataFolder !== undefined)?.dataFolder
  const fetchable = [...new Set(errors.flatMap((error) => error.fetchable ?? []))]
  return new DatasetError({
    dataset,
    expected,
    folder,
    reason,
    detail,
    ...(fetchable.length === 0 ? {} : { fetchable }),
    ...(dataFolder === undefined ? {} : { dataFolder }),
  })
}

/**
 * Resolves a run. `wrap` may put another encoding around the chosen format (a preview shows turns, not rows); `problems`
 * are those that the caller has found already.
 */
export const resolve = (
  spec: ReadSpec & { readonly format: string | FormatDefinition },
  problems: ReadonlyArray<Problem> = [],
  wrap: (format: FormatDefinition) => FormatDefinition = (format) => format,
): Effect.Effect<ResolvedRun, ConfigError | DatasetError, Components> =>
  Effect.gen(function* () {
    const named = yield* resolveNames(spec, spec.format, problems)
    const datasets = yield* Datasets
    const context = yield* Effect.context<never>()
    const maxRecordBytes = spec.maxRecordBytes ?? defaultMaxRecordBytes
    const limited = spec.maxLength !== undefined && spec.maxLength !== -1
    const run: RunJob = {
      seed: spec.seed ?? 42,
      format: named.format.name,
      identifier: spec.identifier ?? true,
      ...(limited ? { maxLength: spec.maxLength } : {}),
      lengthMode: spec.length ?? "fit",
      tokenizer: basename(spec.tokenizer ?? "estimate"),
      ...(named.tokenizerFile === undefined ? {} : { tokenizerFile: named.tokenizerFile }),
      countTokens: limited || spec.tokenizer !== undefined,
      roleTokens: spec.roleTokens ?? "escape",
      ...(named.template === undefined ? {} : { template: named.template.template }),
      maxRecordBytes,
    }
    const mix: MixSettings = {
      seed: run.seed,
      shuffle: spec.shuffle ?? false,
      validation: spec.validation === undefined ? undefined : parseMaxBad(spec.validation),
      strict: spec.validationStrict ?? false,
    }
    const open = (task: Config.ResolvedTask) =>
      Effect.gen(function* () {
        const { dataset: definition } = task.definition
        const dataset = Option.getOrElse(fromContext(context, definition), () => datasets.open(definition))
        const { options } = task.job
        const asked = askedOf(mix, task.mix ?? {})
        const filters = [...asked.first, ...task.filters, ...asked.last]
        const plan = yield* dataset.plan({ options, sliceBytes: spec.sliceBytes ?? defaultSliceBytes, maxRecordBytes })
        const made: RunTask = {
          mix: task.mix ?? {},
          asked,
          job: {
            ...task.job,
            filters: filters.map(({ job }) => job),
            severalFiles: plan.several,
            repeatedNames: repeatedNames(plan),
          },
          filters: task.filters,
          dataset,
          plan,
          parts: {
            task: task.definition,
            dataset: dataset.definition,
            filters: filters.map(({ definition }) => definition),
            format: wrap(named.format),
            loadTokenizer: named.tokenizer.load,
          },
        }
        return made
      })
    const [missing, tasks] = yield* Effect.partition(named.tasks, open)
    if (isNonEmptyArray(missing)) return yield* together(missing)
    return {
      tasks,
      run,
      plugins: named.plugins,
      template: named.template?.file,
      portable: named.tokenizer.portable || (!run.countTokens && named.format.needs?.includes("tokenizer") !== true),
      mix,
      limit: spec.limit,
      maxBad: spec.strict === true ? { count: 0 } : spec.maxBad === undefined ? undefined : parseMaxBad(spec.maxBad),
      strict: spec.strict === true,
      warnings: named.warnings,
    }
  })

const real = (path: string): Promise<string> =>
  realpath(path).catch(() =>
    realpath(dirname(path)).then(
      (folder) => resolvePath(folder, basename(path)),
      () => resolvePath(path),
    ),
  )

/** Files to write that are inputs of the run, or each other. */
export const checkTargets = (
  targets: ReadonlyArray<readonly [option: string, file: string]>,
  { plugins, run, tasks, template }: ResolvedRun,
  configFile: string | undefined,
): Effect.Effect<void, ConfigError> =>
  Effect.flatMap(
    Effect.promise(async () => {
      const inputs = new Map<string, string>()
      for (const { plan } of tasks) for (const { file, path } of plan.files) inputs.set(await real(path), file)
      for (const { path } of plugins) inputs.set(await real(path), path)
      if (run.tokenizerFile !== undefined) inputs.set(await real(run.tokenizerFile.path), run.tokenizerFile.path)
      if (template !== undefined) inputs.set(await real(template.path), template.path)
      for (const { job } of tasks)
        for (const { files = [] } of job.filters) for (const { name, path } of files) inputs.set(await real(path), name)
      if (configFile !== undefined) inputs.set(await real(configFile), configFile)
      const problems: Array<Problem> = []
      const seen = new Map<string, string>()
      for (const [option, file] of targets) {
        if (file === "-") continue
        const path = await real(file)
        const input = inputs.get(path)
        const other = seen.get(path)
        if (input !== undefined)
          problems.push({ path: option, message: `"${file}" is an input of this run (${input}); choose another name` })
        if (other !== undefined) problems.push({ path: option, message: `"${file}" is written by ${other} already` })
        seen.set(path, option)
      }
      return problems
    }),
    (problems) => (problems.length === 0 ? Effect.void : Effect.fail(new ConfigError({ problems }))),
  )

/** The command line: each command parses its flags, makes a spec and calls a program; nothing else. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { readFile } from "node:fs/promises"
import { stripVTControlCharacters } from "node:util"
import type { BuildSpec } from "../domain/BuildSpec.ts"
import { type BuildError, ConfigError, type DownloadError, type Problem } from "../domain/Errors.ts"
import { nearest, suggestion } from "../domain/Nearest.ts"
import { packageTool } from "../domain/Package.ts"
import type { Manifest } from "../domain/Report.ts"
import { templateNames } from "../domain/Templates.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { tokenizerNames } from "../domain/Tokens.ts"
import { Datasets } from "../services/Dataset.ts"
import { Filters, Formats, Tasks } from "../services/Registry.ts"
import { Tokenizer } from "../services/Tokenizer.ts"
import * as DownloadCommand from "./commands/Download.ts"
import * as CheckCommand from "./commands/Check.ts"
import * as ReportCommand from "./commands/Report.ts"
import * as InitCommand from "./commands/Init.ts"
import {
  type Entry,
  exitWith,
  flag,
  integer,
  isInteger,
  parseNames,
  type ServicesOf,
  type Settings,
  text,
  toStdout,
} from "./commands/Shared.ts"
import type { ReadSpec, ResolvedRun } from "./Resolve.ts"
import type { CheckError } from "./Check.ts"
import type { ExplainError } from "./Explain.ts"
import type { ReportError } from "./Report.ts"
import type * as Download from "./Download.ts"
import { viewOf } from "./Paint.ts"
import type * as Preview from "./Preview.ts"
import * as Summary from "./Summary.ts"
import type { VerifyError } from "./Verify.ts"

// --------------------------------------------------------------------------------------------------------------- flags

const readFlags = {
  tasks: text("tasks", "A,B", "Tasks to run: names of tasks, or keys of the config, comma-separated"),
  config: text("config", "FILE", "YAML file with a section for each task; an empty file will do"),
  maxLength: integer("max-length", "Tokens an example may have. Default: -1, no limit").pipe(Options.withDefault(-1)),
  length: text(
    "length",
    "MODE",
    "What becomes of a longer conversation: fit (longest beginning that ends with an answer), windows (several " +
      "examples), turns (one for each answer, with what fits before it), drop. Default: fit",
  ).pipe(Options.withDefault("fit")),
  tokenizer: Options.optional(
    text(
      "tokenizer",
      "NAME|FILE",
      `How tokens are counted: ${tokenizerNames.join(", ")}, or a model's tokenizer.json. Default: estimate`,
    ),
  ),
  seed: integer("seed", "Chooses prompts and their variants; the same seed gives the same bytes. Default: 42").pipe(
    Options.withDefault(42),
  ),
  roleTokens: text(
    "role-tokens",
    "MODE",
    "Control tokens of the target found in the data: escape, drop (the episode), keep. Default: escape",
  ).pipe(Options.withDefault("escape")),
  chatTemplate: Options.optional(
    text(
      "chat-template",
      "NAME|FILE",
      `For formats that render one: ${templateNames.join(", ")}, or a file (Jinja, or a tokenizer_config.json)`,
    ),
  ),
  limit: Options.optional(integer("limit", "Only the first N records of each task")),
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Where the raw data lies. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  workers: Options.optional(
    integer("workers", "Worker threads; 0 works in process. Never changes the output. Default: one for each core"),
  ),
  verbose: flag("verbose", "Tells on stderr what is done"),
}

const buildFlags = {
  ...readFlags,
  outputFile: text(
    "output-file",
    "FILE",
    "JSON lines to write, replaced as a whole; .gz compresses; - is the standard output",
  ),
  format: Options.optional(
    text("format", "NAME", 'Shape of the rows; "data-toolbox list formats" tells them. Needed without --for'),
  ),
  for: Options.optional(
    text("for", "TRAINER", "Picks a format that this trainer takes, and refuses one that it does not"),
  ),
  identifier: Options.boolean("no-identifier", { ifPresent: false }).pipe(
    Options.withDescription("Leaves the identifier out of the rows"),
  ),
  shuffle: flag("shuffle", "Rows in an order of their own, by a hash of the seed and their identifiers"),
  validation: Options.optional(
    text(
      "validation",
      "N|N%",
      "Conversations that are put by in a second output (train.validation.jsonl): a number (100) or a share (1%)",
    ),
  ),
  validationStrict: flag("validation-strict", "What is nearly the same as a training row leaves the validation output"),
  strict: flag("strict", "Any bad record ends the run, and so does an empty output"),
  maxBad: Options.optional(text("max-bad", "N|N%", "Bad records that a task may have: a number (5) or a share (1%)")),
  ledger: Options.optional(
    text("ledger", "FILE", "Where to tell what was not written, and why. Default: beside the output"),
  ),
  manifest: Options.optional(
    text("manifest", "FILE", "Where to tell how the output was made. Default: beside the output"),
  ),
  keepWork: flag("keep-work", "Finished parts stay on disk after the run, for the next one"),
  dryRun: flag("dry-run", "Checks everything, tells the plan, writes nothing"),
  quiet: flag("quiet", "No progress, no summary"),
  json: flag("json", "The manifest on stdout, in place of the summary"),
  download: flag("download", "Fetches missing datasets first"),
  allowHttp: DownloadCommand.allowHttp,
}

const previewFlags = {
  ...readFlags,
  format: Options.optional(text("format", "NAME", "The format whose lengths and control tokens count. Default: none")),
  examples: integer("examples", "Examples of each task to show. Default: 3").pipe(Options.withDefault(3)),
  skip: integer("skip", "Examples of each task to pass over first. Default: 0").pipe(Options.withDefault(0)),
  task: Options.optional(text("task", "NAME", "Only this one of the tasks")),
  dropped: Options.optional(text("dropped", "FILTER", "What this filter drops, in place of what is written")),
  diff: flag("diff", "Shows what the clean-up changed in the texts of each example"),
  download: flag("download", "Fetches missing datasets first"),
  allowHttp: DownloadCommand.allowHttp,
}

const listFlags = {
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Where to look for raw data. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  json: flag("json", "One JSON object on stdout"),
}

const explainFlags = {
  ...readFlags,
  tasks: Options.optional(text("tasks", "A,B", "Tasks to look in. Default: those of the output, or of the config")),
  config: Options.optional(text("config", "FILE", "The config. Default: what the manifest of the output says of it")),
  format: Options.optional(text("format", "NAME", "The format. Default: that of the output, else sharegpt")),
  output: Options.optional(text("output", "FILE", "An output: its ledger and rows tell what became of the record")),
  line: Options.optional(integer("line", "Explains this line of an output, in place of an ID")),
  json: flag("json", "All of it as one JSON object on stdout"),
}

const verifyFlags = {
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Digests the inputs in this folder again, too. Default: they are not read"),
  ),
  ledger: Options.optional(text("ledger", "FILE", "The ledger. Default: beside the output")),
  manifest: Options.optional(text("manifest", "FILE", "The manifest. Default: beside the output")),
  json: flag("json", "The report as one JSON object on stdout"),
}

const kinds = ["tasks", "datasets", "filters", "formats", "tokenizers"] as const

/** The commands, for help and for messages that name what is meant. */
const commands: { readonly [name: string]: Entry } = {
  build: {
    about: "Builds training data from raw data",
    example:
      "data-toolbox build --tasks AesirRoleplayTask --config config.yml --format sharegpt --output-file train.jsonl",
    flags: buildFlags,
    eitherOf: [["format", "for"]],
  },
  preview: {
    about: "Shows the first examples of each task in the terminal, without writing anything",
    example: "data-toolbox preview --tasks AesirRoleplayTask --config config.yml",
    flags: previewFlags,
  },
  list: {
    about: "Tells what tasks, datasets, filters, formats and tokenizers there are",
    example: "data-toolbox list tasks",
    flags: listFlags,
    argument: { choices: kinds },
  },
  verify: {
    about: "Reads an output again and holds it against its manifest and ledger: digests, rows, sums",
    example: "data-toolbox verify train.jsonl --data-folder data",
    flags: verifyFlags,
    argument: { needed: "OUTPUT" },
  },
  explain: {
    about: "Tells the life of one record: what was read, cleaned, said by filters, counted and written",
    example: "data-toolbox explain aesir-12 --config config.yml --output train.jsonl",
    flags: explainFlags,
    argument: { needed: "ID|OUTPUT" },
  },
  download: DownloadCommand.entry,
  check: CheckCommand.entry,
  report: ReportCommand.entry,
  init: InitCommand.entry,
}

/** Of flags of which one is needed the first stands in the usage. */
const eitherText = (name: string): string =>
  (commands[name]?.eitherOf ?? [])
    .flatMap(([first]) => flagsOf(name).filter((one) => one.name === first))
    .map((one) => ` --${one.name} ${one.value}`)
    .join("")

/** How the argument without a flag stands in the usage. */
const argumentText = (name: string): string => {
  const argument = commands[name]?.argument
  if (argument === undefined) return ""
  if ("several" in argument) return ` ${argument.several}`
  return "needed" in argument ? ` ${argument.needed}` : ` [${argument.choices.join("|")}]`
}

// ----------------------------------------------------------------------------------------------------- help, arguments

/** A flag as help and messages tell it. */
interface Flag {
  readonly name: string
  /** Stands for its value; absent where it takes none. */
  readonly value: string | undefined
  readonly required: boolean
  readonly about: string
}

const shells = ["bash", "zsh", "fish", "sh"]
const logLevels = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

/** The framework's own flags, that every command takes. */
const builtIns: ReadonlyArray<Flag> = [
  { name: "help", value: undefined, required: false, about: "Tells what a command and its options do" },
  { name: "version", value: undefined, required: false, about: "Tells the version" },
  {
    name: "completions",
    value: "SHELL",
    required: false,
    about: `Prints a completion script for ${shells.slice(0, -1).join(", ")} or ${shells.at(-1)}`,
  },
  { name: "log-level", value: "LEVEL", required: false, about: `Log on stderr: ${logLevels.join(", ")}` },
  { name: "wizard", value: undefined, required: false, about: "Asks for the options one by one" },
]

/** The texts of a help document, a string a paragraph. */
const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isDescriptionList(doc)) return doc.definitions.flatMap(([, one]) => paragraphs(one))
  if (HelpDoc.isSequence(doc)) return [...paragraphs(doc.left), ...paragraphs(doc.right)]
  return HelpDoc.isParagraph(doc) ? [stripVTControlCharacters(HelpDoc.toAnsiText(doc)).trim()] : []
}

const flagOf = (option: Options.Options<unknown>): Flag => {
  const usage = Options.getUsage(option)
  const named = usage._tag === "Optional" ? usage.usage : usage
  if (named._tag !== "Named") throw new Error(`a flag is used as ${named._tag}`)
  const value = Option.getOrUndefined(named.acceptedValues)
  // What the framework says of the type of a value, and of its absence, tells no one anything.
  const about = paragraphs(Options.getHelp(option))
    .slice(1)
    .filter((one) => !one.startsWith("This setting is optional"))
  return {
    name: (named.names[0] as string).replace(/^--/, ""),
    value,
    required: value !== undefined && usage._tag !== "Optional",
    about: about.join(" "),
  }
}

/** The flags of a command, those that must be given first. */
const flagsOf = (name: string): ReadonlyArray<Flag> =>
  Object.values(commands[name]?.flags ?? {})
    .map(flagOf)
    .sort((a, b) => Number(b.required) - Number(a.required))

const width = 100

/** Names on the left, texts wrapped on the right. */
const columns = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const indent = Math.max(...rows.map(([name]) => name.length)) + 4
  return rows.flatMap(([name, about]) => {
    const lines = [""]
    for (const word of about.split(" ")) {
      const last = lines[lines.length - 1] as string
      if (last !== "" && indent + last.length + 1 + word.length > width) lines.push(word)
      else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
    }
    return lines.map((line, i) => `${i === 0 ? `  ${name}`.padEnd(indent) : " ".repeat(indent)}${line}`)
  })
}

const optionRows = (flags: ReadonlyArray<Flag>): ReadonlyArray<readonly [string, string]> =>
  flags.map(({ about, name, required, value }) => [
    `${name === "help" ? "-h, " : ""}--${name}${value === undefined ? "" : ` ${value}`}`,
    `${about}${required ? " (required)" : ""}`,
  ])

/** What `--help` prints: of a command, or of the whole. */
export const help = (name: string | undefined): string => {
  const command = name === undefined ? undefined : commands[name]
  const lines: ReadonlyArray<string> =
    command === undefined
      ? [
          "Turns raw chat, roleplay and instruction data into training data for language models.",
          "",
          "Usage: data-toolbox COMMAND [OPTIONS]",
          "",
          "Commands:",
          ...columns(Object.entries(commands).map(([one, { about }]) => [one, about] as const)),
          "",
          "Options:",
          ...columns(optionRows(builtIns)),
          "",
          '"data-toolbox COMMAND --help" tells the options of a command.',
        ]
      : [
          `${command.about}.`,
          "",
          `Usage: data-toolbox ${name}${flagsOf(name as string)
            .filter(({ required }) => required)
            .map((one) => ` --${one.name} ${one.value}`)
            .join("")}${eitherText(name as string)} [OPTIONS]${argumentText(name as string)}`,
          "",
          "Options:",
          ...columns(optionRows([...flagsOf(name as string), ...builtIns])),
          "",
          `Example: ${command.example}`,
        ]
  return `${lines.join("\n")}\n`
}

const withDashes = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.map((name) => `--${name}`)

const oneOf = (option: string, known: ReadonlyArray<string>): string => `${option} takes one of ${known.join(", ")}`

/** What is wrong with the arguments of a command. */
const problemsOf = (name: string, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const flags = [...flagsOf(name), ...builtIns]
  const known = withDashes(flags.map((one) => one.name))
  const problems: Array<string> = []
  const seen = new Set<string>()
  const repeated = new Set<string>()
  const argument = commands[name]?.argument
  let free = 0
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!/^-./.test(arg)) {
      if (argument !== undefined && "several" in argument) continue
      if (argument === undefined || free++ > 0) problems.push(`unexpected argument "${arg}"`)
      else if ("choices" in argument && !argument.choices.includes(arg))
        problems.push(`there are no "${arg}" to list.${suggestion(arg, argument.choices)}`)
      continue
    }
    const equals = arg.indexOf("=")
    const option = equals < 0 ? arg : arg.slice(0, equals)
    const flag = flags.find((one) => `--${one.name}` === option)
    if (flag === undefined) {
      const near = nearest(option, known)
      const hint = near === undefined ? `"data-toolbox ${name} --help" tells what there is` : `Did you mean "${near}"?`
      problems.push(`unknown option ${option}. ${hint}`)
      // Its value, most likely.
      if (equals < 0 && args[i + 1]?.startsWith("-") === false && argument === undefined) i++
      continue
    }
    if (seen.has(option)) repeated.add(option)
    seen.add(option)
    if (flag.value === undefined) {
      if (equals >= 0) problems.push(`${option} takes no value`)
      continue
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
    if (value === undefined || value === "" || (equals < 0 && value.startsWith("--"))) {
      problems.push(`${option} needs a value: ${option} ${flag.value}`)
      if (value?.startsWith("--") === true) i--
    } else if (flag.value === "N" && !isInteger(value)) {
      problems.push(`${option} takes a whole number, not "${value}"`)
    } else if (flag.name === "log-level" && !logLevels.includes(value)) {
      problems.push(oneOf(option, logLevels))
    }
  }
  for (const option of repeated) problems.push(`${option} is given more than once`)
  const missing = [
    ...(argument !== undefined && "needed" in argument && free === 0 ? [argument.needed] : []),
    ...withDashes(flags.filter((one) => one.required).map((one) => one.name)).filter((option) => !seen.has(option)),
    ...(commands[name]?.eitherOf ?? [])
      .filter((names) => !withDashes(names).some((option) => seen.has(option)))
      .map((names) => withDashes(names).join(" or ")),
  ]
  if (missing.length > 0)
    problems.push(`missing: ${missing.join(", ")}. "data-toolbox ${name} --help" tells what they mean`)
  return problems
}

/** What the arguments alone decide: a text for stdout (code 0), one for stderr (code 2), or a completion script. */
export type Answer = { readonly code: 0 | 2; readonly text: string } | { readonly completions: string }

const refuse = (problems: ReadonlyArray<string>): Answer => ({
  code: 2,
  text: `${problems.map((problem) => `data-toolbox: ${problem}`).join("\n")}\n`,
})

/**
 * Answers help, the version, and arguments that cannot be meant, with all their problems at once: unknown commands and
 * options with the nearest name, missing options and values. The framework's parser tells the first problem only, and an
 * unknown option by its value. Undefined: the framework goes on.
 */
export const answer = (
  args: ReadonlyArray<string>,
  { isTerminal, version }: { readonly isTerminal: boolean; readonly version: string },
): Answer | undefined => {
  const at = (option: string): number => args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`))
  const asksHelp = args.includes("--help") || args.includes("-h") || args[0] === "help"
  const names = args.filter((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--log-level" && arg !== "help")
  const [name] = names
  const isKnown = name === undefined || Object.hasOwn(commands, name)
  if (asksHelp && isKnown) return { code: 0, text: help(name) }
  if (args.includes("--version")) return { code: 0, text: `data-toolbox ${version}\n` }
  const completions = at("--completions")
  if (completions >= 0) {
    const shell = (args[completions] as string).split("=")[1] ?? args[completions + 1] ?? ""
    return shells.includes(shell) ? { completions: shell } : refuse([oneOf("--completions", shells)])
  }
  if (args.includes("--wizard"))
    return isTerminal ? undefined : refuse(["--wizard asks questions and needs a terminal"])
  if (!isKnown) return refuse([`unknown command "${name}".${suggestion(name, Object.keys(commands))}`])
  if (name !== undefined) {
    const where = args.indexOf(name)
    const problems = problemsOf(name, [...args.slice(0, where), ...args.slice(where + 1)])
    return problems.length === 0 ? undefined : refuse(problems)
  }
  if (args.length === 0) return { code: 0, text: help(undefined) }
  return refuse([`name a command: ${Object.keys(commands).join(", ")}. "data-toolbox --help" tells more`])
}

/** The arguments as the framework takes them: the log level before the command. */
export const arranged = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = args.findIndex((arg) => arg === "--log-level" || arg.startsWith("--log-level="))
  if (at < 0) return args
  const size = args[at] === "--log-level" ? 2 : 1
  return [...args.slice(at, at + size), ...args.slice(0, at), ...args.slice(at + size)]
}

// ---------------------------------------------------------------------------------------------------------------- specs

const readConfig = (file: string): Effect.Effect<{ readonly text: string; readonly file: string }, ConfigError> =>
  Effect.tryPromise({
    try: async () => ({ text: await readFile(file, "utf8"), file }),
    catch: (cause) => {
      const code = (cause as { readonly code?: unknown }).code
      const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code)
      return ConfigError.one({ path: "--config", message: `cannot read "${file}": ${why}` })
    },
  })

type ReadFlags = {
  readonly [K in keyof typeof readFlags]: (typeof readFlags)[K] extends Options.Options<infer A> ? A : never
}

/** A config that cannot be read ends the run, with what else is wrong. */
const readSpec = (flags: ReadFlags, problems: ReadonlyArray<Problem>): Effect.Effect<ReadSpec, ConfigError> => {
  const config = Effect.mapError(
    readConfig(flags.config),
    (error) => new ConfigError({ problems: [...problems, ...error.problems] }),
  )
  return Effect.map(config, (config): ReadSpec => {
    const limit = Option.getOrUndefined(flags.limit)
    const tokenizer = Option.getOrUndefined(flags.tokenizer)
    const chatTemplate = Option.getOrUndefined(flags.chatTemplate)
    return {
      tasks: parseNames(flags.tasks),
      config,
      maxLength: flags.maxLength,
      length: flags.length as NonNullable<BuildSpec["length"]>,
      seed: flags.seed,
      roleTokens: flags.roleTokens as NonNullable<BuildSpec["roleTokens"]>,
      ...(limit === undefined ? {} : { limit }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    }
  })
}

const settingsOf = (
  flags: ReadFlags & { readonly allowHttp: boolean; readonly download: boolean },
  quiet: boolean,
): Settings => ({
  dataFolder: Option.getOrUndefined(flags.dataFolder),
  workers: Option.getOrUndefined(flags.workers),
  quiet,
  ...(flags.download ? { network: { allowHttp: flags.allowHttp } } : {}),
})

/** Before a build or a preview that has `--download`. */
const fetchMissing = (spec: Download.MissingSpec) =>
  Effect.gen(function* () {
    const { fetchMissing: fetch } = yield* Effect.promise(() => import("./Download.ts"))
    const { bytes, datasets } = yield* fetch(spec)
    if (datasets.length > 0)
      yield* Effect.logInfo(`downloaded ${datasets.map(({ dataset }) => dataset).join(", ")}: ${bytes} bytes`)
  })

/** Problems of the flags that `Resolve` does not know of. */
const checkWorkers = (flags: ReadFlags): ReadonlyArray<Problem> => {
  const count = Option.getOrUndefined(flags.workers)
  return count === undefined || (count >= 0 && count <= 256)
    ? []
    : [{ path: "--workers", message: `${count} is no number of threads from 0 to 256` }]
}

/** Ends with problems of the flags and, so that all is told at once, with those that resolving finds. */
const refuseWith = <A, R>(
  problems: ReadonlyArray<Problem>,
  resolving: Effect.Effect<A, BuildError, R>,
): Effect.Effect<never, ConfigError, R> =>
  Effect.flatMap(Effect.either(resolving), (resolved) => {
    const error = Either.isLeft(resolved) && resolved.left._tag === "ConfigError" ? resolved.left : undefined
    return Effect.fail(
      new ConfigError({
        problems: [...problems, ...(error?.problems ?? [])],
        ...(error?.file === undefined ? {} : { file: error.file }),
      }),
    )
  })

/** `--verbose` adds the debug log; without it the level is the framework's (`--log-level`, else info). */
const withVerbosity =
  (verbose: boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    verbose ? Logger.withMinimumLogLevel(effect, LogLevel.Debug) : effect

// ------------------------------------------------------------------------------------------------------------- commands

/** Loaded when a command needs it: help, and what is wrong with the arguments, are told without it. */
const builder = Effect.promise(() => import("./Build.ts"))

const checkTargets = (
  outputFile: string,
  flags: { readonly [option: string]: string | undefined },
  json: boolean,
  hasValidation: boolean,
) => {
  const problems: Array<Problem> = []
  if (outputFile === "-" && json)
    problems.push({ path: "--json", message: "the standard output cannot take both the rows (-) and the manifest" })
  if (outputFile === "-" && hasValidation)
    problems.push({ path: "--validation", message: "the standard output takes one output; name a file" })
  for (const [path, file] of Object.entries(flags))
    if (file === "-") problems.push({ path, message: '"-" is for the output only; name a file' })
  return problems
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`

/** What `--verbose` tells before a run. */
const logPlan = ({ tasks }: ResolvedRun, flags: ReadFlags) =>
  Effect.gen(function* () {
    const { build, version } = packageTool()
    const workers = Option.match(flags.workers, {
      onNone: () => "a worker for each core",
      onSome: (n) => count(n, "worker"),
    })
    yield* Effect.logDebug(`version ${version}, build ${build}, Node ${process.version}, ${workers}`)
    for (const { job, plan } of tasks)
      yield* Effect.logDebug(`${job.key}: ${count(plan.files.length, "file")}, clean ${JSON.stringify(job.clean)}`)
  })

/** What `--verbose` tells after it. */
const logInputs = ({ inputs, outputs }: Manifest) =>
  Effect.gen(function* () {
    for (const { bytes, file, sha256 } of inputs)
      yield* Effect.logDebug(`read ${file}: ${bytes} bytes, sha256 ${sha256}`)
    for (const { bytes, file, sha256 } of outputs)
      yield* Effect.logDebug(`wrote ${file}: ${bytes} bytes, sha256 ${sha256}`)
  })

/** The format of a build: the one that is named, or the best one for the trainer that is. */
const formatFor = (
  flags: { readonly format: Option.Option<string>; readonly for: Option.Option<string> },
  problems: Array<Problem>,
): Effect.Effect<string> =>
  Effect.gen(function* () {
    const given = Option.getOrUndefined(flags.format)
    const name = Option.getOrUndefined(flags.for)
    if (name === undefined) return given ?? ""
    const { findTrainer, trainers } = yield* Effect.promise(() => import("../domain/trainers/All.ts"))
    const trainer = findTrainer(name)
    const known = trainers.map((one) => one.name)
    if (trainer === undefined)
      problems.push({ path: "--for", message: `unknown trainer "${name}".${suggestion(name, known)}` })
    else if (given !== undefined && !trainer.formats.includes(given.toLowerCase()))
      problems.push({
        path: "--for",
        message: `${trainer.title} does not take format "${given}"; it takes ${trainer.formats.join(", ")}`,
      })
    return given ?? trainer?.formats[0] ?? "openai"
  })

const build = (services: ServicesOf) =>
  Command.make("build", buildFlags, (flags) =>
    Effect.gen(function* () {
      const { filesOf, prepare, run } = yield* builder
      const ledger = Option.getOrUndefined(flags.ledger)
      const manifest = Option.getOrUndefined(flags.manifest)
      const maxBad = Option.getOrUndefined(flags.maxBad)
      const problems: Array<Problem> = [
        ...checkWorkers(flags),
        ...checkTargets(
          flags.outputFile,
          { "--ledger": ledger, "--manifest": manifest },
          flags.json,
          Option.isSome(flags.validation),
        ),
      ]
      const format = yield* formatFor(flags, problems)
      const spec: BuildSpec = {
        ...(yield* readSpec(flags, problems)),
        format,
        outputFile: flags.outputFile,
        identifier: flags.identifier,
        strict: flags.strict,
        shuffle: flags.shuffle,
        ...(Option.isNone(flags.validation) ? {} : { validation: flags.validation.value }),
        validationStrict: flags.validationStrict,
        keepWork: flags.keepWork,
        ...(maxBad === undefined ? {} : { maxBad }),
        ...(ledger === undefined ? {} : { ledgerFile: ledger }),
        ...(manifest === undefined ? {} : { manifestFile: manifest }),
        arguments: process.argv.slice(2),
      }
      if (problems.length > 0) return yield* refuseWith(problems, prepare(spec))
      if (flags.download && !flags.dryRun) yield* fetchMissing(spec)
      if (flags.dryRun || flags.verbose) {
        const resolved = yield* prepare(spec)
        if (flags.dryRun) {
          const plan = Summary.planOf(resolved)
          return yield* toStdout(flags.json ? `${JSON.stringify(plan, null, 2)}\n` : Summary.plan(plan))
        }
        yield* logPlan(resolved, flags)
      }
      const made = yield* run(spec)
      yield* logInputs(made)
      if (flags.json) return yield* toStdout(`${JSON.stringify(made, null, 2)}\n`)
      if (flags.quiet) return
      const text = Summary.summary(made, filesOf(spec))
      if (flags.outputFile === "-") yield* Effect.sync(() => process.stderr.write(text))
      else yield* toStdout(text)
    }).pipe(Effect.provide(services(settingsOf(flags, flags.quiet || flags.json))), withVerbosity(flags.verbose)),
  ).pipe(Command.withDescription(`${commands["build"]?.about}`))

const preview = (services: ServicesOf) =>
  Command.make("preview", previewFlags, (flags) =>
    Effect.gen(function* () {
      const Preview = yield* Effect.promise(() => import("./Preview.ts"))
      const format = Option.getOrUndefined(flags.format)
      const problems: Array<Problem> = [
        ...checkWorkers(flags),
        ...(flags.skip >= 0 ? [] : [{ path: "--skip", message: `${flags.skip} is no number of examples` }]),
        ...(flags.examples >= 1
          ? []
          : [{ path: "--examples", message: `${flags.examples} is no number of examples above 0` }]),
      ]
      const given = yield* readSpec(flags, problems)
      const only = Option.getOrUndefined(flags.task)
      if (only !== undefined && !given.tasks.includes(only))
        problems.push({
          path: "--task",
          message: `"${only}" is none of --tasks.${suggestion(only, given.tasks)}`,
        })
      const spec = {
        ...given,
        ...(only === undefined ? {} : { tasks: [only] }),
        ...(format === undefined ? {} : { format }),
      }
      const options = { count: flags.examples, skip: flags.skip }
      const stream = Option.match(flags.dropped, {
        onNone: () => Preview.examples(spec, options),
        onSome: (filter) => Preview.dropped(spec, filter, options),
      })
      if (problems.length > 0) return yield* refuseWith(problems, Stream.runDrain(Stream.take(stream, 1)))
      if (flags.download) yield* fetchMissing({ ...spec, format: spec.format ?? "sharegpt" })
      const { legendText, shownText } = yield* Effect.promise(() => import("./ExampleText.ts"))
      const view = viewOf(process.stdout)
      let shown = 0
      const show = (one: Preview.Shown) => {
        const legend = shown++ === 0 ? `${legendText(spec.tokenizer ?? "estimate", view)}\n\n` : ""
        return toStdout(`${legend}${shownText(one, view)}\n`)
      }
      if (flags.diff) {
        const all = yield* Preview.withChanges(spec, [...(yield* Stream.runCollect(stream))])
        yield* Effect.forEach(all, show)
      } else yield* Stream.runForEach(stream, show)
      if (shown === 0)
        yield* Effect.logWarning(
          Option.isSome(flags.dropped)
            ? `${flags.dropped.value} drops nothing`
            : "no example came out; a build tells why in its ledger",
        )
    }).pipe(Effect.provide(services({ ...settingsOf(flags, true), workers: 0 })), withVerbosity(flags.verbose)),
  ).pipe(Command.withDescription(`${commands["preview"]?.about}`))

const list = (services: ServicesOf) =>
  Command.make(
    "list",
    {
      ...listFlags,
      kind: Args.choice(
        kinds.map((kind) => [kind, kind] as [string, (typeof kinds)[number]]),
        { name: "tasks|datasets|filters|formats|tokenizers" },
      ).pipe(Args.optional, Args.withDescription("Only these")),
    },
    ({ dataFolder, json, kind }) =>
      Effect.gen(function* () {
        const { stateOf } = yield* Effect.promise(() => import("./Download.ts"))
        const all = (yield* Datasets).all
        const states = new Map(
          yield* Effect.forEach(all, (one) => Effect.map(stateOf(one), (state) => [one.name, state] as const)),
        )
        const named = <A extends { readonly name: string; readonly description: string }>(
          all: ReadonlyArray<A>,
          more: (one: A) => { readonly [key: string]: unknown } = () => ({}),
        ) => all.map((one) => ({ name: one.name, description: one.description, ...more(one) }))
        const everything: {
          readonly [K in (typeof kinds)[number]]: ReadonlyArray<{ readonly name: string; readonly description: string }>
        } = {
          tasks: named((yield* Tasks).all(), ({ dataset, options, suggestedFilters }) => ({
            dataset: dataset.name,
            options: Object.keys({ ...dataset.options, ...options }).sort(),
            suggestedFilters,
          })),
          datasets: named(all, ({ files, folder, homepage, name, source }) => ({
            folder,
            files,
            ...(homepage === undefined ? {} : { homepage }),
            ...(source === undefined ? {} : { source }),
            ...states.get(name),
          })),
          filters: named((yield* Filters).all(), ({ options }) => ({ options: Object.keys(options ?? {}).sort() })),
          formats: named((yield* Formats).all(), ({ trainers }) => ({ trainers })),
          tokenizers: (yield* Tokenizer).names.map((name) => ({
            name,
            description: name === "estimate" ? "words x 1.3, rounded up, a turn" : "an encoding of tiktoken",
          })),
        }
        const wanted = kinds.filter((one) => Option.isNone(kind) || kind.value === one)
        if (json) {
          const picked = Object.fromEntries(wanted.map((one) => [one, everything[one]]))
          return yield* toStdout(`${JSON.stringify(picked, null, 2)}\n`)
        }
        const width = Math.max(...wanted.flatMap((one) => everything[one].map(({ name }) => name.length)))
        const lines = wanted.flatMap((one) => [
          ...(wanted.length > 1 ? [`${one}:`] : []),
          ...everything[one].flatMap(({ description, name }) => {
            const state = one === "datasets" ? states.get(name) : undefined
            const about =
              state === undefined ? description : `${state.state.padEnd("incomplete".length)}  ${description}`
            return [
              `${wanted.length > 1 ? "  " : ""}${name.padEnd(width)}  ${about}`.trimEnd(),
              // How to get what is not here, where only this was asked.
              ...(wanted.length > 1 || state?.how === undefined ? [] : [`${" ".repeat(width + 2)}${state.how}`]),
            ]
          }),
        ])
        yield* toStdout(`${lines.map(terminalLine).join("\n")}\n`)
      }).pipe(Effect.provide(services({ dataFolder: Option.getOrUndefined(dataFolder), workers: 0, quiet: true }))),
  ).pipe(Command.withDescription(`${commands["list"]?.about}`))

const explain = (services: ServicesOf) =>
  Command.make("explain", { ...explainFlags, what: Args.text({ name: "ID|OUTPUT" }) }, (flags) =>
    Effect.gen(function* () {
      const Explain = yield* Effect.promise(() => import("./Explain.ts"))
      const line = Option.getOrUndefined(flags.line)
      const file = line === undefined ? Option.getOrUndefined(flags.output) : flags.what
      const problems = [
        ...checkWorkers({ ...flags, tasks: "", config: "" }),
        ...(line === undefined || line >= 1
          ? []
          : [{ path: "--line", message: `${line} is no line: they begin at 1` }]),
        ...(file === undefined && Option.isNone(flags.config)
          ? [{ path: "--config", message: "is needed, or --output with the output of a build" }]
          : []),
        ...(Option.isNone(flags.tasks) && file === undefined
          ? [{ path: "--tasks", message: "is needed, or --output with the output of a build" }]
          : []),
      ]
      if (problems.length > 0) return yield* new ConfigError({ problems })
      const made = file === undefined ? undefined : (yield* Explain.specOf({ file })).spec
      const tasks = Option.match(flags.tasks, { onNone: () => made?.tasks ?? [], onSome: parseNames })
      const spec = Option.isNone(flags.config)
        ? { ...(made as NonNullable<typeof made>), tasks }
        : { ...made, ...(yield* readSpec({ ...flags, tasks: tasks.join(","), config: flags.config.value }, [])) }
      const format = Option.getOrElse(flags.format, () => made?.format ?? "sharegpt")
      const id = line === undefined ? flags.what : yield* Explain.idOfRow(file as string, line)
      const explanation = yield* Explain.explain({
        id,
        spec: { ...spec, format },
        ...(file === undefined ? {} : { output: { file } }),
      })
      if (flags.json) return yield* toStdout(`${JSON.stringify(explanation, null, 2)}\n`)
      const { explanationText } = yield* Effect.promise(() => import("./ExplainText.ts"))
      yield* toStdout(explanationText(explanation, viewOf(process.stdout)))
    }).pipe(
      Effect.provide(services({ dataFolder: Option.getOrUndefined(flags.dataFolder), workers: 0, quiet: true })),
      withVerbosity(flags.verbose),
    ),
  ).pipe(Command.withDescription(`${commands["explain"]?.about}`))

const verify = Command.make(
  "verify",
  { ...verifyFlags, output: Args.text({ name: "OUTPUT" }) },
  ({ dataFolder, json, ledger, manifest, output }) =>
    Effect.gen(function* () {
      const Verify = yield* Effect.promise(() => import("./Verify.ts"))
      const [inputs, ledgerFile, manifestFile] = [dataFolder, ledger, manifest].map(Option.getOrUndefined)
      const report = yield* Verify.verify(output, {
        ...(inputs === undefined ? {} : { inputs }),
        ...(ledgerFile === undefined ? {} : { ledgerFile }),
        ...(manifestFile === undefined ? {} : { manifestFile }),
      })
      yield* toStdout(json ? `${JSON.stringify(report, null, 2)}\n` : Verify.render(report))
      if (report.summary.findings > 0) yield* exitWith(1)
    }),
).pipe(Command.withDescription(`${commands["verify"]?.about}`))

/** The whole command line. */
export const command = (services: ServicesOf) =>
  Command.make("data-toolbox").pipe(
    Command.withDescription("Turns raw chat, roleplay and instruction data into training data for language models."),
    Command.withSubcommands([
      build(services),
      preview(services),
      list(services),
      explain(services),
      verify,
      DownloadCommand.command(services),
      CheckCommand.command,
      ReportCommand.command,
      InitCommand.command(services),
    ]),
  )

/** The completion script of a shell. */
export const completions = (shell: string): Effect.Effect<string> => {
  const { name, ...all } = { name: "data-toolbox", command: command(() => Layer.die("no command is run")) }
  const lines =
    shell === "fish"
      ? Command.getFishCompletions(all.command, name)
      : shell === "zsh"
        ? Command.getZshCompletions(all.command, name)
        : Command.getBashCompletions(all.command, name)
  return Effect.map(lines, (script) => {
    const text = `${script.join("\n")}\n`
    // The framework calls the root by its own name, and below it by one without hyphens: options of a command were not
    // found.
    return shell === "fish" || shell === "zsh"
      ? text
      : text.replace('cmd="data-toolbox"', 'cmd="data__toolbox"').replace(/^( +)data-toolbox\)$/m, "$1data__toolbox)")
  })
}

/** What a command may fail with. */
export type CommandError = BuildError | DownloadError | VerifyError | ReportError | ExplainError | CheckError

/** How an error is told on stderr, and the exit code: 2 for what was asked wrongly, 1 for a run that failed. */
export const told = (error: CommandError): { readonly text: string; readonly code: 1 | 2 } => ({
  text: error.message
    .split("\n")
    .map((line) => `data-toolbox: ${line}`)
    .join("\n"),
  code: error._tag === "ConfigError" ? 2 : 1,
})

/** The command line: each command parses its flags, makes a spec and calls a program; nothing else. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { readFile } from "node:fs/promises"
import type { BuildSpec } from "../domain/BuildSpec.ts"
import { type BuildError, ConfigError, type Problem } from "../domain/Errors.ts"
import { suggestion } from "../domain/Nearest.ts"
import { tokenizerNames } from "../domain/Tokens.ts"
import { Datasets } from "../services/Dataset.ts"
import { Filters, Formats, Tasks } from "../services/Registry.ts"
import { Tokenizer } from "../services/Tokenizer.ts"
import * as Build from "./Build.ts"
import type { ReadSpec } from "./Resolve.ts"
import * as Summary from "./Summary.ts"

/** What the flags say about the services of a run. */
export interface Settings {
  /** Absent: `TOOLBOX_DATA_FOLDER`, else `./data`. */
  readonly dataFolder: string | undefined
  /** Worker threads; 0 is in process, absent is one for each core. */
  readonly workers: number | undefined
  readonly quiet: boolean
}

/** Makes the services of a run from its flags; the entry passes it, so that commands name no layers. */
export type ServicesOf = (settings: Settings) => Layer.Layer<Build.Services>

// --------------------------------------------------------------------------------------------------------------- flags

/** A whole number; the framework's own message does not name the flag. */
const integer = (name: string): Options.Options<number> =>
  Options.text(name).pipe(
    Options.withPseudoName("integer"),
    Options.mapTryCatch(
      (text) => {
        if (!/^[+-]?\d{1,15}$/.test(text)) throw new Error(text)
        return Number(text)
      },
      () => HelpDoc.p(`data-toolbox: --${name} takes a whole number`),
    ),
  )

const optional = <A>(options: Options.Options<A>) => Options.optional(options)

const readFlags = {
  tasks: Options.text("tasks").pipe(
    Options.withDescription("Tasks to run: names of tasks, or keys of the config, comma-separated (required)"),
  ),
  config: Options.text("config").pipe(
    Options.withDescription("YAML file with a section for each task; an empty file will do (required)"),
  ),
  maxLength: integer("max-length").pipe(
    Options.withDescription("Tokens an example may have; -1 is no limit"),
    Options.withDefault(-1),
  ),
  length: Options.text("length").pipe(
    Options.withDescription(
      "What becomes of a longer conversation: fit (longest beginning that ends with an answer), windows (several examples), drop",
    ),
    Options.withDefault("fit"),
  ),
  tokenizer: optional(Options.text("tokenizer")).pipe(
    Options.withDescription(`How tokens are counted: ${tokenizerNames.join(", ")}. Default: estimate`),
  ),
  seed: integer("seed").pipe(
    Options.withDescription("Chooses prompts and their variants; the same seed gives the same bytes"),
    Options.withDefault(42),
  ),
  roleTokens: Options.text("role-tokens").pipe(
    Options.withDescription("Control tokens of the target found in the data: escape, drop (the episode), keep"),
    Options.withDefault("escape"),
  ),
  limit: optional(integer("limit")).pipe(Options.withDescription("Only the first N records of each task")),
  dataFolder: optional(Options.text("data-folder")).pipe(
    Options.withDescription("Where the raw data lies. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  workers: optional(integer("workers")).pipe(
    Options.withDescription("Worker threads; 0 works in process. Default: one for each core. Never changes the output"),
  ),
  verbose: Options.boolean("verbose").pipe(Options.withDescription("Tells on stderr what is done")),
}

const buildFlags = {
  ...readFlags,
  outputFile: Options.text("output-file").pipe(
    Options.withDescription(
      "JSON lines to write, replaced as a whole; .gz compresses; - is the standard output (required)",
    ),
  ),
  format: Options.text("format").pipe(
    Options.withDescription('Shape of the rows; "list formats" tells them (required)'),
  ),
  identifier: Options.boolean("no-identifier", { ifPresent: false }).pipe(
    Options.withDescription("Leaves the identifier out of the rows"),
  ),
  strict: Options.boolean("strict").pipe(
    Options.withDescription("Any bad record ends the run, and so does an empty output"),
  ),
  maxBad: optional(Options.text("max-bad")).pipe(
    Options.withDescription("Bad records that a task may have: a number (5) or a share (1%)"),
  ),
  ledger: optional(Options.text("ledger")).pipe(
    Options.withDescription("Where to tell what was not written, and why. Default: beside the output"),
  ),
  manifest: optional(Options.text("manifest")).pipe(
    Options.withDescription("Where to tell how the output was made. Default: beside the output"),
  ),
  dryRun: Options.boolean("dry-run").pipe(Options.withDescription("Checks everything, tells the plan, writes nothing")),
  quiet: Options.boolean("quiet").pipe(Options.withDescription("No progress, no summary")),
  json: Options.boolean("json").pipe(Options.withDescription("The manifest on stdout, in place of the summary")),
}

const previewFlags = {
  ...readFlags,
  format: optional(Options.text("format")).pipe(
    Options.withDescription("The format whose lengths and control tokens count. Default: none"),
  ),
  examples: integer("examples").pipe(Options.withDescription("Examples of each task to show"), Options.withDefault(3)),
}

const kinds = ["tasks", "datasets", "filters", "formats", "tokenizers"] as const

const listFlags = {
  json: Options.boolean("json").pipe(Options.withDescription("One JSON object on stdout")),
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Flags by command, for messages that name what is meant. */
const flagsOf: {
  readonly [command: string]: { readonly all: ReadonlyArray<string>; readonly required: ReadonlyArray<string> }
} = {
  build: {
    all: Object.keys(buildFlags).map((key) => (key === "identifier" ? "no-identifier" : kebab(key))),
    required: ["tasks", "config", "output-file", "format"],
  },
  preview: { all: Object.keys(previewFlags).map(kebab), required: ["tasks", "config"] },
  list: { all: Object.keys(listFlags).map(kebab), required: [] },
}

const builtIns = ["help", "version", "completions", "log-level", "wizard"]

/**
 * What is wrong with the arguments, before they are parsed: unknown commands and flags with the nearest name, and flags
 * that are missing, all at once. The parser of the framework tells only the first, and an unknown flag by its value.
 */
export const checkArguments = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isFlag = (arg: string): boolean => /^--[A-Za-z]/.test(arg)
  if (
    args.some((arg) => ["--help", "-h", "--version", "--completions", "--wizard"].includes(arg.split("=")[0] as string))
  )
    return []
  const name = args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--log-level")
  if (name === undefined) {
    const flags = args.filter(isFlag)
    return flags.length === 0 ? [] : [`name a command first: ${Object.keys(flagsOf).join(", ")}`]
  }
  const flags = flagsOf[name]
  if (flags === undefined || !Object.hasOwn(flagsOf, name))
    return [`unknown command "${name}".${suggestion(name, Object.keys(flagsOf))}`]
  const problems: Array<string> = []
  const given = args.filter(isFlag).map((arg) => arg.slice(2).split("=")[0] as string)
  for (const flag of given)
    if (!flags.all.includes(flag) && !builtIns.includes(flag))
      problems.push(`unknown option --${flag}.${suggestion(flag, flags.all).replace(/"([^"]+)"/, '"--$1"')}`)
  for (const flag of new Set(given.filter((flag, i) => given.indexOf(flag) !== i)))
    problems.push(`--${flag} is given more than once`)
  const missing = flags.required.filter((flag) => !given.includes(flag)).map((flag) => `--${flag}`)
  if (missing.length > 0)
    problems.push(`missing: ${missing.join(", ")}. "data-toolbox ${name} --help" tells what they mean`)
  return problems
}

// ---------------------------------------------------------------------------------------------------------------- specs

/** `A, B`: blanks do not count; empty names are left out. */
export const parseTasks = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

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

const readSpec = (flags: ReadFlags) =>
  Effect.map(readConfig(flags.config), (config): ReadSpec => {
    const limit = Option.getOrUndefined(flags.limit)
    const tokenizer = Option.getOrUndefined(flags.tokenizer)
    return {
      tasks: parseTasks(flags.tasks),
      config,
      maxLength: flags.maxLength,
      length: flags.length as NonNullable<BuildSpec["length"]>,
      seed: flags.seed,
      roleTokens: flags.roleTokens as NonNullable<BuildSpec["roleTokens"]>,
      ...(limit === undefined ? {} : { limit }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
    }
  })

const settingsOf = (flags: ReadFlags, quiet: boolean): Settings => ({
  dataFolder: Option.getOrUndefined(flags.dataFolder),
  workers: Option.getOrUndefined(flags.workers),
  quiet,
})

const checkWorkers = (flags: ReadFlags): Effect.Effect<void, ConfigError> => {
  const count = Option.getOrUndefined(flags.workers)
  return count === undefined || (count >= 0 && count <= 256)
    ? Effect.void
    : Effect.fail(ConfigError.one({ path: "--workers", message: `${count} is no number of threads from 0 to 256` }))
}

const withVerbosity = (verbose: boolean) => Logger.withMinimumLogLevel(verbose ? LogLevel.Debug : LogLevel.Info)

const toStdout = (text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    process.stdout.write(text, () => resume(Effect.void))
  })

const coloured = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""

// ------------------------------------------------------------------------------------------------------------- commands

const build = (services: ServicesOf) =>
  Command.make("build", buildFlags, (flags) =>
    Effect.gen(function* () {
      yield* checkWorkers(flags)
      const ledger = Option.getOrUndefined(flags.ledger)
      const manifest = Option.getOrUndefined(flags.manifest)
      const maxBad = Option.getOrUndefined(flags.maxBad)
      const problems: Array<Problem> = []
      if (flags.outputFile === "-" && flags.json)
        problems.push({ path: "--json", message: "the standard output cannot take both the rows (-) and the manifest" })
      for (const [path, file] of [
        ["--ledger", ledger],
        ["--manifest", manifest],
      ] as const)
        if (file === "-") problems.push({ path, message: '"-" is for the output only; name a file' })
      if (flags.outputFile === "") problems.push({ path: "--output-file", message: "name a file, or - for stdout" })
      if (problems.length > 0) return yield* new ConfigError({ problems })
      const spec: BuildSpec = {
        ...(yield* readSpec(flags)),
        format: flags.format,
        outputFile: flags.outputFile,
        identifier: flags.identifier,
        strict: flags.strict,
        ...(maxBad === undefined ? {} : { maxBad }),
        ...(ledger === undefined ? {} : { ledgerFile: ledger }),
        ...(manifest === undefined ? {} : { manifestFile: manifest }),
        arguments: process.argv.slice(2),
      }
      if (flags.dryRun) {
        const resolved = yield* Build.prepare(spec)
        return yield* toStdout(Summary.plan(resolved))
      }
      const made = yield* Build.run(spec)
      if (flags.json) return yield* toStdout(`${JSON.stringify(made, null, 2)}\n`)
      if (flags.quiet) return
      const text = Summary.summary(made, Build.filesOf(spec))
      if (flags.outputFile === "-") yield* Effect.sync(() => process.stderr.write(text))
      else yield* toStdout(text)
    }).pipe(Effect.provide(services(settingsOf(flags, flags.quiet || flags.json))), withVerbosity(flags.verbose)),
  ).pipe(
    Command.withDescription(
      "Builds training data from raw data. Example: data-toolbox build --tasks AesirRoleplayTask --config config.yml " +
        "--format sharegpt --output-file train.jsonl",
    ),
  )

const preview = (services: ServicesOf) =>
  Command.make("preview", previewFlags, (flags) =>
    Effect.gen(function* () {
      yield* checkWorkers(flags)
      if (flags.examples < 1)
        return yield* ConfigError.one({ path: "--examples", message: `${flags.examples} is no number above 0` })
      const format = Option.getOrUndefined(flags.format)
      const spec = { ...(yield* readSpec(flags)), ...(format === undefined ? {} : { format }) }
      const paint = coloured(process.stdout) ? Summary.colours : Summary.plain
      let shown = 0
      yield* Stream.runForEach(Build.preview(spec, flags.examples), ({ example, task }) => {
        shown++
        return toStdout(`${paint.dim(`── ${task} ──`)}\n${Summary.exampleText(example, paint)}\n`)
      })
      if (shown === 0) yield* Effect.logWarning("no example came out; a build tells why in its ledger")
    }).pipe(Effect.provide(services({ ...settingsOf(flags, true), workers: 0 })), withVerbosity(flags.verbose)),
  ).pipe(Command.withDescription("Shows the first examples of each task in the terminal, without writing anything"))

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
    ({ json, kind }) =>
      Effect.gen(function* () {
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
          datasets: named((yield* Datasets).all, ({ files, folder, homepage }) => ({
            folder,
            files,
            ...(homepage === undefined ? {} : { homepage }),
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
          ...everything[one].map(({ description, name }) =>
            `${wanted.length > 1 ? "  " : ""}${name.padEnd(width)}  ${description}`.trimEnd(),
          ),
        ])
        yield* toStdout(`${lines.join("\n")}\n`)
      }).pipe(Effect.provide(services({ dataFolder: undefined, workers: 0, quiet: true }))),
  ).pipe(Command.withDescription("Tells what tasks, datasets, filters, formats and tokenizers there are"))

/** The whole command line. */
export const command = (services: ServicesOf) =>
  Command.make("data-toolbox", {}, () =>
    Console.log('data-toolbox turns raw conversations into training data. "data-toolbox --help" tells the commands.'),
  ).pipe(
    Command.withDescription("Turns raw chat, roleplay and instruction data into training data for language models."),
    Command.withSubcommands([build(services), preview(services), list(services)]),
  )

/** How an error is told on stderr, and the exit code: 2 for what was asked wrongly, 1 for a run that failed. */
export const told = (error: BuildError): { readonly text: string; readonly code: 1 | 2 } => ({
  text: error.message
    .split("\n")
    .map((line) => `data-toolbox: ${line}`)
    .join("\n"),
  code: error._tag === "ConfigError" ? 2 : 1,
})

/** What commands that read raw data share: their flags, the spec these make, and how all problems are told at once. */
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { readFile } from "node:fs/promises"
import type { BuildSpec } from "../../domain/BuildSpec.ts"
import { type BuildError, ConfigError, type Problem } from "../../domain/Errors.ts"
import { templateNames } from "../../domain/Templates.ts"
import { tokenizerNames } from "../../domain/Tokens.ts"
import type { ReadSpec } from "../Resolve.ts"
import { flag, integer, parseNames, type Settings, text } from "./Shared.ts"
import type * as Download from "../Download.ts"

export const readFlags = {
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

const readConfig = (file: string): Effect.Effect<{ readonly text: string; readonly file: string }, ConfigError> =>
  Effect.tryPromise({
    try: async () => ({ text: await readFile(file, "utf8"), file }),
    catch: (cause) => {
      const code = (cause as { readonly code?: unknown }).code
      const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code)
      return ConfigError.one({ path: "--config", message: `cannot read "${file}": ${why}` })
    },
  })

export type ReadFlags = {
  readonly [K in keyof typeof readFlags]: (typeof readFlags)[K] extends Options.Options<infer A> ? A : never
}

/** A config that cannot be read ends the run, with what else is wrong. */
export const readSpec = (flags: ReadFlags, problems: ReadonlyArray<Problem>): Effect.Effect<ReadSpec, ConfigError> => {
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

export const settingsOf = (
  flags: ReadFlags & { readonly allowHttp: boolean; readonly download: boolean },
  quiet: boolean,
): Settings => ({
  dataFolder: Option.getOrUndefined(flags.dataFolder),
  workers: Option.getOrUndefined(flags.workers),
  quiet,
  ...(flags.download ? { network: { allowHttp: flags.allowHttp } } : {}),
})

/** Before a build or a preview that has `--download`. */
export const fetchMissing = (spec: Download.MissingSpec) =>
  Effect.gen(function* () {
    const { fetchMissing: fetch } = yield* Effect.promise(() => import("../Download.ts"))
    const { bytes, datasets } = yield* fetch(spec)
    if (datasets.length > 0)
      yield* Effect.logInfo(`downloaded ${datasets.map(({ dataset }) => dataset).join(", ")}: ${bytes} bytes`)
  })

/** Problems of the flags that `Resolve` does not know of. */
export const checkWorkers = (flags: ReadFlags): ReadonlyArray<Problem> => {
  const count = Option.getOrUndefined(flags.workers)
  return count === undefined || (count >= 0 && count <= 256)
    ? []
    : [{ path: "--workers", message: `${count} is no number of threads from 0 to 256` }]
}

/** Ends with problems of the flags and, so that all is told at once, with those that resolving finds. */
export const refuseWith = <A, R>(
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
export const withVerbosity =
  (verbose: boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    verbose ? Logger.withMinimumLogLevel(effect, LogLevel.Debug) : effect

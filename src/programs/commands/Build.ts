/** `data-toolbox build`: raw data of the chosen tasks to training data. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { BuildSpec } from "../../domain/BuildSpec.ts"
import type { Problem } from "../../domain/Errors.ts"
import { suggestion } from "../../domain/Nearest.ts"
import { packageTool } from "../../domain/Package.ts"
import type { Manifest } from "../../domain/Report.ts"
import { Formats } from "../../services/Registry.ts"
import { nextAfterBuild } from "../Next.ts"
import { viewOf } from "../Paint.ts"
import type { ResolvedRun } from "../Resolve.ts"
import { allowHttp } from "./Download.ts"
import {
  checkWorkers,
  fetchMissing,
  type ReadFlags,
  readFlags,
  readSpec,
  refuseWith,
  settingsOf,
  withVerbosity,
} from "./Reading.ts"
import { type Entry, flag, type ServicesOf, text, toStdout } from "./Shared.ts"

const flags = {
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
  allowHttp,
}

export const entry: Entry = {
  about: "Builds training data from raw data",
  example:
    "data-toolbox build --tasks AesirRoleplayTask --config config.yml --format sharegpt --output-file train.jsonl",
  flags,
  eitherOf: [["format", "for"]],
}

/** Loaded when a command needs it: help, and what is wrong with the arguments, are told without it. */
const builder = Effect.promise(() => import("../Build.ts"))
const summaries = Effect.promise(() => import("../Summary.ts"))

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
    const { findTrainer, trainers } = yield* Effect.promise(() => import("../../domain/trainers/All.ts"))
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

/** Rows that go to the terminal themselves leave no room for a progress. */
const isSilent = (flags: { readonly quiet: boolean; readonly json: boolean; readonly outputFile: string }): boolean =>
  flags.quiet || flags.json || (flags.outputFile === "-" && process.stdout.isTTY === true)

export const command = (services: ServicesOf) =>
  Command.make("build", flags, (flags) =>
    Effect.gen(function* () {
      const { filesOf, prepare, run } = yield* builder
      const formats = yield* Formats
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
          const Summary = yield* summaries
          const plan = Summary.planOf(resolved)
          return yield* toStdout(flags.json ? `${JSON.stringify(plan, null, 2)}\n` : Summary.plan(plan))
        }
        yield* logPlan(resolved, flags)
      }
      const made = yield* run(spec)
      yield* logInputs(made)
      if (flags.json) return yield* toStdout(`${JSON.stringify(made, null, 2)}\n`)
      if (flags.quiet) return
      const isStdout = flags.outputFile === "-"
      const view = viewOf(isStdout ? process.stderr : process.stdout)
      const trainer = Option.getOrElse(flags.for, () => formats.find(format)?.trainers[0])
      const settings = {
        output: flags.outputFile,
        ledger,
        manifest,
        config: flags.config,
        dataFolder: Option.getOrUndefined(flags.dataFolder),
        tokenizer: Option.getOrUndefined(flags.tokenizer),
      }
      const text = (yield* summaries).summary(made, filesOf(spec), {
        view,
        next: isStdout ? [] : nextAfterBuild({ ...settings, format, trainer, tasks: made.tasks }),
      })
      if (isStdout) yield* Effect.sync(() => process.stderr.write(text))
      else yield* toStdout(text)
    }).pipe(Effect.provide(services(settingsOf(flags, isSilent(flags)))), withVerbosity(flags.verbose)),
  ).pipe(Command.withDescription(entry.about))

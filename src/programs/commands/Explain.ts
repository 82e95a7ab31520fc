/** `data-toolbox explain`: the life of one record. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConfigError } from "../../domain/Errors.ts"
import { viewOf } from "../Paint.ts"
import { checkWorkers, readFlags, readSpec, withVerbosity } from "./Reading.ts"
import { type Entry, flag, integer, parseNames, type ServicesOf, text, toStdout } from "./Shared.ts"

const flags = {
  ...readFlags,
  tasks: Options.optional(text("tasks", "A,B", "Tasks to look in. Default: those of the output, or of the config")),
  config: Options.optional(text("config", "FILE", "The config. Default: what the manifest of the output says of it")),
  format: Options.optional(text("format", "NAME", "The format. Default: that of the output, else sharegpt")),
  output: Options.optional(text("output", "FILE", "An output: its ledger and rows tell what became of the record")),
  line: Options.optional(integer("line", "Explains this line of an output, in place of an ID")),
  json: flag("json", "All of it as one JSON object on stdout"),
}

export const entry: Entry = {
  about: "Tells the life of one record: what was read, cleaned, said by filters, counted and written",
  example: "data-toolbox explain aesir-12 --config config.yml --output train.jsonl",
  flags,
  argument: { needed: "ID|OUTPUT" },
}

export const command = (services: ServicesOf) =>
  Command.make("explain", { ...flags, what: Args.text({ name: "ID|OUTPUT" }) }, (flags) =>
    Effect.gen(function* () {
      const Explain = yield* Effect.promise(() => import("../Explain.ts"))
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
      const { explanationText } = yield* Effect.promise(() => import("../ExplainText.ts"))
      yield* toStdout(explanationText(explanation, viewOf(process.stdout)))
    }).pipe(
      Effect.provide(services({ dataFolder: Option.getOrUndefined(flags.dataFolder), workers: 0, quiet: true })),
      withVerbosity(flags.verbose),
    ),
  ).pipe(Command.withDescription(entry.about))

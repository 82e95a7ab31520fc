/** `data-toolbox download`: raw data into the data folder. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ConfigError, type Problem } from "../../domain/Errors.ts"
import { type Entry, flag, integer, parseNames, type ServicesOf, text, toStdout } from "./Shared.ts"

/** Also for `build --download`. */
export const allowHttp = flag("allow-http", "Takes plain http, too, where anybody on the way can change what comes")

const flags = {
  allOfTasks: Options.optional(text("all-of-tasks", "A,B", "The datasets of these tasks, comma-separated")),
  locked: flag("locked", "Only what data.lock.json names, exactly as it names it"),
  from: Options.optional(text("from", "PLACE", "A URL or a file, in place of the source of the one dataset")),
  as: Options.optional(text("as", "NAME", "With --from: the file's name in the dataset's folder")),
  sha256: Options.optional(text("sha256", "DIGEST", "With --from: what the SHA-256 of the file has to be")),
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Where the raw data is put. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  parallel: integer("parallel", "Files at a time, 1 to 16. Default: 4").pipe(Options.withDefault(4)),
  maxBytes: Options.optional(integer("max-bytes", "Refuses to bring more bytes than this")),
  allowHttp,
  quiet: flag("quiet", "No progress, no summary"),
  json: flag("json", "What was done as one JSON object on stdout"),
}

export const entry: Entry = {
  about: "Brings raw data of datasets into the data folder: verified, resumable, never twice",
  example: "data-toolbox download airoboros no_robots --data-folder data",
  flags,
  argument: { several: "DATASET..." },
}

export const command = (services: ServicesOf) =>
  Command.make("download", { ...flags, datasets: Args.repeated(Args.text({ name: "DATASET" })) }, (given) =>
    Effect.gen(function* () {
      const { reportText, run } = yield* Effect.promise(() => import("../Download.ts"))
      const problems: Array<Problem> = []
      if (!(given.parallel >= 1 && given.parallel <= 16))
        problems.push({ path: "--parallel", message: `${given.parallel} is no number of files from 1 to 16` })
      const maxBytes = Option.getOrUndefined(given.maxBytes)
      if (maxBytes !== undefined && maxBytes < 1)
        problems.push({ path: "--max-bytes", message: `${maxBytes} is no number of bytes above 0` })
      if (problems.length > 0) return yield* new ConfigError({ problems })
      const [as, from, sha256] = [given.as, given.from, given.sha256].map(Option.getOrUndefined)
      const report = yield* run({
        datasets: given.datasets,
        tasks: Option.match(given.allOfTasks, { onNone: () => [], onSome: parseNames }),
        locked: given.locked,
        parallel: given.parallel,
        ...(maxBytes === undefined ? {} : { maxBytes }),
        ...(as === undefined ? {} : { as }),
        ...(from === undefined ? {} : { from }),
        ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
      })
      if (given.json) return yield* toStdout(`${JSON.stringify(report, null, 2)}\n`)
      if (!given.quiet) yield* toStdout(reportText(report))
    }).pipe(
      Effect.provide(
        services({
          dataFolder: Option.getOrUndefined(given.dataFolder),
          workers: 0,
          quiet: given.quiet || given.json,
          network: { allowHttp: given.allowHttp },
        }),
      ),
    ),
  ).pipe(Command.withDescription(entry.about))

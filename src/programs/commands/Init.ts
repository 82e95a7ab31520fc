/** `data-toolbox init`: a config to begin with. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Prompt from "@effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { writeFile } from "node:fs/promises"
import { causeText } from "../../domain/Cause.ts"
import { ConfigError, OutputError } from "../../domain/Errors.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { DataFolder } from "../../services/DataFolder.ts"
import type * as Init from "../Init.ts"
import { quoted } from "../Next.ts"
import { type Entry, flag, parseNames, type ServicesOf, text, toStdout } from "./Shared.ts"

const flags = {
  tasks: Options.optional(
    text("tasks", "A,B", "Only these: names of tasks, or of what was found. Default: all that is recognised"),
  ),
  outputFile: text("output-file", "FILE", "The config to write; - is the standard output. Default: config.yml").pipe(
    Options.withDefault("config.yml"),
  ),
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Where the raw data lies. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  force: flag("force", "Replaces a config that is there"),
  yes: flag("yes", "Asks nothing"),
}

export const entry: Entry = {
  about: "Writes a config for what lies in the data folder, with comments",
  example: "data-toolbox init --data-folder data --output-file config.yml",
  flags,
}

/** Asks which of the sections to write. */
const choose = (found: Init.Found) =>
  Effect.map(
    Prompt.run(
      Prompt.multiSelect({
        message: "Which of these? (space chooses, enter goes on)",
        choices: found.sections.map((section) => ({
          title: `${terminalLine(section.key)}: ${terminalLine(section.about)}`,
          value: section.key,
          selected: section.examples !== 0,
        })),
      }),
    ),
    (keys): Init.Found => ({ ...found, sections: found.sections.filter(({ key }) => keys.includes(key)) }),
  )

const write = (file: string, content: string, force: boolean) =>
  Effect.tryPromise({
    try: () => writeFile(file, content, { flag: force ? "w" : "wx" }),
    catch: (cause) =>
      (cause as { readonly code?: unknown }).code === "EEXIST"
        ? ConfigError.one({
            path: "--output-file",
            message: `"${file}" is there already; choose another name, or replace it with --force`,
          })
        : new OutputError({ reason: "Write", file, detail: causeText(cause) }),
  })

export const command = (services: ServicesOf) =>
  Command.make("init", flags, ({ dataFolder, force, outputFile, tasks, yes }) =>
    Effect.gen(function* () {
      const { configText, look, named, ready } = yield* Effect.promise(() => import("../Init.ts"))
      const { root } = yield* DataFolder
      const all = yield* look
      const asks = !yes && Option.isNone(tasks) && process.stdin.isTTY && process.stderr.isTTY
      const found = Option.isSome(tasks)
        ? yield* named(parseNames(tasks.value), all)
        : asks && all.sections.length > 0
          ? yield* choose(all)
          : all
      if (found.sections.length === 0)
        yield* Effect.logWarning(
          `nothing in ${root} was recognised; "data-toolbox list datasets" tells what can lie there, and --tasks writes sections for data to come`,
        )
      const folder = Option.getOrUndefined(dataFolder)
      const content = configText(found, outputFile === "-" ? "config.yml" : outputFile, folder)
      if (outputFile === "-") return yield* toStdout(content)
      yield* write(outputFile, content, force)
      const keys = ready(found).map(({ key }) => key)
      const next =
        keys.length === 0
          ? []
          : [
              `next: data-toolbox preview --tasks ${quoted(keys.join(","))} --config ${quoted(outputFile)}${folder === undefined ? "" : ` --data-folder ${quoted(folder)}`}`,
            ]
      yield* toStdout(
        `${[`wrote ${terminalLine(outputFile)}: ${keys.length} ${keys.length === 1 ? "task" : "tasks"} that can be built`, ...next].join("\n")}\n`,
      )
    }).pipe(
      Effect.catchTag("QuitException", () => Effect.interrupt),
      Effect.provide(services({ dataFolder: Option.getOrUndefined(dataFolder), workers: 0, quiet: true })),
    ),
  ).pipe(Command.withDescription(entry.about))

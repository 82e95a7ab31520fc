/** `data-toolbox report`: one HTML file about an output. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { type Entry, type ServicesOf, text, toStdout } from "./Shared.ts"

const flags = {
  dataFolder: Options.optional(
    text(
      "data-folder",
      "DIR",
      "Raw data, for the texts of what was left out. Default: TOOLBOX_DATA_FOLDER, else ./data",
    ),
  ),
  ledger: Options.optional(text("ledger", "FILE", "The ledger. Default: beside the output")),
  manifest: Options.optional(text("manifest", "FILE", "The manifest. Default: beside the output")),
  reportFile: Options.optional(
    text("report-file", "FILE", "The HTML file to write. Default: beside the output, with .report.html"),
  ),
}

export const entry: Entry = {
  about: "Makes one HTML file about an output: what became of the records, sizes, reasons, samples",
  example: "data-toolbox report train.jsonl",
  flags,
  argument: { needed: "OUTPUT" },
}

export const command = (services: ServicesOf) =>
  Command.make("report", { ...flags, output: Args.text({ name: "OUTPUT" }) }, (given) =>
    Effect.gen(function* () {
      const { dataFolder: _, ledger, manifest, output, reportFile } = given
      const { report } = yield* Effect.promise(() => import("../Report.ts"))
      const [ledgerFile, manifestFile, file] = [ledger, manifest, reportFile].map(Option.getOrUndefined)
      const written = yield* report(output, {
        ...(ledgerFile === undefined ? {} : { ledgerFile }),
        ...(manifestFile === undefined ? {} : { manifestFile }),
        ...(file === undefined ? {} : { reportFile: file }),
      })
      yield* toStdout(`wrote ${terminalLine(written)}: open it in a browser\n`)
    }).pipe(Effect.provide(services({ dataFolder: Option.getOrUndefined(given.dataFolder), workers: 0, quiet: true }))),
  ).pipe(Command.withDescription(entry.about))

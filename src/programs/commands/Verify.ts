/** `data-toolbox verify`: an output is held against its manifest and ledger. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Entry, exitWith, flag, text, toStdout } from "./Shared.ts"

const flags = {
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Digests the inputs in this folder again, too. Default: they are not read"),
  ),
  ledger: Options.optional(text("ledger", "FILE", "The ledger. Default: beside the output")),
  manifest: Options.optional(text("manifest", "FILE", "The manifest. Default: beside the output")),
  json: flag("json", "The report as one JSON object on stdout"),
}

export const entry: Entry = {
  about: "Reads an output again and holds it against its manifest and ledger: digests, rows, sums",
  example: "data-toolbox verify train.jsonl --data-folder data",
  flags,
  argument: { needed: "OUTPUT" },
}

export const command = Command.make(
  "verify",
  { ...flags, output: Args.text({ name: "OUTPUT" }) },
  ({ dataFolder, json, ledger, manifest, output }) =>
    Effect.gen(function* () {
      const Verify = yield* Effect.promise(() => import("../Verify.ts"))
      const [inputs, ledgerFile, manifestFile] = [dataFolder, ledger, manifest].map(Option.getOrUndefined)
      const report = yield* Verify.verify(output, {
        ...(inputs === undefined ? {} : { inputs }),
        ...(ledgerFile === undefined ? {} : { ledgerFile }),
        ...(manifestFile === undefined ? {} : { manifestFile }),
      })
      yield* toStdout(json ? `${JSON.stringify(report, null, 2)}\n` : Verify.render(report))
      if (report.summary.findings > 0) yield* exitWith(1)
    }),
).pipe(Command.withDescription(entry.about))

/** `data-toolbox check`: would a trainer load every line of a file? */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { type Entry, exitWith, flag, parseNames, text, toStdout } from "./Shared.ts"

const flags = {
  for: text("for", "TRAINER", "Trainers to check for, comma-separated; a wrong name lists them all"),
  json: flag("json", "The report as one JSON object on stdout"),
}

export const entry: Entry = {
  about: "Tells whether a trainer would load every line of a file, what it would drop or change, and its configuration",
  example: "data-toolbox check train.jsonl --for axolotl,llama-factory",
  flags,
  argument: { needed: "FILE" },
}

export const command = Command.make(
  "check",
  { ...flags, file: Args.text({ name: "FILE" }) },
  ({ file, for: names, json }) =>
    Effect.gen(function* () {
      const { check, render, trainersOf } = yield* Effect.promise(() => import("../Check.ts"))
      const report = yield* check(file, yield* trainersOf(parseNames(names)))
      yield* toStdout(json ? `${JSON.stringify(report, null, 2)}\n` : render(report))
      if (!report.trainers.every(({ accepts }) => accepts)) yield* exitWith(1)
    }),
).pipe(Command.withDescription(entry.about))

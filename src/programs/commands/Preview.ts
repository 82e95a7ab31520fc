/** `data-toolbox preview`: the first examples of each task, in the terminal. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Problem } from "../../domain/Errors.ts"
import { suggestion } from "../../domain/Nearest.ts"
import { viewOf } from "../Paint.ts"
import { allowHttp } from "./Download.ts"
import { checkWorkers, fetchMissing, readFlags, readSpec, refuseWith, settingsOf, withVerbosity } from "./Reading.ts"
import { type Entry, flag, integer, type ServicesOf, text, toStdout } from "./Shared.ts"
import type * as Preview from "../Preview.ts"

const flags = {
  ...readFlags,
  format: Options.optional(text("format", "NAME", "The format whose lengths and control tokens count. Default: none")),
  examples: integer("examples", "Examples of each task to show. Default: 3").pipe(Options.withDefault(3)),
  skip: integer("skip", "Examples of each task to pass over first. Default: 0").pipe(Options.withDefault(0)),
  task: Options.optional(text("task", "NAME", "Only this one of the tasks")),
  dropped: Options.optional(text("dropped", "FILTER", "What this filter drops, in place of what is written")),
  diff: flag("diff", "Shows what the clean-up changed in the texts of each example"),
  download: flag("download", "Fetches missing datasets first"),
  allowHttp,
}

export const entry: Entry = {
  about: "Shows the first examples of each task in the terminal, without writing anything",
  example: "data-toolbox preview --tasks AesirRoleplayTask --config config.yml",
  flags,
}

export const command = (services: ServicesOf) =>
  Command.make("preview", flags, (flags) =>
    Effect.gen(function* () {
      const Preview = yield* Effect.promise(() => import("../Preview.ts"))
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
      const { legendText, shownText } = yield* Effect.promise(() => import("../ExampleText.ts"))
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
  ).pipe(Command.withDescription(entry.about))

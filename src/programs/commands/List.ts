/** `data-toolbox list`: what there is, a line each. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalLine } from "../../domain/text/Terminal.ts"
import { Datasets } from "../../services/Dataset.ts"
import { Filters, Formats, Tasks } from "../../services/Registry.ts"
import { Tokenizer } from "../../services/Tokenizer.ts"
import { type Entry, flag, type ServicesOf, text, toStdout } from "./Shared.ts"

const flags = {
  dataFolder: Options.optional(
    text("data-folder", "DIR", "Where to look for raw data. Default: TOOLBOX_DATA_FOLDER, else ./data"),
  ),
  json: flag("json", "One JSON object on stdout"),
}

const kinds = ["tasks", "datasets", "filters", "formats", "tokenizers"] as const

export const entry: Entry = {
  about: "Tells what tasks, datasets, filters, formats and tokenizers there are",
  example: "data-toolbox list tasks",
  flags,
  argument: { choices: kinds },
}

export const command = (services: ServicesOf) =>
  Command.make(
    "list",
    {
      ...flags,
      kind: Args.choice(
        kinds.map((kind) => [kind, kind] as [string, (typeof kinds)[number]]),
        { name: "tasks|datasets|filters|formats|tokenizers" },
      ).pipe(Args.optional, Args.withDescription("Only these")),
    },
    ({ dataFolder, json, kind }) =>
      Effect.gen(function* () {
        const { stateOf } = yield* Effect.promise(() => import("../Download.ts"))
        const all = (yield* Datasets).all
        const states = new Map(
          yield* Effect.forEach(all, (one) => Effect.map(stateOf(one), (state) => [one.name, state] as const)),
        )
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
          datasets: named(all, ({ files, folder, homepage, name, source }) => ({
            folder,
            files,
            ...(homepage === undefined ? {} : { homepage }),
            ...(source === undefined ? {} : { source }),
            ...states.get(name),
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
          ...everything[one].flatMap(({ description, name }) => {
            const state = one === "datasets" ? states.get(name) : undefined
            const about =
              state === undefined ? description : `${state.state.padEnd("incomplete".length)}  ${description}`
            return [
              `${wanted.length > 1 ? "  " : ""}${name.padEnd(width)}  ${about}`.trimEnd(),
              // How to get what is not here, where only this was asked.
              ...(wanted.length > 1 || state?.how === undefined ? [] : [`${" ".repeat(width + 2)}${state.how}`]),
            ]
          }),
        ])
        yield* toStdout(`${lines.map(terminalLine).join("\n")}\n`)
      }).pipe(Effect.provide(services({ dataFolder: Option.getOrUndefined(dataFolder), workers: 0, quiet: true }))),
  ).pipe(Command.withDescription(entry.about))

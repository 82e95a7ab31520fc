#!/usr/bin/env node
/** The entry of the command: the only place that runs the program and gives it its layers. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { availableParallelism } from "node:os"
import { stripVTControlCharacters } from "node:util"
import { packageTool } from "../domain/Package.ts"
import { terminalText } from "../domain/text/Terminal.ts"
import { type Answer, answer, arranged } from "./Arguments.ts"
import { command, type CommandError, completions, told } from "./Cli.ts"
import type { ConfigError } from "../domain/Errors.ts"
import type { Downloader } from "../services/Downloader.ts"
import type { Hub } from "../services/Hub.ts"
import type { Progress } from "../services/Progress.ts"
import type { NetworkFlags, ServicesOf } from "./commands/Shared.ts"

/** What downloads is loaded by those commands only that may download. */
const networkOf = async (network: NetworkFlags | undefined): Promise<Layer.Layer<Downloader | Hub, ConfigError>> => {
  if (network !== undefined) return (await import("../layers/network/Network.ts")).layer(network)
  const [downloader, hub] = await Promise.all([import("../services/Downloader.ts"), import("../services/Hub.ts")])
  return Layer.merge(downloader.Downloader.layerOffline, hub.Hub.layerOffline)
}

const progressOf = async (quiet: boolean): Promise<Layer.Layer<Progress>> =>
  quiet
    ? (await import("../services/Progress.ts")).Progress.layerQuiet
    : (await import("../layers/progress/Stderr.ts")).layer

/** What the services need is loaded when a command runs: help and wrong arguments are told without it, at once. */
const services: ServicesOf = ({ dataFolder, network, quiet, workers }) =>
  Layer.unwrapEffect(
    Effect.promise(async () => {
      const [Toolbox, NodeWorkers, { layerDatasets }, { datasets }, { DataFolder }, { Ledger }, { Output }, more] =
        await Promise.all([
          import("../layers/Toolbox.ts"),
          import("../layers/NodeWorkers.ts"),
          import("../layers/DatasetLayer.ts"),
          import("../layers/datasets/All.ts"),
          import("../services/DataFolder.ts"),
          import("../services/Ledger.ts"),
          import("../services/Output.ts"),
          Promise.all([progressOf(quiet), import("../services/Tokenizer.ts")]),
        ])
      const [progress, { Tokenizer }] = more
      const fetching = await networkOf(network)
      return Layer.mergeAll(
        Toolbox.layerComponents,
        Layer.provideMerge(
          layerDatasets(datasets),
          dataFolder === undefined ? DataFolder.layerConfig : DataFolder.layer(dataFolder),
        ),
        NodeWorkers.layer(workers ?? availableParallelism()),
        Layer.provideMerge(Ledger.layer, Output.layer),
        progress,
        Tokenizer.layer,
        fetching,
      )
    }),
  )

/** Logs go to stderr, a line each: `data-toolbox: warning: ...`. */
const logger = Logger.make(({ logLevel, message }) => {
  const parts = Array.isArray(message) ? (message as ReadonlyArray<unknown>) : [message]
  const text = parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ")
  const kind = LogLevel.greaterThanEqual(logLevel, LogLevel.Warning) ? `${logLevel.label.toLowerCase()}: ` : ""
  process.stderr.write(`data-toolbox: ${kind.replace("warn:", "warning:")}${terminalText(text)}\n`)
})

const plainConsole = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.console, (console) => {
    const strip = (...given: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
      given.map((part) => (typeof part === "string" ? stripVTControlCharacters(part) : part))
    const changed: Console.Console = {
      ...console,
      log: (...given: ReadonlyArray<unknown>) => console.log(...strip(...given)),
      error: (...given: ReadonlyArray<unknown>) => console.error(...strip(...given)),
    }
    return Console.withConsole(effect, changed)
  })

const fail = (code: number, text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    process.stderr.write(`${terminalText(text)}\n`)
    process.exitCode = code
  })

const args = process.argv.slice(2)
const isPlain = process.stdout.isTTY !== true || process.stderr.isTTY !== true || (process.env["NO_COLOR"] ?? "") !== ""

const say = (given: Answer): Effect.Effect<void> => {
  if ("completions" in given)
    return Effect.map(completions(given.completions), (script) => void process.stdout.write(script))
  return given.code === 0
    ? Effect.sync(() => void process.stdout.write(given.text))
    : fail(given.code, given.text.trimEnd())
}

/** Rows that standard output does not take: the stream itself tells why, below. */
const isOfStdout = (error: CommandError): boolean => error._tag === "OutputError" && error.file === "-"

/** A mistake of the tool itself; where it happened is told to those who asked for the debug log. */
const describeDefect = (defect: unknown): string => {
  if (!(defect instanceof Error)) return String(defect)
  const isDetailed = args.includes("--verbose") || /--log-level[ =](?:all|trace|debug)/.test(args.join(" "))
  return isDetailed ? (defect.stack ?? defect.message) : `${defect.message} (--verbose tells where)`
}

const main: Effect.Effect<void, never, NodeContext.NodeContext> = Effect.suspend(() => {
  const given = answer(args, { isTerminal: process.stdin.isTTY === true, version: packageTool().version })
  if (given !== undefined) return say(given)
  // The standard output is for results: what a plug-in prints goes to the other stream.
  if (!args.includes("--wizard")) console.log = console.info = console.debug = console.error
  const parsed = Command.run(command(services), { name: "data-toolbox", version: packageTool().version })([
    ...process.argv.slice(0, 2),
    ...arranged(args),
  ])
  return (isPlain ? plainConsole(parsed) : parsed).pipe(
    Effect.catchAll((error) => {
      if (ValidationError.isValidationError(error)) {
        // The framework has told it already.
        return Effect.sync(() => {
          process.exitCode = 2
        })
      }
      if (isOfStdout(error)) return Effect.void
      const { code, text } = told(error)
      return fail(code, text)
    }),
    Effect.catchAllDefect((defect) => fail(1, `data-toolbox: a mistake of this tool: ${describeDefect(defect)}`)),
  )
})

let terminated = false
process.once("SIGTERM", () => {
  terminated = true
})

/** Done when the standard output takes no more. A reader that has seen enough (`| head`) is no failure. */
const unread = Effect.async<void>((resume) => {
  process.stdout.on("error", () => resume(Effect.void))
})
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code === "EPIPE" || process.exitCode === 1) return
  process.exitCode = 1
  process.stderr.write(`data-toolbox: cannot write to stdout: ${cause.message}\n`)
})
// Messages that no one reads are lost; the work goes on.
process.stderr.on("error", () => undefined)

/** Done when something throws that nobody waits for, as the timer of a plug-in: then the run is given up. */
const uncaught = Effect.async<void>((resume) => {
  process.on("uncaughtException", (cause) =>
    resume(fail(1, `data-toolbox: an error that nobody caught: ${describeDefect(cause)}`)),
  )
})

let ended = false
process.on("exit", () => {
  if (ended) return
  process.exitCode = 1
  process.stderr.write("data-toolbox: something ended the process before the work was done; a plug-in may have\n")
})

NodeRuntime.runMain(
  Effect.raceFirst(main, Effect.raceFirst(unread, uncaught)).pipe(
    Effect.provide(
      Layer.mergeAll(
        NodeContext.layer,
        CliConfig.layer({ showBuiltIns: true }),
        Logger.replace(Logger.defaultLogger, logger),
      ),
    ),
  ),
  {
    disablePrettyLogger: true,
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      ended = true
      if (Exit.isSuccess(exit)) onExit(Number(process.exitCode ?? 0))
      else onExit(Cause.isInterruptedOnly(exit.cause) ? (terminated ? 143 : 130) : 1)
    },
  },
)

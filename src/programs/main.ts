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
import { layerDatasets } from "../layers/DatasetLayer.ts"
import { datasets } from "../layers/datasets/All.ts"
import * as NodeWorkers from "../layers/NodeWorkers.ts"
import * as Toolbox from "../layers/Toolbox.ts"
import { DataFolder } from "../services/DataFolder.ts"
import { Ledger } from "../services/Ledger.ts"
import { Output } from "../services/Output.ts"
import { Progress } from "../services/Progress.ts"
import { Tokenizer } from "../services/Tokenizer.ts"
import { checkArguments, command, type ServicesOf, told } from "./Cli.ts"

const services: ServicesOf = ({ dataFolder, quiet, workers }) =>
  Layer.mergeAll(
    Toolbox.layerComponents,
    Layer.provide(
      layerDatasets(datasets),
      dataFolder === undefined ? DataFolder.layerConfig : DataFolder.layer(dataFolder),
    ),
    NodeWorkers.layer(workers ?? availableParallelism()),
    Layer.provideMerge(Ledger.layer, Output.layer),
    quiet ? Progress.layerQuiet : Progress.layerTerminal,
    Tokenizer.layer,
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

const parsed = Command.run(command(services), { name: "data-toolbox", version: packageTool().version })(process.argv)

const main: Effect.Effect<void, never, NodeContext.NodeContext> = Effect.suspend(() => {
  if (args.includes("--wizard") && process.stdin.isTTY !== true)
    return fail(2, "data-toolbox: --wizard asks questions and needs a terminal")
  const problems = checkArguments(args)
  if (problems.length > 0) return fail(2, problems.map((problem) => `data-toolbox: ${problem}`).join("\n"))
  return (isPlain ? plainConsole(parsed) : parsed).pipe(
    Effect.catchAll((error) => {
      if (ValidationError.isValidationError(error)) {
        // The framework has told it already.
        return Effect.sync(() => {
          process.exitCode = 2
        })
      }
      const { code, text } = told(error)
      return fail(code, text)
    }),
    Effect.catchAllDefect((defect) =>
      fail(
        1,
        `data-toolbox: a mistake of this tool: ${defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)}`,
      ),
    ),
  )
})

let terminated = false
process.once("SIGTERM", () => {
  terminated = true
})
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code === "EPIPE") process.exit(0)
  throw cause
})

NodeRuntime.runMain(
  main.pipe(
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
      if (Exit.isSuccess(exit)) onExit(Number(process.exitCode ?? 0))
      else onExit(Cause.isInterruptedOnly(exit.cause) ? (terminated ? 143 : 130) : 1)
    },
  },
)

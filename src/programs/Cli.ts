/** The command line, put together: each command parses its flags, makes a spec and calls a program; nothing else. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { BuildError, DownloadError } from "../domain/Errors.ts"
import { commands } from "./commands/All.ts"
import type { CheckError } from "./Check.ts"
import type { ExplainError } from "./Explain.ts"
import type { ReportError } from "./Report.ts"
import type { VerifyError } from "./Verify.ts"
import type { ServicesOf } from "./commands/Shared.ts"

/** The whole command line. */
export const command = (services: ServicesOf) =>
  Command.make("data-toolbox").pipe(
    Command.withDescription("Turns raw chat, roleplay and instruction data into training data for language models."),
    Command.withSubcommands(commands(services)),
  )

/** The completion script of a shell. */
export const completions = (shell: string): Effect.Effect<string> => {
  const { name, ...all } = { name: "data-toolbox", command: command(() => Layer.die("no command is run")) }
  const lines =
    shell === "fish"
      ? Command.getFishCompletions(all.command, name)
      : shell === "zsh"
        ? Command.getZshCompletions(all.command, name)
        : Command.getBashCompletions(all.command, name)
  return Effect.map(lines, (script) => {
    const text = `${script.join("\n")}\n`
    // The framework calls the root by its own name, and below it by one without hyphens: options of a command were not
    // found.
    return shell === "fish" || shell === "zsh"
      ? text
      : text.replace('cmd="data-toolbox"', 'cmd="data__toolbox"').replace(/^( +)data-toolbox\)$/m, "$1data__toolbox)")
  })
}

/** What a command may fail with. */
export type CommandError = BuildError | DownloadError | VerifyError | ReportError | ExplainError | CheckError

/** How an error is told on stderr, and the exit code: 2 for what was asked wrongly, 1 for a run that failed. */
export const told = (error: CommandError): { readonly text: string; readonly code: 1 | 2 } => ({
  text: error.message
    .split("\n")
    .map((line) => `data-toolbox: ${line}`)
    .join("\n"),
  code: error._tag === "ConfigError" ? 2 : 1,
})

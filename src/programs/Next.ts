/** Commands that one would run next, ready to be copied into a shell. */
import { terminalText } from "../domain/text/Terminal.ts"

const isPlain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** An argument as a shell takes it: bare where nothing in it is special, in quotes, or with escapes for control characters. */
export const quoted = (argument: string): string => {
  if (isPlain.test(argument)) return argument
  if (terminalText(argument) === argument && !/[\n\t]/.test(argument)) return `'${argument.replaceAll("'", "'\\''")}'`
  const escaped = argument
    .replace(/[\\']/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r")
  return `$'${terminalText(escaped)}'`
}

/** A path that could be taken for an option is told from where it lies. */
const path = (file: string): string => (file.startsWith("-") ? `./${file}` : file)

/** A command with its options, each with its value: a line is broken between them only. */
export type CommandLine = ReadonlyArray<string>

const line = (
  command: string,
  options: ReadonlyArray<readonly [option: string, value: string | undefined]>,
): CommandLine => [
  `data-toolbox ${command}`,
  ...options.flatMap(([option, value]) => (value === undefined ? [] : [`${option} ${quoted(value)}`])),
]

/** The text of a command; broken into lines, as a shell reads them, where the terminal has no room for it. */
export const lineText = (command: CommandLine, columns: number | undefined): string => {
  const [first = "", ...rest] = command
  let text = `  ${first}`
  let width = text.length
  for (const part of rest) {
    // Room for the blank before it, and for the blank and the backslash behind it.
    if (columns !== undefined && width + part.length + 3 > columns) {
      text += ` \\\n    ${part}`
      width = 4 + part.length
    } else {
      text += ` ${part}`
      width += 1 + part.length
    }
  }
  return text
}

/** What a build was told, and what became of it, as far as the next commands need it. */
export interface Made {
  readonly output: string
  readonly ledger: string | undefined
  readonly manifest: string | undefined
  readonly config: string
  readonly dataFolder: string | undefined
  readonly format: string
  readonly tokenizer: string | undefined
  /** A trainer that takes the format, if there is one. */
  readonly trainer: string | undefined
  readonly tasks: {
    readonly [task: string]: { readonly episodes: { readonly dropped: { readonly [filter: string]: number } } }
  }
}

/** The task and the filter that dropped the most. */
const mostDropped = (
  tasks: Made["tasks"],
): { readonly task: string | undefined; readonly filter: string | undefined } => {
  let most = 0
  let found: { readonly task: string | undefined; readonly filter: string | undefined } = {
    task: Object.keys(tasks)[0],
    filter: undefined,
  }
  for (const [task, { episodes }] of Object.entries(tasks))
    for (const [filter, count] of Object.entries(episodes.dropped))
      if (count > most) {
        most = count
        found = { task, filter }
      }
  return found
}

/** Look at what was dropped, look at the whole, see whether a trainer takes it. */
export const nextAfterBuild = (made: Made): ReadonlyArray<CommandLine> => {
  const { filter, task } = mostDropped(made.tasks)
  const output = quoted(path(made.output))
  const beside = [
    ["--ledger", made.ledger],
    ["--manifest", made.manifest],
  ] as const
  return [
    line("preview", [
      ["--tasks", task],
      ["--config", made.config],
      ["--data-folder", made.dataFolder],
      ["--format", made.format],
      ["--tokenizer", made.tokenizer],
      ["--dropped", filter],
    ]),
    line(`report ${output}`, beside),
    made.trainer === undefined ? line(`verify ${output}`, beside) : line(`check ${output}`, [["--for", made.trainer]]),
  ]
}

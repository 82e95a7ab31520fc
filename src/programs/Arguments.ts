/** What the arguments alone decide: help, the version, completions, and what cannot be meant, with all its problems at once. */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"
import { stripVTControlCharacters } from "node:util"
import { nearest, suggestion } from "../domain/Nearest.ts"
import { entries } from "./commands/All.ts"
import { isInteger } from "./commands/Shared.ts"

/** Of flags of which one is needed the first stands in the usage. */
const eitherText = (name: string): string =>
  (entries[name]?.eitherOf ?? [])
    .flatMap(([first]) => flagsOf(name).filter((one) => one.name === first))
    .map((one) => ` --${one.name} ${one.value}`)
    .join("")

/** How the argument without a flag stands in the usage. */
const argumentText = (name: string): string => {
  const argument = entries[name]?.argument
  if (argument === undefined) return ""
  if ("several" in argument) return ` ${argument.several}`
  return "needed" in argument ? ` ${argument.needed}` : ` [${argument.choices.join("|")}]`
}

/** A flag as help and messages tell it. */
interface Flag {
  readonly name: string
  /** Stands for its value; absent where it takes none. */
  readonly value: string | undefined
  readonly required: boolean
  readonly about: string
}

const shells = ["bash", "zsh", "fish", "sh"]
const logLevels = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

/** The framework's own flags, that every command takes. */
const builtIns: ReadonlyArray<Flag> = [
  { name: "help", value: undefined, required: false, about: "Tells what a command and its options do" },
  { name: "version", value: undefined, required: false, about: "Tells the version" },
  {
    name: "completions",
    value: "SHELL",
    required: false,
    about: `Prints a completion script for ${shells.slice(0, -1).join(", ")} or ${shells.at(-1)}`,
  },
  { name: "log-level", value: "LEVEL", required: false, about: `Log on stderr: ${logLevels.join(", ")}` },
  { name: "wizard", value: undefined, required: false, about: "Asks for the options one by one" },
]

/** The texts of a help document, a string a paragraph. */
const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isDescriptionList(doc)) return doc.definitions.flatMap(([, one]) => paragraphs(one))
  if (HelpDoc.isSequence(doc)) return [...paragraphs(doc.left), ...paragraphs(doc.right)]
  return HelpDoc.isParagraph(doc) ? [stripVTControlCharacters(HelpDoc.toAnsiText(doc)).trim()] : []
}

const flagOf = (option: Options.Options<unknown>): Flag => {
  const usage = Options.getUsage(option)
  const named = usage._tag === "Optional" ? usage.usage : usage
  if (named._tag !== "Named") throw new Error(`a flag is used as ${named._tag}`)
  const value = Option.getOrUndefined(named.acceptedValues)
  // What the framework says of the type of a value, and of its absence, tells no one anything.
  const about = paragraphs(Options.getHelp(option))
    .slice(1)
    .filter((one) => !one.startsWith("This setting is optional"))
  return {
    name: (named.names[0] as string).replace(/^--/, ""),
    value,
    required: value !== undefined && usage._tag !== "Optional",
    about: about.join(" "),
  }
}

/** The flags of a command, those that must be given first. */
const flagsOf = (name: string): ReadonlyArray<Flag> =>
  Object.values(entries[name]?.flags ?? {})
    .map(flagOf)
    .sort((a, b) => Number(b.required) - Number(a.required))

const width = 100

/** Names on the left, texts wrapped on the right. */
const columns = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const indent = Math.max(...rows.map(([name]) => name.length)) + 4
  return rows.flatMap(([name, about]) => {
    const lines = [""]
    for (const word of about.split(" ")) {
      const last = lines[lines.length - 1] as string
      if (last !== "" && indent + last.length + 1 + word.length > width) lines.push(word)
      else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
    }
    return lines.map((line, i) => `${i === 0 ? `  ${name}`.padEnd(indent) : " ".repeat(indent)}${line}`)
  })
}

const optionRows = (flags: ReadonlyArray<Flag>): ReadonlyArray<readonly [string, string]> =>
  flags.map(({ about, name, required, value }) => [
    `${name === "help" ? "-h, " : ""}--${name}${value === undefined ? "" : ` ${value}`}`,
    `${about}${required ? " (required)" : ""}`,
  ])

/** What `--help` prints: of a command, or of the whole. */
export const help = (name: string | undefined): string => {
  const command = name === undefined ? undefined : entries[name]
  const lines: ReadonlyArray<string> =
    command === undefined
      ? [
          "Turns raw chat, roleplay and instruction data into training data for language models.",
          "",
          "Usage: data-toolbox COMMAND [OPTIONS]",
          "",
          "Commands:",
          ...columns(Object.entries(entries).map(([one, { about }]) => [one, about] as const)),
          "",
          "Options:",
          ...columns(optionRows(builtIns)),
          "",
          '"data-toolbox COMMAND --help" tells the options of a command.',
        ]
      : [
          `${command.about}.`,
          "",
          `Usage: data-toolbox ${name}${flagsOf(name as string)
            .filter(({ required }) => required)
            .map((one) => ` --${one.name} ${one.value}`)
            .join("")}${eitherText(name as string)} [OPTIONS]${argumentText(name as string)}`,
          "",
          "Options:",
          ...columns(optionRows([...flagsOf(name as string), ...builtIns])),
          "",
          `Example: ${command.example}`,
        ]
  return `${lines.join("\n")}\n`
}

const withDashes = (names: ReadonlyArray<string>): ReadonlyArray<string> => names.map((name) => `--${name}`)

const oneOf = (option: string, known: ReadonlyArray<string>): string => `${option} takes one of ${known.join(", ")}`

/** What is wrong with the arguments of a command. */
const problemsOf = (name: string, args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const flags = [...flagsOf(name), ...builtIns]
  const known = withDashes(flags.map((one) => one.name))
  const problems: Array<string> = []
  const seen = new Set<string>()
  const repeated = new Set<string>()
  const argument = entries[name]?.argument
  let free = 0
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!/^-./.test(arg)) {
      if (argument !== undefined && "several" in argument) continue
      if (argument === undefined || free++ > 0) problems.push(`unexpected argument "${arg}"`)
      else if ("choices" in argument && !argument.choices.includes(arg))
        problems.push(`there are no "${arg}" to list.${suggestion(arg, argument.choices)}`)
      continue
    }
    const equals = arg.indexOf("=")
    const option = equals < 0 ? arg : arg.slice(0, equals)
    const flag = flags.find((one) => `--${one.name}` === option)
    if (flag === undefined) {
      const near = nearest(option, known)
      const hint = near === undefined ? `"data-toolbox ${name} --help" tells what there is` : `Did you mean "${near}"?`
      problems.push(`unknown option ${option}. ${hint}`)
      // Its value, most likely.
      if (equals < 0 && args[i + 1]?.startsWith("-") === false && argument === undefined) i++
      continue
    }
    if (seen.has(option)) repeated.add(option)
    seen.add(option)
    if (flag.value === undefined) {
      if (equals >= 0) problems.push(`${option} takes no value`)
      continue
    }
    const value = equals < 0 ? args[++i] : arg.slice(equals + 1)
    if (value === undefined || value === "" || (equals < 0 && value.startsWith("--"))) {
      problems.push(`${option} needs a value: ${option} ${flag.value}`)
      if (value?.startsWith("--") === true) i--
    } else if (flag.value === "N" && !isInteger(value)) {
      problems.push(`${option} takes a whole number, not "${value}"`)
    } else if (flag.name === "log-level" && !logLevels.includes(value)) {
      problems.push(oneOf(option, logLevels))
    }
  }
  for (const option of repeated) problems.push(`${option} is given more than once`)
  const missing = [
    ...(argument !== undefined && "needed" in argument && free === 0 ? [argument.needed] : []),
    ...withDashes(flags.filter((one) => one.required).map((one) => one.name)).filter((option) => !seen.has(option)),
    ...(entries[name]?.eitherOf ?? [])
      .filter((names) => !withDashes(names).some((option) => seen.has(option)))
      .map((names) => withDashes(names).join(" or ")),
  ]
  if (missing.length > 0)
    problems.push(`missing: ${missing.join(", ")}. "data-toolbox ${name} --help" tells what they mean`)
  return problems
}

/** What the arguments alone decide: a text for stdout (code 0), one for stderr (code 2), or a completion script. */
export type Answer = { readonly code: 0 | 2; readonly text: string } | { readonly completions: string }

const refuse = (problems: ReadonlyArray<string>): Answer => ({
  code: 2,
  text: `${problems.map((problem) => `data-toolbox: ${problem}`).join("\n")}\n`,
})

/**
 * Answers help, the version, and arguments that cannot be meant, with all their problems at once: unknown commands and
 * options with the nearest name, missing options and values. The framework's parser tells the first problem only, and an
 * unknown option by its value. Undefined: the framework goes on.
 */
export const answer = (
  args: ReadonlyArray<string>,
  { isTerminal, version }: { readonly isTerminal: boolean; readonly version: string },
): Answer | undefined => {
  const at = (option: string): number => args.findIndex((arg) => arg === option || arg.startsWith(`${option}=`))
  const asksHelp = args.includes("--help") || args.includes("-h") || args[0] === "help"
  const names = args.filter((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--log-level" && arg !== "help")
  const [name] = names
  const isKnown = name === undefined || Object.hasOwn(entries, name)
  if (asksHelp && isKnown) return { code: 0, text: help(name) }
  if (args.includes("--version")) return { code: 0, text: `data-toolbox ${version}\n` }
  const completions = at("--completions")
  if (completions >= 0) {
    const shell = (args[completions] as string).split("=")[1] ?? args[completions + 1] ?? ""
    return shells.includes(shell) ? { completions: shell } : refuse([oneOf("--completions", shells)])
  }
  if (args.includes("--wizard"))
    return isTerminal ? undefined : refuse(["--wizard asks questions and needs a terminal"])
  if (!isKnown) return refuse([`unknown command "${name}".${suggestion(name, Object.keys(entries))}`])
  if (name !== undefined) {
    const where = args.indexOf(name)
    const problems = problemsOf(name, [...args.slice(0, where), ...args.slice(where + 1)])
    return problems.length === 0 ? undefined : refuse(problems)
  }
  if (args.length === 0) return { code: 0, text: help(undefined) }
  return refuse([`name a command: ${Object.keys(entries).join(", ")}. "data-toolbox --help" tells more`])
}

/** The arguments as the framework takes them: the log level before the command. */
export const arranged = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = args.findIndex((arg) => arg === "--log-level" || arg.startsWith("--log-level="))
  if (at < 0) return args
  const size = args[at] === "--log-level" ? 2 : 1
  return [...args.slice(at, at + size), ...args.slice(0, at), ...args.slice(at + size)]
}

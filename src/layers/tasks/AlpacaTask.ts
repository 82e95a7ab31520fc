import * as Schema from "effect/Schema"
import { skip, type TaskDefinition } from "../../domain/Component.ts"
import { model, system, type Turn, user } from "../../domain/Conversation.ts"
import { Files } from "../datasets/Files.ts"
import {
  compileSystem,
  field,
  type FieldNames,
  fieldsOption,
  findField,
  jsonIfText,
  malformed,
  ownId,
  poolOption,
  promptOptions,
  scalarText,
  withSystemText,
} from "./Chat.ts"

/** A text that only says that there is nothing: `<noinput>`, `No output.`, `\<no input\>`, `No input required`. */
const nothing = (what: string): RegExp =>
  new RegExp(
    String.raw`^[\s\\<[("'\`]*no[ -]?${what}(?: (?:needed|required|provided|given|necessary))?[\s\\>\])"'\`.!]*$`,
    "i",
  )

/** Ways in which such data says that there is no input, or (for a picture, a web site) that there can be no answer. */
const noInput = nothing("input")
const noOutput = nothing("(?:in|out)put")

/** An input of this many characters that the instruction already holds is not repeated; a shorter one may be in it by chance. */
const repeatedInput = 16

/** Instructions with answers in Alpaca shape: `{instruction, input, output}`, perhaps with earlier exchanges in `history`. */
export const AlpacaTask: TaskDefinition<unknown> = {
  name: "AlpacaTask",
  description: "your own instructions with answers in Alpaca shape (instruction, input, output)",
  dataset: Files,
  prefix: "alpaca",
  options: {
    ...promptOptions,
    pool: poolOption("assistant"),
    input: Schema.optionalWith(Schema.Literal("join", "system"), {
      default: () => "join" as const,
      nullable: true,
    }).annotations({
      description:
        "The input follows the instruction on a new line, or the instruction becomes the system text above it.",
    }),
    fields: fieldsOption({
      instruction: "Without a name: `instruction`, `prompt`, `question`.",
      input: "What the instruction is about. Without a name: `input`, `context`.",
      output: "The answer. Without a name: `output`, `response`, `completion`, `answer`.",
      system: "The system text. Without a name: `system`.",
      history: "Earlier exchanges, `[[question, answer], ..]`. Without a name: `history`.",
      id: "The record's own identifier. Without a name: its place in the file.",
    }),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
  reasons: {
    emptyInstruction: "neither an instruction nor an input",
    emptyOutput: "no answer, or one that says that there is none",
    MalformedRecord: "not the fields that the task reads; the detail says which",
  },
  open: (context) => {
    const fields: FieldNames = context.options["fields"] ?? {}
    const inputMode: "join" | "system" = context.options["input"] ?? "join"
    const policy: "keep" | "replace" | "drop" =
      context.options["system"] ?? (context.hasCustomPrompts ? "replace" : "keep")
    const draft = compileSystem(context)
    const tidy = (value: unknown): string | undefined => {
      const text = scalarText(value)
      return text === undefined ? undefined : context.clean(text).trim()
    }
    const read = (record: unknown, key: string, usual: ReadonlyArray<string>): string | undefined => {
      const name = findField(record, fields[key], usual)
      return name === undefined ? "" : tidy(field(record, name))
    }
    return {
      id: (record, unit) => ownId(record, fields["id"]) ?? unit,
      episodes: (record, recordContext) => {
        if (typeof record !== "object" || record === null || Array.isArray(record))
          return malformed("expected an object")
        const instruction = read(record, "instruction", ["instruction", "prompt", "question"])
        if (instruction === undefined) return malformed("instruction: expected text")
        const given = read(record, "input", ["input", "context"])
        if (given === undefined) return malformed("input: expected text")
        const output = read(record, "output", ["output", "response", "completion", "answer"])
        if (output === undefined) return malformed("output: expected text")
        const systemText = read(record, "system", ["system"])
        if (systemText === undefined) return malformed("system: expected text")
        const none = noInput.test(given) || (given.length >= repeatedInput && instruction.includes(given))
        const input = none ? "" : given
        if (instruction === "" && input === "") return skip("emptyInstruction")
        if (output === "" || noOutput.test(output)) return skip("emptyOutput")
        const past = historyOf(field(record, fields["history"] ?? "history"), tidy)
        if (past === undefined) return malformed("history: expected a list of pairs of texts")
        // As system text an instruction must not be lost to another prompt.
        const apart = inputMode === "system" && policy === "keep" && instruction !== "" && input !== ""
        const turns: ReadonlyArray<Turn> = [
          ...(apart ? [system(instruction)] : []),
          ...past,
          user(apart ? input : [instruction, input].filter((text) => text !== "").join("\n")),
          model(output),
        ]
        return draft(withSystemText(turns, systemText), recordContext)
      },
    }
  },
}

/** Earlier exchanges, `[[question, answer], ..]`. */
const historyOf = (value: unknown, tidy: (value: unknown) => string | undefined): ReadonlyArray<Turn> | undefined => {
  if (value === undefined || value === null || value === "") return []
  const list = jsonIfText(value)
  if (!Array.isArray(list)) return undefined
  const turns: Array<Turn> = []
  for (const pair of list as ReadonlyArray<unknown>) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    const question = tidy(pair[0])
    const answer = tidy(pair[1])
    if (question === undefined || answer === undefined) return undefined
    turns.push(user(question), model(answer))
  }
  return turns
}

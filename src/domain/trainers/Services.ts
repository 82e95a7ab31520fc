/** The services that take OpenAI's shape: OpenAI, Together and mistral-finetune. */
import {
  fatal,
  type Fault,
  has,
  isRow,
  linesOnly,
  type Message,
  messagesOf,
  orderOf,
  roleOf,
  type Row,
  shapeOf,
  silent,
  type Trainer,
  warn,
} from "./Trainer.ts"

const isText = (value: unknown): value is string => typeof value === "string"

const noList = "a row has to be an object with a list of messages that is not empty"

const listOf = (row: Row): ReadonlyArray<Message> | undefined => {
  const list = messagesOf(row, "messages")
  return list === undefined || list.length === 0 ? undefined : list
}

const roles = (list: ReadonlyArray<Message>, known: ReadonlyArray<string>): ReadonlyArray<Fault> =>
  list.every(({ role }) => isText(role) && known.includes(role))
    ? []
    : [fatal("SV-4", `a role that is not one of ${known.join(", ")}`)]

/** Services want at least so many rows: told by their documentation, and by mistral-finetune's check of sizes. */
const tooFew = (rows: number): ReadonlyArray<Fault> =>
  rows < 10 ? [fatal("SV-9", `${rows} rows: at least 10 are wanted`)] : []

const openAiKeys = ["role", "content", "name", "function_call", "weight"]

const openAi = (row: Row): ReadonlyArray<Fault> => {
  const list = listOf(row)
  if (list === undefined) return [fatal("SV-1", noList)]
  const extra = list.flatMap(({ fields }) => Object.keys(fields)).find((key) => !openAiKeys.includes(key))
  return [
    ...(extra === undefined ? [] : [fatal("SV-3", `the key "${extra}" of a message is not known`)]),
    ...roles(list, ["system", "user", "assistant", "function"]),
    ...(list.every(({ content }) => isText(content) && content !== "")
      ? []
      : [fatal("SV-5", "a content is empty or no text")]),
    ...(orderOf(list).hasAssistant ? [] : [fatal("SV-7", "there is no reply in it")]),
    ...(list.some(({ fields }) => has(fields, "weight") && fields["weight"] !== 0 && fields["weight"] !== 1)
      ? [fatal("SV-8", "a weight has to be 0 or 1")]
      : []),
  ]
}

const upload =
  (tool: string, then: string) =>
  (file: string): string =>
    `${tool} ${JSON.stringify(file)}${then}\n`

export const OpenAiService: Trainer = {
  name: "openai",
  title: "OpenAI fine-tuning",
  aliases: ["oa", "azure", "fireworks"],
  formats: ["openai", "openai-weighted"],
  file: linesOnly("SV-10"),
  inspect: () => ({ row: openAi, end: tooFew }),
  stanza: (file) => `client.files.create(file=open(${JSON.stringify(file)}, "rb"), purpose="fine-tune")\n`,
}

/** Together takes one shape a file, and no column beside it. */
const together = () => {
  let first: string | undefined
  return (row: Row): ReadonlyArray<Fault> => {
    const keys = Object.keys(row).sort().join(",")
    const known = ["messages", "text", "completion,prompt", "input,non_preferred_output,preferred_output"]
    if (!known.includes(keys))
      return [
        fatal(
          "SV-2",
          `the columns ${keys === "" ? "(none)" : keys}: only messages, only text, only prompt and completion, or only the three of a pair`,
        ),
      ]
    first ??= keys
    if (keys !== first) return [fatal("SV-2", "the rows of a file have to be of one shape")]
    if (keys !== "messages") return []
    const list = listOf(row)
    if (list === undefined) return [fatal("SV-1", noList)]
    const order = orderOf(list)
    return [
      ...roles(list, ["system", "user", "assistant"]),
      ...(list.every(({ content }) => isText(content) || Array.isArray(content))
        ? []
        : [fatal("SV-5", "a content is no text")]),
      ...(list.some((one, i) => i > 0 && roleOf(one) === roleOf(list[i - 1] as Message))
        ? [fatal("SV-6", "one role twice in a row")]
        : []),
      ...(order.hasAssistant ? [] : [fatal("SV-7", "there is no reply in it")]),
      ...(list.some(
        ({ fields }) =>
          has(fields, "weight") && !(Number.isInteger(fields["weight"]) && [0, 1].includes(fields["weight"] as number)),
      )
        ? [fatal("SV-8", "a weight has to be the whole number 0 or 1")]
        : []),
    ]
  }
}

export const Together: Trainer = {
  name: "together",
  title: "Together",
  aliases: ["tg", "togetherai"],
  formats: ["openai", "openai-weighted", "prompt-completion-text", "preference-openai", "chatml", "template"],
  file: (facts) => [
    ...linesOnly("SV-10")(facts),
    ...(facts.hasBom ? [fatal("SV-10", "the file begins with a byte-order mark")] : []),
    ...(facts.blankLines > 0 ? [fatal("SV-10", "the file has a blank line")] : []),
  ],
  inspect: () => ({ row: together() }),
  stanza: (file) => `${upload("together files check", "")(file)}${upload("together files upload", "")(file)}`,
}

const mistral = (row: Row): ReadonlyArray<Fault> => {
  if (has(row, "messages") === has(row, "interactions"))
    return [fatal("SV-1", "a row has to have either messages or interactions")]
  if (has(row, "interactions")) return []
  const list = listOf(row)
  if (list === undefined) return [fatal("SV-1", noList)]
  const order = orderOf(list)
  return [
    ...(has(row, "tools") && has(row, "available_tools")
      ? [fatal("SV-2", "tools and available_tools do not go together")]
      : []),
    ...roles(list, ["system", "user", "assistant", "tool"]),
    ...(list.some((one) => roleOf(one) === "user" && (one.content === null || one.content === undefined))
      ? [fatal("SV-5", "a turn of the user has no content")]
      : []),
    ...(list.some(
      (one) =>
        roleOf(one) === "assistant" && !(isText(one.content) && one.content !== "") && !has(one.fields, "tool_calls"),
    )
      ? [fatal("SV-5", "a reply is empty")]
      : []),
    ...(list.length < 2 || roleOf(list[list.length - 1] as Message) !== "assistant"
      ? [fatal("SV-6", "the last message has to be a reply")]
      : []),
    ...(list.filter((one) => roleOf(one) === "system").length > 1
      ? [fatal("SV-6", "there is more than one system turn")]
      : []),
    ...(order.laterSystem ? [silent("SV-6", "a system turn behind others is moved to the front")] : []),
    ...(list.some(({ fields }) => has(fields, "weight") && fields["weight"] !== 0 && fields["weight"] !== 1)
      ? [fatal("SV-8", "a weight has to be 0 or 1")]
      : []),
    ...(list.some((one) => roleOf(one) === "user")
      ? []
      : [silent("SV-6", "without a turn of the user the system text is lost")]),
    ...(list.some(({ fields }) => isRow(fields) && has(fields, "text") && has(fields, "content"))
      ? [fatal("SV-3", "content and text do not go together")]
      : []),
  ]
}

export const Mistral: Trainer = {
  name: "mistral",
  title: "mistral-finetune",
  aliases: ["mi", "mistralfinetune"],
  formats: ["openai", "openai-weighted"],
  file: linesOnly("SV-10"),
  inspect: () => ({
    row: (row) => (shapeOf(row) === "messages" || has(row, "interactions") ? mistral(row) : [fatal("SV-1", noList)]),
    end: (rows) => (rows < 10 ? [warn("SV-9", `${rows} rows: at least 10 are wanted`)] : []),
  }),
  stanza: (file) => `data:\n  instruct_data: ${JSON.stringify(file)}\n`,
}

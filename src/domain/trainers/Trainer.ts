/**
 * What a trainer makes of a file, rule by rule: the acceptance rules of its loader, re-implemented from its source and
 * documentation as of November 2026. A loader that changes is a rule that changes.
 */

/**
 * `fatal` stops the loader, `dropped` loses the row, `silent` trains something else than what is written, `warn` is worth
 * a look.
 */
export type Severity = "fatal" | "dropped" | "silent" | "warn"

export interface Fault {
  /** Short and stable, e.g. `LF-1`. */
  readonly code: string
  readonly severity: Severity
  readonly message: string
}

export type Row = { readonly [key: string]: unknown }

/** A row as it stands in its file. */
export interface RowContext {
  /** From 0. */
  readonly index: number
  /** Bytes of the file before it: loaders look at the first block of it more closely. */
  readonly byte: number
}

/** Looks at the rows of one file, in order. */
export interface Inspection {
  readonly row: (row: Row, context: RowContext) => ReadonlyArray<Fault>
  /** What can be told of the whole, when all rows are known. */
  readonly end?: (rows: number) => ReadonlyArray<Fault>
}

export interface FileFacts {
  readonly container: "jsonl" | "array"
  readonly hasBom: boolean
  readonly blankLines: number
}

export interface Trainer {
  readonly name: string
  readonly title: string
  /** Other spellings, in lower case, without hyphens and blanks. */
  readonly aliases: ReadonlyArray<string>
  /** Formats of this package that it loads, the best one first. */
  readonly formats: ReadonlyArray<string>
  /** Problems of the file as such. */
  readonly file: (facts: FileFacts) => ReadonlyArray<Fault>
  readonly inspect: () => Inspection
  /** The part of its configuration that loads the file. */
  readonly stanza: (file: string, shape: Shape, weighted: boolean) => string
}

export const fault =
  (severity: Severity) =>
  (code: string, message: string): Fault => ({ code, severity, message })

export const fatal = fault("fatal")
export const dropped = fault("dropped")
export const silent = fault("silent")
export const warn = fault("warn")

// -------------------------------------------------------------------------------------------------------------- shapes

/** The shapes of rows that trainers tell apart, by their keys. */
export type Shape =
  | "messages"
  | "conversations"
  | "alpaca"
  | "prompt-completion"
  | "preference"
  | "text"
  | "segments"
  | "metharme"
  | "pygmalion"
  | "tokenized"
  | "unknown"

export const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const has = (row: Row, key: string): boolean => Object.hasOwn(row, key)

export const shapeOf = (row: Row): Shape => {
  if (has(row, "messages")) return "messages"
  if (has(row, "chosen") || has(row, "preferred_output")) return "preference"
  if (has(row, "conversations")) {
    const list = row["conversations"]
    const first: unknown = Array.isArray(list) ? list[0] : undefined
    return isRow(first) && has(first, "role") && has(first, "value") ? "pygmalion" : "conversations"
  }
  if (has(row, "segments")) return "segments"
  if (has(row, "input_ids")) return "tokenized"
  if (has(row, "generation")) return "metharme"
  if (has(row, "completion") || has(row, "prompt")) return "prompt-completion"
  if (has(row, "instruction")) return "alpaca"
  return has(row, "text") ? "text" : "unknown"
}

// ------------------------------------------------------------------------------------------------------- conversations

/** A message, with its role in common words. */
export interface Message {
  readonly role: unknown
  readonly content: unknown
  readonly fields: Row
}

/** The messages of a row; undefined where there is no list, or something in it is no object. */
export const messagesOf = (row: Row, shape: Shape): ReadonlyArray<Message> | undefined => {
  const list = row[shape === "messages" ? "messages" : "conversations"]
  if (!Array.isArray(list) || !list.every(isRow)) return undefined
  const [role, content] =
    shape === "messages" ? ["role", "content"] : shape === "pygmalion" ? ["role", "value"] : ["from", "value"]
  return list.map((fields) => ({ role: fields[role as string], content: fields[content as string], fields }))
}

const common: ReadonlyMap<string, "system" | "user" | "assistant"> = new Map([
  ["system", "system"],
  ["user", "user"],
  ["human", "user"],
  ["assistant", "assistant"],
  ["gpt", "assistant"],
  ["bot", "assistant"],
])

/** The role in common words; other roles as they stand. */
export const roleOf = ({ role }: Message): string => (typeof role === "string" ? (common.get(role) ?? role) : "")

/** How the turns of a conversation stand to each other. */
export interface Order {
  readonly head: number
  readonly greeting: boolean
  /** Two turns of one role, one behind the other. */
  readonly twice: "user" | "assistant" | undefined
  readonly laterSystem: boolean
  readonly endsWithUser: boolean
  readonly hasAssistant: boolean
}

export const orderOf = (messages: ReadonlyArray<Message>): Order => {
  const roles = messages.map(roleOf)
  const head = roles[0] === "system" ? 1 : 0
  const at = roles.findIndex(
    (role, i) => i > head && role === roles[i - 1] && (role === "user" || role === "assistant"),
  )
  return {
    head,
    greeting: roles[head] === "assistant",
    twice: at < 0 ? undefined : (roles[at] as "user" | "assistant"),
    laterSystem: roles.some((role, i) => role === "system" && i > 0),
    endsWithUser: roles[roles.length - 1] === "user",
    hasAssistant: roles.includes("assistant"),
  }
}

/** Orders that a loader takes and the chat template of a model may refuse. */
export const templateDoubts = (code: string, order: Order): ReadonlyArray<Fault> => [
  ...(order.greeting ? [warn(code, "the model speaks first: many chat templates refuse that, or leave it out")] : []),
  ...(order.twice === undefined
    ? []
    : [warn(code, `two turns of ${order.twice} in a row: many chat templates refuse that`)]),
  ...(order.laterSystem ? [warn(code, "a system turn behind others: many chat templates refuse that")] : []),
]

/** A weight of 0 that a loader does not look at: the turn is trained all the same. */
export const ignoredWeights = (code: string, messages: ReadonlyArray<Message>): ReadonlyArray<Fault> =>
  messages.some(
    (message) =>
      roleOf(message) === "assistant" && typeof message.fields["weight"] === "number" && message.fields["weight"] <= 0,
  )
    ? [silent(code, "a weight of 0 is not looked at: the reply is trained all the same")]
    : []

/** Whether a weight or a mark of training stands on some message. */
export const hasWeights = (row: Row): boolean => {
  const list = row["messages"] ?? row["conversations"]
  return Array.isArray(list) && list.some((one) => isRow(one) && (has(one, "weight") || has(one, "train")))
}

export const unreadable = (code: string, what: string): ReadonlyArray<Fault> => [fatal(code, what)]

/** Nothing to say of a file. */
export const anyFile = (): ReadonlyArray<Fault> => []

/** JSON lines are wanted. */
export const linesOnly =
  (code: string) =>
  ({ container }: FileFacts): ReadonlyArray<Fault> =>
    container === "array" ? [fatal(code, "it is one JSON array: write JSON lines")] : []

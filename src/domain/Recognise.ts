/** What shape records of a user's own file have, and which task reads them: a proposal that a build can try. */
import { type Fields, isFields } from "./Fields.ts"

/** A task with the settings that make it read the records. */
export interface Proposal {
  readonly task: string
  /** Settings beside `files`. */
  readonly settings: { readonly [key: string]: unknown }
  /** The shape, in words. */
  readonly shape: string
}

/** Lists may come as JSON in a text column of a table. */
const listOf = (value: unknown): ReadonlyArray<unknown> | undefined => {
  if (Array.isArray(value)) return value
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

// ------------------------------------------------------------------------------------------------------- conversations

/** Keys that hold who speaks, and what is said, in the order in which they are preferred. */
const roleKeys = ["role", "from", "speaker", "author", "sender", "agent", "participant", "user", "name"]
const contentKeys = ["content", "value", "text", "message", "utterance", "body", "msg"]

const userRoles = new Set(["user", "human", "prompter", "person", "customer", "question"])
const modelRoles = new Set(["assistant", "gpt", "model", "bot", "ai", "chatgpt", "chatbot", "claude", "answer"])
const otherRoles = new Set(["system", "developer", "context", "tool", "function", "observation", "function_call"])

/** The two tasks for conversations: what they call the list, the role and the content when they are told nothing. */
const conversationTasks = [
  {
    task: "ShareGptTask",
    list: { key: "conversations", usual: ["conversations", "conversation"] },
    role: { key: "from", usual: ["from"] },
    content: { key: "value", usual: ["value"] },
  },
  {
    task: "MessagesTask",
    list: { key: "messages", usual: ["messages", "conversation", "conversations", "prompt"] },
    role: { key: "role", usual: ["role", "from"] },
    content: { key: "content", usual: ["content", "value", "text"] },
  },
] as const

/** The key under which most messages hold text. */
const keyOf = (messages: ReadonlyArray<Fields>, keys: ReadonlyArray<string>): string | undefined =>
  keys.find((key) => messages.filter((message) => typeof message[key] === "string").length * 2 > messages.length)

/** Names that are no usual roles: the first to speak is taken for the user, the other for the model. */
const rolesOf = (names: ReadonlyArray<string>): Fields | "usual" | undefined => {
  const unknown = [...new Set(names.map((name) => name.trim().toLowerCase()))].filter(
    (name) => !userRoles.has(name) && !modelRoles.has(name) && !otherRoles.has(name),
  )
  if (unknown.length === 0) return "usual"
  const known = new Set(names.map((name) => name.trim().toLowerCase()))
  const hasUser = [...known].some((name) => userRoles.has(name))
  const hasModel = [...known].some((name) => modelRoles.has(name))
  // A speaker that hardly any message has costs its records, which the ledger tells, and not the whole file.
  const odd = names.filter((name) => unknown.includes(name.trim().toLowerCase())).length
  if (hasUser && hasModel && odd * 10 <= names.length) return "usual"
  const [first, second] = unknown
  if (unknown.length === 1 && hasUser && !hasModel) return { model: [first] }
  if (unknown.length === 1 && hasModel && !hasUser) return { user: [first] }
  if (unknown.length === 2 && !hasUser && !hasModel) return { user: [first], model: [second] }
  return undefined
}

const conversation = (records: ReadonlyArray<Fields>): Proposal | undefined => {
  for (const key of Object.keys(records[0] ?? {})) {
    const lists = records.flatMap((record) => {
      const list = listOf(record[key])?.filter(isFields)
      return list === undefined || list.length === 0 ? [] : [list]
    })
    if (lists.length * 2 <= records.length) continue
    const messages = lists.flat()
    const role = keyOf(messages, roleKeys)
    const content = keyOf(
      messages,
      contentKeys.filter((name) => name !== role),
    )
    if (role === undefined || content === undefined) continue
    const roles = rolesOf(messages.flatMap((message) => (typeof message[role] === "string" ? [message[role]] : [])))
    if (roles === undefined) continue
    const usualOf = (names: ReadonlyArray<string>, name: string): boolean => names.includes(name)
    const chosen =
      conversationTasks.find(
        (one) => usualOf(one.list.usual, key) && usualOf(one.role.usual, role) && usualOf(one.content.usual, content),
      ) ?? conversationTasks[1]
    const fields = Object.fromEntries(
      (
        [
          [chosen.list, key],
          [chosen.role, role],
          [chosen.content, content],
        ] as const
      )
        .filter(([{ usual }, name]) => !usualOf(usual, name))
        .map(([one, name]) => [one.key, name]),
    )
    return {
      task: chosen.task,
      settings: {
        ...(Object.keys(fields).length === 0 ? {} : { fields }),
        ...(roles === "usual" ? {} : { roles }),
      },
      shape: `conversations: "${key}" of "${role}" and "${content}"`,
    }
  }
  return undefined
}

// -------------------------------------------------------------------------------------------------------- instructions

/** Keys of instructions with answers; the first two of each are found without being told. */
const instructionKeys = ["instruction", "prompt", "question", "query", "input_text", "source", "problem"]
const inputKeys = ["input", "context"]
const outputKeys = ["output", "response", "completion", "answer", "target", "solution", "reply"]
const usualInstruction = new Set(["instruction", "prompt", "question"])
const usualOutput = new Set(["output", "response", "completion", "answer"])

const isTextKey = (records: ReadonlyArray<Fields>, key: string): boolean =>
  records.filter((record) => typeof record[key] === "string" && record[key] !== "").length * 2 > records.length

const instruction = (records: ReadonlyArray<Fields>): Proposal | undefined => {
  // Tables have keys in any case; a task takes them as they stand.
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))]
  const find = (names: ReadonlyArray<string>): string | undefined =>
    names
      .flatMap((name) => keys.filter((key) => key.trim().toLowerCase() === name))
      .find((key) => isTextKey(records, key))
  const asked = find(instructionKeys)
  const answer = find(outputKeys.filter((name) => name !== asked))
  if (asked === undefined || answer === undefined) return undefined
  const given = keys.find((key) => inputKeys.includes(key.trim().toLowerCase()))
  const fields = {
    ...(usualInstruction.has(asked) ? {} : { instruction: asked }),
    ...(given === undefined || inputKeys.includes(given) ? {} : { input: given }),
    ...(usualOutput.has(answer) ? {} : { output: answer }),
  }
  return {
    task: "AlpacaTask",
    settings: Object.keys(fields).length === 0 ? {} : { fields },
    shape: `instructions with answers: "${asked}" and "${answer}"`,
  }
}

// ------------------------------------------------------------------------------------------------------------ the rest

/** Lines of a SillyTavern log: a whole file is one conversation. */
const chatLog = (records: ReadonlyArray<Fields>): Proposal | undefined => {
  const lines = records.filter((record) => typeof record["mes"] === "string" && typeof record["is_user"] === "boolean")
  return lines.length > 0 && lines.length >= records.length - 1
    ? { task: "PygClaudeRoleplayTask", settings: {}, shape: "SillyTavern chat logs, one conversation a file" }
    : undefined
}

/** What the first records of a file are, or nothing that a task could read. */
export const recognise = (records: ReadonlyArray<unknown>): Proposal | undefined => {
  const found = records.filter(isFields)
  if (found.length === 0 || found.length * 2 <= records.length) return undefined
  return chatLog(found) ?? conversation(found) ?? instruction(found)
}

/**
 * What the tasks for users' own conversations share: the look-up of fields, the roles, contents of
 * several parts, tool turns, and the choice of the system prompt.
 */
import * as Schema from "effect/Schema"
import {
  bad,
  type EpisodeDraft,
  type RecordContext,
  type Skip,
  skip,
  type TaskContext,
} from "../../domain/Component.ts"
import { model, system, type Turn, user } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { isObject } from "../datasets/Decode.ts"

// ------------------------------------------------------------------------------------------------------------- fields

const own = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

/** The value of a field: a name as it stands, or a path with dots into nested objects. */
export const field = (record: unknown, path: string): unknown => {
  const whole = own(record, path)
  if (whole !== undefined || !path.includes(".")) return whole
  let value: unknown = record
  for (const key of path.split(".")) value = own(value, key)
  return value
}

/** The name of the configured field, else the first of the usual ones that holds a value. */
export const findField = (
  record: unknown,
  configured: string | undefined,
  usual: ReadonlyArray<string>,
): string | undefined => {
  const names = configured === undefined ? usual : [configured]
  return names.find((name) => (field(record, name) ?? undefined) !== undefined)
}

/** Text of a scalar; absent is empty; undefined for anything else. */
export const scalarText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  if (value === null || value === undefined) return ""
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined
}

/** Lists may come as JSON in a text column of a table. */
export const jsonIfText = (value: unknown): unknown => {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

/** A record that does not have the shape that the task expects. */
export const malformed = (why: string): Skip => bad("MalformedRecord", evidence(why))

/** The record's own identifier, where a field for it is configured and filled. */
export const ownId = (record: unknown, path: string | undefined): string | undefined => {
  if (path === undefined) return undefined
  const text = scalarText(field(record, path))?.trim()
  return text === "" ? undefined : text
}

// ------------------------------------------------------------------------------------------------------------ options

const optionalText = Schema.optionalWith(Schema.NonEmptyString, { nullable: true })

/** Names of fields as the config gives them. */
export type FieldNames = { readonly [key: string]: string | undefined }

/** A `fields` option: each key is optional and takes the name of the field that holds what its description says. */
export const fieldsOption = (keys: { readonly [key: string]: string }) => {
  const names = Schema.Struct(
    Object.fromEntries(
      Object.entries(keys).map(([key, description]) => [key, optionalText.annotations({ description })]),
    ),
  )
  return Schema.optionalWith(names as unknown as Schema.Schema<FieldNames>, {
    default: () => ({}),
    nullable: true,
  }).annotations({ description: "Names of the fields; a path with dots leads into nested objects." })
}

/** What the fields of messages that are seldom named otherwise hold. */
export const messageFields = {
  system: "The system text of the record. Without a name: `system`.",
  id: "The record's own identifier. Without a name: its place in the file.",
  name: "Who speaks, in each message. Without a name: `name`.",
  weight: "Whether the message is trained (0 is not), in each message. Without a name: `weight`.",
}

/** What the options of all tasks for users' own files have in common. */
export const promptOptions = {
  system: Schema.optionalWith(Schema.Literal("keep", "replace", "drop"), { nullable: true }).annotations({
    description:
      "The record's own system text: `keep` it, `replace` it by a prompt, or `drop` it (then there is none). Default: keep, or replace where `custom_prompts` are given.",
  }),
  prompt: Schema.optionalWith(Schema.Literal("pool", "none"), {
    default: () => "pool" as const,
    nullable: true,
  }).annotations({
    description: "Whether a prompt is made up where the record has none. `custom_prompts` are always used.",
  }),
}

/** The pool that prompts are made up from. */
export const poolOption = (pool: "chat" | "assistant") =>
  Schema.optionalWith(Schema.Literal("chat", "assistant"), { default: () => pool, nullable: true }).annotations({
    description: "The built-in pool that prompts are made up from.",
  })

type Kind = "system" | "user" | "model" | "tool" | "call"

const usualRoles: { readonly [K in Kind]: ReadonlyArray<string> } = {
  system: ["system", "developer", "context"],
  user: ["user", "human", "prompter", "person", "customer", "question"],
  model: ["assistant", "gpt", "model", "bot", "ai", "chatgpt", "chatbot", "chat", "bing", "bard", "claude", "answer"],
  tool: ["tool", "function", "observation", "tool_response", "tool_result", "function_response", "ipython"],
  call: ["function_call", "tool_call", "function-call", "tool-call"],
}

/** Names of one kind of role. */
const rolesOf = (kind: Kind, description: string) =>
  Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { nullable: true }).annotations({
    description: `${description} Usual names: ${usualRoles[kind].map((name) => `\`${name}\``).join(", ")}.`,
  })

/** Options of the tasks whose records are lists of messages. */
export const messageOptions = {
  ...promptOptions,
  roles: Schema.optionalWith(
    Schema.Struct({
      system: rolesOf("system", "The system's messages."),
      user: rolesOf("user", "The user's turns."),
      model: rolesOf("model", "The model's turns."),
      tool: rolesOf("tool", "Results of tools."),
      call: rolesOf("call", "Calls of tools that stand as turns of their own."),
    }),
    { default: () => ({}), nullable: true },
  ).annotations({
    description:
      'Names of roles, in any case; a list that is given replaces the usual names of that kind. `"*"` stands for every name that no list holds.',
  }),
  alternate: Schema.optionalWith(Schema.Literal("user", "model"), { nullable: true }).annotations({
    description:
      "Who speaks first, where speakers take turns and the messages do not say whose they are. A list of plain texts is read like that in any case, by default from the user on.",
  }),
  tools: Schema.optionalWith(Schema.Literal("drop", "text", "skip"), {
    default: () => "drop" as const,
    nullable: true,
  }).annotations({
    description:
      "Calls and results of tools: left out, written as text (calls as the model's, results as the user's), or skipped.",
  }),
  content: Schema.optionalWith(Schema.Literal("join", "text", "skip"), {
    default: () => "join" as const,
    nullable: true,
  }).annotations({
    description:
      "Contents of several parts: `join` the texts and leave out the rest (images ..), put a mark such as `[image]` as `text` in its place, or `skip` the record.",
  }),
}

/** Why a record of the tasks whose records are lists of messages is left out. */
export const messageReasons = {
  MalformedRecord: "not the fields that the task reads; the detail says which",
  UnknownRole: "a role that no list of `roles` holds",
  empty: "no message is left",
  toolTurns:
    "with `tools: skip`: it has calls or results of tools; else such turns, left out of a conversation that is kept",
  contentParts: "with `content: skip`: a message has parts that are no text",
}

// -------------------------------------------------------------------------------------------------------------- roles

const compileRoles = (
  given: { readonly [K in Kind]?: ReadonlyArray<string> | undefined },
): ReadonlyMap<string, Kind> => {
  const kinds = Object.keys(usualRoles) as ReadonlyArray<Kind>
  const roles = new Map<string, Kind>()
  for (const kind of kinds) if (given[kind] === undefined) for (const name of usualRoles[kind]) roles.set(name, kind)
  // What the config says wins over a usual name of another kind.
  for (const kind of kinds) for (const name of given[kind] ?? []) roles.set(name.trim().toLowerCase(), kind)
  return roles
}

// ------------------------------------------------------------------------------------------------------------ content

type Policy = "drop" | "join" | "text" | "skip"

interface Content {
  readonly text: string
  /** Parts that were left out. */
  readonly left: number
  readonly toolParts: number
}

const toolParts = new Set([
  "tool_use",
  "tool_call",
  "tool-call",
  "tool_result",
  "tool-result",
  "function_call",
  "function_response",
])

const partMark = (type: unknown): string =>
  typeof type === "string" && /^[A-Za-z][A-Za-z_-]{0,31}$/.test(type)
    ? `[${type.replace(/_url$/, "")}]`
    : "[attachment]"

/** The text of a message's content: a scalar, or a list of parts. */
const contentOf = (value: unknown, content: Policy, tools: Policy): Content | Skip | undefined => {
  const plain = scalarText(value)
  if (plain !== undefined) return { text: plain, left: 0, toolParts: 0 }
  const holder = isObject(value) && Array.isArray(value["parts"]) ? value["parts"] : value
  const parts: ReadonlyArray<unknown> = Array.isArray(holder) ? holder : [holder]
  const texts: Array<string> = []
  let left = 0
  let tooling = 0
  for (const part of parts) {
    if (typeof part === "string") {
      texts.push(part)
      continue
    }
    if (!isObject(part)) return undefined
    const type = part["type"]
    const inner = isObject(part["text"]) ? part["text"]["value"] : part["text"]
    if (
      typeof inner === "string" &&
      (type === undefined || type === null || (typeof type === "string" && type.endsWith("text")))
    ) {
      texts.push(inner)
    } else if (typeof type === "string" && toolParts.has(type)) {
      if (tools === "skip") return skip("toolTurns", evidence(type))
      if (tools === "text") texts.push(json(part))
      else tooling++
    } else if (type === undefined) {
      return undefined
    } else {
      if (content === "skip")
        return skip("contentParts", evidence(typeof type === "string" ? type : "a part without a type"))
      if (content === "text") texts.push(partMark(type))
      else left++
    }
  }
  return { text: texts.join("\n"), left, toolParts: tooling }
}

const json = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item)) ?? ""

/** A call of a tool as `{"name":..,"arguments":..}`, whichever way it is wrapped. */
const callText = (call: unknown): string => {
  const inner = isObject(call) && isObject(call["function"]) ? call["function"] : call
  if (!isObject(inner)) return json(inner)
  return json({ name: inner["name"] ?? null, arguments: jsonIfText(inner["arguments"] ?? inner["parameters"] ?? null) })
}

const callsOf = (message: { readonly [key: string]: unknown }): ReadonlyArray<unknown> => {
  const calls = jsonIfText(message["tool_calls"])
  const list = Array.isArray(calls) ? [...(calls as Array<unknown>)] : []
  const single = message["function_call"]
  if (isObject(single)) list.push(single)
  return list
}

// --------------------------------------------------------------------------------------------------------------- turns

/** Names of the fields of a message, in the order in which they are tried. */
export interface MessageFields {
  readonly role: ReadonlyArray<string>
  readonly content: ReadonlyArray<string>
  readonly name: ReadonlyArray<string>
  readonly weight: ReadonlyArray<string>
}

const firstOf = (message: unknown, names: ReadonlyArray<string>): unknown => {
  for (const name of names) {
    const value = field(message, name)
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Whether the message has the field at all: a content that is null is empty, one that is not there is a mistake. */
const hasAny = (message: { readonly [key: string]: unknown }, names: ReadonlyArray<string>): boolean =>
  names.some((name) => field(message, name) !== undefined)

/** Compiles the reader of message lists. */
export const compileMessages = (
  { clean, options }: TaskContext,
  fields: MessageFields,
): ((list: ReadonlyArray<unknown>, context: RecordContext) => ReadonlyArray<Turn> | Skip) => {
  const roles = compileRoles(options["roles"] ?? {})
  const tools: Policy = options["tools"] ?? "drop"
  const contentPolicy: Policy = options["content"] ?? "join"
  const alternate: "user" | "model" | undefined = options["alternate"]
  const tidy = (text: string): string => clean(text).trim()
  /** Whose turn it is, where speakers take turns. */
  const speakerAt = (i: number): Kind => ((i % 2 === 0) === (alternate !== "model") ? "user" : "model")
  return (list, context) => {
    const turns: Array<Turn> = []
    let toolTurns = 0
    let left = 0
    for (let i = 0; i < list.length; i++) {
      const message = list[i]
      if (typeof message === "string") {
        const text = tidy(message)
        turns.push(speakerAt(i) === "user" ? user(text) : model(text))
        continue
      }
      if (!isObject(message)) return malformed(`message ${i}: expected an object or text`)
      const role = alternate === undefined ? firstOf(message, fields.role) : speakerAt(i)
      if (typeof role !== "string") return malformed(`message ${i}: no role in "${fields.role.join('" or "')}"`)
      const kind = alternate === undefined ? (roles.get(role.trim().toLowerCase()) ?? roles.get("*")) : speakerAt(i)
      if (kind === undefined) return bad("UnknownRole", evidence(role))
      const calls = callsOf(message)
      if (!hasAny(message, fields.content) && calls.length === 0) {
        return malformed(`message ${i}: no text in "${fields.content.join('" or "')}"`)
      }
      if ((kind === "tool" || kind === "call" || calls.length > 0) && tools === "skip") {
        return skip("toolTurns", evidence(role))
      }
      if ((kind === "tool" || kind === "call") && tools === "drop") {
        toolTurns++
        continue
      }
      const value = firstOf(message, fields.content)
      // A call may stand as an object in the place of the text.
      const content: ReturnType<typeof contentOf> =
        (kind === "call" || kind === "tool") && isObject(value) && value["type"] === undefined
          ? { text: kind === "call" ? callText(value) : json(value), left: 0, toolParts: 0 }
          : contentOf(value, contentPolicy, tools)
      if (content === undefined) return malformed(`message ${i}: expected text`)
      if ("skip" in content) return content
      left += content.left
      toolTurns += content.toolParts
      let text = tidy(content.text)
      if (calls.length > 0) {
        if (tools === "text")
          text = [text, ...calls.map((call) => tidy(callText(call)))].filter((part) => part !== "").join("\n")
        else toolTurns += calls.length
      }
      const named = firstOf(message, fields.name)
      const name = typeof named === "string" && named.trim() !== "" ? tidy(named) : undefined
      if (kind === "system") turns.push(system(text))
      else if (kind === "user" || kind === "tool") turns.push(user(text, name))
      else {
        const turn = model(text, name)
        const weight = firstOf(message, fields.weight)
        turns.push(typeof weight === "number" && Number.isFinite(weight) && weight >= 0 ? { ...turn, weight } : turn)
      }
    }
    if (toolTurns > 0) context.cut("toolTurns", toolTurns)
    if (left > 0) context.repaired("contentPartsLeftOut", left)
    return turns
  }
}

/** Compiles the choice of the system prompt. */
export const compileSystem = (
  context: TaskContext,
): ((turns: ReadonlyArray<Turn>, record: RecordContext) => EpisodeDraft) => {
  const { hasCustomPrompts, options } = context
  const policy: "keep" | "replace" | "drop" = options["system"] ?? (hasCustomPrompts ? "replace" : "keep")
  const source =
    policy !== "drop" && (hasCustomPrompts || options["prompt"] !== "none")
      ? context.prompts(options["pool"] ?? "chat")
      : undefined
  return (turns, record) => {
    const given = turns.some((turn) => turn.kind === "system" && turn.text.trim() !== "")
    if (policy === "keep" && given) return { turns }
    const rest = turns.filter((turn) => turn.kind !== "system")
    return source === undefined ? { turns: rest } : { turns: rest, prompt: source.sample(record.random) }
  }
}

/** Puts the text of a system field first, unless the conversation already has it. */
export const withSystemText = (turns: ReadonlyArray<Turn>, text: string): ReadonlyArray<Turn> =>
  text === "" || turns.some((turn) => turn.kind === "system" && turn.text === text) ? turns : [system(text), ...turns]

/** A field of the `fields` option, and the names that are tried where the config gives none. */
export interface UsualField {
  readonly key: string
  readonly names: ReadonlyArray<string>
}

/** What the tasks whose records hold a list of messages do alike, compiled. */
export const compileConversations = (
  context: TaskContext,
  usual: { readonly list: UsualField; readonly role: UsualField; readonly content: UsualField },
) => {
  const fields: FieldNames = context.options["fields"] ?? {}
  const namesOf = ({ key, names }: UsualField): ReadonlyArray<string> => {
    const given = fields[key]
    return given === undefined ? names : [given]
  }
  const draft = compileSystem(context)
  const listName = fields[usual.list.key] ?? usual.list.key
  const systemName = fields["system"] ?? "system"
  return {
    fields,
    id: (record: unknown, unit: string): string => ownId(record, fields["id"]) ?? unit,
    /** The record's list of messages, and the field that holds it. */
    list: (record: unknown): { readonly name: string | undefined; readonly items: ReadonlyArray<unknown> } | Skip => {
      const name = findField(record, fields[usual.list.key], usual.list.names)
      const list = jsonIfText(Array.isArray(record) ? record : name === undefined ? undefined : field(record, name))
      return Array.isArray(list)
        ? { name, items: list as ReadonlyArray<unknown> }
        : malformed(`no list in "${listName}"`)
    },
    read: compileMessages(context, {
      role: namesOf(usual.role),
      content: namesOf(usual.content),
      name: [fields["name"] ?? "name"],
      weight: [fields["weight"] ?? "weight"],
    }),
    /** The episode, with the record's system field or a prompt put first. */
    finish: (turns: ReadonlyArray<Turn>, record: unknown, recordContext: RecordContext): EpisodeDraft | Skip => {
      if (turns.length === 0) return skip("empty")
      const text = scalarText(field(record, systemName))
      if (text === undefined) return malformed(`${systemName}: expected text`)
      return draft(withSystemText(turns, context.clean(text).trim()), recordContext)
    },
  }
}

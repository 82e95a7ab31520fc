/**
 * Chat templates as Hugging Face tokenizers carry them: Jinja that turns messages into the text that a trainer tokenizes.
 * A template may come from anywhere, so it is rendered under a deadline.
 */
import { Template } from "@huggingface/jinja"
import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { basename } from "node:path"
import { createContext, Script } from "node:vm"
import { causeText } from "./Cause.ts"
import type { ChatTemplate, Takes } from "./Component.ts"
import type { Turn, TurnKind } from "./Conversation.ts"
import { commonTokens } from "./RoleTokens.ts"
import { isFields } from "./Fields.ts"

/** A template, ready to render. */
export interface Rendering {
  /** The text of these turns; with `open` it ends where the model's next reply begins. Throws when the template does. */
  readonly render: (turns: ReadonlyArray<Turn>, open?: boolean) => string
  readonly takes: Takes
  /** Marks that the template sets around turns, and the usual ones. */
  readonly roleTokens: ReadonlyArray<string>
}

// --------------------------------------------------------------------------------------------------------------- files

/** A template and the file that it came from. */
export interface TemplateFile {
  readonly template: ChatTemplate
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Largest file that is read: those of models have less than 100 kB. */
const maxBytes = 4 * 1024 * 1024

/** A token of a tokenizer's configuration: text, or an object that holds it. */
const tokenOf = (value: unknown): string => {
  const text = isFields(value) ? value["content"] : value
  return typeof text === "string" ? text : ""
}

/** The template of a tokenizer's configuration; of several, the one that is called `default`. */
const ofConfig = (config: unknown, name: string): ChatTemplate => {
  if (!isFields(config)) throw new Error("it is no configuration of a tokenizer")
  const given = config["chat_template"]
  const named = Array.isArray(given) ? given.filter(isFields) : []
  const text = named.length > 0 ? (named.find((one) => one["name"] === "default") ?? named[0])?.["template"] : given
  if (typeof text !== "string") throw new Error('it has no "chat_template"')
  return { name, text, bos: tokenOf(config["bos_token"]), eos: tokenOf(config["eos_token"]) }
}

/** Reads a template file: Jinja, or the `tokenizer_config.json` of a model. Rejects with what is wrong, for a person. */
export const readTemplate = async (path: string): Promise<TemplateFile> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new Error("there is no such file")
  if (!found.isFile()) throw new Error("it is no ordinary file")
  if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
  const content = await readFile(path)
  const text = new TextDecoder("utf-8", { fatal: true }).decode(content)
  const name = basename(path)
  const isConfig = name.toLowerCase().endsWith(".json")
  const template = isConfig ? ofConfig(JSON.parse(text), name) : { name, text, bos: "", eos: "" }
  return { template, path, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") }
}

// ----------------------------------------------------------------------------------------------------------- rendering

/** Milliseconds that one conversation may take; a thousand turns take a few. The engine itself knows no limit. */
const deadline = 2000

const roles: { readonly [K in TurnKind]: string } = { system: "system", user: "user", model: "assistant" }

interface Message {
  readonly role: string
  readonly content: string
}

/** Ends what a template does when it takes too long: the same thread goes on. */
const within = (): ((act: () => string) => string) => {
  const context = createContext({ act: undefined as (() => string) | undefined })
  const script = new Script("act()")
  return (act) => {
    context["act"] = act
    return script.runInContext(context, { timeout: deadline }) as string
  }
}

/** Marks of turns in the text of a template: `<|..|>`, tags, words in brackets. */
const marks =
  /<\|[^|<>\s]{1,40}\|>|<｜[^｜<>\s]{1,40}｜>|<<\/?[A-Z]{2,20}>>|<\/?[a-z][a-z_]{0,30}>|\[\/?[A-Z][A-Z_]{1,30}\]/g

/** A short line that ends with a colon, or begins as a heading does. */
const label = /^(?:#{2,6} .{1,40}|\S(?:\S.{0,40})?:)$/

/** A run of the same token at the begin or the end stands there once. */
const once = (text: string, { bos, eos }: ChatTemplate): string => {
  let out = text
  if (bos !== "") while (out.startsWith(bos + bos)) out = out.slice(bos.length)
  if (eos !== "") while (out.endsWith(eos + eos)) out = out.slice(0, -eos.length)
  return out
}

const probe: ReadonlyArray<Message> = [
  { role: "user", content: "q-1" },
  { role: "assistant", content: "a-2" },
]

/** Compiles a template and finds out what it takes. Throws with what is wrong with it, for a person. */
export const compileChatTemplate = (given: ChatTemplate): Rendering => {
  const fail = (what: string): never => {
    throw new Error(`the chat template "${given.name}" ${what}`)
  }
  let template: Template
  try {
    template = new Template(given.text)
  } catch (cause) {
    return fail(`is no Jinja: ${causeText(cause)}`)
  }
  // A space after the first character makes no other text of such a token: nothing could guard it.
  const unguarded = [given.bos, given.eos].find((token) => /^.\s/s.test(token))
  if (unguarded !== undefined)
    return fail(`has the token ${JSON.stringify(unguarded)}, which cannot be escaped in the data`)
  const run = within()
  const renderMessages = (messages: ReadonlyArray<Message>, open: boolean): string => {
    const text = run(() =>
      template.render({
        messages,
        bos_token: given.bos,
        eos_token: given.eos,
        add_generation_prompt: open,
      }),
    )
    return once(text, given)
  }
  const holds = (messages: ReadonlyArray<Message>): boolean => {
    try {
      const text = renderMessages(messages, false)
      return messages.every(({ content }) => text.includes(content))
    } catch {
      return false
    }
  }
  let first: string
  try {
    first = renderMessages(probe, false)
  } catch (cause) {
    return fail(`cannot render a question and its answer: ${causeText(cause)}`)
  }
  if (!probe.every(({ content }) => first.includes(content)))
    return fail("leaves out a part of a question and its answer")
  /** Words that the template sets before texts, such as `USER:` and `### Response:`, which are no marks by their looks. */
  const labels = (messages: ReadonlyArray<Message>): ReadonlyArray<string> =>
    renderMessages(messages, false)
      .split(/s-0|q-1|a-2/)
      .flatMap((between) => between.split(/[\n<>|[\]]/))
      .map((line) => line.trim())
      .filter((line) => label.test(line))
  // Some templates refuse a system turn, or drop it: then it is the first part of the user's first turn.
  const takesSystem = holds([{ role: "system", content: "s-0" }, ...probe])
  // Some refuse a greeting by a check that this engine does not run as Python's does (`selectattr(.., "undefined")`): what
  // they say of it is taken at its word.
  const alternates = /roles\s+must\s+alternate/i.test(given.text)
  const greeting = !alternates && holds([{ role: "assistant", content: "g-0" }, ...probe])
  const messagesOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Message> =>
    (takesSystem ? turns : foldSystem(turns)).map(({ kind, text }) => ({ role: roles[kind], content: text }))
  const own = [
    ...(given.text.match(marks) ?? []),
    ...labels(takesSystem ? [{ role: "system", content: "s-0" }, ...probe] : probe),
    given.bos,
    given.eos,
  ].filter((token) => token.length > 1)
  return {
    render: (turns, open = false) => renderMessages(messagesOf(turns), open),
    takes: { greeting, alternatives: false },
    roleTokens: [...new Set([...own, ...commonTokens])],
  }
}

/** The system text before the first turn of the user, for targets that know no system turn. */
export const foldSystem = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const [head] = turns
  if (head?.kind !== "system") return turns
  const at = turns.findIndex(({ kind }) => kind === "user")
  return turns.slice(1).map((turn, i) => (i === at - 1 ? { ...turn, text: `${head.text}\n\n${turn.text}` } : turn))
}

/** A part of a rendered conversation: what a trainer learns from, and what it only reads. */
export interface Segment {
  readonly text: string
  readonly trained: boolean
}

/** Stands for the text of a turn while its place is looked for; templates do not change it. */
const placeholder = "\u{F0000}text\u{F0000}"

/**
 * Cuts the rendering at the turns that are trained: a segment begins where the template opens the reply (of a user's turn,
 * where its text begins) and ends where the turn does, with its end mark. Undefined where the template writes earlier
 * turns in another way once more follow.
 */
export const segmentsOf = (
  { render }: Rendering,
  turns: ReadonlyArray<Turn>,
  isTrained: (turn: Turn) => boolean,
): ReadonlyArray<Segment> | undefined => {
  const whole = render(turns)
  const segments: Array<Segment> = []
  let at = 0
  /** What stands before the text of a turn: for replies a template says it, for others it is looked for. */
  const opening = (i: number, turn: Turn): string | undefined => {
    if (turn.kind === "model" && i > 0) return render(turns.slice(0, i), true)
    const [before, after] = render([...turns.slice(0, i), { ...turn, text: placeholder }]).split(placeholder)
    return after === undefined ? undefined : before
  }
  for (const [i, turn] of turns.entries()) {
    if (turn.kind === "system" || !isTrained(turn)) continue
    const before = opening(i, turn)
    const after = render(turns.slice(0, i + 1))
    if (before === undefined || before.length < at || !after.startsWith(before) || !whole.startsWith(after))
      return undefined
    if (!after.slice(before.length).includes(turn.text.trim())) return undefined
    if (before.length > at) segments.push({ text: whole.slice(at, before.length), trained: false })
    segments.push({ text: whole.slice(before.length, after.length), trained: true })
    at = after.length
  }
  if (at < whole.length) segments.push({ text: whole.slice(at), trained: false })
  return segments
}

import * as Schema from "effect/Schema"
import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { collapseSpaces } from "../../domain/text/Style.ts"
import { isBracketedRemark } from "../../domain/text/Ooc.ts"
import { replaceNames } from "../../domain/text/Names.ts"
import { Teatime, type TeatimeRecord } from "../datasets/Teatime.ts"
import { idText } from "./Shared.ts"

/** The models that the original configuration allows. */
const defaultModels = ["claude-v1-100k", "claude-v1.2", "claude-1.3-100k", "claude-1.2"]

/** Stands before the real chat; what lies between the first and the last are example chats. */
const marker = "[Start a new chat]"

type Role = TeatimeRecord["chat"][number]["role"]

interface Message {
  readonly role: Role
  readonly content: string
}

/** Front-end directives in a system prompt: those that wrap text are unwrapped, notes to the model removed. */
const tidyDirectives = (prompt: string): string =>
  prompt
    .replace(/\{\{user\}(?!\})/g, "{{user}}")
    .replace(/\[(?:Human|S1): ([^[\]\n]{0,4000})\]/g, "$1")
    .replace(/(?<![\p{L}\p{N}_])(?:Human|S1): \[([^[\]\n]{0,4000})\]/gu, "$1")
    .replace(/\[(?:Assistant|Note): [^[\]\n]{0,4000}\]\n*/g, "")
    .replace(/(?<![\p{L}\p{N}_])(?:Assistant|Note): \[[^[\]\n]{0,4000}\]\n*/gu, "")

/** All line breaks to `\n`, and the literal `\r` that an export wrote for half of one, which begins no word. */
const plainBreaks = (text: string): string =>
  text.replace(/\r\n?|\\r(?:\r\n?|\n|(?![A-Za-z]))/g, (found) => (/[\r\n]/.test(found) ? "\n" : ""))

/** Proxy logs of several models. */
export const TeatimeRoleplayTask: TaskDefinition<TeatimeRecord> = {
  name: "TeatimeRoleplayTask",
  description: "roleplay logs of a proxy (Teatime)",
  dataset: Teatime,
  prefix: "teatime",
  clean: "original",
  placeholders: ["user"],
  options: {
    allowed_models: Schema.optionalWith(Schema.Array(Schema.String), {
      default: () => defaultModels,
      nullable: true,
    }).annotations({ description: "Models whose chats are used; compared exactly." }),
  },
  suggestedFilters: ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  reasons: {
    modelNotAllowed: "the model is not among `allowed_models`",
    tooFewMessages: "fewer than two messages with text",
    oneSpeaker: "only one of the two speaks",
    exampleChat: "messages of an example chat before the real one",
  },
  open: ({ clean, hasCustomPrompts, names, options, prompts }) => {
    const allowed = new Set(options["allowed_models"] as ReadonlyArray<string>)
    // The logs hold no name of the user.
    const user = names === "replace" ? { user: "User" } : {}
    const nameUser = (text: string): string => replaceNames(text, user)
    return {
      id: ({ extracted_from, n }) => `${idText(extracted_from)}-${n ?? 1}`,
      episodes: ({ chat, model }, { cut, random }) => {
        if (!allowed.has(model)) return skip("modelNotAllowed", { model: model.slice(0, 80) })
        let messages: Array<Message> = []
        for (const [i, { content, role }] of chat.entries()) {
          if (content !== null) messages.push({ role, content })
          // An answer that got lost takes the question before it along.
          else if (i === chat.length - 1 && messages[messages.length - 1]?.role === "user") messages.pop()
        }
        // The first system messages are the prompt, whatever else is dropped.
        let prompt = ""
        if (messages[0]?.role === "system") {
          prompt = messages[0].content
          let from = 1
          if (messages[1]?.role === "system" && messages[1].content.trim() !== marker) {
            prompt = `${prompt.trimEnd()}\n${messages[1].content.trimStart()}`
            from = 2
          }
          messages = messages.slice(from)
        }
        let examples = 0
        for (let i = messages.length - 1; i >= 0; i--) {
          if (messages[i]?.role === "system" && (messages[i] as Message).content.trim() === marker) {
            examples = messages.slice(0, i).filter(({ role }) => role !== "system").length
            messages = messages.slice(i + 1)
            break
          }
        }
        if (examples > 0) cut("exampleChat", examples)
        messages = messages.filter(({ content, role }) => role !== "system" && content.trim() !== "")
        const spoken = messages.filter(({ content }) => !isBracketedRemark(content))
        if (spoken.length > 0) messages = spoken
        const own = nameUser(tidyDirectives(clean(plainBreaks(prompt.replaceAll(marker, "")))).trim())
        if (messages.length < 2) return skip("tooFewMessages", { messages: messages.length })
        if (!messages.some(({ role }) => role === "user") || !messages.some(({ role }) => role === "assistant"))
          return skip("oneSpeaker")
        const turns = messages.map(({ content, role }): Turn => {
          const text = nameUser(collapseSpaces(clean(plainBreaks(content))).trim())
          return { kind: role === "assistant" ? "model" : "user", text }
        })
        if (hasCustomPrompts || own === "") return { turns, prompt: prompts("teatime").sample(random, user) }
        return { turns: [{ kind: "system", text: own }, ...turns] }
      },
    }
  },
}

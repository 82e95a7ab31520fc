import { bad, type Skip, skip, type TaskDefinition } from "../../domain/Component.ts"
import { model, type Turn, user } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { Files } from "../datasets/Files.ts"
import {
  compileConversations,
  field,
  fieldsOption,
  findField,
  jsonIfText,
  malformed,
  messageFields,
  messageOptions,
  messageReasons,
  poolOption,
} from "./Chat.ts"

const usual = {
  prompt: ["prompt", "input", "question", "instruction", "conversations", "messages"],
  chosen: ["chosen", "preferred_output", "response_chosen", "preferred"],
  rejected: ["rejected", "non_preferred_output", "response_rejected", "non_preferred"],
}

/**
 * A conversation with a reply that was chosen and one that was not. `chosen` and `rejected` are texts, messages, or whole
 * conversations that are alike up to their last turn; then a prompt may be missing.
 */
export const PreferenceTask: TaskDefinition<unknown> = {
  name: "PreferenceTask",
  description: "your own pairs of replies (prompt, chosen, rejected), for the preference formats",
  dataset: Files,
  prefix: "preference",
  options: {
    ...messageOptions,
    pool: poolOption("chat"),
    fields: fieldsOption({
      prompt:
        "What the replies answer: text or messages. Without a name: `prompt`, `input`, `question`, `instruction`, `conversations`, `messages`.",
      chosen:
        "The reply that was chosen. Without a name: `chosen`, `preferred_output`, `response_chosen`, `preferred`.",
      rejected:
        "The reply that was not. Without a name: `rejected`, `non_preferred_output`, `response_rejected`, `non_preferred`.",
      role: "Whose a message is. Without a name: `role`, `from`.",
      content: "The text of a message. Without a name: `content`, `value`, `text`.",
      ...messageFields,
    }),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
  reasons: { ...messageReasons, noPair: "not two replies", sameReplies: "both replies are the same" },
  open: (context) => {
    const { fields, finish, id, read } = compileConversations(context, {
      list: { key: "prompt", names: usual.prompt },
      role: { key: "role", names: ["role", "from"] },
      content: { key: "content", names: ["content", "value", "text"] },
    })
    const tidy = (text: string): string => context.clean(text).trim()
    const find = (record: unknown, key: keyof typeof usual): unknown => {
      const name = findField(record, fields[key], usual[key])
      return name === undefined ? undefined : jsonIfText(field(record, name))
    }
    return {
      id,
      episodes: (record, recordContext) => {
        if (typeof record !== "object" || record === null || Array.isArray(record))
          return malformed("expected an object")
        /** The turns of a part: text is one turn of its speaker, a message is one, a list is several. */
        const turnsOf = (key: keyof typeof usual, own: (text: string) => Turn): ReadonlyArray<Turn> | Skip => {
          const value = find(record, key)
          const inner = key === "prompt" ? (field(value, "messages") ?? value) : value
          if (inner === undefined) return []
          if (typeof inner === "string") return [own(tidy(inner))]
          if (Array.isArray(inner)) return read(inner as ReadonlyArray<unknown>, recordContext)
          if (typeof inner === "object" && inner !== null) return read([inner], recordContext)
          return malformed(`${key}: expected text or messages`)
        }
        const prompt = turnsOf("prompt", user)
        if ("skip" in prompt) return prompt
        const chosen = turnsOf("chosen", model)
        if ("skip" in chosen) return chosen
        const rejected = turnsOf("rejected", model)
        if ("skip" in rejected) return rejected
        const [good, other] = [chosen.at(-1), rejected.at(-1)]
        if (good?.kind !== "model" || other?.kind !== "model") return skip("noPair")
        const before = chosen.slice(0, -1)
        const same =
          before.length === rejected.length - 1 &&
          before.every(({ kind, text }, i) => kind === rejected[i]?.kind && text === rejected[i]?.text)
        if (!same) return bad("MalformedRecord", evidence("chosen and rejected differ before their last turn"))
        if (good.text === other.text) return skip("sameReplies")
        // Whole conversations begin with the prompt themselves.
        const isWhole = before.some(({ kind }) => kind === "user")
        const draft = finish([...(isWhole ? [] : prompt), ...before, good], record, recordContext)
        if ("skip" in draft) return draft
        return { ...draft, alternatives: [other.text] }
      },
    }
  },
}

import type { TaskDefinition } from "../../domain/Component.ts"
import { model, type Turn } from "../../domain/Conversation.ts"
import { Files } from "../datasets/Files.ts"
import {
  compileConversations,
  field,
  fieldsOption,
  findField,
  malformed,
  messageFields,
  messageOptions,
  messageReasons,
  poolOption,
  scalarText,
} from "./Chat.ts"

/**
 * Conversations as chat messages: `{messages: [{role, content}]}`. A `prompt` of messages with a separate answer (text or
 * messages) is read as one conversation.
 */
export const MessagesTask: TaskDefinition<unknown> = {
  name: "MessagesTask",
  description: "your own conversations as chat messages (messages of role/content)",
  dataset: Files,
  prefix: "messages",
  options: {
    ...messageOptions,
    pool: poolOption("chat"),
    fields: fieldsOption({
      messages:
        "The list of messages. Without a name, the first of: `messages`, `conversation`, `conversations`, `prompt`.",
      role: "Whose a message is. Without a name: `role`, `from`.",
      content: "The text of a message. Without a name: `content`, `value`, `text`.",
      response:
        "The answer, where it stands apart from the list. Without a name: `completion` or `response`, beside a `prompt` only.",
      ...messageFields,
    }),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
  reasons: messageReasons,
  open: (context) => {
    const { fields, finish, id, list, read } = compileConversations(context, {
      list: { key: "messages", names: ["messages", "conversation", "conversations", "prompt"] },
      role: { key: "role", names: ["role", "from"] },
      content: { key: "content", names: ["content", "value", "text"] },
    })
    return {
      id,
      episodes: (record, recordContext) => {
        const found = list(record)
        if ("skip" in found) return found
        const first = read(found.items, recordContext)
        if ("skip" in first) return first
        const turns: Array<Turn> = [...first]
        // A list of messages is whole; only a prompt has its answer elsewhere.
        const usual = found.name === "prompt" ? ["completion", "response"] : []
        const answer = findField(record, fields["response"], usual)
        if (answer !== undefined) {
          // Text stays text here: an answer may be JSON itself.
          const value = field(record, answer)
          const text = scalarText(value)
          if (Array.isArray(value)) {
            const more = read(value as ReadonlyArray<unknown>, recordContext)
            if ("skip" in more) return more
            turns.push(...more)
          } else if (text !== undefined) turns.push(model(context.clean(text).trim()))
          else return malformed(`${answer}: expected text or messages`)
        }
        return finish(turns, record, recordContext)
      },
    }
  },
}

import { skip, type TaskDefinition } from "../../domain/Component.ts"
import { type Turn, model } from "../../domain/Conversation.ts"
import { Files } from "../datasets/Files.ts"
import {
  compileMessages,
  compileSystem,
  field,
  type FieldNames,
  fieldsOption,
  findField,
  jsonIfText,
  malformed,
  messageOptions,
  ownId,
  poolOption,
  scalarText,
  withSystemText,
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
    /** Names of the fields; a path with dots leads into nested objects. `id` is unused unless it is given. */
    fields: fieldsOption("messages", "role", "content", "response", "system", "id", "name", "weight"),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
  open: (context) => {
    const fields: FieldNames = context.options["fields"] ?? {}
    const read = compileMessages(context, {
      role: fields["role"] === undefined ? ["role", "from"] : [fields["role"]],
      content: fields["content"] === undefined ? ["content", "value", "text"] : [fields["content"]],
      name: [fields["name"] ?? "name"],
      weight: [fields["weight"] ?? "weight"],
    })
    const draft = compileSystem(context)
    return {
      id: (record, unit) => ownId(record, fields["id"]) ?? unit,
      episodes: (record, recordContext) => {
        const name = findField(record, fields["messages"], ["messages", "conversation", "conversations", "prompt"])
        const list = jsonIfText(Array.isArray(record) ? record : name === undefined ? undefined : field(record, name))
        if (!Array.isArray(list)) return malformed(`no list in "${fields["messages"] ?? "messages"}"`)
        const first = read(list as ReadonlyArray<unknown>, recordContext)
        if ("skip" in first) return first
        const turns: Array<Turn> = [...first]
        // A list of messages is whole; only a prompt has its answer elsewhere.
        const usual = name === "prompt" ? ["completion", "response"] : []
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
        if (turns.length === 0) return skip("empty")
        const system = scalarText(field(record, fields["system"] ?? "system"))
        if (system === undefined) return malformed(`${fields["system"] ?? "system"}: expected text`)
        return draft(withSystemText(turns, context.clean(system).trim()), recordContext)
      },
    }
  },
}

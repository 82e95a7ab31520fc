import type { TaskDefinition } from "../../domain/Component.ts"
import { Files } from "../datasets/Files.ts"
import {
  compileConversations,
  fieldsOption,
  messageFields,
  messageOptions,
  messageReasons,
  poolOption,
} from "./Chat.ts"

/** Conversations in ShareGPT shape: `{conversations: [{from, value}]}`, under the usual names or configured ones. */
export const ShareGptTask: TaskDefinition<unknown> = {
  name: "ShareGptTask",
  description: "your own conversations in ShareGPT shape (conversations of from/value)",
  dataset: Files,
  prefix: "sharegpt",
  options: {
    ...messageOptions,
    pool: poolOption("chat"),
    fields: fieldsOption({
      conversations: "The list of messages. Without a name, the first of: `conversations`, `conversation`, `messages`.",
      from: "Whose a message is. Without a name: `from`, `role`.",
      value: "The text of a message. Without a name: `value`, `content`, `text`.",
      ...messageFields,
    }),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
  reasons: messageReasons,
  open: (context) => {
    const { finish, id, list, read } = compileConversations(context, {
      list: { key: "conversations", names: ["conversations", "conversation", "messages"] },
      role: { key: "from", names: ["from", "role"] },
      content: { key: "value", names: ["value", "content", "text"] },
    })
    return {
      id,
      episodes: (record, recordContext) => {
        const found = list(record)
        if ("skip" in found) return found
        const turns = read(found.items, recordContext)
        return "skip" in turns ? turns : finish(turns, record, recordContext)
      },
    }
  },
}

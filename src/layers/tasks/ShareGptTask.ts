import type { TaskDefinition } from "../../domain/Component.ts"
import { Files } from "../datasets/Files.ts"
import { compileConversations, fieldsOption, messageOptions, poolOption } from "./Chat.ts"

/** Conversations in ShareGPT shape: `{conversations: [{from, value}]}`, under the usual names or configured ones. */
export const ShareGptTask: TaskDefinition<unknown> = {
  name: "ShareGptTask",
  description: "your own conversations in ShareGPT shape (conversations of from/value)",
  dataset: Files,
  prefix: "sharegpt",
  options: {
    ...messageOptions,
    pool: poolOption("chat"),
    /** Names of the fields; a path with dots leads into nested objects. `id` is unused unless it is given. */
    fields: fieldsOption("conversations", "from", "value", "system", "id", "name", "weight"),
  },
  clean: "chat",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter"],
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

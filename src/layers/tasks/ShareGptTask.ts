import { skip, type TaskDefinition } from "../../domain/Component.ts"
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
    const fields: FieldNames = context.options["fields"] ?? {}
    const read = compileMessages(context, {
      role: fields["from"] === undefined ? ["from", "role"] : [fields["from"]],
      content: fields["value"] === undefined ? ["value", "content", "text"] : [fields["value"]],
      name: [fields["name"] ?? "name"],
      weight: [fields["weight"] ?? "weight"],
    })
    const draft = compileSystem(context)
    return {
      id: (record, unit) => ownId(record, fields["id"]) ?? unit,
      episodes: (record, recordContext) => {
        const name = findField(record, fields["conversations"], ["conversations", "conversation", "messages"])
        const list = jsonIfText(Array.isArray(record) ? record : name === undefined ? undefined : field(record, name))
        if (!Array.isArray(list)) return malformed(`no list in "${fields["conversations"] ?? "conversations"}"`)
        const turns = read(list as ReadonlyArray<unknown>, recordContext)
        if ("skip" in turns) return turns
        if (turns.length === 0) return skip("empty")
        const system = scalarText(field(record, fields["system"] ?? "system"))
        if (system === undefined) return malformed(`${fields["system"] ?? "system"}: expected text`)
        return draft(withSystemText(turns, context.clean(system).trim()), recordContext)
      },
    }
  },
}

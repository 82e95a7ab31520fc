import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { lastReply, message } from "./Shared.ts"

/** `prompt` and `completion` as lists of messages; TRL trains the completion only. */
export const PromptCompletion: FormatDefinition = {
  name: "prompt-completion",
  description: "prompt and completion as messages; the last reply is trained",
  container: "jsonl",
  trainers: ["trl", "hf-datasets"],
  loss: "last",
  template: "trainer",
  takes: { greeting: false, alternatives: false },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => {
    const found = lastReply(turns)
    return found === undefined ? [] : [{ prompt: found.before.map(message), completion: [message(found.reply)] }]
  },
}

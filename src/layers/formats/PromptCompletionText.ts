import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { exchanges } from "./Shared.ts"

/**
 * `prompt` and `completion` as plain texts: one question, with the system text above it, and its answer. Plain text says
 * of no turn whose it is, so that conversations of several exchanges have no row; `prompt-completion` takes them.
 */
export const PromptCompletionText: FormatDefinition = {
  name: "prompt-completion-text",
  description: "prompt and completion as plain text; only single exchanges",
  container: "jsonl",
  trainers: ["trl", "together", "hf-datasets"],
  loss: "last",
  takes: { greeting: false, alternatives: false },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => {
    const found = exchanges(turns)
    const [pair, ...more] = found?.pairs ?? []
    if (found === undefined || pair === undefined || more.length > 0) return []
    const [question, completion] = pair
    return [{ prompt: found.system === "" ? question : `${found.system}\n\n${question}`, completion }]
  },
}

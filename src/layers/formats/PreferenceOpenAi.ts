import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { lastReply, message } from "./Shared.ts"

/** `input`, `preferred_output` and `non_preferred_output`: Together's service, after OpenAI's. */
export const PreferenceOpenAi: FormatDefinition = {
  name: "preference-openai",
  description: "input, preferred_output and non_preferred_output, for data with pairs of replies",
  container: "jsonl",
  trainers: ["together"],
  loss: "last",
  template: "trainer",
  takes: { greeting: false, alternatives: true },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ alternatives = [], turns }) => {
    const found = lastReply(turns)
    if (found === undefined) return []
    const input = { messages: found.before.map(message) }
    const preferred = [message(found.reply)]
    return alternatives.map((text) => ({
      input,
      preferred_output: preferred,
      non_preferred_output: [{ role: "assistant", content: text }],
    }))
  },
}

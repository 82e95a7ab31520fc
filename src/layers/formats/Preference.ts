import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { lastReply, message } from "./Shared.ts"

/** `prompt`, `chosen` and `rejected` as lists of messages, a row for each reply that was not chosen: TRL. */
export const Preference: FormatDefinition = {
  name: "preference",
  description: "prompt, chosen and rejected as messages, for data with pairs of replies",
  container: "jsonl",
  trainers: ["trl", "hf-datasets"],
  loss: "last",
  template: "trainer",
  takes: { greeting: false, alternatives: true },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ alternatives = [], turns }) => {
    const found = lastReply(turns)
    if (found === undefined) return []
    const prompt = found.before.map(message)
    const chosen = [message(found.reply)]
    return alternatives.map((text) => ({ prompt, chosen, rejected: [{ role: "assistant", content: text }] }))
  },
}

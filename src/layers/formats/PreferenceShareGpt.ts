import type { FormatDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { lastReply } from "./Shared.ts"

const from: { readonly [K in TurnKind]: string } = { system: "system", user: "human", model: "gpt" }

/** `conversations`, with `chosen` and `rejected` as single turns: LLaMA-Factory with `ranking: true`. */
export const PreferenceShareGpt: FormatDefinition = {
  name: "preference-sharegpt",
  description: "conversations with a chosen and a rejected turn, for data with pairs of replies",
  container: "jsonl",
  trainers: ["llama-factory"],
  loss: "last",
  template: "trainer",
  takes: { greeting: false, alternatives: true },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ alternatives = [], turns }) => {
    const found = lastReply(turns)
    if (found === undefined) return []
    const conversations = found.before.map(({ kind, text }) => ({ from: from[kind], value: text }))
    const chosen = { from: "gpt", value: found.reply.text }
    return alternatives.map((text) => ({ conversations, chosen, rejected: { from: "gpt", value: text } }))
  },
}

import type { FormatDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"

const from: { readonly [K in TurnKind]: string } = { system: "system", user: "human", model: "gpt" }

/** `conversations` of `from`/`value` pairs, as FastChat, axolotl, LLaMA-Factory and others read them. */
export const ShareGpt: FormatDefinition = {
  name: "sharegpt",
  description: "conversations of from/value pairs (system, human, gpt)",
  container: "jsonl",
  trainers: ["axolotl", "llama-factory", "torchtune", "unsloth", "hf-datasets"],
  loss: "all",
  template: "trainer",
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ id, turns }, { identifier }) => {
    const conversations = turns.map((turn) => ({ from: from[turn.kind], value: turn.text }))
    return [identifier ? { conversations, identifier: id } : { conversations }]
  },
}

import type { FormatDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"

const token: { readonly [K in TurnKind]: string } = { system: "<|system|>", user: "<|user|>", model: "<|model|>" }

/**
 * One prompt/generation pair: every turn behind its token, the last model turn as the generation. Loads as `type:
 * metharme` in axolotl, which reads `prompt` and `generation`.
 */
export const Metharme: FormatDefinition = {
  name: "metharme",
  description: "prompt and generation with <|system|>, <|user|> and <|model|> tokens; the last model turn is trained",
  container: "jsonl",
  trainers: ["axolotl"],
  loss: "last",
  roleTokens: [token.system, token.user, token.model, "<|endoftext|>", "</s>", "<s>"],
  lengthText: (turn) => token[turn.kind] + turn.text,
  encode: ({ id, turns }, { identifier }) => {
    const last = turns[turns.length - 1]
    if (last === undefined || last.kind !== "model") return []
    let prompt = ""
    for (let i = 0; i < turns.length - 1; i++) {
      const turn = turns[i] as (typeof turns)[number]
      prompt += token[turn.kind] + turn.text
    }
    prompt += token.model
    return [identifier ? { prompt, generation: last.text, identifier: id } : { prompt, generation: last.text }]
  },
}

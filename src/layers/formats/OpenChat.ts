import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"

/**
 * `items` of role/content/weight with the system prompt beside them. Weights are 0 for what is read and 1 for what is
 * trained, unless a turn carries its own.
 */
export const OpenChat: FormatDefinition = {
  name: "openchat",
  description: "items of role/content/weight, the system prompt beside them",
  container: "jsonl",
  // OpenChat's own trainer, whose loader `check` does not know.
  trainers: [],
  loss: "turns",
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ id, turns }, { identifier }) => {
    let system = ""
    const items: Array<{ role: string; content: string; weight: number }> = []
    for (const turn of turns) {
      if (turn.kind === "system") system = turn.text
      else if (turn.kind === "user") items.push({ role: "user", content: turn.text, weight: turn.weight ?? 0 })
      else items.push({ role: "assistant", content: turn.text, weight: turn.weight ?? 1 })
    }
    return [identifier ? { items, system, identifier: id } : { items, system }]
  },
}

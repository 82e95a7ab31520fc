import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { exchanges } from "./Shared.ts"

/**
 * `instruction`, `input` (always empty), `output`, `system` and the exchanges before as `history`: LLaMA-Factory's alpaca
 * shape. Axolotl and torchtune read the first three.
 */
export const Alpaca: FormatDefinition = {
  name: "alpaca",
  description: "instruction, input, output, with system text and the history of earlier exchanges",
  container: "jsonl",
  trainers: ["axolotl", "llama-factory", "torchtune"],
  loss: "all",
  takes: { greeting: false, alternatives: false },
  roleTokens: [...commonTokens, "### Instruction:", "### Response:", "### Input:"],
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => {
    const found = exchanges(turns)
    if (found === undefined) return []
    const history = found.pairs.slice(0, -1)
    const [instruction, output] = found.pairs[found.pairs.length - 1] as (typeof found.pairs)[number]
    return [{ instruction, input: "", output, system: found.system, history }]
  },
}

import type { ChatTemplate, FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { builtInTemplate } from "../../domain/Templates.ts"
import { openTemplate } from "./Template.ts"

/** `text` in ChatML, `<|im_start|>role`, the text, `<|im_end|>`: for completion modes, which train all of it. */
export const ChatMl: FormatDefinition = {
  name: "chatml",
  description: "text in ChatML, for completion training",
  container: "jsonl",
  trainers: ["axolotl", "trl", "together", "unsloth", "hf-datasets"],
  loss: "all",
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  open: () => openTemplate(builtInTemplate("chatml") as ChatTemplate),
  // Given by `open`.
  encode: () => [],
}

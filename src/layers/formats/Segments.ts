import { compileChatTemplate, segmentsOf } from "../../domain/ChatTemplate.ts"
import type { ChatTemplate, FormatDefinition } from "../../domain/Component.ts"
import { isTrained } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { builtInTemplate } from "../../domain/Templates.ts"

/**
 * `segments` of label and text: axolotl's `type: input_output`, which trains those whose label is true and adds nothing.
 * Rendered by the chat template of the run, else as ChatML; a reply's end mark is trained with it.
 */
export const Segments: FormatDefinition = {
  name: "segments",
  description: "segments of label/text in a chat template (default: ChatML); label says which are trained",
  container: "jsonl",
  trainers: ["axolotl"],
  loss: "turns",
  template: "renders",
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  open: ({ template }) => {
    const rendering = compileChatTemplate(template ?? (builtInTemplate("chatml") as ChatTemplate))
    return {
      takes: rendering.takes,
      roleTokens: rendering.roleTokens,
      tokens: ({ turns }, count) => count(rendering.render(turns)),
      encode: ({ turns }) => {
        const segments = segmentsOf(rendering, turns, isTrained)
        if (segments === undefined) return []
        return [{ segments: segments.map(({ text, trained }) => ({ label: trained, text })) }]
      },
    }
  },
  // Given by `open`.
  encode: () => [],
}

import { compileChatTemplate } from "../../domain/ChatTemplate.ts"
import type { ChatTemplate, FormatDefinition, OpenFormat } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"

/** What a template makes of an example: its text, its marks, and how many tokens it has. */
export const openTemplate = (given: ChatTemplate): Partial<OpenFormat> => {
  const { render, roleTokens, takes } = compileChatTemplate(given)
  return {
    takes,
    roleTokens,
    tokens: ({ turns }, count) => count(render(turns)),
    encode: ({ turns }) => [{ text: render(turns) }],
  }
}

/**
 * `text` as the chat template of a model renders it, begin and end token included: train it without adding special
 * tokens again. Completion modes train all of it.
 */
export const Template: FormatDefinition = {
  name: "template",
  description: "text as a chat template renders it (--chat-template), for completion training",
  container: "jsonl",
  trainers: ["axolotl", "trl", "together", "unsloth", "hf-datasets"],
  loss: "all",
  template: "renders",
  needs: ["template"],
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  open: ({ template }) => (template === undefined ? {} : openTemplate(template)),
  // Given by `open`.
  encode: () => [],
}

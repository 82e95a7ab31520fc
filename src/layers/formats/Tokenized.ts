import { compileChatTemplate, segmentsOf } from "../../domain/ChatTemplate.ts"
import type { ChatTemplate, FormatDefinition } from "../../domain/Component.ts"
import { isTrained, type TrainingExample } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { builtInTemplate } from "../../domain/Templates.ts"

/** The label of a token that is read and not trained. */
const ignored = -100

interface Row {
  readonly input_ids: ReadonlyArray<number>
  readonly labels: ReadonlyArray<number>
  readonly attention_mask: ReadonlyArray<number>
}

/**
 * `input_ids`, `labels` (-100 where nothing is trained) and `attention_mask`: what a trainer makes of a conversation with
 * the run's tokenizer and chat template (else ChatML). The texts between replies are tokenized on their own, so that no
 * token is half trained.
 */
export const Tokenized: FormatDefinition = {
  name: "tokenized",
  description: "input_ids, labels and attention_mask, by the run's tokenizer and chat template",
  container: "jsonl",
  trainers: ["axolotl", "trl"],
  loss: "turns",
  template: "renders",
  needs: ["tokenizer"],
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  open: ({ template, tokenizer }) => {
    const encode = tokenizer?.rendered.encode
    if (encode === undefined)
      throw new Error("it needs a tokenizer with a vocabulary: --tokenizer o200k_base, say, or a tokenizer.json")
    const rendering = compileChatTemplate(template ?? (builtInTemplate("chatml") as ChatTemplate))
    const rowOf = ({ turns }: TrainingExample): Row | undefined => {
      const segments = segmentsOf(rendering, turns, isTrained)
      if (segments === undefined) return undefined
      const ids: Array<number> = []
      const labels: Array<number> = []
      for (const { text, trained } of segments)
        for (const id of encode(text)) {
          ids.push(id)
          labels.push(trained ? id : ignored)
        }
      return { input_ids: ids, labels, attention_mask: ids.map(() => 1) }
    }
    return {
      takes: rendering.takes,
      roleTokens: [...new Set([...rendering.roleTokens, ...(tokenizer?.special.keys() ?? [])])],
      tokens: (example) => rowOf(example)?.input_ids.length ?? 0,
      encode: (example) => {
        const row = rowOf(example)
        return row === undefined ? [] : [row]
      },
    }
  },
  // Given by `open`.
  encode: () => [],
}

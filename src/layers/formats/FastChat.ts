import type { FormatDefinition } from "../../domain/Component.ts"
import { foldSystem } from "../../domain/ChatTemplate.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"

/**
 * One JSON array of `id` and `conversations` of human and gpt, in turn. FastChat knows no system turn (its text stands
 * before the user's first), and cuts turns at Vicuna's marks.
 */
export const FastChat: FormatDefinition = {
  name: "fastchat",
  description: "one JSON array of id and conversations (human, gpt); the system text joins the first turn",
  container: "array",
  trainers: ["fastchat"],
  loss: "all",
  takes: { greeting: false, alternatives: false },
  roleTokens: [...commonTokens, "ASSISTANT:", "USER:"],
  lengthText: (turn) => turn.text,
  encode: ({ id, turns }, { identifier }) => {
    const conversations = foldSystem(turns).map(({ kind, text }) => ({
      from: kind === "model" ? "gpt" : "human",
      value: text,
    }))
    return [identifier ? { id, conversations } : { conversations }]
  },
}

import type { FormatDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"

const roles: { readonly [K in TurnKind]: string } = { system: "system", user: "human", model: "bot" }

/** `conversations` of role/value pairs with the roles system, human and bot: axolotl's `type: pygmalion`. */
export const Pygmalion: FormatDefinition = {
  name: "pygmalion",
  description: "conversations of role/value pairs (system, human, bot)",
  container: "jsonl",
  trainers: ["axolotl"],
  loss: "all",
  roleTokens: [...commonTokens, "<START>"],
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => [{ conversations: turns.map(({ kind, text }) => ({ role: roles[kind], value: text })) }],
}

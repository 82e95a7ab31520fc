import type { FormatDefinition } from "../../domain/Component.ts"
import { isTrained } from "../../domain/Conversation.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { message } from "./Shared.ts"

/**
 * `messages` with a weight of 0 or 1 on each of them (on all, so that every message has the same keys). OpenAI's shape,
 * Together and Mistral read it as it stands; axolotl with `message_field_training: weight`. Others train every reply.
 */
export const OpenAiWeighted: FormatDefinition = {
  name: "openai-weighted",
  description: "messages of role/content/weight; weight says which are trained",
  container: "jsonl",
  trainers: ["axolotl", "openai", "together", "mistral", "hf-datasets"],
  loss: "turns",
  template: "trainer",
  takes: { greeting: false, alternatives: false },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => [{ messages: turns.map((turn) => ({ ...message(turn), weight: isTrained(turn) ? 1 : 0 })) }],
}

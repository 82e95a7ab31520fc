import type { FormatDefinition } from "../../domain/Component.ts"
import { commonTokens } from "../../domain/RoleTokens.ts"
import { message } from "./Shared.ts"

/**
 * `messages` of role/content and nothing else, as OpenAI's service defined them and nearly every trainer loads them. The
 * user speaks first, since several trainers drop or refuse what begins otherwise.
 */
export const OpenAi: FormatDefinition = {
  name: "openai",
  description: "messages of role/content (system, user, assistant); every reply is trained",
  container: "jsonl",
  trainers: ["axolotl", "llama-factory", "trl", "torchtune", "openai", "together", "mistral", "unsloth", "hf-datasets"],
  loss: "all",
  template: "trainer",
  takes: { greeting: false, alternatives: false },
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  encode: ({ turns }) => [{ messages: turns.map(message) }],
}

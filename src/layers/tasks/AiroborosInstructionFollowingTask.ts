import { skip, type TaskDefinition } from "../../domain/Component.ts"
import { model, user } from "../../domain/Conversation.ts"
import { Airoboros, type AiroborosRecord } from "../datasets/Airoboros.ts"

/** Single instructions with their responses. */
export const AiroborosInstructionFollowingTask: TaskDefinition<AiroborosRecord> = {
  name: "AiroborosInstructionFollowingTask",
  description: "single instructions with responses (Airoboros 1.4.1)",
  dataset: Airoboros,
  prefix: "airoboros-instruct",
  clean: "off",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  reasons: { selfReference: "the response names Airoboros: the model speaks of itself" },
  open: ({ clean, prompts }) => ({
    id: (_record, unit) => unit,
    episodes: ({ instruction, response }, { random }) => {
      // Responses that name the generating model speak about themselves.
      if (/airoboros/i.test(response)) return skip("selfReference")
      return { turns: [user(clean(instruction)), model(clean(response))], prompt: prompts("assistant").sample(random) }
    },
  }),
}

import type { TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { NoRobots, type NoRobotsRecord } from "../datasets/NoRobots.ts"
import { idText } from "./Shared.ts"

/** Built-in pools by category; all others use the general assistant pool. */
const pools: ReadonlyMap<string, string> = new Map([
  ["Brainstorm", "no_robots_brainstorm"],
  ["Open QA", "no_robots_open_qa"],
])

/** Instructions and answers written by people. Given prompts replace a record's own system message. */
export const NoRobotsInstructionFollowingTask: TaskDefinition<NoRobotsRecord> = {
  name: "NoRobotsInstructionFollowingTask",
  description: "instructions and answers written by people (No Robots)",
  dataset: NoRobots,
  prefix: "norobots",
  clean: "off",
  placeholders: [],
  suggestedFilters: ["ExactDedupFilter", "RefusalFilter"],
  open: ({ clean, hasCustomPrompts, prompts }) => ({
    id: ({ prompt_id }) => idText(prompt_id),
    episodes: ({ category, messages }, { random }) => {
      const own = !hasCustomPrompts && messages[0]?.role === "system" && messages[0].content.trim() !== ""
      const turns = messages.flatMap(({ content, role }): ReadonlyArray<Turn> => {
        if (role === "system") return own ? [{ kind: "system", text: clean(content) }] : []
        return [{ kind: role === "user" ? "user" : "model", text: clean(content) }]
      })
      return own ? { turns } : { turns, prompt: prompts(pools.get(category) ?? "assistant").sample(random) }
    },
  }),
}

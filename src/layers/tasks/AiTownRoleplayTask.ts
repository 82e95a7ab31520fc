import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { replaceNames } from "../../domain/text/Names.ts"
import { AiTown, type AiTownRecord } from "../datasets/AiTown.ts"

/** Names of the two residents: "You are X, ..." is the model, "conversation with Y." the other. */
const residents = (prompt: string): { readonly char?: string; readonly user?: string } => {
  const line = prompt.split("\n", 1)[0] ?? ""
  const char = /^You(?: are|['’]re) ([^,\n]{1,100}),/.exec(line)?.[1]?.trim()
  const user = /conversation with ([^.\n]{1,100})\./.exec(line)?.[1]?.trim()
  return char === undefined || user === undefined ? {} : { char, user }
}

/** Conversations of residents of a simulated town. */
export const AiTownRoleplayTask: TaskDefinition<AiTownRecord> = {
  name: "AiTownRoleplayTask",
  description: "conversations in a simulated town (AI Town)",
  dataset: AiTown,
  prefix: "aitown",
  clean: "off",
  placeholders: ["char", "user"],
  suggestedFilters: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  reasons: { tooFewMessages: "fewer than three messages, the system message included" },
  open: ({ clean, hasCustomPrompts, names, prompts }) => ({
    id: (_record, unit) => unit,
    episodes: (messages, { random }) => {
      if (messages.length < 3) return skip("tooFewMessages", { messages: messages.length })
      const own = messages[0]?.sender === "system" && messages[0].message.trim() !== ""
      const { char, user } = own ? residents(messages[0]?.message ?? "") : {}
      const pool = hasCustomPrompts || !own
      const turns = messages.flatMap(({ message, sender }): ReadonlyArray<Turn> => {
        // Continuation lines carry the indentation of the program that wrote them.
        const plain = clean(message.replaceAll("\n      ", "\n")).trim()
        const text = names === "replace" ? replaceNames(plain, { char, user }) : plain
        if (sender === "system") return pool ? [] : [{ kind: "system", text }]
        const name = sender === "assistant" ? char : user
        return [{ kind: sender === "assistant" ? "model" : "user", text, ...(name === undefined ? {} : { name }) }]
      })
      return pool ? { turns, prompt: prompts("aitown").sample(random, { char, user }) } : { turns }
    },
  }),
}

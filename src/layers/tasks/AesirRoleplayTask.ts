import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { replaceNames } from "../../domain/text/Names.ts"
import { Aesir, type AesirRecord } from "../datasets/Aesir.ts"

/** The anonymous user as a whole word; `Anonymous` is none. */
const anon = /(?<![\p{L}\p{N}_])Anon(?![\p{L}\p{N}_])/gu

/** Character-card roleplay. The conversation's own system message is kept unless prompts are given. */
export const AesirRoleplayTask: TaskDefinition<AesirRecord> = {
  name: "AesirRoleplayTask",
  description: "roleplay with character cards (Aesir)",
  dataset: Aesir,
  prefix: "aesir",
  clean: "original",
  placeholders: ["user"],
  suggestedFilters: ["ExactDedupFilter"],
  reasons: { tooFewMessages: "fewer than three messages, the system message included" },
  open: ({ clean, hasCustomPrompts, names, prompts }) => ({
    id: (_record, unit) => unit,
    episodes: ({ conversations }, { random }) => {
      if (conversations.length < 3) return skip("tooFewMessages", { messages: conversations.length })
      const own = conversations[0]?.from === "system" && conversations[0].value.trim() !== ""
      const pool = hasCustomPrompts || !own
      const text = (value: string): string => {
        const named = clean(value).trim().replace(anon, "{{user}}")
        return names === "replace" ? replaceNames(named, { user: "User" }) : named
      }
      const turns = conversations.flatMap(({ from, value }): ReadonlyArray<Turn> => {
        if (from !== "system") return [{ kind: from === "human" ? "user" : "model", text: text(value) }]
        return pool ? [] : [{ kind: "system", text: text(value) }]
      })
      return pool
        ? { turns, prompt: prompts("aesir").sample(random, names === "replace" ? { user: "User" } : {}) }
        : { turns }
    },
  }),
}

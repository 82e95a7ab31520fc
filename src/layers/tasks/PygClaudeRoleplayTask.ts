import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { loadPool, promptSource } from "../../domain/prompts/Pool.ts"
import type { PromptPart } from "../../domain/prompts/Prompt.ts"
import { replaceNames } from "../../domain/text/Names.ts"
import { PygClaude, type PygClaudeRecord } from "../datasets/PygClaude.ts"
import { idText } from "./Shared.ts"

/** Character chats from a chat front-end, one file each. */
export const PygClaudeRoleplayTask: TaskDefinition<PygClaudeRecord> = {
  name: "PygClaudeRoleplayTask",
  description: "character chats with Claude (SillyTavern logs)",
  dataset: PygClaude,
  prefix: "pygclaude-rp",
  clean: "original",
  placeholders: ["char", "user", "persona"],
  suggestedFilters: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  reasons: {
    tooFewMessages: "fewer than two messages",
    oneSpeaker: "only one of the two speaks",
    empty: "the file holds a header only",
  },
  open: ({ clean, names, prompts }) => {
    const leadIns = promptSource(loadPool("pygclaude_persona"))
    return {
      id: ({ fileName }, _unit, folder) => idText(folder === undefined ? fileName : `${folder}/${fileName}`),
      episodes: ({ messages, persona }, { random }) => {
        if (messages.length < 2) return skip("tooFewMessages", { messages: messages.length })
        if (new Set(messages.map(({ isUser }) => isUser)).size < 2) return skip("oneSpeaker")
        const char = messages.find(({ isUser }) => !isUser)?.name
        const name = messages.find(({ isUser }) => isUser)?.name
        // The front-end calls a user without a name "You".
        const user = name === undefined || name.toLowerCase() === "you" ? undefined : name
        const turns = messages.map(({ isUser, name: speaker, text }): Turn => {
          const plain = clean(text).trim()
          const shown = names === "replace" ? replaceNames(plain, { char, user }) : plain
          return {
            kind: isUser ? "user" : "model",
            text: shown,
            ...(speaker === undefined || (isUser && user === undefined) ? {} : { name: speaker }),
          }
        })
        const described = persona === undefined ? undefined : clean(persona).trim()
        const values = { char: char ?? "the character", user: user ?? "the user", persona: described }
        const prompt: ReadonlyArray<PromptPart> = prompts("pygclaude").sample(random, values)
        const shown = described === undefined ? undefined : replaceNames(described, values)
        if (shown === undefined || prompt.some((part) => typeof part === "string" && part.includes(shown)))
          return { turns, prompt }
        return { turns, prompt: [...prompt, "\n", ...leadIns.sample(random, values), ` ${shown}`] }
      },
    }
  },
}

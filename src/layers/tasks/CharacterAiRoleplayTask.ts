import * as Schema from "effect/Schema"
import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { collapseBlankLines, collapseSpaces, stripLeadingDash, unescapeLiterals } from "../../domain/text/Style.ts"
import { replaceNames } from "../../domain/text/Names.ts"
import { CharacterAi, type CharacterAiRecord } from "../datasets/CharacterAi.ts"
import { idText } from "./Shared.ts"

/** Marks that the dump script put in place of the user's names. */
const redacted = /\[(?:NAME_IN_MESSAGE_|FIRST_NAME_|USERNAME_|NAME_|ACCOUNT_NAME_|DISPLAY_NAME_|)REDACTED\]/g

/** What a dash may stand behind or before when it joins two clauses: not a quote, which may open or close. */
const clauseEnd = /[\p{L}\p{N}.,!?;:)\]…]/u
const clauseStart = /[\p{L}\p{N}]/u

/**
 * Em dashes to hyphens: between two clauses with a blank on both sides, elsewhere (`"But I—"`) without any that was not
 * there. Several are one between clauses, and stay several in a rule.
 */
const plainDashes = (text: string): string =>
  text.replace(/( ?)(—+)( ?)/g, (whole, lead: string, dashes: string, tail: string, at: number) => {
    const [before, after] = [text[at - 1] ?? "\n", text[at + whole.length] ?? "\n"]
    const [left, right] = [clauseEnd.test(before), clauseStart.test(after)]
    const spaced = lead !== "" || tail !== ""
    if (left && right) return " - "
    return `${lead || (spaced && left ? " " : "")}${"-".repeat(dashes.length)}${tail || (spaced && right ? " " : "")}`
  })

/** Persona chats with bots. The bot's greeting comes first. */
export const CharacterAiRoleplayTask: TaskDefinition<CharacterAiRecord> = {
  name: "CharacterAiRoleplayTask",
  description: "persona chats with bots (CharacterAI dumps)",
  dataset: CharacterAi,
  prefix: "characterai",
  clean: "original",
  placeholders: ["char", "user", "persona"],
  options: {
    timestamp_cutoff: Schema.optionalWith(Schema.Number, { default: () => -1, nullable: true }).annotations({
      description:
        "Milliseconds since 1970; later chats are left out. -1 is no cutoff. A chat of unknown time is kept.",
    }),
  },
  suggestedFilters: ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter", "SimilarityFilter"],
  reasons: {
    noDescription: "neither the chat nor a definition describes the bot",
    afterCutoff: "later than `timestamp_cutoff`",
    tooFewMessages: "fewer than two messages",
    oneSpeaker: "only one of the two speaks",
    notAChat: "the file is neither a chat nor the definition of a bot",
    noHistory: "the file holds no history",
  },
  open: ({ clean, names, options, prompts }) => {
    const cutoff = options["timestamp_cutoff"] as number
    return {
      id: ({ bot, fileName, history, timestamp }, _unit, folder) => {
        const name = idText(bot.name)
        const source = timestamp === undefined ? idText(fileName) : String(timestamp)
        const base = folder === undefined ? `${source}-${name}` : `${idText(folder)}/${source}-${name}`
        return history === undefined ? base : `${base}-${history}`
      },
      episodes: ({ bot, messages, timestamp }, { random, repaired }) => {
        const persona = bot.description ?? ""
        if (persona.trim() === "") return skip("noDescription")
        if (cutoff !== -1 && timestamp === undefined) repaired("unknownTimestampKept")
        if (cutoff !== -1 && timestamp !== undefined && timestamp > cutoff) return skip("afterCutoff", { timestamp })
        if (messages.length < 2) return skip("tooFewMessages", { messages: messages.length })
        if (new Set(messages.map(({ isHuman }) => isHuman)).size < 2) return skip("oneSpeaker")
        const char = clean(bot.name).trim()
        const turns = messages.map(({ isHuman, text }): Turn => {
          const marked = text.replace(redacted, "{{user}}")
          const tidy = unescapeLiterals(collapseSpaces(clean(marked)).trim())
            .replace(/(?<! ) +\n/g, "\n")
            .replaceAll("…", "...")
          const spoken = collapseBlankLines(plainDashes(stripLeadingDash(tidy))).trim()
          // The bot's name is known; the user's was taken out of the data.
          const shown = names === "replace" ? replaceNames(spoken, { char }) : spoken
          return isHuman ? { kind: "user", text: shown } : { kind: "model", text: shown, name: char }
        })
        const described = clean(persona.replace(redacted, "{{user}}")).trim()
        return { turns, prompt: prompts("characterai").sample(random, { char, persona: described }) }
      },
    }
  },
}

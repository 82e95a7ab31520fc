import * as Schema from "effect/Schema"
import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import type { PromptPart } from "../../domain/prompts/Prompt.ts"
import { removeLinks } from "../../domain/text/Links.ts"
import { countWords } from "../../domain/Tokens.ts"
import { OpenCai, type OpenCaiRecord } from "../datasets/OpenCai.ts"

/** A levelling bot of Discord that talks in between. */
const bots: ReadonlySet<string> = new Set(["MEE6"])

interface Said {
  readonly author: string
  readonly text: string
}

/** The message that stands for nothing: a code fence around a zero-width space. */
const isPlaceholder = (text: string): boolean => /^`{1,3}[\s\u200b]*`{1,3}$/.test(text.trim())

/** Who is the model: the last speaker of two; of more, the one with most words, or nobody. */
const modelOf = (said: ReadonlyArray<Said>, speakers: "most" | "last"): string => {
  const authors = new Set(said.map(({ author }) => author))
  const last = (said[said.length - 1] as Said).author
  if (authors.size <= 2 || speakers === "last") return last
  const words = new Map<string, number>()
  for (const { author, text } of said) words.set(author, (words.get(author) ?? 0) + countWords(text))
  let best = last
  for (const [author, count] of words) if (count > (words.get(best) ?? 0)) best = author
  return best
}

/** Discord roleplay. The cast is part of the system prompt. */
export const OpenCaiRoleplayTask: TaskDefinition<OpenCaiRecord> = {
  name: "OpenCaiRoleplayTask",
  description: "Discord roleplay with a cast (OpenCAI)",
  dataset: OpenCai,
  prefix: "opencai",
  clean: "original",
  placeholders: ["characters"],
  options: {
    speakers: Schema.optionalWith(Schema.Literal("most", "last", "skip"), {
      default: () => "most" as const,
    }).annotations({
      description:
        "With more than two authors: the one with most words is the model (`most`), the last one (`last`), or `skip`.",
    }),
  },
  suggestedFilters: ["EnglishFilter", "ExactDedupFilter"],
  reasons: {
    tooFewMessages: "fewer than two messages with text",
    oneSpeaker: "only one author",
    tooManySpeakers: "with `speakers: skip`: more than two authors",
    botMessage: "messages of a levelling bot, left out of a conversation that is kept",
    attachment: "messages that are an attachment, left out of a conversation that is kept",
  },
  open: ({ clean, options, prompts }) => ({
    id: (_record, unit) => unit,
    episodes: ({ characters, conversations }, { cut, random }) => {
      const said: Array<Said> = []
      let fromBots = 0
      let attachments = 0
      for (const { author, message } of conversations) {
        if (message.trim() === "" || isPlaceholder(message)) continue
        if (bots.has(author)) {
          fromBots++
          continue
        }
        if (message.startsWith("{Attachment}")) {
          attachments++
          continue
        }
        const text = clean(removeLinks(message).replaceAll("{Embed}\n", "").replaceAll("{Embed}", "")).trim()
        if (text !== "") said.push({ author, text })
      }
      if (said.length < 2) return skip("tooFewMessages", { messages: said.length })
      const authors = new Set(said.map(({ author }) => author)).size
      if (authors < 2) return skip("oneSpeaker")
      if (authors > 2 && options["speakers"] === "skip") return skip("tooManySpeakers", { speakers: authors })
      if (fromBots > 0) cut("botMessage", fromBots)
      if (attachments > 0) cut("attachment", attachments)
      const modelAuthor = modelOf(said, options["speakers"] as "most" | "last")
      const turns: Array<Turn> = []
      let previous: string | undefined
      for (const { author, text } of said) {
        const last = turns[turns.length - 1]
        if (author === previous && last !== undefined) {
          turns[turns.length - 1] = { ...last, text: `${last.text} ${text}` }
        } else if (author === modelAuthor) turns.push({ kind: "model", text, name: author })
        // Several people share the user's side: each says who speaks.
        else turns.push({ kind: "user", text: authors > 2 ? `${author}: ${text}` : text, name: author })
        previous = author
      }
      const cast = characters
        .map(({ bot_description, bot_name }) => `${clean(bot_name).trim()}: ${clean(bot_description).trim()}`)
        .join("\n\n")
      const people = [...new Set(said.map(({ author }) => author))]
      return { turns, people, prompt: withCast(prompts("opencai").sample(random, { characters: cast }), cast) }
    },
  }),
}

/** The cast below the prompt, unless the prompt itself has put it somewhere. */
const withCast = (prompt: ReadonlyArray<PromptPart>, cast: string): ReadonlyArray<PromptPart> =>
  cast === "" || prompt.some((part) => typeof part === "string" && part.includes(cast))
    ? prompt
    : [...prompt, `\n${cast}`]

import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { matchName } from "../../domain/GlobName.ts"
import { readAsset } from "../../domain/Assets.ts"
import { skip, type TaskDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { loadPool, promptSource } from "../../domain/prompts/Pool.ts"
import { replaceAt } from "../../domain/text/Cuts.ts"
import { htmlToMarkdown } from "../../domain/text/Html.ts"
import { dropBadLines } from "../../domain/text/Lines.ts"
import { removeLinks } from "../../domain/text/Links.ts"
import { compileMentionRemover } from "../../domain/text/Mentions.ts"
import { compilePeopleFinder } from "../../domain/text/Anonymize.ts"
import { isParenthesised, removeOoc } from "../../domain/text/Ooc.ts"
import { collapseBlankLines } from "../../domain/text/Style.ts"
import { RpForums, type RpForumsRecord } from "../datasets/RpForums.ts"
import { idText } from "./Shared.ts"

const ContentType = Schema.Literal("rp", "erp", "mixed")
type ContentType = typeof ContentType.Type

/** Unusable posts in a row from which on what follows is another conversation; the longest one is kept. */
const longGap = 3

/** Titles of threads that are no story. */
const outOfCharacter =
  /(?<![\p{L}\p{N}_])o\.?o\.?c\.?(?![\p{L}\p{N}_])|character.{0,40}(?:sheet|profile|list|roster)s?(?![\p{L}\p{N}_])/iu

/** Ratings of known files, by the SHA-256 of their names. */
const knownRatings = (): ReadonlyMap<string, ContentType> =>
  new Map(
    readAsset("forum_ratings.txt")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields.length === 2 && fields[0] !== "#")
      .map(([rating, hash]) => [hash as string, rating as ContentType]),
  )

/** Forum roleplay between two writers; the first poster is the user. */
export const RpForumsRoleplayTask: TaskDefinition<RpForumsRecord> = {
  name: "RpForumsRoleplayTask",
  description: "forum roleplay between two writers",
  dataset: RpForums,
  prefix: "rpforums",
  clean: "original",
  anonymize: true,
  placeholders: ["content_type_str"],
  options: {
    remove_ooc: Schema.optionalWith(Schema.Boolean, { default: () => true, nullable: true }).annotations({
      description: "Removes remarks out of character.",
    }),
    content_type: Schema.optional(
      Schema.Union(ContentType, Schema.Record({ key: Schema.String, value: ContentType })),
    ).annotations({ description: "Rating of the files: one for all, or by file name (`*` stands for anything)." }),
    groups: Schema.optionalWith(Schema.Literal("skip", "prefix"), { default: () => "skip" as const }).annotations({
      description: "Threads of more than two writers: left out, or with every one but the model as `Name: `.",
    }),
  },
  suggestedFilters: ["ExactDedupFilter", "LowQualityRpFilter"],
  reasons: {
    notAStory: "the title speaks of character sheets or of remarks out of character",
    tooFewMessages: "fewer than two posts",
    notTwoAuthors: "one author, or more than two without `groups: prefix`",
    mostPostsUnusable: "nothing is left of most posts",
    unusablePost: "posts of which nothing is left, left out of a thread that is kept",
    longGap: "posts beyond a long run of unusable ones; the longest stretch is kept",
  },
  open: ({ anonymize, clean, options, prompts }) => {
    const ratings = knownRatings()
    const given = options["content_type"] as ContentType | { readonly [pattern: string]: ContentType } | undefined
    const rate = (fileName: string): { readonly type: ContentType; readonly guessed: boolean } => {
      if (typeof given === "string") return { type: given, guessed: false }
      for (const [pattern, type] of Object.entries(given ?? {}))
        if (matchName(pattern.toLowerCase(), fileName.toLowerCase())) return { type, guessed: false }
      const named = /\.(rp|erp|mixed)\.[^.]+(?:\.gz)?$/i.exec(fileName)?.[1]?.toLowerCase()
      if (named !== undefined) return { type: named as ContentType, guessed: false }
      const known = ratings.get(createHash("sha256").update(fileName).digest("hex"))
      return known === undefined ? { type: "mixed", guessed: true } : { type: known, guessed: false }
    }
    const rated = new Map<string, ReturnType<typeof rate>>()
    const ratingOf = (fileName: string): ReturnType<typeof rate> => {
      let found = rated.get(fileName)
      if (found === undefined) {
        found = rate(fileName)
        rated.set(fileName, found)
      }
      return found
    }
    const ratingText = {
      rp: promptSource(loadPool("content_type_rp")),
      erp: promptSource(loadPool("content_type_erp")),
      mixed: promptSource(loadPool("content_type_mixed")),
    }
    const tidy = (html: string, replaceText: (text: string) => string): string => {
      const lines = dropBadLines(htmlToMarkdown(html, { replaceText }))
      // A mention whose name stands in an element of its own: the sign is left over.
      const text =
        anonymize.has("mentions") && lines.includes("@")
          ? lines.replace(/ ?@\*{0,2}\{\{char_\d{1,6}\}\}\*{0,2}/g, "")
          : lines
      const plain = collapseBlankLines(removeLinks(clean(text)))
      return (options["remove_ooc"] === true ? removeOoc(plain) : plain).trim()
    }
    return {
      id: ({ fileName, number }, _unit, folder) =>
        `${idText(folder === undefined ? fileName : `${folder}/${fileName}`)}-${number}`,
      episodes: ({ fileName, messages, title }, { cut, random, repaired }) => {
        if (outOfCharacter.test(title)) return skip("notAStory")
        if (messages.length < 2) return skip("tooFewMessages", { messages: messages.length })
        const authors = [...new Set(messages.map(({ author }) => author))]
        if (authors.length < 2 || (authors.length > 2 && options["groups"] === "skip")) {
          return skip("notTwoAuthors", { authors: authors.length })
        }
        // In the text of the elements, before it is Markdown: emphasis inside a name would hide it.
        const findPeople = anonymize.has("names") ? compilePeopleFinder(authors) : () => []
        let named = 0
        const replaceNames = (text: string): string => {
          const hits = findPeople(text)
          named += hits.length
          return replaceAt(text, hits, ({ person }) => `{{char_${person}}}`)
        }
        // Mentions go first: a name that has become a placeholder no longer looks like one.
        const removeMentions = compileMentionRemover(authors)
        // A name between two marks leaves both.
        const withoutMentions = (text: string): string => removeMentions(text).replace(/,(?=[.!?;:,])/g, "")
        const replaceText = (text: string): string =>
          replaceNames(anonymize.has("mentions") && text.includes("@") ? keepingEnds(text, withoutMentions) : text)
        const nameOf = (author: string): string =>
          anonymize.has("names") ? `{{char_${authors.indexOf(author)}}}` : author
        const modelAuthor = authors.length === 2 ? authors[1] : authors[authors.length - 1]
        const stretches: Array<Array<Turn>> = [[]]
        let failed = 0
        let blocks = 0
        let gap = 0
        let previous: string | undefined
        for (const { author, message } of messages) {
          const text = tidy(message, replaceText)
          const unusable = text.length <= 1 || isParenthesised(text)
          if (author !== previous) blocks++
          if (unusable) {
            failed++
            gap++
            continue
          }
          // After a long gap a reply no longer answers what stands before it.
          if (gap >= longGap) {
            stretches.push([])
            previous = undefined
          }
          gap = 0
          const turns = stretches[stretches.length - 1] as Array<Turn>
          const last = turns[turns.length - 1]
          if (author === previous && last !== undefined)
            turns[turns.length - 1] = { ...last, text: `${last.text}\n${text}` }
          else if (author === modelAuthor) turns.push({ kind: "model", text, name: nameOf(author) })
          else {
            const name = nameOf(author)
            turns.push({ kind: "user", text: authors.length > 2 ? `${name}: ${text}` : text, name })
          }
          previous = author
        }
        if (failed * 2 >= Math.max(blocks, 1) && failed * 2 >= messages.length)
          return skip("mostPostsUnusable", { unusable: failed, posts: messages.length })
        if (failed > 0) cut("unusablePost", failed)
        if (named > 0) repaired("namesReplaced", named)
        const turns = stretches.reduce((best, stretch) => (stretch.length > best.length ? stretch : best))
        const apart = stretches.reduce((sum, stretch) => sum + stretch.length, 0) - turns.length
        if (apart > 0) cut("longGap", apart)
        const { guessed, type } = ratingOf(fileName)
        if (guessed) repaired("unknownContentTypeMixed")
        const rating = ratingText[type]
          .sample(random)
          .map((part) => (typeof part === "string" ? part : ""))
          .join("")
        return { turns, people: authors, prompt: prompts("rpforums").sample(random, { content_type_str: rating }) }
      },
    }
  },
}

/** Changes a text node without its blanks at the ends, which separate it from its neighbours. */
const keepingEnds = (text: string, change: (text: string) => string): string => {
  const lead = /^\s/.test(text) ? " " : ""
  const tail = /\s$/.test(text) ? " " : ""
  const inner = change(text)
  return inner === "" ? lead || tail : lead + inner + tail
}

import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { compilePhrases } from "../../domain/text/Phrases.ts"
import { countOption, excerpt, phrasesOption, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly phrases: ReadonlyArray<string>
  readonly roles: ReadonlyArray<TurnKind>
  readonly drop: "with" | "without"
  readonly minHits: number
  readonly caseSensitive: boolean
  readonly wholeWords: boolean
}

/** Drops episodes that contain some phrase of a config, or those that contain none. */
export const ContainsFilter: FilterDefinition = {
  name: "ContainsFilter",
  description: "Drops episodes that contain given phrases, or those that do not",
  options: {
    /** What is looked for. A blank matches any run of white space; straight and curly quotes are the same. */
    phrases: phrasesOption,
    /** Whose turns are searched. */
    roles: rolesOption("user", "model"),
    /** `with` drops what contains a phrase; `without` drops the rest. */
    drop: Schema.optionalWith(Schema.Literal("with", "without"), { default: () => "with" as const, nullable: true }),
    /** Hits in the whole episode from which on it contains the phrases. Hits that overlap count once. */
    minHits: countOption(1),
    /** Tells `Apple` from `apple`. */
    caseSensitive: Schema.optionalWith(Schema.Boolean, { default: () => false, nullable: true }),
    /** Leaves `pineapple` alone when `apple` is looked for. */
    wholeWords: Schema.optionalWith(Schema.Boolean, { default: () => true, nullable: true }),
  },
  check: ({ drop, phrases }: Options) =>
    phrases.length === 0 && drop === "without"
      ? ["phrases: none is given, so that every episode would be dropped"]
      : [],
  judge: ({ caseSensitive, drop, minHits, phrases, roles: kinds, wholeWords }: Options) => {
    const matcher = compilePhrases(phrases, { caseSensitive, wholeWords })
    const roles = new Set(kinds)
    return (episode) => {
      const { turns } = episode
      let hits = 0
      let first: { phrase: string; turn: number; text: string } | undefined
      for (let i = 0; i < turns.length && hits < minHits; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        let free = 0
        matcher.visit(text, (phrase, start, end) => {
          if (start < free) return false
          free = end
          hits++
          first ??= {
            phrase: evidence(phrases[phrase] as string),
            turn: i + 1,
            text: excerpt(text, start, end),
          }
          return hits >= minHits
        })
      }
      if (drop === "without")
        return hits >= minHits ? undefined : { reason: "containsNot", detail: { hits, threshold: minHits } }
      return first === undefined || hits < minHits ? undefined : { reason: "contains", detail: { ...first, hits } }
    }
  },
}

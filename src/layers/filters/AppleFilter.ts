import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { compilePhrases } from "../../domain/text/Phrases.ts"
import { excerpt, Phrase, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly words: ReadonlyArray<string>
  readonly roles: ReadonlyArray<TurnKind>
  readonly caseSensitive: boolean
  readonly wholeWords: boolean
}

/** Drops episodes that contain one of some words: "apple", unless the config names others. */
export const AppleFilter: FilterDefinition = {
  name: "AppleFilter",
  description: "Drops episodes that contain given words; serves as an example and for trying out a config",
  options: {
    /** What must not occur. */
    words: Schema.optionalWith(Schema.NonEmptyArray(Phrase), { default: () => ["apple"] as const, nullable: true }),
    /** Whose turns are searched. */
    roles: rolesOption("user", "model"),
    /** Tells `Apple` from `apple`. */
    caseSensitive: Schema.optionalWith(Schema.Boolean, { default: () => true, nullable: true }),
    /** Leaves `pineapple` alone. */
    wholeWords: Schema.optionalWith(Schema.Boolean, { default: () => false, nullable: true }),
  },
  judge: ({ caseSensitive, roles: kinds, wholeWords, words }: Options) => {
    const matcher = compilePhrases(words, { caseSensitive, wholeWords })
    const roles = new Set(kinds)
    return (episode) => {
      const { turns } = episode
      for (let i = 0; i < turns.length; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        const hit = matcher.first(text)
        if (hit !== undefined)
          return {
            reason: "contains",
            detail: {
              phrase: evidence(words[hit.phrase] as string),
              turn: i + 1,
              text: excerpt(text, hit.start, hit.end),
            },
          }
      }
      return undefined
    }
  },
}

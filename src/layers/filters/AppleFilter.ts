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
  reasons: { contains: "a turn holds one of the words" },
  options: {
    words: Schema.optionalWith(Schema.NonEmptyArray(Phrase), {
      default: () => ["apple"] as const,
      nullable: true,
    }).annotations({ description: "What must not occur." }),
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are searched." }),
    caseSensitive: Schema.optionalWith(Schema.Boolean, { default: () => true, nullable: true }).annotations({
      description: "Tells `Apple` from `apple`.",
    }),
    wholeWords: Schema.optionalWith(Schema.Boolean, { default: () => false, nullable: true }).annotations({
      description: "Leaves `pineapple` alone.",
    }),
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

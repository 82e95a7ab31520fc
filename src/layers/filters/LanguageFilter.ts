import * as Schema from "effect/Schema"
import type { FilterDefinition, Judge } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { compileLanguages, isLanguageCode } from "../../domain/text/Language.ts"
import { countOption, opening, rolesOption, shareOption, textAt } from "./Shared.ts"

/** What `LanguageFilter` and `EnglishFilter` have in common. */
export interface LanguageOptions {
  readonly threshold: number
  readonly minLetters: number
  readonly roles: ReadonlyArray<TurnKind>
}

export const languageOptions = {
  threshold: shareOption(0.6).annotations({
    description: "Share of foreign turns, among those that could be judged, from which on an episode is dropped.",
  }),
  minLetters: countOption(20).annotations({
    description: "Letters from which on a turn is judged by itself; shorter ones are judged together.",
  }),
  roles: rolesOption("user", "model").annotations({ description: "Whose turns are judged." }),
}

export const judgeLanguages = (
  languages: ReadonlyArray<string>,
  reason: string,
  { minLetters, roles: kinds, threshold }: LanguageOptions,
): Judge => {
  const roles = new Set(kinds)
  const { vote } = compileLanguages(languages)
  return (episode) => {
    const judgedTurns: Array<number> = []
    episode.turns.forEach(({ kind }, i) => {
      if (roles.has(kind)) judgedTurns.push(i)
    })
    const { first, foreign, judged } = vote(
      judgedTurns.map((i) => textAt(episode, i)),
      minLetters,
      threshold,
    )
    if (first === undefined || foreign / judged < threshold) return undefined
    const at = judgedTurns[first.index] as number
    return {
      reason,
      detail: {
        language: first.language,
        score: Math.round((foreign / judged) * 1e4) / 1e4,
        threshold,
        foreign,
        judged,
        turn: at + 1,
        text: opening(textAt(episode, at)),
      },
    }
  }
}

const Code = Schema.String.pipe(
  Schema.filter(isLanguageCode, { message: () => "a language is told by its ISO 639-1 code, for example en" }),
)

/** Drops episodes that are mostly in other languages than the wanted ones. What cannot be told has no vote. */
export const LanguageFilter: FilterDefinition = {
  name: "LanguageFilter",
  description: "Drops episodes that are mostly in other languages than given ones",
  reasons: { otherLanguage: "too many of the turns that could be judged are in other languages" },
  options: {
    languages: Schema.optionalWith(Schema.NonEmptyArray(Code), {
      default: () => ["en"] as const,
      nullable: true,
    }).annotations({ description: "The wanted languages, by their ISO 639-1 codes." }),
    ...languageOptions,
  },
  judge: ({ languages, ...options }: LanguageOptions & { readonly languages: ReadonlyArray<string> }) =>
    judgeLanguages(languages, "otherLanguage", options),
}

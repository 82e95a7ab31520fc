import * as Schema from "effect/Schema"
import type { FilterDefinition, Judge, Score } from "../../domain/Component.ts"
import type { Episode, TurnKind } from "../../domain/Conversation.ts"
import { compileLanguages, isLanguageCode, type Vote } from "../../domain/text/Language.ts"
import { aboveZero, countOption, opening, rolesOption, shareOption, textAt } from "./Shared.ts"

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

/** The vote of an episode's turns, with the indices of those that had one. */
const compileVote = (
  languages: ReadonlyArray<string>,
  { minLetters, roles: kinds, threshold }: LanguageOptions,
): ((episode: Episode) => Vote & { readonly turns: ReadonlyArray<number> }) => {
  const roles = new Set(kinds)
  const { vote } = compileLanguages(languages)
  return (episode) => {
    const turns: Array<number> = []
    episode.turns.forEach(({ kind }, i) => {
      if (roles.has(kind)) turns.push(i)
    })
    const texts = turns.map((i) => textAt(episode, i))
    return { turns, ...vote(texts, minLetters, threshold) }
  }
}

const shareOf = ({ foreign, judged }: Vote): number | undefined => (judged === 0 ? undefined : foreign / judged)

export const judgeLanguages = (languages: ReadonlyArray<string>, reason: string, options: LanguageOptions): Judge => {
  const vote = compileVote(languages, options)
  const { threshold } = options
  return (episode) => {
    const votes = vote(episode)
    const { first, foreign, judged, turns } = votes
    const score = shareOf(votes)
    if (first === undefined || score === undefined || score < threshold) return undefined
    const at = turns[first.index] as number
    return {
      reason,
      detail: {
        language: first.language,
        score: Math.round(score * 1e4) / 1e4,
        threshold,
        foreign,
        judged,
        turn: at + 1,
        text: opening(textAt(episode, at)),
      },
    }
  }
}

export const languageScores = <A extends LanguageOptions>(
  languages: (options: A) => ReadonlyArray<string>,
): ReadonlyArray<Score> => [
  {
    option: "threshold",
    label: "share of turns in another language",
    threshold: ({ threshold }: A) => aboveZero(threshold),
    of: (options: A) => {
      const vote = compileVote(languages(options), options)
      return (episode) => shareOf(vote(episode))
    },
  },
]

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
  scores: languageScores(({ languages }: LanguageOptions & { readonly languages: ReadonlyArray<string> }) => languages),
}

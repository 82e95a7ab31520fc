import type { FilterDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { loadEnglish, voteEnglish } from "../../domain/text/English.ts"
import { countOption, opening, rolesOption, shareOption, textAt } from "./Shared.ts"

interface Options {
  readonly threshold: number
  readonly minLetters: number
  readonly roles: ReadonlyArray<TurnKind>
}

/** Drops episodes that are mostly not in English. A turn whose language cannot be told has no vote. */
export const EnglishFilter: FilterDefinition = {
  name: "EnglishFilter",
  description: "Drops episodes that are mostly not in English",
  options: {
    /** Share of foreign turns, among those that could be judged, from which on an episode is dropped. */
    threshold: shareOption(0.6),
    /** Letters from which on a turn is judged by itself; shorter ones are judged together. */
    minLetters: countOption(20),
    /** Whose turns are judged. */
    roles: rolesOption("user", "model"),
  },
  load: loadEnglish,
  judge: ({ minLetters, roles: kinds, threshold }: Options) => {
    const roles = new Set(kinds)
    return (episode) => {
      const judgedTurns: Array<number> = []
      episode.turns.forEach(({ kind }, i) => {
        if (roles.has(kind)) judgedTurns.push(i)
      })
      const { first, foreign, judged } = voteEnglish(
        judgedTurns.map((i) => textAt(episode, i)),
        minLetters,
      )
      if (first === undefined || foreign / judged < threshold) return undefined
      const at = judgedTurns[first.index] as number
      return {
        reason: "notEnglish",
        detail: {
          language: first.language,
          foreign,
          judged,
          threshold,
          turn: at + 1,
          text: opening(textAt(episode, at)),
        },
      }
    }
  },
}

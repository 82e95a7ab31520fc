import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { type Excess, repetitionOf } from "../../domain/text/Repetition.ts"
import { countWords } from "../../domain/text/Words.ts"
import { countOption, opening, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly scale: number
  readonly minWords: number
  readonly roles: ReadonlyArray<TurnKind>
}

/**
 * Drops episodes in which a reply repeats itself: its lines, its sequences of words, a sentence over and over. Gopher's
 * measures (see `Repetition.ts`), for each reply that is long enough; if none is, for the replies joined together, where
 * they are long enough together. How replies repeat *one another* is what `SimilarityFilter` looks at.
 *
 * Gopher's own thresholds (`scale: 1`) drop verse, choruses and drills of grammar as well; the default lets twice as much
 * repetition pass.
 */
export const RepetitionFilter: FilterDefinition = {
  name: "RepetitionFilter",
  description: "Drops episodes in which a reply repeats itself",
  reasons: { repetition: "a reply repeats its lines, its sequences of words or one sentence" },
  options: {
    scale: Schema.optionalWith(Schema.Number.pipe(Schema.between(0.1, 10)), {
      default: () => 2,
      nullable: true,
    }).annotations({
      description: "Multiplies Gopher's thresholds: 1 takes them as they are, more lets more repetition pass.",
    }),
    minWords: countOption(50).annotations({ description: "Words from which on a text is judged." }),
    roles: rolesOption("model").annotations({ description: "Whose turns are judged." }),
  },
  judge: ({ minWords, roles: kinds, scale }: Options) => {
    const roles = new Set(kinds)
    const tell = (text: string, found: Excess, turn?: number) => ({
      reason: "repetition",
      detail: {
        measure: found.measure,
        score: Number(found.score.toPrecision(4)),
        threshold: Number(found.threshold.toPrecision(4)),
        ...(turn === undefined ? {} : { turn: turn + 1 }),
        text: opening(text.slice(found.start, found.end)),
      },
    })
    return (episode) => {
      const { turns } = episode
      const short: Array<string> = []
      let long = 0
      for (let i = 0; i < turns.length; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        if (countWords(text) < minWords) {
          short.push(text)
          continue
        }
        long++
        const found = repetitionOf(text, scale)
        if (found !== undefined) return tell(text, found, i)
      }
      if (long > 0 || short.length === 0) return undefined
      const joined = short.join("\n")
      if (countWords(joined) < minWords) return undefined
      const found = repetitionOf(joined, scale)
      return found === undefined ? undefined : tell(joined, found)
    }
  },
}

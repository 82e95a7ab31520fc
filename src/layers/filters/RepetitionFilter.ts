import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Episode, Turn, TurnKind } from "../../domain/Conversation.ts"
import { repetitionOf, repetitionScore } from "../../domain/text/Repetition.ts"
import { countWords } from "../../domain/text/Words.ts"
import { countOption, opening, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly scale: number
  readonly minWords: number
  readonly roles: ReadonlyArray<TurnKind>
}

/** A text that is judged; of a turn, or of several short ones together. */
interface Text {
  readonly text: string
  readonly turn?: number
}

const compileTexts = ({ minWords, roles: kinds }: Options): ((episode: Episode) => Iterable<Text>) => {
  const roles = new Set(kinds)
  return function* (episode) {
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
      yield { text, turn: i }
    }
    const joined = short.join("\n")
    if (long === 0 && short.length > 0 && countWords(joined) >= minWords) yield { text: joined }
  }
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
  judge: (options: Options) => {
    const texts = compileTexts(options)
    return (episode) => {
      for (const { text, turn } of texts(episode)) {
        const found = repetitionOf(text, options.scale)
        if (found === undefined) continue
        return {
          reason: "repetition",
          detail: {
            measure: found.measure,
            score: Number(found.score.toPrecision(4)),
            threshold: Number(found.threshold.toPrecision(4)),
            ...(turn === undefined ? {} : { turn: turn + 1 }),
            text: opening(text.slice(found.start, found.end)),
          },
        }
      }
      return undefined
    }
  },
  scores: [
    {
      option: "scale",
      label: "times Gopher's limit that the most repetitive reply reaches",
      threshold: ({ scale }: Options) => scale,
      exclusive: true,
      of: (options: Options) => {
        const texts = compileTexts(options)
        return (episode) => {
          let most: number | undefined
          for (const { text } of texts(episode)) most = Math.max(most ?? 0, repetitionScore(text))
          return most
        }
      },
      told: ({ measure, score, threshold }, { scale }: Options) => {
        if (typeof score !== "number" || typeof threshold !== "number") return undefined
        return String(measure).endsWith("Run") ? Number.POSITIVE_INFINITY : (scale * score) / threshold
      },
    },
  ],
}

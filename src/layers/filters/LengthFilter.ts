import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Episode, TurnKind } from "../../domain/Conversation.ts"
import { countWords } from "../../domain/text/Words.ts"
import { limitOption, limitsInOrder, opening, rolesOption, textAt } from "./Shared.ts"

const measures = ["total", "median", "turn"] as const
type Measure = (typeof measures)[number]

interface Options {
  readonly minTotal: number
  readonly maxTotal?: number
  readonly minMedian?: number
  readonly maxMedian?: number
  readonly minTurn?: number
  readonly maxTurn?: number
  readonly unit: "words" | "characters"
  readonly roles: ReadonlyArray<TurnKind>
}

/** The middle length; the mean of the two middle ones of an even number. */
const medianOf = (lengths: ReadonlyArray<number>): number => {
  const sorted = lengths.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

const fields: { readonly [K in Measure]: readonly [least: keyof Options, most: keyof Options] } = {
  total: ["minTotal", "maxTotal"],
  median: ["minMedian", "maxMedian"],
  turn: ["minTurn", "maxTurn"],
}

/**
 * Drops episodes whose replies are too short or too long: all of them together, the middle one, or any of them.
 *
 * By default only the upper limit of Gopher's quality rules (Rae et al., 2021) holds, 100,000 words: a single word is the
 * right answer to many a question, and so are three stars. `minTotal: 10` is a start for roleplay.
 */
export const LengthFilter: FilterDefinition = {
  name: "LengthFilter",
  description: "Drops episodes whose replies are too short or too long",
  reasons: { tooShort: "a length is below its least", tooLong: "a length is above its most" },
  options: {
    minTotal: Schema.optionalWith(Schema.Int.pipe(Schema.nonNegative()), {
      default: () => 0,
      nullable: true,
    }).annotations({ description: "Least length of all judged turns together." }),
    maxTotal: Schema.optionalWith(Schema.Int.pipe(Schema.positive()), {
      default: () => 100_000,
      nullable: true,
    }).annotations({ description: "Greatest length of all judged turns together." }),
    minMedian: limitOption("Least that the middle one of the turns' lengths may be."),
    maxMedian: limitOption("Most that the middle one of the turns' lengths may be."),
    minTurn: limitOption("Least length of each single turn."),
    maxTurn: limitOption("Greatest length of each single turn."),
    unit: Schema.optionalWith(Schema.Literal("words", "characters"), {
      default: () => "words" as const,
      nullable: true,
    }).annotations({
      description: "What is counted. Characters are UTF-16 units; in scripts without blanks each character is a word.",
    }),
    roles: rolesOption("model").annotations({ description: "Whose turns are measured." }),
  },
  check: (options: Options) => limitsInOrder(options, Object.values(fields)),
  judge: (options: Options) => {
    const roles = new Set(options.roles)
    const measure = options.unit === "words" ? countWords : (text: string): number => text.length
    const wanted = measures.filter((name) => fields[name].some((field) => options[field] !== undefined))
    return (episode: Episode) => {
      const lengths: Array<number> = []
      const places: Array<number> = []
      episode.turns.forEach(({ kind }, i) => {
        if (!roles.has(kind)) return
        lengths.push(measure(textAt(episode, i)))
        places.push(i)
      })
      if (lengths.length === 0) return undefined
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const tell = (of: Measure, length: number, turn?: number) => {
        const [leastField, mostField] = fields[of]
        const least = options[leastField] as number | undefined
        const most = options[mostField] as number | undefined
        const short = least !== undefined && length < least
        if (!short && !(most !== undefined && length > most)) return undefined
        return {
          reason: short ? "tooShort" : "tooLong",
          detail: {
            of,
            score: length,
            threshold: (short ? least : most) as number,
            unit: options.unit,
            ...(turn === undefined ? {} : { turn: turn + 1, text: opening(textAt(episode, turn)) }),
          },
        }
      }
      for (const of of wanted) {
        if (of === "turn") {
          for (let i = 0; i < lengths.length; i++) {
            const found = tell(of, lengths[i] as number, places[i])
            if (found !== undefined) return found
          }
          continue
        }
        const found = tell(of, of === "total" ? total : medianOf(lengths))
        if (found !== undefined) return found
      }
      return undefined
    }
  },
}

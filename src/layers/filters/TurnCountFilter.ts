import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn } from "../../domain/Conversation.ts"
import { limitOption, limitsInOrder } from "./Shared.ts"

interface Options {
  readonly min: number
  readonly max?: number
  readonly minModel: number
  readonly maxModel?: number
}

/** Drops episodes with too few or too many turns. The system turn does not count. */
export const TurnCountFilter: FilterDefinition = {
  name: "TurnCountFilter",
  description: "Drops episodes with too few or too many turns",
  reasons: { tooFewTurns: "fewer turns than the least", tooManyTurns: "more turns than the most" },
  options: {
    min: Schema.optionalWith(Schema.Int.pipe(Schema.nonNegative()), { default: () => 2, nullable: true }).annotations({
      description: "Least turns of user and model together; the system turn does not count.",
    }),
    max: limitOption("Most turns of user and model together."),
    minModel: Schema.optionalWith(Schema.Int.pipe(Schema.nonNegative()), {
      default: () => 1,
      nullable: true,
    }).annotations({ description: "Least turns of the model." }),
    maxModel: limitOption("Most turns of the model."),
  },
  check: (options: Options) =>
    limitsInOrder(options, [
      ["min", "max"],
      ["minModel", "maxModel"],
    ]),
  judge:
    ({ max = Infinity, maxModel = Infinity, min, minModel }: Options) =>
    ({ turns }) => {
      let all = 0
      let model = 0
      for (let i = 0; i < turns.length; i++) {
        const { kind } = turns[i] as Turn
        if (kind !== "system") all++
        if (kind === "model") model++
      }
      const tell = (reason: string, of: string, score: number, threshold: number) => ({
        reason,
        detail: { of, score, threshold },
      })
      if (all < min) return tell("tooFewTurns", "turns", all, min)
      if (model < minModel) return tell("tooFewTurns", "replies", model, minModel)
      if (all > max) return tell("tooManyTurns", "turns", all, max)
      if (model > maxModel) return tell("tooManyTurns", "replies", model, maxModel)
      return undefined
    },
}

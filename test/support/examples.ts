/** Arbitrary turns and examples. */
import * as fc from "effect/FastCheck"
import type { TrainingExample, Turn } from "../../src/domain/Conversation.ts"

/** Text with anything in it but nothing of a control token. */
export const anyText: fc.Arbitrary<string> = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .map((text) => text.replace(/[<>|[\]]/g, "").toWellFormed())

/** A conversation that the shape stage could have made: perhaps a system turn, then turns up to a model turn. */
export const anyTurns = (text: fc.Arbitrary<string> = anyText): fc.Arbitrary<ReadonlyArray<Turn>> =>
  fc
    .tuple(
      fc.option(text, { nil: undefined }),
      fc.boolean(),
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }),
      text,
    )
    .map(([system, greeting, pairs, first]) => [
      ...(system === undefined ? [] : [{ kind: "system", text: system } as const]),
      ...(greeting ? [{ kind: "model", text: first } as const] : []),
      ...pairs.flatMap(
        ([user, model]): ReadonlyArray<Turn> => [
          { kind: "user", text: user },
          { kind: "model", text: model },
        ],
      ),
    ])

export const anyExample: fc.Arbitrary<TrainingExample> = fc.record({ id: fc.string(), turns: anyTurns() })

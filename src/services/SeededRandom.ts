/** The seed of a run, and the generators made from it. */
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as RecordRandom from "../domain/RecordRandom.ts"

export interface SeededRandomService {
  readonly seed: number
  /** The generator of one record: the same numbers whatever else the run does. */
  readonly forRecord: (task: string, id: string) => RecordRandom.RecordRandom
  /** Runs an effect whose `Random` service draws from the record's own stream. */
  readonly withRandom: (task: string, id: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const make = (seed: number): SeededRandomService => ({
  seed,
  forRecord: (task, id) => RecordRandom.make(RecordRandom.key(seed, task, id)),
  withRandom: (task, id) => (effect) =>
    Effect.withRandom(effect, toEffect(RecordRandom.make(RecordRandom.key(seed, task, id)))),
})

/** Effect's `Random` over a record's generator. */
const toEffect = (random: RecordRandom.RecordRandom): Random.Random => {
  // A template for the operations that are derived from others; its own numbers are never drawn.
  const base = Random.make(0)
  const next = Effect.sync(random.next)
  return {
    ...base,
    [Random.RandomTypeId]: Random.RandomTypeId,
    next,
    nextBoolean: Effect.map(next, (value) => value > 0.5),
    nextInt: Effect.sync(() => random.int(0x1_0000_0000)),
    nextRange: (min, max) => Effect.map(next, (value) => (max - min) * value + min),
    nextIntBetween: (min, max) => Effect.sync(() => min + random.int(max - min)),
    shuffle: (elements) =>
      Effect.sync(() => {
        const list = [...elements]
        for (let i = list.length - 1; i > 0; i--) {
          const j = random.int(i + 1)
          ;[list[i], list[j]] = [list[j] as (typeof list)[number], list[i] as (typeof list)[number]]
        }
        return Chunk.unsafeFromArray(list)
      }),
  } as Random.Random
}

export class SeededRandom extends Context.Tag("data-toolbox/SeededRandom")<SeededRandom, SeededRandomService>() {
  static readonly layer = (seed: number): Layer.Layer<SeededRandom> => Layer.succeed(SeededRandom, make(seed))
}

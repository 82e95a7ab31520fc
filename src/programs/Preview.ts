/** What a person looks at before a build: the first examples, what a filter drops, and what the clean-up changes. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { FilterDefinition } from "../domain/Component.ts"
import type { TrainingExample } from "../domain/Conversation.ts"
import { type BuildError, ConfigError } from "../domain/Errors.ts"
import { withEncode } from "../domain/Format.ts"
import { suggestion } from "../domain/Nearest.ts"
import type { Detail } from "../domain/Rejection.ts"
import type { Output } from "../services/Output.ts"
import type { SliceRunner } from "../services/SliceRunner.ts"
import * as Build from "./Build.ts"
import { type Measure, type Measured, measureOf } from "./Measure.ts"
import type { Components, ResolvedRun } from "./Resolve.ts"
import { watch, type Watched } from "./Watch.ts"

export interface PreviewOptions {
  /** Examples of each task. */
  readonly count: number
  /** Examples of each task that are passed over first. */
  readonly skip: number
}

/** An example, or what would be one. */
export interface Shown {
  readonly task: string
  readonly example: TrainingExample
  readonly measured: Measured
  /** Texts that the clean-up changed. */
  readonly cleaned: Watched["cleaned"]
  /** Why a filter drops it. */
  readonly drop?: { readonly filter: string; readonly detail: Detail | undefined }
}

type Services = Components | SliceRunner | Output

/** The first examples of each task, as a build would write them. */
export const examples = (
  spec: Build.ExamplesSpec,
  { count, skip }: PreviewOptions,
): Stream.Stream<Shown, BuildError, Services> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const resolved = yield* Build.resolvePreview(spec)
      const measures = yield* measuresOf(resolved)
      return Stream.map(Build.previewOf(resolved, count, skip), ({ example, task }): Shown => {
        const measured = (measures.get(task) as Measure)(example)
        return { task, example, measured, cleaned: [] }
      })
    }),
  )

/** How each task of a run measures its examples, by its key. */
const measuresOf = (resolved: ResolvedRun): Effect.Effect<ReadonlyMap<string, Measure>> =>
  Effect.promise(
    async () =>
      new Map(
        await Promise.all(resolved.tasks.map(async (task) => [task.job.key, await measureOf(resolved, task)] as const)),
      ),
  )

/** Of examples that were shown, the texts that the clean-up changed: their records are read once more. */
export const withChanges = (
  spec: Build.ExamplesSpec,
  shown: ReadonlyArray<Shown>,
): Effect.Effect<ReadonlyArray<Shown>, BuildError, Services> =>
  Effect.gen(function* () {
    const resolved = yield* Build.resolveExamples(spec)
    const found = new Map<string, Watched["cleaned"]>()
    const idOf = ({ example }: Shown): string => episodeOf(example).replace(/\/\d+$/, "")
    for (const task of resolved.tasks) {
      const wanted = new Set(shown.filter((one) => one.task === task.job.key).map(idOf))
      if (wanted.size === 0) continue
      const seen = ({ cleaned, id }: Watched): void => {
        found.set(id, cleaned)
        wanted.delete(id)
      }
      const observed = watch(Build.unmixed(task), { wants: (id) => wanted.has(id), seen })
      yield* Stream.runDrain(
        Stream.takeUntil(
          Build.results({ ...resolved, tasks: [observed], portable: false, limit: undefined }),
          () => wanted.size === 0,
        ),
      )
    }
    return shown.map((one) => ({ ...one, cleaned: found.get(idOf(one)) ?? [] }))
  })

/** The first conversations of each task that a filter drops, with its evidence. */
export const dropped = (
  spec: Build.ExamplesSpec,
  filter: string,
  { count, skip }: PreviewOptions,
): Stream.Stream<Shown, BuildError, Services> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const resolved = yield* Build.resolveExamples(spec)
      const used = [
        ...new Set(resolved.tasks.flatMap(({ filters }) => filters.map(({ definition }) => definition.name))),
      ]
      if (!used.includes(filter))
        return yield* ConfigError.one({
          path: "--dropped",
          message: `no task of this run has a filter "${filter}".${suggestion(filter, used)}`,
        })
      const measures = yield* measuresOf(resolved)
      return Stream.flatMap(Stream.fromIterable(resolved.tasks.map(Build.unmixed)), (task) => {
        const measure = measures.get(task.job.key) as Measure
        /** Conversations that the filter may drop, by identifier: those of the slices that are under way. */
        const seen = new Map<string, TrainingExample>()
        const { filters, format } = task.parts
        const compares = filters.some(({ memory, name }) => name === filter && memory !== undefined)
        const parts: typeof task.parts = {
          ...task.parts,
          // The ledger tells of a drop without the text: it is taken where the filter is asked.
          filters: filters.map((definition) => (definition.name === filter ? asking(definition, seen) : definition)),
          format: {
            ...withEncode(format, (encode) => (example, context) => {
              if (compares) seen.set(episodeOf(example), { ...example, id: episodeOf(example) })
              return encode(example, context)
            }),
            name: `${format.name} (dropped by ${filter})`,
          },
        }
        return Build.mergedOf({ ...resolved, tasks: [{ ...task, parts }], portable: false }).pipe(
          Stream.mapConcat(({ examples: kept, lines, task: key }): ReadonlyArray<Shown> => {
            const shown = lines.flatMap(({ detail, id, reason, stage }): ReadonlyArray<Shown> => {
              const example = stage === "filter" && reason === filter && id !== undefined ? seen.get(id) : undefined
              return example === undefined
                ? []
                : [{ task: key, example, measured: measure(example), cleaned: [], drop: { filter, detail } }]
            })
            for (const { example } of shown) seen.delete(example.id)
            for (const example of kept) seen.delete(episodeOf(example))
            return shown
          }),
          Stream.drop(skip),
          Stream.take(count),
        )
      })
    }),
  )

/** The identifier of an example without the number of its part. */
const episodeOf = ({ id }: TrainingExample): string => id.replace(/#\d+$/, "")

/** A filter that tells what it drops; hints of a prompt are open at that stage and are left out. */
const asking = (filter: FilterDefinition, dropped: Map<string, TrainingExample>): FilterDefinition => {
  const { judge } = filter
  if (judge === undefined) return filter
  return {
    ...filter,
    judge: (options, files) => {
      const ask = judge(options, files)
      return (episode) => {
        const drop = ask(episode)
        if (drop !== undefined) {
          const system = episode.prompt?.filter((part) => typeof part === "string").join("")
          const turns = episode.turns.map((turn, i) =>
            i === 0 && system !== undefined ? { ...turn, text: system } : turn,
          )
          dropped.set(episode.id, { id: episode.id, turns })
        }
        return drop
      }
    },
  }
}

/**
 * A dataset: slices of raw input, and the records in them. Each dataset has a Tag of its own, which a test or an
 * embedding app replaces.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { DatasetDefinition, DatasetOptions, SideInput, Opaque } from "../domain/Component.ts"
import type { DatasetError } from "../domain/Errors.ts"
import type { Located } from "../domain/Record.ts"
import type { PlannedFile, Slice } from "../domain/Slice.ts"

export interface PlanOptions {
  readonly options: DatasetOptions
  /** About so many bytes of input a slice. */
  readonly sliceBytes: number
  readonly maxRecordBytes: number
}

/** The input of one task: found, not yet read. */
export interface Plan {
  /** Files relative to the data folder, sorted, with their absolute paths. */
  readonly files: ReadonlyArray<{ readonly file: string; readonly path: string }>
  /** Whether records come from more than one file: an archive counts as several. */
  readonly several: boolean
  /** Bytes of the files, as they are now; those that are gone count for nothing. */
  readonly bytes: Effect.Effect<number>
  /** Bytes of the files that lie behind the plan: those of the slices that it has given, as near as it can tell. */
  readonly passed: () => number
  /** Computed once, before the slices. */
  readonly sideInput: Effect.Effect<Option.Option<SideInput>, DatasetError>
  /** Slices in order, cut while they are pulled. */
  readonly slices: Stream.Stream<Slice, DatasetError>
  /** Digests of the files that the slices have gone through so far. */
  readonly planned: () => ReadonlyArray<PlannedFile>
}

export interface DatasetService<A> {
  readonly definition: DatasetDefinition<A>
  /** Looks for the files; reads nothing yet. Fails when none is there. */
  readonly plan: (options: PlanOptions) => Effect.Effect<Plan, DatasetError>
  /** The good records, with the dataset's default options. */
  readonly records: Stream.Stream<Located<A>, DatasetError>
}

/** The key under which a dataset's service stands in the context: `Build` finds replaced datasets by it. */
export const tagKey = (name: string): string => `data-toolbox/Dataset/${name}`

/** The service of a dataset by name, if the context has one. */
export const fromContext = (
  context: Context.Context<never>,
  definition: DatasetDefinition<Opaque>,
): Option.Option<DatasetService<Opaque>> =>
  Context.getOption(context, Context.GenericTag<DatasetService<Opaque>>(tagKey(definition.name)))

/** The datasets that tasks can read, and how to open one that no layer of its own replaces. */
export interface DatasetsService {
  /** Sorted by name. */
  readonly all: ReadonlyArray<DatasetDefinition<Opaque>>
  readonly open: (definition: DatasetDefinition<Opaque>) => DatasetService<Opaque>
}

export class Datasets extends Context.Tag("data-toolbox/Datasets")<Datasets, DatasetsService>() {}

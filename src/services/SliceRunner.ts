/**
 * Runs slices: in process, or on worker threads. Equal bytes come out of every layer.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Job } from "../domain/Job.ts"
import type { Parts } from "../domain/RecordPath.ts"
import type { Slice } from "../domain/Slice.ts"
import type { SliceError } from "../domain/Errors.ts"

/** A job as data, its parts as values, and a slice of its input. */
export interface Work {
  readonly job: Job
  /** Names the job: equal keys, equal jobs. */
  readonly jobKey: string
  readonly parts: Parts
  /** Whether the tokenizer is one that other threads find by name. */
  readonly portable: boolean
  readonly slice: Slice
  /** Records that the slice may take. */
  readonly limit?: number
  /** Absolute path of a folder in which finished slices are kept, and looked for. */
  readonly keep?: string
  /** Told when the result is one that an earlier run has kept there. */
  readonly found?: () => void
}

export interface SliceRunnerService {
  /** Slices to have under way at once. */
  readonly ahead: number
  /** The result, encoded as `domain/SliceResult` says. */
  readonly run: (work: Work) => Effect.Effect<Uint8Array, SliceError>
}

/** Where a slice lies, for messages. */
export const placeOf = (slice: Slice): string =>
  slice.kind === "records"
    ? "given records"
    : slice.kind === "files"
      ? `${slice.files[0]?.file ?? "no file"}${slice.files.length > 1 ? ` and ${slice.files.length - 1} more` : ""}`
      : slice.file

export class SliceRunner extends Context.Tag("data-toolbox/SliceRunner")<SliceRunner, SliceRunnerService>() {}

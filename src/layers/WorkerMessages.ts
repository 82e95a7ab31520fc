/** What the pool and its workers say to each other. */
import type { Job } from "../domain/Job.ts"
import type { Slice } from "../domain/Slice.ts"

export interface Request {
  readonly id: number
  readonly jobKey: string
  /** Sent with the first slice of a job that a worker gets; it keeps what it compiled. */
  readonly job?: Job
  readonly slice: Slice
  readonly limit?: number
  /** Folder of finished slices. */
  readonly keep?: string
}

export type Response =
  | {
      readonly id: number
      readonly result: Uint8Array
      /** Whether an earlier run has kept it. */
      readonly found: boolean
    }
  | { readonly id: number; readonly failed: "Read" | "Run"; readonly detail: string }

/** Compiled jobs that a thread keeps; older ones are forgotten. */
export const maxJobs = 64

/** Tells a person how far a run is. Results never depend on it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Counts, PhaseState, TransferState } from "../domain/progress/Tracker.ts"

/** A task that is about to be read. */
export interface TaskBegun {
  readonly task: string
  /** Bytes of its input; looked for only where somebody sees them. Absent: nobody knows how much will be read. */
  readonly bytes?: Effect.Effect<number>
}

/** A slice is done; they come in any order. */
export interface SliceEvent {
  readonly task: string
  /** Bytes of input that it stands for. */
  readonly bytes: number
  /** Whether an earlier run had done it: such a one says nothing about how fast this run is. */
  readonly resumed: boolean
}

export interface CountsEvent extends Counts {
  readonly task: string
}

/** How far a download is; sizes are in bytes. */
export type TransferEvent = TransferState

/** What happened, as a test sees it. */
export type ProgressEvent =
  | { readonly kind: "begin"; readonly tasks: ReadonlyArray<string> }
  | { readonly kind: "planned"; readonly task: string; readonly bytes: number }
  | { readonly kind: "preparing"; readonly task: string; readonly begun: boolean }
  | ({ readonly kind: "slice" } & SliceEvent)
  | ({ readonly kind: "counts" } & CountsEvent)
  | ({ readonly kind: "phase" } & PhaseState)
  | ({ readonly kind: "transfer" } & TransferEvent)
  | { readonly kind: "done" }

export interface ProgressService {
  /** A run of these tasks begins, in the order in which they are read. */
  readonly begin: (tasks: ReadonlyArray<TaskBegun>) => Effect.Effect<void>
  /** What all records of a task need is begun to be read, or has been. */
  readonly preparing: (task: string, begun: boolean) => Effect.Effect<void>
  /** The slices of a task are all cut; together they are so many bytes. */
  readonly planned: (task: string, bytes: number) => Effect.Effect<void>
  readonly slice: (event: SliceEvent) => Effect.Effect<void>
  /** Counts of a task so far, in the order of the tasks. */
  readonly counts: (event: CountsEvent) => Effect.Effect<void>
  /** All is read; something else is under way. It is asked how far it is when that is shown. */
  readonly phase: (phase: () => PhaseState) => Effect.Effect<void>
  readonly transfer: (event: TransferEvent) => Effect.Effect<void>
  /** Removes what was drawn. */
  readonly done: Effect.Effect<void>
}

export class Progress extends Context.Tag("data-toolbox/Progress")<Progress, ProgressService>() {
  static readonly layerQuiet: Layer.Layer<Progress> = Layer.succeed(Progress, {
    begin: () => Effect.void,
    preparing: () => Effect.void,
    planned: () => Effect.void,
    slice: () => Effect.void,
    counts: () => Effect.void,
    phase: () => Effect.void,
    transfer: () => Effect.void,
    done: Effect.void,
  })

  /** Notes what it is told, for a test. */
  static readonly layerTest = (events: Array<ProgressEvent>): Layer.Layer<Progress> => {
    const note = (event: ProgressEvent) => Effect.sync(() => void events.push(event))
    return Layer.succeed(Progress, {
      begin: (tasks) => note({ kind: "begin", tasks: tasks.map(({ task }) => task) }),
      preparing: (task, begun) => note({ kind: "preparing", task, begun }),
      planned: (task, bytes) => note({ kind: "planned", task, bytes }),
      slice: (event) => note({ kind: "slice", ...event }),
      counts: (event) => note({ kind: "counts", ...event }),
      phase: (phase) => Effect.suspend(() => note({ kind: "phase", ...phase() })),
      transfer: (event) => note({ kind: "transfer", ...event }),
      done: note({ kind: "done" }),
    })
  }
}

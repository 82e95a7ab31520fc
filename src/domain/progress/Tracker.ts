/** What is known of a run that is under way: events go in, what can be told of it comes out. */
import { makeRate, type Rate } from "./Rate.ts"

/** Where a task stands. Sizes are in bytes of its input files. */
export interface TaskState {
  readonly task: string
  readonly bytes: number
  /** Absent where it is not known. */
  readonly of: number | undefined
  readonly read: number
  /** Episodes; absent before any was decided on. */
  readonly kept: number | undefined
  /** By filters. */
  readonly dropped: number
  /** What the task waits for is made ready: side files that all of its records need. */
  readonly preparing: boolean
}

/** What comes after, or beside, the reading: told by name, with a bar where the end is known. */
export interface PhaseState {
  readonly name: string
  readonly done: number
  readonly of: number | undefined
  readonly unit: PhaseUnit
}

export type PhaseUnit = "bytes" | "slices"

export interface TransferState {
  readonly file: string
  readonly got: number
  /** Absent where the sender does not tell. */
  readonly of?: number
  /** Bytes a second, over the last seconds. */
  readonly rate: number
}

/** All that can be told of a run at a moment. */
export interface RunState {
  /** Those at work, in order. */
  readonly active: ReadonlyArray<TaskState>
  /** Names of all tasks. */
  readonly tasks: ReadonlyArray<string>
  /** Of all tasks. */
  readonly total: TaskState
  readonly phase: PhaseState | undefined
  /** Since the run began. */
  readonly seconds: number
  readonly bytesPerSecond: number
  readonly recordsPerSecond: number
  /** Absent while it would mean nothing. */
  readonly secondsLeft: number | undefined
}

export type State =
  | { readonly kind: "run"; readonly run: RunState }
  | { readonly kind: "transfer"; readonly transfer: TransferState }

/** A time left that is told earlier than this is a guess: a few slices, on threads that have just begun. */
const minSeconds = 3

/** And so it is with a smaller part of the work behind. */
const minShare = 0.01

interface Entry {
  /** After what it waited for: no slice is done since. */
  starting: boolean
  preparing: boolean
  bytes: number
  of: number | undefined
  read: number
  kept: number | undefined
  dropped: number
  begun: boolean
  ended: boolean
}

export interface Counts {
  readonly read: number
  /** Absent while a filter has to see all before the first is decided on. */
  readonly kept?: number
  readonly dropped?: number
}

/** Events of a run. Times are in seconds, and never go back. */
export interface Tracker {
  /** The tasks, in the order in which they are read. */
  readonly begin: (seconds: number, tasks: ReadonlyArray<string>) => void
  /** Something that a task needs is begun, or done: the time of it does not count. */
  readonly preparing: (seconds: number, task: string, begun: boolean) => void
  /** Bytes that a task will read. */
  readonly size: (task: string, bytes: number) => void
  /** All of a task is planned: it is so many bytes, whatever was thought before. */
  readonly planned: (task: string, bytes: number) => void
  /** A slice of so many bytes is done: now, or by an earlier run. Slices come in any order. */
  readonly slice: (seconds: number, task: string, bytes: number, resumed: boolean) => void
  /** Counts of a task so far. They come in the order of the tasks. */
  readonly counts: (seconds: number, task: string, counts: Counts) => void
  readonly phase: (phase: (() => PhaseState) | undefined) => void
  readonly transfer: (transfer: TransferState) => void
  /** Undefined before the first event. */
  readonly state: (seconds: number) => State | undefined
}

export const makeTracker = (): Tracker => {
  const tasks = new Map<string, Entry>()
  let rate: Rate = makeRate(0)
  let records: Rate = makeRate(0)
  /** Whether the last slice was one of an earlier run: records come with their slices. */
  let resuming = false
  let start = 0
  let isRun = false
  let phase: (() => PhaseState) | undefined
  let transfer: TransferState | undefined

  const entryOf = (task: string): Entry => {
    let entry = tasks.get(task)
    if (entry === undefined) {
      entry = {
        bytes: 0,
        of: undefined,
        read: 0,
        kept: undefined,
        dropped: 0,
        preparing: false,
        starting: false,
        begun: false,
        ended: false,
      }
      tasks.set(task, entry)
    }
    return entry
  }
  const told = (
    task: string,
    { bytes, dropped, kept, of, preparing, read }: Omit<Entry, "starting" | "begun" | "ended">,
  ): TaskState => ({
    task,
    // A file that grows, or what an archive has between its members, may make it more.
    bytes: of === undefined ? bytes : Math.min(bytes, of),
    of,
    read,
    kept,
    dropped,
    preparing,
  })
  const totalOf = (): TaskState => {
    const sum = {
      bytes: 0,
      of: 0 as number | undefined,
      read: 0,
      kept: undefined as number | undefined,
      dropped: 0,
      preparing: false,
    }
    for (const entry of tasks.values()) {
      sum.bytes += entry.of === undefined ? entry.bytes : Math.min(entry.bytes, entry.of)
      sum.of = sum.of === undefined || entry.of === undefined ? undefined : sum.of + entry.of
      sum.read += entry.read
      if (entry.kept !== undefined) sum.kept = (sum.kept ?? 0) + entry.kept
      sum.dropped += entry.dropped
      sum.preparing ||= entry.preparing
    }
    return told("", sum)
  }
  const runState = (seconds: number): RunState => {
    const all = [...tasks]
    const begun = all.filter(([, { begun, ended }]) => begun && !ended)
    const next = all.find(([, { ended }]) => !ended)
    const active = begun.length > 0 || next === undefined ? begun : [next]
    const total = totalOf()
    // While side files are read, and workers get them, no bytes pass: that says nothing about how fast they will again.
    const isWaiting = all.some(([, { preparing, starting }]) => preparing || starting)
    const bytesPerSecond = isWaiting ? 0 : rate.perSecond(seconds)
    const left = total.of === undefined ? undefined : total.of - total.bytes
    const isMeant = rate.measured(seconds) >= minSeconds && total.bytes >= minShare * (total.of ?? Infinity)
    return {
      active: active.map(([task, entry]) => told(task, entry)),
      tasks: [...tasks.keys()],
      total,
      phase: phase?.(),
      seconds: Math.max(0, seconds - start),
      bytesPerSecond,
      recordsPerSecond: isWaiting ? 0 : records.perSecond(seconds),
      secondsLeft:
        left === undefined || left === 0 || !isMeant || bytesPerSecond <= 0 ? undefined : left / bytesPerSecond,
    }
  }
  return {
    begin: (seconds, names) => {
      tasks.clear()
      for (const name of names) entryOf(name)
      rate = makeRate(seconds)
      records = makeRate(seconds)
      resuming = false
      start = seconds
      isRun = true
      phase = undefined
      transfer = undefined
    },
    preparing: (seconds, task, begun) => {
      const entry = entryOf(task)
      entry.preparing = begun
      entry.starting = !begun
      if (begun) entry.begun = true
      rate.skip(seconds)
      records.skip(seconds)
    },
    size: (task, bytes) => {
      const entry = entryOf(task)
      if (!entry.ended) entry.of ??= bytes
    },
    planned: (task, bytes) => {
      const entry = entryOf(task)
      entry.of = bytes
      entry.ended ||= entry.bytes >= bytes
    },
    slice: (seconds, task, bytes, resumed) => {
      const entry = entryOf(task)
      entry.begun = true
      entry.bytes += bytes
      if (entry.of !== undefined && entry.of > 0 && entry.bytes >= entry.of) entry.ended = true
      resuming = resumed
      const isFirst = entry.starting
      entry.starting = false
      if (isFirst) records.skip(seconds)
      if (resumed || isFirst) rate.skip(seconds)
      else rate.add(seconds, bytes)
    },
    counts: (seconds, task, { dropped = 0, kept, read }) => {
      const entry = entryOf(task)
      entry.begun = true
      if (resuming) records.skip(seconds)
      else records.add(seconds, Math.max(0, read - entry.read))
      // A merge that goes through the slices twice counts twice.
      entry.read = Math.max(entry.read, read)
      entry.kept = kept
      entry.dropped = dropped
      // Those before it are through: of a task with a limit the rest is never read.
      for (const [other, before] of tasks) {
        if (other === task) break
        before.ended = true
        before.of = before.bytes
      }
    },
    phase: (next) => {
      phase = next
      if (next === undefined) return
      for (const entry of tasks.values()) {
        entry.ended = true
        entry.of = entry.bytes
      }
    },
    transfer: (next) => {
      transfer = next
    },
    state: (seconds) => {
      if (isRun) return { kind: "run", run: runState(seconds) }
      return transfer === undefined ? undefined : { kind: "transfer", transfer }
    },
  }
}

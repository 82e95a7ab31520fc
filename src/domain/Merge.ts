/**
 * Puts the results of slices together, in slice order: filters with memory decide, identifiers are checked, counts are
 * added up, ledger lines come out in record order. Plain and synchronous; rows are views, never decoded.
 *
 * Memory that grows with the input: 29 to 57 bytes an episode for the check of identifiers and, where a filter with
 * memory is used, the identifier's own bytes + 16 for each episode. Where a filter looks at earlier fingerprints again, 10
 * bytes more; where one looks ahead, 22, and about 120 for each episode that it drops.
 */
import type { FilterDefinition, Memory } from "./Component.ts"
import type { FilterJob } from "./Job.ts"
import { randomBytes } from "node:crypto"
import { keyBytes, makeKeyTable } from "./KeyTable.ts"
import { capName } from "./Mix.ts"
import type { Detail, Rejection } from "./Rejection.ts"
import { add, emptyCounts, mergeCounts, type TaskCounts } from "./Report.ts"
import { makePrintStore, memoryScratch, type Scratch } from "./PrintStore.ts"
import { makeSipHash } from "./SipHash.ts"
import { decode, type Kept, type Told } from "./SliceResult.ts"

/** A task as the merge sees it. */
export interface MergeTask {
  readonly key: string
  readonly countTokens: boolean
  readonly filters: ReadonlyArray<{ readonly definition: FilterDefinition; readonly job: FilterJob }>
}

export interface LedgerLine extends Rejection {
  readonly task: string
}

/** What a slice adds to the output. */
export interface Merged {
  /** Rows to write, in order: views into the slice's result. */
  readonly rows: ReadonlyArray<Uint8Array>
  readonly lines: ReadonlyArray<LedgerLine>
  /** Records of the slice. */
  readonly records: number
  /** The episodes that are written, one by one: for a mix, which puts them in another order. */
  readonly written: () => ReadonlyArray<WrittenEpisode>
}

/** An episode that is written; its rows are a view. */
export interface WrittenEpisode {
  readonly ordinal: number
  readonly id: string
  readonly tokens: number
  readonly rows: Uint8Array
}

export interface Merge {
  /**
   * Whether some filter has to see every fingerprint before the first decision: then `observe` all slices first, and
   * `settle` until it answers true.
   */
  readonly observes: boolean
  /** Answers the number of records of the slice. */
  readonly observe: (task: number, result: Uint8Array) => number
  /** Looks at up to so many fingerprints, or decides on them; whether all is decided. */
  readonly settle: (count: number) => boolean
  readonly step: (task: number, result: Uint8Array) => Merged
  /** Counts of a task so far. */
  readonly counts: (task: number) => TaskCounts
}

/** Identifiers by ordinal, as UTF-8 in blocks: strings would take three times the space. */
const makeIds = () => {
  const blockBytes = 1 << 20
  const blocks: Array<Buffer> = []
  let starts = new Float64Array(1 << 12)
  let ends = new Float64Array(1 << 12)
  let count = 0
  let at = blockBytes
  return {
    push: (bytes: Uint8Array): void => {
      if (at + bytes.length > blockBytes) {
        blocks.push(Buffer.allocUnsafe(Math.max(blockBytes, bytes.length)))
        at = 0
      }
      const block = blocks[blocks.length - 1] as Buffer
      block.set(bytes, at)
      if (count === starts.length) {
        const grow = (from: Float64Array): Float64Array<ArrayBuffer> => {
          const to = new Float64Array(from.length * 2)
          to.set(from)
          return to
        }
        starts = grow(starts)
        ends = grow(ends)
      }
      const base = (blocks.length - 1) * 2 ** 32
      starts[count] = base + at
      ends[count] = base + at + bytes.length
      count++
      at += bytes.length
    },
    /** Views. */
    bytes: (ordinal: number): Buffer => {
      const start = starts[ordinal] as number
      const base = Math.floor(start / 2 ** 32)
      return (blocks[base] as Buffer).subarray(start - base * 2 ** 32, (ends[ordinal] as number) - base * 2 ** 32)
    },
  }
}

interface OpenFilter {
  readonly name: string
  readonly memory: Memory
}

/**
 * Opens one memory for each filter that has one; those of scope `run` with equal options share it. `recall` answers the
 * fingerprint of an ordinal for a memory.
 */
const openMemories = (
  tasks: ReadonlyArray<MergeTask>,
  recall: (memory: Memory, ordinal: number) => Uint8Array,
): ReadonlyArray<ReadonlyArray<OpenFilter>> => {
  const shared = new Map<string, Memory>()
  return tasks.map(({ filters }) =>
    filters.flatMap(({ definition, job }): ReadonlyArray<OpenFilter> => {
      const { memory: made } = definition
      if (made === undefined) return []
      const open = (): Memory => {
        const memory: Memory = made.open(
          job.options,
          made.recalls === true ? (ordinal) => recall(memory, ordinal) : undefined,
        )
        return memory
      }
      if (made.scope?.(job.options) !== "run") return [{ name: job.name, memory: open() }]
      const key = JSON.stringify([job.name, job.options])
      const memory = shared.get(key) ?? open()
      shared.set(key, memory)
      return [{ name: job.name, memory }]
    }),
  )
}

/** Whether fingerprints of a run are put by: then `openMerge` is to be given a place for them. */
export const needsScratch = (tasks: ReadonlyArray<MergeTask>): boolean =>
  tasks.some(({ filters }) => filters.some(({ definition }) => definition.memory?.recalls === true))

/** Why an episode is not written. */
interface Verdict {
  readonly invalid: boolean
  /** Left out by the mix, and not by a filter. */
  readonly mixed?: true
  readonly reason: string
  readonly detail?: Detail
}

/** Opens a merge. What fails in the scratch space is thrown from `observe`, `settle` and `step`. */
export const openMerge = (tasks: ReadonlyArray<MergeTask>, scratch: Scratch = memoryScratch()): Merge => {
  const store = makePrintStore(scratch)
  const memories = openMemories(tasks, (memory, ordinal) => {
    const position = memories[store.task(ordinal)]?.findIndex((filter) => filter.memory === memory) ?? -1
    return store.prints(ordinal)[position] as Uint8Array
  })
  const counts = tasks.map(({ countTokens }) => emptyCounts(countTokens))
  const observes = memories.some((filters) => filters.some(({ memory }) => memory.observe !== undefined))
  const stores = observes || needsScratch(tasks)
  const remembers = memories.some((filters) => filters.length > 0)
  const written = makeKeyTable()
  const ids = makeIds()
  let ordinal = 0

  // The key is drawn for the run: what decides is only whether two identifiers are equal.
  const hash = makeSipHash(randomBytes(keyBytes))
  const hashed = new Uint32Array(keyBytes / 4)
  const key = new Uint8Array(hashed.buffer)

  const observe = (task: number, result: Uint8Array): number => {
    const { kept, records } = decode(result)
    for (let i = 0; i < kept.count; i++) {
      ids.push(kept.idBytes(i))
      const own = kept.prints(i)
      memories[task]?.forEach(({ memory }, f) =>
        memory.observe?.(own[f] as Uint8Array, store.count(), kept.examples(i)),
      )
      store.push(task, own)
    }
    return records
  }

  /** Why an episode is not written, or nothing. */
  const judge = (task: number, id: Uint8Array, own: ReadonlyArray<Uint8Array>, mine: number): Verdict | undefined => {
    hash(id, 0, id.length, hashed)
    if (written.get(key) !== undefined) return { invalid: true, reason: "duplicateId" }
    const filters = memories[task] as ReadonlyArray<OpenFilter>
    for (let f = 0; f < filters.length; f++) {
      const { memory, name } = filters[f] as OpenFilter
      const decision = memory.decide(own[f] as Uint8Array, mine)
      if (decision === undefined) continue
      const { keptOrdinal, reason, score } = decision
      if (name === capName) return { invalid: false, mixed: true, reason }
      const kept = ids.bytes(keptOrdinal).toString("utf8")
      return {
        invalid: false,
        reason: name,
        detail: { rule: reason, kept, ...(score === undefined ? {} : { score: Math.round(score * 10_000) / 10_000 }) },
      }
    }
    // Only what is written enters a memory, so that "kept" always names a written line.
    filters.forEach(({ memory }, f) => memory.remember(own[f] as Uint8Array, mine))
    written.add(key, mine)
    return undefined
  }

  /** Decisions that were taken ahead, in the order that filters have asked for. */
  const verdicts = new Map<number, Verdict>()

  /** One step an episode: a second look where a filter wants one, then ranks, then decisions by rank. */
  function* settling(): Generator<void, void> {
    const count = store.count()
    const ranks = new Float64Array(count)
    const ranking = memories.map((filters) => filters.findIndex(({ memory }) => memory.rank !== undefined))
    if (memories.some((filters) => filters.some(({ memory }) => memory.review !== undefined))) {
      for (let one = 0; one < count; one++) {
        const own = store.prints(one)
        memories[store.task(one)]?.forEach(({ memory }, f) => memory.review?.(own[f] as Uint8Array, one))
        yield
      }
    }
    for (let one = 0; one < count; one++) {
      const task = store.task(one)
      const f = ranking[task] as number
      if (f < 0) continue
      ranks[one] = memories[task]?.[f]?.memory.rank?.(store.prints(one)[f] as Uint8Array, one) ?? 0
      yield
    }
    const order = Uint32Array.from(ranks.keys())
    if (ranking.some((f) => f >= 0)) order.sort((a, b) => (ranks[a] as number) - (ranks[b] as number) || a - b)
    for (const one of order) {
      const verdict = judge(store.task(one), ids.bytes(one), store.prints(one), one)
      if (verdict !== undefined) verdicts.set(one, verdict)
      yield
    }
  }
  let steps: Generator<void, void> | undefined

  const settle = (count: number): boolean => {
    steps ??= settling()
    for (let left = count; left > 0; left--) if (steps.next().done === true) return true
    return false
  }

  /** The verdict on the next episode. */
  const verdictOf = (task: number, kept: Kept, i: number): Verdict | undefined => {
    const mine = ordinal++
    if (observes) return verdicts.get(mine)
    const id = kept.idBytes(i)
    const own = kept.prints(i)
    if (remembers) ids.push(id)
    const verdict = judge(task, id, own, mine)
    if (stores) store.push(task, verdict === undefined ? own : [])
    return verdict
  }

  const step = (task: number, result: Uint8Array): Merged => {
    const { counts: own, kept, records, rejections, rows } = decode(result)
    const { key: name } = tasks[task] as MergeTask
    const total = counts[task] as TaskCounts
    mergeCounts(total, own)
    const lines: Array<LedgerLine> = []
    const out: Array<Uint8Array> = []
    /** Numbers in the slice of the episodes that are written. */
    const written: Array<number> = []
    const firstOrdinal = ordinal
    let rejection = 0
    let runStart = 0
    let runEnd = 0
    const flush = (): void => {
      if (runEnd > runStart) out.push(rows.subarray(runStart, runEnd))
    }
    for (let i = 0; i < kept.count; i++) {
      const drop = verdictOf(task, kept, i)
      for (; rejection < rejections.length; rejection++) {
        const { before, line } = rejections[rejection] as Told
        if (before > i) break
        // What was cut from an episode that is not written after all needs no line of its own.
        if (drop === undefined || line.scope !== "turns" || line.id !== kept.id(i)) lines.push({ task: name, ...line })
      }
      if (drop === undefined) {
        total.episodes.written++
        total.examples += kept.examples(i)
        total.turns.written += kept.turns(i)
        total.turns.cut += kept.cut(i)
        if (total.tokens !== null) total.tokens += kept.tokens(i)
        const start = i === 0 ? 0 : kept.end(i - 1)
        if (start !== runEnd) {
          flush()
          runStart = start
        }
        runEnd = kept.end(i)
        written.push(i)
        continue
      }
      const [id, place] = [kept.id(i), kept.place(i)]
      if (drop.mixed === true) {
        total.episodes.sampledOut++
        lines.push({ task: name, scope: "episode", stage: "mix", reason: drop.reason, place, id })
      } else if (drop.invalid) {
        add(total.episodes.invalid, drop.reason)
        lines.push({ task: name, scope: "episode", stage: "format", reason: drop.reason, place, id })
      } else {
        add(total.episodes.dropped, drop.reason)
        const { detail, reason } = drop
        lines.push({
          task: name,
          scope: "episode",
          stage: "filter",
          reason,
          place,
          id,
          ...(detail === undefined ? {} : { detail }),
        })
      }
    }
    flush()
    for (; rejection < rejections.length; rejection++) {
      lines.push({ task: name, ...(rejections[rejection] as Told).line })
    }
    return {
      rows: out,
      lines,
      records,
      written: () =>
        written.map((i) => ({
          ordinal: firstOrdinal + i,
          id: kept.id(i),
          tokens: kept.tokens(i),
          rows: rows.subarray(i === 0 ? 0 : kept.end(i - 1), kept.end(i)),
        })),
    }
  }

  return { observes, observe, settle, step, counts: (task) => counts[task] as TaskCounts }
}

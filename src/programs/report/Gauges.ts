/**
 * The scores that the filters of a run decide by, gathered from both sides: of what was dropped from the ledger, of what
 * was kept by asking the filter again. Tasks whose filter has the same options share a gauge.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { type FilterDefinition, isBeyond, type Opaque, type Score } from "../../domain/Component.ts"
import type { Episode } from "../../domain/Conversation.ts"
import { type Fields, isFields } from "../../domain/Fields.ts"
import type { LedgerLine } from "../../domain/Merge.ts"
import { loadAndRun } from "../../domain/NotLoaded.ts"
import type { Manifest } from "../../domain/Report.ts"
import { makeSampler } from "../../domain/report/Stats.ts"
import type { Sample, Scores } from "./Data.ts"

/** Scores of dropped conversations that are kept, and of either side those that are shown. */
const maxDropped = 3000
const nearest = 6

/** What a report has of a gauge, before texts are looked for. */
export type Gathered = Omit<Scores, "above"> & {
  readonly above: ReadonlyArray<{ readonly score: number; readonly line: LedgerLine }>
}

export interface Gauges {
  /** Takes a line of the ledger. */
  readonly dropped: (line: LedgerLine) => void
  /** Takes a row that was written. */
  readonly kept: (episode: Episode, sample: Sample) => Promise<void>
  readonly gathered: () => ReadonlyArray<Gathered>
}

interface Gauge {
  readonly filter: string
  readonly options: Opaque
  readonly score: Score
  readonly tasks: ReadonlyArray<string>
}

/** A filter of a task as the manifest tells it. */
const filtersOf = ({ config }: Manifest): ReadonlyArray<readonly [task: string, name: string, options: Fields]> => {
  const tasks = isFields(config) && isFields(config["tasks"]) ? config["tasks"] : {}
  return Object.entries(tasks).flatMap(([task, section]) => {
    const filters = isFields(section) && Array.isArray(section["filters"]) ? section["filters"] : []
    return filters
      .filter(isFields)
      .flatMap((one) =>
        Object.entries(one).flatMap(([name, options]) => (isFields(options) ? [[task, name, options] as const] : [])),
      )
  })
}

const gaugesOf = (manifest: Manifest, find: (name: string) => FilterDefinition | undefined): ReadonlyArray<Gauge> => {
  const gauges = new Map<string, { filter: string; options: Opaque; score: Score; tasks: Array<string> }>()
  for (const [task, name, given] of filtersOf(manifest)) {
    const definition = find(name)
    // What compares within a task only does so here, too.
    const scope = given["scope"] === "task" ? task : ""
    for (const score of definition?.scores ?? []) {
      const key = JSON.stringify([name, given, score.option, score.among === undefined ? "" : scope])
      const known = gauges.get(key)
      if (known !== undefined) {
        if (!known.tasks.includes(task)) known.tasks.push(task)
        continue
      }
      const decoded = Schema.decodeUnknownEither(
        Schema.Struct(definition?.options ?? {}) as unknown as Schema.Schema<Opaque>,
      )(given)
      if (Either.isRight(decoded))
        gauges.set(key, { filter: name, options: decoded.right as Opaque, score, tasks: [task] })
    }
  }
  return [...gauges.values()]
}

/** Keeps those with the smallest distance. */
const makeNearest = <A>() => {
  const kept: Array<{ readonly away: number; readonly value: A }> = []
  return {
    offer: (away: number, make: () => A): void => {
      const at = kept.findIndex((other) => other.away > away)
      if (at < 0 && kept.length >= nearest) return
      kept.splice(at < 0 ? kept.length : at, 0, { away, value: make() })
      if (kept.length > nearest) kept.pop()
    },
    values: (): ReadonlyArray<A> => kept.map(({ value }) => value),
  }
}

const openGauge = ({ filter, options, score, tasks }: Gauge) => {
  const threshold = score.threshold(options)
  const dropped = makeSampler<number>(maxDropped)
  const above = makeNearest<Gathered["above"][number]>()
  const below = makeNearest<Gathered["below"][number]>()
  const kept: Array<number> = []
  const samples: Array<Sample> = []
  const among = score.among?.(options)
  const of = score.of?.(options)
  let count = 0
  let scored = 0
  let unscored = 0
  const told = (detail: Fields): number | undefined => {
    if (score.told !== undefined) return score.told(detail, options)
    return typeof detail["score"] === "number" ? detail["score"] : undefined
  }
  const take = (value: number | undefined, sample: Sample, other?: Sample): void => {
    if (value === undefined) {
      unscored++
      return
    }
    kept.push(value)
    if (value > 0 && !isBeyond(score, options, value))
      below.offer(threshold - value, () => ({ score: value, sample, ...(other === undefined ? {} : { other }) }))
  }
  return {
    drop: (line: LedgerLine): void => {
      if (line.reason !== filter || !tasks.includes(line.task) || !isFields(line.detail)) return
      const value = told(line.detail)
      if (value === undefined || Number.isNaN(value)) return
      dropped.offer(`${line.task}/${line.id ?? ""}/${count++}`, () => value)
      above.offer(value - threshold, () => ({ score: value, line }))
    },
    keep: (episode: Episode, sample: Sample): void => {
      if (!tasks.includes(sample.task)) return
      const value = of?.(episode)
      scored++
      if (among === undefined) return take(value, sample)
      among.add(episode)
      samples.push(sample)
    },
    gathered: (rowsOf: (task: string) => number): Gathered => {
      among?.found().forEach((hit, i) => take(hit?.score, samples[i] as Sample, hit && samples[hit.other]))
      return {
        filter,
        option: score.option,
        label: score.label,
        threshold,
        tasks,
        kept,
        scored,
        rows: tasks.reduce((sum, task) => sum + rowsOf(task), 0),
        unscored,
        compares: among !== undefined,
        dropped: dropped.values(),
        count,
        below: below.values(),
        above: above.values(),
      }
    },
  }
}

/** Opens the gauges of a run; a filter that is not known (a plug-in's) has none. */
export const openGauges = (manifest: Manifest, find: (name: string) => FilterDefinition | undefined): Gauges => {
  const gauges = gaugesOf(manifest, find).map(openGauge)
  const names = gaugesOf(manifest, find).map(({ filter }) => filter)
  return {
    dropped: (line) => {
      if (line.stage === "filter" && names.includes(line.reason)) for (const gauge of gauges) gauge.drop(line)
    },
    kept: async (episode, sample) => {
      for (const gauge of gauges) await loadAndRun(() => gauge.keep(episode, sample))
    },
    gathered: () => gauges.map((gauge) => gauge.gathered((task) => manifest.tasks[task]?.examples ?? 0)),
  }
}

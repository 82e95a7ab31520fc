/** What a report takes from the ledger, in one pass: reasons with samples, groups of duplicates, scores, languages. */
import { isFields } from "../../domain/Fields.ts"
import type { LedgerLine } from "../../domain/Merge.ts"
import { formatPlace } from "../../domain/Record.ts"
import { makeSampler } from "../../domain/report/Stats.ts"
import { parseFields, readLines } from "../Lines.ts"
import type { Gauges } from "./Gauges.ts"

/** Ledger lines of each reason, groups, and members of each that are shown. */
const samplesPerReason = 12
const maxGroups = 20
const maxOfGroup = 8

/** Groups and reasons that are counted; further ones of a hostile ledger are left out. */
const maxKinds = 100_000

export interface LedgerGroup {
  readonly task: string
  readonly filter: string
  readonly kept: string
  readonly count: number
  readonly dropped: ReadonlyArray<LedgerLine>
}

export interface LedgerData {
  readonly reasons: ReadonlyArray<{
    readonly task: string
    readonly stage: string
    readonly reason: string
    readonly count: number
    readonly lines: ReadonlyArray<LedgerLine>
  }>
  readonly groups: ReadonlyArray<LedgerGroup>
  readonly comparing: ReadonlyArray<string>
  readonly languages: ReadonlyArray<{ readonly filter: string; readonly language: string; readonly count: number }>
}

const isText = (value: unknown): value is string => typeof value === "string"

const isLedgerLine = (value: unknown): boolean =>
  isFields(value) &&
  isText(value["task"]) &&
  isText(value["stage"]) &&
  isText(value["reason"]) &&
  isFields(value["place"]) &&
  isText(value["place"]["file"])

/** The score that a ledger line tells, where it does. */
export const scoreIn = ({ detail }: LedgerLine): number | undefined =>
  typeof detail === "object" && typeof detail["score"] === "number" ? detail["score"] : undefined

/** Counts by some texts. */
const makeCounts = <A>() => {
  const counts = new Map<string, { count: number; readonly of: A }>()
  return {
    add: (key: ReadonlyArray<string>, of: () => A): A | undefined => {
      const name = JSON.stringify(key)
      let known = counts.get(name)
      if (known === undefined) {
        if (counts.size >= maxKinds) return undefined
        known = { count: 0, of: of() }
        counts.set(name, known)
      }
      known.count++
      return known.of
    },
    /** By count, then by the texts. */
    sorted: (): ReadonlyArray<A & { readonly count: number }> =>
      [...counts]
        .sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1))
        .map(([, { count, of }]) => ({ ...of, count })),
  }
}

export const readLedger = async (file: string, gauges: Gauges): Promise<LedgerData> => {
  const reasons = makeCounts<{
    task: string
    stage: string
    reason: string
    sampler: ReturnType<typeof makeSampler<LedgerLine>>
  }>()
  const groups = makeCounts<{ task: string; filter: string; kept: string; dropped: Array<LedgerLine> }>()
  const languages = makeCounts<{ filter: string; language: string }>()
  const comparing = new Set<string>()
  for await (const { bytes } of readLines(file)) {
    const value = parseFields(bytes)
    if (!isLedgerLine(value)) continue
    const line = value as unknown as LedgerLine
    const { reason, stage, task } = line
    const sampler = makeSampler<LedgerLine>
    reasons
      .add([task, stage, reason], () => ({ task, stage, reason, sampler: sampler(samplesPerReason) }))
      ?.sampler.offer(`${task}/${line.id ?? formatPlace(line.place)}`, () => line)
    if (stage !== "filter" || !isFields(line.detail)) continue
    gauges.dropped(line)
    const { kept, language } = line.detail
    if (isText(language)) languages.add([reason, language], () => ({ filter: reason, language }))
    if (!isText(kept) || line.id === undefined) continue
    if (comparing.size < maxKinds) comparing.add(reason)
    const group = groups.add([reason, kept], () => ({ task, filter: reason, kept, dropped: [] }))
    if (group !== undefined && group.dropped.length < maxOfGroup) group.dropped.push(line)
  }
  return {
    reasons: reasons.sorted().map(({ sampler, ...rest }) => ({ ...rest, lines: sampler.values() })),
    groups: groups.sorted().slice(0, maxGroups),
    comparing: [...comparing],
    languages: languages.sorted(),
  }
}

/**
 * Counts of a run, and the manifest that tells how an output was made.
 */
import { createHash } from "node:crypto"

export type Tally = { [reason: string]: number }

/** What happened to the records and episodes of one task. */
export interface TaskCounts {
  readonly records: {
    read: number
    bad: number
    skipped: Tally
    used: number
    blankLines: number
  }
  readonly episodes: {
    made: number
    dropped: Tally
    invalid: Tally
    tooLarge: number
    sampledOut: number
    written: number
  }
  /** Turns beside the system turn. */
  readonly turns: { made: number; written: number; cut: number }
  readonly repairs: Tally
  examples: number
  /** Tokens of the examples written; null when nothing asked for a count. */
  tokens: number | null
}

export const emptyCounts = (countTokens: boolean): TaskCounts => ({
  records: { read: 0, bad: 0, skipped: tally(), used: 0, blankLines: 0 },
  episodes: { made: 0, dropped: tally(), invalid: tally(), tooLarge: 0, sampledOut: 0, written: 0 },
  turns: { made: 0, written: 0, cut: 0 },
  repairs: tally(),
  examples: 0,
  tokens: countTokens ? 0 : null,
})

/** A tally whose keys may come from anywhere: no prototype to collide with. */
export const tally = (): Tally => Object.create(null) as Tally

export const add = (to: Tally, reason: string, count = 1): void => {
  to[reason] = (to[reason] ?? 0) + count
}

const addAll = (to: Tally, from: Tally): void => {
  for (const [reason, count] of Object.entries(from)) add(to, reason, count)
}

/** Adds the counts of a slice to those of its task. */
export const mergeCounts = (to: TaskCounts, from: TaskCounts): void => {
  to.records.read += from.records.read
  to.records.bad += from.records.bad
  to.records.used += from.records.used
  to.records.blankLines += from.records.blankLines
  addAll(to.records.skipped, from.records.skipped)
  to.episodes.made += from.episodes.made
  to.episodes.tooLarge += from.episodes.tooLarge
  to.episodes.sampledOut += from.episodes.sampledOut
  to.episodes.written += from.episodes.written
  addAll(to.episodes.dropped, from.episodes.dropped)
  addAll(to.episodes.invalid, from.episodes.invalid)
  to.turns.made += from.turns.made
  to.turns.written += from.turns.written
  to.turns.cut += from.turns.cut
  addAll(to.repairs, from.repairs)
  to.examples += from.examples
  if (to.tokens !== null) to.tokens += from.tokens ?? 0
}

export const total = (of: Tally): number => Object.values(of).reduce((sum, count) => sum + count, 0)

/** Sorted by reason, so that the same counts give the same bytes. */
export const sorted = (of: Tally): Tally => {
  const out = tally()
  for (const reason of Object.keys(of).sort((a, b) => (a < b ? -1 : 1))) out[reason] = of[reason] as number
  return out
}

/** What is wrong with the sums of a task, or nothing. */
export const checkSums = (task: string, { episodes, records }: TaskCounts): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const recordSum = records.bad + total(records.skipped) + records.used
  if (records.read !== recordSum) wrong.push(`${task}: ${records.read} records read, but ${recordSum} accounted for`)
  const episodeSum =
    total(episodes.dropped) + total(episodes.invalid) + episodes.tooLarge + episodes.sampledOut + episodes.written
  if (episodes.made !== episodeSum)
    wrong.push(`${task}: ${episodes.made} episodes made, but ${episodeSum} accounted for`)
  return wrong
}

export interface ManifestInput {
  readonly kind: "dataset" | "plugin" | "tokenizer" | "template" | "filterData"
  readonly dataset?: string
  /** Relative to the data folder (datasets), or the base name. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export interface ManifestOutput {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly rows: number
  /** Digest of the content before compression. */
  readonly contentSha256?: string
}

/**
 * How an output was made, and enough to make it again. `arguments`, `startedAt`, `durationMs` and the seal over them are
 * the only parts that may differ between two runs of the same work.
 */
export interface Manifest {
  readonly tool: { readonly name: string; readonly version: string; readonly build: string }
  readonly arguments: ReadonlyArray<string>
  readonly config: unknown
  readonly seed: number
  readonly inputs: ReadonlyArray<ManifestInput>
  readonly sideInputs: ReadonlyArray<{ readonly dataset: string; readonly entries: number; readonly sha256: string }>
  readonly tasks: { readonly [task: string]: TaskCounts }
  readonly outputs: ReadonlyArray<ManifestOutput>
  /** The ledger that was written with them. */
  readonly ledger?: ManifestOutput
  readonly startedAt: string
  readonly durationMs: number
  /** Seal: digest of all the rest, so that a change of the manifest itself shows. */
  readonly sha256?: string
}

const hex = (data: string): string => createHash("sha256").update(data).digest("hex")

/** The manifest with its seal, last. Sealing twice changes nothing. */
export const seal = ({ sha256: _, ...manifest }: Manifest): Manifest => ({
  ...manifest,
  sha256: hex(JSON.stringify(manifest)),
})

/** The manifest as a file. */
export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`

/** What a report shows: figures of bounded size, whatever the size of the output. */
import type { LedgerLine } from "../../domain/Merge.ts"
import type { Manifest, TaskCounts } from "../../domain/Report.ts"
import type { Histogram } from "../../domain/report/Stats.ts"
import type { RowTurn } from "../../domain/RowTurns.ts"

/** A row that is shown; long ones in part. */
export interface Sample {
  readonly task: string
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly id: string | undefined
  readonly text: Excerpt
}

/** A turn; `cut` where its end is left out. */
export type Shown = RowTurn & { readonly cut?: true }

/** The turns of a conversation, or the record of which none was made: as much of it as is shown. */
export interface Excerpt {
  readonly turns: ReadonlyArray<Shown>
  /** Turns that are left out before the last one. */
  readonly between: number
}

/** What was left out, with its text where the raw data was found. */
export interface Left {
  readonly line: LedgerLine
  readonly text: Excerpt | undefined
}

/** What was not written for one reason. */
export interface Reason {
  readonly task: string
  readonly stage: string
  readonly reason: string
  readonly count: number
  /** What it means, where that is known. */
  readonly meaning: string | undefined
  readonly samples: ReadonlyArray<Left>
}

/** Conversations that were left out for one that was kept. */
export interface Group {
  readonly task: string
  readonly filter: string
  readonly kept: string
  readonly keptText: Excerpt | undefined
  readonly dropped: ReadonlyArray<Left & { readonly score: number | undefined }>
  /** All of them, those too that are not listed. */
  readonly count: number
}

/** How a score that a filter decides by lies about its threshold. */
export interface Scores {
  readonly filter: string
  readonly option: string
  readonly label: string
  readonly threshold: number
  readonly tasks: ReadonlyArray<string>
  /** Scores of rows that were written: of all, or of a sample. */
  readonly kept: ReadonlyArray<number>
  /** Rows that were scored, and of how many. */
  readonly scored: number
  readonly rows: number
  /** Rows without a score: there was nothing to judge, or no other one like it was found. */
  readonly unscored: number
  /** Whether a row is scored by what it is like, and not by itself. */
  readonly compares: boolean
  /** Scores that the ledger tells: of all that were dropped, or of a sample of this `count`. */
  readonly dropped: ReadonlyArray<number>
  readonly count: number
  /** Written rows nearest to the threshold, with the one that each is most like where the filter compares. */
  readonly below: ReadonlyArray<{ readonly score: number; readonly sample: Sample; readonly other?: Sample }>
  /** Those that were dropped nearest to it. */
  readonly above: ReadonlyArray<Left & { readonly score: number }>
}

export interface Languages {
  /** Rows that were looked at. */
  readonly sampled: number
  /** By language, the most frequent first; rows of which it cannot be told stand under `undefined`. */
  readonly written: ReadonlyArray<{ readonly language: string | undefined; readonly count: number }>
  /** What filters dropped for its language. */
  readonly dropped: ReadonlyArray<{ readonly filter: string; readonly language: string; readonly count: number }>
}

export interface TaskFigures {
  readonly key: string
  readonly counts: TaskCounts
  /** Tokens of an example: of all rows, or of those that were counted. */
  readonly tokens: Histogram
  /** Words x 1.3 of all rows. */
  readonly estimated: number
  readonly turns: Histogram
  /** Words of each reply. */
  readonly replies: Histogram
}

export interface ReportData {
  readonly name: string
  readonly manifest: Manifest
  readonly rows: number
  readonly tasks: ReadonlyArray<TaskFigures>
  /** What counts tokens in this report, and how many rows it has counted. */
  readonly tokenizer: { readonly name: string; readonly rows: number }
  readonly languages: Languages
  readonly openings: ReadonlyArray<{ readonly text: string; readonly count: number }>
  readonly replies: number
  readonly reasons: ReadonlyArray<Reason>
  readonly groups: ReadonlyArray<Group>
  /** Filters that hold conversations against each other: they decide last. */
  readonly comparing: ReadonlyArray<string>
  readonly scores: ReadonlyArray<Scores>
  readonly samples: ReadonlyArray<Sample>
  /** Why texts of what was left out are missing, for a person. */
  readonly missing: ReadonlyArray<string>
}

/** Characters of a turn, and turns of an example, that are shown. */
const maxTurn = 900
const maxTurns = 8

const clip = (turn: RowTurn): Shown =>
  turn.text.length > maxTurn ? { ...turn, text: turn.text.slice(0, maxTurn), cut: true } : turn

/** As much of a conversation as is shown. */
export const excerptOf = (turns: ReadonlyArray<RowTurn>): Excerpt => {
  const shown = turns.length <= maxTurns ? turns : [...turns.slice(0, maxTurns - 1), ...turns.slice(-1)]
  return { turns: shown.map(clip), between: turns.length - shown.length }
}

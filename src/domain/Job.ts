/**
 * Everything the record function of a task is compiled from, as plain data: what a worker needs beside the slices, and
 * what names a finished slice.
 */
import type { FilterFileKey } from "./FilterFiles.ts"
import type { AnonymizeKind } from "./text/Anonymize.ts"
import type { CleanFlags } from "./text/Clean.ts"
import type { LengthMode } from "./Length.ts"
import type { RoleTokenPolicy } from "./RoleTokens.ts"
import type { ChatTemplate } from "./Component.ts"
import type { TargetRules } from "./Target.ts"
import type { TokenizerFile } from "./Tokens.ts"

export interface FilterJob {
  readonly name: string
  readonly options: unknown
  /** The files that the options name, where they name some. */
  readonly files?: ReadonlyArray<FilterFileKey>
}

/** One task of a run, resolved. */
export interface TaskJob {
  /** The config key: names the task in messages, the ledger and the manifest. */
  readonly key: string
  /** The definition's name. */
  readonly task: string
  /** First part of its identifiers. */
  readonly prefix: string
  readonly options: { readonly [key: string]: unknown }
  readonly filters: ReadonlyArray<FilterJob>
  readonly clean: CleanFlags
  readonly names: "keep" | "replace"
  /** Absent: no rule of its own. */
  readonly target?: TargetRules
  /** What is anonymised; absent: nothing. */
  readonly anonymize?: ReadonlyArray<AnonymizeKind>
  /** Absent: the built-in pools. */
  readonly customPrompts?: ReadonlyArray<string>
  /** Share of the episodes that is kept, chosen by a hash of seed and identifier. */
  readonly share: number
  /** Whether record units carry the file's name: where the dataset has several files. */
  readonly severalFiles: boolean
  /** Base names that more than one file of the dataset has, sorted. */
  readonly repeatedNames: ReadonlyArray<string>
}

/** What all tasks of a run share. */
export interface RunJob {
  readonly seed: number
  readonly format: string
  readonly identifier: boolean
  /** Tokens per example; `undefined` is no limit. */
  readonly maxLength?: number | undefined
  readonly lengthMode: LengthMode
  /** A name, or the base name of `tokenizerFile`. */
  readonly tokenizer: string
  readonly tokenizerFile?: TokenizerFile | undefined
  /** Whether tokens are counted: a limit or a tokenizer was asked for. */
  readonly countTokens: boolean
  readonly roleTokens: RoleTokenPolicy
  readonly template?: ChatTemplate | undefined
  readonly maxRecordBytes: number
}

/** The work of a record function: what a worker compiles once and keeps. */
export interface Job {
  readonly run: RunJob
  readonly task: TaskJob
  /** Plug-in modules in config order: absolute paths, and the digests of what was loaded. */
  readonly plugins: ReadonlyArray<{ readonly path: string; readonly sha256: string }>
  /** The dataset's side input, if it has one. */
  readonly side?: unknown
}

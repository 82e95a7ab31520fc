/** What a run is asked to do. Everything but the tasks, the format and the output has a default. */
import type { LengthMode } from "./Length.ts"
import type { RoleTokenPolicy } from "./RoleTokens.ts"

export interface BuildSpec {
  /** Config keys or task names, in the order they are written. */
  readonly tasks: ReadonlyArray<string>
  /** The config: YAML text with the name it is told by in messages, or its value. */
  readonly config?: { readonly text: string; readonly file: string } | { readonly [key: string]: unknown }
  readonly format: string
  /** `-` is the standard output. */
  readonly outputFile: string
  /** Tokens per example; -1 or absent is no limit. */
  readonly maxLength?: number
  readonly length?: LengthMode
  readonly seed?: number
  /** Absent: `estimate`, and tokens are counted only when there is a limit. */
  readonly tokenizer?: string
  readonly roleTokens?: RoleTokenPolicy
  /** A template of the package by name, or a file: Jinja, or the `tokenizer_config.json` of a model. */
  readonly chatTemplate?: string
  readonly identifier?: boolean
  /** The first so many records of each task. */
  readonly limit?: number
  /** Rows in an order of their own, by hash. */
  readonly shuffle?: boolean
  /** Conversations that are put by in a second output: `100` or `1%`. */
  readonly validation?: string
  /** Whether near duplicates of training rows leave the validation output. */
  readonly validationStrict?: boolean
  readonly strict?: boolean
  /** `5` or `1%`. */
  readonly maxBad?: string
  /** `null` keeps none; absent: beside the output. */
  readonly ledgerFile?: string | null
  readonly manifestFile?: string | null
  /** Keeps the finished slices after a run that went well, too: the next one does only what has changed. */
  readonly keepWork?: boolean
  /** Arguments as they were given, for the manifest. */
  readonly arguments?: ReadonlyArray<string>
  /** About so many bytes of input a slice. Never changes the output. */
  readonly sliceBytes?: number
  readonly maxRecordBytes?: number
}

/**
 * What a component is: a plain definition (name, one-line description, options, pure functions), loaded by name in any
 * thread. The folders of `layers/` hold one a file.
 */
import type * as Schema from "effect/Schema"
import type { Episode, TrainingExample } from "./Conversation.ts"
import type { FilterFile, NamedFile } from "./FilterFiles.ts"
import type { PromptPart } from "./prompts/Prompt.ts"
import type { Placeholder } from "./prompts/Placeholders.ts"
import type { Place } from "./Record.ts"
import type { Detail } from "./Rejection.ts"
import type { RecordRandom } from "./RecordRandom.ts"
import type { Tokenizer } from "./tokens/Coder.ts"
import type { AnonymizeKind } from "./text/Anonymize.ts"

/**
 * Stands for a type that only the component itself knows: its options after decoding, its records. Whoever carries such
 * a value hands it back to the component it belongs to, unread.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- components of different types stand in one list
export type Opaque = any

/** Options of a component: the fields of a struct. Every field is optional or has a default. */
export type OptionFields = { readonly [key: string]: Schema.Struct.Field }

// ---------------------------------------------------------------------------------------------------------- datasets

/** The raw content of one slice, in memory. All of it is untrusted. */
export type SliceInput =
  /** Part of a JSON-lines file: whole lines. */
  | { readonly kind: "lines"; readonly file: string; readonly bytes: Uint8Array; readonly first: First }
  /** Elements of a JSON array; `bounds` holds start and end offsets into `bytes`, two numbers an element. */
  | {
      readonly kind: "elements"
      readonly file: string
      readonly bytes: Uint8Array
      readonly bounds: ReadonlyArray<number>
      /** Each element begins with its key: a member of an object, not of an array. */
      readonly keyed?: boolean
      /** 1-based line of each element, where that tells more than its index. */
      readonly lines?: ReadonlyArray<number>
      readonly first: First
    }
  /** Part of a CSV file: whole rows (and whole groups, where the dataset groups rows). */
  | {
      readonly kind: "rows"
      readonly file: string
      readonly header: ReadonlyArray<string>
      readonly bytes: Uint8Array
      readonly first: First
      readonly gaps?: ReadonlyArray<Gap>
    }
  /** Decoded values of a table file: a Parquet row group. */
  | { readonly kind: "values"; readonly file: string; readonly values: ReadonlyArray<unknown>; readonly first: First }
  /** Some small files, each a unit of its own. `error` stands in place of bytes that could not be read. */
  | {
      readonly kind: "files"
      readonly files: ReadonlyArray<{
        readonly file: string
        readonly bytes: Uint8Array
        /** Digest of the bytes, in hex, where it is known. */
        readonly sha256?: string
        readonly error?: string
      }>
      readonly first: First
    }
  /** A record that cannot even be read. */
  | {
      readonly kind: "bad"
      readonly reason: string
      readonly place: Place
      readonly detail?: Detail
      readonly first: First
    }
  /** Records that an app or a test gives, already decoded. */
  | { readonly kind: "records"; readonly records: ReadonlyArray<unknown>; readonly first: First }

/** A row of a group that is left out of the bytes of its slice, e.g. because it is too large to be held. */
export interface Gap {
  /** Offset in the bytes that are held, before which the row stood. */
  readonly at: number
  /** Its own bytes and lines. */
  readonly size: number
  readonly lines: number
  /** Offset in the file's content. */
  readonly byte: number
  readonly reason: string
  readonly detail: Detail
}

/** Why the rows below a header cannot be used: told once for the file, whose rows are then not read. */
export interface HeaderProblem {
  readonly reason: string
  readonly detail: Detail
}

/** Gives the key of a row's group. */
export type GroupKey = ((row: ReadonlyArray<string>) => string) & { readonly problem?: HeaderProblem }

/** What a slice must know of what came before it in its file. */
export interface First {
  /** Index of its first record. */
  readonly index: number
  /** 1-based line on which its bytes begin. */
  readonly line: number
  /** Offset of its first byte. */
  readonly byte: number
  /** Counters per key (n-th record of a source), as they stand before the slice. */
  readonly counts: ReadonlyArray<readonly [key: string, count: number]>
}

/** Takes what a dataset reads from a slice, in order. */
export interface RecordSink<A> {
  /** A good record. */
  readonly record: (record: A, place: Place, index: number) => void
  /** A record that cannot be used: counted as read and bad, one ledger line. */
  readonly bad: (reason: string, place: Place, detail?: Detail) => void
  /** A record that is left out on purpose before any task sees it: counted as read and skipped. */
  readonly skip: (reason: string, place: Place, detail?: Detail) => void
  /** A part (a line, a row) that was left out of a record that is kept: a ledger line outside the sums. */
  readonly note: (reason: string, place: Place, detail?: Detail) => void
  readonly blankLines: (count: number) => void
  /** A named repair that was made while reading. */
  readonly repaired: (rule: string, count: number) => void
}

/** `text` is a transcript, or JSON where the first line is; `auto` goes by the file's name. */
export type ReaderKind = "jsonl" | "json" | "csv" | "parquet" | "yaml" | "text" | "files" | "auto"

/** One raw file, where it lies and what is known of it for certain. What is not known stays out. */
export interface SourceFile {
  /**
   * Where it lies. For a repository: its path there, or a glob, or several of which the first that matches anything
   * counts. Else a URL, or an absolute path on this machine.
   */
  readonly from: string | ReadonlyArray<string>
  /** Its name below the dataset's folder. Absent: the last part of where it lies. */
  readonly as?: string
  readonly bytes?: number
  /** Digest in hexadecimal digits. */
  readonly sha256?: string
}

/**
 * Where the raw files of a dataset come from. An archive is put into the folder as it is: the readers open it, by the
 * globs of `files`.
 */
export type DatasetSource =
  /** A dataset repository of the Hugging Face Hub. */
  | {
      readonly kind: "hub"
      readonly repo: string
      /** A branch, tag or commit. Absent: main. */
      readonly revision?: string
      readonly files: ReadonlyArray<SourceFile>
      readonly license?: string
    }
  /** Any other place. */
  | { readonly kind: "url"; readonly files: ReadonlyArray<SourceFile>; readonly license?: string }
  /** Nobody gives it out: what to put where, in words. */
  | { readonly kind: "own"; readonly shape: string }

export interface DatasetDefinition<A = unknown> {
  readonly name: string
  readonly description: string
  readonly homepage?: string
  /** Absent: files of the user's own, anywhere. */
  readonly source?: DatasetSource
  /** Folder below the data folder; the task's `folder` option replaces it. */
  readonly folder: string
  /** Globs relative to the folder (`*` within a name, `**` over folders). At least one file must be there. */
  readonly files: ReadonlyArray<string>
  readonly reader: ReaderKind
  /** Options of the dataset, given in the task's section of the config. */
  readonly options?: OptionFields
  /** The record, for explaining failures and for types; the fast path is a guard (a property test holds them together). */
  readonly schema: Schema.Schema<A, Opaque>
  /** Rows with the same group key, one after another, belong to one record (CSV). `thread` counts groups from 0. */
  readonly groupOf?: (options: DatasetOptions, header: ReadonlyArray<string>) => GroupKey
  /** Key of the counter that an element advances (n-th of a source); read from its bytes without trusting them. */
  readonly countKey?: (element: Uint8Array) => string | undefined
  /** Knowledge that spans slices: computed once from files, handed to every slice. Plain data. */
  readonly sideInput?: (files: AsyncIterable<SideFile>) => Promise<SideInput>
  /** Reads a slice. Called once a slice; everything it needs is compiled before. */
  readonly open: (context: DatasetContext) => (input: SliceInput, sink: RecordSink<A>) => void
}

export interface SideFile {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Plain data that can be cloned into a worker, and how it is told in the manifest. */
export interface SideInput {
  readonly value: unknown
  readonly entries: number
}

/** Options after decoding; each dataset knows its own fields. */
export type DatasetOptions = { readonly [key: string]: Opaque }

export interface DatasetContext {
  readonly options: DatasetOptions
  readonly side?: unknown
  /** Largest record in bytes; a larger one is bad with reason `TooLarge`. */
  readonly maxRecordBytes: number
}

// ------------------------------------------------------------------------------------------------------------- tasks

/** What a task makes of a record, before the shared stages. */
export interface EpisodeDraft {
  readonly turns: Episode["turns"]
  /** Replies that were not chosen, in place of the last turn. */
  readonly alternatives?: ReadonlyArray<string>
  /** The system prompt, when the task takes it from a pool or from `custom_prompts`; `turns` then holds no system turn. */
  readonly prompt?: ReadonlyArray<PromptPart>
  /**
   * Names of the people who wrote this, in order of appearance: what `anonymize` replaces. Absent: the names of the user
   * turns. Empty where the task has replaced them itself.
   */
  readonly people?: ReadonlyArray<string>
}

/** A record that the task leaves out: on purpose, or because it is not what the task can read (`bad`). */
export interface Skip {
  readonly skip: string
  readonly detail?: Detail
  /** Counts as a bad record, not as a skipped one. */
  readonly bad?: true
}

export const skip = (reason: string, detail?: Detail): Skip =>
  detail === undefined ? { skip: reason } : { skip: reason, detail }

/** A record that is not in the shape that the task reads. */
export const bad = (reason: string, detail?: Detail): Skip => ({ ...skip(reason, detail), bad: true })

export type TaskResult = EpisodeDraft | ReadonlyArray<EpisodeDraft> | Skip

export interface RecordContext {
  readonly id: string
  readonly place: Place
  readonly random: RecordRandom
  /** Notes a named repair. */
  readonly repaired: (rule: string, count?: number) => void
  /** Notes turns that are left out of an episode that is kept. */
  readonly cut: (reason: string, turns: number, detail?: Detail) => void
}

export interface TaskDefinition<A = Opaque> {
  readonly name: string
  readonly description: string
  readonly dataset: DatasetDefinition<A>
  /** First part of identifiers; the config key replaces it when the task runs under another name. */
  readonly prefix: string
  /** Options beside the common ones and the dataset's. */
  readonly options?: OptionFields
  /** The default of the `clean` option. */
  readonly clean: "original" | "chat" | "off"
  /** The default of the `anonymize` option; absent is off. */
  readonly anonymize?: boolean
  /** Placeholders that its prompts may use, beside the hints. */
  readonly placeholders: ReadonlyArray<Placeholder>
  /** The filters that `init` writes. */
  readonly suggestedFilters: ReadonlyArray<string>
  /** Reasons of the ledger for which this task leaves out records or turns, and what each means. */
  readonly reasons?: { readonly [reason: string]: string }
  /** Compiles the task once per job and thread. */
  readonly open: (context: TaskContext) => {
    /**
     * The record's identifier without the prefix; `unit` is its file name and index when the dataset has several files.
     * `folder` is given where the dataset has another file of the same name.
     */
    readonly id: (record: A, unit: string, folder?: string) => string
    readonly episodes: (record: A, context: RecordContext) => TaskResult
  }
}

export interface TaskContext {
  readonly options: { readonly [key: string]: Opaque }
  /** Cleans one message by the task's `clean` flags. */
  readonly clean: (text: string) => string
  /** `names: keep | replace` for `{{user}}` and `{{char}}` inside turns. */
  readonly names: "keep" | "replace"
  /**
   * What is anonymised. The record path does it; a task only needs to know where it has to replace names before it changes
   * the text in ways that would hide them.
   */
  readonly anonymize: ReadonlySet<AnonymizeKind>
  /** Samples from `custom_prompts`, or from the built-in pool of this name. */
  readonly prompts: (pool: string) => PromptSource
  readonly hasCustomPrompts: boolean
}

export interface PromptSource {
  /** A prompt with the values put in; open hints stay as parts. One pass: what is put in is not scanned again. */
  readonly sample: (
    random: RecordRandom,
    values?: { readonly [K in Placeholder]?: string | undefined },
  ) => ReadonlyArray<PromptPart>
}

// ----------------------------------------------------------------------------------------------------------- filters

/** Why an episode is dropped. */
export interface Drop {
  readonly reason: string
  readonly detail?: Detail
}

/** A filter that needs only the episode. `undefined` keeps it. */
export type Judge = (episode: Episode) => Drop | undefined

/** Answer of a filter with memory. */
export type Decision = { readonly reason: string; readonly keptOrdinal: number; readonly score?: number } | undefined

/** The state of a filter with memory during one run. Ordinals number the episodes that reach it, in record order. */
export interface Memory {
  /** Sees every fingerprint before the first decision; `examples` are the rows that come of the episode. */
  readonly observe?: (fingerprint: Uint8Array, ordinal: number, examples?: number) => void
  /** Sees every fingerprint once more, when all were observed. */
  readonly review?: (fingerprint: Uint8Array, ordinal: number) => void
  /**
   * The order of decisions, asked after the last review: smaller ranks first, equal ones in record order. Absent:
   * record order. Where several filters of a task have one, the first counts.
   */
  readonly rank?: (fingerprint: Uint8Array, ordinal: number) => number
  /** Keeps (`undefined`) or drops, by what is remembered; remembers nothing itself. */
  readonly decide: (fingerprint: Uint8Array, ordinal: number) => Decision
  /** Takes in an episode that every filter has kept and that is written. */
  readonly remember: (fingerprint: Uint8Array, ordinal: number) => void
}

/** The fingerprint that a filter has made of an episode that it has observed or remembered. */
export type Recall = (ordinal: number) => Uint8Array

/** A number by which a filter decides, for looking at where its threshold stands. */
export interface Score {
  /** The option that is its threshold. */
  readonly option: string
  /** What it measures, in a few words: the name of an axis. */
  readonly label: string
  readonly threshold: (options: Opaque) => number
  /** An episode exactly at the threshold stays. Absent: it goes. */
  readonly exclusive?: true
  /**
   * The score of an episode: the filter drops it if and only if one of its scores is beyond its threshold
   * (`isBeyond`). `undefined`: the filter has nothing to judge.
   */
  readonly of?: (options: Opaque, files?: ReadonlyArray<FilterFile>) => (episode: Episode) => number | undefined
  /** For a filter that holds episodes against each other: what each scores among those that are added. */
  readonly among?: (options: Opaque) => {
    readonly add: (episode: Episode) => void
    /** In the order in which they were added: the score, and the index of the other one. Absent: none was found. */
    readonly found: () => ReadonlyArray<{ readonly score: number; readonly other: number } | undefined>
  }
  /** The score that the ledger tells of a drop, where it is another than its `score`. */
  readonly told?: (detail: { readonly [key: string]: unknown }, options: Opaque) => number | undefined
}

/** Whether a score is one that is dropped for. */
export const isBeyond = ({ exclusive, threshold }: Score, options: Opaque, score: number): boolean =>
  exclusive === true ? score > threshold(options) : score >= threshold(options)

export interface FilterDefinition {
  readonly name: string
  readonly description: string
  /** Reasons of its drops (`rule` in the ledger), and what each means. */
  readonly reasons?: { readonly [reason: string]: string }
  readonly options?: OptionFields
  /** Problems of decoded options that a Schema cannot tell. */
  readonly check?: (options: Opaque) => ReadonlyArray<string>
  /** Loads models or data once per thread, before `judge` or `fingerprint` are compiled. */
  readonly load?: () => Promise<void>
  /** Files that the options name, relative to the config. `judge` gets their contents in this order. */
  readonly files?: (options: Opaque) => ReadonlyArray<NamedFile>
  /** What is wrong with the contents of these files. */
  readonly checkFiles?: (options: Opaque, files: ReadonlyArray<FilterFile>) => ReadonlyArray<string>
  readonly judge?: (options: Opaque, files?: ReadonlyArray<FilterFile>) => Judge
  /** The numbers that it decides by, where it does. */
  readonly scores?: ReadonlyArray<Score>
  readonly memory?: {
    /** Compact and pure; covers what came from the record, not the prompt the tool made. */
    readonly fingerprint: (options: Opaque) => (episode: Episode) => Uint8Array
    /** `recall` is given to a filter that `recalls`; where it is not, the memory keeps what it needs. */
    readonly open: (options: Opaque, recall?: Recall) => Memory
    /** Options that only decisions read: what slices give does not depend on them, and stays when they change. */
    readonly late?: ReadonlyArray<string>
    /** Whether it looks at fingerprints of earlier episodes again: then they are put by, on disk. */
    readonly recalls?: boolean
    /** `run` shares one memory between all tasks that name it so. */
    readonly scope?: (options: Opaque) => "task" | "run"
  }
}

// ----------------------------------------------------------------------------------------------------------- formats

export interface FormatContext {
  /** False leaves identifiers out. */
  readonly identifier: boolean
}

/**
 * What the rows of a format can say of the turns that are trained: only the `last` one of a row is, `all` turns of the
 * model are, or each of the `turns` carries its weight.
 */
export type Loss = "last" | "all" | "turns"

/** Turns that a format takes. What it does not take is repaired by a named rule, or left out, before it is encoded. */
export interface Takes {
  /** A conversation in which the model speaks first. */
  readonly greeting: boolean
  /** Replies that were not chosen (`alternatives`): an example without them has no row. */
  readonly alternatives: boolean
}

/** A chat template of the run, as plain data. */
export interface ChatTemplate {
  readonly name: string
  /** Jinja, as in the `chat_template` of a tokenizer's configuration. */
  readonly text: string
  /** Values of `bos_token` and `eos_token`. */
  readonly bos: string
  readonly eos: string
}

/** What a run gives a format to work with. */
export interface FormatSettings {
  readonly template?: ChatTemplate | undefined
  readonly tokenizer?: Tokenizer | undefined
}

/** The part of a format that may depend on the settings of a run. Pure and synchronous. */
export interface OpenFormat {
  readonly takes?: Takes
  /** Control tokens of the target: text that holds one could forge a turn. */
  readonly roleTokens: ReadonlyArray<string>
  /** The text of a turn that counts towards the length. */
  readonly lengthText: (turn: TrainingExample["turns"][number]) => string
  /**
   * Tokens of what a trainer sees of an example, where that is more than the texts of its turns; `count` takes text in
   * which a template has set its control tokens.
   */
  readonly tokens?: (example: TrainingExample, count: (rendered: string) => number) => number
  /** The rows of an example: objects with the same keys in the same order. */
  readonly encode: (example: TrainingExample, context: FormatContext) => ReadonlyArray<object>
}

export interface FormatDefinition extends OpenFormat {
  readonly name: string
  readonly description: string
  /** JSON lines, or one JSON array of all rows. */
  readonly container: "jsonl" | "array"
  /** The trainers that load it, by their names in `check --for`: of those that the package knows, all whose `formats` have it. */
  readonly trainers: ReadonlyArray<string>
  /** Absent: `turns`. */
  readonly loss?: Loss
  /**
   * What the chat template of a run is for: the format `renders` with it, or a `trainer` renders its rows by the model's.
   * Then it says what a row costs, which marks a text must not hold, and whether the model may speak first. Absent: a
   * run with a template is refused.
   */
  readonly template?: "renders" | "trainer"
  /** What a run must give: a chat template, a tokenizer with a vocabulary. */
  readonly needs?: ReadonlyArray<"template" | "tokenizer">
  /**
   * Takes the settings of a run, once a job and thread; what it gives replaces that part of the definition. Throws with
   * what is wrong with them, for a person.
   */
  readonly open?: (settings: FormatSettings) => Partial<OpenFormat>
}

/** What a plug-in module gives. */
export interface Plugin {
  readonly datasets?: ReadonlyArray<DatasetDefinition<Opaque>>
  readonly tasks?: ReadonlyArray<TaskDefinition>
  readonly filters?: ReadonlyArray<FilterDefinition>
  readonly formats?: ReadonlyArray<FormatDefinition>
}

/** Runs datasets and tasks the way the record path does, with what they report collected. */
import * as Schema from "effect/Schema"
import type {
  DatasetDefinition,
  EpisodeDraft,
  First,
  OptionFields,
  PromptSource,
  SliceInput,
  TaskDefinition,
} from "../../src/domain/Component.ts"
import type { Episode } from "../../src/domain/Conversation.ts"
import { loadPool, makePool, promptSource } from "../../src/domain/prompts/Pool.ts"
import type { Place } from "../../src/domain/Record.ts"
import * as RecordRandom from "../../src/domain/RecordRandom.ts"
import type { Detail } from "../../src/domain/Rejection.ts"
import { shape } from "../../src/domain/Shape.ts"
import { type AnonymizeKind, anonymizeKinds } from "../../src/domain/text/Anonymize.ts"
import { cleanSets, compileClean } from "../../src/domain/text/Clean.ts"

export const start: First = { index: 0, line: 1, byte: 0, counts: [] }

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The fields' own types are unknown here, as they are to the config. */
export const decodeOptions = (fields: OptionFields | undefined, given: object): { readonly [key: string]: unknown } =>
  Schema.decodeUnknownSync(
    Schema.Struct(fields ?? {}) as unknown as Schema.Schema<{ readonly [key: string]: unknown }>,
    {
      onExcessProperty: "error",
    },
  )(given)

export interface Told {
  readonly reason: string
  readonly place: Place
  readonly detail?: Detail | undefined
}

/** What a dataset makes of a slice. */
export const readSlice = <A>(
  dataset: DatasetDefinition<A>,
  input: SliceInput,
  { maxRecordBytes = 1 << 26, options = {}, side }: { options?: object; side?: unknown; maxRecordBytes?: number } = {},
) => {
  const records: Array<{ record: A; place: Place; index: number }> = []
  const bad: Array<Told> = []
  const skipped: Array<Told> = []
  const notes: Array<Told> = []
  const repairs: { [rule: string]: number } = {}
  let blankLines = 0
  dataset.open({ options: decodeOptions(dataset.options, options), side, maxRecordBytes })(input, {
    record: (record, place, index) => void records.push({ record, place, index }),
    bad: (reason, place, detail) => void bad.push({ reason, place, detail }),
    skip: (reason, place, detail) => void skipped.push({ reason, place, detail }),
    note: (reason, place, detail) => void notes.push({ reason, place, detail }),
    blankLines: (count) => void (blankLines += count),
    repaired: (rule, count) => void (repairs[rule] = (repairs[rule] ?? 0) + count),
  })
  return { records, bad, skipped, notes, repairs, blankLines }
}

export const filesInput = (
  files: { readonly [file: string]: string | Uint8Array },
  first: First = start,
): SliceInput => ({
  kind: "files",
  files: Object.entries(files).map(([file, content]) => ({
    file,
    bytes: typeof content === "string" ? bytes(content) : content,
  })),
  first,
})

/** CSV text with its header as a slice. */
export const rowsInput = (file: string, text: string): SliceInput => {
  const end = text.indexOf("\n") + 1
  return {
    kind: "rows",
    file,
    header: text.slice(0, end).trim().split(","),
    bytes: bytes(text.slice(end)),
    first: { ...start, line: 2, byte: end },
  }
}

export interface RunOptions {
  readonly options?: object
  readonly customPrompts?: ReadonlyArray<string>
  readonly names?: "keep" | "replace"
  readonly clean?: "original" | "chat" | "off"
  readonly anonymize?: ReadonlyArray<AnonymizeKind>
  readonly unit?: string
  readonly seed?: number
}

/** Compiles a task and answers what it makes of a record. */
export const openTask = <A>(task: TaskDefinition<A>, run: RunOptions = {}) => {
  const custom = run.customPrompts === undefined ? undefined : promptSource(makePool(run.customPrompts))
  const opened = task.open({
    options: decodeOptions(
      { ...task.dataset.options, ...task.options },
      {
        ...(task.dataset.name === "files" ? { files: ["*.json"] } : {}),
        ...run.options,
      },
    ),
    clean: compileClean(cleanSets[run.clean ?? task.clean]),
    names: run.names ?? "keep",
    anonymize: new Set(run.anonymize ?? (task.anonymize === true ? anonymizeKinds : [])),
    prompts: (pool): PromptSource => custom ?? promptSource(loadPool(pool)),
    hasCustomPrompts: custom !== undefined,
  })
  return (record: A) => {
    const repairs: { [rule: string]: number } = {}
    const cuts: Array<{ reason: string; turns: number }> = []
    const id = opened.id(record, run.unit ?? "0")
    const result = opened.episodes(record, {
      id: `${task.prefix}-${id}`,
      place: { file: "test" },
      random: RecordRandom.make(RecordRandom.key(run.seed ?? 42, task.name, id)),
      repaired: (rule, count = 1) => void (repairs[rule] = (repairs[rule] ?? 0) + count),
      cut: (reason, turns) => void cuts.push({ reason, turns }),
    })
    if (Array.isArray(result)) throw new Error("one episode was expected")
    const only = result as Exclude<typeof result, ReadonlyArray<EpisodeDraft>>
    return { id: `${task.prefix}-${id}`, result: only, repairs, cuts }
  }
}

export const runTask = <A>(task: TaskDefinition<A>, record: A, run: RunOptions = {}) => openTask(task, run)(record)

/** The reason of a skip, or undefined. */
export const skipOf = ({ result }: { readonly result: object }): string | undefined =>
  "skip" in result ? (result.skip as string) : undefined

/** `[kind, text]` of the turns before the shared stages. */
export const textsOf = ({ result }: { readonly result: object }): ReadonlyArray<readonly [string, string]> => {
  if (!("turns" in result)) throw new Error(`skipped: ${JSON.stringify(result)}`)
  return (result as EpisodeDraft).turns.map(({ kind, text }) => [kind[0] as string, text] as const)
}

/** The text of the prompt, hints as their placeholders. */
export const promptOf = ({ result }: { readonly result: object }): string | undefined =>
  (result as EpisodeDraft).prompt?.map((part) => (typeof part === "string" ? part : `{{${part.hint}}}`)).join("")

/** The episode after the shared shape stage, or why it is invalid. */
export const shapedOf = (made: { readonly id: string; readonly result: object }): Episode | string => {
  const shaped = shape(made.id, made.result as EpisodeDraft)
  return typeof shaped === "string" ? shaped : shaped.episode
}

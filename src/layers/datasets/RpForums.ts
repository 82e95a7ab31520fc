import * as Schema from "effect/Schema"
import type { DatasetDefinition, DatasetOptions, GroupKey, HeaderProblem } from "../../domain/Component.ts"
import type { Place } from "../../domain/Record.ts"
import type { Detail } from "../../domain/Rejection.ts"
import { eachValue } from "../readers/Each.ts"
import { givenRecords, isString } from "./Decode.ts"

/** A thread: posts of one title (or thread id) that stand one after another. */
export const RpForumsRecord = Schema.Struct({
  title: Schema.String,
  messages: Schema.Array(Schema.Struct({ author: Schema.String, message: Schema.String })),
  /** Base name of the file. */
  fileName: Schema.String,
  /** Number of the thread in its file, from 0. */
  number: Schema.Number,
})
export type RpForumsRecord = typeof RpForumsRecord.Type

/** Names of the columns; others are ignored. */
const Columns = Schema.Struct({
  title: Schema.optionalWith(Schema.String, { default: () => "thread_title" }).annotations({
    description: "The thread's title; rows of one title, one after another, are a thread.",
  }),
  author: Schema.optionalWith(Schema.String, { default: () => "message_username" }).annotations({
    description: "Who wrote the post.",
  }),
  message: Schema.optionalWith(Schema.String, { default: () => "message" }).annotations({
    description: "The post, as HTML.",
  }),
  thread: Schema.optionalWith(Schema.String, { default: () => "thread_id" }).annotations({
    description: "The thread's identifier. Where the file has it, threads are told apart by it, not by their titles.",
  }),
})
type Columns = typeof Columns.Type

const columnsOf = (options: DatasetOptions): Columns => options["columns"] as Columns

/** What a header lacks. */
const problemOf = (columns: Columns, header: ReadonlyArray<string>): HeaderProblem | undefined => {
  const missing = [columns.author, columns.message].filter((name) => !header.includes(name))
  if (!header.includes(columns.title) && !header.includes(columns.thread)) missing.unshift(columns.title)
  if (missing.length === 0) return undefined
  return {
    reason: "MissingColumns",
    detail: { missing: missing.join(", "), hint: 'name the columns with "columns:" in the config' },
  }
}

/**
 * Roleplay forums: posts as HTML in CSV files. A record is a thread; a row that cannot be used is a note in the thread
 * before it (or in the first one), and a thread of such rows only is one bad record. A file that lacks a column is one
 * bad record too: it tells neither threads nor posts.
 */
export const RpForums: DatasetDefinition<RpForumsRecord> = {
  name: "rp_forums",
  description: "roleplay forum threads (CSV, posts in HTML)",
  source: {
    kind: "own",
    shape:
      "*.csv, a file for each forum: a header with thread_title, message_username and message (HTML), rows of a thread one after another",
  },
  folder: "rp_forums",
  files: ["*.csv"],
  reader: "csv",
  schema: RpForumsRecord,
  options: {
    columns: Schema.optionalWith(Columns, { default: () => Schema.decodeUnknownSync(Columns)({}) }).annotations({
      description: "Names of the columns, as the header of the files has them; others are ignored.",
    }),
  },
  groupOf: (options, header): GroupKey => {
    const columns = columnsOf(options)
    // Of two columns of one name the last counts, as in the rows.
    const at = header.lastIndexOf(header.includes(columns.thread) ? columns.thread : columns.title)
    const problem = problemOf(columns, header)
    return Object.assign((row: ReadonlyArray<string>) => row[at] ?? "", problem === undefined ? {} : { problem })
  },
  open: ({ options }) => {
    const columns = columnsOf(options)
    return (input, sink) => {
      if (givenRecords(input, sink)) return
      if (input.kind === "rows") {
        const problem = problemOf(columns, input.header)
        if (problem !== undefined) {
          if (input.first.index === 0) sink.bad(problem.reason, { file: input.file, line: 1 }, problem.detail)
          return
        }
      }
      let number = input.first.index - 1
      let group: string | undefined
      let place: Place | undefined
      let title = ""
      let messages: Array<{ author: string; message: string }> = []
      const file = input.kind === "rows" ? input.file : ""
      const fileName = file.slice(file.lastIndexOf("/") + 1)
      /** Rows of the thread in the making that cannot be used: told before it. */
      let problems: Array<{ reason: string; at: Place; detail: Detail | undefined }> = []
      const flush = (): void => {
        if (place === undefined) {
          const [first] = problems.splice(0, 1)
          if (first !== undefined) sink.bad(first.reason, first.at, first.detail)
        }
        for (const { at, detail, reason } of problems) sink.note(reason, at, detail)
        if (place !== undefined) sink.record({ title, messages, fileName, number }, place, number)
        problems = []
        messages = []
        place = undefined
      }
      eachValue(
        input,
        {},
        {
          value: (value, at) => {
            const row = value as { readonly [name: string]: unknown }
            const text = (name: string): string => (isString(row[name]) ? (row[name] as string) : "")
            const key = columns.thread in row ? text(columns.thread) : text(columns.title)
            if (place === undefined || key !== group) {
              if (place !== undefined) flush()
              number++
              group = key
              place = at
              title = text(columns.title)
            }
            messages.push({ author: text(columns.author), message: text(columns.message) })
          },
          bad: (reason, at, detail) => {
            if (input.kind === "bad") sink.bad(reason, at, detail)
            else problems.push({ reason, at, detail })
          },
          blankLines: sink.blankLines,
          repaired: sink.repaired,
        },
      )
      flush()
    }
  },
}

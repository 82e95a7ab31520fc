import * as Schema from "effect/Schema"
import type { DatasetDefinition, DatasetOptions } from "../../domain/Component.ts"
import type { Place } from "../../domain/Record.ts"
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
  title: Schema.optionalWith(Schema.String, { default: () => "thread_title" }),
  author: Schema.optionalWith(Schema.String, { default: () => "message_username" }),
  message: Schema.optionalWith(Schema.String, { default: () => "message" }),
  /** Used where the file has it: threads are then told apart by it, not by their titles. */
  thread: Schema.optionalWith(Schema.String, { default: () => "thread_id" }),
})
type Columns = typeof Columns.Type

const columnsOf = (options: DatasetOptions): Columns => options["columns"] as Columns

/** Roleplay forums: posts as HTML in CSV files. */
export const RpForums: DatasetDefinition<RpForumsRecord> = {
  name: "rp_forums",
  description: "roleplay forum threads (CSV, posts in HTML)",
  folder: "rp_forums",
  files: ["*.csv"],
  reader: "csv",
  schema: RpForumsRecord,
  options: { columns: Schema.optionalWith(Columns, { default: () => Schema.decodeUnknownSync(Columns)({}) }) },
  groupOf: (options, header) => {
    const columns = columnsOf(options)
    const at = header.includes(columns.thread) ? header.indexOf(columns.thread) : header.indexOf(columns.title)
    return (row) => row[at] ?? ""
  },
  open: ({ options }) => {
    const columns = columnsOf(options)
    return (input, sink) => {
      if (givenRecords(input, sink)) return
      let number = input.first.index - 1
      let group: string | undefined
      let place: Place | undefined
      let title = ""
      let messages: Array<{ author: string; message: string }> = []
      const file = input.kind === "rows" ? input.file : ""
      const fileName = file.slice(file.lastIndexOf("/") + 1)
      /** Problems of the thread in the making: told before the thread. */
      let problems: Array<() => void> = []
      const flush = (): void => {
        for (const tell of problems) tell()
        if (place !== undefined && messages.length > 0) {
          sink.record({ title, messages, fileName, number }, place, number)
        } else if (place !== undefined) {
          sink.bad("MalformedRecord", place, "no row of the thread can be used")
        }
        problems = []
        messages = []
        place = undefined
      }
      if (input.kind === "rows") {
        const missing = [columns.author, columns.message].filter((name) => !input.header.includes(name))
        if (!input.header.includes(columns.title) && !input.header.includes(columns.thread))
          missing.unshift(columns.title)
        if (missing.length > 0) {
          sink.bad(
            "MissingColumns",
            { file: input.file, line: 1 },
            {
              missing: missing.join(", "),
              hint: 'name the columns with "columns:" in the config',
            },
          )
          return
        }
      }
      eachValue(
        input,
        {},
        {
          value: (value, at) => {
            const row = value as { readonly [name: string]: unknown }
            const text = (name: string): string => (isString(row[name]) ? (row[name] as string) : "")
            const key = columns.thread in row ? text(columns.thread) : text(columns.title)
            if (key !== group || place === undefined) {
              if (place !== undefined) flush()
              if (key !== group) number++
              group = key
              place = at
              title = text(columns.title)
            }
            messages.push({ author: text(columns.author), message: text(columns.message) })
          },
          bad: (reason, at, detail) => {
            if (input.kind === "bad") sink.bad(reason, at, detail)
            else problems.push(() => sink.note(reason, at, detail))
          },
          blankLines: sink.blankLines,
          repaired: sink.repaired,
        },
      )
      if (place === undefined) for (const tell of problems) tell()
      else flush()
    }
  },
}

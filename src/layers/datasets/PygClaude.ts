import * as Schema from "effect/Schema"
import { isUtf8 } from "node:buffer"
import type { DatasetDefinition } from "../../domain/Component.ts"
import type { Place } from "../../domain/Record.ts"
import { parseJson } from "../readers/Each.ts"
import { explain, givenRecords, isObject, isString } from "./Decode.ts"

const Message = Schema.Struct({ mes: Schema.String, is_user: Schema.Boolean, name: Schema.optional(Schema.String) })

/** A chat log: one file. */
export const PygClaudeRecord = Schema.Struct({
  messages: Schema.Array(
    Schema.Struct({ text: Schema.String, isUser: Schema.Boolean, name: Schema.optional(Schema.String) }),
  ),
  /** The author's note of the log, which describes the character. */
  persona: Schema.optional(Schema.String),
  /** Name of the file below `public` or `private`. */
  fileName: Schema.String,
})
export type PygClaudeRecord = typeof PygClaudeRecord.Type

const LF = 10

/** SillyTavern chat logs, one conversation a file. */
export const PygClaude: DatasetDefinition<PygClaudeRecord> = {
  name: "pygclaude",
  description: "SillyTavern chat logs with Claude, one conversation a file",
  source: {
    kind: "own",
    shape:
      "public/*.jsonl and private/*.jsonl: chat logs of SillyTavern, a file for each conversation; one of the two folders is enough",
  },
  folder: "claude_pygsubmitted",
  files: ["public/*.jsonl", "private/*.jsonl"],
  reader: "files",
  schema: PygClaudeRecord,
  open: () => (input, sink) => {
    if (givenRecords(input, sink)) return
    if (input.kind === "bad") return sink.bad(input.reason, input.place, input.detail)
    if (input.kind !== "files") return
    input.files.forEach(({ bytes, error, file }, i) => {
      const index = input.first.index + i
      if (error !== undefined) return sink.bad("Unreadable", { file }, error)
      const problems: Array<{ reason: string; place: Place; detail?: string }> = []
      const messages: Array<PygClaudeRecord["messages"][number]> = []
      let persona: string | undefined
      let seen = 0
      let blank = 0
      let line = 0
      for (let at = 0; at < bytes.length; ) {
        line++
        const newline = bytes.indexOf(LF, at)
        const end = newline < 0 ? bytes.length : newline
        const raw = bytes.subarray(at, end)
        at = end + 1
        const place = { file, line }
        const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
          .toString("utf8")
          .replace(/^\ufeff/, "")
        if (text.trim() === "") {
          blank++
          continue
        }
        seen++
        if (!isUtf8(raw)) {
          problems.push({ reason: "InvalidUtf8", place })
          continue
        }
        const parsed = parseJson(
          text,
          place,
          {},
          {
            bad: (reason, where, detail) =>
              problems.push({ reason, place: where, ...(typeof detail === "string" ? { detail } : {}) }),
            repaired: sink.repaired,
          },
        )
        if (parsed === undefined) continue
        const { value } = parsed
        // A first object without a message is a header, of whatever version.
        if (seen === 1 && isObject(value) && !("mes" in value)) {
          const metadata = value["chat_metadata"]
          const note = isObject(metadata) ? metadata["note_prompt"] : undefined
          if (isString(note) && note.trim() !== "") persona = note
          continue
        }
        if (!isObject(value) || !isString(value["mes"]) || typeof value["is_user"] !== "boolean") {
          problems.push({ reason: "MalformedRecord", place, detail: explain(Message, value) })
          continue
        }
        if (value["is_system"] === true || (isObject(value["extra"]) && value["extra"]["type"] === "narrator")) continue
        const name = value["name"]
        messages.push({
          text: value["mes"],
          isUser: value["is_user"],
          ...(isString(name) && name.trim() !== "" ? { name: name.trim() } : {}),
        })
      }
      if (blank > 0) sink.blankLines(blank)
      if (messages.length === 0 && problems.length > 0) {
        const [first] = problems as [(typeof problems)[number]]
        return sink.bad(first.reason, first.place, first.detail)
      }
      for (const { detail, place, reason } of problems) sink.note(reason, place, detail)
      if (messages.length === 0) return sink.skip("empty", { file })
      const fileName = file.slice(file.lastIndexOf("/") + 1)
      sink.record({ messages, fileName, ...(persona === undefined ? {} : { persona }) }, { file }, index)
    })
  },
}

import * as Schema from "effect/Schema"
import type { DatasetDefinition, SideFile, SideInput } from "../../domain/Component.ts"
import { isUtf8 } from "node:buffer"
import { parseJson } from "../readers/Each.ts"
import { explain, givenRecords, isObject, isString } from "./Decode.ts"

/** What is known of a bot. */
export const BotInfo = Schema.Struct({
  name: Schema.String,
  description: Schema.optional(Schema.NullOr(Schema.String)),
  external_id: Schema.optional(Schema.NullOr(Schema.String)),
})
export type BotInfo = typeof BotInfo.Type

/** One history of a chat dump. */
export const CharacterAiRecord = Schema.Struct({
  bot: BotInfo,
  messages: Schema.Array(Schema.Struct({ text: Schema.String, isHuman: Schema.Boolean })),
  /** Milliseconds since 1970, from the file's name; absent when the name tells none. */
  timestamp: Schema.optional(Schema.Number),
  /** Base name of the file. */
  fileName: Schema.String,
  /** Number of the history in its file, from 0; absent when it is the only one. */
  history: Schema.optional(Schema.Number),
})
export type CharacterAiRecord = typeof CharacterAiRecord.Type

/** A history as it lies in the dump. */
const History = Schema.Struct({
  msgs: Schema.Array(Schema.Struct({ text: Schema.String, src: Schema.Struct({ is_human: Schema.Boolean }) })),
})

type Definitions = ReadonlyArray<readonly [id: string, bot: BotInfo]>

const optionalText = (value: unknown): string | undefined =>
  isString(value) && value.trim() !== "" ? value : undefined

const botOf = (value: unknown): BotInfo | undefined => {
  if (!isObject(value)) return undefined
  const name = optionalText(value["name"])
  if (name === undefined) return undefined
  const description = optionalText(value["description"])
  const id = optionalText(value["external_id"])
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(id === undefined ? {} : { external_id: id }),
  }
}

const quiet = { bad: () => undefined, repaired: () => undefined }

const textOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** Bot definitions of all files, by `external_id`; the first file that defines a bot wins. */
const definitions = async (files: AsyncIterable<SideFile>): Promise<SideInput> => {
  const found = new Map<string, BotInfo>()
  for await (const { bytes, file } of files) {
    // Chat dumps, by far the most bytes, are told apart without parsing them.
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"histories"')) continue
    const parsed = parseJson(textOf(bytes), { file }, {}, quiet)?.value
    if (!isObject(parsed)) continue
    const bot = botOf(parsed["character"])
    const id = bot?.external_id
    if (bot === undefined || id === undefined || id === null || found.has(id)) continue
    found.set(id, bot)
  }
  return { value: [...found] satisfies Definitions, entries: found.size }
}

/** CharacterAI dumps of a browser script: chats with their histories, and definitions of bots. */
export const CharacterAi: DatasetDefinition<CharacterAiRecord> = {
  name: "characterai",
  description: "CharacterAI chat dumps with bot definitions",
  source: {
    kind: "own",
    shape:
      "public/*.json and private/*.json, named <unix time in ms>_<anything>.json: chats as " +
      '{"info": {"character": {...}}, "histories": {"histories": [{"msgs": [...]}]}}, ' +
      'definitions of characters as {"character": {...}}; one of the two folders is enough',
  },
  folder: "characterai",
  files: ["public/*.json", "private/*.json"],
  reader: "files",
  schema: CharacterAiRecord,
  sideInput: definitions,
  open: ({ side }) => {
    const known = new Map((side ?? []) as Definitions)
    return (input, sink) => {
      if (givenRecords(input, sink)) return
      if (input.kind === "bad") return sink.bad(input.reason, input.place, input.detail)
      if (input.kind !== "files") return
      input.files.forEach(({ bytes, error, file }, i) => {
        const index = input.first.index + i
        const place = { file }
        if (error !== undefined) return sink.bad("Unreadable", place, error)
        if (!isUtf8(bytes)) return sink.bad("InvalidUtf8", place)
        const parsed = parseJson(textOf(bytes), place, {}, sink)
        if (parsed === undefined) return
        const dump = parsed.value
        if (!isObject(dump)) return sink.bad("MalformedRecord", place, "the file holds no object")
        if (dump["histories"] === undefined || dump["info"] === undefined) {
          // A definition is a side input, no record.
          if (botOf(dump["character"]) === undefined) sink.skip("notAChat", place)
          return
        }
        const info = isObject(dump["info"]) ? dump["info"]["character"] : undefined
        const own = botOf(info)
        const id = isObject(info) ? optionalText(info["external_id"]) : undefined
        const defined = id === undefined ? undefined : known.get(id)
        // What the definition leaves out, the chat's own info may tell.
        const bot = defined === undefined ? own : { ...own, ...defined }
        if (bot === undefined)
          return sink.bad("MalformedRecord", place, "info.character: no name, and no definition of the bot")
        const histories = isObject(dump["histories"]) ? dump["histories"]["histories"] : undefined
        if (!Array.isArray(histories)) return sink.bad("MalformedRecord", place, "histories.histories: expected a list")
        const fileName = file.slice(file.lastIndexOf("/") + 1)
        const stamp = /^(\d{1,15})_/.exec(fileName)?.[1]
        const timestamp = stamp === undefined ? undefined : Number(stamp)
        histories.forEach((history: unknown, h) => {
          const at = { file, index: h }
          const messages = messagesOf(history)
          if (messages === undefined) return sink.bad("MalformedRecord", at, explain(History, history))
          sink.record(
            {
              bot,
              messages,
              fileName,
              ...(timestamp === undefined ? {} : { timestamp }),
              ...(histories.length > 1 ? { history: h } : {}),
            },
            at,
            index,
          )
        })
        if (histories.length === 0) sink.skip("noHistory", place)
      })
    }
  },
}

const messagesOf = (history: unknown): CharacterAiRecord["messages"] | undefined => {
  if (!isObject(history) || !Array.isArray(history["msgs"])) return undefined
  const messages: Array<{ text: string; isHuman: boolean }> = []
  for (const message of history["msgs"] as Array<unknown>) {
    if (!isObject(message) || !isString(message["text"]) || !isObject(message["src"])) return undefined
    const human = message["src"]["is_human"]
    if (typeof human !== "boolean") return undefined
    messages.push({ text: message["text"], isHuman: human })
  }
  return messages
}

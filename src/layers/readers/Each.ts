/** Goes through the values of a slice: one call per record, good or bad, in order. */
import { isUtf8 } from "node:buffer"
import type { SliceInput } from "../../domain/Component.ts"
import type { Place } from "../../domain/Record.ts"
import type { Detail } from "../../domain/Rejection.ts"
import { maxJsonDepth } from "../../domain/Slice.ts"
import { isBlank, makeRowScanner, splitRow } from "./Csv.ts"
import { UnreadableRow } from "./Unchanged.ts"
import { withKey } from "./Documents.ts"
import { delimiterOf } from "./Kinds.ts"

export interface EachOptions {
  /** Takes a bare `NaN` outside strings as null, and counts it. */
  readonly allowNaN?: boolean
  /** As in the dataset's definition: gives values their running number per key. */
  readonly countKey?: (element: Uint8Array) => string | undefined
}

export interface ValueSink {
  /** `extra.count` is the running number, from 1, among the records of `extra.key`. */
  readonly value: (
    value: unknown,
    place: Place,
    index: number,
    extra: { readonly key?: string; readonly count?: number },
  ) => void
  readonly bad: (reason: string, place: Place, detail?: Detail) => void
  readonly blankLines: (count: number) => void
  readonly repaired: (rule: string, count: number) => void
}

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Makes strings well-formed and looks at the nesting. Recursion is as deep as the limit at most. */
const inspect = (value: unknown, depth: number, repair: boolean, count: { repaired: number }): boolean => {
  if (typeof value !== "object" || value === null) return true
  if (depth > maxJsonDepth) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item === "string") {
        if (repair && !item.isWellFormed()) {
          value[i] = item.toWellFormed()
          count.repaired++
        }
      } else if (!inspect(item, depth + 1, repair, count)) return false
    }
    return true
  }
  for (let key of Object.keys(value)) {
    const item: unknown = (value as { [key: string]: unknown })[key]
    if (repair && !key.isWellFormed()) {
      delete (value as { [key: string]: unknown })[key]
      key = key.toWellFormed()
      Object.defineProperty(value, key, { value: item, enumerable: true, configurable: true, writable: true })
      count.repaired++
    }
    if (typeof item === "string") {
      if (repair && !item.isWellFormed()) {
        Object.defineProperty(value, key, {
          value: item.toWellFormed(),
          enumerable: true,
          configurable: true,
          writable: true,
        })
        count.repaired++
      }
    } else if (!inspect(item, depth + 1, repair, count)) return false
  }
  return true
}

const surrogateEscape = /\\u[dD][89a-fA-F]/

/** `NaN` outside strings becomes null. No expression over whole strings: those of some megabytes are too much for one. */
const withoutNaN = (text: string): { readonly text: string; readonly count: number } => {
  const parts: Array<string> = []
  let count = 0
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('"', at)
    const outside = text.slice(at, open < 0 ? text.length : open)
    parts.push(
      outside.replace(/\bNaN\b/g, () => {
        count++
        return "null"
      }),
    )
    if (open < 0) break
    at = stringEnd(text, open)
    parts.push(text.slice(open, at))
  }
  return { text: parts.join(""), count }
}

/** End of the JSON string that begins at `open`. */
const stringEnd = (text: string, open: number): number => {
  for (let at = open + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    let slashes = 0
    while (text[at - 1 - slashes] === "\\") slashes++
    if (slashes % 2 === 0) return at + 1
  }
}

/** Parses one JSON record; tells the sink when it is bad. */
export const parseJson = (
  text: string,
  place: Place,
  options: { readonly allowNaN?: boolean },
  sink: Pick<ValueSink, "bad" | "repaired">,
): { readonly value: unknown } | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    try {
      const patched = options.allowNaN === true && text.includes("NaN") ? withoutNaN(text) : undefined
      if (patched === undefined || patched.count === 0) throw cause
      value = JSON.parse(patched.text)
      sink.repaired("nan", patched.count)
    } catch {
      sink.bad("InvalidJson", place, describe(cause))
      return undefined
    }
  }
  const count = { repaired: 0 }
  if (!inspect(value, 0, text.includes("\\u") && surrogateEscape.test(text), count)) {
    sink.bad("TooDeep", place, { limit: maxJsonDepth })
    return undefined
  }
  if (typeof value === "string" && !value.isWellFormed()) {
    value = value.toWellFormed()
    count.repaired++
  }
  if (count.repaired > 0) sink.repaired("loneSurrogates", count.repaired)
  return { value }
}

/** What the parser says, without the data it quotes. */
const describe = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : "invalid"
  const position = /at position (\d+)/.exec(message)?.[1]
  if (/Unexpected end|Unterminated/.test(message)) return "the text ends too early"
  return position === undefined ? "not valid JSON" : `not valid JSON at character ${Number(position) + 1}`
}

/** All kinds of input but `files` and `records`, which datasets handle themselves. */
export const eachValue = (input: SliceInput, options: EachOptions, sink: ValueSink): void => {
  const counts = new Map(input.first.counts)
  const extraOf = (bytes: Uint8Array): { readonly key?: string; readonly count?: number } => {
    const key = options.countKey?.(bytes)
    if (key === undefined) return none
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return { key, count }
  }
  // No view is made where none is needed: a record would cost a third more memory.
  const one = (bytes: Buffer, from: number, to: number, valid: boolean, place: Place, index: number): void => {
    const extra = options.countKey === undefined ? none : extraOf(bytes.subarray(from, to))
    if (!valid) {
      const own = bytes.subarray(from, to)
      if (!isUtf8(own)) {
        sink.bad("InvalidUtf8", place, { byte: firstBadByte(own) })
        return
      }
    }
    const parsed = parseJson(bytes.toString("utf8", from, to), place, options, sink)
    if (parsed !== undefined) sink.value(parsed.value, place, index, extra)
  }
  /** A member of an object: its key and its value. */
  const member = (bytes: Buffer, valid: boolean, place: Place, index: number): void => {
    if (!valid && !isUtf8(bytes)) return sink.bad("InvalidUtf8", place, { byte: firstBadByte(bytes) })
    const parsed = parseJson(`{${bytes.toString("utf8")}}`, place, options, sink)
    if (parsed === undefined) return
    const [[key, value] = ["", undefined]] = Object.entries(parsed.value as object)
    sink.value(withKey(value, key), place, index, none)
  }
  const { first } = input
  if (input.kind === "lines") {
    const bytes = buffer(input.bytes)
    const valid = isUtf8(bytes)
    let { index, line } = first
    let blank = 0
    for (let at = 0; at < bytes.length; line++) {
      const newline = bytes.indexOf(10, at)
      const end = newline < 0 ? bytes.length : newline
      if (isBlank(bytes, at, end)) blank++
      else {
        one(bytes, at, end, valid, { file: input.file, line }, index)
        index++
      }
      at = end + 1
    }
    if (blank > 0) sink.blankLines(blank)
  } else if (input.kind === "elements") {
    const bytes = buffer(input.bytes)
    const valid = isUtf8(bytes)
    for (let i = 0; i < input.bounds.length; i += 2) {
      const index = first.index + i / 2
      const [from, to] = [input.bounds[i] as number, input.bounds[i + 1] as number]
      const line = input.lines?.[i / 2]
      const place = line === undefined ? { file: input.file, index } : { file: input.file, line }
      if (input.keyed === true) member(bytes.subarray(from, to), valid, place, index)
      else one(bytes, from, to, valid, place, index)
    }
  } else if (input.kind === "rows") {
    eachRow(input, sink)
  } else if (input.kind === "values") {
    input.values.forEach((value, i) => {
      const count = { repaired: 0 }
      const index = first.index + i
      const place = { file: input.file, row: index }
      if (value instanceof UnreadableRow) return sink.bad(value.reason, place, value.detail)
      if (inspect(value, 0, true, count)) {
        if (count.repaired > 0) sink.repaired("loneSurrogates", count.repaired)
        sink.value(value, place, index, none)
      } else sink.bad("TooDeep", place, { limit: maxJsonDepth })
    })
  } else if (input.kind === "bad") {
    sink.bad(input.reason, input.place, input.detail)
  } else {
    throw new Error(`a slice of ${input.kind} has no values`)
  }
}

const none: { readonly key?: string; readonly count?: number } = {}

const eachRow = (input: Extract<SliceInput, { kind: "rows" }>, sink: ValueSink): void => {
  const bytes = buffer(input.bytes)
  const delimiter = delimiterOf(input.file)
  const rows = makeRowScanner(delimiter.charCodeAt(0))
  let { index, line } = input.first
  let blank = 0
  const gaps = input.gaps ?? []
  let gap = 0
  const tellGaps = (at: number): void => {
    for (; gap < gaps.length && (gaps[gap] as (typeof gaps)[number]).at <= at; gap++) {
      const { byte, detail, lines, reason } = gaps[gap] as (typeof gaps)[number]
      sink.bad(reason, { file: input.file, line, byte }, detail)
      line += lines
      index++
    }
  }
  for (let at = 0; at < bytes.length; ) {
    tellGaps(at)
    const next = rows.rowEnd(bytes, at)
    const end = next < 0 ? bytes.length : next
    const row = bytes.subarray(at, end)
    const place = { file: input.file, line }
    at = end
    for (let i = row.indexOf(10); i >= 0; i = row.indexOf(10, i + 1)) line++
    if (isBlank(row, 0, row.length)) {
      blank++
      continue
    }
    if (!isUtf8(row)) sink.bad("InvalidUtf8", place, { byte: firstBadByte(row) })
    else {
      const fields = splitRow(row.toString("utf8"), delimiter)
      if (fields.length !== input.header.length) {
        sink.bad("FieldCount", place, { fields: fields.length, expected: input.header.length })
      } else {
        const value: { [name: string]: string } = Object.create(null) as { [name: string]: string }
        input.header.forEach((name, i) => {
          value[name] = fields[i] as string
        })
        sink.value(value, place, index, none)
      }
    }
    index++
  }
  tellGaps(bytes.length)
  if (blank > 0) sink.blankLines(blank)
}

/** Offset of the first byte that is no UTF-8, by halving: a prefix that is only cut short is no error. */
const firstBadByte = (bytes: Uint8Array): number => {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high) >> 1
    try {
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, middle + 1), { stream: true })
      low = middle + 1
    } catch {
      high = middle
    }
  }
  return low
}

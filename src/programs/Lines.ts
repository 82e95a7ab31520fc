/**
 * Lines of what was written: of files, unpacked where the name ends in `.gz`, and of streams; and the rows that they
 * hold. Memory holds a chunk and a line.
 */
import { isUtf8 } from "node:buffer"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream"
import { createGunzip } from "node:zlib"
import { type Fields, isFields } from "../domain/Fields.ts"

/** A line above this is counted and not held. */
export const maxLineBytes = 128 * 1024 * 1024

export interface FileLine {
  /** 1-based. */
  readonly number: number
  /** Undefined for a line above the limit. */
  readonly bytes: Buffer | undefined
}

/** Cuts a stream into lines, which are given one by one as they end. */
export const cutLines = (each: (line: FileLine) => void, maxBytes: number = maxLineBytes) => {
  let parts: Array<Buffer> = []
  let size = 0
  let number = 0
  const hold = (part: Buffer): void => {
    size += part.length
    if (size <= maxBytes) parts.push(part)
    else parts = []
  }
  const flush = (): void => {
    number++
    each({ number, bytes: size > maxBytes ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts) })
    parts = []
    size = 0
  }
  return {
    write: (chunk: Buffer): void => {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        hold(chunk.subarray(from, at))
        flush()
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
    },
    /** The number of lines, and whether the last one lacks its end. */
    end: (): { readonly lines: number; readonly isOpen: boolean } => {
      const isOpen = size > 0
      if (isOpen) flush()
      return { lines: number, isOpen }
    },
  }
}

/** Fails as Node does when the file cannot be read or unpacked. Leaving the loop closes the file. */
export async function* readLines(path: string, maxBytes: number = maxLineBytes): AsyncGenerator<FileLine> {
  const raw = createReadStream(path, { highWaterMark: 1 << 18 })
  const source = path.endsWith(".gz") ? pipeline(raw, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : raw
  let ready: Array<FileLine> = []
  const lines = cutLines((line) => void ready.push(line), maxBytes)
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      lines.write(chunk)
      yield* ready
      ready = []
    }
    lines.end()
    yield* ready
  } finally {
    raw.destroy()
  }
}

/** The object that a line holds, or why it holds none. */
export const parseLine = (bytes: Buffer | undefined): Fields | string => {
  if (bytes === undefined) return "the line is too long to be looked at"
  if (bytes.length === 0) return "the line is empty"
  if (!isUtf8(bytes)) return "the line is no UTF-8"
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"))
    return isFields(value) ? value : "the line is no JSON object"
  } catch {
    return "the line is no JSON"
  }
}

/** The object that a line holds; undefined where it holds none. */
export const parseFields = (bytes: Buffer | undefined): Fields | undefined => {
  const found = parseLine(bytes)
  return typeof found === "string" ? undefined : found
}

const comma = 44

/** A row of an array stands on a line of its own, before a comma but for the last. */
export const withoutComma = (bytes: Buffer): Buffer => (bytes.at(-1) === comma ? bytes.subarray(0, -1) : bytes)

/** The row that a line of an output holds, whether it is lines or an array. */
export const parseRow = (bytes: Buffer | undefined): Fields | undefined =>
  bytes === undefined ? undefined : parseFields(withoutComma(bytes))

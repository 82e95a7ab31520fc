/**
 * Cuts a file into slices in one pass, which also takes its digest. Slices come lazily: the pass overlaps with the work
 * on them, which finds their bytes still in the page cache.
 */
import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { createGunzip } from "node:zlib"
import type { DatasetDefinition, First, ReaderKind } from "../../domain/Component.ts"
import type { Detail } from "../../domain/Rejection.ts"
import type { PlannedFile, Slice } from "../../domain/Slice.ts"
import { isBlank, makeRowScanner, splitRow } from "./Csv.ts"
import { makeElementScanner } from "./JsonArray.ts"
import { planParquet } from "./Parquet.ts"

export interface PlanFileOptions {
  readonly reader: "jsonl" | "json" | "csv" | "parquet"
  readonly sliceBytes: number
  readonly maxRecordBytes: number
  /** Key of a row's group, compiled for the header; rows of one group stay in one slice. */
  readonly groupOf?: (header: ReadonlyArray<string>) => (row: ReadonlyArray<string>) => string
  readonly countKey?: NonNullable<DatasetDefinition["countKey"]>
  /** Bytes of a read. Never changes the result. */
  readonly chunkBytes?: number
}

/** The reader for a file, by its name. */
export const readerOf = (file: string): ReaderKind => {
  const name = file.toLowerCase().replace(/\.gz$/, "")
  if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) return "jsonl"
  if (name.endsWith(".csv") || name.endsWith(".tsv")) return "csv"
  if (name.endsWith(".parquet")) return "parquet"
  return "json"
}

/** The field separator of a table file, by its name. */
export const delimiterOf = (file: string): string => (/\.tsv(?:\.gz)?$/i.test(file) ? "\t" : ",")

const noCounts: ReadonlyArray<readonly [string, number]> = []

export async function* planFile(
  input: { readonly file: string; readonly path: string },
  options: PlanFileOptions,
): AsyncGenerator<Slice, PlannedFile> {
  if (options.reader === "parquet") return yield* planParquet(input, options.sliceBytes)
  const { file, path } = input
  const hash = createHash("sha256")
  let fileBytes = 0
  const inline = /\.gz$/i.test(file)
  const cutter = makeCutter(input, options, inline)

  let carry: Uint8Array = new Uint8Array(0)
  let base = 0
  let atStart = true
  let broken: string | undefined
  const raw = createReadStream(path, { highWaterMark: options.chunkBytes ?? 1024 * 1024 })
  raw.on("data", (chunk) => {
    hash.update(chunk)
    fileBytes += chunk.length
  })
  const source = inline ? raw.pipe(createGunzip({ chunkSize: 256 * 1024 })) : raw
  if (inline) raw.on("error", (cause) => source.destroy(cause))
  try {
    for await (const data of source as AsyncIterable<Buffer>) {
      let chunk: Uint8Array = data
      if (atStart) {
        // A byte-order mark may be cut by small reads.
        chunk = carry.length === 0 ? chunk : Buffer.concat([carry, chunk])
        if (chunk.length < 3) {
          carry = chunk
          continue
        }
        atStart = false
        carry = new Uint8Array(0)
        if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) {
          chunk = chunk.subarray(3)
          base = 3
          cutter.begin(3)
        }
      }
      const buffer = carry.length === 0 ? chunk : Buffer.concat([carry, chunk])
      cutter.push(buffer, base, carry.length)
      const keep = Math.max(base, Math.min(cutter.keepFrom(), base + buffer.length))
      carry = buffer.subarray(keep - base)
      base = keep
      yield* cutter.take()
    }
  } catch (cause) {
    if (!inline) throw cause
    broken = cause instanceof Error ? cause.message : String(cause)
  } finally {
    raw.destroy()
  }
  if (atStart && carry.length > 0) cutter.push(carry, 0, 0)
  cutter.end(carry, base, broken)
  yield* cutter.take()
  return { file, bytes: fileBytes, sha256: hash.digest("hex") }
}

/** Collects records into slices. Offsets are those of the content. */
const makeCutter = (
  { file, path }: { readonly file: string; readonly path: string },
  options: PlanFileOptions,
  inline: boolean,
) => {
  const { countKey, maxRecordBytes, reader, sliceBytes } = options
  const ready: Array<Slice> = []
  const counts = new Map<string, number>()
  const delimiter = delimiterOf(file)
  const rows = makeRowScanner(delimiter.charCodeAt(0))
  const elements = makeElementScanner()

  /** Records before the slice in the making, and the line and byte at which it begins. */
  let index = 0
  let line = 1
  let start = -1
  let end = 0
  let inSlice = 0
  let linesInSlice = 0
  let first: First = { index: 0, line: 1, byte: 0, counts: noCounts }
  let bounds: Array<number> = []
  let kept: Array<Uint8Array> = []
  /** Bytes of the elements in `kept`. */
  let keptBytes = 0
  /** Beginning of the record that is being scanned (lines and rows). */
  let recordAt = 0
  let header: ReadonlyArray<string> | undefined
  let groupOf: ((row: ReadonlyArray<string>) => string) | undefined
  let group: string | undefined

  const flush = (): void => {
    if (start < 0) return
    const range = { file, path, start, end, first, ...(inline ? { inline: Buffer.concat(kept) } : {}) }
    if (reader === "jsonl") ready.push({ kind: "lines", ...range })
    else if (reader === "json") ready.push({ kind: "elements", ...range, bounds })
    else ready.push({ kind: "rows", ...range, header: header ?? [] })
    index += inSlice
    line += linesInSlice
    start = -1
    inSlice = 0
    linesInSlice = 0
    bounds = []
    kept = []
    keptBytes = 0
  }
  const begin = (at: number): void => {
    start = at
    first = { index, line, byte: at, counts: countKey === undefined ? noCounts : [...counts] }
  }
  const bad = (reason: string, byte: number, detail?: Detail): void => {
    flush()
    const place = reader === "json" ? { file, index, byte } : { file, line, byte }
    ready.push({
      kind: "bad",
      file,
      reason,
      place,
      first: { index, line, byte, counts: noCounts },
      ...(detail === undefined ? {} : { detail }),
    })
    index++
    group = undefined
  }

  /** Takes a line or a row: `bytes` from `from` to `to`, its line end included. */
  const takeLine = (bytes: Uint8Array, from: number, to: number, base: number): void => {
    const at = base + from
    if (to - from > maxRecordBytes) {
      bad("TooLarge", at, { bytes: to - from })
      line += countLines(bytes, from, to)
      return
    }
    if (reader === "csv") {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8")
      if (header === undefined) {
        header = splitRow(text, delimiter).map((name) => name.trim())
        groupOf = options.groupOf?.(header)
        line += countLines(bytes, from, to)
        return
      }
      if (groupOf !== undefined && text.trim() !== "") {
        // A row that the reader will refuse does not tell where a group ends.
        const fields = splitRow(text, delimiter)
        const usable = fields.length === header.length && isUtf8(bytes.subarray(from, to))
        const key = usable ? groupOf(fields) : group
        if (key !== group) {
          if (start >= 0 && end - start >= sliceBytes) flush()
          inSlice++
          group = key
        }
      } else if (groupOf === undefined && !isBlank(bytes, from, to)) inSlice++
    } else if (!isBlank(bytes, from, to)) inSlice++
    if (start < 0) {
      const counted = inSlice
      begin(at)
      inSlice = counted
    }
    end = base + to
    linesInSlice += reader === "csv" ? countLines(bytes, from, to) : 1
    if (inline) kept.push(Uint8Array.from(bytes.subarray(from, to)))
    if (end - start >= sliceBytes && groupOf === undefined) flush()
  }

  const takeElement = (bytes: Uint8Array, base: number, from: number, to: number): void => {
    if (to - from > maxRecordBytes || from < base) {
      bad("TooLarge", from, { bytes: to - from })
      return
    }
    const element = bytes.subarray(from - base, to - base)
    if (start < 0) begin(from)
    const key = countKey?.(element)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    if (inline) {
      bounds.push(keptBytes, keptBytes + element.length)
      kept.push(Uint8Array.from(element))
      keptBytes += element.length
    } else bounds.push(from - start, to - start)
    end = to
    inSlice++
    if (end - start >= sliceBytes) flush()
  }

  /** A line that is too large to be held: dropped until its end is seen. */
  let dropping = -1

  return {
    begin: (at: number): void => {
      recordAt = at
    },
    push: (buffer: Uint8Array, base: number, fresh: number): void => {
      if (reader === "json") {
        elements.scan(buffer, fresh, base, { element: (from, to) => takeElement(buffer, base, from, to) })
        return
      }
      let at = dropping >= 0 ? fresh : Math.max(fresh, recordAt - base)
      for (;;) {
        const newline = reader === "jsonl" ? buffer.indexOf(10, at) : -1
        const next = reader === "jsonl" ? (newline < 0 ? -1 : newline + 1) : rows.rowEnd(buffer, at)
        if (next < 0) break
        if (dropping >= 0) {
          bad("TooLarge", dropping, { bytes: base + next - dropping })
          line++
          dropping = -1
        } else takeLine(buffer, recordAt - base, next, base)
        recordAt = base + next
        at = next
      }
      if (dropping < 0 && base + buffer.length - recordAt > maxRecordBytes) {
        // The beginning of the line need not be held any longer.
        flush()
        dropping = recordAt
      }
    },
    /** Offset from which on bytes are still needed. */
    keepFrom: (): number => {
      if (reader !== "json") return dropping >= 0 ? Number.POSITIVE_INFINITY : recordAt
      const open = elements.openAt()
      return open < 0 ? Number.POSITIVE_INFINITY : open
    },
    take: function* (): Generator<Slice> {
      yield* ready.splice(0)
    },
    end: (carry: Uint8Array, base: number, broken: string | undefined): void => {
      if (reader === "json") {
        const open = elements.openAt()
        if (open >= 0 && broken === undefined && elements.complete() === false) {
          // A scalar at the very end is complete; anything else is cut off.
          const text = Buffer.from(carry).toString("utf8").trim()
          if (/^[^[{"]/.test(text)) takeElement(carry, base, open, base + carry.length)
          else bad("CutTail", open, { bytes: base + carry.length - open })
        } else if (!elements.complete() || broken !== undefined) {
          bad("CutTail", base + carry.length, broken)
        }
      } else if (broken !== undefined) {
        if (reader === "jsonl" || carry.length > 0 || start >= 0) bad("CutTail", recordAt, broken)
        else bad("CutTail", base, broken)
      } else if (dropping >= 0) {
        bad("TooLarge", dropping, { bytes: base + carry.length - dropping })
      } else if (carry.length > 0) {
        if (reader === "csv" && rows.insideQuotes()) bad("UnclosedQuote", recordAt, { bytes: carry.length })
        else takeLine(carry, recordAt - base, carry.length, base)
      }
      flush()
    },
  }
}

const countLines = (bytes: Uint8Array, from: number, to: number): number => {
  let lines = 0
  for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) lines++
  return Math.max(1, lines)
}

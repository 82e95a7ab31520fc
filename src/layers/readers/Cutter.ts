/** Collects lines, rows or elements into slices. */
import { isUtf8 } from "node:buffer"
import type { First, Gap, GroupKey } from "../../domain/Component.ts"
import type { Place } from "../../domain/Record.ts"
import type { Detail } from "../../domain/Rejection.ts"
import type { Slice, Stamp } from "../../domain/Slice.ts"
import { isBlank, makeRowScanner, splitRow } from "./Csv.ts"
import { delimiterOf } from "./Kinds.ts"
import { type ElementSink, makeElementScanner } from "./JsonArray.ts"
import type { PlanFileOptions } from "./Plan.ts"

/** Takes the content of a file piece by piece and cuts it. Offsets are those of the content. */
export interface Cutter {
  /** The content begins behind a byte-order mark. */
  readonly begin: (at: number) => void
  /** `buffer` begins at `base`; what is new in it at `fresh`. */
  readonly push: (buffer: Uint8Array, base: number, fresh: number) => void
  /** Offset from which on bytes are still needed. */
  readonly keepFrom: () => number
  /** The slices that are ready. */
  readonly take: () => Generator<Slice>
  /** `broken` tells why there is no more, where the file should go on. */
  readonly end: (carry: Uint8Array, base: number, broken: string | undefined) => void
}

export const noCounts: ReadonlyArray<readonly [string, number]> = []

/** Collects records into slices. Offsets are those of the content. Without a stamp slices hold their bytes themselves. */
export const makeCutter = (
  { file, path }: { readonly file: string; readonly path: string },
  reader: "jsonl" | "json" | "csv",
  options: PlanFileOptions,
  stamp: Stamp | undefined,
): Cutter => {
  const { countKey, maxRecordBytes, sliceBytes } = options
  const inline = stamp === undefined
  const ready: Array<Slice> = []
  const counts = new Map<string, number>()
  const delimiter = delimiterOf(file)
  const rows = makeRowScanner(delimiter.charCodeAt(0))
  // Half of what may be held: the records of an object that holds records are known before they have to be let go.
  const elements = makeElementScanner({
    path: options.path,
    keyedAfter: Math.min(1024 * 1024, maxRecordBytes >> 1),
  })

  /** Records before the slice in the making, and the line and byte at which it begins. */
  let index = 0
  let line = 1
  let start = -1
  let end = 0
  let inSlice = 0
  let linesInSlice = 0
  let first: First = { index: 0, line: 1, byte: 0, counts: noCounts }
  let bounds: Array<number> = []
  /** Whether the elements in the slice begin with their keys. */
  let keyed = false
  let kept: Array<Uint8Array> = []
  /** Bytes of the lines, rows or elements that the slice holds. */
  let keptBytes = 0
  let gaps: Array<Gap> = []
  /** Beginning of the record that is being scanned (lines and rows). */
  let recordAt = 0
  let header: ReadonlyArray<string> | undefined
  /** The header says that nothing below it can be read. */
  let refused = false
  let groupOf: GroupKey | undefined
  /** The group that the last row belongs to. */
  let group: Group | undefined

  const flush = (): void => {
    if (start < 0) return
    const range = {
      file,
      path,
      start,
      end,
      first,
      ...(stamp === undefined ? { inline: Buffer.concat(kept) } : { stamp }),
    }
    if (reader === "jsonl") ready.push({ kind: "lines", ...range })
    else if (reader === "json") ready.push({ kind: "elements", ...range, bounds, ...(keyed ? { keyed } : {}) })
    else ready.push({ kind: "rows", ...range, header: header ?? [], ...(gaps.length === 0 ? {} : { gaps }) })
    index += inSlice
    line += linesInSlice
    start = -1
    inSlice = 0
    linesInSlice = 0
    bounds = []
    kept = []
    keptBytes = 0
    gaps = []
  }
  const begin = (at: number): void => {
    if (start >= 0) return
    start = at
    first = { index, line, byte: at, counts: countKey === undefined ? noCounts : [...counts] }
  }
  const pushBad = (reason: string, place: Place, detail: Detail | undefined): void => {
    ready.push({
      kind: "bad",
      file,
      reason,
      place,
      first: { index, line: place.line ?? line, byte: place.byte ?? 0, counts: noCounts },
      ...(detail === undefined ? {} : { detail }),
    })
    index++
  }
  const bad = (reason: string, byte: number, detail?: Detail): void => {
    endGroup()
    flush()
    pushBad(reason, reader === "json" ? { file, index, byte } : { file, line, byte }, detail)
  }
  const count = (bytes: Uint8Array): void => {
    const key = countKey?.(bytes)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  const beginGroup = (key: string | undefined, at: number): void => {
    endGroup()
    if (start >= 0 && keptBytes >= sliceBytes) flush()
    group = {
      key,
      byte: at,
      line: line + linesInSlice,
      bytes: 0,
      dropped: false,
      before: start < 0 ? undefined : { end, linesInSlice, inSlice, kept: kept.length, keptBytes, gaps: gaps.length },
    }
    inSlice++
  }
  const endGroup = (): void => {
    if (group?.dropped === true) {
      pushBad("TooLarge", { file, line: group.line, byte: group.byte }, { bytes: group.bytes })
    }
    group = undefined
  }
  /** The group is too large to be held: takes it out of the slice, which ends before it. */
  const dropGroup = (open: Group): void => {
    open.dropped = true
    const { before } = open
    const lines = linesInSlice - (before?.linesInSlice ?? 0)
    if (before === undefined) start = -1
    end = before?.end ?? 0
    linesInSlice = before?.linesInSlice ?? 0
    inSlice = before?.inSlice ?? 0
    kept.length = before?.kept ?? 0
    keptBytes = before?.keptBytes ?? 0
    gaps.length = before?.gaps ?? 0
    flush()
    line += lines
  }
  /** Adds a row to its group; true when the slice is to hold it. */
  const enterGroup = (key: string | undefined, at: number, size: number): boolean => {
    if (group === undefined || (key !== undefined && group.key !== undefined && key !== group.key)) beginGroup(key, at)
    const open = group as Group
    open.key ??= key
    open.bytes += size
    return !open.dropped
  }

  /** A row or line that cannot be read at all. */
  const lose = (reason: string, at: number, size: number, lines: number): void => {
    if (reader === "csv" && header === undefined) return refuse(reason, at, { bytes: size, part: "header" })
    if (groupOf === undefined) {
      bad(reason, at, { bytes: size })
      line += lines
      return
    }
    if (group === undefined) beginGroup(undefined, at)
    if (group?.dropped === true) {
      group.bytes += size
      line += lines
      return
    }
    begin(at)
    gaps.push({ at: keptBytes, size, lines, byte: at, reason, detail: { bytes: size } })
    end = at + size
    linesInSlice += lines
  }
  /** One bad record in the place of the file's rows. */
  const refuse = (reason: string, at: number, detail: Detail): void => {
    refused = true
    bad(reason, at, detail)
  }

  const takeHeader = (row: Buffer, at: number): void => {
    if (isBlank(row, 0, row.length)) {
      line += countLines(row, 0, row.length)
      return
    }
    const names = splitRow(row.toString("utf8"), delimiter).map((name) => name.trim())
    if (!isUtf8(row)) return refuse("InvalidUtf8", at, { part: "header" })
    if (row.includes(0)) {
      const problem = 'NUL bytes: no text, or UTF-16 without a byte-order mark, which "encoding: utf-16le" would read'
      return refuse("InvalidHeader", at, { problem })
    }
    if (names.some((name) => /\r(?!\n)/.test(name))) {
      return refuse("InvalidHeader", at, { problem: "lines end with CR alone, or a column's name holds a CR" })
    }
    const key = options.groupOf?.(names)
    if (key?.problem !== undefined) return refuse(key.problem.reason, at, key.problem.detail)
    header = names
    groupOf = key
    line += countLines(row, 0, row.length)
  }

  /** Takes a line or a row: `bytes` from `from` to `to`, its line end included. */
  const takeLine = (bytes: Uint8Array, from: number, to: number, base: number): void => {
    const at = base + from
    const lines = reader === "csv" ? countLines(bytes, from, to) : 1
    if (to - from > maxRecordBytes) return lose("TooLarge", at, to - from, lines)
    const row = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
    if (reader === "csv" && header === undefined) return takeHeader(row, at)
    const blank = isBlank(row, 0, row.length)
    if (groupOf !== undefined && !blank) {
      const fields = splitRow(row.toString("utf8"), delimiter)
      // A row that the reader will refuse does not tell where a group ends.
      const usable = fields.length === header?.length && isUtf8(row)
      const held = enterGroup(usable ? groupOf(fields) : undefined, at, row.length)
      if (held && (group as Group).bytes > maxRecordBytes) dropGroup(group as Group)
    }
    if (group?.dropped === true) {
      line += lines
      return
    }
    begin(at)
    if (!blank && groupOf === undefined) {
      inSlice++
      if (countKey !== undefined && reader === "jsonl") count(withoutLf(row))
    }
    end = base + to
    linesInSlice += lines
    keptBytes += row.length
    if (inline) kept.push(Uint8Array.from(row))
    if (groupOf === undefined && keptBytes >= sliceBytes) flush()
  }

  const takeElement = (bytes: Uint8Array, base: number, from: number, to: number, withKey: boolean): void => {
    if (withKey !== keyed) {
      flush()
      keyed = withKey
    }
    if (to - from > maxRecordBytes || from < base) {
      bad("TooLarge", from, { bytes: to - from })
      return
    }
    const element = bytes.subarray(from - base, to - base)
    begin(from)
    if (countKey !== undefined) count(element)
    if (inline) {
      bounds.push(keptBytes, keptBytes + element.length)
      kept.push(Uint8Array.from(element))
    } else bounds.push(from - start, to - start)
    keptBytes += element.length
    end = to
    inSlice++
    if (end - start >= sliceBytes) flush()
  }

  const elementsOf = (bytes: Uint8Array, base: number): ElementSink => ({
    element: (from, to, withKey) => takeElement(bytes, base, from, to, withKey),
    missing: (at) => bad("PathNotFound", at, (options.path ?? []).join(".")),
  })

  /** A line that is too large to be held: dropped until its end is seen. Its line ends are counted. */
  let dropping = -1
  let droppedLines = 0
  /** Offset of the bytes that were looked at. */
  let seen = 0

  return {
    begin: (at: number): void => {
      recordAt = at
    },
    push: (buffer: Uint8Array, base: number, fresh: number): void => {
      seen = base + buffer.length
      if (refused) return
      if (reader === "json") {
        elements.scan(buffer, fresh, base, elementsOf(buffer, base))
        return
      }
      let at = dropping >= 0 ? fresh : Math.max(fresh, recordAt - base)
      for (;;) {
        const newline = reader === "jsonl" ? buffer.indexOf(10, at) : -1
        const next = reader === "jsonl" ? (newline < 0 ? -1 : newline + 1) : rows.rowEnd(buffer, at)
        if (next < 0) break
        if (dropping >= 0) {
          lose("TooLarge", dropping, base + next - dropping, droppedLines + linesIn(buffer, at, next))
          dropping = -1
        } else takeLine(buffer, recordAt - base, next, base)
        if (refused) return
        recordAt = base + next
        at = next
      }
      if (dropping >= 0) droppedLines += linesIn(buffer, at, buffer.length)
      else if (base + buffer.length - recordAt > maxRecordBytes) {
        // The beginning of the line need not be held any longer.
        dropping = recordAt
        droppedLines = linesIn(buffer, recordAt - base, buffer.length)
      }
    },
    keepFrom: (): number => {
      if (refused) return Number.POSITIVE_INFINITY
      if (reader !== "json") return dropping >= 0 ? Number.POSITIVE_INFINITY : recordAt
      const open = elements.openAt()
      return open < 0 || seen - open > maxRecordBytes ? Number.POSITIVE_INFINITY : open
    },
    take: function* (): Generator<Slice> {
      yield* ready.splice(0)
    },
    end: (carry: Uint8Array, base: number, broken: string | undefined): void => {
      const size = base + carry.length
      if (refused) return
      if (reader === "json") {
        elements.end(elementsOf(carry, base))
        const open = elements.openAt()
        if (open >= 0 && broken === undefined && elements.endsInScalar())
          elements.endScalar(size, elementsOf(carry, base))
        else if (open >= 0 && broken === undefined) bad("CutTail", open, { bytes: size - open })
        else if (!elements.complete() || broken !== undefined) bad("CutTail", size, broken)
      } else if (broken !== undefined) {
        bad("CutTail", recordAt, broken)
      } else if (recordAt < size) {
        // Behind a quote that nothing closes may stand any number of records: one of its own, never part of a group.
        if (reader === "csv" && rows.insideQuotes()) bad("UnclosedQuote", recordAt, { bytes: size - recordAt })
        else if (dropping >= 0) lose("TooLarge", dropping, size - dropping, droppedLines)
        else takeLine(carry, recordAt - base, carry.length, base)
      }
      endGroup()
      flush()
    },
  }
}

/** A group in the making. */
interface Group {
  /** Undefined as long as no row has told it. */
  key: string | undefined
  readonly byte: number
  readonly line: number
  /** Bytes of its rows, without those that are too large to be held. */
  bytes: number
  /** Too large to be held: counted up to its end, then told. */
  dropped: boolean
  /** What the slice was before the group, where it began before it. */
  readonly before:
    | {
        readonly end: number
        readonly linesInSlice: number
        readonly inSlice: number
        readonly kept: number
        readonly keptBytes: number
        readonly gaps: number
      }
    | undefined
}

const withoutLf = (bytes: Buffer): Buffer => (bytes[bytes.length - 1] === 10 ? bytes.subarray(0, -1) : bytes)

const linesIn = (bytes: Uint8Array, from: number, to: number): number => {
  let lines = 0
  for (let at = bytes.indexOf(10, from); at >= 0 && at < to; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

/** A last line without its end is a line. */
const countLines = (bytes: Uint8Array, from: number, to: number): number => Math.max(1, linesIn(bytes, from, to))

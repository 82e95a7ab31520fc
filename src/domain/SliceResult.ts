/**
 * The result of a slice as one buffer: what is sent between threads and what is kept for resuming are the same bytes.
 *
 * Layout: 8 bytes magic, header length and rows offset (two little-endian uint32), the header as JSON, the fingerprints
 * one after another, the rows.
 */
import type { Place } from "./Record.ts"
import type { Rejection } from "./Rejection.ts"
import type { TaskCounts } from "./Report.ts"

/** An episode that the slice kept; filters with memory may still drop it. */
export interface KeptEpisode {
  readonly id: string
  readonly place: Place
  /** End of its rows, relative to the rows' beginning; they begin where the last one's end. */
  readonly end: number
  readonly examples: number
  readonly turns: number
  readonly cut: number
  readonly tokens: number
  /** Bytes of its fingerprint for each filter with memory, in config order. */
  readonly prints: ReadonlyArray<number>
}

export interface SliceHeader {
  /** Counts of the slice without what becomes of the kept episodes. */
  readonly counts: TaskCounts
  /** In record order; `before` is the number of kept episodes that stand before it. */
  readonly rejections: ReadonlyArray<{ readonly before: number; readonly line: Rejection }>
  readonly kept: ReadonlyArray<KeptEpisode>
  /** Records taken by this slice, for `--limit`. */
  readonly records: number
}

export interface SliceResult {
  readonly header: SliceHeader
  readonly prints: Uint8Array
  readonly rows: Uint8Array
}

const magic = 0x31535444 // "DTS1"

export const encode = (header: SliceHeader, prints: ReadonlyArray<Uint8Array>, rows: string): Uint8Array => {
  const head = Buffer.from(JSON.stringify(header), "utf8")
  let printBytes = 0
  for (const print of prints) printBytes += print.length
  const rowBytes = Buffer.byteLength(rows, "utf8")
  const rowsAt = 16 + head.length + printBytes
  const out = Buffer.from(new ArrayBuffer(rowsAt + rowBytes))
  out.writeUInt32LE(magic, 0)
  out.writeUInt32LE(head.length, 4)
  out.writeUInt32LE(rowsAt, 8)
  out.set(head, 16)
  let at = 16 + head.length
  for (const print of prints) {
    out.set(print, at)
    at += print.length
  }
  out.write(rows, rowsAt, "utf8")
  return out
}

/** Reads the header and makes views; the rows are not decoded. Throws on bytes that are no result. */
export const decode = (bytes: Uint8Array): SliceResult => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < 16 || buffer.readUInt32LE(0) !== magic) throw new Error("not a slice result")
  const headEnd = 16 + buffer.readUInt32LE(4)
  const rowsAt = buffer.readUInt32LE(8)
  const header = JSON.parse(buffer.toString("utf8", 16, headEnd)) as SliceHeader
  return { header, prints: buffer.subarray(headEnd, rowsAt), rows: buffer.subarray(rowsAt) }
}

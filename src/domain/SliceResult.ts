/**
 * The result of a slice as one buffer: what is sent between threads and what is kept for resuming are the same bytes.
 *
 * Layout, little-endian: 32 bytes for a digest of all that follows, zeros until it is kept; magic, count of kept episodes,
 * count of fingerprints of each, length of the head (uint32 each); then, each from where the last one ends, the table of
 * kept episodes (float64, one line an episode), the head (counts, what was left out, names of files) as JSON, the
 * identifiers, the fingerprints, the rows.
 */
import { ByteWriter } from "./ByteWriter.ts"
import type { Place } from "./Record.ts"
import type { Rejection } from "./Rejection.ts"
import type { TaskCounts } from "./Report.ts"
import { sha256 } from "./Sha256.ts"

/** An episode that the slice kept; filters with memory may still drop it. */
export interface KeptEpisode {
  readonly id: string
  readonly place: Place
  readonly examples: number
  readonly turns: number
  readonly cut: number
  readonly tokens: number
}

/** What was left out; `before` is the number of kept episodes that stand before it. */
export interface Told {
  readonly before: number
  readonly line: Rejection
}

interface Head {
  /** Counts of the slice without what becomes of the kept episodes. */
  readonly counts: TaskCounts
  /** In record order. */
  readonly rejections: ReadonlyArray<Told>
  /** Records taken by this slice, for `--limit`. */
  readonly records: number
}

interface StoredHead extends Head {
  readonly files: ReadonlyArray<string>
  /** Bytes of the identifiers and of the fingerprints. */
  readonly idBytes: number
  readonly printBytes: number
}

/** The kept episodes of a slice, by their number in it. Nothing is decoded before it is asked for. */
export interface Kept {
  readonly count: number
  readonly id: (episode: number) => string
  readonly idBytes: (episode: number) => Uint8Array
  readonly place: (episode: number) => Place
  readonly examples: (episode: number) => number
  readonly turns: (episode: number) => number
  readonly cut: (episode: number) => number
  readonly tokens: (episode: number) => number
  /** Its rows begin where those of the last one end; relative to the rows' beginning. */
  readonly end: (episode: number) => number
  /** Its fingerprint for each filter with memory, in config order: views. */
  readonly prints: (episode: number) => ReadonlyArray<Uint8Array>
}

export interface SliceResult extends Head {
  readonly kept: Kept
  readonly rows: Uint8Array
}

/** Bytes of the digest in front. */
export const digestBytes = 32

const magic = 0x32535444 // "DTS2"
const fixedBytes = digestBytes + 16

// Columns of the table; those of fingerprints come behind. A number of a place that is not there is not a number.
const idEnd = 0
const rowsEnd = 1
const examplesAt = 2
const turnsAt = 3
const cutAt = 4
const tokensAt = 5
const fileAt = 6
const placeAt = 7
const placeKeys = ["line", "index", "row", "byte"] as const
const fixedColumns = placeAt + placeKeys.length

/** Takes what a slice gives, and makes its result. One at a time; it is used again for the next slice. */
export interface SliceWriter {
  /** Begins a slice whose episodes have so many fingerprints each. */
  readonly begin: (prints: number) => void
  /** Where rows are written, before their episode is kept. */
  readonly rows: ByteWriter
  /** Episodes kept so far. */
  readonly kept: () => number
  /** Keeps an episode whose rows are all that was written since the last one. */
  readonly keep: (episode: KeptEpisode, prints: ReadonlyArray<Uint8Array>) => void
  readonly finish: (head: Head) => Uint8Array
}

export const makeSliceWriter = (): SliceWriter => {
  const rows = new ByteWriter()
  const ids = new ByteWriter()
  const prints = new ByteWriter()
  const head = new ByteWriter()
  const files = new Map<string, number>()
  let table = new Float64Array(1 << 12)
  let columns = fixedColumns
  let count = 0
  return {
    rows,
    kept: () => count,
    begin: (printCount) => {
      for (const writer of [rows, ids, prints]) writer.cut(0)
      files.clear()
      columns = fixedColumns + printCount
      count = 0
    },
    keep: ({ cut, examples, id, place, tokens, turns }, own) => {
      const at = count * columns
      if (at + columns > table.length) {
        const larger = new Float64Array(table.length * 2 + columns)
        larger.set(table.subarray(0, at))
        table = larger
      }
      let file = files.get(place.file)
      if (file === undefined) {
        file = files.size
        files.set(place.file, file)
      }
      ids.text(id)
      table[at + idEnd] = ids.length
      table[at + rowsEnd] = rows.length
      table[at + examplesAt] = examples
      table[at + turnsAt] = turns
      table[at + cutAt] = cut
      table[at + tokensAt] = tokens
      table[at + fileAt] = file
      table[at + placeAt] = place.line ?? Number.NaN
      table[at + placeAt + 1] = place.index ?? Number.NaN
      table[at + placeAt + 2] = place.row ?? Number.NaN
      table[at + placeAt + 3] = place.byte ?? Number.NaN
      for (let i = 0; i < own.length; i++) {
        prints.bytes(own[i] as Uint8Array)
        table[at + fixedColumns + i] = prints.length
      }
      count++
    },
    finish: (told) => {
      const stored: StoredHead = {
        ...told,
        files: [...files.keys()],
        idBytes: ids.length,
        printBytes: prints.length,
      }
      head.cut(0)
      head.json(stored)
      const tableBytes = count * columns * 8
      const parts = [head, ids, prints, rows]
      const size = parts.reduce((sum, part) => sum + part.length, fixedBytes + tableBytes)
      const out = Buffer.from(new ArrayBuffer(size))
      out.writeUInt32LE(magic, digestBytes)
      out.writeUInt32LE(count, digestBytes + 4)
      out.writeUInt32LE(columns - fixedColumns, digestBytes + 8)
      out.writeUInt32LE(head.length, digestBytes + 12)
      out.set(new Uint8Array(table.buffer, 0, tableBytes), fixedBytes)
      let at = fixedBytes + tableBytes
      for (const part of parts) {
        out.set(part.view(), at)
        at += part.length
      }
      return out
    },
  }
}

/** Reads the head and makes views; rows and identifiers are not decoded. Throws on bytes that are no result. */
export const decode = (bytes: Uint8Array): SliceResult => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < fixedBytes || buffer.readUInt32LE(digestBytes) !== magic) throw new Error("not a slice result")
  const count = buffer.readUInt32LE(digestBytes + 4)
  const printCount = buffer.readUInt32LE(digestBytes + 8)
  const columns = fixedColumns + printCount
  const headAt = fixedBytes + count * columns * 8
  const idsAt = headAt + buffer.readUInt32LE(digestBytes + 12)
  const stored = JSON.parse(buffer.toString("utf8", headAt, idsAt)) as StoredHead
  const printsAt = idsAt + stored.idBytes
  const rowsAt = printsAt + stored.printBytes
  const table =
    buffer.byteOffset % 8 === 0
      ? new Float64Array(buffer.buffer, buffer.byteOffset + fixedBytes, count * columns)
      : new Float64Array(Uint8Array.prototype.slice.call(buffer, fixedBytes, headAt).buffer)
  const at = (episode: number, column: number): number => table[episode * columns + column] as number
  const startOf = (episode: number, column: number): number => (episode === 0 ? 0 : at(episode - 1, column))
  const idBytes = (episode: number): Buffer =>
    buffer.subarray(idsAt + startOf(episode, idEnd), idsAt + at(episode, idEnd))
  const { counts, files, records, rejections } = stored
  return {
    counts,
    rejections,
    records,
    rows: buffer.subarray(rowsAt),
    kept: {
      count,
      idBytes,
      id: (episode) => idBytes(episode).toString("utf8"),
      place: (episode) => {
        const place: { file: string; line?: number; index?: number; row?: number; byte?: number } = {
          file: files[at(episode, fileAt)] as string,
        }
        placeKeys.forEach((key, i) => {
          const value = at(episode, placeAt + i)
          if (!Number.isNaN(value)) place[key] = value
        })
        return place
      },
      examples: (episode) => at(episode, examplesAt),
      turns: (episode) => at(episode, turnsAt),
      cut: (episode) => at(episode, cutAt),
      tokens: (episode) => at(episode, tokensAt),
      end: (episode) => at(episode, rowsEnd),
      prints: (episode) => {
        const own: Array<Uint8Array> = []
        let from = printCount === 0 ? 0 : startOf(episode, fixedColumns + printCount - 1)
        for (let i = 0; i < printCount; i++) {
          const to = at(episode, fixedColumns + i)
          own.push(buffer.subarray(printsAt + from, printsAt + to))
          from = to
        }
        return own
      },
    },
  }
}

/** Puts the digest in front of a result that is to be kept. */
export const seal = (result: Uint8Array): void => {
  result.set(sha256(result.subarray(digestBytes)), 0)
}

/** Whether kept bytes are those of a result that was sealed. */
export const isSealed = (bytes: Uint8Array): boolean =>
  bytes.length >= fixedBytes &&
  Buffer.from(bytes.buffer, bytes.byteOffset, digestBytes).equals(sha256(bytes.subarray(digestBytes)))

/** Parquet by row groups. */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type CompressionCodec,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { decompress as decompressZstd } from "fzstd"
import { parquetHeader } from "hyparquet/src/column.js"
import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { closeSync, createReadStream, openSync, readSync } from "node:fs"
import {
  defaultSliceBytes,
  maxJsonDepth,
  type PlannedFile,
  type RowGroupSlice,
  type Slice,
  type Stamp,
} from "../../domain/Slice.ts"
import { checkLevelsV2, checkPage, checkValues, type ColumnLevels } from "./Levels.ts"
import { changed, FileChanged, readStamp, sameStamp, UnreadableRow } from "./Unchanged.ts"

/**
 * Unpacked bytes that are decoded at once: as a rule a whole row group. Larger ones are decoded in blocks, each of which
 * unpacks the columns of lists from their beginning.
 */
const blockBytes = 16 * 1024 * 1024

type RowGroupMeta = FileMetaData["row_groups"][number]

interface Opened {
  readonly path: string
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  /** First row and number of rows of each row group. */
  readonly groups: ReadonlyArray<Group>
}

interface Group {
  readonly start: number
  readonly rows: number
  /** Rows that are decoded at once. */
  readonly blockRows: number
  readonly meta: RowGroupMeta
  /** Rejects when its pages do not add up; made when the group is first read. */
  checked: Promise<void> | undefined
}

/** The footer of a file is read once per thread. */
const opened = new Map<string, Promise<Opened>>()

const openFile = (path: string, stamp: Stamp): Promise<Opened> => {
  const key = `${path}\0${stamp.size}\0${stamp.mtimeMs}`
  let entry = opened.get(key)
  if (entry === undefined) {
    entry = (async () => {
      const file = await asyncBufferFromFile(path)
      const metadata = await parquetMetadataAsync(file)
      let start = 0
      const groups = metadata.row_groups.map((group) => {
        const rows = Number(group.num_rows)
        if (!Number.isSafeInteger(rows) || rows < 0) throw new Error("a row group without a number of rows")
        const blocks = Math.ceil(Math.min(unpackedBytes(group), rows * 1024 * 1024) / blockBytes)
        const blockRows = Math.max(1, Math.ceil(rows / Math.max(1, blocks)))
        const found: Group = { start, rows, blockRows, meta: group, checked: undefined }
        start += rows
        return found
      })
      // The library would drop it in silence.
      if (metadata.schema.some(({ name }) => name === "__proto__")) throw new Error("a column is called __proto__")
      return { path, file, metadata, groups }
    })()
    if (opened.size > 64) opened.clear()
    opened.set(key, entry)
    entry.catch(() => opened.delete(key))
  }
  return entry
}

const unpackedBytes = ({ columns }: RowGroupMeta): number =>
  columns.reduce((sum, { meta_data: meta }) => sum + Math.max(0, Number(meta?.total_uncompressed_size ?? 0)), 0)

/** Errors of the file system tell nothing of the file's content. */
const isSystemError = (cause: unknown): boolean =>
  cause instanceof Error && typeof (cause as { readonly syscall?: unknown }).syscall === "string"

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message.slice(0, 200) : "unreadable")

export async function* planParquet(
  { file, path }: { readonly file: string; readonly path: string },
  { passed, sliceBytes }: { readonly passed?: (bytes: number) => void; readonly sliceBytes: number },
): AsyncGenerator<Slice, PlannedFile> {
  const stamp = await readStamp(path)
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  const first = { index: 0, line: 1, byte: 0, counts: [] }
  const planned = { file, bytes, sha256: hash.digest("hex") }
  let found: Opened
  try {
    found = await openFile(path, stamp)
  } catch (cause) {
    if (isSystemError(cause)) throw cause
    if (!sameStamp(stamp, await readStamp(path))) throw changed()
    yield { kind: "bad", file, reason: "InvalidParquet", place: { file }, detail: describe(cause), first }
    return planned
  }
  if (!sameStamp(stamp, await readStamp(path))) throw changed()
  const all = Math.max(
    1,
    found.groups.reduce((sum, { rows }) => sum + rows, 0),
  )
  for (const { blockRows, rows, start } of found.groups) {
    // A slice is a block, or a part of one: no two threads decode the same.
    const parts = sliceBytes >= defaultSliceBytes ? 1 : Math.ceil(defaultSliceBytes / Math.max(1, sliceBytes))
    const perSlice = Math.max(1, Math.ceil(blockRows / parts))
    for (let block = start; block < start + rows; block += blockRows) {
      const blockEnd = Math.min(block + blockRows, start + rows)
      for (let at = block; at < blockEnd; at += perSlice) {
        const slice: RowGroupSlice = {
          kind: "rowGroup",
          file,
          path,
          rowStart: at,
          rowEnd: Math.min(at + perSlice, blockEnd),
          first: { ...first, index: at },
          stamp,
        }
        passed?.((bytes * slice.rowEnd) / all)
        yield slice
      }
    }
  }
  return planned
}

/** Values, and unpacked bytes, that a page may have: pages of writers have some thousand, and a megabyte. */
const maxPageValues = 1 << 24
const maxPageBytes = 128 * 1024 * 1024

/**
 * Goes from page to page of a row group. The library believes what the pages say of themselves: a length that is missing
 * makes it read the same page for ever, a count that is too small gives rows without values, an encoding that is not
 * the page's makes a length of any bytes, and a run that is too long fills memory.
 */
const checkPages = async (
  { metadata }: Opened,
  file: AsyncBuffer,
  { columns, num_rows }: RowGroupMeta,
): Promise<void> => {
  for (const { meta_data: meta } of columns) {
    if (meta === undefined) throw new Error("a column without a description")
    const from = Number(meta.dictionary_page_offset || meta.data_page_offset)
    const end = from + Number(meta.total_compressed_size)
    if (!(from >= 0 && end >= from && end <= file.byteLength)) throw new Error("a column that lies outside the file")
    const expected = Number(meta.num_values)
    const levels = levelsOf(metadata, meta.path_in_schema)
    if (levels.maxRepetition === 0 && expected !== Number(num_rows)) {
      throw new Error("a column of another number of rows")
    }
    const column = new Uint8Array(await file.slice(from, end))
    const view = new DataView(column.buffer, column.byteOffset, column.byteLength)
    let values = 0
    for (let at = 0; at < column.length - 1; ) {
      const reader = { view, offset: at }
      const header = parquetHeader(reader)
      const next = reader.offset + header.compressed_page_size
      const v2 = header.type === "DATA_PAGE_V2" ? header.data_page_header_v2 : undefined
      const data = v2 ?? (header.type === "DATA_PAGE" ? header.data_page_header : undefined)
      const isData = header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2"
      const rows = isData ? data?.num_values : (header.dictionary_page_header?.num_values ?? 0)
      if (!isSize(header.compressed_page_size) || !isSize(header.uncompressed_page_size) || !isSize(rows)) {
        throw new Error("a page without a size")
      }
      if (rows > maxPageValues || header.uncompressed_page_size > maxPageBytes) {
        throw new Error("a page that is too large to be held")
      }
      if (next > column.length) throw new Error("a page that ends behind its column")
      if (data !== undefined && rows > 0) {
        if (data.encoding === undefined || !meta.encodings.includes(data.encoding)) {
          throw new Error("a page of an encoding that its column does not name")
        }
        const packed = column.subarray(reader.offset, next)
        const runs = { values: rows, encoding: data.encoding, isBoolean: meta.type === "BOOLEAN" }
        const inRuns = /^RLE|_DICTIONARY$/.test(data.encoding)
        if (v2 !== undefined) {
          const { definition_levels_byte_length: definition, repetition_levels_byte_length: repetition } = v2
          checkLevelsV2(packed, levels, rows, repetition, definition)
          const plainValues = rows - v2.num_nulls
          if (!isSize(plainValues)) throw new Error("a page with more nulls than values")
          if (inRuns) {
            const size = header.uncompressed_page_size - definition - repetition
            const page = packed.subarray(repetition + definition)
            checkValues(v2.is_compressed === false ? page : unpackPage(page, size, meta.codec), 0, runs, plainValues)
          }
        } else if (inRuns || levels.maxDefinition > 0 || levels.maxRepetition > 0) {
          checkPage(unpackPage(packed, header.uncompressed_page_size, meta.codec), levels, runs)
        }
      }
      if (isData) values += rows
      at = next
    }
    if (values !== expected) throw new Error(`pages with ${values} values in a column of ${expected}`)
  }
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/** The library's own of zstd unpacks whatever comes, of any size. */
const codecs: Compressors = {
  ...compressors,
  ZSTD: (packed, size) => decompressZstd(packed, new Uint8Array(size)),
}

const unpackPage = (packed: Uint8Array, size: number, codec: CompressionCodec): Uint8Array => {
  const unpack = codecs[codec]
  return codec === "UNCOMPRESSED" || unpack === undefined ? packed : unpack(packed, size)
}

/** How deep a column's values may lie: each element that may be absent or be repeated is a level. */
const levelsOf = ({ schema }: FileMetaData, path: ReadonlyArray<string>): ColumnLevels => {
  // The elements stand one after another, parents before children.
  let at = 1
  let maxDefinition = 0
  let maxRepetition = 0
  for (const name of path) {
    while (schema[at] !== undefined && schema[at]?.name !== name) at = behind(schema, at)
    const type = schema[at]?.repetition_type
    if (schema[at] === undefined) throw new Error("a column that is not described")
    if (type !== "REQUIRED" && type !== undefined) maxDefinition++
    if (type === "REPEATED") maxRepetition++
    at++
  }
  return { maxDefinition, maxRepetition }
}

const behind = (schema: FileMetaData["schema"], at: number): number => {
  let next = at + 1
  for (let children = schema[at]?.num_children ?? 0; children > 0 && next < schema.length; children--) {
    next = behind(schema, next)
  }
  return next
}

/** A value that is not what its column says. It makes its row unreadable, and only that. */
class BadValue {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
  /** The library makes keys of strings: such a loss must not pass in silence. */
  toString(): string {
    throw new Error(`${this.reason} in a key`)
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Of no value (undefined) no value is made. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined): unknown => {
    if (bytes === undefined) return undefined
    try {
      return utf8.decode(bytes)
    } catch {
      return new BadValue("InvalidUtf8")
    }
  },
  jsonFromBytes: (bytes: Uint8Array | undefined): unknown => {
    if (bytes === undefined) return undefined
    if (!isUtf8(bytes)) return new BadValue("InvalidUtf8")
    try {
      return JSON.parse(text(bytes))
    } catch {
      return new BadValue("InvalidJson")
    }
  },
}

/**
 * Plain JSON-like values: no BigInt, no Date, no undefined, and bytes as text, or in base64 where they are none. What
 * is nested deeper than a record may be is left: the record is refused. With `own` the value is changed, not copied.
 */
const plain = (value: unknown, own: boolean, depth = 0): unknown => {
  if (typeof value === "string") return value
  if (value === undefined || value === null) return null
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (depth > maxJsonDepth + 1 || typeof value !== "object") return value
  if (value instanceof BadValue) throw value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return isUtf8(value) ? text(value) : Buffer.from(value).toString("base64")
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as unknown as ArrayLike<unknown>, (item) => plain(item, own))
  }
  const from = value as { readonly [key: string]: unknown }
  const out = (own ? value : Array.isArray(value) ? [] : {}) as { [key: string]: unknown }
  for (const key of Object.keys(from)) {
    const before = from[key]
    const item = plain(before, own, depth + 1)
    if (own && item === before) continue
    if (key !== "__proto__") out[key] = item
    else Object.defineProperty(out, key, { value: item, enumerable: true, configurable: true, writable: true })
  }
  return out
}

const plainRow = (row: unknown, own: boolean): unknown => {
  try {
    return row instanceof UnreadableRow ? row : plain(row, own)
  } catch (cause) {
    if (cause instanceof BadValue) return new UnreadableRow(cause.reason)
    throw cause
  }
}

/** Bytes of a row group that are read at once. */
const nearBytes = 32 * 1024 * 1024

const readAll = (path: string, from: number, to: number): ArrayBuffer => {
  const bytes = new ArrayBuffer(to - from)
  const view = new Uint8Array(bytes)
  const file = openSync(path, "r")
  try {
    for (let at = 0; at < view.length; ) {
      const bytesRead = readSync(file, view, at, view.length - at, from + at)
      if (bytesRead === 0) throw changed()
      at += bytesRead
    }
  } finally {
    closeSync(file)
  }
  return bytes
}

/** A file whose row group is in memory: its columns and pages are read by hundreds of small reads. */
const nearby = ({ file, path }: Opened, { columns }: RowGroupMeta): AsyncBuffer => {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { meta_data: meta } of columns) {
    const start = Number(meta?.dictionary_page_offset || meta?.data_page_offset)
    from = Math.min(from, start)
    to = Math.max(to, start + Number(meta?.total_compressed_size))
  }
  if (!(from >= 0 && to > from && to <= file.byteLength && to - from <= nearBytes)) return file
  const bytes = readAll(path, from, to)
  return {
    byteLength: file.byteLength,
    slice: (start, end = file.byteLength) =>
      start >= from && end <= to ? bytes.slice(start - from, end - from) : file.slice(start, end),
  }
}

/**
 * The last blocks that were read in this thread. A file is read in blocks of its own, whatever the slices are: when a
 * part of a row group is damaged, the rows of the same blocks are bad for every size of the slices.
 */
const blocks = new Map<string, Promise<ReadonlyArray<unknown>>>()
const maxBlocks = 2

const readBlock = (
  from: Opened,
  group: Group,
  key: string,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyArray<unknown>> => {
  let block = blocks.get(key)
  if (block === undefined) {
    const { metadata } = from
    block = (async (): Promise<ReadonlyArray<unknown>> => {
      try {
        const near = nearby(from, group.meta)
        await (group.checked ??= checkPages(from, near, group.meta))
        return await parquetReadObjects({
          file: near,
          metadata,
          rowStart,
          rowEnd,
          compressors: codecs,
          parsers,
          utf8: false,
        })
      } catch (cause) {
        if (isSystemError(cause) || cause instanceof FileChanged) throw cause
        const unreadable = new UnreadableRow("InvalidParquet", { cause: describe(cause) })
        return Array.from({ length: rowEnd - rowStart }, () => unreadable)
      }
    })()
    blocks.set(key, block)
    block.catch(() => blocks.delete(key))
    for (const old of blocks.keys()) {
      if (blocks.size <= maxBlocks) break
      blocks.delete(old)
    }
  }
  return block
}

/** The rows of a slice, each made anew; an `UnreadableRow` stands for one that cannot be read. */
export const readRows = async (slice: RowGroupSlice): Promise<ReadonlyArray<unknown>> => {
  const { path, rowEnd, rowStart } = slice
  const stamp = await readStamp(path)
  const expected = slice.stamp
  if (expected !== undefined && !sameStamp(stamp, expected)) throw changed()
  const from = await openFile(path, stamp)
  const out: Array<unknown> = []
  for (const group of from.groups) {
    const end = group.start + group.rows
    if (end <= rowStart || group.start >= rowEnd) continue
    const firstBlock = Math.floor((Math.max(rowStart, group.start) - group.start) / group.blockRows)
    for (let at = group.start + firstBlock * group.blockRows; at < Math.min(end, rowEnd); at += group.blockRows) {
      const blockEnd = Math.min(at + group.blockRows, end)
      const key = `${path}\0${stamp.size}\0${stamp.mtimeMs}\0${at}`
      const rows = await readBlock(from, group, key, at, blockEnd)
      // Whoever takes the whole block is the last to need it.
      const own = rowStart <= at && blockEnd <= rowEnd
      if (own) blocks.delete(key)
      for (const row of rows.slice(Math.max(0, rowStart - at), rowEnd - at)) out.push(plainRow(row, own))
    }
  }
  if (!sameStamp(stamp, await readStamp(path))) throw changed()
  return out
}

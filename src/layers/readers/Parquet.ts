/** Parquet by row groups. */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type Encoding,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { parquetHeader } from "hyparquet/src/column.js"
import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import {
  defaultSliceBytes,
  maxJsonDepth,
  type PlannedFile,
  type RowGroupSlice,
  type Slice,
  type Stamp,
} from "../../domain/Slice.ts"
import { changed, readStamp, sameStamp, UnreadableRow } from "./Unchanged.ts"

/** Rows that are decoded at once at most: row groups of a hundred thousand short rows exist. */
const maxRows = 1000

type RowGroupMeta = FileMetaData["row_groups"][number]

interface Opened {
  readonly path: string
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  /** Rows of a block. */
  readonly blockRows: number
  /** First row and number of rows of each row group. */
  readonly groups: ReadonlyArray<Group>
}

interface Group {
  readonly start: number
  readonly rows: number
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
        const found: Group = { start, rows, meta: group, checked: undefined }
        start += rows
        return found
      })
      // The library would drop it in silence.
      if (metadata.schema.some(({ name }) => name === "__proto__")) throw new Error("a column is called __proto__")
      return { path, file, metadata, blockRows: rowsIn(defaultSliceBytes, start, stamp.size), groups }
    })()
    if (opened.size > 64) opened.clear()
    opened.set(key, entry)
    entry.catch(() => opened.delete(key))
  }
  return entry
}

/** Rows that about so many bytes unpack from. */
const rowsIn = (sliceBytes: number, rows: number, bytes: number): number =>
  Math.max(1, Math.min(maxRows, Math.ceil((rows * sliceBytes) / Math.max(1, bytes * 3))))

/** Errors of the file system tell nothing of the file's content. */
const isSystemError = (cause: unknown): boolean =>
  cause instanceof Error && typeof (cause as { readonly syscall?: unknown }).syscall === "string"

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message.slice(0, 200) : "unreadable")

export async function* planParquet(
  { file, path }: { readonly file: string; readonly path: string },
  sliceBytes: number,
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
  const total = found.groups.reduce((sum, { rows }) => sum + rows, 0)
  const perSlice = rowsIn(sliceBytes, total, bytes)
  for (const { rows, start } of found.groups) {
    for (let at = start; at < start + rows; at += perSlice) {
      const rowEnd = Math.min(at + perSlice, start + rows)
      const slice: RowGroupSlice = {
        kind: "rowGroup",
        file,
        path,
        rowStart: at,
        rowEnd,
        first: { ...first, index: at },
        stamp,
      }
      yield slice
    }
  }
  return planned
}

const headerBytes = 64 * 1024

/**
 * Goes from page to page of a row group. The library believes what the pages say of themselves: a length that is missing
 * makes it read the same page for ever, a count that is too small gives rows without values, and an encoding that is not
 * the page's makes a length of any bytes.
 */
const checkPages = async ({ file, metadata }: Opened, { columns, num_rows }: RowGroupMeta): Promise<void> => {
  for (const { meta_data: meta } of columns) {
    if (meta === undefined) throw new Error("a column without a description")
    const from = Number(meta.dictionary_page_offset || meta.data_page_offset)
    const end = from + Number(meta.total_compressed_size)
    if (!(from >= 0 && end >= from && end <= file.byteLength)) throw new Error("a column that lies outside the file")
    const expected = Number(meta.num_values)
    const repeated = repeats(metadata, meta.path_in_schema)
    if (!repeated && expected !== Number(num_rows)) throw new Error("a column of another number of rows")
    let values = 0
    for (let at = from; at < end - 1; ) {
      const { encoding, next, rows } = await readPageHeader(file, at, end)
      if (rows > 0 && (encoding === undefined || !meta.encodings.includes(encoding))) {
        throw new Error("a page of an encoding that its column does not name")
      }
      if (next > end) throw new Error("a page that ends behind its column")
      values += rows
      at = next
    }
    if (values !== expected) throw new Error(`pages with ${values} values in a column of ${expected}`)
  }
}

const readPageHeader = async (
  file: AsyncBuffer,
  at: number,
  end: number,
): Promise<{ next: number; rows: number; encoding?: Encoding | undefined }> => {
  for (let size = headerBytes; ; size = end - at) {
    const reader = { view: new DataView(await file.slice(at, Math.min(end, at + size))), offset: 0 }
    let header: ReturnType<typeof parquetHeader>
    try {
      header = parquetHeader(reader)
    } catch (cause) {
      // Only the smallest and largest value of a page make a header long.
      if (at + size < end) continue
      throw cause
    }
    const isSize = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
    const data = header.type === "DATA_PAGE" ? header.data_page_header : header.data_page_header_v2
    const rows = header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2" ? data?.num_values : 0
    if (!isSize(header.compressed_page_size) || !isSize(header.uncompressed_page_size) || !isSize(rows)) {
      throw new Error("a page without a size")
    }
    return { next: at + reader.offset + header.compressed_page_size, rows, encoding: data?.encoding }
  }
}

/** Whether a column may hold several values a row. */
const repeats = ({ schema }: FileMetaData, path: ReadonlyArray<string>): boolean => {
  // The elements stand one after another, parents before children.
  let at = 1
  for (const name of path) {
    while (schema[at] !== undefined && schema[at]?.name !== name) at = behind(schema, at)
    if (schema[at] === undefined) throw new Error("a column that is not described")
    if (schema[at]?.repetition_type === "REPEATED") return true
    at++
  }
  return false
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

/** Of no value (undefined) no value is made. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined): unknown =>
    bytes === undefined ? undefined : isUtf8(bytes) ? text(bytes) : new BadValue("InvalidUtf8"),
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
 * is nested deeper than a record may be is left: the record is refused.
 */
const plain = (value: unknown, depth = 0): unknown => {
  if (value === undefined || value === null) return null
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (depth > maxJsonDepth + 1 || typeof value !== "object") return value
  if (value instanceof BadValue) throw value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return isUtf8(value) ? text(value) : Buffer.from(value).toString("base64")
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (item) => plain(item))
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
  const out: { [key: string]: unknown } = {}
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(out, key, {
      value: plain(item, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return out
}

const plainRow = (row: unknown): unknown => {
  try {
    return row instanceof UnreadableRow ? row : plain(row)
  } catch (cause) {
    if (cause instanceof BadValue) return new UnreadableRow(cause.reason)
    throw cause
  }
}

/**
 * The last blocks that were read in this thread. A file is read in blocks of its own, whatever the slices are: when a
 * part of a row group is damaged, the rows of the same blocks are bad for every size of the slices.
 */
const blocks = new Map<string, Promise<ReadonlyArray<unknown>>>()
const maxBlocks = 4

const readBlock = (
  from: Opened,
  group: Group,
  key: string,
  rowStart: number,
  rowEnd: number,
): Promise<ReadonlyArray<unknown>> => {
  let block = blocks.get(key)
  if (block === undefined) {
    const { file, metadata } = from
    block = (async (): Promise<ReadonlyArray<unknown>> => {
      try {
        await (group.checked ??= checkPages(from, group.meta))
        return await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors, parsers, utf8: false })
      } catch (cause) {
        if (isSystemError(cause)) throw cause
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
    const firstBlock = Math.floor((Math.max(rowStart, group.start) - group.start) / from.blockRows)
    for (let at = group.start + firstBlock * from.blockRows; at < Math.min(end, rowEnd); at += from.blockRows) {
      const blockEnd = Math.min(at + from.blockRows, end)
      const rows = await readBlock(from, group, `${path}\0${stamp.size}\0${stamp.mtimeMs}\0${at}`, at, blockEnd)
      for (const row of rows.slice(Math.max(0, rowStart - at), rowEnd - at)) out.push(plainRow(row))
    }
  }
  if (!sameStamp(stamp, await readStamp(path))) throw changed()
  return out
}

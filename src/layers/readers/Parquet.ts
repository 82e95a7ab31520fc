/** Parquet by row groups. */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import type { PlannedFile, RowGroupSlice, Slice } from "../../domain/Slice.ts"

/** Rows of a slice at most: row groups of a hundred thousand short rows exist. */
const maxRows = 1000

const opened = new Map<string, Promise<{ readonly file: AsyncBuffer; readonly metadata: FileMetaData }>>()

/** The footer of a file is read once per thread. */
const openFile = (path: string) => {
  let entry = opened.get(path)
  if (entry === undefined) {
    entry = (async () => {
      const file = await asyncBufferFromFile(path)
      return { file, metadata: await parquetMetadataAsync(file) }
    })()
    if (opened.size > 64) opened.clear()
    opened.set(path, entry)
    entry.catch(() => opened.delete(path))
  }
  return entry
}

export async function* planParquet(
  { file, path }: { readonly file: string; readonly path: string },
  sliceBytes: number,
): AsyncGenerator<Slice, PlannedFile> {
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  const first = { index: 0, line: 1, byte: 0, counts: [] }
  let groups: ReadonlyArray<number>
  try {
    opened.delete(path)
    const { metadata } = await openFile(path)
    groups = metadata.row_groups.map((group) => Number(group.num_rows))
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message.slice(0, 200) : "unreadable"
    yield { kind: "bad", file, reason: "InvalidParquet", place: { file }, detail, first }
    return { file, bytes, sha256: hash.digest("hex") }
  }
  const total = groups.reduce((sum, rows) => sum + rows, 0)
  const perSlice = Math.max(1, Math.min(maxRows, Math.ceil((total * sliceBytes) / Math.max(1, bytes * 3))))
  let row = 0
  for (const rows of groups) {
    for (let at = 0; at < rows; at += perSlice) {
      const count = Math.min(perSlice, rows - at)
      yield {
        kind: "rowGroup",
        file,
        path,
        rowStart: row + at,
        rowEnd: row + at + count,
        first: { ...first, index: row + at },
      }
    }
    row += rows
  }
  return { file, bytes, sha256: hash.digest("hex") }
}

/** Plain JSON-like values: no BigInt, no Date, no bytes, no undefined. */
const plain = (value: unknown, depth = 0): unknown => {
  if (value === undefined || value === null) return null
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (depth > 64 || typeof value !== "object") return value
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

/** The rows of a slice. */
export const readRows = async ({ path, rowEnd, rowStart }: RowGroupSlice): Promise<ReadonlyArray<unknown>> => {
  const { file, metadata } = await openFile(path)
  const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors })
  return rows.map((row) => plain(row))
}

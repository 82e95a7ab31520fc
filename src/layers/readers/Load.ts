/** Brings the content of a slice into memory. */
import { open, readFile } from "node:fs/promises"
import type { SliceInput } from "../../domain/Component.ts"
import type { Slice } from "../../domain/Slice.ts"
import { readRows } from "./Parquet.ts"

const readRange = async (path: string, start: number, end: number): Promise<Uint8Array> => {
  const handle = await open(path, "r")
  try {
    const bytes = Buffer.allocUnsafeSlow(end - start)
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at)
      if (bytesRead === 0)
        throw new Error("the file became shorter while it was read; run again when nothing writes to it")
      at += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/** Rejects when a file that the plan has seen cannot be read any more. */
export const loadSlice = async (slice: Slice): Promise<{ readonly input: SliceInput }> => {
  const { first, kind } = slice
  switch (kind) {
    case "lines":
    case "elements":
    case "rows": {
      const bytes = slice.inline ?? (await readRange(slice.path, slice.start, slice.end))
      if (kind === "lines") return { input: { kind, file: slice.file, bytes, first } }
      if (kind === "elements") return { input: { kind, file: slice.file, bytes, bounds: slice.bounds, first } }
      return { input: { kind, file: slice.file, header: slice.header, bytes, first } }
    }
    case "rowGroup": {
      try {
        return { input: { kind: "values", file: slice.file, values: await readRows(slice), first } }
      } catch (cause) {
        const detail = cause instanceof Error ? cause.message.slice(0, 200) : "unreadable"
        const place = { file: slice.file, row: slice.rowStart }
        return {
          input: {
            kind: "bad",
            reason: "InvalidParquet",
            place,
            detail: { rows: slice.rowEnd - slice.rowStart, cause: detail },
            first,
          },
        }
      }
    }
    case "files": {
      const files: Array<{ file: string; bytes: Uint8Array; error?: string }> = []
      for (const { file, path } of slice.files) {
        try {
          files.push({ file, bytes: await readFile(path) })
        } catch (cause) {
          const code = (cause as { readonly code?: unknown }).code
          files.push({ file, bytes: new Uint8Array(0), error: typeof code === "string" ? code : "unreadable" })
        }
      }
      return { input: { kind, files, first } }
    }
    case "records":
      return { input: { kind, records: slice.records, first } }
    case "bad": {
      const { detail, place, reason } = slice
      return { input: { kind, reason, place, first, ...(detail === undefined ? {} : { detail }) } }
    }
  }
}

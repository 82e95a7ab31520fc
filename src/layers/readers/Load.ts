/** Brings the content of a slice into memory. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs"
import type { Gap, SliceInput } from "../../domain/Component.ts"
import { sha256 } from "../../domain/Sha256.ts"
import type { Slice, Stamp } from "../../domain/Slice.ts"
import { changed, FileChanged, sameStamp } from "./Unchanged.ts"
import { readRows } from "./Parquet.ts"

/**
 * The bytes of a range without its gaps. Read at a stroke: the plan has just seen them, so that they come from memory,
 * and to hand four small steps to other threads costs more than to take them.
 */
const readRange = (
  { end, path, start }: { readonly path: string; readonly start: number; readonly end: number },
  gaps: ReadonlyArray<Gap>,
  stamp: Stamp | undefined,
): Uint8Array => {
  const file = openSync(path, "r")
  try {
    if (stamp !== undefined) {
      const { mtimeMs, size } = fstatSync(file)
      if (!sameStamp(stamp, { size, mtimeMs })) throw changed()
    }
    const bytes = Buffer.allocUnsafeSlow(gaps.reduce((size, gap) => size - gap.size, end - start))
    let skipped = 0
    let at = 0
    const readTo = (to: number): void => {
      while (at < to) {
        const bytesRead = readSync(file, bytes, at, to - at, start + skipped + at)
        if (bytesRead === 0) throw changed()
        at += bytesRead
      }
    }
    for (const gap of gaps) {
      readTo(gap.at)
      skipped += gap.size
    }
    readTo(bytes.length)
    return bytes
  } finally {
    closeSync(file)
  }
}

/** Rejects when a file that the plan has seen cannot be read any more, or has changed since. */
export const loadSlice = async (slice: Slice): Promise<{ readonly input: SliceInput }> => {
  const { first, kind } = slice
  switch (kind) {
    case "lines":
    case "elements":
    case "rows": {
      const gaps = slice.kind === "rows" ? (slice.gaps ?? []) : []
      const bytes = slice.inline ?? readRange(slice, gaps, slice.stamp)
      if (slice.kind === "lines") return { input: { kind: "lines", file: slice.file, bytes, first } }
      if (slice.kind === "elements") {
        const { bounds, file, keyed, lines } = slice
        const more = { ...(keyed === true ? { keyed } : {}), ...(lines === undefined ? {} : { lines }) }
        return { input: { kind: "elements", file, bytes, bounds, ...more, first } }
      }
      return { input: { kind: "rows", file: slice.file, header: slice.header, bytes, first, gaps } }
    }
    case "rowGroup":
      return { input: { kind: "values", file: slice.file, values: await readRows(slice), first } }
    case "files": {
      const files: Array<{ file: string; bytes: Uint8Array; sha256?: string; error?: string }> = []
      for (const { file, path, sha256: planned } of slice.files) {
        try {
          const bytes = readFileSync(path)
          // The manifest names what the plan has digested.
          if (planned !== undefined && sha256(bytes).toString("hex") !== planned) throw changed()
          files.push({ file, bytes, ...(planned === undefined ? {} : { sha256: planned }) })
        } catch (cause) {
          if (cause instanceof FileChanged) throw cause
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

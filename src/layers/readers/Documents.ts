/**
 * Text that is read a document at a time (YAML, transcripts): cut at lines, and made JSON where it is cut, so that
 * everything behind the plan knows one kind of record.
 */
import { isUtf8 } from "node:buffer"
import type { First } from "../../domain/Component.ts"
import type { Detail } from "../../domain/Rejection.ts"
import type { Slice } from "../../domain/Slice.ts"
import { type Cutter, noCounts } from "./Cutter.ts"

/** A record of a document, or why there is none, and the 1-based line it begins on, counted from the document's first. */
export type DocumentRecord =
  | { readonly line: number; readonly value: unknown; readonly key?: string }
  | { readonly line: number; readonly bad: string; readonly detail?: Detail }

export interface DocumentSyntax {
  /** Whether a new document begins with this line. Told each line once, in order. */
  readonly begins: (line: string) => boolean
  /** The records of a document. */
  readonly read: (text: string) => ReadonlyArray<DocumentRecord>
  /** Largest document; a larger one is a bad record. */
  readonly maxBytes: number
}

/** So much of a line is enough to tell whether it begins a document. */
const peek = 256

export const makeDocumentCutter = (
  { file, path }: { readonly file: string; readonly path: string },
  syntax: DocumentSyntax,
  sliceBytes: number,
): Cutter => {
  const ready: Array<Slice> = []
  let index = 0
  let line = 1
  /** Beginning of the document, and of the line that is scanned. */
  let from = 0
  let lineFrom = 0
  let docLine = 1
  let dropping = false
  let seen = 0

  let first: First = { index: 0, line: 1, byte: 0, counts: noCounts }
  let kept: Array<Uint8Array> = []
  let bounds: Array<number> = []
  let lines: Array<number> = []
  let keptBytes = 0

  const flush = (): void => {
    if (kept.length === 0) return
    const { byte } = first
    const range = { start: byte, end: byte + keptBytes, inline: Buffer.concat(kept) }
    ready.push({ kind: "elements", file, path, first, ...range, bounds, lines })
    index += lines.length
    kept = []
    bounds = []
    lines = []
    keptBytes = 0
  }
  const bad = (reason: string, atLine: number, detail?: Detail): void => {
    flush()
    ready.push({
      kind: "bad",
      file,
      reason,
      place: { file, line: atLine },
      first: { index, line: atLine, byte: from, counts: noCounts },
      ...(detail === undefined ? {} : { detail }),
    })
    index++
  }
  const add = (value: unknown, atLine: number): void => {
    let text: string | undefined
    try {
      text = JSON.stringify(value)
    } catch {
      // Nested too deeply, or in itself.
    }
    if (text === undefined) return bad("TooDeep", atLine)
    if (kept.length === 0) first = { index, line: atLine, byte: from, counts: noCounts }
    const bytes = Buffer.from(text)
    bounds.push(keptBytes, keptBytes + bytes.length)
    lines.push(atLine)
    kept.push(bytes)
    keptBytes += bytes.length
    if (keptBytes >= sliceBytes) flush()
  }
  const endDocument = (bytes: Buffer, size: number): void => {
    if (dropping || size > syntax.maxBytes) bad("TooLarge", docLine, { bytes: size })
    else if (!isUtf8(bytes)) bad("InvalidUtf8", docLine)
    // UTF-16 without a byte-order mark, or no text at all.
    else if (bytes.includes(0)) bad("NulBytes", docLine)
    else {
      for (const record of syntax.read(bytes.toString("utf8"))) {
        const at = docLine + record.line - 1
        if ("bad" in record) bad(record.bad, at, record.detail)
        else add(withKey(record.value, record.key), at)
      }
    }
    dropping = false
  }

  return {
    begin: (at) => {
      from = at
      lineFrom = at
    },
    push: (buffer, base, fresh) => {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      seen = base + bytes.length
      for (let at = Math.max(fresh, lineFrom - base); ; ) {
        const newline = bytes.indexOf(10, at)
        if (newline < 0) break
        const start = lineFrom - base
        // Of a line whose beginning was let go nothing is to be told.
        const text = start < 0 ? "" : bytes.toString("utf8", start, Math.min(newline, start + peek))
        if (start >= 0 && syntax.begins(text) && lineFrom > from) {
          endDocument(bytes.subarray(Math.max(0, from - base), start), lineFrom - from)
          from = lineFrom
          docLine = line
        }
        line++
        lineFrom = base + newline + 1
        at = newline + 1
      }
      if (base + bytes.length - from > syntax.maxBytes) dropping = true
    },
    keepFrom: () => (!dropping ? from : seen - lineFrom > syntax.maxBytes ? Number.POSITIVE_INFINITY : lineFrom),
    take: function* () {
      yield* ready.splice(0)
    },
    end: (carry, base, broken) => {
      const bytes = Buffer.from(carry.buffer, carry.byteOffset, carry.byteLength)
      const size = base + bytes.length
      const start = lineFrom - base
      const last = start < 0 || start >= bytes.length ? "" : bytes.toString("utf8", start, start + peek)
      if (last !== "" && syntax.begins(last) && lineFrom > from) {
        endDocument(bytes.subarray(Math.max(0, from - base), start), lineFrom - from)
        from = lineFrom
        docLine = line
      }
      if (broken !== undefined) bad("CutTail", docLine, broken)
      else if (size > from) endDocument(bytes.subarray(Math.max(0, from - base)), size - from)
      flush()
    },
  }
}

/** The field that holds a record's key, where an object holds the records. */
export const keyField = "_key"

/** Adds the key to a record that is an object and has no such field itself. */
export const withKey = (value: unknown, key: string | undefined): unknown => {
  if (key === undefined || typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.hasOwn(value, keyField) ? value : { [keyField]: key, ...value }
}

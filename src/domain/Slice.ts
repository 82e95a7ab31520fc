/**
 * A resumable piece of work on the input, as plain data: it can go to a worker thread or another process, and be run
 * again. A slice begins and ends at a record.
 */
import type { First, Gap } from "./Component.ts"
import type { Place } from "./Record.ts"
import type { Detail } from "./Rejection.ts"

/** Size and time of a file when the plan began to read it: slices of a file that has changed since are not read. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
}

interface FileSlice {
  /** Path relative to the data folder, with `/`. */
  readonly file: string
  /** Absolute path, for the thread that opens it. */
  readonly path: string
  readonly first: First
  readonly stamp?: Stamp
}

interface ByteSlice extends FileSlice {
  readonly start: number
  readonly end: number
  /** The bytes themselves, where a range of the file does not give them (compressed input). */
  readonly inline?: Uint8Array
}

export interface LineSlice extends ByteSlice {
  readonly kind: "lines"
}

export interface ElementSlice extends ByteSlice {
  readonly kind: "elements"
  /** Start and end of each element, relative to `start`. */
  readonly bounds: ReadonlyArray<number>
  /** Each element begins with its key: a member of an object, not of an array. */
  readonly keyed?: boolean
  /** 1-based line of each element, where that tells more than its index. */
  readonly lines?: ReadonlyArray<number>
}

export interface RowSlice extends ByteSlice {
  readonly kind: "rows"
  readonly header: ReadonlyArray<string>
  readonly gaps?: ReadonlyArray<Gap>
}

export interface RowGroupSlice extends FileSlice {
  readonly kind: "rowGroup"
  readonly rowStart: number
  readonly rowEnd: number
}

export interface FilesSlice {
  readonly kind: "files"
  readonly files: ReadonlyArray<{
    readonly file: string
    readonly path: string
    /** Digest of what the plan has seen: another content is not read. */
    readonly sha256?: string
  }>
  readonly first: First
}

export interface RecordsSlice {
  readonly kind: "records"
  readonly records: ReadonlyArray<unknown>
  readonly first: First
}

/** A record that the plan already knows to be bad: too large to hold, or cut off. It is the only one of its slice. */
export interface BadSlice {
  readonly kind: "bad"
  readonly file: string
  readonly reason: string
  readonly place: Place
  readonly detail?: Detail
  readonly first: First
}

export type Slice = LineSlice | ElementSlice | RowSlice | RowGroupSlice | FilesSlice | RecordsSlice | BadSlice

/** What the plan learned about a file while it cut it. */
export interface PlannedFile {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

/** About 1 MB of input, 20 ms of work: waiting for one to finish is cancellation enough. */
export const defaultSliceBytes = 1024 * 1024

/** Largest record; a larger one is a bad record, not a reason to run out of memory. */
export const defaultMaxRecordBytes = 64 * 1024 * 1024

/** Deepest nesting of a JSON record. Far below what breaks a recursive walk (about 4,000 levels). */
export const maxJsonDepth = 256

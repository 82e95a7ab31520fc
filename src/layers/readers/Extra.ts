/**
 * What the readers tell each other beside what every slice holds. Like a slice it is plain data, which goes with the
 * slice to another thread.
 */
import { stat } from "node:fs/promises"
import type { SliceInput } from "../../domain/Component.ts"
import type { Detail } from "../../domain/Rejection.ts"
import type { RowGroupSlice, RowSlice, Slice } from "../../domain/Slice.ts"

/** A row of a group that is left out of the bytes of its slice, e.g. because it is too large to be held. */
export interface Gap {
  /** Offset in the bytes that are held, before which the row stood. */
  readonly at: number
  /** Its own bytes and lines. */
  readonly size: number
  readonly lines: number
  /** Offset in the file's content. */
  readonly byte: number
  readonly reason: string
  readonly detail: Detail
}

/** Size and time of a file when the plan began to read it: slices of a file that has changed since are not read. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
}

export interface Stamped {
  readonly stamp?: Stamp
}

export type RowSliceWithGaps = RowSlice & { readonly gaps?: ReadonlyArray<Gap> }
export type RowGroup = RowGroupSlice & Stamped
export type RowsInput = Extract<SliceInput, { kind: "rows" }> & { readonly gaps?: ReadonlyArray<Gap> }

export const gapsOf = (of: RowSlice | RowsInput): ReadonlyArray<Gap> => (of as { gaps?: ReadonlyArray<Gap> }).gaps ?? []
export const stampOf = (slice: Slice): Stamp | undefined => (slice as Stamped).stamp

export const readStamp = async (path: string): Promise<Stamp> => {
  const { mtimeMs, size } = await stat(path)
  return { size, mtimeMs }
}

export const sameStamp = (a: Stamp, b: Stamp): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs

/** Says that what was read does not belong together. */
export const changed = (): Error => new Error("the file changed while it was read; run again when nothing writes to it")

/** In the place of a row that a table file holds but that cannot be read: one bad record. */
export class UnreadableRow {
  readonly reason: string
  readonly detail: Detail | undefined
  constructor(reason: string, detail?: Detail) {
    this.reason = reason
    this.detail = detail
  }
}

/** Why the rows below a header cannot be used: told once for the file, whose rows are then not read. */
export interface HeaderProblem {
  readonly reason: string
  readonly detail: Detail
}

/** A dataset's `groupOf` may answer a function that carries this. */
export type GroupKey = ((row: ReadonlyArray<string>) => string) & { readonly problem?: HeaderProblem }

/** What the readers share: whether a file is still the same, and rows that cannot be read. */
import { statSync } from "node:fs"
import type { Detail } from "../../domain/Rejection.ts"
import type { Stamp } from "../../domain/Slice.ts"

/** At a stroke: it is asked twice for each slice, and handing it to another thread costs more. */
export const readStamp = (path: string): Promise<Stamp> =>
  new Promise((resolve) => {
    const { mtimeMs, size } = statSync(path)
    resolve({ size, mtimeMs })
  })

export const sameStamp = (a: Stamp, b: Stamp): boolean => a.size === b.size && a.mtimeMs === b.mtimeMs

/** What was read does not belong together. */
export class FileChanged extends Error {}

export const changed = (): FileChanged =>
  new FileChanged("the file changed while it was read; run again when nothing writes to it")

/** In the place of a row that a table file holds but that cannot be read: one bad record. */
export class UnreadableRow {
  readonly reason: string
  readonly detail: Detail | undefined
  constructor(reason: string, detail?: Detail) {
    this.reason = reason
    this.detail = detail
  }
  /** As JSON, too, it is no row: kept results are named by what was read. */
  toJSON(): object {
    return { "\0unreadable": [this.reason, this.detail] }
  }
}

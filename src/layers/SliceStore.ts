/**
 * Finished slices on disk, so that a run that was stopped goes on where it was. A slice is named by what its result is
 * a function of: the job, and the digest of the slice's own content, taken by whoever runs it. No time is trusted, and
 * nothing has to be written down about which slices are done.
 */
import { createHash } from "node:crypto"
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { SliceInput } from "../domain/Component.ts"
import { loadAndRun } from "../domain/NotLoaded.ts"
import type { RunSlice } from "../domain/RecordPath.ts"
import { isSealed, seal } from "../domain/SliceResult.ts"

/** Numbers that JSON does not have would all be null. */
const exact = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value

/** Names a slice of a job; undefined for what is not worth keeping: given records, and records known to be bad. */
const nameOf = (jobKey: string, input: SliceInput, limit: number | undefined): string | undefined => {
  if (input.kind === "records" || input.kind === "bad") return undefined
  const hash = createHash("sha256")
  const add = (value: unknown): void => {
    hash.update(JSON.stringify(value, exact)).update("\0")
  }
  add([jobKey, limit ?? -1])
  if (input.kind === "files") {
    add([input.kind, input.first])
    for (const { bytes, ...rest } of input.files) {
      add([bytes.length, rest])
      // What was loaded is what its digest says.
      if (rest.sha256 === undefined) hash.update(bytes)
    }
  } else if (input.kind === "values") add(input)
  else {
    const { bytes, ...rest } = input
    add(rest)
    hash.update(bytes)
  }
  return hash.digest("hex")
}

/** A kept result, or undefined when there is none or it is damaged. */
const read = (path: string): Uint8Array | undefined => {
  try {
    const file = openSync(path, "r")
    try {
      // A buffer of its own: it is handed to another thread.
      const bytes = Buffer.allocUnsafeSlow(fstatSync(file).size)
      let size = 0
      while (size < bytes.length) {
        const more = readSync(file, bytes, size, bytes.length - size, null)
        if (more === 0) return undefined
        size += more
      }
      return isSealed(bytes) ? bytes : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

const isMissing = (cause: unknown): boolean => (cause as { readonly code?: unknown }).code === "ENOENT"

let written = 0

/**
 * Keeps a result. What cannot be kept is only lost time: the run goes on, and tells of a full disk by its output. Written
 * at a stroke, into memory of the system: to hand small steps to other threads costs more than to take them.
 */
const keep = (folder: string, path: string, result: Uint8Array): void => {
  const temporary = `${path}.${process.pid}.${Math.trunc(performance.timeOrigin)}.${written++}.tmp`
  const write = (): void => writeFileSync(temporary, result)
  seal(result)
  try {
    try {
      write()
    } catch (cause) {
      if (!isMissing(cause)) throw cause
      // The work folder and its own, no more: an output folder that is gone is not to come back.
      for (const one of [dirname(folder), folder]) attempt(() => mkdirSync(one))
      write()
    }
    renameSync(temporary, path)
  } catch {
    attempt(() => rmSync(temporary, { force: true }))
  }
}

/** Tries what may fail without harm. */
const attempt = (act: () => void): void => {
  try {
    act()
  } catch {
    // Whatever it was, what follows tells, or nothing is lost.
  }
}

/**
 * Runs a slice, or answers the result that an earlier run has kept in the folder: then nothing is compiled, and `found`
 * is told.
 */
export const runKept = async (
  compiled: () => Promise<RunSlice>,
  input: SliceInput,
  limit: number | undefined,
  jobKey: string,
  folder: string | undefined,
  found: () => void,
): Promise<Uint8Array> => {
  const name = folder === undefined ? undefined : nameOf(jobKey, input, limit)
  const runCompiled = async (): Promise<Uint8Array> => {
    const run = await compiled()
    return loadAndRun(() => run(input, limit))
  }
  if (folder === undefined || name === undefined) return runCompiled()
  const path = join(folder, name)
  const known = read(path)
  if (known !== undefined) {
    found()
    return known
  }
  const result = await runCompiled()
  keep(folder, path, result)
  return result
}

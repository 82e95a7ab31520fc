/**
 * Finished slices on disk, so that a run that was stopped goes on where it was. A slice is named by what its result is
 * a function of: the job, and the digest of the slice's own content, taken by whoever runs it. No time is trusted, and
 * nothing has to be written down about which slices are done.
 */
import { createHash } from "node:crypto"
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { SliceInput } from "../domain/Component.ts"
import { loadAndRun } from "../domain/NotLoaded.ts"
import type { RunSlice } from "../domain/RecordPath.ts"

/** Bytes of the digest that stands before a kept result. */
const digestBytes = 32

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
      hash.update(bytes)
    }
  } else if (input.kind === "values") add(input)
  else {
    const { bytes, ...rest } = input
    add(rest)
    hash.update(bytes)
  }
  return hash.digest("hex")
}

const digest = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest()

/** A kept result, or undefined when there is none or it is damaged. */
const read = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    const bytes = await readFile(path)
    const result = bytes.subarray(digestBytes)
    if (bytes.length < digestBytes || !digest(result).equals(bytes.subarray(0, digestBytes))) return undefined
    // A buffer of its own: it is handed to another thread.
    return Uint8Array.prototype.slice.call(result)
  } catch {
    return undefined
  }
}

let written = 0

/** Keeps a result. What cannot be kept is only lost time: the run goes on, and tells of a full disk by its output. */
const keep = async (folder: string, path: string, result: Uint8Array): Promise<void> => {
  const temporary = `${path}.${process.pid}.${Math.trunc(performance.timeOrigin)}.${written++}.tmp`
  try {
    // The work folder and its own, no more: an output folder that is gone is not to come back.
    for (const one of [dirname(folder), folder]) await mkdir(one).catch(() => undefined)
    await writeFile(temporary, Buffer.concat([digest(result), result]))
    await rename(temporary, path)
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

/** Runs a slice, or answers the result that an earlier run has kept in the folder: then nothing is compiled. */
export const runKept = async (
  compiled: () => Promise<RunSlice>,
  input: SliceInput,
  limit: number | undefined,
  jobKey: string,
  folder: string | undefined,
): Promise<Uint8Array> => {
  const name = folder === undefined ? undefined : nameOf(jobKey, input, limit)
  const runCompiled = async (): Promise<Uint8Array> => {
    const run = await compiled()
    return loadAndRun(() => run(input, limit))
  }
  if (folder === undefined || name === undefined) return runCompiled()
  const path = join(folder, name)
  const known = await read(path)
  if (known !== undefined) return known
  const result = await runCompiled()
  await keep(folder, path, result)
  return result
}

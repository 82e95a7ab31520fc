/**
 * Files that a filter's options name: prompts of an evaluation, say. They are read and digested before a run begins; a job
 * carries their digests, and whoever compiles it reads them again and checks that they are the same.
 */
import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { basename } from "node:path"

/** A file as a job names it. */
export interface FilterFileKey {
  /** Absolute. */
  readonly path: string
  /** As the options name it. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** A file as a filter gets it. */
export interface FilterFile {
  /** Its base name. */
  readonly name: string
  /** Its content; a byte order mark is left out, what is no UTF-8 is replaced. */
  readonly text: string
}

/** Where the options of a filter name a file: the key path below the options, and the path as it is written. */
export interface NamedFile {
  readonly key: ReadonlyArray<string | number>
  readonly path: string
}

/** Largest file that is read. */
const maxBytes = 256 * 1024 * 1024

const read = async (path: string): Promise<Buffer> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new Error("there is no such file")
  if (!found.isFile()) throw new Error("it is no ordinary file")
  if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`)
  return readFile(path)
}

const contentOf = (path: string, bytes: Buffer): FilterFile => ({
  name: basename(path),
  text: bytes.toString("utf8").replace(/^\uFEFF/, ""),
})

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex")

/** Reads a file of this absolute path; rejects with what is wrong with it, for a person. */
export const openFilterFile = async (
  path: string,
  name: string,
): Promise<{ readonly key: FilterFileKey; readonly file: FilterFile }> => {
  const bytes = await read(path)
  return { key: { path, name, bytes: bytes.length, sha256: digestOf(bytes) }, file: contentOf(path, bytes) }
}

/** Reads the file that a job names; rejects when it is not the same any more. */
export const readFilterFile = async ({ path, sha256 }: FilterFileKey): Promise<FilterFile> => {
  const bytes = await read(path)
  if (digestOf(bytes) !== sha256) throw new Error(`${path} changed during the run; run again`)
  return contentOf(path, bytes)
}

/** Reads files once, as streams, and digests what goes by. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { createGunzip } from "node:zlib"
import { cutLines, type FileLine } from "../Lines.ts"
import { detailOf, type Finding } from "./Findings.ts"

const codeOf = (cause: unknown): string | undefined => {
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === "string" ? code : undefined
}

export interface Digested {
  readonly bytes: number
  readonly sha256: string
}

/** Why a file cannot be read. */
export type Missing = Pick<Finding, "what" | "actual">

/** A pipe or a device would never end. */
export const checkFile = async (path: string): Promise<Missing | undefined> => {
  try {
    return (await stat(path)).isFile() ? undefined : { what: "it is no ordinary file" }
  } catch (cause) {
    return unreadable(cause)
  }
}

export const unreadable = (cause: unknown): Missing => {
  const code = codeOf(cause)
  return code === "ENOENT" || code === "ENOTDIR"
    ? { what: "the file is missing" }
    : { what: "the file cannot be read", actual: code ?? detailOf(cause) }
}

export const isMissing = (result: object): result is Missing => "what" in result

/** Reads a file once; gives its chunks on. */
export const digestFile = async (
  path: string,
  signal: AbortSignal,
  each: (chunk: Buffer) => Promise<void> | void,
): Promise<Digested | Missing> => {
  const missing = await checkFile(path)
  if (missing !== undefined) return missing
  const hash = createHash("sha256")
  let bytes = 0
  const source = createReadStream(path, { highWaterMark: 1 << 18 })
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (signal.aborted) throw new Error("interrupted")
      hash.update(chunk)
      bytes += chunk.length
      await each(chunk)
    }
  } catch (cause) {
    if (signal.aborted) throw cause
    return unreadable(cause)
  }
  return { bytes, sha256: hash.digest("hex") }
}

export interface Read extends Digested {
  readonly lines: number
  readonly isOpen: boolean
  /** Digest of what was unpacked. */
  readonly contentSha256: string | undefined
  /** Why it cannot be unpacked to its end. */
  readonly broken: string | undefined
}

/** Reads a file of lines, packed or not. Lines of a broken file are what came out until then. */
export const readDigested = async (
  path: string,
  isPacked: boolean,
  signal: AbortSignal,
  each: (line: FileLine) => void,
): Promise<Read | Missing> => {
  const lines = cutLines(each)
  if (!isPacked) {
    const read = await digestFile(path, signal, lines.write)
    return isMissing(read) ? read : { ...read, ...lines.end(), contentSha256: undefined, broken: undefined }
  }
  const gunzip = createGunzip({ chunkSize: 1 << 18 })
  const content = createHash("sha256")
  let broken: string | undefined
  let isBehind = false
  const unpacked = (async () => {
    try {
      for await (const part of gunzip as AsyncIterable<Buffer>) {
        content.update(part)
        lines.write(part)
      }
    } catch (cause) {
      broken ??= detailOf(cause)
    }
  })()
  // The digest of the file goes on behind the place where it is broken.
  const read = await digestFile(path, signal, async (chunk) => {
    if (gunzip.destroyed || gunzip.readableEnded) {
      isBehind = true
      return
    }
    if (gunzip.write(chunk)) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ["drain", "close", "end"]) gunzip.off(event, done)
        resolve()
      }
      for (const event of ["drain", "close", "end"]) gunzip.on(event, done)
    })
  })
  if (isMissing(read)) gunzip.destroy()
  else if (!gunzip.destroyed) gunzip.end()
  await unpacked
  if (isMissing(read)) return read
  if (isBehind) broken ??= "there are bytes behind its end"
  return { ...read, ...lines.end(), contentSha256: content.digest("hex"), broken }
}

/** What a file is, by its bytes. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"

export interface Digests {
  readonly bytes: number
  readonly sha256: string
  /** The name that git would give it: SHA-1 of `blob <size>\0` and the bytes. */
  readonly gitSha1: string
}

/** Reads a file once. */
export const digestsOf = async (path: string, signal?: AbortSignal): Promise<Digests> => {
  const { size } = await stat(path)
  const sha256 = createHash("sha256")
  const git = createHash("sha1").update(`blob ${size}\0`)
  let bytes = 0
  const stream = createReadStream(path, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) })
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sha256.update(chunk)
    git.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: sha256.digest("hex"), gitSha1: git.digest("hex") }
}

/** What is wrong with a file, by what it should be. */
export const differenceOf = (
  { bytes, gitSha1, sha256 }: Digests,
  expected: { readonly bytes?: number; readonly sha256?: string; readonly gitSha1?: string },
): string | undefined => {
  if (expected.bytes !== undefined && bytes !== expected.bytes)
    return `it should have ${expected.bytes} bytes and has ${bytes}`
  if (expected.sha256 !== undefined && sha256 !== expected.sha256)
    return `its SHA-256 should be ${expected.sha256} and is ${sha256}`
  if (expected.gitSha1 !== undefined && gitSha1 !== expected.gitSha1)
    return `its git digest should be ${expected.gitSha1} and is ${gitSha1}`
  return undefined
}

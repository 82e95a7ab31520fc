/**
 * Unpacks gzip so that what comes out does not depend on who takes it how fast: a stream that fails forgets what it has
 * unpacked and not yet handed out, and how much that is depends on timing.
 */
import { createGunzip } from "node:zlib"

export interface Unzip {
  /** What a chunk unpacks to; nothing once the data was found broken. */
  readonly write: (chunk: Uint8Array) => Promise<ReadonlyArray<Uint8Array>>
  readonly end: () => Promise<ReadonlyArray<Uint8Array>>
  /** Why the rest could not be unpacked. */
  readonly broken: () => string | undefined
  readonly close: () => void
}

export const makeUnzip = (): Unzip => {
  const stream = createGunzip({ chunkSize: 256 * 1024 })
  let out: Array<Uint8Array> = []
  let broken: string | undefined
  let ended = false
  let wake = (): void => undefined
  // Always flowing: nothing stays behind in the stream.
  stream.on("data", (chunk: Uint8Array) => out.push(chunk))
  stream.on("error", (cause) => {
    broken ??= cause.message
    wake()
  })
  stream.on("end", () => {
    ended = true
    wake()
  })
  const after = async (act: (done: () => void) => void): Promise<ReadonlyArray<Uint8Array>> => {
    // Zeros behind the end are padding.
    if (broken !== undefined || ended) return []
    await new Promise<void>((resolve) => {
      wake = resolve
      act(resolve)
    })
    const chunks = out
    out = []
    return chunks
  }
  return {
    write: (chunk) => after((done) => void stream.write(chunk, () => done())),
    end: () => after(() => void stream.end()),
    broken: () => broken,
    close: () => void stream.destroy(),
  }
}

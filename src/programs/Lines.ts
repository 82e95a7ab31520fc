/** Lines of a file, one after another, unpacked where its name ends in `.gz`. Memory holds a chunk and a line. */
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream"
import { createGunzip } from "node:zlib"

export interface FileLine {
  /** 1-based. */
  readonly number: number
  /** Undefined for a line above the limit: it is counted and not held. */
  readonly bytes: Buffer | undefined
}

/** Fails as Node does when the file cannot be read or unpacked. Leaving the loop closes the file. */
export async function* readLines(path: string, maxLineBytes: number): AsyncGenerator<FileLine> {
  const raw = createReadStream(path, { highWaterMark: 1 << 18 })
  const source = path.endsWith(".gz") ? pipeline(raw, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : raw
  let parts: Array<Buffer> = []
  let size = 0
  let number = 0
  const hold = (part: Buffer): void => {
    size += part.length
    if (size <= maxLineBytes) parts.push(part)
    else parts = []
  }
  const flush = (): FileLine => {
    const bytes = size > maxLineBytes ? undefined : Buffer.concat(parts)
    parts = []
    size = 0
    return { number: ++number, bytes }
  }
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        hold(chunk.subarray(from, at))
        yield flush()
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
    }
    if (size > 0) yield flush()
  } finally {
    raw.destroy()
  }
}

/**
 * Unpacks gzip, deflate, zstd, xz and bzip2 so that what comes out does not depend on who takes it how fast: a stream
 * that fails forgets what it has unpacked and not yet handed out, and how much that is depends on timing.
 *
 * No more is unpacked at once than can be held, whatever a chunk says: each of the unpackers is fed, or asked, in small
 * steps.
 */
import { Decompress } from "fzstd"
import { ReadableStream } from "node:stream/web"
import type { Transform } from "node:stream"
import * as zlib from "node:zlib"
import bzip2 from "unbzip2-stream/lib/bzip2.js"
import bitIterator from "unbzip2-stream/lib/bit_iterator.js"
import type { Codec } from "./Kinds.ts"

/** What a packed file gives: its bytes, then why the rest cannot be unpacked, if it cannot. */
export type Unpacked = AsyncGenerator<Uint8Array, string | undefined>

export type Chunks = AsyncIterable<Uint8Array>

const causeOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** So much is read at once of a packed file: a chunk may unpack to a thousand times its size before anything is done. */
export const packedChunk = 16 * 1024

const largestChunk = 256 * 1024

/** `deflate` is the raw stream that zip holds. `size` is what is said to come out: a small file takes small buffers. */
export const unpack = (codec: Codec | "deflate", source: Chunks, size = largestChunk): Unpacked => {
  const chunkSize = Math.max(1024, Math.min(largestChunk, size))
  switch (codec) {
    case "gz":
      return unpackStream(zlib.createGunzip({ chunkSize }), source)
    case "deflate":
      return unpackStream(zlib.createInflateRaw({ chunkSize }), source)
    case "zst": {
      // Node 22.15 and later.
      const native = (zlib as { readonly createZstdDecompress?: (options: object) => Transform }).createZstdDecompress
      return native === undefined ? unpackZstd(source) : unpackStream(native({ chunkSize }), source)
    }
    case "xz":
      return unpackXz(source)
    case "bz2":
      return unpackBzip2(source)
  }
}

/** Runs a stream of Node's in lock step: all that a chunk unpacks to is out before the next goes in. */
async function* unpackStream(stream: Transform, source: Chunks): Unpacked {
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
  try {
    for await (const chunk of source) yield* await after((done) => void stream.write(chunk, () => done()))
    yield* await after(() => void stream.end())
    return broken
  } finally {
    stream.destroy()
  }
}

/** A frame that asks for a larger window is refused, as the `zstd` command does without `--long=31`. */
const maxWindow = 128 * 1024 * 1024

/** Window that the first frame asks for (RFC 8878, 3.1.1.1.2); 0 where the bytes are no beginning of a frame. */
const windowOf = (head: Uint8Array): number => {
  if (head.length < 6 || head[0] !== 0x28 || head[1] !== 0xb5 || head[2] !== 0x2f || head[3] !== 0xfd) return 0
  const descriptor = head[4] as number
  // A single segment is as large as its content, which is held against the limits while it comes.
  if ((descriptor & 0x20) !== 0) return 0
  const window = head[5] as number
  const base = 2 ** (10 + (window >> 3))
  return base + (base / 8) * (window & 7)
}

async function* unpackZstd(source: Chunks): Unpacked {
  let out: Array<Uint8Array> = []
  const stream = new Decompress((chunk) => void (chunk.length > 0 && out.push(chunk)))
  let first = true
  let broken: string | undefined
  const step = (bytes: Uint8Array, last: boolean): ReadonlyArray<Uint8Array> => {
    try {
      if (broken === undefined) stream.push(bytes, last)
    } catch (cause) {
      broken = causeOf(cause)
    }
    const chunks = out
    out = []
    return chunks
  }
  for await (const chunk of source) {
    if (first && windowOf(chunk) > maxWindow) return `a window of more than ${maxWindow} bytes`
    first = false
    // A block of four bytes may unpack to 128 kB.
    for (let at = 0; at < chunk.length; at += 2048) yield* step(chunk.subarray(at, at + 2048), false)
  }
  if (first) return "no data"
  yield* step(new Uint8Array(0), true)
  return broken
}

type XzModule = Pick<typeof import("xz-decompress"), "XzReadableStream">

async function* unpackXz(source: Chunks): Unpacked {
  const chunks = source[Symbol.asyncIterator]()
  let failed: { readonly cause: unknown } | undefined
  const packed = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const next = await chunks.next()
          if (next.done === true) controller.close()
          else controller.enqueue(next.value)
        } catch (cause) {
          failed = { cause }
          controller.error(cause)
        }
      },
    },
    { highWaterMark: 0 },
  )
  // CommonJS whose names Node does not find; and 70 kB that few runs need.
  const found = (await import("xz-decompress")) as XzModule & { readonly default?: XzModule }
  const { XzReadableStream } = found.default ?? found
  const reader = new XzReadableStream(packed as never).getReader()
  try {
    for (;;) {
      const next = await reader.read()
      if (next.done) return undefined
      // The next read writes to the same memory.
      yield Uint8Array.from(next.value)
    }
  } catch (cause) {
    // What fails in the source is no fault of the data.
    if (failed !== undefined) throw failed.cause
    return causeOf(cause)
  } finally {
    await reader.cancel().catch(() => undefined)
    await chunks.return?.()
  }
}

/** As the library's own stream does it, but a block at a time: a file of some hundred kB may hold a hundred GB of zeros. */
async function* unpackBzip2(source: Chunks): Unpacked {
  const queue: Array<Uint8Array> = []
  const chunks = source[Symbol.asyncIterator]()
  let held = 0
  let ended = false
  let level = 0
  let crc: number | null = 0
  let block = new Int32Array(0)
  let bits: ReturnType<typeof bitIterator> | undefined
  const shift = (): Uint8Array => {
    const next = queue.shift()
    if (next === undefined) throw new Error("the data ends too early")
    return next
  }
  try {
    for (;;) {
      // A block may be a little longer than what it unpacks to.
      while (!ended && held - (bits?.bytesRead ?? 0) < (level === 0 ? 16 : 25_000 + 100_000 * level)) {
        const next = await chunks.next()
        if (next.done === true) ended = true
        else if (next.value.length > 0) {
          queue.push(next.value)
          held += next.value.length
        }
      }
      if (held === 0) return "no data"
      bits ??= bitIterator(shift)
      if (held <= bits.bytesRead) return level === 0 ? undefined : "the data ends too early"
      let out: Buffer | undefined
      let size = 0
      try {
        if (level === 0) {
          level = bzip2.header(bits)
          crc = 0
          if (block.length < 100_000 * level) block = new Int32Array(100_000 * level)
          continue
        }
        out = Buffer.allocUnsafe(largestChunk)
        const parts: Array<Buffer> = []
        crc = bzip2.decompress(
          bits,
          (byte) => {
            if (size % largestChunk === 0 && size > 0) {
              parts.push(out as Buffer)
              out = Buffer.allocUnsafe(largestChunk)
            }
            ;(out as Buffer)[size++ % largestChunk] = byte
          },
          block,
          100_000 * level,
          crc,
        )
        if (crc === null) level = 0
        else if (size > 0) {
          parts.push(out.subarray(0, ((size - 1) % largestChunk) + 1))
          yield* parts
        }
      } catch (cause) {
        return causeOf(cause)
      }
    }
  } finally {
    await chunks.return?.()
  }
}

/**
 * Cuts a file into slices in one pass, which also takes its digest. Slices come lazily: the pass overlaps with the work
 * on them, which finds their bytes still in the page cache.
 */
import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import type { DatasetDefinition, GroupKey } from "../../domain/Component.ts"
import type { PlannedFile, Slice, Stamp } from "../../domain/Slice.ts"
import { ArchiveError, defaultLimits, type Limits, makeMeter } from "./Archive.ts"
import { type Chunks, packedChunk, unpack, type Unpacked } from "./Codec.ts"
import { type Cutter, makeCutter } from "./Cutter.ts"
import { makeDocumentCutter } from "./Documents.ts"
import { type Decoder, type Encoding, makeDecoder, sniff } from "./Encoding.ts"
import { type Kind, kindOf } from "./Kinds.ts"
import { planParquet } from "./Parquet.ts"
import { planTar } from "./Tar.ts"
import { makeTranscript } from "./Transcript.ts"
import { changed, readStamp, sameStamp } from "./Unchanged.ts"
import { makeYaml } from "./Yaml.ts"
import { planZip } from "./Zip.ts"

export interface PlanFileOptions {
  /** How files, and members of archives, are read; `auto` goes by their names. */
  readonly reader: Kind | "auto"
  readonly sliceBytes: number
  readonly maxRecordBytes: number
  /**
   * Key of a row's group, compiled for the header. A group is one record: its rows stay in one slice, a row that cannot
   * be used is a part of the group before it (of the first group where none is before it), and a group of more than
   * `maxRecordBytes` is one bad record.
   */
  readonly groupOf?: (header: ReadonlyArray<string>) => GroupKey
  readonly countKey?: NonNullable<DatasetDefinition["countKey"]>
  /** Bytes of a read of a file that is not compressed. Never changes the result. */
  readonly chunkBytes?: number
  /** Keys that lead to the records of a JSON or YAML file; see `makeElementScanner`. */
  readonly path?: ReadonlyArray<string>
  /** What the text is encoded in, where it is not UTF-8 and no byte-order mark tells. */
  readonly encoding?: Encoding
  readonly limits?: Limits
  /** Told, as often as there is something to tell, how many bytes of the file lie behind the plan. */
  readonly passed?: (bytes: number) => void
}

export interface InputFile {
  /** Name in messages and places. */
  readonly file: string
  readonly path: string
  /** Globs of the members that are read, where the file is an archive; absent: all that can be. */
  readonly members?: ReadonlyArray<string>
}

export async function* planFile(input: InputFile, options: PlanFileOptions): AsyncGenerator<Slice, PlannedFile> {
  const { file, path } = input
  const { codec, container, kind } = kindOf(file)
  const limits = options.limits ?? defaultLimits
  if (container === "zip") return yield* planZip(input, options, limits)
  const reader = options.reader === "auto" ? kind : options.reader
  if (container === undefined && reader === "parquet") {
    if (codec !== undefined) throw new ArchiveError("Unreadable", file, undefined, "Parquet is packed in itself")
    return yield* planParquet(input, options)
  }
  const stamp = await readStamp(path)
  const hash = createHash("sha256")
  let fileBytes = 0
  async function* read(): AsyncGenerator<Uint8Array> {
    const packed = codec !== undefined || container !== undefined
    const size = packed ? packedChunk : (options.chunkBytes ?? 1024 * 1024)
    // Read again and again: a chunk is done with when the next is asked for. But those who unpack keep theirs.
    let buffer = Buffer.allocUnsafeSlow(size)
    const handle = await open(path, "r")
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, size, fileBytes)
        if (bytesRead === 0) return
        const data = buffer.subarray(0, bytesRead)
        hash.update(data)
        fileBytes += bytesRead
        options.passed?.(fileBytes)
        yield data
        if (codec !== undefined) buffer = Buffer.allocUnsafeSlow(size)
      }
    } finally {
      await handle.close()
    }
  }
  const source = read()
  const most = container === undefined ? limits : { ...limits, entryBytes: limits.totalBytes }
  const content = codec === undefined ? whole(source) : metered(unpack(codec, source), file, most, () => fileBytes)
  if (container === "tar") {
    yield* planTar(input, content, options, limits)
  } else {
    if (reader === undefined) throw new Error(`no reader for ${file}`)
    yield* planContent(input, reader, options, content, codec === undefined ? stamp : undefined)
  }
  // What stands behind the end of the packed data, or of an archive, is a part of the file all the same.
  for await (const _ of source);
  if (!sameStamp(stamp, await readStamp(path))) throw changed()
  return { file, bytes: fileBytes, sha256: hash.digest("hex") }
}

async function* whole(source: Chunks): Unpacked {
  yield* source
  return undefined
}

/** Holds what is unpacked against the limits. */
async function* metered(unpacked: Unpacked, file: string, limits: Limits, packed: () => number): Unpacked {
  const count = makeMeter(limits, file).entry()
  for (;;) {
    const next = await unpacked.next()
    if (next.done === true) return next.value
    count(next.value.length, packed())
    yield next.value
  }
}

/** Cuts content that comes in chunks. Without a stamp slices hold their bytes themselves. */
export async function* planContent(
  input: { readonly file: string; readonly path: string },
  reader: Kind,
  options: PlanFileOptions,
  content: Unpacked,
  stamp: Stamp | undefined,
): AsyncGenerator<Slice, void> {
  const feed = makeFeed(input, reader, options, stamp)
  try {
    for (;;) {
      const next = await content.next()
      if (next.done === true) {
        feed.end(next.value)
        yield* feed.take()
        return
      }
      feed.push(next.value)
      yield* feed.take()
    }
  } finally {
    await content.return(undefined)
  }
}

/** A look at so many bytes tells what a text is. */
const lookBytes = 1024

/** Gives a cutter what it needs: text without its byte-order mark, in UTF-8, and what was left of the last chunk. */
export const makeFeed = (
  input: { readonly file: string; readonly path: string },
  reader: Kind,
  options: PlanFileOptions,
  stamp: Stamp | undefined,
) => {
  let cutter: Cutter | undefined
  let decoder: Decoder | undefined
  let begun = false
  /** What is still needed, in a store that is used again and again; it begins at `base` of the content. */
  let store = Buffer.alloc(0)
  let carry: Uint8Array = store
  let base = 0

  const append = (chunk: Uint8Array): void => {
    const { length } = carry
    const size = length + chunk.length
    // Room for as much again: a record of many chunks is not copied for each. A large store is not kept for long.
    if (size > store.length || store.length > 8 * size + 4 * 1024 * 1024) {
      const larger = Buffer.allocUnsafeSlow(length === 0 ? size : 2 * size)
      larger.set(carry)
      store = larger
    } else if (carry.byteOffset !== store.byteOffset || carry.buffer !== store.buffer) store.set(carry)
    store.set(chunk, length)
    carry = store.subarray(0, size)
  }

  /** Looks at the beginning; false when that is too short to tell. */
  const begin = (last: boolean): boolean => {
    if (!begun) {
      if (carry.length < 3 && !last) return false
      const encoding = options.encoding ?? sniff(carry)
      if (encoding !== undefined && encoding !== "utf-8") {
        decoder = makeDecoder(encoding)
        carry = decoder.decode(carry)
      } else if (carry[0] === 0xef && carry[1] === 0xbb && carry[2] === 0xbf) {
        carry = carry.subarray(3)
        base = 3
      }
      begun = true
    }
    const kind = reader === "text" ? textKind(carry, last) : reader
    if (kind === undefined) return false
    cutter = cutterOf(input, kind, options, decoder === undefined ? stamp : undefined)
    cutter.begin(base)
    return true
  }
  const cut = (fresh: number): void => {
    const to = cutter as Cutter
    to.push(carry, base, fresh)
    const keep = Math.max(base, Math.min(to.keepFrom(), base + carry.length))
    carry = carry.subarray(keep - base)
    base = keep
  }
  return {
    push: (data: Uint8Array): void => {
      const chunk = decoder === undefined ? data : decoder.decode(data)
      const fresh = carry.length
      append(chunk)
      if (cutter !== undefined) cut(fresh)
      else if (begin(false)) cut(0)
    },
    take: function* (): Generator<Slice> {
      if (cutter !== undefined) yield* cutter.take()
    },
    end: (broken: string | undefined): void => {
      if (cutter === undefined) {
        begin(true)
        cut(0)
      }
      ;(cutter as unknown as Cutter).end(carry, base, decoder?.broken() ?? broken)
    },
  }
}

export type Feed = ReturnType<typeof makeFeed>

const cutterOf = (
  input: { readonly file: string; readonly path: string },
  kind: Exclude<Kind, "text"> | "transcript",
  options: PlanFileOptions,
  stamp: Stamp | undefined,
): Cutter => {
  const { maxRecordBytes, path, sliceBytes } = options
  if (kind === "yaml") return makeDocumentCutter(input, makeYaml(path, maxRecordBytes), sliceBytes)
  if (kind === "transcript") return makeDocumentCutter(input, makeTranscript(maxRecordBytes), sliceBytes)
  if (kind === "parquet") throw new Error("Parquet is not read in a stream")
  return makeCutter(input, kind, options, stamp)
}

/** JSON when the text begins with an object or with an array of more than bare words; undefined when it is too short to tell. */
const textKind = (head: Uint8Array, last: boolean): "json" | "transcript" | undefined => {
  const text = Buffer.from(head.subarray(0, lookBytes)).toString("latin1").trimStart()
  if (/^(?:\{|\[\s*[[{"\]])/.test(text)) return "json"
  if (last || head.length >= lookBytes || /^[^[]|^\[\s*[^\s[{"\]]/.test(text)) return "transcript"
  return undefined
}

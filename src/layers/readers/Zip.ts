/** Reads the members of a zip archive. Its directory is looked at whole before anything is read. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import yauzl from "yauzl"
import type { PlannedFile, Slice } from "../../domain/Slice.ts"
import { memberMark } from "../../domain/Record.ts"
import { ArchiveError, type Limits, makeMeter, makeNames } from "./Archive.ts"
import { type Chunks, packedChunk, unpack, type Unpacked } from "./Codec.ts"
import { crc32 } from "./Crc32.ts"
import type { Codec, Kind } from "./Kinds.ts"
import { badMember, makeChooser } from "./Members.ts"
import { type InputFile, planContent, type PlanFileOptions } from "./Plan.ts"
import { changed, readStamp, sameStamp } from "./Unchanged.ts"

/** Compression methods (APPNOTE.TXT 4.4.5) that are read. */
const methods: ReadonlyMap<number, Codec | "deflate" | "stored"> = new Map([
  [0, "stored"],
  [8, "deflate"],
  [12, "bz2"],
  [93, "zst"],
  [95, "xz"],
])

/** What is kept of an entry: there may be many. */
interface Member {
  readonly name: string
  /** Offset of its local header. */
  readonly offset: number
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly crc32: number
  readonly reader: Exclude<Kind, "parquet">
  readonly method: Codec | "deflate" | "stored"
}

export async function* planZip(
  input: InputFile,
  options: PlanFileOptions,
  limits: Limits,
): AsyncGenerator<Slice, PlannedFile> {
  const { file, path } = input
  const stamp = await readStamp(path)
  const hash = createHash("sha256")
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  const planned = { file, bytes, sha256: hash.digest("hex") }
  const zip = await openZip(file, path)
  const handle = await open(path, "r")
  try {
    const meter = makeMeter(limits, file)
    let before = 0
    for (const entry of await readDirectory(input, zip, options, limits)) {
      const { method, name, reader } = entry
      const member = file + memberMark + name
      const start = await dataStart(handle, entry, bytes)
      if (start === undefined) {
        yield badMember(file, member, "CutTail", "no header where the directory says")
        continue
      }
      const size = entry.compressedSize
      const from = start
      let packed = 0
      async function* read(): AsyncGenerator<Uint8Array> {
        while (packed < size) {
          const chunk = Buffer.allocUnsafeSlow(Math.min(packedChunk, size - packed))
          const { bytesRead } = await handle.read(chunk, 0, chunk.length, from + packed)
          if (bytesRead === 0) throw changed()
          packed += bytesRead
          options.passed?.(before + packed)
          yield chunk.subarray(0, bytesRead)
        }
      }
      const count = meter.entry(name)
      const content = checked(
        method === "stored" ? whole(read()) : unpack(method, read(), entry.uncompressedSize),
        entry,
        file,
        name,
        (out) => count(out, packed),
      )
      yield* planContent({ file: member, path }, reader, options, content, undefined)
      before += packed
    }
  } finally {
    await handle.close()
    zip.close()
  }
  if (!sameStamp(stamp, await readStamp(path))) throw changed()
  return planned
}

async function* whole(source: Chunks): Unpacked {
  yield* source
  return undefined
}

/** Where a member's bytes begin (APPNOTE.TXT 4.3.7); undefined when no header stands where the directory says. */
const dataStart = async (handle: FileHandle, member: Member, fileBytes: number): Promise<number | undefined> => {
  const header = Buffer.allocUnsafe(30)
  const { bytesRead } = await handle.read(header, 0, 30, member.offset)
  if (bytesRead < 30 || header.readUInt32LE(0) !== 0x04034b50) return undefined
  const start = member.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  return start + member.compressedSize > fileBytes ? undefined : start
}

/** Holds what comes out against what the directory says, and against the limits. */
async function* checked(
  unpacked: Unpacked,
  entry: Member,
  file: string,
  name: string,
  count: (bytes: number) => void,
): Unpacked {
  let size = 0
  let sum = 0
  for (;;) {
    const next = await unpacked.next()
    if (next.done === true) {
      if (next.value !== undefined) return next.value
      if (size !== entry.uncompressedSize) {
        throw new ArchiveError("Size", file, name, `${size} bytes, not ${entry.uncompressedSize}`)
      }
      return sum === entry.crc32 ? undefined : "the checksum does not hold"
    }
    size += next.value.length
    if (size > entry.uncompressedSize) {
      throw new ArchiveError("Size", file, name, `more than ${entry.uncompressedSize} bytes`)
    }
    count(next.value.length)
    sum = crc32(next.value, sum)
    yield next.value
  }
}

const openZip = async (file: string, path: string): Promise<yauzl.ZipFile> => {
  try {
    return await yauzl.openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: true })
  } catch (cause) {
    if (typeof (cause as { readonly syscall?: unknown }).syscall === "string") throw cause
    throw new ArchiveError("Invalid", file, undefined, cause instanceof Error ? cause.message : undefined)
  }
}

/** Looks at all entries; answers those that are read. */
const readDirectory = async (
  input: InputFile,
  zip: yauzl.ZipFile,
  options: PlanFileOptions,
  limits: Limits,
): Promise<ReadonlyArray<Member>> => {
  const { file } = input
  if (zip.entryCount > limits.entries) {
    throw new ArchiveError("Entries", file, undefined, `${zip.entryCount}, more than ${limits.entries}`)
  }
  const checkName = makeNames(file, limits)
  const choose = makeChooser(input, options)
  const members: Array<Member> = []
  /** Where each entry begins, and where it ends at the earliest. */
  const ranges: Array<{ readonly start: number; readonly end: number; readonly name: string }> = []
  const look = (entry: yauzl.Entry): void => {
    const raw = entry.fileNameRaw
    const name = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, false)
    checkName(name)
    checkType(entry, file, name)
    const start = entry.relativeOffsetOfLocalHeader
    ranges.push({ start, end: start + 30 + raw.length + entry.compressedSize, name })
    if (name.endsWith("/")) {
      if (entry.compressedSize > 2) throw new ArchiveError("Size", file, name, "a folder with content")
      return
    }
    const reader = choose(name)
    if (reader === undefined) return
    if (entry.isEncrypted()) throw new ArchiveError("Encrypted", file, name)
    const method = methods.get(entry.compressionMethod)
    if (method === undefined) throw new ArchiveError("Method", file, name, String(entry.compressionMethod))
    if (entry.uncompressedSize > limits.entryBytes) {
      throw new ArchiveError("Bytes", file, name, `${entry.uncompressedSize} in one entry`)
    }
    const { compressedSize, crc32: sum, uncompressedSize } = entry
    members.push({
      name,
      offset: start,
      compressedSize,
      uncompressedSize,
      crc32: sum,
      reader,
      method,
    })
  }
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: yauzl.Entry) => {
      try {
        look(entry)
        zip.readEntry()
      } catch (cause) {
        reject(cause as Error)
      }
    })
    zip.on("end", resolve)
    zip.on("error", (cause: Error) => reject(new ArchiveError("Invalid", file, undefined, cause.message)))
    zip.readEntry()
  })
  ranges.sort((a, b) => a.start - b.start)
  ranges.forEach(({ name, start }, i) => {
    if (i > 0 && start < (ranges[i - 1] as (typeof ranges)[number]).end) throw new ArchiveError("Overlap", file, name)
  })
  if (members.length === 0) choose.none()
  return members
}

/** Unix keeps the kind of a file in the upper half of the attributes. */
const checkType = (entry: yauzl.Entry, file: string, name: string): void => {
  const system = entry.versionMadeBy >> 8
  const mode = system === 3 || system === 19 ? (entry.externalFileAttributes >>> 16) & 0xf000 : 0
  if (mode === 0xa000) throw new ArchiveError("Link", file, name)
  if (mode !== 0 && mode !== 0x8000 && mode !== 0x4000) throw new ArchiveError("Device", file, name)
}

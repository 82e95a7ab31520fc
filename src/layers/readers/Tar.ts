/**
 * Reads tar (ustar, pax and GNU names) while it streams. A reader of its own because the one of the library holds whole
 * headers of any length, and loses what it has not yet handed out when the archive is damaged: here nothing is held but
 * a header of a stated length, and what stands before the damage is read.
 *
 * Source of the format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual,
 * "Basic Tar Format".
 */
import { memberMark } from "../../domain/Record.ts"
import type { Slice } from "../../domain/Slice.ts"
import { ArchiveError, type Limits, makeNames } from "./Archive.ts"
import type { Unpacked } from "./Codec.ts"
import { badMember, makeChooser } from "./Members.ts"
import { type Feed, type InputFile, makeFeed, type PlanFileOptions } from "./Plan.ts"

const block = 512

/** Longest extended header or long name. */
const maxHeader = 1024 * 1024

const text = (bytes: Uint8Array, from: number, size: number): string => {
  const end = bytes.subarray(from, from + size).indexOf(0)
  return Buffer.from(bytes.subarray(from, from + (end < 0 ? size : end))).toString("utf8")
}

/** A number in octal, or in base 256 where its first bit is set; NaN for anything else. */
const number = (bytes: Uint8Array, from: number, size: number): number => {
  if (((bytes[from] as number) & 0x80) !== 0) {
    let value = (bytes[from] as number) & 0x7f
    for (let i = from + 1; i < from + size; i++) value = value * 256 + (bytes[i] as number)
    return value
  }
  const digits = text(bytes, from, size).trim()
  return digits === "" ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

const checksumHolds = (header: Uint8Array): boolean => {
  let sum = 0
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] as number)
  return sum === number(header, 148, 8)
}

/** The records `length key=value` of an extended header; undefined when they do not add up. */
const readPax = (bytes: Buffer): ReadonlyMap<string, string> | undefined => {
  const found = new Map<string, string>()
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(32, at)
    const size = Number(bytes.toString("latin1", at, space))
    const equals = bytes.indexOf(61, space)
    const end = at + size
    if (space < 0 || !Number.isSafeInteger(size) || size < 5 || end > bytes.length || equals < 0 || equals >= end) {
      return undefined
    }
    found.set(bytes.toString("utf8", space + 1, equals), bytes.toString("utf8", equals + 1, end - 1))
    at = end
  }
  return found
}

type State = "header" | "extended" | "data" | "padding" | "end"

export async function* planTar(
  input: InputFile,
  content: Unpacked,
  options: PlanFileOptions,
  limits: Limits,
): AsyncGenerator<Slice, void> {
  const { file, path } = input
  const checkName = makeNames(file, limits)
  const choose = makeChooser(input, options)
  const ready: Array<Slice> = []
  let taken = 0

  let state: State = "header"
  let held = Buffer.alloc(0)
  /** Bytes of the entry that are still to come, and of the padding behind it. */
  let left = 0
  let padding = 0
  /** Kind of the extended header, and what such headers said of the next entry. */
  let extension = ""
  let name: string | undefined
  let size: number | undefined
  let entry = ""
  let feed: Feed | undefined

  const damaged = (detail: string): void => {
    ready.push(badMember(file, file, "CutTail", detail))
    state = "end"
  }
  const endEntry = (broken?: string): void => {
    feed?.end(broken)
    if (feed !== undefined) ready.push(...feed.take())
    feed = undefined
  }
  const readHeader = (header: Buffer): void => {
    if (isZero(header)) {
      state = "end"
      return
    }
    if (!checksumHolds(header)) return damaged("a header with a wrong sum")
    const stated = number(header, 124, 12)
    const type = String.fromCharCode(header[156] as number)
    if (!Number.isSafeInteger(stated) || stated < 0) throw new ArchiveError("Size", file, text(header, 0, 100))
    if ("xgLK".includes(type)) {
      if (stated > maxHeader) throw new ArchiveError("Size", file, undefined, `a header of ${stated} bytes`)
      extension = type
      held = Buffer.alloc(0)
      left = stated
      padding = (block - (stated % block)) % block
      state = stated === 0 ? "header" : "extended"
      return
    }
    const prefix = text(header, 257, 6) === "ustar" ? text(header, 345, 155) : ""
    entry = name ?? (prefix === "" ? "" : `${prefix}/`) + text(header, 0, 100)
    left = size ?? stated
    name = undefined
    size = undefined
    padding = (block - (left % block)) % block
    if (type === "1" || type === "2") throw new ArchiveError("Link", file, entry)
    const isFolder = type === "5" || ((type === "0" || type === "\0") && entry.endsWith("/"))
    if (!isFolder && type !== "0" && type !== "\0" && type !== "7") throw new ArchiveError("Device", file, entry)
    checkName(isFolder && !entry.endsWith("/") ? `${entry}/` : entry)
    if (left > limits.entryBytes) throw new ArchiveError("Bytes", file, entry, `${left} in one entry`)
    const reader = isFolder ? undefined : choose(entry)
    if (reader !== undefined) {
      taken++
      feed = makeFeed({ file: file + memberMark + entry, path }, reader, options, undefined)
    }
    state = "data"
    if (left === 0) {
      endEntry()
      state = padding === 0 ? "header" : "padding"
    }
  }
  const readExtension = (bytes: Buffer): void => {
    if (extension === "L") name = text(bytes, 0, bytes.length)
    else if (extension === "x") {
      const pax = readPax(bytes)
      if (pax === undefined) return damaged("an extended header that does not add up")
      name = pax.get("path") ?? name
      const stated = pax.get("size")
      if (stated !== undefined) {
        size = Number(stated)
        if (!/^\d+$/.test(stated) || !Number.isSafeInteger(size)) throw new ArchiveError("Size", file, name)
      }
      if (pax.has("GNU.sparse.major") || pax.has("GNU.sparse.map"))
        throw new ArchiveError("Device", file, name, "sparse")
    }
    state = padding === 0 ? "header" : "padding"
  }
  /** Takes what it can of a chunk; answers where it stopped. */
  const step = (chunk: Uint8Array, at: number): number => {
    if (state === "header" || state === "extended") {
      const wanted = (state === "header" ? block : left) - held.length
      const part = chunk.subarray(at, at + wanted)
      held = Buffer.concat([held, part])
      if (part.length === wanted) {
        const whole = held
        held = Buffer.alloc(0)
        if (state === "header") readHeader(whole)
        else readExtension(whole)
      }
      return at + part.length
    }
    if (state === "padding") {
      const part = Math.min(padding, chunk.length - at)
      padding -= part
      if (padding === 0) state = "header"
      return at + part
    }
    if (state === "end") return chunk.length
    const part = chunk.subarray(at, at + left)
    left -= part.length
    feed?.push(part)
    if (feed !== undefined) ready.push(...feed.take())
    if (left === 0) {
      endEntry()
      state = padding === 0 ? "header" : "padding"
    }
    return at + part.length
  }

  for (;;) {
    const next = await content.next()
    if (next.done === true) {
      // `step` changes the state where the compiler does not see it.
      const last = state as State
      if (last === "data" && feed !== undefined) endEntry(next.value ?? "the archive ends within the entry")
      else if (last !== "end" || next.value !== undefined) damaged(next.value ?? "the archive has no end")
      yield* ready.splice(0)
      break
    }
    for (let at = 0; at < next.value.length; ) {
      at = step(next.value, at)
      yield* ready.splice(0)
    }
  }
  if (taken === 0) choose.none()
}

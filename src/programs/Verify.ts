/**
 * Reads an output again, with the manifest and the ledger that belong to it, and tells what does not fit together: bytes
 * that are not those that were written, lines that no trainer would read, sums that do not hold. Each file is read once,
 * as a stream; memory grows with the number of rows by a key of their identifiers only.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isUtf8 } from "node:buffer"
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { basename, dirname, isAbsolute, join } from "node:path"
import { createGunzip } from "node:zlib"
import { causeText } from "../domain/Cause.ts"
import { keyOf, makeKeyTable } from "../domain/KeyTable.ts"
import { evidence } from "../domain/Rejection.ts"
import {
  checkSums,
  type Manifest,
  type ManifestInput,
  manifestText,
  seal,
  type TaskCounts,
  total,
} from "../domain/Report.ts"
import { terminalLine } from "../domain/text/Terminal.ts"

/** One thing that is not as it should be. */
export interface Finding {
  readonly file: string
  /** 1-based. */
  readonly line?: number
  readonly what: string
  readonly expected?: string | number
  readonly actual?: string | number
}

export interface VerifyReport {
  readonly output: string
  readonly manifest: string
  /** Empty: all is as it was written. */
  readonly findings: ReadonlyArray<Finding>
  readonly summary: {
    /** All findings, those too of which the list tells only how many there are. */
    readonly findings: number
    readonly outputs: number
    readonly rows: number
    readonly bytes: number
    /** Lines of the ledger; null when there is none. */
    readonly ledgerLines: number | null
    /** Null when inputs were not asked for. `skipped` are those that do not lie in the data folder, as plug-ins. */
    readonly inputs: { readonly checked: number; readonly skipped: number } | null
  }
}

export interface VerifyOptions {
  /** Default: beside the output. */
  readonly manifestFile?: string
  readonly ledgerFile?: string
  /** The data folder: inputs that the manifest names are digested again. */
  readonly inputs?: string
}

/** There is nothing to verify: neither the output nor its manifest can be read. */
export class VerifyError extends Schema.TaggedError<VerifyError>()("VerifyError", {
  reason: Schema.Literal("NotFound", "Unreadable"),
  file: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "NotFound"
      ? `there is no output "${this.file}", and no manifest of it`
      : `cannot read "${this.file}": ${this.detail}`
  }
}

// ------------------------------------------------------------------------------------------------------------ manifest

const Count = Schema.NonNegativeInt
const Tally = Schema.Record({ key: Schema.String, value: Count })
const Digest = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{64}$/, { message: () => "Expected a SHA-256 in lower case" }),
)
const optional = <A, I>(of: Schema.Schema<A, I>) => Schema.optionalWith(of, { exact: true })

const Counts = Schema.Struct({
  records: Schema.Struct({ read: Count, bad: Count, skipped: Tally, used: Count, blankLines: Count }),
  episodes: Schema.Struct({
    made: Count,
    dropped: Tally,
    invalid: Tally,
    tooLarge: Count,
    sampledOut: Count,
    written: Count,
  }),
  turns: Schema.Struct({ made: Count, written: Count, cut: Count }),
  repairs: Tally,
  examples: Count,
  tokens: Schema.NullOr(Count),
})

const OutputEntry = Schema.Struct({
  file: Schema.String,
  bytes: Count,
  sha256: Digest,
  rows: Count,
  contentSha256: optional(Digest),
})

/** The manifest as it stands in its file. */
export const ManifestSchema = Schema.Struct({
  tool: Schema.Struct({ name: Schema.String, version: Schema.String, build: Schema.String }),
  arguments: Schema.Array(Schema.String),
  config: Schema.Unknown,
  seed: Schema.Int,
  inputs: Schema.Array(
    Schema.Struct({
      kind: Schema.Literal("dataset", "plugin", "tokenizer", "template", "filterData"),
      dataset: optional(Schema.String),
      file: Schema.String,
      bytes: Count,
      sha256: Digest,
    }),
  ),
  sideInputs: Schema.Array(Schema.Struct({ dataset: Schema.String, entries: Count, sha256: Digest })),
  tasks: Schema.Record({ key: Schema.String, value: Counts }),
  outputs: Schema.Array(OutputEntry),
  startedAt: Schema.String.pipe(
    Schema.filter((text) => isTime(text) || "Expected a time such as 2024-05-06T07:08:09.000Z"),
  ),
  durationMs: Count,
  /** The ledger, as an output is told: then a flipped bit in it is found wherever it is. */
  ledger: optional(OutputEntry),
  /** Seal: digest of all the rest. */
  sha256: optional(Digest),
})

const isTime = (text: string): boolean => {
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text
}

/** Breaks the type check when the schema and the type part. */
export const manifestType: (decoded: typeof ManifestSchema.Type) => Manifest = (decoded) => decoded

/** A manifest of more bytes is none; one with a million inputs has a third of it. */
const maxManifestBytes = 512 * 1024 * 1024

/** What a file holds, if it is a manifest, and what is wrong with it. */
const parseManifest = (file: string, bytes: Uint8Array, findings: Findings): Manifest | undefined => {
  let value: unknown
  let isCanonical: boolean
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
    isCanonical = manifestText(value as Manifest) === text
  } catch (cause) {
    findings.add({ file, what: "the manifest is no JSON", actual: detailOf(cause) })
    return undefined
  }
  const decoded = ParseResult.decodeUnknownEither(ManifestSchema)(value, { errors: "all", onExcessProperty: "error" })
  if (Either.isLeft(decoded)) {
    for (const { message, path } of ParseResult.ArrayFormatter.formatIssueSync(decoded.left))
      findings.add({
        file,
        what: "the manifest is not as expected",
        actual: `at ${pathText(path)}: ${evidence(message)}`,
      })
    return undefined
  }
  // What was decoded is the value itself; the value keeps keys such as __proto__, that a copy might lose.
  const manifest = value as Manifest
  if (!isCanonical) findings.add({ file, what: "the manifest is not in the form in which it is written" })
  const sealed = seal(manifest).sha256
  if (manifest.sha256 !== undefined && sealed !== undefined && manifest.sha256 !== sealed)
    findings.add({ file, what: "the manifest was changed", expected: manifest.sha256, actual: sealed })
  return manifest
}

const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.length === 0
    ? "the top"
    : path.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`)).join("")

// ------------------------------------------------------------------------------------------------------------ findings

interface Findings {
  readonly add: (finding: Finding) => void
  readonly addAll: (other: Findings) => void
  readonly list: () => ReadonlyArray<Finding>
  readonly count: () => number
}

/** Findings of one kind in one file that are told one by one. */
const maxOfAKind = 20

const makeFindings = (): Findings => {
  const list: Array<Finding> = []
  const kinds = new Map<string, { readonly file: string; readonly what: string; count: number }>()
  let count = 0
  const many = (finding: Finding, times: number): void => {
    const { file, what } = finding
    const key = JSON.stringify([file, what])
    const kind = kinds.get(key) ?? { file, what, count: 0 }
    kinds.set(key, kind)
    if (kind.count < maxOfAKind) list.push(finding)
    kind.count += times
    count += times
  }
  const rest = () =>
    [...kinds.values()].flatMap((kind): ReadonlyArray<Finding & { readonly more: number }> => {
      const more = kind.count - maxOfAKind
      return more <= 0 ? [] : [{ file: kind.file, what: `${kind.what} (${more} more of them)`, more }]
    })
  return {
    add: (finding) => many(finding, 1),
    addAll: (other) => {
      for (const finding of other.list()) many(finding, 1)
      count += other.count() - other.list().length
    },
    list: () => [...list, ...rest().map(({ more: _, ...finding }) => finding)],
    count: () => count,
  }
}

const detailOf = (cause: unknown): string => evidence(causeText(cause))

const codeOf = (cause: unknown): string | undefined => {
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === "string" ? code : undefined
}

// --------------------------------------------------------------------------------------------------------------- files

/** Bytes of a line that is looked at: twice those of the largest record that is read. */
const maxLineBytes = 128 * 1024 * 1024

/** Cuts a stream into lines. A line above the limit is counted, and given as undefined. */
const makeLines = (each: (line: Buffer | undefined, number: number) => void) => {
  let parts: Array<Buffer> = []
  let size = 0
  let number = 0
  const hold = (part: Buffer): void => {
    size += part.length
    if (size <= maxLineBytes) parts.push(part)
    else parts = []
  }
  const flush = (): void => {
    number++
    each(size > maxLineBytes ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts), number)
    parts = []
    size = 0
  }
  return {
    write: (chunk: Buffer): void => {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        hold(chunk.subarray(from, at))
        flush()
        from = at + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
    },
    /** The number of lines, and whether the last one lacks its end. */
    end: (): { readonly lines: number; readonly isOpen: boolean } => {
      const isOpen = size > 0
      if (isOpen) flush()
      return { lines: number, isOpen }
    },
  }
}

interface Digested {
  readonly bytes: number
  readonly sha256: string
}

/** Why a file cannot be read. */
type Missing = Pick<Finding, "what" | "actual">

/** A pipe or a device would never end. */
const checkFile = async (path: string): Promise<Missing | undefined> => {
  try {
    return (await stat(path)).isFile() ? undefined : { what: "it is no ordinary file" }
  } catch (cause) {
    return unreadable(cause)
  }
}

const unreadable = (cause: unknown): Missing => {
  const code = codeOf(cause)
  return code === "ENOENT" || code === "ENOTDIR"
    ? { what: "the file is missing" }
    : { what: "the file cannot be read", actual: code ?? detailOf(cause) }
}

const isMissing = (result: object): result is Missing => "what" in result

/** Reads a file once; gives its chunks on. */
const digestFile = async (
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

interface Read extends Digested {
  readonly lines: number
  readonly isOpen: boolean
  /** Digest of what was unpacked. */
  readonly contentSha256: string | undefined
  /** Why it cannot be unpacked to its end. */
  readonly broken: string | undefined
}

/** Reads a file of lines, packed or not. Lines of a broken file are what came out until then. */
const readLines = async (
  path: string,
  isPacked: boolean,
  signal: AbortSignal,
  each: (line: Buffer | undefined, number: number) => void,
): Promise<Read | Missing> => {
  const lines = makeLines(each)
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

/** The object that a line holds, or why it holds none. */
const parseLine = (line: Buffer | undefined): { readonly [key: string]: unknown } | string => {
  if (line === undefined) return "the line is too long to be looked at"
  if (line.length === 0) return "the line is empty"
  if (!isUtf8(line)) return "the line is no UTF-8"
  let value: unknown
  try {
    value = JSON.parse(line.toString("utf8"))
  } catch {
    return "the line is no JSON"
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: unknown })
    : "the line is no JSON object"
}

// ------------------------------------------------------------------------------------------------------------- outputs

/** Identifiers of all outputs: a row with one that was there before is told. */
const makeIds = () => {
  const table = makeKeyTable()
  const files: Array<{ readonly file: string; readonly first: number }> = []
  let count = 0
  return {
    begin: (file: string): void => void files.push({ file, first: count }),
    /** Where the identifier was before, if it was. */
    add: (id: string, file: string, line: number): string | undefined => {
      const key = keyOf(id)
      const before = table.get(key)
      if (before === undefined) {
        const { first } = files[files.length - 1] as (typeof files)[number]
        count = first + line
        table.add(key, count)
        return undefined
      }
      const at = files.findLast(({ first }) => first < before) as (typeof files)[number]
      return at.file === file ? `line ${before - at.first}` : `${at.file}:${before - at.first}`
    },
  }
}

type Ids = ReturnType<typeof makeIds>

/** Whether the rows of some task were written more than once. */
const repeats = (manifest: Manifest | undefined): boolean => {
  const tasks = (
    manifest?.config as { readonly tasks?: { readonly [key: string]: { readonly repeat?: unknown } } } | null
  )?.tasks
  return Object.values(tasks ?? {}).some((section) => typeof section?.repeat === "number" && section.repeat > 1)
}

/**
 * The rows of a file, line by line: of an array (`[` on the first line, an element a line, `]` on the last) without what
 * parts them. `done` tells how many there were, and whether the array was closed where it should be.
 */
const makeRows = () => {
  let isArray = false
  let isClosed = false
  let needsComma = false
  let rows = 0
  let wrong: string | undefined
  return {
    next: (line: Buffer | undefined, number: number): Buffer | "none" | undefined => {
      if (number === 1 && line !== undefined && (line.equals(arrayBegin) || line.equals(arrayEmpty))) {
        isArray = true
        isClosed = line.equals(arrayEmpty)
        return "none"
      }
      if (!isArray) {
        rows++
        return line
      }
      if (isClosed) wrong ??= "there are lines behind the end of the array"
      if (line?.equals(arrayEnd) === true) {
        if (rows > 0 && !needsComma) wrong ??= "the array ends behind a comma"
        isClosed = true
        return "none"
      }
      if (needsComma) wrong ??= "an element of the array is not parted from the next one"
      rows++
      const hasComma = line !== undefined && line[line.length - 1] === 44
      needsComma = !hasComma
      return hasComma ? line.subarray(0, -1) : line
    },
    done: (): { readonly rows: number; readonly wrong: string | undefined } => ({
      rows,
      wrong: wrong ?? (isArray && !isClosed ? "the array has no end" : undefined),
    }),
  }
}

const arrayBegin = Buffer.from("[")
const arrayEmpty = Buffer.from("[]")
const arrayEnd = Buffer.from("]")

/** Reads an output; what is wrong with its rows is told, unless they are only what came out of a broken file. */
const readOutput = async (
  file: string,
  isPacked: boolean,
  ids: Ids | undefined,
  findings: Findings,
  signal: AbortSignal,
): Promise<Read | Missing> => {
  const own = makeFindings()
  let keys: ReadonlyArray<string> | undefined
  let keysAt = 0
  ids?.begin(file)
  const rows = makeRows()
  const read = await readLines(file, isPacked, signal, (bytes, line) => {
    const given = rows.next(bytes, line)
    if (given === "none") return
    const row = parseLine(given)
    if (typeof row === "string") return own.add({ file, line, what: row })
    const found = Object.keys(row)
    if (keys === undefined) {
      keys = found
      keysAt = line
    } else if (!sameKeys(keys, found)) {
      own.add({
        file,
        line,
        what: `the keys are not those of line ${keysAt}`,
        expected: evidence(keys.join(", ")),
        actual: evidence(found.join(", ")),
      })
    }
    if (!Object.hasOwn(row, "identifier")) return
    const id = row["identifier"]
    if (typeof id !== "string") return own.add({ file, line, what: "the identifier is no text" })
    const before = ids?.add(id, file, line)
    if (before !== undefined)
      own.add({ file, line, what: "the identifier was used before", actual: `${evidence(id)}, in ${before}` })
  })
  if (isMissing(read)) {
    findings.add({ file, ...read })
    return read
  }
  if (read.broken !== undefined) {
    findings.add({ file, what: "the file cannot be unpacked", actual: read.broken })
    return read
  }
  findings.addAll(own)
  if (read.isOpen) findings.add({ file, line: read.lines, what: "the last line has no end" })
  const { rows: lines, wrong } = rows.done()
  if (wrong !== undefined) findings.add({ file, what: wrong })
  return { ...read, lines }
}

const sameKeys = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean => {
  if (a.length !== b.length) return false
  if (a.every((key, i) => key === b[i])) return true
  const all = new Set(a)
  return b.every((key) => all.has(key))
}

/** Holds what was read against what the manifest tells of it. */
const compare = (
  file: string,
  told: typeof OutputEntry.Type,
  read: Read,
  rowsAre: string,
  findings: Findings,
): void => {
  const expect = (what: string, expected: string | number, actual: string | number | undefined): void => {
    if (actual !== undefined && expected !== actual) findings.add({ file, what, expected, actual })
  }
  expect("the number of bytes differs", told.bytes, read.bytes)
  expect("the SHA-256 differs", told.sha256, read.sha256)
  if (read.broken !== undefined) return
  expect(`the number of ${rowsAre} differs`, told.rows, read.lines)
  if (read.contentSha256 === undefined) return
  if (told.contentSha256 === undefined)
    findings.add({ file, what: "the manifest does not tell the SHA-256 of the content" })
  else expect("the SHA-256 of the content differs", told.contentSha256, read.contentSha256)
}

/** A name from a manifest is used within its folder only. */
const isPlainName = (file: string): boolean => file === basename(file) && file !== "." && file !== ".." && file !== ""

interface Target {
  readonly file: string
  readonly told: typeof OutputEntry.Type | undefined
}

/** The files to read, each with what the manifest tells of it. */
const targetsOf = (
  outputFile: string,
  manifestFile: string,
  manifest: Manifest | undefined,
  findings: Findings,
): ReadonlyArray<Target> => {
  if (manifest === undefined) return [{ file: outputFile, told: undefined }]
  const given = basename(outputFile)
  const { outputs } = manifest
  const named = outputs.filter(({ file }, i) => {
    const isFirst = outputs.findIndex((other) => other.file === file) === i
    if (!isFirst) findings.add({ file: manifestFile, what: "an output is named twice", actual: file })
    else if (!isPlainName(file))
      findings.add({ file: manifestFile, what: "the name of an output leads elsewhere", actual: file })
    return isFirst && isPlainName(file)
  })
  // What went to the standard output was given its name later.
  const own = named.find(({ file }) => file === given) ?? named.find(({ file }) => file === "-")
  const [only] = named
  if (own === undefined) {
    findings.add({
      file: manifestFile,
      what: "the output is not the one that the manifest tells of",
      expected: named.map(({ file }) => file).join(", "),
      actual: given,
    })
    // A set that was given another name may be whole otherwise.
    return [{ file: outputFile, told: named.length === 1 ? only : undefined }]
  }
  return named.map((told) => ({
    file: told === own ? outputFile : join(dirname(outputFile), told.file),
    told,
  }))
}

// -------------------------------------------------------------------------------------------------------------- ledger

const scopes: ReadonlySet<unknown> = new Set(["record", "episode", "turns"])
const stages: ReadonlySet<unknown> = new Set(["read", "task", "shape", "filter", "length", "format", "mix"])

interface LedgerLine {
  readonly task: string
  readonly scope: string
  readonly stage: string
  readonly reason: string
}

const isLedgerLine = (line: { readonly [key: string]: unknown }): boolean => {
  const { detail, id, place, reason, scope, stage, task } = line
  return (
    typeof task === "string" &&
    typeof reason === "string" &&
    scopes.has(scope) &&
    stages.has(stage) &&
    (id === undefined || typeof id === "string") &&
    (detail === undefined || typeof detail === "string" || (typeof detail === "object" && detail !== null)) &&
    typeof place === "object" &&
    place !== null &&
    typeof (place as { readonly file?: unknown }).file === "string"
  )
}

/** The count of the manifest that a line of an episode belongs to. */
const countOf = ({ reason, stage }: LedgerLine): string =>
  reason === "failed"
    ? "invalid failed"
    : stage === "filter"
      ? `dropped ${reason}`
      : stage === "length"
        ? "tooLarge"
        : stage === "mix"
          ? "sampledOut"
          : `invalid ${reason}`

const add = (to: Map<string, number>, key: string): void => void to.set(key, (to.get(key) ?? 0) + 1)

/** Lines of a task in the ledger. */
interface Lines {
  records: number
  readonly reasons: Map<string, number>
  readonly episodes: Map<string, number>
}

const readLedger = async (
  file: string,
  manifest: Manifest | undefined,
  isExpected: boolean,
  findings: Findings,
  signal: AbortSignal,
): Promise<number | null> => {
  const own = makeFindings()
  const tasks = new Map<string, Lines>()
  for (const task of Object.keys(manifest?.tasks ?? {}))
    tasks.set(task, { records: 0, reasons: new Map(), episodes: new Map() })
  const read = await readLines(file, file.endsWith(".gz"), signal, (bytes, line) => {
    const value = parseLine(bytes)
    if (typeof value === "string") return own.add({ file, line, what: value })
    if (!isLedgerLine(value)) return own.add({ file, line, what: "the line is no ledger line" })
    const told = value as unknown as LedgerLine
    const counts = tasks.get(told.task)
    if (counts === undefined) {
      if (manifest !== undefined)
        own.add({ file, line, what: "the line tells of a task that the manifest does not know", actual: told.task })
      return
    }
    if (told.scope === "record") {
      counts.records++
      add(counts.reasons, told.reason)
    } else if (told.scope === "episode") add(counts.episodes, countOf(told))
  })
  if (isMissing(read)) {
    if (isExpected || read.what !== "the file is missing") findings.add({ file, ...read })
    return null
  }
  if (manifest?.ledger !== undefined) compare(file, manifest.ledger, read, "lines", findings)
  if (read.broken !== undefined) {
    findings.add({ file, what: "the file cannot be unpacked", actual: read.broken })
    return null
  }
  findings.addAll(own)
  if (read.isOpen) findings.add({ file, line: read.lines, what: "the last line has no end" })
  for (const [task, lines] of tasks) {
    const counts = (manifest as Manifest).tasks[task] as TaskCounts
    compareLedger(file, task, counts, lines, findings)
  }
  return read.lines
}

/** Holds the lines of a task against its counts. */
const compareLedger = (file: string, task: string, counts: TaskCounts, lines: Lines, findings: Findings): void => {
  const { episodes, records } = counts
  const expect = (what: string, expected: number, actual: number): void => {
    if (expected !== actual) findings.add({ file, what: `${task}: ${what}`, expected, actual })
  }
  const all = [...lines.episodes.values()].reduce((sum, count) => sum + count, 0)
  expect("lines of records", records.bad + total(records.skipped), lines.records)
  expect(
    "lines of episodes",
    total(episodes.dropped) + total(episodes.invalid) + episodes.tooLarge + episodes.sampledOut,
    all,
  )
  // A record that is bad may have the same reason as one that is left out, so that there can be more lines.
  for (const [reason, count] of Object.entries(records.skipped)) {
    const found = lines.reasons.get(reason) ?? 0
    if (found < count) expect(`lines of records with reason ${reason}`, count, found)
  }
  const told = new Map<string, number>([
    ...Object.entries(episodes.dropped).map(([reason, count]) => [`dropped ${reason}`, count] as const),
    ...Object.entries(episodes.invalid).map(([reason, count]) => [`invalid ${reason}`, count] as const),
    ["tooLarge", episodes.tooLarge],
    ["sampledOut", episodes.sampledOut],
  ])
  for (const what of new Set([...told.keys(), ...lines.episodes.keys()]))
    expect(`lines of episodes, ${what}`, told.get(what) ?? 0, lines.episodes.get(what) ?? 0)
}

// -------------------------------------------------------------------------------------------------------------- inputs

const isInside = (file: string): boolean =>
  file !== "" && !isAbsolute(file) && !file.includes("\0") && !file.split(/[/\\]/).includes("..")

/** Digests again what the manifest names below the data folder. */
const readInputs = async (
  inputs: ReadonlyArray<ManifestInput>,
  dataFolder: string,
  manifestFile: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<{ readonly checked: number; readonly skipped: number }> => {
  let checked = 0
  let skipped = 0
  for (const { bytes, file: name, kind, sha256 } of inputs) {
    // A plug-in, say, is told by its base name: where it lies is not known. Files of filters may lie in the data folder.
    const isThere = kind === "filterData" && isInside(name) && (await checkFile(join(dataFolder, name))) === undefined
    if (kind !== "dataset" && !isThere) {
      skipped++
      continue
    }
    if (!isInside(name)) {
      findings.add({ file: manifestFile, what: "the name of an input leads out of the data folder", actual: name })
      continue
    }
    const file = join(dataFolder, name)
    const read = await digestFile(file, signal, () => undefined)
    checked++
    if (isMissing(read)) {
      findings.add({ file, ...read })
      continue
    }
    if (read.bytes !== bytes)
      findings.add({ file, what: "the number of bytes differs", expected: bytes, actual: read.bytes })
    if (read.sha256 !== sha256)
      findings.add({ file, what: "the SHA-256 differs", expected: sha256, actual: read.sha256 })
  }
  return { checked, skipped }
}

// -------------------------------------------------------------------------------------------------------------- verify

const readManifest = async (file: string, findings: Findings): Promise<Manifest | Missing | undefined> => {
  const missing = await checkFile(file)
  if (missing !== undefined) return missing
  try {
    const { size } = await stat(file)
    if (size <= maxManifestBytes) return parseManifest(file, await readFile(file), findings)
    findings.add({ file, what: "the manifest is too large", actual: size })
    return undefined
  } catch (cause) {
    return unreadable(cause)
  }
}

/**
 * Whether there has to be a ledger: where its name was not given, the arguments of the run tell. An app that embeds the
 * toolbox may do without.
 */
const expectsLedger = (manifest: Manifest | undefined, given: string | undefined): boolean => {
  if (given !== undefined || manifest?.ledger !== undefined) return true
  const args = manifest?.arguments ?? []
  return (
    args.includes("build") && !args.some((arg) => /^--ledger(?:=|$)/.test(arg)) && manifest?.outputs[0]?.file !== "-"
  )
}

const check = async (
  outputFile: string,
  { inputs: dataFolder, ledgerFile, manifestFile = `${outputFile}.manifest.json` }: VerifyOptions,
  signal: AbortSignal,
): Promise<VerifyReport> => {
  const findings = makeFindings()
  const known = await readManifest(manifestFile, findings)
  const isThere = known === undefined || !isMissing(known)
  if (!isThere) {
    const missing = await checkFile(outputFile)
    if (missing !== undefined)
      throw new VerifyError({
        reason: missing.what === "the file is missing" ? "NotFound" : "Unreadable",
        file: outputFile,
        detail: missing.actual === undefined ? missing.what : String(missing.actual),
      })
    findings.add({ file: manifestFile, ...known })
  }
  const manifest = isThere ? known : undefined

  // Rows that are repeated are the same, identifiers and all.
  const ids = repeats(manifest) ? undefined : makeIds()
  let rows = 0
  let bytes = 0
  let outputs = 0
  for (const { file, told } of targetsOf(outputFile, manifestFile, manifest, findings)) {
    const read = await readOutput(
      file,
      (told?.file ?? file).endsWith(".gz") || file.endsWith(".gz"),
      ids,
      findings,
      signal,
    )
    if (isMissing(read)) continue
    outputs++
    bytes += read.bytes
    if (read.broken === undefined) rows += read.lines
    if (told !== undefined) compare(file, told, read, "rows", findings)
  }

  if (manifest !== undefined) {
    const tasks = Object.entries(manifest.tasks)
    for (const [task, counts] of tasks)
      for (const what of checkSums(task, counts)) findings.add({ file: manifestFile, what })
    const examples = tasks.reduce((sum, [, counts]) => sum + counts.examples, 0)
    const told = manifest.outputs.reduce((sum, output) => sum + output.rows, 0)
    if (examples !== told)
      findings.add({
        file: manifestFile,
        what: "the examples of all tasks are not the rows of all outputs",
        expected: examples,
        actual: told,
      })
  }

  const beside =
    manifest?.ledger !== undefined && isPlainName(manifest.ledger.file)
      ? join(dirname(outputFile), manifest.ledger.file)
      : `${outputFile}.ledger.jsonl.gz`
  const isExpected = expectsLedger(manifest, ledgerFile)
  const ledgerLines = await readLedger(ledgerFile ?? beside, manifest, isExpected, findings, signal)
  const inputs =
    dataFolder === undefined
      ? null
      : await readInputs(manifest?.inputs ?? [], dataFolder, manifestFile, findings, signal)
  if (signal.aborted) throw new Error("interrupted")
  return {
    output: outputFile,
    manifest: manifestFile,
    findings: findings.list(),
    summary: { findings: findings.count(), outputs, rows, bytes, ledgerLines, inputs },
  }
}

/**
 * Reads an output again, and its manifest and ledger, and tells what is not as it was written. Damage is a finding, not
 * an error; an error is only that there is nothing to read at all.
 */
export const verify = (outputFile: string, options: VerifyOptions = {}): Effect.Effect<VerifyReport, VerifyError> =>
  Effect.tryPromise({
    try: (signal) => check(outputFile, options, signal),
    catch: (cause) =>
      cause instanceof VerifyError
        ? cause
        : new VerifyError({ reason: "Unreadable", file: outputFile, detail: detailOf(cause) }),
  })

// -------------------------------------------------------------------------------------------------------------- render

const number = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`

const findingText = ({ actual, expected, file, line, what }: Finding): string => {
  const facts = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(actual === undefined ? [] : [expected === undefined ? String(actual) : `found ${actual}`]),
  ]
  const place = line === undefined ? file : `${file}:${line}`
  return terminalLine(`${place}: ${what}${facts.length === 0 ? "" : `: ${facts.join(", ")}`}`)
}

/** The report as a person reads it: a line a finding, then what was read. */
export const render = ({ findings, output, summary }: VerifyReport): string => {
  const { bytes, inputs, ledgerLines, rows } = summary
  const read = [
    number(rows, "row"),
    number(bytes, "byte"),
    ledgerLines === null ? "no ledger" : `ledger of ${number(ledgerLines, "line")}`,
    ...(inputs === null
      ? []
      : [`${number(inputs.checked, "input")}${inputs.skipped === 0 ? "" : ` (${inputs.skipped} not looked for)`}`]),
  ].join(", ")
  const verdict = summary.findings === 0 ? "as it was written" : number(summary.findings, "finding")
  return [...findings.map(findingText), `${terminalLine(output)}: ${verdict} (${read})`, ""].join("\n")
}

/** The outputs: which files they are, their rows, and whether they are what the manifest tells of. */
import { basename, dirname, join } from "node:path"
import { keyOf, makeKeyTable } from "../../domain/KeyTable.ts"
import { evidence } from "../../domain/Rejection.ts"
import type { Manifest } from "../../domain/Report.ts"
import { parseLine, withoutComma } from "../Lines.ts"
import { type Findings, makeFindings } from "./Findings.ts"
import { isMissing, type Missing, type Read, readDigested } from "./ReadFile.ts"
import type { OutputEntry } from "./ReadManifest.ts"

/** Identifiers of all outputs: a row with one that was there before is told. */
export const makeIds = () => {
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
      const element = line === undefined ? undefined : withoutComma(line)
      needsComma = element === undefined || element === line
      return element
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
export const readOutput = async (
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
  const read = await readDigested(file, isPacked, signal, ({ bytes, number: line }) => {
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
export const compare = (
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
export const isPlainName = (file: string): boolean =>
  file === basename(file) && file !== "." && file !== ".." && file !== ""

interface Target {
  readonly file: string
  readonly told: typeof OutputEntry.Type | undefined
}

/** The files to read, each with what the manifest tells of it. */
export const targetsOf = (
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

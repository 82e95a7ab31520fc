/**
 * What an archive may be: limits with defaults, and names that stay where they belong. An archive is never unpacked to
 * disk, but its names reach ledgers and identifiers, and what is hostile in one place is trusted in none.
 */
import * as Schema from "effect/Schema"

/** Why an archive is not read. */
export type Refusal =
  | "Traversal"
  | "Link"
  | "Device"
  | "Duplicate"
  | "Overlap"
  | "Size"
  | "Ratio"
  | "Entries"
  | "Bytes"
  | "Nested"
  | "Encrypted"
  | "Method"
  | "NoMembers"
  | "Unreadable"
  | "Invalid"

const texts: { readonly [R in Refusal]: string } = {
  Traversal: "a name that leads out of the archive or is no plain path",
  Link: "a link",
  Device: "an entry that is neither file nor folder",
  Duplicate: "two entries of one name (also when they differ in case or in how accents are written)",
  Overlap: "entries that overlap",
  Size: "an entry that is not as long as it says",
  Ratio: "packed too tightly to be anything but a bomb",
  Entries: "too many entries",
  Bytes: "too many bytes",
  Nested: "an entry that is packed itself; unpack the archive first, or name the members that are to be read",
  Encrypted: "an encrypted entry",
  Method: "a compression that is not known",
  NoMembers: "nothing in it that is to be read",
  Unreadable: "an entry of a kind that is not read out of an archive; unpack it first",
  Invalid: "no archive of its kind, or a damaged one",
}

/** An archive, or a packed file, is refused as a whole: the run ends before anything is published. */
export class ArchiveError extends Error {
  readonly reason: Refusal
  readonly archive: string
  readonly entry: string | undefined
  constructor(reason: Refusal, archive: string, entry?: string, detail?: string) {
    super(
      `"${shown(archive)}"${entry === undefined ? "" : `, entry "${shown(entry)}"`}: ${texts[reason]}` +
        (detail === undefined ? "" : ` (${shown(detail)})`),
    )
    this.reason = reason
    this.archive = archive
    this.entry = entry
  }
}

/** A name from outside, for messages: short, without control characters. */
const shown = (name: string): string => {
  const safe = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd").toWellFormed()
  return safe.length > 120 ? `${safe.slice(0, 120).toWellFormed()}...` : safe
}

export interface Limits {
  /** Entries of an archive, folders included. */
  readonly entries: number
  /** Unpacked bytes of one entry, or of one packed file. */
  readonly entryBytes: number
  /** Unpacked bytes of all entries that are read. */
  readonly totalBytes: number
  /** Unpacked bytes for each packed one, past the first 10 MB. */
  readonly ratio: number
}

export const defaultLimits: Limits = {
  entries: 100_000,
  entryBytes: 16 * 1024 ** 3,
  totalBytes: 64 * 1024 ** 3,
  ratio: 200,
}

const limit = (description: string) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { nullable: true }).annotations({ description })

/** The limits as a config gives them; what it leaves out has its default. */
export const limitsOption = Schema.optionalWith(
  Schema.Struct({
    entries: limit(`Entries of an archive. Default: ${defaultLimits.entries}.`),
    entryBytes: limit(`Bytes that one entry unpacks to. Default: ${defaultLimits.entryBytes} (16 GiB).`),
    totalBytes: limit(`Bytes that all entries unpack to. Default: ${defaultLimits.totalBytes} (64 GiB).`),
    ratio: limit(
      `Times its packed size that an entry unpacks to, past the first 10 MiB. Default: ${defaultLimits.ratio}.`,
    ),
  }),
  { nullable: true },
)

export const limitsOf = (given: Partial<{ readonly [K in keyof Limits]: number | undefined }> = {}): Limits => ({
  entries: given.entries ?? defaultLimits.entries,
  entryBytes: given.entryBytes ?? defaultLimits.entryBytes,
  totalBytes: given.totalBytes ?? defaultLimits.totalBytes,
  ratio: given.ratio ?? defaultLimits.ratio,
})

/** So much may come out of anything before its ratio counts. */
const ratioAfter = 10 * 1024 * 1024

/** Counts what is unpacked while it is unpacked: headers are not believed. Throws `ArchiveError`. */
export const makeMeter = (limits: Limits, archive: string) => {
  let total = 0
  return {
    /** For one entry, or for one packed file. */
    entry: (entry?: string) => {
      let out = 0
      return (bytes: number, packed: number): void => {
        out += bytes
        total += bytes
        if (out > limits.entryBytes) {
          throw new ArchiveError("Bytes", archive, entry, `more than ${limits.entryBytes} in one entry`)
        }
        if (total > limits.totalBytes) {
          throw new ArchiveError("Bytes", archive, entry, `more than ${limits.totalBytes} in all`)
        }
        if (out > ratioAfter && out > packed * limits.ratio) {
          throw new ArchiveError("Ratio", archive, entry, `more than ${limits.ratio} bytes from one`)
        }
      }
    },
  }
}

export type Meter = ReturnType<typeof makeMeter>

/** Names that are devices on Windows, with any ending. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i

/** Why a name could leave the folder it is unpacked to, on any system; undefined for a plain relative path. */
export const nameProblem = (name: string): string | undefined => {
  if (name === "" || name.includes("\0")) return "no name"
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) return "absolute"
  if (name.includes("\\")) return "backslash"
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return "control character"
  const parts = name.replace(/\/$/, "").split("/")
  if (parts.length > 64) return "too deep"
  for (const part of parts) {
    if (part === "" || part === "..") return "does not stay inside"
    if (Buffer.byteLength(part) > 255) return "too long"
    if (part !== "." && /[. ]$/.test(part)) return "ends with a dot or a space"
    if (device.test(part)) return "a device"
  }
  return undefined
}

/** Looks at each name once. Throws `ArchiveError`. */
export const makeNames = (archive: string, limits: Limits) => {
  const seen = new Set<string>()
  let entries = 0
  return (name: string): void => {
    if (++entries > limits.entries) {
      throw new ArchiveError("Entries", archive, undefined, `more than ${limits.entries}`)
    }
    const problem = nameProblem(name)
    if (problem !== undefined) throw new ArchiveError("Traversal", archive, name, problem)
    const plain = name
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/")
    if (plain === "") return
    // Folders may come twice; a file of the same name may not.
    const folded = plain.normalize("NFC").toLowerCase().normalize("NFC")
    const key = name.endsWith("/") ? `${folded}/` : folded
    const other = name.endsWith("/") ? folded : `${folded}/`
    if (seen.has(other) || (seen.has(key) && !name.endsWith("/"))) throw new ArchiveError("Duplicate", archive, name)
    seen.add(key)
  }
}

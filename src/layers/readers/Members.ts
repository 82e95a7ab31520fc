/** Which members of an archive are read, and how. */
import type { BadSlice } from "../../domain/Slice.ts"
import { ArchiveError } from "./Archive.ts"
import { type Kind, kindOf, matchesGlob } from "./Kinds.ts"
import type { InputFile, PlanFileOptions } from "./Plan.ts"

/** What systems leave in archives beside what was put there. */
const isLitter = (name: string): boolean =>
  name.split("/").some((part) => part === "__MACOSX" || (part.startsWith(".") && part !== "."))

/**
 * Without globs all members of a known ending are read, but plain text: a `README.txt` is no conversation. Those who
 * want transcripts name them.
 *
 * How a member is read; undefined when it is not. Throws `ArchiveError` for one that is asked for and cannot be read, or
 * may hold data and cannot be looked into. `none` throws: nothing was read.
 */
export const makeChooser = (input: InputFile, options: PlanFileOptions) => {
  const { file, members } = input
  const choose = (entry: string): Exclude<Kind, "parquet"> | undefined => {
    const name = entry.replace(/^(?:\.\/)+/, "")
    const asked = members?.some((glob) => matchesGlob(glob, name)) === true
    if (members === undefined ? isLitter(name) : !asked) return undefined
    const { codec, container, kind } = kindOf(name)
    const packed = codec !== undefined || container !== undefined
    if (packed && (asked || container !== undefined || kind !== undefined)) throw new ArchiveError("Nested", file, name)
    // A name without an ending is no data in an archive, unless it is asked for.
    const known = asked || /\.[^./]*$/.test(name) ? kind : undefined
    if (known === undefined && asked && options.reader === "auto") {
      throw new ArchiveError("Unreadable", file, name, "its ending is not known")
    }
    if (!asked && (known === undefined || known === "text")) return undefined
    const reader = options.reader === "auto" ? known : options.reader
    if (reader === "parquet") throw new ArchiveError("Unreadable", file, name, "Parquet needs a file of its own")
    return reader
  }
  const none = (): never => {
    throw new ArchiveError(
      "NoMembers",
      file,
      undefined,
      members === undefined
        ? 'plain text is read only where "archive!/*.txt" asks for it'
        : `no member matches ${members.join(" or ")}`,
    )
  }
  return Object.assign(choose, { none })
}

/** A part of an archive that cannot be read: one bad record. */
export const badMember = (archive: string, file: string, reason: string, detail: string): BadSlice => ({
  kind: "bad",
  file: archive,
  reason,
  place: { file },
  detail,
  first: { index: 0, line: 1, byte: 0, counts: [] },
})

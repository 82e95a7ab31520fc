/** What a file is, by its name. */
import { matchName } from "../../domain/GlobName.ts"

export type Kind = "jsonl" | "json" | "csv" | "parquet" | "yaml" | "text"

export type Codec = "gz" | "zst" | "xz" | "bz2"

export type Container = "zip" | "tar"

const kinds: ReadonlyMap<string, Kind> = new Map([
  ["jsonl", "jsonl"],
  ["ndjson", "jsonl"],
  ["json", "json"],
  ["csv", "csv"],
  ["tsv", "csv"],
  ["parquet", "parquet"],
  ["yaml", "yaml"],
  ["yml", "yaml"],
  // JSON by another name, or a transcript: its first line tells.
  ["txt", "text"],
  // JSON by another name: an array, or a value a line.
  ["", "json"],
])

const codecs: ReadonlyMap<string, Codec> = new Map([
  ["gz", "gz"],
  ["zst", "zst"],
  ["zstd", "zst"],
  ["xz", "xz"],
  ["bz2", "bz2"],
])

/** Endings that stand for two. */
const short: ReadonlyMap<string, string> = new Map([
  ["tgz", "tar.gz"],
  ["tzst", "tar.zst"],
  ["txz", "tar.xz"],
  ["tbz2", "tar.bz2"],
  ["tbz", "tar.bz2"],
])

/** The endings of file names that are read. */
export const knownEndings = [...kinds.keys()].filter((ending) => ending !== "").map((ending) => `.${ending}`)

/** The endings of what may be packed or packed together. */
export const packedEndings = [".zip", ".tar", ".gz", ".zst", ".xz", ".bz2"]

const endingOf = (name: string): string => /\.([^./]*)$/.exec(name)?.[1] ?? ""

export interface FileKind {
  readonly codec?: Codec
  /** Several files in one. */
  readonly container?: Container
  /** Absent for what is not read. */
  readonly kind?: Kind | undefined
}

/** What a file is, by its name: packed how, holding what. */
export const kindOf = (file: string): FileKind => {
  let name = file.toLowerCase()
  const long = short.get(endingOf(name))
  if (long !== undefined) name = name.slice(0, name.lastIndexOf(".") + 1) + long
  const codec = codecs.get(endingOf(name))
  if (codec !== undefined) name = name.slice(0, name.lastIndexOf("."))
  const ending = endingOf(name)
  const packed = codec === undefined ? {} : { codec }
  if (ending === "tar") return { ...packed, container: "tar" }
  if (ending === "zip") return codec === undefined ? { container: "zip" } : packed
  return { ...packed, kind: kinds.get(ending) }
}

/** The field separator of a table file, by its name. */
export const delimiterOf = (file: string): string => (/\.tsv(?:\.[a-z0-9]+)?$/i.test(file) ? "\t" : ",")

/** Whether a member's name matches a glob: `*` within a name, `**` over folders. */
export const matchesGlob = (glob: string, name: string): boolean => {
  const pattern = glob.split("/").filter((part) => part !== "" && part !== ".")
  const parts = name.split("/")
  // Which parts of the pattern may stand for the names so far: linear in both.
  let at = new Set([0])
  const closed = (states: Set<number>): Set<number> => {
    for (const state of states) if (pattern[state] === "**") states.add(state + 1)
    return states
  }
  at = closed(at)
  for (const part of parts) {
    const next = new Set<number>()
    for (const state of at) {
      const wanted = pattern[state]
      if (wanted === undefined) continue
      if (wanted === "**") next.add(state)
      else if (matchName(wanted, part)) next.add(state + 1)
    }
    at = closed(next)
  }
  // A last `**` stands for files too.
  return at.has(pattern.length)
}

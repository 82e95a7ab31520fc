/** Finds files by glob: `*` stands for anything within a name, `**` for any folders. */
import { readdir, realpath, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import { matchName } from "../../domain/GlobName.ts"

const compareCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Files below `root` that match one of the patterns, as paths relative to it with `/`, sorted by code unit. Links that
 * lead out of the root, or back to a folder they lie in, are not followed; those that match and lead out, or nowhere, are
 * told to `skipped`. Throws on a pattern that is absolute or
 * climbs out, and on a folder that cannot be read.
 */
export const findFiles = async (
  root: string,
  patterns: ReadonlyArray<string>,
  skipped: (file: string) => void = () => undefined,
): Promise<ReadonlyArray<string>> => {
  const search: Search = { found: new Set<string>(), skipped: new Set<string>() }
  const { found } = search
  const base = await realpath(root).catch(ifMissing(root))
  for (const pattern of patterns) {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".")
    if (pattern.startsWith("/") || pattern.includes("\\") || /^[A-Za-z]:/.test(pattern) || parts.includes("..")) {
      throw new Error(`"${pattern}" does not stay inside the data folder`)
    }
    if (base !== undefined) await walk(base, [base], "", parts, 0, search)
  }
  for (const file of [...search.skipped].sort(compareCodeUnits)) skipped(file)
  return [...found].sort(compareCodeUnits)
}

/** What is not there is nothing; what cannot be looked at might be data that would be left out. */
const ifMissing =
  (name: string) =>
  (cause: { readonly code?: unknown }): undefined => {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(String(cause.code))) return undefined
    throw new Error(`"${name}" cannot be read (${String(cause.code)})`)
  }

interface Search {
  readonly found: Set<string>
  /** Links that are not followed. */
  readonly skipped: Set<string>
}

/** `folders` are the real paths of the folder and of those above it. */
const walk = async (
  base: string,
  folders: ReadonlyArray<string>,
  prefix: string,
  parts: ReadonlyArray<string>,
  at: number,
  search: Search,
): Promise<void> => {
  const part = parts[at]
  if (part === undefined) return
  const last = at === parts.length - 1
  const folder = folders[folders.length - 1] as string
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: { readonly code?: unknown }) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return []
    throw new Error(`the folder "${prefix}" cannot be read (${String(cause.code)})`)
  })
  if (part === "**") await walk(base, folders, prefix, parts, at + 1, search)
  for (const entry of entries) {
    const { name } = entry
    if (part !== "**" && !matchName(part, name)) continue
    let path = join(folder, name)
    let isFolder = entry.isDirectory()
    let isFile = entry.isFile()
    if (entry.isSymbolicLink()) {
      const target = await realpath(path).catch(ifMissing(prefix + name))
      if (target === undefined || !(target === base || target.startsWith(base + sep))) {
        // Of folders on the way it is not known whether anything in them is meant.
        if (last && part !== "**") search.skipped.add(prefix + name)
        continue
      }
      const kind = await stat(target).catch(ifMissing(prefix + name))
      isFolder = kind?.isDirectory() === true
      isFile = kind?.isFile() === true
      // Each way round a loop of links would be one more copy of the same data.
      if (isFolder && folders.includes(target)) continue
      path = target
    }
    if (isFile) {
      if (last) search.found.add(prefix + name)
    } else if (isFolder && part === "**") {
      if (!name.startsWith(".")) await walk(base, [...folders, path], `${prefix}${name}/`, parts, at, search)
    } else if (isFolder && !last) {
      await walk(base, [...folders, path], `${prefix}${name}/`, parts, at + 1, search)
    }
  }
}

/** Finds files by glob: `*` stands for anything within a name, `**` for any folders. */
import { readdir, realpath } from "node:fs/promises"
import { join, sep } from "node:path"

/** Linear matching of one name against a pattern with `*`, which stands for anything. */
export const matchName = (pattern: string, name: string): boolean => {
  let p = 0
  let n = 0
  let star = -1
  let mark = 0
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === "*") {
      star = p++
      mark = n
    } else if (p < pattern.length && pattern[p] === name[n]) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (pattern[p] === "*") p++
  return p === pattern.length
}

const compareCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Files below `root` that match one of the patterns, as paths relative to it with `/`, sorted by code unit. Links that
 * lead out of the root are not followed. Throws on a pattern that is absolute or climbs out.
 */
export const findFiles = async (root: string, patterns: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const found = new Set<string>()
  const base = await realpath(root).catch(() => undefined)
  for (const pattern of patterns) {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".")
    if (pattern.startsWith("/") || pattern.includes("\\") || /^[A-Za-z]:/.test(pattern) || parts.includes("..")) {
      throw new Error(`"${pattern}" does not stay inside the data folder`)
    }
    if (base !== undefined) await walk(base, base, "", parts, 0, found)
  }
  return [...found].sort(compareCodeUnits)
}

const walk = async (
  base: string,
  folder: string,
  prefix: string,
  parts: ReadonlyArray<string>,
  at: number,
  found: Set<string>,
): Promise<void> => {
  const part = parts[at]
  // No tree of data is that deep; a loop of links is.
  if (part === undefined || prefix.split("/").length > 64) return
  const last = at === parts.length - 1
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  if (part === "**") await walk(base, folder, prefix, parts, at + 1, found)
  for (const entry of entries) {
    const { name } = entry
    if (part !== "**" && !matchName(part, name)) continue
    let isFolder = entry.isDirectory()
    let isFile = entry.isFile()
    if (entry.isSymbolicLink()) {
      const target = await realpath(join(folder, name)).catch(() => undefined)
      if (target === undefined || !(target === base || target.startsWith(base + sep))) continue
      isFolder = await readdir(target).then(
        () => true,
        () => false,
      )
      isFile = !isFolder
    }
    if (isFile && (last || part === "**")) {
      if (part !== "**" || last) found.add(prefix + name)
    } else if (isFolder && part === "**" && !name.startsWith(".")) {
      await walk(base, join(folder, name), `${prefix}${name}/`, parts, at, found)
    } else if (isFolder && !last && part !== "**") {
      await walk(base, join(folder, name), `${prefix}${name}/`, parts, at + 1, found)
    }
  }
}

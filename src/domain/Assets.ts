/**
 * Data files of the package (prompt pools, phrase lists, keep-words): found from the source tree, from `dist` and from
 * a bundle alike, by walking up to the folder that holds `assets`.
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const findRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    if (existsSync(join(folder, "assets", "prompts")) && existsSync(join(folder, "package.json"))) return folder
    const parent = dirname(folder)
    if (parent === folder) throw new Error("data-toolbox: the package's assets folder is missing; install it again")
    folder = parent
  }
}

let root: string | undefined

/** The package's own folder. */
export const packageRoot = (): string => (root ??= findRoot())

/** The text of a data file, e.g. `prompts/assistant.txt`. */
export const readAsset = (name: string): string => readFileSync(join(packageRoot(), "assets", name), "utf8")

/** The lines of a list file: trimmed, without blank lines and `#` comments. */
export const readList = (name: string): ReadonlyArray<string> =>
  readAsset(name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))

/** What the package is: name, version, and the build that made it. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "./Assets.ts"

export interface Tool {
  readonly name: string
  readonly version: string
  /** Digest of the built code and its data files; `source` when run from source. */
  readonly build: string
}

const read = (): Tool => {
  const root = packageRoot()
  const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Tool
  let build = "source"
  try {
    build = readFileSync(join(root, "dist", "build-id.txt"), "utf8").trim()
  } catch {
    // Not built.
  }
  return { name, version, build }
}

let tool: Tool | undefined

export const packageTool = (): Tool => (tool ??= read())

/** Names a piece of work: a digest of plain data. */
export const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")

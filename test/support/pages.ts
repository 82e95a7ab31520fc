/** The pages of the documentation and their fenced blocks, and a folder in which the blocks of a page run as they stand. */
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { bin, root } from "./cli.ts"

export interface Block {
  readonly page: string
  /** 1-based line of the fence. */
  readonly line: number
  /** First word behind the fence. */
  readonly kind: string
  /** The words behind it: `file=config.yml`, `exit=1`, `output`. */
  readonly marks: { readonly [mark: string]: string }
  readonly code: string
}

/** All pages, by their path from the project's root. */
export const pages: ReadonlyArray<string> = [
  "README.md",
  "samples/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`)
    .sort(),
]

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8")

/**
 * The fenced blocks of a page, and commands that the page takes for granted, as comments: `<!-- before: mkdir data -->`.
 * A fence that is never closed is an error, as it hides what follows. */
export const blocksOf = (page: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let open: { line: number; fence: string; info: string; code: Array<string> } | undefined
  for (const [i, text] of textOf(page).split("\n").entries()) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(text)
    if (open === undefined) {
      const before = /^<!-- before: (.*) -->$/.exec(text)
      if (before !== null) blocks.push({ page, line: i + 1, kind: "sh", marks: {}, code: `${before[1]}\n` })
      if (fence !== null) open = { line: i + 1, fence: fence[1] as string, info: (fence[2] as string).trim(), code: [] }
    } else if (fence !== null && fence[2] === "" && (fence[1] as string).startsWith(open.fence)) {
      const [kind = "", ...marks] = open.info.split(/\s+/)
      const named = marks.map((mark) => {
        const [name = "", value = ""] = mark.split("=")
        return [name, value] as const
      })
      blocks.push({ page, line: open.line, kind, marks: Object.fromEntries(named), code: `${open.code.join("\n")}\n` })
      open = undefined
    } else open.code.push(text)
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block is never closed`)
  return blocks
}

const at = (path: string): string => join(root, "node_modules", path)

/** What a reader types, for the package as it is built here: nothing is fetched. */
const prelude = (hub: string | undefined): string => `
set -euo pipefail
toolbox() {
  # Threads take longer to start than the examples to be worked on, and the output is the same.
  if [ "\${1:-}" = build ]; then case " $* " in *" --workers "*) ;; *) set -- "$@" --workers 0;; esac; fi
  ${hub === undefined ? "" : `case " $* " in *" download "*|*" --download "*) set -- "$@" --allow-http;; esac`}
  '${process.execPath}' '${bin}' "$@"
}
data-toolbox() { toolbox "$@"; }
npx() {
  local name="$1"; shift
  case "$name" in
    data-toolbox) toolbox "$@";;
    tsx) '${process.execPath}' --import 'file://${at("tsx/dist/esm/index.mjs")}' "$@";;
    tsc) '${process.execPath}' '${at("typescript/bin/tsc")}' "$@";;
    vitest) '${process.execPath}' '${at("vitest/vitest.mjs")}' "$@";;
    *) echo "npx $name is not known to the test of the pages" >&2; return 97;;
  esac
}
npm() {
  case "$*" in
    ci|test|"run build"|"ci --ignore-scripts") ;;
    "run demo") '${process.execPath}' '${join(root, "scripts/demo.mjs")}';;
    "install data-toolbox effect @effect/platform"|"install --save-dev tsx"|"install --save-dev vitest @effect/vitest") ;;
    *) echo "npm $* is not known to the test of the pages" >&2; return 97;;
  esac
}
`

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly folder: string
  readonly write: (file: string, text: string) => void
  readonly run: (code: string) => Promise<Ran>
  /** Checks the types of these files; undefined where they are right. */
  readonly compile: (files: ReadonlyArray<string>) => Promise<string | undefined>
  readonly remove: () => void
}

/** A folder of its own, with the samples in it and the package installed. `hub` stands in for the Hugging Face Hub. */
export const place = (hub?: string): Place => {
  const folder = mkdtempSync(join(tmpdir(), "data-toolbox-pages-"))
  cpSync(join(root, "samples"), join(folder, "samples"), { recursive: true })
  mkdirSync(join(folder, "node_modules"))
  symlinkSync(root, join(folder, "node_modules", "data-toolbox"))
  for (const name of readdirSync(at("")))
    if (name !== "data-toolbox") symlinkSync(at(name), join(folder, "node_modules", name))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  write("package.json", JSON.stringify({ type: "module" }))
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    LANG: "C.UTF-8",
    ...(process.env["TMPDIR"] === undefined ? {} : { TMPDIR: process.env["TMPDIR"] }),
    ...(hub === undefined ? {} : { HF_ENDPOINT: hub, HF_HOME: "/nonexistent" }),
  }
  const run = (code: string): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn("bash", ["-c", `${prelude(hub)}\n${code}`], { cwd: folder, env })
      let stdout = ""
      let stderr = ""
      child.stdout.on("data", (part: Buffer) => (stdout += part.toString("utf8")))
      child.stderr.on("data", (part: Buffer) => (stderr += part.toString("utf8")))
      child.stdin.end()
      child.on("error", reject)
      child.on("close", (status) => resolve({ code: status, stdout, stderr }))
    })
  const compile = async (files: ReadonlyArray<string>): Promise<string | undefined> => {
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2023", "ES2024.String"],
      module: "NodeNext",
      strict: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: ["node"],
      noEmit: true,
    }
    write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions, files, include: ["**/*.d.ts"], exclude: ["node_modules"] }),
    )
    const { code, stderr, stdout } = await run("npx tsc -p .")
    return code === 0 ? undefined : stdout + stderr
  }
  return { folder, write, run, compile, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

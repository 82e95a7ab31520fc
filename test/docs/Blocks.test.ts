/**
 * Every fenced block of the documentation: commands run, configs are checked, plug-ins load, TypeScript compiles and runs.
 *
 * - `sh` runs in the page's folder and has to succeed, or to end with `exit=N`; `text output` behind it shows what it
 *   printed. `UPDATE_DOCS=1` puts the real output there.
 * - `file=NAME` writes the block into the page's folder first.
 * - `yaml` is a config, `yaml section` a part of a task's section, `yaml other` somebody else's.
 * - `js` is a plug-in module; `json`, `jsonl` have to be that; `ts` is compiled, and run by a command of the page, or by
 *   `Readme.test.ts` where it is an `example=`.
 * - `python` is compiled where there is a Python; `text` is only text. Any other kind is an error.
 */
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseAllDocuments } from "yaml"
import { filters } from "../../src/layers/filters/All.ts"
import * as PluginsLayer from "../../src/layers/Plugins.ts"
import { tasks } from "../../src/layers/tasks/All.ts"
import * as Config from "../../src/programs/Config.ts"
import { Plugins } from "../../src/services/Plugins.ts"
import { root } from "../support/cli.ts"
import { type HubServer, startHub } from "../support/hub.ts"
import { type Block, blocksOf, pages, place, type Place, textOf } from "../support/pages.ts"

vi.setConfig({ testTimeout: 300_000 })

/** Pages whose TypeScript examples `Readme.test.ts` runs. */
const examplePages = new Set(["README.md", "docs/download.md"])

/** The file that a block of TypeScript is written to. */
const fileOf = ({ line, marks }: Block): string => marks["file"] ?? `${marks["example"] ?? `block-${line}`}.ts`

const whereOf = ({ line, page }: Block): string => `${page}:${line}`

let hub: HubServer
beforeAll(async () => {
  hub = await startHub()
  const file = (path: string) => ({ bytes: readFileSync(join(root, "samples", path)) })
  hub.repos.set(
    "jondurbin/airoboros-gpt4-1.4.1",
    new Map([["instructions.jsonl", file("airoboros/instructions.jsonl")]]),
  )
  const rows = "train_sft-00000-of-00001-8aba5401a3b757f5.parquet"
  hub.repos.set("HuggingFaceH4/no_robots", new Map([[`data/${rows}`, file(`no_robots/${rows}`)]]))
})
afterAll(() => hub.close())

// -------------------------------------------------------------------------------------------------------------- output

/** Words of an output, without the numbers that differ from run to run. */
const wordsOf = (text: string): ReadonlyArray<string> =>
  text
    .replace(/\d+/g, "0")
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))

/** The share of the words shown that the command has printed. */
const likeness = (shown: string, printed: string): number => {
  const known = new Set(wordsOf(printed))
  const words = wordsOf(shown).filter((word) => word !== "...")
  return words.length === 0 ? 1 : words.filter((word) => known.has(word)).length / words.length
}

/** Of an output that is long the first and last lines are shown. */
const shorten = (text: string): string => {
  const lines = text
    .replace(/[ \t]+$/gm, "")
    .trimEnd()
    .split("\n")
  return lines.length <= 40 ? lines.join("\n") : [...lines.slice(0, 25), "...", ...lines.slice(-10)].join("\n")
}

/** Where the project lies on this machine is nothing to show. */
const asInstalled = (text: string, { folder }: Place): string =>
  text
    .replaceAll(folder, "/home/you/project")
    .replace(/timestamp=\S+/g, "timestamp=...")
    // A slow machine tells how far it is.
    .replace(/^data-toolbox: \d+%.*\n/gm, "")
    .replace(/(?<=, in )\d+\.\d+ s(?=:$)/gm, "0.6 s")
    .replace(/(?<=\$schema=)\S+\/dist\//g, "./node_modules/data-toolbox/dist/")

// --------------------------------------------------------------------------------------------------------------- kinds

type Check = (block: Block, at: Place) => void | Promise<void>

const checkConfig = (text: string, where: string): void => {
  const { config, problems } = Config.parse(text, where)
  assert.deepStrictEqual(problems, [], where)
  const top = config.value as { readonly plugins?: unknown }
  const told = Config.resolveConfig(config, { tasks, filters }, []).problems
  // Names that a plug-in brings are looked up by the commands of the page.
  const own = top.plugins === undefined ? told : told.filter(({ message }) => !/^unknown (?:task|filter)/.test(message))
  assert.deepStrictEqual(own, [], where)
}

const section = (text: string): string =>
  `Mine:\n  task: ShareGptTask\n${/^files:/m.test(text) ? "" : "  files: a.jsonl\n"}${text.replace(/^(?=.)/gm, "  ")}`

const python = spawnSync("python3", ["--version"]).status === 0
if (!python) console.log("there is no python3: Python blocks of the documentation are not compiled")

const kinds: { readonly [kind: string]: Check } = {
  text: () => undefined,
  yaml: ({ code, marks, ...block }) => {
    const where = whereOf({ code, marks, ...block })
    if ("other" in marks) {
      for (const { errors } of parseAllDocuments(code)) assert.deepStrictEqual(errors, [], where)
    } else checkConfig("section" in marks ? section(code) : code, where)
  },
  json: (block) => void JSON.parse(block.code),
  jsonl: (block) => {
    for (const line of block.code.trimEnd().split("\n")) JSON.parse(line)
  },
  js: async (block, at) => {
    const file = block.marks["file"] ?? `block-${block.line}.mjs`
    at.write(file, block.code)
    const load = Effect.flatMap(Plugins, (plugins) => plugins.load(join(at.folder, file)))
    await Effect.runPromise(Effect.provide(load, PluginsLayer.layer))
  },
  ts: (block, at) => {
    const file = fileOf(block)
    at.write(file, block.code)
    if (block.marks["example"] !== undefined && examplePages.has(block.page)) return
    const name = file.replace(/^.*\//, "").replace(/\.ts$/, "")
    const used = blocksOf(block.page).some(
      ({ code, kind, line }) => line !== block.line && (kind === "sh" || kind === "ts") && code.includes(name),
    )
    assert.isTrue(used, `${whereOf(block)}: nothing on the page runs ${file}`)
  },
  python: ({ code }) => {
    if (!python) return
    const { status, stderr } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
      input: code,
      encoding: "utf8",
    })
    assert.strictEqual(status, 0, stderr)
  },
  sh: () => undefined,
}

// --------------------------------------------------------------------------------------------------------------- pages

const update = process.env["UPDATE_DOCS"] === "1"

/** Runs the blocks of a page from the top. */
const check = async (page: string): Promise<void> => {
  const blocks = blocksOf(page)
  const needsPlace = blocks.some(({ kind }) => kind === "sh" || kind === "ts" || kind === "js")
  const at = needsPlace ? place(page === "docs/download.md" ? hub.hub : undefined) : undefined
  const fresh: Array<{ readonly block: Block; readonly text: string }> = []
  try {
    let printed: string | undefined
    for (const block of blocks) {
      const where = whereOf(block)
      const test = kinds[block.kind]
      if (test === undefined)
        throw new Error(`${where}: blocks of kind "${block.kind}" are unknown; "text" is for text alone`)
      if (block.marks["file"] !== undefined) at?.write(block.marks["file"], block.code)
      try {
        await test(block, at as Place)
      } catch (cause) {
        throw new Error(`${where}: ${(cause as Error).message}`, { cause })
      }
      if (block.kind === "sh") {
        const { code, stderr, stdout } = await (at as Place).run(block.code)
        const told = `${where}: ended with ${code}\n${stdout}${stderr}`
        assert.strictEqual(code, Number(block.marks["exit"] ?? 0), told)
        printed = `${stdout}${stderr}`
      } else if (block.kind === "text" && "output" in block.marks) {
        assert.isDefined(printed, `${where}: no command stands before this output`)
        const real = asInstalled(printed as string, at as Place)
        if (update) fresh.push({ block, text: shorten(real) })
        else assert.isAbove(likeness(block.code, real), 0.8, `${where}: what is printed is rather\n${real}`)
      }
    }
    const scripts = blocks.filter(({ kind }) => kind === "ts").map(fileOf)
    if (scripts.length > 0) assert.isUndefined(await (at as Place).compile(scripts), page)
    if (fresh.length > 0) {
      const lines = textOf(page).split("\n")
      for (const { block, text } of fresh.toReversed())
        lines.splice(block.line, block.code.trimEnd().split("\n").length, ...text.split("\n"))
      writeFileSync(join(root, page), lines.join("\n"))
    }
  } finally {
    at?.remove()
  }
}

describe.concurrent("the blocks of", () => {
  for (const page of pages) it(page, () => check(page))
})

// --------------------------------------------------------------------------------------------------------------- links

/** What GitHub makes of a heading's text. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-")

const withoutBlocks = (text: string): string => text.replace(/^ {0,3}(`{3,}).*\n[\s\S]*?^ {0,3}\1`*$/gm, "")

const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set([...withoutBlocks(textOf(page)).matchAll(/^#{1,6} (.*)$/gm)].map((hit) => anchorOf(hit[1] as string)))

describe("the links of the documentation", () => {
  it("lead to pages and headings that are there", () => {
    const wrong: Array<string> = []
    for (const page of pages) {
      const text = withoutBlocks(textOf(page)).replace(/`[^`\n]*`/g, "")
      for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue
        const [path = "", anchor] = target.split("#")
        const file = path === "" ? page : join(page, "..", path)
        try {
          if (anchor !== undefined && !anchorsOf(file).has(anchor)) wrong.push(`${page}: ${target}: no such heading`)
          else if (anchor === undefined) readFileSync(join(root, file))
        } catch (cause) {
          // A link to a folder is shown as its listing.
          if ((cause as { readonly code?: unknown }).code !== "EISDIR") wrong.push(`${page}: ${target}: no such page`)
        }
      }
    }
    assert.deepStrictEqual(wrong, [])
  })

  it("the index leads to every page, some by way of another", () => {
    const seen = new Set<string>(["docs/README.md"])
    const queue = [...seen]
    for (let page = queue.pop(); page !== undefined; page = queue.pop())
      for (const [, target = ""] of withoutBlocks(textOf(page)).matchAll(/\]\(([^)\s#]+\.md)[^)]*\)/g)) {
        const file = join(page, "..", target)
        if (/^[a-z]+:/.test(target) || seen.has(file)) continue
        seen.add(file)
        queue.push(file)
      }
    assert.deepStrictEqual(
      pages.filter((page) => page.startsWith("docs/") && !seen.has(page)),
      [],
    )
  })
})

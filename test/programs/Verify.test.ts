import { afterAll, assert, describe, it, onTestFinished } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync, gzipSync } from "node:zlib"
import type { LedgerLine } from "../../src/domain/Merge.ts"
import * as RecordRandom from "../../src/domain/RecordRandom.ts"
import { type Manifest, manifestText, seal } from "../../src/domain/Report.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { datasets } from "../../src/layers/datasets/All.ts"
import * as InProcess from "../../src/layers/InProcess.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import * as Build from "../../src/programs/Build.ts"
import { type Finding, render, verify, type VerifyOptions } from "../../src/programs/Verify.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { encodeLine, Ledger } from "../../src/services/Ledger.ts"
import { Output } from "../../src/services/Output.ts"
import { Progress } from "../../src/services/Progress.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"
import { chat, jsonl, type Spec } from "../support/build.ts"

// ------------------------------------------------------------------------------------------------------- output sets

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "data-toolbox-verify-"))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

const write = (root: string, path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** Builds into files, from the data in a folder. */
const build = (dataFolder: string, outputFile: string, spec: Spec): Promise<Manifest> =>
  Effect.runPromise(
    Effect.provide(
      Build.run({ format: "sharegpt", ...spec, outputFile }),
      Layer.provideMerge(
        Layer.mergeAll(
          Toolbox.layerComponents,
          layerDatasets(datasets),
          InProcess.layer,
          Layer.provideMerge(Ledger.layer, Output.layer),
          Progress.layerQuiet,
          Tokenizer.layer,
        ),
        DataFolder.layer(dataFolder),
      ),
    ),
  )

/** Chats of which some are bad, too large, equal, refused, or left out by a share. */
const chats = (): string =>
  jsonl(
    ...Array.from({ length: 40 }, (_, i) => chat(`Question ${i} of the owl?`, `Answer ${i}: the moon, as ever.`)),
    "{ broken",
    chat("Question 1 of the owl?", "Answer 1: the moon, as ever."),
    chat("A long one?", "So many words. ".repeat(80)),
    chat("Only a question?"),
    { conversations: 5 },
  )

const spec: Spec = {
  tasks: ["ShareGptTask", "Half"],
  config: {
    ShareGptTask: { files: ["chats/*"], filters: ["ExactDedupFilter"], prompt: "none" },
    Half: { task: "ShareGptTask", files: ["more/*"], share: 0.5, filters: [], prompt: "none" },
  },
  maxLength: 100,
}

interface OutputSet {
  readonly root: string
  readonly data: string
  readonly output: string
  readonly ledger: string
  readonly manifest: string
}

const setAt = (root: string, name: string): OutputSet => ({
  root,
  data: join(root, "data"),
  output: join(root, name),
  ledger: join(root, `${name}.ledger.jsonl.gz`),
  manifest: join(root, `${name}.manifest.json`),
})

const makeSet = async (name: string): Promise<OutputSet> => {
  const root = mkdtempSync(join(tmpdir(), "data-toolbox-verify-"))
  write(root, "data/chats/a.jsonl", chats())
  write(root, "data/more/a.jsonl", chats())
  const set = setAt(root, name)
  await build(set.data, set.output, spec)
  return set
}

const made = new Map<string, Promise<OutputSet>>()

afterAll(async () => {
  for (const set of made.values()) rmSync((await set).root, { recursive: true, force: true })
})

/**
 * A fresh copy of a set, built once, without what proves the ledger and the manifest as a whole: so that each check is
 * seen at work alone.
 */
const fresh = async (name = "train.jsonl"): Promise<OutputSet> => {
  let first = made.get(name)
  if (first === undefined) {
    first = makeSet(name)
    made.set(name, first)
  }
  const set = setAt(folder(), name)
  cpSync((await first).root, set.root, { recursive: true })
  editManifest(set, (manifest) => {
    delete manifest.ledger
  })
  return set
}

const readManifest = ({ manifest }: OutputSet): Manifest => JSON.parse(readFileSync(manifest, "utf8")) as Manifest

/** Writes a changed manifest, in the tool's form; a seal would tell of the change and of nothing else. */
const editManifest = (set: OutputSet, edit: (manifest: Edit) => void): void => {
  const manifest = readManifest(set) as Edit
  edit(manifest)
  delete manifest.sha256
  writeFileSync(set.manifest, manifestText(manifest as Manifest))
}

/** A manifest is plain data here: any part of it may be changed. */
type Edit = { -readonly [K in keyof Manifest]: Changeable<Manifest[K]> }
type Changeable<A> = A extends object ? { -readonly [K in keyof A]: Changeable<A[K]> } : A

const taskOf = (manifest: Edit, key = "ShareGptTask"): Changeable<Manifest["tasks"][string]> => {
  const task = manifest.tasks[key]
  if (task === undefined) throw new Error(`no task ${key}`)
  return task
}

const outputOf = (manifest: Edit, at = 0): Changeable<Manifest["outputs"][number]> => {
  const output = manifest.outputs[at]
  if (output === undefined) throw new Error(`no output ${at}`)
  return output
}

const linesOf = (file: string): Array<string> => {
  const bytes = readFileSync(file)
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split("\n").slice(0, -1)
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex")

/** Writes other rows, and a manifest that agrees with their bytes: what else is wrong is told alone. */
const editRows = (set: OutputSet, edit: (lines: Array<string>) => string | Uint8Array): void => {
  const bytes = Buffer.from(edit(linesOf(set.output)))
  writeFileSync(set.output, bytes)
  editManifest(set, (manifest) => {
    const output = outputOf(manifest)
    output.bytes = bytes.length
    output.sha256 = sha256(bytes)
  })
}

const lined = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}\n`).join("")

const editLedger = (set: OutputSet, edit: (lines: Array<string>) => void): void => {
  const lines = linesOf(set.ledger)
  edit(lines)
  writeFileSync(set.ledger, gzipSync(lined(lines)))
}

const check = (set: OutputSet, options: VerifyOptions = {}) => Effect.runPromise(verify(set.output, options))

/** Findings with base names, `[file, what]` or `[file:line, what]`. */
const told = async (set: OutputSet, options: VerifyOptions = {}): Promise<ReadonlyArray<readonly [string, string]>> =>
  (await check(set, options)).findings.map(({ file, line, what }) => [
    line === undefined ? basename(file) : `${basename(file)}:${line}`,
    what,
  ])

/** Adds what proves the ledger and the manifest itself. */
const sealSet = (set: OutputSet): void => {
  const bytes = readFileSync(set.ledger)
  const content = gunzipSync(bytes)
  const ledger = {
    file: basename(set.ledger),
    bytes: bytes.length,
    sha256: sha256(bytes),
    rows: linesOf(set.ledger).length,
    contentSha256: sha256(content),
  }
  writeFileSync(set.manifest, manifestText(seal({ ...readManifest(set), ledger })))
}

describe("verify finds nothing wrong with", () => {
  for (const name of ["train.jsonl", "train.jsonl.gz"]) {
    it(`${name} as it was written, its ledger, its manifest and its inputs`, async () => {
      const set = await fresh(name)
      const report = await check(set, { inputs: set.data })
      const { bytes, ...summary } = report.summary
      assert.deepStrictEqual(report.findings, [])
      assert.deepStrictEqual(summary, {
        findings: 0,
        outputs: 1,
        rows: 58,
        ledgerLines: 32,
        inputs: { checked: 2, skipped: 0 },
      })
      assert.strictEqual(bytes, readFileSync(set.output).length)
      assert.strictEqual((await check(set)).summary.inputs, null)
    })

    it(`${name} with a seal and a digest of the ledger`, async () => {
      const set = await fresh(name)
      sealSet(set)
      assert.deepStrictEqual(await told(set, { inputs: set.data }), [])
      assert.deepStrictEqual(seal(readManifest(set)), readManifest(set))
    })
  }

  it("what all samples give, with tables, packed inputs and tasks under other names", async () => {
    const samples = fileURLToPath(new URL("../../samples", import.meta.url))
    const text = readFileSync(join(samples, "config.yml"), "utf8")
    const tasks = [...text.matchAll(/^([A-Z]\w*):/gm)].map((hit) => hit[1] as string)
    const set = setAt(folder(), "all.jsonl.gz")
    const manifest = await build(samples, set.output, { tasks, config: { text, file: "config.yml" }, maxLength: 400 })
    const report = await check(set, { inputs: samples })
    assert.deepStrictEqual(report.findings, [])
    assert.strictEqual(report.summary.rows, manifest.outputs[0]?.rows)
    assert.strictEqual(report.summary.inputs?.checked, manifest.inputs.length)
    assert.isAbove(manifest.inputs.length, 30)
  })

  it("an output without rows", async () => {
    const set = await fresh()
    write(set.data, "none/a.jsonl", "")
    await build(set.data, set.output, { tasks: ["ShareGptTask"], config: { ShareGptTask: { files: ["none/*"] } } })
    const report = await check(set, { inputs: set.data })
    assert.deepStrictEqual(report.findings, [])
    assert.strictEqual(report.summary.rows, 0)
  })

  it("an output in two files, the second beside the first", async () => {
    const set = await fresh()
    const lines = linesOf(set.output)
    const parts = [lined(lines.slice(0, 50)), lined(lines.slice(50))] as const
    write(set.root, "train.jsonl", parts[0])
    write(set.root, "train.validation.jsonl", parts[1])
    editManifest(set, (manifest) => {
      manifest.outputs = ["train.jsonl", "train.validation.jsonl"].map((file, i) => {
        const part = parts[i] as string
        return { file, bytes: part.length, sha256: sha256(part), rows: i === 0 ? 50 : 8 }
      })
    })
    const report = await check(set)
    assert.deepStrictEqual(report.findings, [])
    assert.deepStrictEqual([report.summary.outputs, report.summary.rows], [2, 58])
    write(set.root, "train.validation.jsonl", `${parts[1].slice(0, -1)} `)
    assert.deepStrictEqual(await told(set), [
      ["train.validation.jsonl:8", "the last line has no end"],
      ["train.validation.jsonl", "the SHA-256 differs"],
    ])
  })

  it("what went to the standard output and was given a name, with the names of ledger and manifest told", async () => {
    const set = await fresh()
    const elsewhere = { manifestFile: join(set.root, "m.json"), ledgerFile: join(set.root, "l.jsonl") }
    editManifest(set, (manifest) => {
      outputOf(manifest).file = "-"
    })
    write(set.root, "m.json", readFileSync(set.manifest))
    write(set.root, "l.jsonl", lined(linesOf(set.ledger)))
    rmSync(set.manifest)
    rmSync(set.ledger)
    const report = await check(set, elsewhere)
    assert.deepStrictEqual(report.findings, [])
    assert.strictEqual(report.summary.ledgerLines, 32)
  })

  it("an output without a ledger, unless the command wrote one beside it", async () => {
    const set = await fresh()
    rmSync(set.ledger)
    const report = await check(set)
    assert.deepStrictEqual([report.findings, report.summary.ledgerLines], [[], null])
    for (const [args, findings] of [
      [["build", "--output-file", "train.jsonl"], [["train.jsonl.ledger.jsonl.gz", "the file is missing"]]],
      [["build", "--ledger", "l.gz"], []],
      [["build", "--ledger=l.gz"], []],
      [["my-app"], []],
    ] as const) {
      editManifest(set, (manifest) => {
        manifest.arguments = [...args]
      })
      assert.deepStrictEqual(await told(set), findings)
    }
    assert.deepStrictEqual(await told(set, { ledgerFile: join(set.root, "l.gz") }), [["l.gz", "the file is missing"]])
  })

  it("names and reasons that are words of the language", async () => {
    const set = await fresh()
    editManifest(set, (manifest) => {
      const { Half, ShareGptTask } = manifest.tasks
      manifest.tasks = JSON.parse(JSON.stringify({ constructor: ShareGptTask, proto: Half })) as Edit["tasks"]
      taskOf(manifest, "constructor").episodes.dropped = JSON.parse(
        '{"__proto__":1}',
      ) as Edit["tasks"][string]["repairs"]
    })
    writeFileSync(set.manifest, readFileSync(set.manifest, "utf8").replace('"proto"', '"__proto__"'))
    editLedger(set, (lines) =>
      lines.forEach((line, i) => {
        lines[i] = line
          .replace('"ShareGptTask"', '"constructor"')
          .replace('"Half"', '"__proto__"')
          .replace('"ExactDedupFilter"', '"__proto__"')
      }),
    )
    assert.deepStrictEqual(await told(set), [])
  })
})

describe("verify finds in the manifest", () => {
  const findsIn = (
    what: string,
    edit: (set: OutputSet) => void,
    expected: ReadonlyArray<Omit<Finding, "file">>,
  ): void => {
    it(what, async () => {
      const set = await fresh()
      edit(set)
      const { findings } = await check(set)
      assert.deepStrictEqual(
        findings,
        expected.map((finding) => ({ file: set.manifest, ...finding })),
      )
    })
  }
  const edited = (what: string, edit: (manifest: Edit) => void, ...expected: ReadonlyArray<Omit<Finding, "file">>) =>
    findsIn(what, (set) => editManifest(set, edit), expected)
  const wrong = (actual: string) => ({ what: "the manifest is not as expected", actual })

  findsIn("that there is none", (set) => rmSync(set.manifest), [{ what: "the file is missing" }])
  findsIn(
    "that it is a folder",
    (set) => {
      rmSync(set.manifest)
      mkdirSync(set.manifest)
    },
    [{ what: "it is no ordinary file" }],
  )
  findsIn(
    "that it cannot be read",
    (set) => {
      rmSync(set.manifest)
      symlinkSync(set.manifest, set.manifest)
    },
    [{ what: "the file cannot be read", actual: "ELOOP" }],
  )
  findsIn("that it is too large to be one", (set) => truncateSync(set.manifest, 600 * 1024 * 1024), [
    { what: "the manifest is too large", actual: 600 * 1024 * 1024 },
  ])
  it("that it is cut off", async () => {
    const set = await fresh()
    writeFileSync(set.manifest, readFileSync(set.manifest).subarray(0, -3))
    const { findings } = await check(set)
    assert.deepStrictEqual(
      findings.map(({ file, what }) => [file, what]),
      [[set.manifest, "the manifest is no JSON"]],
    )
    assert.match(String(findings[0]?.actual), /in JSON at position \d+$/)
  })
  findsIn("bytes that are no UTF-8", (set) => writeFileSync(set.manifest, Buffer.from([0x22, 0xff, 0x22])), [
    { what: "the manifest is no JSON", actual: "The encoded data was not valid for encoding utf-8" },
  ])
  findsIn("nesting that nothing can walk", (set) => writeFileSync(set.manifest, "[".repeat(1e5) + "]".repeat(1e5)), [
    { what: "the manifest is no JSON", actual: "Maximum call stack size exceeded" },
  ])
  findsIn("that it holds something else", (set) => writeFileSync(set.manifest, "[]\n"), [
    wrong("at the top: Expected { readonly tool: { readonly name: string; readonly version: string; re…"),
  ])
  edited(
    "a key that it should not have",
    (manifest) => void Object.assign(manifest.tool, { vresion: "1" }),
    wrong('at tool.vresion: is unexpected, expected: "name" | "version" | "build"'),
  )
  edited(
    "keys that are missing or hold something else, each with its path",
    (manifest) => {
      const loose = manifest as unknown as { [key: string]: unknown }
      delete loose["seed"]
      taskOf(manifest).records.read = -1
      outputOf(manifest).bytes = "12" as unknown as number
      outputOf(manifest).sha256 = "A".repeat(64)
      manifest.startedAt = "yesterday"
    },
    wrong("at seed: is missing"),
    wrong("at tasks.ShareGptTask.records.read: Expected a non-negative number, actual -1"),
    wrong('at outputs[0].bytes: Expected number, actual "12"'),
    wrong("at outputs[0].sha256: Expected a SHA-256 in lower case"),
    wrong("at startedAt: Expected a time such as 2024-05-06T07:08:09.000Z"),
  )
  findsIn("that someone laid it out anew", (set) => writeFileSync(set.manifest, JSON.stringify(readManifest(set))), [
    { what: "the manifest is not in the form in which it is written" },
  ])
  edited(
    "a name that stands for two outputs",
    (manifest) => void manifest.outputs.push({ ...outputOf(manifest), rows: 0 }),
    { what: "an output is named twice", actual: "train.jsonl" },
  )
  edited(
    "the name of an output that leads elsewhere",
    (manifest) => void manifest.outputs.push({ ...outputOf(manifest), file: "../train.jsonl", rows: 0 }),
    { what: "the name of an output leads elsewhere", actual: "../train.jsonl" },
  )
  edited(
    "records that are not accounted for",
    (manifest) => {
      taskOf(manifest).records.used++
    },
    { what: "ShareGptTask: 45 records read, but 46 accounted for" },
  )
  edited(
    "episodes that are not accounted for",
    (manifest) => {
      taskOf(manifest).episodes.written--
    },
    { what: "ShareGptTask: 43 episodes made, but 42 accounted for" },
  )
  edited(
    "examples that are not the rows",
    (manifest) => {
      taskOf(manifest).examples++
    },
    { what: "the examples of all tasks are not the rows of all outputs", expected: 59, actual: 58 },
  )

  it("a change that nothing else tells of, by its seal", async () => {
    const set = await fresh()
    sealSet(set)
    const before = readManifest(set)
    writeFileSync(set.manifest, manifestText({ ...before, seed: 43 }))
    const { findings } = await check(set)
    assert.deepStrictEqual(findings, [
      {
        file: set.manifest,
        what: "the manifest was changed",
        expected: before.sha256 as string,
        actual: seal({ ...before, seed: 43 }).sha256 as string,
      },
    ])
  })

  it("that it tells of another output; a set under a new name is held against it all the same", async () => {
    const set = await fresh()
    const moved = setAt(set.root, "moved.jsonl")
    write(set.root, "moved.jsonl", `${readFileSync(set.output, "utf8")}{}\n`)
    write(set.root, "moved.jsonl.manifest.json", readFileSync(set.manifest))
    assert.deepStrictEqual((await check(moved)).findings.slice(0, 1), [
      {
        file: moved.manifest,
        what: "the output is not the one that the manifest tells of",
        expected: "train.jsonl",
        actual: "moved.jsonl",
      },
    ])
    assert.deepStrictEqual((await told(moved)).slice(1), [
      ["moved.jsonl:59", "the keys are not those of line 1"],
      ["moved.jsonl", "the number of bytes differs"],
      ["moved.jsonl", "the SHA-256 differs"],
      ["moved.jsonl", "the number of rows differs"],
    ])
  })
})

describe("verify finds in an output", () => {
  const rows = (
    what: string,
    edit: (lines: Array<string>) => string | Uint8Array,
    ...expected: ReadonlyArray<Omit<Finding, "file">>
  ): void => {
    it(what, async () => {
      const set = await fresh()
      editRows(set, edit)
      const { findings } = await check(set)
      assert.deepStrictEqual(
        findings,
        expected.map((finding) => ({ file: set.output, ...finding })),
      )
    })
  }
  const replaced = (at: number, by: (line: string) => string) => (lines: Array<string>) =>
    lined(lines.map((line, i) => (i === at ? by(line) : line)))

  it("that it is missing, and nothing else", async () => {
    const set = await fresh()
    rmSync(set.output)
    assert.deepStrictEqual(await told(set), [["train.jsonl", "the file is missing"]])
  })
  it("that it is a folder", async () => {
    const set = await fresh()
    rmSync(set.output)
    mkdirSync(set.output)
    assert.deepStrictEqual(await told(set), [["train.jsonl", "it is no ordinary file"]])
  })
  it("bytes that are others", async () => {
    const set = await fresh()
    const text = readFileSync(set.output, "utf8")
    writeFileSync(set.output, text.replace("moon", "noon"))
    const { findings } = await check(set)
    assert.deepStrictEqual(findings, [
      {
        file: set.output,
        what: "the SHA-256 differs",
        expected: sha256(text),
        actual: sha256(text.replace("moon", "noon")),
      },
    ])
  })
  it("bytes and rows that are more", async () => {
    const set = await fresh()
    const text = readFileSync(set.output, "utf8")
    const more = `${linesOf(set.output)[0]?.replace('"sharegpt-0"', '"new"')}\n`
    writeFileSync(set.output, text + more)
    const { findings } = await check(set)
    assert.deepStrictEqual(
      findings.map(({ actual, expected, what }) => [what, expected, actual]),
      [
        ["the number of bytes differs", text.length, text.length + more.length],
        ["the SHA-256 differs", sha256(text), sha256(text + more)],
        ["the number of rows differs", 58, 59],
      ],
    )
  })
  rows(
    "a line that is no JSON",
    replaced(3, (line) => line.slice(1)),
    { line: 4, what: "the line is no JSON" },
  )
  rows(
    "a line that is no object",
    replaced(57, () => "[1]"),
    { line: 58, what: "the line is no JSON object" },
  )
  rows(
    "an empty line",
    replaced(9, () => ""),
    { line: 10, what: "the line is empty" },
  )
  rows(
    "a line that is no UTF-8",
    (lines) => {
      const bytes = Buffer.from(lined(lines))
      bytes[bytes.indexOf("moon")] = 0xff
      return bytes
    },
    { line: 1, what: "the line is no UTF-8" },
  )
  rows(
    "a line with other keys",
    replaced(1, (line) => line.replace('"identifier"', '"id"')),
    {
      line: 2,
      what: "the keys are not those of line 1",
      expected: "conversations, identifier",
      actual: "conversations, id",
    },
  )
  it("nothing in keys that stand in another order", async () => {
    const set = await fresh()
    editRows(
      set,
      replaced(1, (line) => {
        const { conversations, identifier } = JSON.parse(line) as { conversations: unknown; identifier: unknown }
        return JSON.stringify({ identifier, conversations })
      }),
    )
    assert.deepStrictEqual(await told(set), [])
  })
  rows(
    "an identifier that is used again",
    replaced(5, (line) => line.replace('"sharegpt-5"', '"sharegpt-2"')),
    {
      line: 6,
      what: "the identifier was used before",
      actual: "sharegpt-2, in line 3",
    },
  )
  rows(
    "an identifier that is no text",
    replaced(5, (line) => line.replace('"sharegpt-5"', "5")),
    {
      line: 6,
      what: "the identifier is no text",
    },
  )
  rows("a last line without its end", (lines) => lined(lines).slice(0, -1), {
    line: 58,
    what: "the last line has no end",
  })
  rows(
    "many of one kind, and tells twenty of them and how many more there are",
    (lines) => lined(lines.map((line, i) => (i < 25 ? "" : line))),
    ...Array.from({ length: 20 }, (_, i) => ({ line: i + 1, what: "the line is empty" })),
    { what: "the line is empty (5 more of them)" },
  )
  it("a line that is too long to be looked at", async () => {
    const set = await fresh()
    truncateSync(set.output, 130 * 1024 * 1024)
    assert.deepInclude(await told(set), ["train.jsonl:59", "the line is too long to be looked at"])
  })
  it("identifiers that are used in two files", async () => {
    const set = await fresh()
    const [line] = linesOf(set.output)
    write(set.root, "more.jsonl", `${line}\n`)
    editManifest(set, (manifest) => {
      outputOf(manifest).rows--
      manifest.outputs.push({
        file: "more.jsonl",
        bytes: `${line}\n`.length,
        sha256: sha256(`${line}\n`),
        rows: 1,
      })
    })
    const { findings } = await check(set)
    assert.deepStrictEqual(findings[1], {
      file: join(set.root, "more.jsonl"),
      line: 1,
      what: "the identifier was used before",
      actual: `sharegpt-0, in ${set.output}:1`,
    })
  })

  it("the rows, when there is no manifest to hold them against", async () => {
    const set = await fresh()
    rmSync(set.manifest)
    writeFileSync(set.output, `${readFileSync(set.output, "utf8")}5\n`)
    const report = await check(set)
    assert.deepStrictEqual(
      report.findings.map(({ what }) => what),
      ["the file is missing", "the line is no JSON object"],
    )
    assert.strictEqual(report.summary.rows, 59)
  })
})

describe("verify finds in a packed output", () => {
  const packed = (what: string, edit: (set: OutputSet) => void, ...expected: ReadonlyArray<string>): void => {
    it(what, async () => {
      const set = await fresh("train.jsonl.gz")
      edit(set)
      assert.deepStrictEqual(
        await told(set),
        expected.map((one) => ["train.jsonl.gz", one]),
      )
    })
  }
  packed(
    "that it was packed anew: the content is the same",
    (set) => writeFileSync(set.output, gzipSync(lined(linesOf(set.output)), { level: 0 })),
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  packed(
    "other content",
    (set) => writeFileSync(set.output, gzipSync(lined(linesOf(set.output).toSpliced(0, 1)))),
    "the number of bytes differs",
    "the SHA-256 differs",
    "the number of rows differs",
    "the SHA-256 of the content differs",
  )
  packed(
    "that it is cut off",
    (set) => writeFileSync(set.output, readFileSync(set.output).subarray(0, -100)),
    "the file cannot be unpacked",
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  packed(
    "bytes behind its end",
    (set) => writeFileSync(set.output, Buffer.concat([readFileSync(set.output), Buffer.alloc(1 << 20, 7)])),
    "the file cannot be unpacked",
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  packed(
    "more zeros behind its end than are taken for padding",
    (set) => writeFileSync(set.output, Buffer.concat([readFileSync(set.output), Buffer.alloc(1 << 20)])),
    "the file cannot be unpacked",
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  packed(
    "that it was never packed",
    (set) => writeFileSync(set.output, "{}\n"),
    "the file cannot be unpacked",
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  packed(
    "that it is empty",
    (set) => writeFileSync(set.output, ""),
    "the file cannot be unpacked",
    "the number of bytes differs",
    "the SHA-256 differs",
  )
  it("that its manifest does not tell the digest of its content", async () => {
    const set = await fresh("train.jsonl.gz")
    editManifest(set, (manifest) => {
      delete (outputOf(manifest) as { contentSha256?: string }).contentSha256
    })
    assert.deepStrictEqual(await told(set), [
      ["train.jsonl.gz", "the manifest does not tell the SHA-256 of the content"],
    ])
  })
})

describe("verify finds in a ledger", () => {
  const lines = (
    what: string,
    edit: (lines: Array<string>) => void,
    ...expected: ReadonlyArray<Omit<Finding, "file">>
  ) =>
    it(what, async () => {
      const set = await fresh()
      editLedger(set, edit)
      const { findings } = await check(set)
      assert.deepStrictEqual(
        findings,
        expected.map((finding) => ({ file: set.ledger, ...finding })),
      )
    })
  const line = (more: Partial<LedgerLine>): string =>
    encodeLine({
      task: "ShareGptTask",
      scope: "turns",
      stage: "length",
      reason: "cut",
      place: { file: "chats/a.jsonl", line: 1 },
      ...more,
    }).trim()

  lines("nothing in lines that tell of turns", (all) => void all.push(line({})))
  lines("a line that is no JSON", (all) => void all.push("{"), { line: 33, what: "the line is no JSON" })
  lines(
    "lines that are no ledger lines",
    (all) =>
      void all.push(
        "{}",
        line({ scope: "row" as "turns" }),
        line({ stage: "end" as "mix" }),
        line({ id: 5 as unknown as string }),
        line({ place: {} as LedgerLine["place"] }),
        line({ detail: 5 as unknown as string }),
      ),
    ...[33, 34, 35, 36, 37, 38].map((at) => ({ line: at, what: "the line is no ledger line" })),
  )
  lines("a task that the manifest does not know", (all) => void all.push(line({ task: "Other" })), {
    line: 33,
    what: "the line tells of a task that the manifest does not know",
    actual: "Other",
  })
  lines("a record that is missing", (all) => void all.splice(0, 1), {
    what: "ShareGptTask: lines of records",
    expected: 2,
    actual: 1,
  })
  lines(
    "an episode that is missing",
    (all) => void all.splice(5, 1),
    { what: "Half: lines of episodes", expected: 25, actual: 24 },
    { what: "Half: lines of episodes, sampledOut", expected: 24, actual: 23 },
  )
  lines(
    "another reason than the manifest tells",
    (all) => {
      all[1] = (all[1] as string).replace('"ExactDedupFilter"', '"RefusalFilter"')
    },
    { what: "ShareGptTask: lines of episodes, dropped ExactDedupFilter", expected: 1, actual: 0 },
    { what: "ShareGptTask: lines of episodes, dropped RefusalFilter", expected: 0, actual: 1 },
  )
  it("a record that was left out for another reason", async () => {
    const set = await fresh()
    editManifest(set, (manifest) => {
      const { records } = taskOf(manifest)
      records.bad = 1
      records.skipped = { tooFewMessages: 1 }
    })
    assert.deepStrictEqual((await check(set)).findings, [
      {
        file: set.ledger,
        what: "ShareGptTask: lines of records with reason tooFewMessages",
        expected: 1,
        actual: 0,
      },
    ])
  })
  it("that it is broken", async () => {
    const set = await fresh()
    writeFileSync(set.ledger, readFileSync(set.ledger).subarray(0, -9))
    const report = await check(set)
    assert.deepStrictEqual(
      [report.findings, report.summary.ledgerLines],
      [[{ file: set.ledger, what: "the file cannot be unpacked", actual: "unexpected end of file" }], null],
    )
  })
  it("that it is a folder", async () => {
    const set = await fresh()
    rmSync(set.ledger)
    mkdirSync(set.ledger)
    assert.deepStrictEqual(await told(set), [["train.jsonl.ledger.jsonl.gz", "it is no ordinary file"]])
  })
  it("a last line without its end", async () => {
    const set = await fresh()
    writeFileSync(set.ledger, gzipSync(lined(linesOf(set.ledger)).slice(0, -1)))
    assert.deepStrictEqual(await told(set), [["train.jsonl.ledger.jsonl.gz:32", "the last line has no end"]])
  })
  it("that it is another than the manifest tells of, or gone", async () => {
    const set = await fresh()
    sealSet(set)
    writeFileSync(set.ledger, gzipSync(lined(linesOf(set.ledger)), { level: 0 }))
    assert.deepStrictEqual(await told(set), [
      ["train.jsonl.ledger.jsonl.gz", "the number of bytes differs"],
      ["train.jsonl.ledger.jsonl.gz", "the SHA-256 differs"],
    ])
    rmSync(set.ledger)
    assert.deepStrictEqual(await told(set), [["train.jsonl.ledger.jsonl.gz", "the file is missing"]])
  })
})

describe("verify finds in the inputs", () => {
  it("one that was changed, one that was cut, one that is missing, one that leads out", async () => {
    const set = await fresh()
    editManifest(set, (manifest) => {
      const [first] = manifest.inputs
      if (first === undefined) throw new Error("no input")
      for (const file of ["chats/none.jsonl", "../train.jsonl", "/etc/passwd"]) manifest.inputs.push({ ...first, file })
      manifest.inputs.push({ kind: "plugin", file: "own.mjs", bytes: 1, sha256: "0".repeat(64) })
      // Files of a filter lie where the config does, which may be the data folder.
      for (const file of ["more/a.jsonl", "evals/none.txt"])
        manifest.inputs.push({ kind: "filterData", file, bytes: first.bytes, sha256: first.sha256 })
    })
    const [a, b] = [join(set.data, "chats/a.jsonl"), join(set.data, "more/a.jsonl")] as const
    const text = readFileSync(a, "utf8")
    writeFileSync(a, text.replace("owl", "elk"))
    writeFileSync(b, text.slice(1))
    const report = await check(set, { inputs: set.data })
    assert.deepInclude(report.findings.at(-2), { file: b, what: "the number of bytes differs" })
    assert.deepStrictEqual(report.findings.slice(0, -2), [
      { file: a, what: "the SHA-256 differs", expected: sha256(text), actual: sha256(text.replace("owl", "elk")) },
      { file: b, what: "the number of bytes differs", expected: text.length, actual: text.length - 1 },
      { file: b, what: "the SHA-256 differs", expected: sha256(text), actual: sha256(text.slice(1)) },
      { file: join(set.data, "chats/none.jsonl"), what: "the file is missing" },
      { file: set.manifest, what: "the name of an input leads out of the data folder", actual: "../train.jsonl" },
      { file: set.manifest, what: "the name of an input leads out of the data folder", actual: "/etc/passwd" },
    ])
    assert.deepStrictEqual(report.summary.inputs, { checked: 4, skipped: 2 })
    assert.deepStrictEqual(await told(set), [])
  })
})

describe("verify fails", () => {
  it("where there is neither an output nor a manifest", async () => {
    const root = folder()
    const error = await Effect.runPromise(Effect.flip(verify(join(root, "train.jsonl"))))
    assert.deepStrictEqual([error._tag, error.reason], ["VerifyError", "NotFound"])
    assert.strictEqual(error.message, `there is no output "${join(root, "train.jsonl")}", and no manifest of it`)
  })

  it("where there is a folder, and no manifest", async () => {
    const root = folder()
    const error = await Effect.runPromise(Effect.flip(verify(root)))
    assert.strictEqual(error.reason, "Unreadable")
    assert.strictEqual(error.message, `cannot read "${root}": it is no ordinary file`)
  })
})

describe("damage", () => {
  type Part = "output" | "ledger" | "manifest"
  const parts: ReadonlyArray<Part> = ["output", "ledger", "manifest"]
  const flips = 500

  interface Flip {
    readonly part: Part
    readonly at: number
    readonly by: number
    readonly bytes: Buffer
  }

  /** Changes one byte at a time, at places and by values that the seed chooses; answers the flips that were not found. */
  const sweep = async (set: OutputSet, seed: string): Promise<ReadonlyArray<Flip>> => {
    const random = RecordRandom.make(RecordRandom.key(42, "flips", seed))
    const good = {
      output: readFileSync(set.output),
      ledger: readFileSync(set.ledger),
      manifest: readFileSync(set.manifest),
    }
    const missed: Array<Flip> = []
    for (let i = 0; i < flips; i++) {
      const part = parts[i % parts.length] as Part
      const bytes = Buffer.from(good[part])
      const at = Math.floor(random.next() * bytes.length)
      // A single bit every other time: text stays text more often than not.
      const by = i % 2 === 0 ? 1 << Math.floor(random.next() * 8) : 1 + Math.floor(random.next() * 255)
      bytes[at] = (bytes[at] as number) ^ by
      writeFileSync(set[part], bytes)
      const { findings } = await check(set, { inputs: set.data })
      if (findings.length === 0) missed.push({ part, at, by, bytes })
      writeFileSync(set[part], good[part])
    }
    assert.deepStrictEqual(await told(set, { inputs: set.data }), [])
    return missed
  }

  /** Paths of the values in which two JSON values differ. */
  const differences = (a: unknown, b: unknown, path = ""): ReadonlyArray<string> => {
    if (a === b) return []
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return [path]
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    const at = (value: object, key: string): unknown => (value as { readonly [key: string]: unknown })[key]
    return [...keys].flatMap((key) => differences(at(a, key), at(b, key), `${path}/${key}`))
  }

  /** Told by the manifest alone: no file holds them a second time. */
  const alone =
    /^\/(?:tool|arguments|config|seed|sideInputs|startedAt|durationMs|inputs\/\d+\/dataset|tasks\/\w+\/(?:turns|repairs|tokens|records\/blankLines))(?:\/|$)/

  for (const name of ["train.jsonl", "train.jsonl.gz"]) {
    it(`${flips} of ${flips} flipped bytes of a sealed ${name}, its ledger and its manifest are found`, async () => {
      const set = await fresh(name)
      sealSet(set)
      assert.deepStrictEqual(await sweep(set, `sealed ${name}`), [])
    }, 300_000)

    it(`all flipped bytes of ${name} are found but those that change nothing, or what nothing else tells`, async () => {
      const set = await fresh(name)
      const before = readManifest(set)
      const content = gunzipSync(readFileSync(set.ledger))
      const missed = await sweep(set, name)
      for (const { at, bytes, part } of missed) {
        const place = `${part}, byte ${at}`
        assert.notStrictEqual(part, "output", place)
        if (part === "ledger") assert.isTrue(gunzipSync(bytes).equals(content), place)
        else
          for (const path of differences(before, JSON.parse(bytes.toString("utf8")))) assert.match(path, alone, place)
      }
      const count = (part: Part): number => missed.filter((one) => one.part === part).length
      console.log(
        `${name}: ${flips} flips, unseen: ${count("ledger")} in the ledger, ${count("manifest")} in the manifest`,
      )
      assert.isBelow(missed.length, flips / 5)
    }, 300_000)
  }

  it("of any other kind is found too, and never ends the program", async () => {
    const set = await fresh("train.jsonl.gz")
    sealSet(set)
    const random = RecordRandom.make(RecordRandom.key(42, "damage", "any"))
    const below = (limit: number): number => Math.floor(random.next() * limit)
    for (let i = 0; i < 150; i++) {
      const part = parts[i % parts.length] as Part
      const good = readFileSync(set[part])
      const from = below(good.length)
      const to = from + 1 + below(good.length - from)
      const damaged = [
        good.subarray(0, from),
        Buffer.concat([good.subarray(0, from), good.subarray(to)]),
        Buffer.concat([good.subarray(0, to), good.subarray(from)]),
        Buffer.concat([good.subarray(0, from), Buffer.alloc(to - from, below(256)), good.subarray(to)]),
        Buffer.concat([good, good]),
      ][i % 5] as Buffer
      writeFileSync(set[part], damaged)
      const { findings } = await check(set)
      if (!damaged.equals(good)) assert.isAbove(findings.length, 0, `${part}, damage ${i}`)
      writeFileSync(set[part], good)
    }
  })
})

describe("the report as text", () => {
  it("is one line when all is well", async () => {
    const set = await fresh()
    assert.strictEqual(
      render(await check(set)),
      `${set.output}: as it was written (58 rows, ${readFileSync(set.output).length} bytes, ledger of 32 lines)\n`,
    )
    rmSync(set.ledger)
    assert.strictEqual(
      render(await check(set, { inputs: set.data })),
      `${set.output}: as it was written (58 rows, ${readFileSync(set.output).length} bytes, no ledger, 2 inputs)\n`,
    )
  })

  it("has a line for each finding, and nothing that steers a terminal", () => {
    const text = render({
      output: "a.jsonl",
      manifest: "a.jsonl.manifest.json",
      findings: [
        { file: "a.jsonl", line: 3, what: "the line is no JSON" },
        { file: "a.jsonl", what: "the number of rows differs", expected: 1, actual: 2 },
        { file: "a\u001b[2J\n.jsonl", what: "the identifier was used before", actual: "\u202ex" },
      ],
      summary: { findings: 3, outputs: 1, rows: 1, bytes: 1, ledgerLines: 1, inputs: { checked: 1, skipped: 2 } },
    })
    assert.strictEqual(
      text,
      [
        "a.jsonl:3: the line is no JSON",
        "a.jsonl: the number of rows differs: expected 1, found 2",
        "a\\x1b[2J .jsonl: the identifier was used before: \\u202ex",
        "a.jsonl: 3 findings (1 row, 1 byte, ledger of 1 line, 1 input (2 not looked for))",
        "",
      ].join("\n"),
    )
  })
})

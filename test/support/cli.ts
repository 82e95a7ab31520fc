/** Runs the built command as a user does: another process, a folder of its own, a plain environment. */
import { assert, onTestFinished } from "@effect/vitest"
import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import type { LedgerLine } from "../../src/domain/Merge.ts"
import { type Manifest, total } from "../../src/domain/Report.ts"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export const bin = join(root, "dist", "bin", "data-toolbox.js")

if (!existsSync(bin)) throw new Error('the command is not built: run "npm run build" before its tests')

/** Starting the command takes a part of a second, and more on a busy machine. */
export const timeout = 120_000

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly cwd?: string
  readonly env?: { readonly [name: string]: string }
}

/** Nothing of the surroundings that changes what the command does. */
const plainEnv = (): { [name: string]: string } => ({
  PATH: process.env["PATH"] ?? "",
  HOME: tmpdir(),
  LANG: "C.UTF-8",
  ...(process.env["TMPDIR"] === undefined ? {} : { TMPDIR: process.env["TMPDIR"] }),
})

/** Starts the command; `done` tells how it ended. */
export const start = (
  args: ReadonlyArray<string>,
  { cwd, env }: Options = {},
): { readonly child: ChildProcess; readonly done: Promise<Ran> } => {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { ...plainEnv(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const out: Array<Buffer> = []
  const err: Array<Buffer> = []
  child.stdout?.on("data", (part: Buffer) => out.push(part))
  child.stderr?.on("data", (part: Buffer) => err.push(part))
  const done = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) =>
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      }),
    )
  })
  return { child, done }
}

export const cli = (args: ReadonlyArray<string>, options: Options = {}): Promise<Ran> => start(args, options).done

/** Arguments without blanks in them, as they are typed. */
export const words = (line: string): ReadonlyArray<string> => line.split(" ")

/** Runs a command that has to succeed. */
export const ok = async (args: ReadonlyArray<string>, options: Options = {}): Promise<Ran> => {
  const ran = await cli(args, options)
  assert.strictEqual(ran.code, 0, ran.stderr)
  return ran
}

/** Runs a shell line in which `data-toolbox` is the command. */
export const shell = (line: string, options: Options = {}): Promise<Ran> => {
  const child = spawn("bash", ["-c", `data-toolbox() { '${process.execPath}' '${bin}' "$@"; }\n${line}`], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...plainEnv(), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (part: Buffer) => (stdout += part.toString("utf8")))
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString("utf8")))
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** A folder with these files, removed when the test is over. */
export const folder = (files: { readonly [path: string]: string | Uint8Array } = {}): string => {
  const made = mkdtempSync(join(tmpdir(), "data-toolbox-test-"))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made, path)), { recursive: true })
    writeFileSync(join(made, path), content)
  }
  return made
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** Every file below a folder with its digest, folders with a slash: two equal listings are two equal trees. */
export const listing = (at: string, under = ""): ReadonlyArray<string> =>
  readdirSync(join(at, under), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = under === "" ? entry.name : `${under}/${entry.name}`
      return entry.isDirectory()
        ? [`${path}/`, ...listing(at, path)]
        : [`${path} ${sha256(readFileSync(join(at, path)))}`]
    })

/**
 * The files beside the slices that a run which was stopped may leave for the next one (`out.jsonl.work/slices`): they
 * have to be those from before it, and no temporary file may be among them.
 */
export const settled = (at: string): ReadonlyArray<string> => {
  const all = listing(at).filter((line) => !/^[^/ ]*\.work\/(?:slices\/.*)?$/.test(line))
  assert.deepStrictEqual(
    all.filter((line) => line.includes(".tmp")),
    [],
  )
  return all
}

export const jsonLines = (content: string): ReadonlyArray<unknown> =>
  content
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line))

export const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, "utf8")) as Manifest

export const readLedger = (file: string): ReadonlyArray<LedgerLine> =>
  jsonLines(gunzipSync(readFileSync(file)).toString("utf8")) as ReadonlyArray<LedgerLine>

/** An output set: the rows, what was left out, and how it was made. */
export const readSet = (file: string) => {
  const bytes = readFileSync(file)
  const content = file.endsWith(".gz") ? gunzipSync(bytes) : bytes
  return {
    bytes,
    rows: jsonLines(content.toString("utf8")) as ReadonlyArray<{ readonly [key: string]: unknown }>,
    ledger: readLedger(`${file}.ledger.jsonl.gz`),
    manifest: readManifest(`${file}.manifest.json`),
  }
}

/** The turns of a ShareGPT row. */
export const turnsOf = (
  row: { readonly [key: string]: unknown } = {},
): ReadonlyArray<{ readonly from: string; readonly value: string }> =>
  (row["conversations"] ?? []) as ReadonlyArray<{ readonly from: string; readonly value: string }>

/** The parts of a manifest that are the same for the same work. */
export const lasting = ({ arguments: _a, durationMs: _d, sha256: _h, startedAt: _s, ...rest }: Manifest): unknown =>
  rest

/** Counts of equal texts. */
const tallyOf = (texts: ReadonlyArray<string>): { [text: string]: number } => {
  const out: { [text: string]: number } = {}
  for (const text of texts) out[text] = (out[text] ?? 0) + 1
  return out
}

/**
 * The law of accounts: the sums of every task hold, whatever was left out has a ledger line of its own, and the rows are
 * as many as the examples.
 */
export const checkAccounts = ({ bytes, ledger, manifest, rows }: ReturnType<typeof readSet>): void => {
  let examples = 0
  for (const [task, { episodes, examples: own, records }] of Object.entries(manifest.tasks)) {
    examples += own
    assert.strictEqual(records.read, records.bad + total(records.skipped) + records.used, `${task}: records`)
    assert.strictEqual(
      episodes.made,
      total(episodes.dropped) + total(episodes.invalid) + episodes.tooLarge + episodes.sampledOut + episodes.written,
      `${task}: episodes`,
    )
    const lines = ledger.filter((line) => line.task === task)
    const ofRecords = lines.filter(({ scope }) => scope === "record")
    const ofEpisodes = lines.filter(({ scope }) => scope === "episode")
    assert.strictEqual(ofRecords.length, records.bad + total(records.skipped), `${task}: ledger lines of records`)
    assert.strictEqual(ofEpisodes.length, episodes.made - episodes.written, `${task}: ledger lines of episodes`)
    const reasons = tallyOf(ofRecords.map(({ reason }) => reason))
    for (const [reason, count] of Object.entries(records.skipped))
      assert.isAtLeast(reasons[reason] ?? 0, count, `${task}: ${reason}`)
    // A filter that throws drops nothing: such an episode is invalid.
    const judged = ofEpisodes.filter(({ reason, stage }) => stage === "filter" && reason !== "failed")
    const filters = tallyOf(judged.map(({ reason }) => reason))
    assert.deepStrictEqual(filters, { ...episodes.dropped }, `${task}: filters`)
  }
  const [output] = manifest.outputs
  assert.strictEqual(output?.rows, examples)
  assert.strictEqual(rows.length, examples)
  assert.strictEqual(output?.bytes, bytes.length)
  assert.strictEqual(output?.sha256, sha256(bytes))
}

/** A ShareGPT conversation. */
export const chat = (...turns: ReadonlyArray<string>): string =>
  JSON.stringify({ conversations: turns.map((value, i) => ({ from: i % 2 === 0 ? "human" : "gpt", value })) })

/** A folder with a config for `ShareGptTask`, and its data as `chats.jsonl`. */
export const chatFolder = (
  lines: ReadonlyArray<string> | Uint8Array,
  more: { readonly [path: string]: string | Uint8Array } = {},
): string =>
  folder({
    "config.yml": "ShareGptTask: { files: chats.jsonl }\n",
    "chats.jsonl": lines instanceof Uint8Array ? lines : lines.map((line) => `${line}\n`).join(""),
    ...more,
  })

/** Arguments of a build in a `chatFolder`; `more` comes last. */
export const buildChats = (...more: ReadonlyArray<string>): ReadonlyArray<string> => [
  "build",
  ...words("--tasks ShareGptTask --config config.yml --data-folder . --format sharegpt"),
  ...(more.includes("--output-file") ? [] : ["--output-file", "out.jsonl"]),
  ...(more.includes("--workers") ? [] : ["--workers", "0"]),
  ...more,
]

/** What a build writes, and where; what it prints; how policies end it. */
import { assert, describe, it, vi } from "@effect/vitest"
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Manifest } from "../../src/domain/Report.ts"
import {
  bin,
  buildChats,
  chat,
  chatFolder,
  checkAccounts,
  cli,
  folder,
  jsonLines,
  lasting,
  listing,
  ok,
  readLedger,
  readManifest,
  readSet,
  root,
  settled,
  sha256,
  shell,
  timeout,
  turnsOf,
  words,
} from "../support/cli.ts"

vi.setConfig({ testTimeout: timeout })

/** Ten chats, no two alike. */
const ten = Array.from({ length: 10 }, (_, i) => chat(`Question ${i}?`, `Answer ${i}.`))

const broken = '{"conversations": ['

/** Runs a command on a pseudo-terminal. */
const hasScript = ["/usr/bin/script", "/bin/script"].some((file) => existsSync(file)) && process.platform === "linux"

const ids = (rows: ReadonlyArray<{ readonly [key: string]: unknown }>) => rows.map(({ identifier }) => identifier)

describe("the output set", () => {
  it("is the rows, the ledger and the manifest, and nothing else", async () => {
    const cwd = chatFolder([...ten, broken])
    const { stderr, stdout } = await ok(buildChats(), { cwd })
    assert.deepStrictEqual(readdirSync(cwd).sort(), [
      ...words("chats.jsonl config.yml out.jsonl out.jsonl.ledger.jsonl.gz out.jsonl.manifest.json"),
    ])
    const set = readSet(join(cwd, "out.jsonl"))
    checkAccounts(set)
    assert.deepStrictEqual(
      ids(set.rows),
      Array.from({ length: 10 }, (_, i) => `sharegpt-${i}`),
    )
    assert.strictEqual(new Set(set.rows.map((row) => Object.keys(row).join())).size, 1)
    assert.deepStrictEqual(set.ledger, [
      {
        task: "ShareGptTask",
        scope: "record",
        place: { file: "chats.jsonl", line: 11 },
        stage: "read",
        reason: "InvalidJson",
        detail: "the text ends too early",
      },
    ])
    const { arguments: given, inputs, outputs, tool } = set.manifest
    assert.strictEqual(tool.name, "data-toolbox")
    assert.notStrictEqual(tool.build, "source")
    assert.deepStrictEqual(given, buildChats())
    const raw = readFileSync(join(cwd, "chats.jsonl"))
    assert.deepStrictEqual(inputs, [
      { kind: "dataset", dataset: "files", file: "chats.jsonl", bytes: raw.length, sha256: sha256(raw) },
    ])
    assert.deepStrictEqual(outputs, [
      { file: "out.jsonl", bytes: set.bytes.length, sha256: sha256(set.bytes), rows: 10 },
    ])
    assert.match(
      stderr,
      /^data-toolbox: warning: ShareGptTask: 1 of 11 records are bad \(9\.1 %\); the ledger tells why\n$/,
    )
    assert.match(stdout, /^ShareGptTask +11 +1 +0 +10 +0 +0 +0 +0 +10 +10$/m)
    assert.match(
      stdout,
      /^wrote 10 rows, \S+ \S+, in \d+\.\d s:\n {2}out\.jsonl\n {2}out\.jsonl\.ledger\.jsonl\.gz\n {2}out\.jsonl\.manifest\.json\n$/m,
    )
  })

  it("replaces the one before it as a whole, also by a shorter one", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats(), { cwd })
    const first = readSet(join(cwd, "out.jsonl"))
    await ok(buildChats("--limit", "2"), { cwd })
    const second = readSet(join(cwd, "out.jsonl"))
    checkAccounts(second)
    assert.strictEqual(second.rows.length, 2)
    assert.isTrue(first.bytes.subarray(0, second.bytes.length).equals(second.bytes))
  })

  it("the same work again gives the same bytes; the manifest differs in times and arguments only", async () => {
    const cwd = chatFolder([...ten, broken])
    await ok(buildChats(), { cwd })
    const first = readSet(join(cwd, "out.jsonl"))
    await ok(buildChats("--verbose"), { cwd })
    const second = readSet(join(cwd, "out.jsonl"))
    assert.isTrue(first.bytes.equals(second.bytes))
    assert.deepStrictEqual(second.ledger, first.ledger)
    assert.deepStrictEqual(lasting(second.manifest), lasting(first.manifest))
  })

  it(".gz compresses, and the manifest holds the digest of the content as well", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats(), { cwd })
    const plain = readFileSync(join(cwd, "out.jsonl"))
    await ok(buildChats("--output-file", "out.jsonl.gz"), { cwd })
    const set = readSet(join(cwd, "out.jsonl.gz"))
    checkAccounts(set)
    assert.isTrue(gunzipSync(set.bytes).equals(plain))
    const [output] = set.manifest.outputs
    assert.strictEqual(output?.file, "out.jsonl.gz")
    assert.strictEqual(output?.contentSha256, sha256(plain))
    assert.strictEqual(readManifest(join(cwd, "out.jsonl.manifest.json")).outputs[0]?.contentSha256, undefined)
  })

  it("--ledger and --manifest name other places", async () => {
    const cwd = chatFolder([broken, ...ten])
    await ok(buildChats("--ledger", "why.jsonl", "--manifest", "how.json"), { cwd })
    assert.deepStrictEqual(readdirSync(cwd).sort(), ["chats.jsonl", "config.yml", "how.json", "out.jsonl", "why.jsonl"])
    assert.strictEqual(jsonLines(readFileSync(join(cwd, "why.jsonl"), "utf8")).length, 1)
    assert.strictEqual(readManifest(join(cwd, "how.json")).outputs[0]?.rows, 10)
  })

  it("rows hold no identifier with --no-identifier, and are the same otherwise", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats(), { cwd })
    await ok(buildChats("--no-identifier", "--output-file", "bare.jsonl"), { cwd })
    const rows = readSet(join(cwd, "out.jsonl")).rows.map(({ identifier: _, ...rest }) => rest)
    assert.deepStrictEqual(readSet(join(cwd, "bare.jsonl")).rows, rows)
  })

  it("--format disregards letter case", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats(), { cwd })
    const args = buildChats("--output-file", "upper.jsonl").map((arg) => (arg === "sharegpt" ? "ShareGPT" : arg))
    await ok(args, { cwd })
    assert.isTrue(readFileSync(join(cwd, "upper.jsonl")).equals(readFileSync(join(cwd, "out.jsonl"))))
  })
})

describe("the standard output", () => {
  it("takes the rows for -, alone: the summary goes to stderr and nothing is written to disk", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats(), { cwd })
    const expected = readFileSync(join(cwd, "out.jsonl"), "utf8")
    const before = listing(cwd)
    const temp = folder()
    const { stderr, stdout } = await ok(buildChats("--output-file", "-"), { cwd, env: { TMPDIR: temp } })
    assert.strictEqual(stdout, expected)
    assert.match(stderr, /^ShareGptTask +10 /m)
    assert.match(stderr, /\(standard output\)/)
    assert.deepStrictEqual(listing(cwd), before)
    assert.deepStrictEqual(listing(temp), [])
  })

  it("with - the ledger and the manifest are written where they are named", async () => {
    const cwd = chatFolder([...ten, broken])
    const { stderr, stdout } = await ok(
      buildChats("--output-file", "-", "--ledger", "why.jsonl.gz", "--manifest", "how.json", "--quiet"),
      { cwd },
    )
    assert.notInclude(stderr, "standard output")
    assert.deepStrictEqual(readdirSync(cwd).sort(), ["chats.jsonl", "config.yml", "how.json", "why.jsonl.gz"])
    assert.strictEqual(readLedger(join(cwd, "why.jsonl.gz")).length, 1)
    assert.deepStrictEqual(readManifest(join(cwd, "how.json")).outputs, [
      { file: "-", bytes: Buffer.byteLength(stdout), sha256: sha256(stdout), rows: 10 },
    ])
  })

  it("cannot take both the rows and --json", async () => {
    const cwd = chatFolder(ten)
    const { code, stderr, stdout } = await cli(buildChats("--output-file", "-", "--json"), { cwd })
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.strictEqual(
      stderr,
      "data-toolbox: --json: the standard output cannot take both the rows (-) and the manifest\n",
    )
  })

  it("--json is the manifest, and nothing else on either stream", async () => {
    const cwd = chatFolder(ten)
    const { stderr, stdout } = await ok(buildChats("--json"), { cwd })
    assert.strictEqual(stderr, "")
    assert.deepStrictEqual(JSON.parse(stdout) as Manifest, readManifest(join(cwd, "out.jsonl.manifest.json")))
  })

  it("--quiet prints nothing where nothing is wrong, and still warns", async () => {
    const cwd = chatFolder(ten)
    const { stderr, stdout } = await ok(buildChats("--quiet"), { cwd })
    assert.deepStrictEqual([stdout, stderr], ["", ""])
    const bad = await ok(buildChats("--quiet"), { cwd: chatFolder([chat("a", "b"), broken]) })
    assert.strictEqual(bad.stdout, "")
    assert.match(bad.stderr, /^data-toolbox: warning: ShareGptTask: 1 of 2 records are bad \(50\.0 %\)/)
  })

  it("--verbose tells on stderr what is read and written; the results are the same", async () => {
    const cwd = chatFolder(ten)
    const { stderr, stdout } = await ok(buildChats("--verbose", "--json"), { cwd })
    const { sha256: digest } = (JSON.parse(stdout) as Manifest).inputs[0] as Manifest["inputs"][number]
    assert.match(stderr, /^data-toolbox: version \d+\.\d+\.\d+, build [0-9a-f]{16}, Node v\d+\.\d+\.\d+, 0 workers$/m)
    assert.include(stderr, "data-toolbox: ShareGptTask: 1 file")
    assert.include(stderr, `sha256 ${digest}`)
  })

  it("holds no control codes in a pipe, with and without NO_COLOR", async () => {
    const cwd = chatFolder([...ten, broken])
    for (const env of [{}, { NO_COLOR: "1" }, { FORCE_COLOR: "3" }]) {
      const { stderr, stdout } = await ok(buildChats(), { cwd, env })
      assert.notMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }
  })
})

describe("a dry run", () => {
  it("tells the plan and writes nothing", async () => {
    const cwd = chatFolder(ten, { "more.jsonl": `${chat("a", "b")}\n` })
    const before = listing(cwd)
    const args = buildChats("--dry-run", "--max-length", "100", "--length", "windows", "--seed", "7")
    const { stderr, stdout } = await ok(args, { cwd })
    assert.strictEqual(stderr, "")
    assert.strictEqual(
      stdout,
      [
        "ShareGptTask: dataset files, 1 file",
        "  chats.jsonl",
        "  filters: none",
        "format sharegpt, length: 100 tokens (estimate, windows), seed 7",
        "nothing was written",
        "",
      ].join("\n"),
    )
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("with --json tells it as one object", async () => {
    const { stdout } = await ok(buildChats("--dry-run", "--json"), { cwd: chatFolder(ten) })
    assert.deepStrictEqual(JSON.parse(stdout), {
      tasks: [{ task: "ShareGptTask", dataset: "files", files: ["chats.jsonl"], filters: [] }],
      format: "sharegpt",
      maxLength: -1,
      length: "fit",
      tokenizer: "estimate",
      seed: 42,
    })
  })

  it("finds what a run would find: a missing input is an error", async () => {
    const cwd = chatFolder(ten, { "config.yml": "ShareGptTask: { files: chets.jsonl }\n" })
    const { code, stderr, stdout } = await cli(buildChats("--dry-run"), { cwd })
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.match(stderr, /^data-toolbox: no raw data for dataset "files": expected chets\.jsonl in /)
  })
})

describe("policies", () => {
  const two = [ten[0] as string, broken, ten[1] as string, "5 6", ten[2] as string]

  it("--limit takes the first records of each task; later ones are neither read nor counted", async () => {
    const cwd = chatFolder(two)
    await ok(buildChats("--limit", "3", "--max-bad", "1"), { cwd })
    const set = readSet(join(cwd, "out.jsonl"))
    checkAccounts(set)
    assert.deepStrictEqual(ids(set.rows), ["sharegpt-0", "sharegpt-2"])
    const { bad, read, used } = (set.manifest.tasks["ShareGptTask"] as Manifest["tasks"][string]).records
    assert.deepStrictEqual({ bad, read, used }, { bad: 1, read: 3, used: 2 })
  })

  it("--max-bad N fails when there are more, and leaves what was there", async () => {
    const cwd = chatFolder(two)
    await ok(buildChats("--max-bad", "2"), { cwd })
    const before = listing(cwd)
    const { code, stderr, stdout } = await cli(buildChats("--max-bad", "1"), { cwd })
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.match(
      stderr,
      /^data-toolbox: ShareGptTask: 2 of 5 records are bad \(40\.0 %\), more than the 1 that is allowed\. /,
    )
    assert.deepStrictEqual(settled(cwd), before)
  })

  it("--max-bad N% is a share of what was read, judged at the end", async () => {
    const cwd = chatFolder(two)
    await ok(buildChats("--max-bad", "40%"), { cwd })
    const { code, stderr } = await cli(buildChats("--max-bad", "39.9%"), { cwd })
    assert.strictEqual(code, 1)
    assert.include(stderr, "2 of 5 records are bad (40.0 %), more than the 39.9% that is allowed")
    assert.strictEqual((await cli(buildChats("--max-bad", "0%"), { cwd: chatFolder(ten) })).code, 0)
    assert.strictEqual((await cli(buildChats("--max-bad", "101%"), { cwd })).code, 2)
  })

  it("--strict fails at the first bad record", async () => {
    const cwd = chatFolder(two)
    const before = listing(cwd)
    const { code, stderr } = await cli(buildChats("--strict"), { cwd })
    assert.strictEqual(code, 1)
    assert.include(stderr, "more than the 0 that is allowed")
    assert.deepStrictEqual(settled(cwd), before)
    await ok(buildChats("--strict"), { cwd: chatFolder(ten) })
  })

  it("a run that writes no row warns, and fails with --strict", async () => {
    const cwd = chatFolder([JSON.stringify({ conversations: [{ from: "human", value: "Anyone?" }] })])
    const { stderr } = await ok(buildChats(), { cwd })
    assert.match(stderr, /^data-toolbox: warning: no example was written \(1 record read, /)
    assert.strictEqual(readFileSync(join(cwd, "out.jsonl"), "utf8"), "")
    checkAccounts(readSet(join(cwd, "out.jsonl")))
    const before = listing(cwd)
    const strict = await cli(buildChats("--strict"), { cwd })
    assert.strictEqual(strict.code, 1)
    assert.match(strict.stderr, /^data-toolbox: no example was written/)
    assert.deepStrictEqual(settled(cwd), before)
  })
})

describe("places", () => {
  it("TOOLBOX_DATA_FOLDER is where the data lies, unless --data-folder is given; else ./data", async () => {
    const cwd = chatFolder([], {
      "one/chats.jsonl": `${chat("one", "1")}\n`,
      "two/chats.jsonl": `${chat("two", "2")}\n`,
      "data/chats.jsonl": `${chat("data", "3")}\n`,
    })
    const args = buildChats().filter((arg, i, all) => arg !== "--data-folder" && all[i - 1] !== "--data-folder")
    const asked = async (more: ReadonlyArray<string>, env: { readonly [name: string]: string }): Promise<unknown> => {
      await ok([...args, ...more], { cwd, env })
      const [row] = readSet(join(cwd, "out.jsonl")).rows
      return turnsOf(row).find(({ from }) => from === "human")?.value
    }
    assert.strictEqual(await asked([], { TOOLBOX_DATA_FOLDER: "one" }), "one")
    assert.strictEqual(await asked(["--data-folder", "two"], { TOOLBOX_DATA_FOLDER: "one" }), "two")
    assert.strictEqual(await asked([], {}), "data")
    assert.strictEqual(await asked([], { TOOLBOX_DATA_FOLDER: "" }), "data")
  })

  it("an output that is an input, by name or by a link, is refused and stays as it is", async () => {
    const cwd = chatFolder(ten)
    symlinkSync("chats.jsonl", join(cwd, "link.jsonl"))
    const before = listing(cwd)
    for (const [option, file] of [
      ["--output-file", "chats.jsonl"],
      ["--output-file", "./config.yml"],
      ["--output-file", "link.jsonl"],
      ["--ledger", "chats.jsonl"],
      ["--manifest", "config.yml"],
    ] as const) {
      const { code, stderr, stdout } = await cli(buildChats(option, file), { cwd })
      assert.deepStrictEqual([code, stdout], [2, ""], file)
      assert.include(stderr, `data-toolbox: ${option}: "${file}" is an input of this run`)
    }
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("one file for two purposes is refused", async () => {
    const cwd = chatFolder(ten)
    const { code, stderr } = await cli(buildChats("--ledger", "./out.jsonl"), { cwd })
    assert.strictEqual(code, 2)
    assert.strictEqual(stderr, 'data-toolbox: --ledger: "./out.jsonl" is written by --output-file already\n')
  })

  it("a folder, or a place that is no ordinary file, is refused", async () => {
    const cwd = chatFolder(ten, { "folder/file": "" })
    for (const file of ["folder", "/dev/null", "chats.jsonl/out.jsonl"]) {
      const { code, stderr } = await cli(buildChats("--output-file", file), { cwd })
      assert.strictEqual(code, 2, file)
      assert.match(stderr, /^data-toolbox: --output-file: /)
    }
  })

  it("file names with blanks, quotes and letters of all kinds work", async () => {
    const cwd = chatFolder([], {
      "config.yml": 'ShareGptTask: { files: "mes données/*.jsonl" }\n',
      'mes données/l\'été "A" 日本.jsonl': `${ten.join("\n")}\n`,
    })
    await ok(buildChats("--output-file", "sortie été (1).jsonl"), { cwd })
    const set = readSet(join(cwd, "sortie été (1).jsonl"))
    checkAccounts(set)
    assert.strictEqual(set.rows.length, 10)
  })

  it.skipIf(process.getuid?.() === 0)("a folder that must not be written to ends the run with 1", async () => {
    const cwd = chatFolder(ten, { "closed/out.jsonl": "old\n" })
    chmodSync(join(cwd, "closed"), 0o555)
    const { code, stderr, stdout } = await cli(buildChats("--output-file", "closed/out.jsonl"), { cwd })
    chmodSync(join(cwd, "closed"), 0o755)
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.match(stderr, /^data-toolbox: cannot write closed\/out\.jsonl: .*EACCES/)
    assert.strictEqual(readFileSync(join(cwd, "closed/out.jsonl"), "utf8"), "old\n")
  })
})

describe("preview", () => {
  const preview = (...more: ReadonlyArray<string>) => [
    ...words("preview --tasks ShareGptTask --config config.yml --data-folder ."),
    ...more,
  ]

  it("shows the first examples of each task, three unless asked otherwise, and writes nothing", async () => {
    const cwd = chatFolder(ten)
    const before = listing(cwd)
    const temp = folder()
    const options = { cwd, env: { TMPDIR: temp } }
    const { stderr, stdout } = await ok(preview(), options)
    assert.strictEqual(stderr, "")
    assert.deepStrictEqual(stdout.match(/^sharegpt-\d+$/gm), ["sharegpt-0", "sharegpt-1", "sharegpt-2"])
    assert.match(
      stdout,
      /^── ShareGptTask ──\nsharegpt-0\n.+\n○ system .+\n(?:│ .+\n)+○ user .+\n│ Question 0\?\n● model .+\n┃ Answer 0\.\n/m,
    )
    assert.strictEqual((await ok(preview("--examples", "1"), options)).stdout.match(/^sharegpt-\d+$/gm)?.length, 1)
    assert.strictEqual((await ok(preview("--examples", "99"), options)).stdout.match(/^sharegpt-\d+$/gm)?.length, 10)
    assert.deepStrictEqual(listing(cwd), before)
    assert.deepStrictEqual(listing(temp), [])
  })

  it("shows what a build would write", async () => {
    const cwd = chatFolder(ten)
    await ok(buildChats("--limit", "1"), { cwd })
    const [row] = readSet(join(cwd, "out.jsonl")).rows
    const [prompt] = turnsOf(row)
    const { stdout } = await ok(preview("--format", "sharegpt", "--examples", "1"), { cwd })
    const lines = stdout.split("\n").filter((line) => line.startsWith("│ "))
    // Long lines are broken between words.
    assert.include(lines.map((line) => line.slice(2)).join(" "), prompt?.value.replace(/\s+/g, " ") ?? "nothing")
  })

  it("warns when there is nothing to show", async () => {
    const { stderr, stdout } = await ok(preview(), { cwd: chatFolder([broken]) })
    assert.strictEqual(stdout, "")
    assert.match(stderr, /^data-toolbox: warning: no example came out/m)
  })

  it("control characters of the data never reach the terminal: they become visible", async () => {
    const hostile = "\u001b]0;title\u0007 \u001b[2J\u009b31m over\rwrite \u202eback \u0000 \u007f tab\there"
    const cwd = chatFolder([chat(`Say: ${hostile}`, `Fine. ${hostile}`)], {
      "config.yml": "ShareGptTask: { files: chats.jsonl, clean: off, custom_prompts: [Talk.] }\n",
    })
    const { stdout } = await ok(preview(), { cwd })
    assert.notMatch(stdout, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    assert.include(stdout, "│ Say: \\x1b]0;title\\x07 \\x1b[2J")
    assert.include(stdout, "\\u202eback")
  })

  it.skipIf(!hasScript)("on a terminal the roles are coloured, the data is not; NO_COLOR leaves it plain", async () => {
    const cwd = chatFolder([chat("Say \u001b[31mred", "Fine.")], {
      "config.yml": "ShareGptTask: { files: chats.jsonl, clean: off, custom_prompts: [Talk.] }\n",
    })
    const onTerminal = async (env: { readonly [name: string]: string }): Promise<string> => {
      const line = `script -qec "'${process.execPath}' '${bin}' ${preview().join(" ")}" /dev/null < /dev/null`
      const { code, stdout } = await shell(line, { cwd, env })
      assert.strictEqual(code, 0)
      return stdout.replaceAll("\r\n", "\n")
    }
    const painted = await onTerminal({})
    assert.match(painted, /\u001b\[36m.*user.*\n.*Say \\x1b\[31mred\n.*\u001b\[32m.*model.*\n.*Fine\.\n/)
    const plain = await onTerminal({ NO_COLOR: "1" })
    assert.notInclude(plain, "\u001b")
    assert.strictEqual(painted.replace(/\u001b\[\d+m/g, ""), plain)
  })

  it("neither do those of identifiers, file names and keys, in what a build prints", async () => {
    const cwd = chatFolder([], {
      "config.yml": '"T\\e[31m":\n  task: ShareGptTask\n  files: "*.jsonl"\n',
      "a\u001b[31m.jsonl": `${ten.join("\n")}\n${broken}\n`,
    })
    const args = buildChats("--output-file", "o\u001b]0;x\u0007.jsonl", "--verbose").map((arg) =>
      arg === "ShareGptTask" ? "T\u001b[31m" : arg,
    )
    for (const more of [[], ["--dry-run"], ["--max-length", "0"]]) {
      const { stderr, stdout } = await cli([...args, ...more], { cwd })
      assert.notMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    }
  })
})

describe("a reader that stops early", () => {
  const many = Array.from({ length: 30_000 }, (_, i) => chat(`Question ${i}?`, `Answer ${i}: ${"word ".repeat(20)}`))

  it("| head is no crash, and leaves nothing behind", async () => {
    const cwd = chatFolder(many, { "tmp/keep": "" })
    const before = listing(cwd)
    const args = buildChats("--output-file", "-", "--quiet").join(" ")
    const { code, stderr, stdout } = await shell(`set -o pipefail; data-toolbox ${args} | head -n 2`, {
      cwd,
      env: { TMPDIR: join(cwd, "tmp") },
    })
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.strictEqual(jsonLines(stdout).length, 2)
    assert.deepStrictEqual(listing(cwd), before)
  })

  it("the same holds for a preview, a list and help", async () => {
    const cwd = chatFolder(many.slice(0, 2000))
    for (const args of [
      "preview --tasks ShareGptTask --config config.yml --data-folder . --examples 2000",
      "list",
      "build --help",
    ]) {
      const { code, stderr } = await shell(`set -o pipefail; data-toolbox ${args} | head -n 1`, { cwd })
      assert.deepStrictEqual([code, stderr], [0, ""], args)
    }
  })

  it.skipIf(!existsSync("/dev/full"))(
    "a full disk under the standard output ends the run with 1 and one line",
    async () => {
      const cwd = chatFolder(many.slice(0, 100))
      for (const args of [buildChats("--output-file", "-", "--quiet").join(" "), "list", "--help"]) {
        const { code, stderr } = await shell(`data-toolbox ${args} > /dev/full`, { cwd })
        assert.deepStrictEqual(
          [code, stderr],
          [1, "data-toolbox: cannot write to stdout: ENOSPC: no space left on device, write\n"],
        )
      }
    },
  )

  it("a closed stderr does not stop the work", async () => {
    const cwd = chatFolder([...ten, broken])
    const { code } = await shell(
      `set -o pipefail; { data-toolbox ${buildChats("--verbose", "--quiet").join(" ")} 2>&1 >&3 | true; } 3>/dev/null`,
      { cwd },
    )
    assert.strictEqual(code, 0)
    checkAccounts(readSet(join(cwd, "out.jsonl")))
  })
})

describe("the samples", () => {
  it("of every task make a whole, accounted output in each format", async () => {
    const cwd = chatFolder([])
    const config = join(root, "samples", "config.yml")
    const tasks = [...readFileSync(config, "utf8").matchAll(/^([A-Za-z]\w*):/gm)].map(([, key]) => key as string)
    assert.isAtLeast(tasks.length, 13)
    for (const format of ["sharegpt", "metharme", "openchat"]) {
      const { stdout } = await ok(
        [
          ...words("build --workers 0 --max-length 2048 --tasks"),
          tasks.join(","),
          "--config",
          config,
          "--data-folder",
          join(root, "samples"),
          "--format",
          format,
          "--output-file",
          `${format}.jsonl`,
        ],
        { cwd },
      )
      const set = readSet(join(cwd, `${format}.jsonl`))
      checkAccounts(set)
      assert.deepStrictEqual(Object.keys(set.manifest.tasks), tasks)
      for (const [task, { examples }] of Object.entries(set.manifest.tasks)) assert.isAbove(examples, 0, task)
      assert.match(stdout, /^all +\d/m)
      rmSync(join(cwd, `${format}.jsonl`))
    }
    assert.isFalse(existsSync(join(cwd, "sharegpt.jsonl.work")))
  })
})

/** What one who sits before a terminal sees of a run, and what a log holds of it. */
import { assert, describe, it, vi } from "@effect/vitest"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { buildChats, chat, chatFolder, cli, ok, readSet, timeout } from "../support/cli.ts"
import { hasPty, pty } from "../support/pty.ts"
import { makeTerminal } from "../support/screen.ts"

vi.setConfig({ testTimeout: timeout })

/** Enough of them that a run takes longer than it takes to draw something. */
const many = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => chat(`Question ${i}?`, `Answer ${i}: ${"more words ".repeat(20)}`))

/** The frames of a block: each begins by going up over the one before it. */
const framesOf = (sent: string): ReadonlyArray<string> => sent.split(/\r\u001b\[\d+A/).slice(0, -1)

const screenOf = (sent: string, columns: number) => {
  const terminal = makeTerminal(columns)
  terminal.write(sent)
  return terminal
}

describe.skipIf(!hasPty)("a build on a terminal", () => {
  for (const columns of [80, 40])
    it(`of ${columns} columns shows a block, then the summary alone; nothing wraps`, async () => {
      const cwd = chatFolder(many(60_000))
      const { code, sent } = await pty(buildChats(), { columns, cwd })
      assert.strictEqual(code, 0, sent)
      const frames = framesOf(sent)
      assert.isAbove(frames.length, 0)
      for (const frame of frames.slice(1)) {
        const screen = screenOf(frame, columns)
        assert.strictEqual(screen.wraps(), 0)
        assert.match(screen.lines()[0] ?? "", /^ShareGptTask +[━╸─]+ +\d+%/)
        assert.match(screen.lines()[1] ?? "", /^ {2}[\d,]+ read/)
      }
      const screen = screenOf(sent, columns)
      assert.strictEqual(screen.wraps(), 0, screen.lines().join("\n"))
      const lines = screen.lines().filter((line) => line !== "")
      assert.match(lines[0] ?? "", /^task +read /)
      assert.strictEqual(lines.filter((line) => /[━╸─]|records\/s/.test(line)).length, 0)
      const at = lines.indexOf("next:")
      assert.deepStrictEqual(lines.slice(at - 3, at), [
        "  out.jsonl",
        "  out.jsonl.ledger.jsonl.gz",
        "  out.jsonl.manifest.json",
      ])
      const next = lines
        .slice(at + 1)
        .join("\n")
        .replace(/ \\\n +/g, " ")
        .split("\n")
      assert.deepStrictEqual(next, [
        "  data-toolbox preview --tasks ShareGptTask --config config.yml --data-folder . --format sharegpt",
        "  data-toolbox report out.jsonl",
        "  data-toolbox check out.jsonl --for axolotl",
      ])
    })

  it("the commands that it names work as they stand", async () => {
    const cwd = chatFolder(many(20), {
      "config.yml": "ShareGptTask: { files: chats.jsonl, filters: [{ ContainsFilter: { phrases: [Answer 7] } }] }\n",
    })
    const { sent } = await pty(buildChats(), { columns: 80, cwd })
    const lines = screenOf(sent, 80).lines()
    const commands = lines
      .slice(lines.indexOf("next:") + 1)
      .join("\n")
      .replace(/ \\\n +/g, " ")
      .split("\n")
      .flatMap((line) => (line.startsWith("  data-toolbox ") ? [line.slice("  data-toolbox ".length)] : []))
    assert.strictEqual(commands.length, 3)
    const [preview] = await Promise.all(commands.map((command) => ok(command.split(" "), { cwd })))
    assert.include(preview?.stdout, "Answer 7")
    assert.notInclude(preview?.stdout, "Answer 8")
    assert.isTrue(existsSync(join(cwd, "out.jsonl.report.html")))
  })

  it("is drawn of plain lines, with no control codes, where NO_COLOR is set or the terminal is dumb", async () => {
    const cwd = chatFolder(many(2000))
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      const { code, sent } = await pty(buildChats(), { columns: 80, cwd, env })
      assert.strictEqual(code, 0)
      assert.notMatch(sent, /[\r\u001b]/)
      assert.match(sent, /^task +read /m)
    }
  })

  it("says nothing with --quiet, and rows on the terminal itself are not disturbed", async () => {
    const cwd = chatFolder(many(20_000))
    assert.deepStrictEqual(await pty(buildChats("--quiet"), { columns: 80, cwd }), { code: 0, sent: "" })
    const { sent } = await pty(buildChats("--output-file", "-"), { columns: 80, cwd })
    assert.notMatch(sent, /\u001b\[\d*[AKJ]/)
    const rows = sent.split("\n").filter((line) => line.startsWith("{"))
    assert.strictEqual(rows.length, 20_000)
    for (const row of rows) JSON.parse(row)
  })

  it("that is interrupted leaves the terminal as it was, and its slices for the next run, which says so", async () => {
    const cwd = chatFolder(many(80_000))
    const { code, sent } = await pty(buildChats(), {
      columns: 80,
      cwd,
      type: (seen) => (/[1-9]\d?% /.test(seen) ? "\u0003" : undefined),
    })
    assert.strictEqual(code, 130)
    const screen = screenOf(sent, 80)
    assert.deepStrictEqual(
      screen.lines().filter((line) => line !== ""),
      [],
      "nothing of the block stays",
    )
    assert.strictEqual(screen.cursor()[1], 0)
    assert.deepStrictEqual(readdirSync(cwd).sort(), ["chats.jsonl", "config.yml", "out.jsonl.work"])
    await ok(buildChats("--quiet"), { cwd })
    assert.strictEqual(readSet(join(cwd, "out.jsonl")).rows.length, 80_000)
  })

  it("that fails has its message where the block was", async () => {
    const cwd = chatFolder([...many(60_000), "{broken"])
    const { code, sent } = await pty(buildChats("--strict"), { columns: 200, cwd })
    assert.strictEqual(code, 1)
    const lines = screenOf(sent, 200)
      .lines()
      .filter((line) => line !== "")
    assert.strictEqual(lines.length, 1)
    assert.match(lines[0] ?? "", /^data-toolbox: .*bad/)
  })
})

describe.skipIf(!hasPty)("a preview on a terminal", () => {
  it("wraps its own lines, wide letters too, at 80 and at 40 columns", async () => {
    const cwd = chatFolder([chat("字".repeat(120), `${"word ".repeat(60)}${"x".repeat(200)} 👩‍👩‍👧👩‍👩‍👧`)])
    const args = ["preview", "--tasks", "ShareGptTask", "--config", "config.yml", "--data-folder", "."]
    for (const columns of [80, 40]) {
      const { code, sent } = await pty(args, { columns, cwd })
      assert.strictEqual(code, 0)
      const screen = screenOf(sent, columns)
      assert.strictEqual(screen.wraps(), 0, screen.lines().join("\n"))
      assert.isAbove(screen.lines().length, 800 / columns)
    }
  })
})

describe("a build in a pipe", () => {
  it("has no control codes, and a short one no progress; the summary names what one would run next", async () => {
    const cwd = chatFolder(many(500))
    for (const env of [{}, { NO_COLOR: "1" }]) {
      const { stderr, stdout } = await ok(buildChats(), { cwd, env })
      assert.strictEqual(stderr, "")
      assert.notMatch(stdout, /[\r\u001b]/)
      assert.match(
        stdout,
        /\n\nnext:\n {2}data-toolbox preview .*\n {2}data-toolbox report .*\n {2}data-toolbox check .*\n$/,
      )
    }
  })

  it("names nothing next with --quiet, with --json, and where the rows went to the standard output", async () => {
    const cwd = chatFolder(many(5))
    for (const more of [["--quiet"], ["--json"], ["--output-file", "-"]]) {
      const { stderr, stdout } = await cli(buildChats(...more), { cwd })
      assert.notInclude(stdout + stderr, "next:")
    }
  })
})

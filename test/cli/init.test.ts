import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { bin, cli, folder, ok, readManifest, root, timeout } from "../support/cli.ts"

const samples = join(root, "samples")

const chat = (...texts: ReadonlyArray<string>) =>
  JSON.stringify({ conversations: texts.map((value, i) => ({ from: i % 2 === 0 ? "human" : "gpt", value })) })

/** The tasks of the command that a config names at its top. */
const tasksOf = (config: string): string => /--tasks (\S+)/.exec(config)?.[1] ?? ""

describe("init", { timeout }, () => {
  it("writes a config for everything in the samples, which builds at once", async () => {
    const here = folder()
    await ok(["init", "--data-folder", samples], { cwd: here })
    const config = readFileSync(join(here, "config.yml"), "utf8")
    assert.match(config, /^# yaml-language-server: \$schema=\S+config\.schema\.json\n/)
    const tasks = tasksOf(config)
    for (const name of ["AesirRoleplayTask", "NoRobotsInstructionFollowingTask", "RpForumsRoleplayTask"])
      assert.include(tasks.split(","), name)
    const args = ["build", "--tasks", tasks, "--config", "config.yml", "--data-folder", samples, "--format", "sharegpt"]
    await ok([...args, "--output-file", "train.jsonl", "--quiet"], { cwd: here })
    const manifest = readManifest(join(here, "train.jsonl.manifest.json"))
    for (const [task, { episodes }] of Object.entries(manifest.tasks)) assert.isAbove(episodes.written, 0, task)
  })

  it("recognises own files by their shape, and names what it cannot read", async () => {
    const here = folder({
      "data/logs/a.jsonl": chat("Hello?", "Hi."),
      "data/logs/b.jsonl": chat("Bye?", "Bye."),
      "data/faq.csv": "Query,Reply\nWhy?,So.\nHow?,Thus.\n",
      "data/talk.json": JSON.stringify([
        {
          utterances: [
            { speaker: "Ann", text: "Hi" },
            { speaker: "Bob", text: "Yes?" },
          ],
        },
      ]),
      "data/numbers.jsonl": "1\n2\n",
    })
    await ok(["init"], { cwd: here })
    const config = readFileSync(join(here, "config.yml"), "utf8")
    assert.include(config, 'Logs:\n  task: ShareGptTask\n  files: ["logs/*.jsonl"]\n'.replaceAll('"', ""))
    assert.include(config, "fields: {instruction: Query, output: Reply}")
    assert.include(config, "roles: {user: [ann], model: [bob]}")
    assert.include(config, "#   numbers.jsonl: its shape is not known")
    assert.strictEqual(tasksOf(config), "Faq,Logs,Talk")
    await ok(
      [
        "build",
        "--tasks",
        "Faq,Logs,Talk",
        "--config",
        "config.yml",
        "--format",
        "sharegpt",
        "--output-file",
        "t.jsonl",
      ],
      { cwd: here },
    )
    assert.strictEqual(readFileSync(join(here, "t.jsonl"), "utf8").split("\n").length - 1, 5)
  })

  it("keeps a config that is there, unless it is told to replace it", async () => {
    const here = folder({ "config.yml": "mine: {}\n", "data/logs.jsonl": chat("Hello?", "Hi.") })
    const refused = await cli(["init"], { cwd: here })
    assert.strictEqual(refused.code, 2)
    assert.match(refused.stderr, /"config\.yml" is there already; choose another name, or replace it with --force/)
    assert.strictEqual(readFileSync(join(here, "config.yml"), "utf8"), "mine: {}\n")
    await ok(["init", "--force"], { cwd: here })
    assert.include(readFileSync(join(here, "config.yml"), "utf8"), "Logs:")
  })

  it("writes sections for tasks that are named, with the filters they ship with, data or not", async () => {
    const here = folder()
    const { stdout } = await ok(["init", "--tasks", "AesirRoleplayTask, ShareGptTask", "--output-file", "-"], {
      cwd: here,
    })
    assert.match(stdout, /^AesirRoleplayTask:\n {2}filters: .*\n {4}- ExactDedupFilter\n/m)
    assert.match(stdout, /^ShareGptTask:\n {2}files: \[chats\/\*\.jsonl\]\n/m)
    const wrong = await cli(["init", "--tasks", "AesirRoleplay", "--output-file", "-"], { cwd: here })
    assert.deepStrictEqual([wrong.code, wrong.stdout], [2, ""])
    assert.match(wrong.stderr, /unknown task "AesirRoleplay"\. Did you mean "AesirRoleplayTask"\?/)
  })

  it("says when nothing is recognised", async () => {
    const { code, stderr, stdout } = await cli(["init", "--output-file", "-"], { cwd: folder() })
    assert.strictEqual(code, 0)
    assert.match(stderr, /nothing in .*data was recognised/)
    assert.include(stdout, "yaml-language-server")
  })

  it("hostile names of files reach the config and the terminal as text only", async () => {
    const here = folder({
      "data/a\nMyTask: {}\u001b[2J/x: [y].jsonl": chat("Hello?", "Hi."),
      "data/'\"#{}!&*.jsonl": chat("Hello?", "Hi."),
      "data/# no.jsonl": chat("Hello?", "Hi."),
    })
    const { stderr, stdout } = await ok(["init"], { cwd: here })
    assert.notInclude(stdout + stderr, "\u001b")
    const config = readFileSync(join(here, "config.yml"), "utf8")
    assert.notMatch(config, /^MyTask/m)
    await ok(
      [
        "build",
        "--tasks",
        tasksOf(config),
        "--config",
        "config.yml",
        "--format",
        "sharegpt",
        "--output-file",
        "t.jsonl",
      ],
      { cwd: here },
    )
  })

  it.skipIf(!existsSync("/usr/bin/script"))("asks in a terminal which of them to write", async () => {
    const here = folder({ "data/a.jsonl": chat("Hello?", "Hi."), "data/b.json": `[${chat("Why?", "So.")}]` })
    const child = spawn("/usr/bin/script", ["-qec", `'${process.execPath}' '${bin}' init`, "/dev/null"], { cwd: here })
    let screen = ""
    const seen = (text: string): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (screen.includes(text)) done()
        }
        child.stdout.on("data", look)
        look()
      })
    child.stdout.on("data", (part: Buffer) => (screen += part.toString("utf8")))
    const ended = new Promise<number | null>((done) => child.on("close", done))
    await seen("Which of these?")
    // Both are chosen to begin with: down past the two lines for all and none, and the first is taken out.
    for (const key of ["\u001b[B", "\u001b[B", " ", "\r"]) child.stdin.write(key)
    assert.strictEqual(await ended, 0, screen)
    const config = readFileSync(join(here, "config.yml"), "utf8")
    assert.notInclude(config, "a.jsonl")
    assert.include(config, "b.json")
  })
})

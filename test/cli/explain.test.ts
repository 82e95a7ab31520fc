import { assert, beforeAll, describe, it } from "@effect/vitest"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { cli, folder, ok, readSet, root, timeout, words } from "../support/cli.ts"

const samples = join(root, "samples")
const config = join(samples, "config.yml")

describe("explain", { timeout }, () => {
  const here = mkdtempSync(join(tmpdir(), "data-toolbox-explain-"))
  const output = join(here, "train.jsonl")
  afterAll(() => rmSync(here, { recursive: true, force: true }))
  beforeAll(async () => {
    const tasks =
      "AesirRoleplayTask,AiroborosInstructionFollowingTask,TeatimeRoleplayTask,RpForumsRoleplayTask,PygClaudeRoleplayTask"
    await ok([
      ...words(`build --tasks ${tasks} --format sharegpt --max-length 400 --quiet`),
      "--config",
      config,
      "--data-folder",
      samples,
      "--output-file",
      output,
    ])
  }, timeout)
  const explain = (...args: ReadonlyArray<string>) => ok(["explain", ...args, "--data-folder", samples])

  it("tells of every row of an output where it was read and that it was written there", async () => {
    const { rows } = readSet(output)
    const picked = [0, Math.floor(rows.length / 2), rows.length - 1]
    for (const at of picked) {
      const { identifier } = rows[at] as { readonly identifier: string }
      const { stdout } = await explain("--line", String(at + 1), output)
      assert.strictEqual(stdout.split("\n")[0], identifier)
      assert.match(stdout, /^read {6}\S/m)
      assert.include(stdout, `written   ${output}:${at + 1}\n`)
    }
  })

  it("tells of what was left out the same reason as the ledger", async () => {
    const { ledger } = readSet(output)
    const seen = new Set<string>()
    for (const line of ledger) {
      if (line.id === undefined || line.scope === "turns" || seen.has(line.reason) || seen.size > 5) continue
      seen.add(line.reason)
      const { stdout } = await explain(line.id, "--output", output)
      assert.include(stdout, `not in ${output}: ${line.stage}, ${line.reason}`)
      assert.isTrue(stdout.startsWith(`${line.id}\n`))
    }
    assert.isAbove(seen.size, 2)
  })

  it("finds a record that could not be read by its place", async () => {
    const { ledger } = readSet(output)
    const bad = ledger.find(({ place, stage }) => stage === "read" && place.line !== undefined)
    const place = `${bad?.place.file}:${bad?.place.line}`
    const { stdout } = await explain(place, "--output", output)
    assert.include(stdout, bad?.reason ?? "no bad record")
    assert.include(stdout, place)
  })

  it("shows what the clean-up changed, and asks every filter, with a config and no output", async () => {
    const talk = [
      { from: "human", value: "Can you  tell me donâ€™t from do not?" },
      { from: "gpt", value: "As an AI language model, I cannot help with that." },
    ]
    const data = folder({
      "chats.jsonl": `${JSON.stringify({ conversations: talk })}\n`,
      "config.yml":
        "ShareGptTask: { files: [chats.jsonl], filters: [RefusalFilter, AppleFilter, ExactDedupFilter], prompt: none }\n",
    })
    const { stdout } = await ok(
      ["explain", "sharegpt-0", "--tasks", "ShareGptTask", "--config", "config.yml", "--data-folder", "."],
      { cwd: data },
    )
    assert.match(stdout, /clean {5}\d texts? changed\n.*\[-donâ€™-\]\{\+don.\+\}t/)
    assert.match(stdout, /^filter {4}RefusalFilter: drops it, /m)
    assert.include(stdout, "          AppleFilter: keeps it\n")
    assert.include(stdout, "ExactDedupFilter decide over a whole run: --output names one")
    assert.include(stdout, "── sharegpt, if no filter dropped it ──")
    assert.match(stdout, /^● trained on · ○ read only · tokens: estimate/m)
    assert.match(stdout, /^○ user \d+ tokens\n│ Can you {1,2}tell me don’t from do not\?\n● model 13 tokens$/m)
  })

  it("--json tells all of it as one object", async () => {
    const { rows } = readSet(output)
    const { identifier } = rows[0] as { readonly identifier: string }
    const { stdout } = await explain(identifier, "--output", output, "--json")
    const told = JSON.parse(stdout) as {
      readonly id: string
      readonly watched: { readonly episodes: ReadonlyArray<{ readonly rows: ReadonlyArray<object> }> }
    }
    assert.strictEqual(told.id, identifier)
    assert.deepStrictEqual(told.watched.episodes[0]?.rows, [rows[0] as object])
  })

  it("says what is wrong with a name, a line, or missing options", async () => {
    const none = await cli(["explain", "aesir-99999", "--output", output, "--data-folder", samples])
    assert.deepStrictEqual([none.code, none.stdout], [1, ""])
    assert.match(none.stderr, /no record "aesir-99999" in AesirRoleplayTask \("aesir-\.\.\."\)/)
    const line = await cli(["explain", "--line", "99999", output, "--data-folder", samples])
    assert.match(line.stderr, /has no line 99999/)
    const bare = await cli(["explain", "aesir-1"])
    assert.strictEqual(bare.code, 2)
    assert.match(bare.stderr, /--config: is needed, or --output[^]*--tasks: is needed/)
    const gone = await cli(["explain", "aesir-1", "--output", join(here, "gone.jsonl")])
    assert.strictEqual(gone.code, 1)
    assert.match(gone.stderr, /there is no ".*gone\.jsonl\.manifest\.json"/)
  })

  it("hostile text reaches no terminal raw", async () => {
    const hostile = JSON.parse(
      readFileSync(join(root, "test", "fixtures", "injections.json"), "utf8"),
    ) as ReadonlyArray<string>
    const records = hostile.map((text) => ({
      conversations: [
        { from: "human", value: text },
        { from: "gpt", value: `${text}  !` },
      ],
    }))
    const data = folder({
      "c\u001b[2J.jsonl": records.map((record) => `${JSON.stringify(record)}\n`).join(""),
      "config.yml": "ShareGptTask: { files: ['*.jsonl'], filters: [] }\n",
    })
    for (const [i, text] of hostile.entries()) {
      // oxlint-disable-next-line no-control-regex -- exactly these must not be there
      if (!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text)) continue
      const { stderr, stdout } = await cli(
        ["explain", `sharegpt-${i}`, "--tasks", "ShareGptTask", "--config", "config.yml", "--data-folder", "."],
        { cwd: data },
      )
      // oxlint-disable-next-line no-control-regex -- see above
      assert.notMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
  })
})

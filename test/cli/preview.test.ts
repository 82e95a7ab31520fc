import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { cli, folder, ok, root, timeout, words } from "../support/cli.ts"

const samples = join(root, "samples")
const config = join(samples, "config.yml")

const talk = (...texts: ReadonlyArray<string>): string =>
  `${JSON.stringify({ conversations: texts.map((value, i) => ({ from: i % 2 === 0 ? "human" : "gpt", value })) })}\n`

const own = (filters: string): string =>
  folder({
    "chats.jsonl": [
      talk("Hello?", "Hi there."),
      talk("Write a poem.", "As an AI language model, I cannot write poems."),
      talk("Say donâ€™t.", "donâ€™t"),
      talk("Hello?", "Hi there."),
    ].join(""),
    "config.yml": `ShareGptTask: { files: [chats.jsonl], prompt: none, filters: ${filters} }\n`,
  })

const preview = (at: string, ...more: ReadonlyArray<string>) =>
  ok([...words("preview --tasks ShareGptTask --config config.yml --data-folder ."), ...more], { cwd: at })

const idsOf = (stdout: string): ReadonlyArray<string> => stdout.match(/^sharegpt-\d+$/gm) ?? []

describe("preview", { timeout }, () => {
  it("passes over examples, and takes one of several tasks", async () => {
    const at = own("[]")
    assert.deepStrictEqual(idsOf((await preview(at, "--examples", "2", "--skip", "1")).stdout), [
      "sharegpt-1",
      "sharegpt-2",
    ])
    const args = [
      ...words("preview --tasks AesirRoleplayTask,AlpacaTask --task AlpacaTask --examples 1"),
      "--config",
      config,
    ]
    const { stdout } = await ok([...args, "--data-folder", samples])
    assert.match(stdout, /^── AlpacaTask ──$/m)
    assert.notInclude(stdout, "AesirRoleplayTask")
  })

  it("tells the tokens of each turn and what is trained, by the tokenizer and the format of the run", async () => {
    const at = own("[]")
    const told = async (...more: ReadonlyArray<string>) =>
      (await preview(at, "--examples", "1", "--skip", "1", ...more)).stdout.trimEnd().split("\n")
    const example = (counts: ReadonlyArray<string>) => [
      "sharegpt-1",
      counts[0],
      `○ user ${counts[1]} tokens`,
      "│ Write a poem.",
      `● model ${counts[2]} tokens`,
      "┃ As an AI language model, I cannot write poems.",
    ]
    assert.deepStrictEqual(await told(), [
      "● trained on · ○ read only · tokens: estimate (words × 1.3)",
      "",
      "── ShareGptTask ──",
      ...example(["2 turns · 16 tokens · 12 trained", "4", "12"]),
    ])
    // The limit sees the mark of each turn that this format writes.
    assert.deepStrictEqual(await told("--tokenizer", "cl100k_base", "--format", "metharme"), [
      "● trained on · ○ read only · tokens: cl100k_base",
      "",
      "── ShareGptTask ──",
      ...example(["2 turns · 25 tokens · 16 trained", "9", "16"]),
    ])
  })

  it("shows what a filter would drop, with its evidence marked in the text", async () => {
    const at = own("[RefusalFilter, ExactDedupFilter]")
    const { stdout } = await preview(at, "--dropped", "RefusalFilter")
    assert.deepStrictEqual(idsOf(stdout), ["sharegpt-1"])
    assert.match(stdout, /^── ShareGptTask, dropped by RefusalFilter: rule refusal, .* ──$/m)
    assert.match(stdout, /^● model \d+ tokens\n┃ .*>>.+<</m)
  })

  it("shows what a filter drops that holds conversations against each other", async () => {
    const { stdout } = await preview(own("[RefusalFilter, ExactDedupFilter]"), "--dropped", "ExactDedupFilter")
    assert.deepStrictEqual(idsOf(stdout), ["sharegpt-3"])
    assert.include(stdout, "kept sharegpt-0")
    assert.include(stdout, "\n┃ Hi there.\n")
  })

  it("shows what the clean-up changed", async () => {
    const { stdout } = await preview(own("[]"), "--diff")
    assert.deepStrictEqual(stdout.match(/^cleaned: .*$/gm), [
      "cleaned: Say [-donâ€™-]{+don’+}t.",
      "cleaned: [-donâ€™-]{+don’+}t",
    ])
  })

  it("writes nothing", async () => {
    const at = own("[RefusalFilter, ExactDedupFilter]")
    await preview(at, "--diff")
    await preview(at, "--dropped", "ExactDedupFilter")
    assert.deepStrictEqual(readdirSync(at).sort(), ["chats.jsonl", "config.yml"])
  })

  it("says what is wrong with a name or a number, and when a filter drops nothing", async () => {
    const at = own("[RefusalFilter, AppleFilter]")
    const run = (...more: ReadonlyArray<string>) =>
      cli([...words("preview --tasks ShareGptTask --config config.yml --data-folder ."), ...more], { cwd: at })
    const wrong = await run("--skip", "-1", "--task", "ShareGpt")
    assert.strictEqual(wrong.code, 2)
    assert.match(
      wrong.stderr,
      /--skip: -1 is no number of examples[^]*--task: "ShareGpt" is none of --tasks\. Did you mean "ShareGptTask"\?/,
    )
    const name = await run("--dropped", "RefusalFilters")
    assert.strictEqual(name.code, 2)
    assert.match(
      name.stderr,
      /--dropped: no task of this run has a filter "RefusalFilters"\. Did you mean "RefusalFilter"\?/,
    )
    const nothing = await run("--dropped", "AppleFilter")
    assert.deepStrictEqual([nothing.code, nothing.stdout], [0, ""])
    assert.match(nothing.stderr, /AppleFilter drops nothing/)
  })
})

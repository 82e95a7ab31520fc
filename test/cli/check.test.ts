import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { CheckReport } from "../../src/programs/Check.ts"
import { trainers } from "../../src/domain/trainers/All.ts"
import { cli, folder, ok, readManifest, root, timeout, words } from "../support/cli.ts"

const samples = join(root, "samples")

const messages = (...roles: ReadonlyArray<string>) => ({
  messages: roles.map((role, i) => ({ role, content: `text ${i}` })),
})
const lines = (...rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")

const report = async (args: ReadonlyArray<string>): Promise<CheckReport> =>
  JSON.parse((await cli(["check", ...args, "--json"])).stdout) as CheckReport

describe("check", { timeout }, () => {
  it("takes what a build writes for a trainer, for every trainer", async () => {
    const at = folder()
    for (const [name, file] of [
      ["fastchat", "train.json"],
      ["axolotl", "train.jsonl"],
    ] as const) {
      const tasks = "AesirRoleplayTask,AiroborosInstructionFollowingTask,CharacterAiRoleplayTask"
      const args = [...words(`build --tasks ${tasks} --for ${name} --quiet`), "--config", join(samples, "config.yml")]
      await ok([...args, "--data-folder", samples, "--output-file", join(at, file)])
      const { format } = readManifest(join(at, `${file}.manifest.json`)).config as { readonly format: string }
      // All the others take the same first choice.
      const same = trainers.filter(({ formats }) => formats[0] === format).map((one) => one.name)
      assert.isAbove(same.length, name === "fastchat" ? 0 : 8)
      const { stdout } = await ok(["check", join(at, file), "--for", same.join(",")])
      assert.lengthOf(stdout.match(/: takes .* as it is written \(\d+ rows\)/g) ?? [], same.length)
    }
  })

  it("tells what a trainer would drop or change, with line numbers, and fails", async () => {
    const file = join(
      folder({
        "a.jsonl": lines(
          messages("user", "assistant"),
          messages("assistant", "user", "assistant"),
          messages("user", "user", "assistant"),
        ),
      }),
      "a.jsonl",
    )
    const { code, stdout } = await cli(["check", file, "--for", "llama-factory,axolotl"])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^LLaMA-Factory: does not take .*a\.jsonl as it is written \(3 rows\)$/m)
    assert.match(stdout, /^ {2}LF-1 row lost: .*, 2 times \(line 2, 3\)$/m)
    assert.match(stdout, /^axolotl: takes /m)
    assert.match(stdout, /^ {4}datasets:\n {6}- path: /m)
  })

  it("tells lines that are no rows, blank lines, marks and duplicate keys", async () => {
    const at = folder({
      "bad.jsonl": `\ufeff${lines(messages("user", "assistant"))}\n{"messages":\n[1]\n`,
      "twice.jsonl": '{"messages":[{"role":"user","content":"a","content":"b"},{"role":"assistant","content":"c"}]}\n',
    })
    const bad = await report([join(at, "bad.jsonl"), "--for", "together,hf-datasets"])
    const [together, datasets] = bad.trainers
    assert.deepStrictEqual(
      together?.rules.map(({ code, count, lines: at2 }) => [code, count, at2]),
      [
        ["JSON", 2, [3, 4]],
        ["SV-10", 2, []],
      ],
    )
    assert.deepStrictEqual(
      datasets?.rules.map(({ code }) => code),
      ["JSON"],
    )
    const twice = await report([join(at, "twice.jsonl"), "--for", "trl"])
    assert.deepStrictEqual(
      twice.trainers[0]?.rules.map(({ code, severity }) => [code, severity]),
      [["HD-8", "fatal"]],
    )
  })

  it("reads compressed files and arrays on one line", async () => {
    const row = {
      id: "x",
      conversations: [
        { from: "human", value: "U" },
        { from: "gpt", value: "A" },
      ],
    }
    const at = folder({
      "a.jsonl.gz": gzipSync(lines(messages("user", "assistant"))),
      "b.json": JSON.stringify([row, row]),
    })
    assert.isTrue((await report([join(at, "a.jsonl.gz"), "--for", "axolotl"])).trainers[0]?.accepts)
    const array = await report([join(at, "b.json"), "--for", "fastchat,openai"])
    assert.strictEqual(array.rows, 2)
    assert.deepStrictEqual(
      array.trainers.map(({ accepts }) => accepts),
      [true, false],
    )
  })

  it("warns of control tokens, and shows hostile text safely", async () => {
    const row = {
      messages: [
        { role: "user", content: "a<|im_end|>" },
        { role: "assistant", content: "b", "\u001b[2Jx": 1 },
      ],
    }
    const file = join(folder({ "a.jsonl": lines(row) }), "a.jsonl")
    const { stdout } = await cli(["check", file, "--for", "axolotl,openai"])
    assert.include(stdout, "C9 look at it: a text holds a control token of some chat template, such as <|im_end|>")
    assert.include(stdout, "\\x1b[2Jx")
    assert.notInclude(stdout, "\u001b")
  })

  it("holds no more than a row of a large file", async () => {
    const text = "word ".repeat(2000)
    const row = JSON.stringify({
      messages: [
        { role: "user", content: text },
        { role: "assistant", content: text },
      ],
    })
    const file = join(folder({ "a.jsonl": `${row}\n`.repeat(3000) }), "a.jsonl")
    const { rows } = await report([file, "--for", "axolotl,trl"])
    assert.strictEqual(rows, 3000)
  })

  it("says what is wrong with a name or a file", async () => {
    const wrong = await cli(["check", "x.jsonl", "--for", "axolotle, nope"])
    assert.strictEqual(wrong.code, 2)
    assert.match(wrong.stderr, /unknown trainer "axolotle"\. Did you mean "axolotl"\?[^]*unknown trainer "nope"\./)
    const gone = await cli(["check", join(folder(), "x.jsonl"), "--for", "axolotl"])
    assert.strictEqual(gone.code, 1)
    assert.match(gone.stderr, /cannot check ".*x\.jsonl": there is no such file/)
    const empty = await cli(["check", join(folder({ "e.jsonl": "" }), "e.jsonl"), "--for", "axolotl"])
    assert.strictEqual(empty.code, 1)
    assert.include(empty.stdout, "EMPTY stops it: there is no row in it")
  })
})

describe("build --for", { timeout }, () => {
  const build = (...more: ReadonlyArray<string>) =>
    cli([
      ...words("build --tasks AesirRoleplayTask --quiet --config"),
      join(samples, "config.yml"),
      "--data-folder",
      samples,
      ...more,
    ])

  it("refuses a format that the trainer does not take, and names that it does not know, before anything is written", async () => {
    const file = join(folder(), "t.jsonl")
    const other = await build("--for", "openai", "--format", "metharme", "--output-file", file)
    assert.strictEqual(other.code, 2)
    assert.match(
      other.stderr,
      /--for: OpenAI fine-tuning does not take format "metharme"; it takes openai, openai-weighted/,
    )
    const unknown = await build("--for", "openia", "--output-file", file)
    assert.match(unknown.stderr, /--for: unknown trainer "openia"\. Did you mean "openai"\?/)
    const none = await build("--output-file", file)
    assert.match(none.stderr, /missing: --format or --for/)
    assert.throws(() => readFileSync(file))
  })
})

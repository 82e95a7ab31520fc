import { assert, describe, it } from "@effect/vitest"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { cli, folder, ok, root, timeout } from "../support/cli.ts"

const samples = join(root, "samples")

const built = async (): Promise<string> => {
  const file = join(folder(), "train.jsonl")
  const args = ["build", "--tasks", "AesirRoleplayTask,AlpacaTask", "--config", join(samples, "config.yml")]
  await ok([...args, "--data-folder", samples, "--format", "sharegpt", "--output-file", file, "--quiet"])
  return file
}

describe("verify", { timeout }, () => {
  it("answers 0 for an output as it was written, inputs included", async () => {
    const file = await built()
    const { code, stderr, stdout } = await cli(["verify", file, "--data-folder", samples])
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.match(stdout, /: as it was written \(\d+ rows, \d+ bytes, ledger of \d+ lines, 2 inputs\)\n$/)
  })

  it("answers 1 and names the line of an output that was changed", async () => {
    const file = await built()
    writeFileSync(file, readFileSync(file, "utf8").replace('"from":"human"', '"from":"humam"'))
    const { code, stdout } = await cli(["verify", file, "--json"])
    assert.strictEqual(code, 1)
    const report = JSON.parse(stdout) as { readonly findings: ReadonlyArray<{ readonly what: string }> }
    assert.deepStrictEqual(
      report.findings.map(({ what }) => what),
      ["the SHA-256 differs"],
    )
  })

  it("reads an output that is one array", async () => {
    const file = join(folder(), "train.json")
    const args = [
      "build",
      "--tasks",
      "AesirRoleplayTask",
      "--config",
      join(samples, "config.yml"),
      "--format",
      "fastchat",
    ]
    await ok([...args, "--data-folder", samples, "--output-file", file, "--quiet"])
    const rows = JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<unknown>
    const { stdout } = await ok(["verify", file])
    assert.include(stdout, `as it was written (${rows.length} rows`)
    const whole = readFileSync(file, "utf8")
    for (const [broken, what] of [
      [whole.replace("},\n", "}\n"), "is not parted from the next one"],
      [whole.replace(/\n\]\n$/, "\n"), "the array has no end"],
      [whole.replace(/\n\]\n$/, ",\n]\n"), "the array ends behind a comma"],
      [`${whole}[]\n`, "there are lines behind the end of the array"],
    ] as const) {
      writeFileSync(file, broken)
      assert.include((await cli(["verify", file])).stdout, what)
    }
  })

  it("asks for the output, and says when there is none", async () => {
    const none = await cli(["verify"])
    assert.deepStrictEqual([none.code, none.stdout], [2, ""])
    assert.match(none.stderr, /^data-toolbox: missing: OUTPUT\./)
    const gone = await cli(["verify", join(folder(), "gone.jsonl")])
    assert.strictEqual(gone.code, 1)
    assert.match(gone.stderr, /there is no output/)
  })
})

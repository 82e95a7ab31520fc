import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { lineText, type Made, nextAfterBuild, quoted } from "../../src/programs/Next.ts"

const made = (change: Partial<Made> = {}): Made => ({
  output: "train.jsonl",
  ledger: undefined,
  manifest: undefined,
  config: "config.yml",
  dataFolder: undefined,
  format: "sharegpt",
  tokenizer: undefined,
  trainer: "axolotl",
  tasks: {
    A: { episodes: { dropped: { EnglishFilter: 3 } } },
    B: { episodes: { dropped: { EnglishFilter: 2, RefusalFilter: 9 } } },
  },
  ...change,
})

const texts = (of: Made, columns?: number) => nextAfterBuild(of).map((one) => lineText(one, columns))

describe("what one would run next", () => {
  it("is a look at what was dropped the most, a report, and whether a trainer takes it", () => {
    assert.deepStrictEqual(texts(made()), [
      "  data-toolbox preview --tasks B --config config.yml --format sharegpt --dropped RefusalFilter",
      "  data-toolbox report train.jsonl",
      "  data-toolbox check train.jsonl --for axolotl",
    ])
  })

  it("is a look at what is written where nothing was dropped, and verify where no trainer takes the format", () => {
    const tasks = { A: { episodes: { dropped: {} } } }
    assert.deepStrictEqual(texts(made({ tasks, trainer: undefined })), [
      "  data-toolbox preview --tasks A --config config.yml --format sharegpt",
      "  data-toolbox report train.jsonl",
      "  data-toolbox verify train.jsonl",
    ])
  })

  it("says where things lie, and how tokens were counted", () => {
    const other = made({
      output: "-my runs/it's.jsonl",
      ledger: "why.jsonl",
      manifest: "how.json",
      dataFolder: "/data sets",
      tokenizer: "cl100k_base",
    })
    assert.deepStrictEqual(texts(other), [
      "  data-toolbox preview --tasks B --config config.yml --data-folder '/data sets' --format sharegpt --tokenizer cl100k_base --dropped RefusalFilter",
      "  data-toolbox report './-my runs/it'\\''s.jsonl' --ledger why.jsonl --manifest how.json",
      "  data-toolbox check './-my runs/it'\\''s.jsonl' --for axolotl",
    ])
  })

  it("is broken between options where the terminal is narrow", () => {
    assert.strictEqual(
      texts(made(), 40)[0],
      [
        "  data-toolbox preview --tasks B \\",
        "    --config config.yml \\",
        "    --format sharegpt \\",
        "    --dropped RefusalFilter",
      ].join("\n"),
    )
  })

  const hasBash = existsSync("/bin/bash")
  if (!hasBash) console.log("skipped: no bash to read the commands again")

  it.skipIf(!hasBash)("is read by a shell as what is meant, and steers no terminal, whatever the names are", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({
        unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", "\t", "\u001b", "!", " ", "字", "a"),
        maxLength: 12,
      }),
    )
    const list = fc.array(
      text.filter((one) => !one.includes("\0")),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(list, fc.integer({ min: 10, max: 100 }), (list, columns) => {
        const shown = lineText(["printf '%s\\0'", ...list.map(quoted)], columns)
        assert.notMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
        const read = execFileSync("/bin/bash", ["--norc", "-c", shown], {
          env: { LC_ALL: "C.UTF-8" },
          stdio: ["ignore", "pipe", "inherit"],
        }).toString("utf8")
        assert.deepStrictEqual(read.split("\0").slice(0, -1), list)
      }),
      { numRuns: 60 },
    )
  })
})

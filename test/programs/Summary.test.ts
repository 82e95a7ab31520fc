import { assert, describe, it } from "@effect/vitest"
import { emptyCounts, type Manifest, type TaskCounts } from "../../src/domain/Report.ts"
import { plan, summary } from "../../src/programs/Summary.ts"

const counts = (change: (counts: TaskCounts) => void, countTokens = false): TaskCounts => {
  const made = emptyCounts(countTokens)
  change(made)
  return made
}

const manifest = (
  tasks: Manifest["tasks"],
  output: { readonly rows: number; readonly bytes: number },
  durationMs = 1234,
): Manifest => ({
  tool: { name: "data-toolbox", version: "0", build: "test" },
  arguments: [],
  config: {},
  seed: 42,
  inputs: [],
  sideInputs: [],
  tasks,
  outputs: [{ file: "out.jsonl", sha256: "", ...output }],
  startedAt: "2000-01-01T00:00:00.000Z",
  durationMs,
})

const mixed = counts((of) => {
  of.records.read = 12
  of.records.bad = 2
  of.records.used = 7
  of.records.skipped["tooFewMessages"] = 1
  of.records.skipped["oneSpeaker"] = 2
  of.episodes.made = 7
  of.episodes.dropped["RefusalFilter"] = 1
  of.episodes.invalid["noUserTurn"] = 1
  of.episodes.tooLarge = 1
  of.episodes.sampledOut = 1
  of.episodes.written = 3
  of.turns.cut = 4
  of.repairs["loneSurrogates"] = 5
  of.examples = 3
})

describe("the summary", () => {
  it("has a line for each task, what was left out and why, and the files", () => {
    const other = counts((of) => {
      of.records.read = 100
      of.records.used = 100
      of.episodes.made = 100
      of.episodes.written = 100
      of.examples = 150
    })
    assert.deepStrictEqual(
      summary(manifest({ First: mixed, AnotherTask: other }, { rows: 153, bytes: 123_456 }), [
        "a.jsonl",
        "b.json",
      ]).split("\n"),
      [
        "task         read  bad  skipped  made  dropped  invalid  too large  share  written  rows",
        "First          12    2        3     7        1        1          1      1        3     3",
        "AnotherTask   100    0        0   100        0        0          0      0      100   150",
        "all           112    2        3   107        1        1          1      1      103   153",
        "",
        "First: bad records: 2; skipped: oneSpeaker 2, tooFewMessages 1; dropped: RefusalFilter 1; " +
          "invalid: noUserTurn 1; turns cut: 4; repairs: loneSurrogates 5",
        "",
        "wrote 153 rows, 123.5 KB, in 1.2 s:",
        "  a.jsonl",
        "  b.json",
        "",
      ],
    )
  })

  it("of one task has no sum, and of nothing amiss no reasons", () => {
    const one = counts((of) => {
      of.records.read = of.records.used = of.episodes.made = of.episodes.written = of.examples = 1
    })
    assert.deepStrictEqual(
      summary(manifest({ Task: one }, { rows: 1, bytes: 87 }), ["o"])
        .split("\n")
        .slice(1),
      [
        "Task     1    0        0     1        0        0          0      0        1     1",
        "",
        "wrote 1 row, 87 bytes, in 1.2 s:",
        "  o",
        "",
      ],
    )
  })

  it("tells tokens only where all tasks counted them", () => {
    const tokens = (n: number) => counts((of) => void (of.tokens = n), true)
    const told = (tasks: Manifest["tasks"]) => summary(manifest(tasks, { rows: 2, bytes: 1 }), [])
    assert.include(told({ A: tokens(30), B: tokens(12) }), "wrote 2 rows, 42 tokens, ")
    assert.notInclude(told({ A: tokens(30), B: mixed }), "tokens")
  })

  it("tells sizes in the unit that fits", () => {
    const size = (bytes: number) =>
      / rows, (.*), in /.exec(summary(manifest({ A: mixed }, { rows: 2, bytes }), []))?.[1]
    assert.deepStrictEqual([0, 999, 1000, 999_949, 999_950, 1e9, 2.5e12, 1e16].map(size), [
      "0 bytes",
      "999 bytes",
      "1.0 KB",
      "999.9 KB",
      "1.0 MB",
      "1.0 GB",
      "2.5 TB",
      "10000.0 TB",
    ])
  })

  it("shows control characters of names and reasons", () => {
    const told = summary(
      manifest({ "T\u001b[31m": counts((of) => void (of.records.skipped["a\u0007\nb"] = 1)) }, { rows: 0, bytes: 0 }),
      ["out\u001b[2J.jsonl"],
    )
    assert.include(told, "T\\x1b[31m: skipped: a\\x07 b 1\n")
    assert.include(told, "  out\\x1b[2J.jsonl\n")
    assert.notInclude(told, "\u001b")
  })
})

describe("the plan", () => {
  const rest = { format: "sharegpt", maxLength: -1, length: "fit", tokenizer: "estimate", seed: 7 }

  it("names the first five files of a task, its filters, and the settings", () => {
    const files = Array.from({ length: 7 }, (_, i) => `f${i}.jsonl`)
    assert.deepStrictEqual(
      plan({ ...rest, tasks: [{ task: "A", dataset: "files", files, filters: ["X", "Y"] }] }).split("\n"),
      [
        "A: dataset files, 7 files",
        ...files.slice(0, 5).map((file) => `  ${file}`),
        "  and 2 more",
        "  filters: X, Y",
        "format sharegpt, length: no limit, seed 7",
        "nothing was written",
        "",
      ],
    )
  })

  it("tells the limit with what counts it and what becomes of the rest", () => {
    const told = plan({ ...rest, maxLength: 100, length: "drop", tasks: [] })
    assert.include(told, "length: 100 tokens (estimate, drop), seed 7\n")
  })

  it("shows control characters of file names", () => {
    const told = plan({ ...rest, tasks: [{ task: "A", dataset: "d", files: ["a\u001b[31m"], filters: [] }] })
    assert.include(told, "  a\\x1b[31m\n")
    assert.include(told, "1 file\n")
    assert.include(told, "  filters: none\n")
  })
})

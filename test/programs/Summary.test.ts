import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { stripVTControlCharacters } from "node:util"
import stringWidth from "string-width"
import { emptyCounts, type Manifest, type TaskCounts } from "../../src/domain/Report.ts"
import { colours, plain } from "../../src/programs/Paint.ts"
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
        "wrote 153 rows, 123 kB, in 1.2 s:",
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

  it("tells how long it took in the unit that fits", () => {
    const time = (millis: number) =>
      /, in (.*):/.exec(summary(manifest({ A: mixed }, { rows: 2, bytes: 1 }, millis), []))?.[1]
    assert.deepStrictEqual([0, 99_900, 99_960, 725_300, 7_325_000].map(time), [
      "0.0 s",
      "99.9 s",
      "1 min 40 s",
      "12 min 5 s",
      "2 h 2 min",
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

describe("the summary on a terminal", () => {
  const many = (read: number, dropped: number) =>
    counts((of) => {
      of.records.read = of.records.used = of.episodes.made = read
      if (dropped > 0) of.episodes.dropped["EnglishFilter"] = dropped
      of.episodes.written = of.examples = read - dropped
    })
  const tasks = {
    AiroborosInstructionFollowingTask: many(300_000, 9356),
    AesirRoleplayTask: many(30_000, 0),
    CharacterAiRoleplayTask: counts((of) => {
      of.records.read = 24_240
      of.records.skipped["noDescription"] = 2040
      of.records.used = of.episodes.made = 22_200
      of.episodes.invalid["noUserTurn"] = 780
      of.episodes.dropped["SimilarityFilter"] = 1740
      of.turns.cut = 9480
      of.episodes.written = of.examples = 19_680
    }),
  }
  const next = [["data-toolbox report", "train.jsonl"]]
  const at = (columns: number, paint = plain) =>
    summary(manifest(tasks, { rows: 340_324, bytes: 907_200_000 }, 87_100), ["train.jsonl"], {
      view: { columns, paint },
      next,
    }).split("\n")

  it("of 120 columns has every count", () => {
    assert.deepStrictEqual(at(130).slice(0, 2), [
      "task                                  read  bad  skipped     made  dropped  invalid  too large  share  written     rows",
      "AiroborosInstructionFollowingTask  300,000    0        0  300,000    9,356        0          0      0  290,644  290,644",
    ])
  })

  it("of 80 columns leaves out what tells nothing", () => {
    assert.deepStrictEqual(at(80), [
      "task                                  read  skipped  dropped  invalid  written",
      "AiroborosInstructionFollowingTask  300,000        0    9,356        0  290,644",
      "AesirRoleplayTask                   30,000        0        0        0   30,000",
      "CharacterAiRoleplayTask             24,240    2,040    1,740      780   19,680",
      "all                                354,240    2,040   11,096      780  340,324",
      "",
      "AiroborosInstructionFollowingTask: dropped: EnglishFilter 9,356",
      "CharacterAiRoleplayTask: skipped: noDescription 2,040;",
      "  dropped: SimilarityFilter 1,740; invalid: noUserTurn 780; turns cut: 9,480",
      "",
      "wrote 340,324 rows, 907 MB, in 87.1 s:",
      "  train.jsonl",
      "",
      "next:",
      "  data-toolbox report train.jsonl",
      "",
    ])
  })

  it("of 40 columns has the numbers below the names", () => {
    assert.deepStrictEqual(at(40).slice(0, 11), [
      "AiroborosInstructionFollowingTask",
      "  300,000 read, 9,356 dropped,",
      "  290,644 written",
      "AesirRoleplayTask",
      "  30,000 read, 30,000 written",
      "CharacterAiRoleplayTask",
      "  24,240 read, 2,040 skipped,",
      "  1,740 dropped, 780 invalid,",
      "  19,680 written",
      "all",
      "  354,240 read, 2,040 skipped,",
    ])
  })

  it("is the same text with colours", () => {
    for (const columns of [40, 80, 120])
      assert.deepStrictEqual(at(columns, colours).map(stripVTControlCharacters), at(columns))
  })

  it("has no line wider than the terminal but paths and commands, whatever the names are", () => {
    const name = fc.oneof(fc.string({ minLength: 1, maxLength: 50 }), fc.string({ unit: "binary", maxLength: 30 }))
    const number = fc.oneof(fc.nat(99), fc.nat())
    const task = fc.tuple(name, number, number, name).map(([key, read, dropped, reason]) => {
      const of = many(read + dropped, dropped)
      of.repairs[reason] = dropped + 1
      return [key, of] as const
    })
    fc.assert(
      fc.property(
        fc.array(task, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 12, max: 130 }),
        (tasks, columns) => {
          const lines = summary(manifest(Object.fromEntries(tasks), { rows: 5, bytes: 1e9 }), [], {
            view: { columns, paint: plain },
            next: [],
          }).split("\n")
          for (const line of lines) assert.isBelow(stringWidth(line), columns, JSON.stringify(line))
        },
      ),
      { numRuns: 40 },
    )
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

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import stringWidth from "string-width"
import type { PhaseState, RunState, State, TaskState, TransferState } from "../../../src/domain/progress/Tracker.ts"
import { clip, draw, logText, type Look } from "../../../src/layers/progress/Draw.ts"

const look = (columns: number, more: Partial<Look> = {}): Look => ({
  columns,
  rows: 24,
  colours: false,
  fine: true,
  ...more,
})

const aesir: TaskState = {
  task: "AesirRoleplayTask",
  bytes: 62e6,
  of: 100e6,
  read: 12_400,
  kept: 11_020,
  dropped: 1380,
  preparing: false,
}
const chats: TaskState = {
  task: "ShareGptTask",
  bytes: 4e6,
  of: 50e6,
  read: 400,
  kept: 380,
  dropped: 20,
  preparing: false,
}

const run = (change: Partial<RunState> = {}): State => ({
  kind: "run",
  run: {
    active: [aesir, chats],
    tasks: ["AesirRoleplayTask", "ShareGptTask", "TeatimeRoleplayTask"],
    total: { task: "", bytes: 66e6, of: 250e6, read: 12_800, kept: 11_400, dropped: 1400, preparing: false },
    phase: undefined,
    seconds: 12.3,
    bytesPerSecond: 5.25e6,
    recordsPerSecond: 1041,
    secondsLeft: 35,
    ...change,
  },
})

describe("the block of a run", () => {
  it("at 80 columns has the tasks at work, all of them, the counts, and how fast it goes", () => {
    assert.deepStrictEqual(draw(run(), look(80)), [
      "AesirRoleplayTask    ━━━━━━━━━╸──────  62%  12,400 read, 11,020 kept",
      "ShareGptTask         ━───────────────   8%  400 read, 380 kept, 20 dropped",
      "all 3 tasks          ━━━━────────────  26%  66 of 250 MB",
      "  12,800 read, 11,400 kept, 1,400 dropped",
      "  0:13 · 5.3 MB/s · 1,041 records/s · 0:35 left",
    ])
  })

  it("at 40 and at 20 columns says less, the least wanted is left out first", () => {
    assert.deepStrictEqual(draw(run(), look(40)), [
      "AesirRolepla…  ━━━━━━────  62%",
      "ShareGptTask   ╸─────────   8%",
      "all 3 tasks    ━━╸───────  26%",
      "  12,800 read, 11,400 kept",
      "  5.3 MB/s · 0:35 left",
    ])
    assert.deepStrictEqual(draw(run(), look(20)), [
      "AesirRolepl…  62%",
      "ShareGptTask   8%",
      "all 3 tasks   26%",
      "  11,400 kept",
      "  0:35 left",
    ])
  })

  it("of one task has its name alone", () => {
    const total = { ...chats, task: "" }
    assert.deepStrictEqual(draw(run({ active: [chats], tasks: ["ShareGptTask"], total }), look(80)), [
      "ShareGptTask  ━───────────────   8%  4.0 of 50.0 MB",
      "  400 read, 380 kept, 20 dropped",
      "  0:13 · 5.3 MB/s · 1,041 records/s · 0:35 left",
    ])
  })

  it("has no bar where nobody knows how much there is, and no time left", () => {
    const total = { ...chats, of: undefined }
    const state = run({ active: [total], tasks: ["ShareGptTask"], total, secondsLeft: undefined })
    assert.deepStrictEqual(draw(state, look(80)), [
      "ShareGptTask  4.0 MB",
      "  400 read, 380 kept, 20 dropped",
      "  0:13 · 5.3 MB/s · 1,041 records/s",
    ])
  })

  it("tells what is under way when all is read", () => {
    const phase = { name: "writing", done: 25e6, of: 100e6, unit: "bytes" } as const
    const total = { task: "", bytes: 250e6, of: 250e6, read: 50_000, kept: 40_000, dropped: 10_000, preparing: false }
    assert.deepStrictEqual(draw(run({ active: [], phase, total }), look(80)), [
      "all 3 tasks          ━━━━━━━━━━━━━━━━ 100%  250 of 250 MB",
      "  50,000 read, 40,000 kept, 10,000 dropped",
      "  writing  ━━━━────────────  25%  25 of 100 MB",
    ])
    const comparing = { name: "comparing", done: 0, of: undefined, unit: "slices" } as const
    assert.strictEqual(draw(run({ active: [], phase: comparing, total }), look(80)).at(-1), "  comparing…  0:13")
  })

  it("tells what a task waits for", () => {
    const waiting = { ...chats, bytes: 0, read: 0, kept: undefined, dropped: 0 }
    const at = (preparing: boolean) => draw(run({ active: [{ ...waiting, preparing }] }), look(80))[0]
    assert.strictEqual(at(true), "ShareGptTask         ────────────────   0%  reading side files")
    assert.strictEqual(at(false), "ShareGptTask         ────────────────   0%  starting")
  })

  it("tells the number of tasks that have no room", () => {
    const active = Array.from({ length: 9 }, (_, i) => ({ ...chats, task: `Task${i}` }))
    const lines = draw(run({ active, tasks: active.map(({ task }) => task) }), look(80))
    assert.deepStrictEqual([lines.length, lines[4]], [8, "and 5 more"])
    assert.isAtMost(draw(run({ active }), look(80, { rows: 4 })).length, 3)
  })

  it("is ASCII for a terminal that has no more, and coloured for one that has colours", () => {
    const [first] = draw(run(), look(80, { fine: false }))
    assert.strictEqual(first, "AesirRoleplayTask    #########-------  62%  12,400 read, 11,020 kept")
    const [coloured] = draw(run(), look(80, { colours: true }))
    assert.include(coloured, "\u001b[32m━━━━━━━━━╸\u001b[0m\u001b[2m──────\u001b[0m")
  })
})

const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom("字", "한", "👨‍👩‍👧", "e\u0301", "a", "\u001b[31m", "\n", "\r", "\u200b", "ｗ"),
    maxLength: 40,
  }),
)
const number = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }))
const count = fc.oneof(fc.nat(2000), fc.nat())
const task: fc.Arbitrary<TaskState> = fc.record({
  task: name,
  bytes: number,
  of: fc.option(number, { nil: undefined }),
  read: count,
  kept: fc.option(count, { nil: undefined }),
  dropped: count,
  preparing: fc.boolean(),
})
const phase: fc.Arbitrary<PhaseState> = fc.record({
  name: fc.constantFrom("writing", "comparing", "finishing"),
  done: number,
  of: fc.option(number, { nil: undefined }),
  unit: fc.constantFrom("bytes" as const, "slices" as const),
})
const runs: fc.Arbitrary<State> = fc
  .record({
    active: fc.array(task, { maxLength: 7 }),
    tasks: fc.array(name, { minLength: 1, maxLength: 7 }),
    total: task,
    phase: fc.option(phase, { nil: undefined }),
    seconds: number,
    bytesPerSecond: number,
    recordsPerSecond: number,
    secondsLeft: fc.option(number, { nil: undefined }),
  })
  .map((run) => ({ kind: "run", run }))
const transfers: fc.Arbitrary<State> = fc
  .record({ file: name, got: number, of: number, rate: number })
  .map((transfer: TransferState) => ({ kind: "transfer", transfer }))
const looks: fc.Arbitrary<Look> = fc.record({
  columns: fc.integer({ min: 1, max: 140 }),
  rows: fc.integer({ min: 1, max: 60 }),
  colours: fc.boolean(),
  fine: fc.boolean(),
})

describe("whatever is known, and however little room there is", () => {
  it("no line is as wide as the terminal, and no more lines are drawn than it has", () => {
    fc.assert(
      fc.property(fc.oneof(runs, transfers), looks, (state, look) => {
        const lines = draw(state, look)
        assert.isAtMost(lines.length, Math.max(1, look.rows - 1))
        for (const line of lines)
          assert.isAtMost(stringWidth(line), Math.max(1, look.columns - 1), JSON.stringify(line))
      }),
      { numRuns: 500 },
    )
  })

  it("names steer no terminal: there are colours of our own, in pairs, and no other control character", () => {
    fc.assert(
      fc.property(fc.oneof(runs, transfers), looks, (state, look) => {
        for (const line of [...draw(state, look), logText(state)]) {
          const bare = line.replace(/\u001b\[(?:2|32)m([^\u001b]*)\u001b\[0m/g, "$1")
          assert.notMatch(bare, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, JSON.stringify(line))
          if (!look.colours) assert.strictEqual(bare, line)
        }
      }),
      { numRuns: 500 },
    )
  })

  it("a bar does not move while numbers grow", () => {
    const at = (read: number) => draw(run({ active: [{ ...aesir, read }] }), look(80)).map((line) => line.indexOf("━"))
    assert.deepStrictEqual(at(9), at(123_456_789))
  })
})

describe("a text that is cut", () => {
  it("keeps letters whole", () => {
    assert.strictEqual(clip("字字字字", 6, true), "字字…")
    assert.strictEqual(clip("👨‍👩‍👧👨‍👩‍👧", 3, true), "👨‍👩‍👧…")
    assert.strictEqual(clip("abcdef", 5, false), "ab...")
    assert.strictEqual(clip("abcdef", 3, false), "abc")
    assert.strictEqual(clip("abc", 3, true), "abc")
    assert.strictEqual(clip("abc", 0, true), "")
  })
})

describe("the line of a log", () => {
  it("has the totals and the task at work", () => {
    assert.strictEqual(
      logText(run()),
      "26%, 66 of 250 MB, 12,800 read, 11,400 kept, 1,400 dropped, 5.3 MB/s, 0:35 left (AesirRoleplayTask, ShareGptTask)",
    )
    const total = { ...chats, of: undefined }
    assert.strictEqual(
      logText(run({ active: [chats], tasks: ["ShareGptTask"], total, secondsLeft: undefined })),
      "ShareGptTask: 4.0 MB, 400 read, 380 kept, 20 dropped, 5.3 MB/s",
    )
  })

  it("tells what a task waits for", () => {
    const active = [{ ...chats, preparing: true }]
    assert.match(logText(run({ active, secondsLeft: undefined })), / \(ShareGptTask reads its side files\)$/)
  })

  it("tells what is under way when all is read", () => {
    const phase = { name: "writing", done: 25, of: 100, unit: "slices" } as const
    assert.strictEqual(
      logText(run({ active: [], phase, secondsLeft: undefined })),
      "26%, 12,800 read, 11,400 kept, 1,400 dropped (writing 25%)",
    )
  })
})

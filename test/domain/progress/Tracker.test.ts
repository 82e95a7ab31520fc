import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { makeTracker, type RunState, type Tracker } from "../../../src/domain/progress/Tracker.ts"

const runOf = (tracker: Tracker, seconds: number): RunState => {
  const state = tracker.state(seconds)
  if (state?.kind !== "run") throw new Error("no run")
  return state.run
}

const begun = (sizes: { readonly [task: string]: number }): Tracker => {
  const tracker = makeTracker()
  tracker.begin(0, Object.keys(sizes))
  for (const [task, size] of Object.entries(sizes)) tracker.size(task, size)
  return tracker
}

describe("what is known of a run", () => {
  it("is nothing before the first event", () => {
    assert.isUndefined(makeTracker().state(5))
  })

  it("begins with the first task at work, and nothing done", () => {
    const { active, total, secondsLeft } = runOf(begun({ A: 100, B: 50 }), 0)
    assert.deepStrictEqual(
      active.map(({ task }) => task),
      ["A"],
    )
    assert.deepStrictEqual([total.bytes, total.of, secondsLeft], [0, 150, undefined])
  })

  it("has two tasks at work where slices of the next one are done before the last of this one", () => {
    const tracker = begun({ A: 100, B: 50 })
    tracker.slice(1, "A", 90, false)
    tracker.slice(1, "B", 10, false)
    assert.deepStrictEqual(
      runOf(tracker, 1).active.map(({ task, bytes }) => [task, bytes]),
      [
        ["A", 90],
        ["B", 10],
      ],
    )
    tracker.slice(2, "A", 10, false)
    assert.deepStrictEqual(
      runOf(tracker, 2).active.map(({ task }) => task),
      ["B"],
    )
  })

  it("tells the time left from the bytes, once it means something", () => {
    const tracker = begun({ A: 10_000 })
    tracker.slice(1, "A", 1000, false)
    assert.isUndefined(runOf(tracker, 1).secondsLeft)
    for (let at = 2; at <= 5; at++) tracker.slice(at, "A", 1000, false)
    const { bytesPerSecond, secondsLeft } = runOf(tracker, 5)
    assert.closeTo(bytesPerSecond, 1000, 60)
    assert.closeTo(secondsLeft as number, 5, 0.4)
    for (let at = 6; at <= 10; at++) tracker.slice(at, "A", 1000, false)
    assert.isUndefined(runOf(tracker, 10).secondsLeft)
  })

  it("counts slices of an earlier run as done, and not as fast", () => {
    const tracker = begun({ A: 10_000 })
    for (let i = 1; i <= 50; i++) {
      tracker.slice(i / 100, "A", 100, true)
      tracker.counts(i / 100, "A", { read: 10 * i, kept: 10 * i, dropped: 0 })
    }
    const resumed = runOf(tracker, 0.5)
    assert.deepStrictEqual([resumed.total.bytes, resumed.bytesPerSecond, resumed.recordsPerSecond], [5000, 0, 0])
    for (let i = 1; i <= 10; i++) {
      tracker.slice(0.5 + i, "A", 100, false)
      tracker.counts(0.5 + i, "A", { read: 500 + 10 * i, kept: 0, dropped: 0 })
    }
    const state = runOf(tracker, 10.5)
    assert.closeTo(state.bytesPerSecond, 100, 6)
    assert.closeTo(state.recordsPerSecond, 10, 0.6)
    assert.closeTo(state.secondsLeft as number, 40, 3)
  })

  it("does not count the time in which side files are read, and tells no speed of it", () => {
    const tracker = begun({ A: 5000, B: 5000 })
    for (let at = 1; at <= 5; at++) tracker.slice(at, "A", 1000, false)
    tracker.preparing(5, "B", true)
    const { active, bytesPerSecond, secondsLeft } = runOf(tracker, 60)
    assert.deepStrictEqual(
      active.map(({ preparing, task }) => [task, preparing]),
      [["B", true]],
    )
    assert.deepStrictEqual([bytesPerSecond, secondsLeft], [0, undefined])
    tracker.preparing(60, "B", false)
    assert.strictEqual(runOf(tracker, 70).bytesPerSecond, 0)
    tracker.slice(80, "B", 1000, false)
    tracker.slice(81, "B", 1000, false)
    assert.closeTo(runOf(tracker, 81).bytesPerSecond, 1000, 60)
    assert.closeTo(runOf(tracker, 81).secondsLeft as number, 3, 0.3)
  })

  it("of a task with a limit is what was read, once the next one is counted", () => {
    const tracker = makeTracker()
    tracker.begin(0, ["A", "B"])
    tracker.slice(1, "A", 30, false)
    tracker.counts(1, "A", { read: 3, kept: 3, dropped: 0 })
    assert.isUndefined(runOf(tracker, 1).total.of)
    tracker.slice(2, "B", 10, false)
    tracker.counts(2, "B", { read: 1, kept: 0, dropped: 1 })
    tracker.planned("B", 10)
    assert.deepStrictEqual([runOf(tracker, 2).total.of, runOf(tracker, 2).secondsLeft], [40, undefined])
  })

  it("tells no kept ones while a filter has to see all, and does not count twice", () => {
    const tracker = begun({ A: 100 })
    tracker.slice(1, "A", 100, false)
    tracker.counts(1, "A", { read: 50 })
    assert.deepStrictEqual([runOf(tracker, 1).total.read, runOf(tracker, 1).total.kept], [50, undefined])
    tracker.phase(() => ({ name: "writing", done: 1, of: 2, unit: "slices" }))
    tracker.counts(2, "A", { read: 25, kept: 20, dropped: 5 })
    const { active, phase, total } = runOf(tracker, 2)
    assert.deepStrictEqual([active.length, phase?.done, total.read, total.kept], [0, 1, 50, 20])
  })

  it("in whatever order slices come, all is done in the end, and never more than all", () => {
    const sizes = fc.array(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(sizes, fc.infiniteStream(fc.nat()), (sizes, chances) => {
        const names = sizes.map((_, i) => `task ${i}`)
        const tracker = makeTracker()
        tracker.begin(0, names)
        const events = sizes.flatMap((slices, i) => slices.map((bytes) => [names[i] as string, bytes] as const))
        const shuffled = events
          .map((event) => [chances.next().value as number, event] as const)
          .sort(([a], [b]) => a - b)
          .map(([, event]) => event)
        names.forEach((name, i) => {
          const all = (sizes[i] as ReadonlyArray<number>).reduce((sum, one) => sum + one, 0)
          tracker.size(name, all)
          tracker.planned(name, all)
        })
        let before = 0
        shuffled.forEach(([task, bytes], i) => {
          tracker.slice(i, task, bytes, chances.next().value % 2 === 0)
          const { total } = runOf(tracker, i)
          assert.isAtLeast(total.bytes, before)
          assert.isAtMost(total.bytes, total.of as number)
          before = total.bytes
        })
        const { active, secondsLeft, total } = runOf(tracker, shuffled.length)
        assert.strictEqual(total.bytes, total.of)
        assert.isUndefined(secondsLeft)
        assert.isTrue(active.every(({ bytes, of }) => bytes === of))
      }),
    )
  })
})

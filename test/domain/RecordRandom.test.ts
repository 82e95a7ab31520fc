import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { key, make } from "../../src/domain/RecordRandom.ts"

const draw = (name: string, count: number): ReadonlyArray<number> => {
  const { next } = make(name)
  return Array.from({ length: count }, () => next() * 2 ** 32)
}

describe("RecordRandom", () => {
  it("C-15: golden values hold the generator still", () => {
    assert.deepStrictEqual(draw("42/task/id", 4), [1917797322, 3596688329, 2866783434, 4146314045])
    assert.deepStrictEqual(draw("", 2), [3827322788, 671222971])
    assert.deepStrictEqual(draw("é\ud83d\ude00", 2), [3827697260, 703291549])
  })

  it("C-15: a key names its numbers, whatever else is drawn", () => {
    const one = make("a")
    const other = make("b")
    const mixed = Array.from({ length: 5 }, () => {
      other.next()
      return one.next() * 2 ** 32
    })
    assert.deepStrictEqual(mixed, draw("a", 5))
    assert.notDeepEqual(draw("a", 5), draw("b", 5))
  })

  it("C-15: seed, task and record are all part of a key", () => {
    assert.strictEqual(key(42, "Task", "id-1"), "42/Task/id-1")
    assert.strictEqual(
      new Set([key(1, "T", "a"), key(2, "T", "a"), key(1, "U", "a"), key(1, "T", "b")].map((name) => draw(name, 1)[0]))
        .size,
      4,
    )
  })

  it("law: numbers are in [0, 1), integers below their bound, picks from the list", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (name, bound) => {
        const { int, next, pick } = make(name)
        for (let i = 0; i < 20; i++) {
          const value = next()
          assert.isTrue(value >= 0 && value < 1)
          const whole = int(bound)
          assert.isTrue(Number.isInteger(whole) && whole >= 0 && whole < bound)
          assert.include(["a", "b"], pick(["a", "b"]))
        }
      }),
    )
  })

  it("first draws of neighbouring records are spread evenly", () => {
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 20_000; i++) {
      const bucket = make(key(42, "Task", `task-${i}`)).int(10)
      buckets[bucket] = (buckets[bucket] as number) + 1
    }
    // Five standard deviations of a bucket's count, 42 each.
    for (const count of buckets) assert.approximately(count, 2000, 212)
  })

  it("draws of one record are spread evenly and hang on nothing before", () => {
    const { next } = make("long")
    const pairs = Array.from({ length: 16 }, () => 0)
    let previous = Math.floor(next() * 4)
    for (let i = 0; i < 32_000; i++) {
      const now = Math.floor(next() * 4)
      pairs[previous * 4 + now] = (pairs[previous * 4 + now] as number) + 1
      previous = now
    }
    for (const count of pairs) assert.approximately(count, 2000, 217)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { makeRate } from "../../../src/domain/progress/Rate.ts"

describe("a rate", () => {
  it("of steady work is that of the work from its first second on", () => {
    const rate = makeRate(100)
    for (let i = 1; i <= 400; i++) {
      rate.add(100 + i / 4, 25)
      // What was done at the end of a step weighs a little more than its middle.
      if (i >= 4) assert.closeTo(rate.perSecond(100 + i / 4), 100, 13)
    }
    assert.closeTo(rate.perSecond(200), 100, 2)
  })

  it("follows a change within some seconds, without a jump", () => {
    const rate = makeRate(0)
    for (let i = 1; i <= 300; i++) rate.add(i / 10, 100)
    const before = rate.perSecond(30)
    rate.add(30.1, 10)
    assert.closeTo(rate.perSecond(30.1), before, 0.02 * before)
    for (let i = 2; i <= 300; i++) rate.add(30 + i / 10, 10)
    assert.isBelow(rate.perSecond(60), 160)
    assert.isAbove(rate.perSecond(60), 100)
  })

  it("falls while nothing is done", () => {
    const rate = makeRate(0)
    rate.add(1, 100)
    assert.isBelow(rate.perSecond(20), rate.perSecond(2) / 4)
  })

  it("leaves out times that are skipped", () => {
    const rate = makeRate(0)
    for (let i = 1; i <= 60; i++) rate.skip(i)
    assert.deepStrictEqual([rate.perSecond(60), rate.measured(60)], [0, 0])
    rate.add(61, 500)
    assert.closeTo(rate.perSecond(61), 500, 30)
    assert.strictEqual(rate.measured(61), 1)
  })

  it("is never less than nothing, nor more than the fastest step", () => {
    const steps = fc.array(fc.tuple(fc.double({ min: 0.1, max: 20, noNaN: true }), fc.integer({ min: 0, max: 1000 })), {
      minLength: 1,
    })
    fc.assert(
      fc.property(steps, (steps) => {
        const rate = makeRate(0)
        let at = 0
        let fastest = 0
        for (const [seconds, amount] of steps) {
          at += seconds
          // All of it at the end of the step weighs more than spread over it: by e^(20/10) at most.
          fastest = Math.max(fastest, (amount / seconds) * Math.exp(2))
          rate.add(at, amount)
          assert.isAtLeast(rate.perSecond(at), 0)
          assert.isAtMost(rate.perSecond(at), fastest + 1e-6)
        }
      }),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { chooses, makeCommonest, makeHistogram, makeSampler, openingOf } from "../../../src/domain/report/Stats.ts"

const values = fc.array(fc.oneof(fc.nat(40), fc.nat(100_000)), { minLength: 1, maxLength: 300 })

describe("histogram", () => {
  it("holds every value once, between the ends of its bin", () => {
    fc.assert(
      fc.property(values, (all) => {
        const histogram = makeHistogram()
        for (const value of all) histogram.add(value)
        const bins = histogram.bins()
        assert.strictEqual(histogram.count(), all.length)
        assert.strictEqual(
          bins.reduce((sum, { count }) => sum + count, 0),
          all.length,
        )
        for (const { count, from, to } of bins)
          assert.strictEqual(all.filter((value) => value >= from && value < to).length, count, `${from}..${to}`)
      }),
    )
  })

  it("tells a part of the values exactly below 16, and at most a tenth too high above", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, part) => {
        const histogram = makeHistogram()
        for (const value of all) histogram.add(value)
        const sorted = [...all].sort((a, b) => a - b)
        const real = sorted[Math.ceil(part * all.length) - 1] as number
        const told = histogram.quantile(part)
        assert.isTrue(told >= real && told <= (real < 16 ? real : real * 1.1), `${told} for ${real}`)
      }),
    )
  })
})

describe("commonest texts", () => {
  it("counts are never too high, and too low by at most seen / capacity", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."aaaabbbcdefghijklmnop"), { maxLength: 400 }), (all) => {
        const commonest = makeCommonest(8)
        for (const text of all) commonest.add(text)
        const told = new Map(commonest.top(100).map(({ count, text }) => [text, count]))
        assert.isTrue(told.size <= 8)
        for (const text of new Set(all)) {
          const real = all.filter((other) => other === text).length
          const count = told.get(text) ?? 0
          assert.isTrue(count <= real && count >= real - all.length / 8, `${text}: ${count} for ${real}`)
        }
      }),
    )
  })
})

describe("sampler", () => {
  it("keeps the same values whatever the order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 60 }), fc.integer(), (keys, seed) => {
        const take = (order: ReadonlyArray<string>) => {
          const sampler = makeSampler<string>(7)
          for (const key of order) sampler.offer(key, () => key)
          return sampler.values()
        }
        const other = [...keys].sort((a, b) => (a.length * seed) % 7 || (a < b ? 1 : -1))
        assert.deepStrictEqual(take(keys), take(other))
        assert.strictEqual(take(keys).length, Math.min(7, keys.length))
      }),
    )
  })
})

describe("a part that is chosen", () => {
  it("is the same each time, about as large as asked for, and holds each smaller one", () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `key ${i}`)
    const [tenth, half, all] = [0.1, 0.5, 1].map((part) => keys.filter(chooses(part)))
    assert.deepStrictEqual(all, keys)
    assert.deepStrictEqual(keys.filter(chooses(0)), [])
    assert.closeTo(tenth?.length ?? 0, 400, 80)
    assert.closeTo(half?.length ?? 0, 2000, 150)
    assert.includeMembers(half ?? [], tenth ?? [])
  })
})

describe("opening of a reply", () => {
  it("is its first three words, without marks and letter case", () => {
    assert.strictEqual(openingOf("*She smiles.* “Oh, you!”"), "she smiles oh")
    assert.strictEqual(openingOf("I’m not sure"), "i'm not sure")
    assert.strictEqual(openingOf("- one 'two three"), "one two three")
    assert.strictEqual(openingOf("Yes. No."), undefined)
  })
})

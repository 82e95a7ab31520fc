import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { checkLevelsV2, checkPage } from "../../../src/layers/readers/Levels.ts"

/** Runs of levels of one bit: `[count, value]` each, as a run-length run. */
const runs = (list: ReadonlyArray<readonly [number, number]>): Array<number> =>
  list.flatMap(([count, value]) => {
    const bytes: Array<number> = []
    for (let header = count * 2; ; header = Math.floor(header / 128)) {
      if (header < 128) {
        bytes.push(header)
        break
      }
      bytes.push((header % 128) + 128)
    }
    return [...bytes, value]
  })

const nullable = { maxDefinition: 1, maxRepetition: 0 }
const page = (levels: ReadonlyArray<number>): Uint8Array => Uint8Array.from([levels.length, 0, 0, 0, ...levels])

describe("the runs of a Parquet page", () => {
  it("that add up are counted", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 1 })), {
          minLength: 1,
          maxLength: 8,
        }),
        (list) => {
          const bytes = Uint8Array.from(runs(list))
          const sum = (of: (value: number) => boolean): number =>
            list.reduce((all, [count, value]) => (of(value) ? all + count : all), 0)
          const values = sum(() => true)
          assert.strictEqual(
            checkLevelsV2(bytes, nullable, values, 0, bytes.length),
            sum((value) => value === 1),
          )
          // One value fewer, and a last run of several is too long.
          if ((list.at(-1)?.[0] ?? 0) > 1)
            assert.throws(() => checkLevelsV2(bytes, nullable, values - 1, 0, bytes.length), /do not add up/)
          assert.throws(() => checkLevelsV2(bytes, nullable, values + 1, 0, bytes.length), /do not add up/)
        },
      ),
      { numRuns: 200 },
    )
  })

  it("bits that are packed are counted one by one", () => {
    // One group of eight: 1 0 1 1 0 0 1 0, of which the last two are filling.
    assert.strictEqual(checkLevelsV2(Uint8Array.from([3, 0b01001101]), nullable, 6, 0, 2), 3)
    assert.throws(() => checkLevelsV2(Uint8Array.from([3]), nullable, 6, 0, 1), /do not add up/)
  })

  it("a run of a billion values in a page of ten is refused before anything is made of it", () => {
    const huge = page(runs([[1_000_000_000, 1]]))
    assert.throws(() => checkPage(huge, nullable, { values: 10, encoding: "PLAIN", isBoolean: false }), /do not add up/)
    const indices = Uint8Array.from([...page(runs([[10, 1]])), 8, ...runs([[1_000_000_000, 1]])])
    assert.throws(
      () => checkPage(indices, nullable, { values: 10, encoding: "RLE_DICTIONARY", isBoolean: false }),
      /do not add up/,
    )
    const good = Uint8Array.from([...page(runs([[10, 1]])), 8, ...runs([[10, 1]])])
    checkPage(good, nullable, { values: 10, encoding: "RLE_DICTIONARY", isBoolean: false })
  })
})

import { assert, describe, it } from "@effect/vitest"
import { clockText, countText, partText, percentOf, sizeText } from "../../../src/domain/progress/Texts.ts"

describe("numbers of a progress", () => {
  it("sizes have three digits or so", () => {
    assert.deepStrictEqual([0, 999, 1000, 99_949, 99_950, 999_499, 999_500, 2.5e12, 1e16].map(sizeText), [
      "0 bytes",
      "999 bytes",
      "1.0 kB",
      "99.9 kB",
      "100 kB",
      "999 kB",
      "1.0 MB",
      "2.5 TB",
      "10000 TB",
    ])
  })

  it("a part and its whole have one unit, and only all of it is all", () => {
    assert.strictEqual(partText(18_390_000, 80_000_000), "18.3 of 80.0 MB")
    assert.strictEqual(partText(241_300_000, 1_022_000_000), "241 of 1,022 MB")
    assert.strictEqual(partText(0, 9999), "0 of 9,999 bytes")
    assert.strictEqual(partText(999_999_999, 1e9), "999 of 1,000 MB")
    assert.strictEqual(partText(5, 5), "5 of 5 bytes")
    assert.strictEqual(partText(1234, undefined), "1.2 kB")
    assert.strictEqual(percentOf(999_999, 1_000_000), 99)
    assert.strictEqual(percentOf(5, 5), 100)
    assert.strictEqual(percentOf(0, 0), 100)
  })

  it("times are as on a clock", () => {
    assert.deepStrictEqual([0, 1, 59.2, 95, 3599, 3600, 36_000, 359_999, 360_000].map(clockText), [
      "0:00",
      "0:01",
      "1:00",
      "1:35",
      "59:59",
      "1:00:00",
      "10:00:00",
      "99:59:59",
      "4 days",
    ])
  })

  it("counts have a comma every three digits", () => {
    assert.deepStrictEqual([0, 999, 1000, 123_456_789].map(countText), ["0", "999", "1,000", "123,456,789"])
  })
})

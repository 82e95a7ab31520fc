import { assert, describe, it } from "@effect/vitest"
import { keyOf, makeKeyTable } from "../../src/domain/KeyTable.ts"

describe("key table", () => {
  it("holds at most 58 bytes a key, however many there are", () => {
    const table = makeKeyTable()
    let most = 0
    for (let i = 1; i <= 200_000; i++) {
      table.add(keyOf(`${i}`), i)
      if (i > 10_000) most = Math.max(most, table.bytes() / i)
    }
    assert.isBelow(most, 58)
    assert.strictEqual(table.get(keyOf("77")), 77)
    assert.isUndefined(table.get(keyOf("0")))
  })

  it("puts a number in place of the one that stood with a key, and takes no more room for it", () => {
    const table = makeKeyTable()
    const before = table.bytes()
    for (let i = 0; i < 100_000; i++) table.add(keyOf("one"), i)
    assert.strictEqual(table.get(keyOf("one")), 99_999)
    assert.strictEqual(table.bytes(), before)
  })
})

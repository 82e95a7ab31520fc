import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { nearest, suggestion } from "../../src/domain/Nearest.ts"

const known = ["metharme", "openchat", "sharegpt"]

describe("nearest", () => {
  it("C-11: finds the name that was meant, whatever the case", () => {
    assert.strictEqual(nearest("metharm", known), "metharme")
    assert.strictEqual(nearest("ShareGTP", known), "sharegpt")
    assert.strictEqual(nearest("OPENCHAT", known), "openchat")
    assert.strictEqual(nearest("AlpakaTask", ["AesirRoleplayTask", "AlpacaTask"]), "AlpacaTask")
  })

  it("C-11: a part of a name is near to it", () => {
    assert.strictEqual(nearest("Refusal", ["RefusalFilter", "AppleFilter"]), "RefusalFilter")
    assert.strictEqual(nearest("MyRefusalFilter2", ["AppleFilter", "RefusalFilter"]), "RefusalFilter")
  })

  it("C-11: nothing is near to a name that was made up", () => {
    assert.isUndefined(nearest("parquet", known))
    assert.isUndefined(nearest("x", []))
  })

  it("of equally near names the first counts", () => {
    assert.strictEqual(nearest("ab", ["ac", "ad"]), "ac")
    assert.strictEqual(nearest("ab", ["ad", "ac"]), "ad")
  })

  it("law: a known name is nearest to itself", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: "grapheme-ascii", minLength: 1 }), { minLength: 1 }), (names) => {
        fc.pre(new Set(names.map((name) => name.toLowerCase())).size === names.length)
        for (const name of names) assert.strictEqual(nearest(name, names), name)
      }),
    )
  })

  it("a very long name is no trouble", () => {
    const from = performance.now()
    assert.isUndefined(nearest("x".repeat(1_000_000), known))
    assert.isBelow(performance.now() - from, 2000)
  })
})

describe("suggestion", () => {
  it("C-11: asks for the near name, else tells what is known", () => {
    assert.strictEqual(suggestion("metharm", known), ' Did you mean "metharme"?')
    assert.strictEqual(suggestion("parquet", known), " Known: metharme, openchat, sharegpt.")
    assert.strictEqual(suggestion("x", []), "")
  })
})

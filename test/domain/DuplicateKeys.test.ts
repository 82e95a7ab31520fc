import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { duplicateKey } from "../../src/domain/DuplicateKeys.ts"

describe("duplicate keys", () => {
  it("are found in any object, whichever way they are written", () => {
    assert.strictEqual(duplicateKey('{"a":1,"a":2}'), "a")
    assert.strictEqual(duplicateKey('{"x":[{"b":{"c":1},"\\u0062":2}]}'), "b")
    assert.strictEqual(duplicateKey('{"__proto__":1,"__proto__":2}'), "__proto__")
  })

  it("are not seen where there are none: in texts, in other objects, in lists", () => {
    assert.isUndefined(duplicateKey('{"a":"\\"a\\":1,{","b":{"a":1},"c":[{"a":1},{"a":2}],"d":["a","a"]}'))
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.isUndefined(duplicateKey(JSON.stringify(value)))))
  })
})

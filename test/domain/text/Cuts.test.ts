import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Cut, leaveOut, withEmptyPairs } from "../../../src/domain/text/Cuts.ts"

/** The runs of `#` in a text. */
const marked = (text: string): ReadonlyArray<Cut> =>
  Array.from(text.matchAll(/#+/g), ({ 0: { length }, index }) => ({ from: index, to: index + length }))

const left = (text: string): string => leaveOut(text, withEmptyPairs(text, marked(text)))

describe("cuts", () => {
  it("of the blanks around a cut, one side's stay", () => {
    for (const [text, expected] of [
      ["a # b", "a b"],
      ["a #, b", "a, b"],
      ["a #\nb", "a\nb"],
      ["a\n# b", "a\nb"],
      ["a  #", "a"],
      ["a # #, b", "a, b"],
      ["# b", "b"],
      ["a#b", "ab"],
      ["  a", "  a"],
    ] as const)
      assert.strictEqual(left(text), expected, text)
  })

  it("brackets, quotes and emphasis that are left empty go with a cut", () => {
    for (const [text, expected] of [
      ["a (#) b", "a b"],
      ["a ([ # ]) b", "a b"],
      ["a (# #) b", "a b"],
      ['a "#" b', "a b"],
      ["a “#”, b", "a, b"],
      ["a **#** b", "a b"],
      ["a (# b) c", "a (b) c"],
      ["a (b #) c", "a (b) c"],
      ["*a #* b", "*a* b"],
      ["*a*# b", "*a* b"],
      ["(#", "("],
      ["() #", "()"],
      ['"a" # "b"', '"a" "b"'],
    ] as const)
      assert.strictEqual(left(text), expected, text)
  })

  it("law: nothing but blanks, brackets and marks goes beside what is cut", () => {
    const piece = fc.constantFrom("#", "a", " ", "(", ")", '"', "*", ",", "\n", "“", "”")
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("")
        assert.strictEqual(left(text).replace(/[^a,\n]/g, ""), text.replace(/[^a,\n]/g, ""))
      }),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { diff } from "../../../src/domain/text/Diff.ts"

const text = fc
  .array(fc.constantFrom("a", "b", "c", " ", "\n", "“", "é", "word", "😀", "\u0000"), { maxLength: 60 })
  .map((parts) => parts.join(""))

const sides = (before: string, after: string) => {
  const changes = diff(before, after)
  const take = (not: string) =>
    changes
      .filter(({ kind }) => kind !== not)
      .map((change) => change.text)
      .join("")
  return [take("added"), take("removed")]
}

describe("diff", () => {
  it("tells both texts whole, whatever they are", () => {
    fc.assert(
      fc.property(text, text, (before, after) => assert.deepStrictEqual(sides(before, after), [before, after])),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (before, after) =>
        assert.deepStrictEqual(sides(before, after), [before, after]),
      ),
    )
  })

  it("of equal texts is nothing but the text", () => {
    fc.assert(
      fc.property(text, (same) =>
        assert.deepStrictEqual(diff(same, same), same === "" ? [] : [{ kind: "same", text: same }]),
      ),
    )
  })

  it("changes words and marks, not letters", () => {
    assert.deepStrictEqual(diff("She said: dont go..", "She said: don’t go."), [
      { kind: "same", text: "She said: " },
      { kind: "removed", text: "dont" },
      { kind: "added", text: "don’t" },
      { kind: "same", text: " go" },
      { kind: "removed", text: "." },
      { kind: "same", text: "." },
    ])
  })

  it("never tells more than it must: one changed word is one removal and one addition", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 30 }), fc.nat(), (words, n) => {
        const other = words.map((word, i) => (i === n % words.length ? "NEW" : word))
        const kinds = diff(words.join(" "), other.join(" ")).map(({ kind }) => kind)
        assert.isTrue(
          kinds.filter((kind) => kind === "added").length === 1 &&
            kinds.filter((kind) => kind === "removed").length === 1,
        )
      }),
    )
  })

  it("takes long texts without anything in common in its stride", () => {
    const before = "a ".repeat(200_000)
    const after = "b\n".repeat(200_000)
    assert.deepStrictEqual(sides(before, after), [before, after])
  })
})

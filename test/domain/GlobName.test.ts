import { assert, describe, it } from "@effect/vitest"
import { firstMatches, matchPath } from "../../src/domain/GlobName.ts"

describe("paths against patterns", () => {
  it("fit part by part, and ** stands for any folders", () => {
    const fits: ReadonlyArray<readonly [string, string]> = [
      ["a.jsonl", "a.jsonl"],
      ["*.jsonl", "a.jsonl"],
      ["data/train-*.parquet", "data/train-0.parquet"],
      ["**/a.jsonl", "a.jsonl"],
      ["**/a.jsonl", "x/y/a.jsonl"],
      ["x/**/a", "x/a"],
      ["x/**/a", "x/1/2/a"],
      ["**", "x/y"],
    ]
    for (const [pattern, path] of fits) assert.isTrue(matchPath(pattern, path), `${pattern} ${path}`)
    const unfit: ReadonlyArray<readonly [string, string]> = [
      ["*.jsonl", "x/a.jsonl"],
      ["**/a.jsonl", "x/ba.jsonl"],
      ["x/**/a", "y/a"],
      ["a", "a/b"],
      ["a/b", "a"],
      ["x/*", "x/y/z"],
    ]
    for (const [pattern, path] of unfit) assert.isFalse(matchPath(pattern, path), `${pattern} ${path}`)
  })

  it("of many ** take no longer than their sizes say", () => {
    const steps = "**/a/".repeat(200)
    assert.isFalse(matchPath(`${steps}b`, "a/".repeat(2000)))
  })

  it("the first pattern with a match counts", () => {
    assert.deepStrictEqual(firstMatches(["z*", "a*", "b*"], ["b1", "a2", "a1"]), ["a1", "a2"])
    assert.deepStrictEqual(firstMatches(["z"], ["a"]), [])
  })
})

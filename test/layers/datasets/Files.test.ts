import { assert, describe, it } from "@effect/vitest"
import { Files } from "../../../src/layers/datasets/Files.ts"
import { bytes, decodeOptions, readSlice, rowsInput, start } from "../harness.ts"

describe("Files", () => {
  it("a record is whatever the file holds", () => {
    const { records, bad, blankLines } = readSlice(
      Files,
      { kind: "lines", file: "a.jsonl", bytes: bytes('{"a":1}\n\n[2]\n"x"\n{\n'), first: start },
      { options: { files: ["a.jsonl"] } },
    )
    assert.deepStrictEqual(
      records.map(({ record }) => record),
      [{ a: 1 }, [2], "x"],
    )
    assert.deepStrictEqual(
      records.map(({ index }) => index),
      [0, 1, 2],
    )
    assert.deepStrictEqual([bad.length, blankLines], [1, 1])
  })

  it("rows of a table are objects by their header", () => {
    const { records } = readSlice(Files, rowsInput("a.csv", "instruction,output\nhi,yo\n"), {
      options: { files: ["a.csv"] },
    })
    assert.deepStrictEqual({ ...(records[0]?.record as object) }, { instruction: "hi", output: "yo" })
  })

  it("takes one glob or several, and needs one", () => {
    assert.deepStrictEqual(decodeOptions(Files.options, { files: "a/*.json" })["files"], ["a/*.json"])
    assert.deepStrictEqual(decodeOptions(Files.options, { files: ["a", "b"] })["files"], ["a", "b"])
    assert.throws(() => decodeOptions(Files.options, { files: [] }))
    assert.throws(() => decodeOptions(Files.options, {}))
  })
})

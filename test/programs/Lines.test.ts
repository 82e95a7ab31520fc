import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { cutLines, type FileLine, parseFields, parseRow, readLines } from "../../src/programs/Lines.ts"
import { folder } from "../support/cli.ts"

const shown = ({ bytes, number }: FileLine) => [number, bytes?.toString("utf8")] as const

describe("lines", () => {
  it("are the same however a stream comes in pieces; one above the limit is counted", () => {
    const text = fc.array(fc.constantFrom("a", "é", "\n", "bcdefgh"), { maxLength: 40 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, fc.array(fc.nat(20), { maxLength: 10 }), (content, cuts) => {
        const seen: Array<readonly [number, string | undefined]> = []
        const lines = cutLines((line) => void seen.push(shown(line)), 9)
        const bytes = Buffer.from(content)
        let from = 0
        for (const cut of [...cuts, bytes.length]) {
          lines.write(bytes.subarray(from, from + cut))
          from += cut
        }
        const expected = content.split("\n")
        const isOpen = expected.at(-1) !== ""
        if (!isOpen) expected.pop()
        assert.deepStrictEqual(lines.end(), { lines: expected.length, isOpen })
        assert.deepStrictEqual(
          seen,
          expected.map((line, i) => [i + 1, Buffer.byteLength(line) > 9 ? undefined : line] as const),
        )
      }),
    )
  })

  it("of a file are read whether it is packed or not", async () => {
    const at = folder()
    const content = Array.from({ length: 50_000 }, (_, i) => `line ${i}`).join("\n")
    writeFileSync(join(at, "a.txt"), content)
    writeFileSync(join(at, "a.txt.gz"), gzipSync(content))
    for (const name of ["a.txt", "a.txt.gz"]) {
      const lines: Array<string | undefined> = []
      for await (const { bytes } of readLines(join(at, name))) lines.push(bytes?.toString("utf8"))
      assert.strictEqual(lines.join("\n"), content)
    }
  })

  it("hold objects, in an array before a comma", () => {
    assert.deepStrictEqual(parseRow(Buffer.from('{"a":1},')), { a: 1 })
    assert.deepStrictEqual(parseRow(Buffer.from('{"a":1}')), { a: 1 })
    for (const text of ["[", "]", "1", "[1]", "null", "{", ""]) assert.isUndefined(parseRow(Buffer.from(text)), text)
    assert.isUndefined(parseFields(Buffer.from('{"a":1},')))
    assert.isUndefined(parseFields(undefined))
  })
})

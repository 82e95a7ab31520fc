import { assert, describe, it } from "@effect/vitest"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { packageRoot } from "../../../src/domain/Assets.ts"
import { formats } from "../../../src/layers/formats/All.ts"
import { type Json, validatorOf } from "../../support/jsonSchema.ts"

const schemas = join(packageRoot(), "assets", "schemas")
const golden = join(packageRoot(), "test", "golden")

describe("JSON Schemas of rows", () => {
  it("there is one for each format, and no other", () => {
    assert.deepStrictEqual(readdirSync(schemas).sort(), formats.map(({ name }) => `${name}.json`).sort())
  })

  for (const { container, name } of formats)
    it(`${name}: every golden row fits, and fits no more with a key too many or one too few`, () => {
      const fits = validatorOf(JSON.parse(readFileSync(join(schemas, `${name}.json`), "utf8")) as Json)
      const text = readFileSync(join(golden, `samples.${name}.jsonl`), "utf8")
      const rows: ReadonlyArray<Json> =
        container === "array"
          ? (JSON.parse(text) as ReadonlyArray<Json>)
          : text
              .trimEnd()
              .split("\n")
              .map((line) => JSON.parse(line) as Json)
      assert.isAbove(rows.length, 0)
      for (const row of rows) {
        assert.isTrue(fits(row), JSON.stringify(row).slice(0, 200))
        assert.isFalse(fits({ ...row, more: 1 }))
        const [first = "", ...rest] = Object.keys(row)
        assert.isFalse(fits(Object.fromEntries(rest.map((key) => [key, row[key]]))), first)
      }
    })
})

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { formats } from "../../src/layers/formats/All.ts"
import { rowSchema, rowSchemas } from "../../src/programs/RowSchema.ts"

const golden = fileURLToPath(new URL("../golden", import.meta.url))

/** The rows that the documentation shows, by format. */
const shown = [
  ...readFileSync(join(golden, "../../docs/formats.md"), "utf8").matchAll(/^([a-z-]+(?:, [a-z-]+)*) +(\{.*\})$/gm),
]

const rowsOf = (format: string): ReadonlyArray<{ readonly [key: string]: unknown }> => {
  const text = readFileSync(join(golden, `samples.${format}.jsonl`), "utf8")
  const rows: unknown = text.startsWith("[")
    ? JSON.parse(text)
    : text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown)
  return rows as ReturnType<typeof rowsOf>
}

describe("the schema of rows", () => {
  it("knows the formats of the package, and no other", () => {
    const names = formats.map(({ name }) => name)
    assert.deepStrictEqual(Object.keys(rowSchemas).sort(), [...names].sort())
    const { definitions } = rowSchema() as { readonly definitions: { readonly [name: string]: object } }
    for (const name of names) assert.propertyVal(definitions[name], "additionalProperties", false)
  })

  it("holds for the rows that the documentation shows, of every format", () => {
    const names = shown.flatMap(([, list, row]) => {
      for (const name of (list as string).split(", "))
        assert.isTrue(
          Schema.is(rowSchemas[name] as Schema.Schema<unknown>, { onExcessProperty: "error" })(
            JSON.parse(row as string),
          ),
          name,
        )
      return (list as string).split(", ")
    })
    assert.deepStrictEqual(names.sort(), formats.map(({ name }) => name).sort())
  })

  for (const { name } of formats)
    it(`${name}: holds for what is written, and for nothing with another key, one less, or a text that is a number`, () => {
      const is = Schema.is(rowSchemas[name] as Schema.Schema<unknown>, { onExcessProperty: "error" })
      const rows = rowsOf(name)
      assert.isAbove(rows.length, 0)
      for (const row of rows) assert.isTrue(is(row), JSON.stringify(row).slice(0, 200))
      const [row] = rows as readonly [(typeof rows)[number]]
      assert.isFalse(is({ ...row, more: "" }))
      for (const key of Object.keys(row)) {
        assert.isFalse(is({ ...row, [key]: 0.5 }), key)
        const { [key]: _, ...less } = row
        assert.strictEqual(is(less), key === "identifier" || key === "id", key)
      }
    })
})

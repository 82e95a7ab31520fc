/** The pages of tasks, filters, datasets and formats are what their definitions make. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { filters } from "../../src/layers/filters/All.ts"
import { tasks } from "../../src/layers/tasks/All.ts"
import { root } from "../support/cli.ts"

const names = filters.map(({ name }) => name)

describe("the page of the ledger", () => {
  it("knows every reason that the samples' ledger has, unless a task or a filter explains it", () => {
    const golden = readFileSync(join(root, "test/golden/samples.ledger.jsonl"), "utf8").trimEnd().split("\n")
    const own = new Set(tasks.flatMap(({ reasons }) => Object.keys(reasons ?? {})))
    const page = readFileSync(join(root, "docs/ledger.md"), "utf8")
    const silent = golden
      .map((line) => (JSON.parse(line) as { readonly reason: string }).reason)
      .filter((reason) => !names.includes(reason) && !own.has(reason) && !page.includes(`\`${reason}\``))
    assert.deepStrictEqual([...new Set(silent)], [])
  })
})

describe("the pages of the components", () => {
  it("are what the definitions and the real components make of the examples", () => {
    const args = [join(root, "scripts", "make-docs.mjs"), "--check"]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" })
    assert.strictEqual(status, 0, stdout + stderr)
  }, 180_000)
})

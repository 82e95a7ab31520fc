/** The pages of tasks, filters, datasets and formats are what their definitions make. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "../support/cli.ts"

describe("the pages of the components", () => {
  it("are what the definitions and the real components make of the examples", () => {
    const args = [join(root, "scripts", "make-docs.mjs"), "--check"]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" })
    assert.strictEqual(status, 0, stdout + stderr)
  }, 180_000)
})

import { assert, describe, it } from "@effect/vitest"
import { loadAndRun, NotLoaded } from "../../src/domain/NotLoaded.ts"

describe("loadAndRun", () => {
  it("runs once where nothing is missing, and again after each thing that is loaded", async () => {
    const loaded = new Set<string>()
    let runs = 0
    const need = (name: string): void => {
      if (!loaded.has(name)) throw new NotLoaded(`${name} is missing`, async () => void loaded.add(name))
    }
    assert.strictEqual(await loadAndRun(() => ++runs), 1)
    const both = await loadAndRun(() => {
      runs++
      need("one")
      need("two")
      return "done"
    })
    assert.strictEqual(both, "done")
    assert.strictEqual(runs, 4)
  })

  it("passes other errors on, and those of loading", async () => {
    const fails = async (run: () => unknown): Promise<string> => loadAndRun(run).then(String, (cause) => String(cause))
    assert.strictEqual(
      await fails(() => {
        throw new Error("no")
      }),
      "Error: no",
    )
    assert.strictEqual(
      await fails(() => {
        throw new NotLoaded("no model", () => Promise.reject(new Error("no such file")))
      }),
      "Error: no such file",
    )
  })
})

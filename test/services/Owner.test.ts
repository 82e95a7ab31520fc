import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { isRunning, isSelf, owner, ownerText, parseOwner } from "../../src/services/Owner.ts"

const isLinux = process.platform === "linux"

describe("the owner of an unfinished file", () => {
  it("is read from a name as it was written", () => {
    assert.deepStrictEqual(parseOwner(ownerText()), owner())
    for (const text of ["", "1.2.3", `${ownerText()}.4`, ownerText().toUpperCase().replace(/^/, "X")])
      assert.isUndefined(parseOwner(text), text)
  })

  it("runs, if it is this process; an earlier one of its number does not", () => {
    assert.isTrue(isSelf(owner()))
    assert.isTrue(isRunning(owner()))
    const earlier = { ...owner(), start: "1" }
    assert.isFalse(isSelf(earlier))
    assert.isFalse(isRunning(earlier))
  })

  it("runs, if it is another process that has not ended; one that had its number before does not", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])
    await once(child, "spawn")
    const other = { ...owner(), pid: child.pid as number }
    assert.isTrue(isRunning({ ...other, start: "0" }))
    assert.strictEqual(isRunning({ ...other, start: "1" }), !isLinux)
    child.kill("SIGKILL")
    await once(child, "exit")
    assert.isFalse(isRunning({ ...other, start: "0" }))
  })

  it("does not run, if there is no such process", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""])
    assert.isFalse(isRunning({ ...owner(), pid }))
  })

  it("of another machine is not known to run or not", () => {
    assert.isUndefined(isRunning({ ...owner(), host: "0123456789ab" }))
  })
})

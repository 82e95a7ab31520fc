import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { Airoboros } from "../../../src/layers/datasets/Airoboros.ts"
import { AiroborosInstructionFollowingTask as task } from "../../../src/layers/tasks/AiroborosInstructionFollowingTask.ts"
import { openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { linesInput } from "../../support/inputs.ts"
import { shared } from "../../support/shared.ts"

const record = (instruction: string, response: string) => ({ instruction, response })

describe("AiroborosInstructionFollowingTask", () => {
  it("the identifier is the number of the record", () => {
    assert.strictEqual(runTask(task, record("a", "b"), { unit: "12" }).id, "airoboros-instruct-12")
  })

  it("T-25: a prompt, the instruction and the response, without made-up names", () => {
    const episode = shapedOf(runTask(task, record("Name a prime above ten.", "Eleven.")))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(episode.turns, [
      { kind: "system", text: "" },
      { kind: "user", text: "Name a prime above ten." },
      { kind: "model", text: "Eleven." },
    ])
    assert.isAbove(episode.prompt?.length ?? 0, 0)
  })

  it("X-13: leaves out responses that hold the model's name, in any case", () => {
    for (const response of ["airoboros", "I am AiRoBoRoS, hello."]) {
      assert.strictEqual(skipOf(runTask(task, record("Who?", response))), "selfReference")
    }
    assert.strictEqual(skipOf(runTask(task, record("What is airoboros?", "A snake."))), undefined)
  })

  it("texts stay as they are but for a repaired encoding", () => {
    assert.deepStrictEqual(textsOf(runTask(task, record("  “x”\r\n\n\n\ny....z", "itâ€™s"))), [
      ["u", "  “x”\r\n\n\n\ny....z"],
      ["m", "it’s"],
    ])
    assert.deepStrictEqual(textsOf(runTask(task, record("wait....what", "b"), { clean: "original" }))[0], [
      "u",
      "wait... what",
    ])
  })

  it("C-12: custom prompts are sampled", () => {
    const prompts = Array.from({ length: 40 }, (_, i) =>
      promptOf(runTask(task, record("q", "r"), { unit: `${i}`, customPrompts: ["%{a|b}"] })),
    )
    assert.deepStrictEqual(new Set(prompts), new Set(["a", "b"]))
  })

  it("C-15: the prompt hangs on seed and identifier alone, and many are in use", () => {
    const promptAt = (unit: number, seed: number) =>
      promptOf(runTask(task, record("q", "r"), { unit: `${unit}`, seed }))
    const prompts = Array.from({ length: 60 }, (_, i) => promptAt(i, 42))
    assert.isAbove(new Set(prompts).size, 20)
    assert.strictEqual(promptAt(5, 42), prompts[5])
    assert.notDeepEqual(
      Array.from({ length: 60 }, (_, i) => promptAt(i, 43)),
      prompts,
    )
  })

  it("C-5: arbitrary texts never throw", () => {
    const text = fc.string({ unit: "binary" })
    const run = openTask(task)
    fc.assert(
      fc.property(text, text, (instruction, response) => {
        assert.strictEqual(skipOf(run(record(instruction, response))), undefined)
        assert.strictEqual(skipOf(run(record(instruction, `${response}airoboros`))), "selfReference")
      }),
    )
  })

  it.skipIf(!existsSync(shared("raw/airoboros")))("makes episodes of the 5,000 sample lines", () => {
    const text = readFileSync(shared("raw/airoboros/instructions.jsonl"), "utf8")
    const { bad, records } = readSlice(Airoboros, linesInput("instructions.jsonl", text))
    assert.deepStrictEqual([bad.length, records.length], [0, 5000])
    const run = openTask(task)
    assert.isAbove(
      records.filter(({ record: one }) => {
        const made = run(one)
        return skipOf(made) === undefined && typeof shapedOf(made) !== "string"
      }).length,
      4900,
    )
  })
})

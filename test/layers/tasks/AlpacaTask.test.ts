import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { AlpacaTask as task } from "../../../src/layers/tasks/AlpacaTask.ts"
import { openTask, promptOf, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const record = { instruction: "Add.", input: "1 and 2", output: "3" }

describe("AlpacaTask", () => {
  it("the input follows the instruction on a new line", () => {
    assert.deepStrictEqual(textsOf(runTask(task, record)), [
      ["u", "Add.\n1 and 2"],
      ["m", "3"],
    ])
    assert.strictEqual(runTask(task, record, { unit: "f.json-9" }).id, "alpaca-f.json-9")
  })

  it("an input that is empty, says there is none, or is in the instruction already, adds nothing", () => {
    const marks = ["<noinput>", "No input", "noinput.", "< noinput >", "`<noinput>`", "\\<noinput\\>", '"<no input>"']
    const said = ["[No Input]", "no-input", "No input required.", "No input needed", "No inputs"]
    for (const input of ["", null, undefined, ...marks, ...said]) {
      const expected = input === "No inputs" ? "Add.\nNo inputs" : "Add."
      assert.deepStrictEqual(textsOf(runTask(task, { ...record, input }))[0], ["u", expected], String(input))
    }
    const text = "Summarise: the cat sat on the mat."
    assert.deepStrictEqual(
      textsOf(runTask(task, { instruction: text, input: "the cat sat on the mat.", output: "x" }))[0],
      ["u", text],
    )
    assert.deepStrictEqual(textsOf(runTask(task, { instruction: "Is this a vowel?", input: "a", output: "x" }))[0], [
      "u",
      "Is this a vowel?\na",
    ])
  })

  it("takes response for output, scalars for text, and configured fields", () => {
    assert.deepStrictEqual(textsOf(runTask(task, { instruction: "Add.", response: 3 }))[1], ["m", "3"])
    const options = { fields: { instruction: "q.text", output: "a", id: "n" } }
    const made = runTask(task, { q: { text: "Add." }, a: true, n: 5 }, { options })
    assert.deepStrictEqual([textsOf(made)[1], made.id], [["m", "true"], "alpaca-5"])
  })

  it("the instruction can be the system text above the input", () => {
    const options = { input: "system" }
    assert.deepStrictEqual(textsOf(runTask(task, record, { options })), [
      ["s", "Add."],
      ["u", "1 and 2"],
      ["m", "3"],
    ])
    const alone = runTask(task, { ...record, input: "" }, { options })
    assert.deepStrictEqual([textsOf(alone)[0], typeof promptOf(alone)], [["u", "Add."], "string"])
    const custom = runTask(task, record, { options, customPrompts: ["Mine"] })
    assert.deepStrictEqual([textsOf(custom)[0]?.[1], promptOf(custom)], ["Add.\n1 and 2", "Mine"])
  })

  it("a system column is kept, replaced or dropped; without one the pool gives a prompt", () => {
    const own = { ...record, system: "S" }
    assert.deepStrictEqual(textsOf(runTask(task, own))[0], ["s", "S"])
    assert.isString(promptOf(runTask(task, own, { options: { system: "replace" } })))
    const dropped = runTask(task, own, { options: { system: "drop" } })
    assert.deepStrictEqual([textsOf(dropped).length, promptOf(dropped)], [2, undefined])
    assert.deepStrictEqual(textsOf(runTask(task, { ...record, p: "S" }, { options: { fields: { system: "p" } } }))[0], [
      "s",
      "S",
    ])
    assert.isString(promptOf(runTask(task, { ...record, system: " " })))
    assert.isUndefined(promptOf(runTask(task, record, { options: { prompt: "none" } })))
    const pools = new Set(["chat", "assistant"].map((pool) => promptOf(runTask(task, record, { options: { pool } }))))
    assert.strictEqual(pools.size, 2)
  })

  it("C-12: custom prompts replace the system column", () => {
    const made = runTask(task, { ...record, system: "S" }, { customPrompts: ["Mine"] })
    assert.deepStrictEqual([textsOf(made).length, promptOf(made)], [2, "Mine"])
  })

  it("earlier exchanges stand before the instruction", () => {
    const history = [
      ["a", "b"],
      ["c", "d"],
    ]
    const expected = [
      ["u", "a"],
      ["m", "b"],
      ["u", "c"],
      ["m", "d"],
      ["u", "Add.\n1 and 2"],
      ["m", "3"],
    ]
    assert.deepStrictEqual(textsOf(runTask(task, { ...record, history })) as unknown, expected)
    assert.deepStrictEqual(textsOf(runTask(task, { ...record, history: JSON.stringify(history) })) as unknown, expected)
    for (const empty of [[], null, ""])
      assert.strictEqual(textsOf(runTask(task, { ...record, history: empty })).length, 2)
    for (const bad of [[["a"]], "x", [{}], [["a", {}]]]) {
      assert.strictEqual(skipOf(runTask(task, { ...record, history: bad })), "MalformedRecord", JSON.stringify(bad))
    }
  })

  it("C-5: what cannot be used is left out with a reason", () => {
    assert.strictEqual(skipOf(runTask(task, { ...record, output: "" })), "emptyOutput")
    assert.strictEqual(skipOf(runTask(task, { ...record, output: "\u200b " })), "emptyOutput")
    assert.strictEqual(skipOf(runTask(task, { output: "x" })), "emptyInstruction")
    for (const value of [
      null,
      "x",
      [],
      { ...record, output: ["x"] },
      { ...record, instruction: {} },
      { ...record, system: [] },
    ]) {
      assert.strictEqual(skipOf(runTask(task, value)), "MalformedRecord", JSON.stringify(value))
    }
  })

  it("C-5: an output that only marks that there is none counts as empty; one that speaks of it does not", () => {
    for (const output of ["<nooutput>", "<noinput>", "< no output >", "No Output", "`<nooutput>`", "[No output.]"])
      assert.strictEqual(skipOf(runTask(task, { ...record, output })), "emptyOutput", output)
    for (const output of ["No", "Output", "There is no output.", "No output is printed", "<output>", "<nooutput> 3"])
      assert.deepStrictEqual(textsOf(runTask(task, { ...record, output }))[1], ["m", output])
  })

  it("U-10: a mark that never ends is read in linear time", () => {
    for (const output of ["<".repeat(500_000), `no output${">".repeat(500_000)}x`, `${" <".repeat(250_000)}no`]) {
      const before = performance.now()
      assert.isUndefined(skipOf(runTask(task, { ...record, output })))
      assert.isBelow(performance.now() - before, 2000)
    }
  })

  it("C-5: arbitrary JSON never throws", () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const any = fc.oneof(
      value,
      fc.record(
        { instruction: value, input: value, output: value, history: value, system: value },
        { requiredKeys: [] },
      ),
    )
    const run = openTask(task)
    fc.assert(
      fc.property(any, (json) => {
        const { result } = run(json)
        assert.isTrue("turns" in result || "skip" in result)
      }),
    )
  })

  const root = shared("data")
  it.skipIf(!existsSync(root))("reads real files: nearly every record makes an episode", () => {
    const used = (file: string) => {
      const records = JSON.parse(readFileSync(`${root}/${file}`, "utf8")) as Array<unknown>
      const run = openTask(task)
      const made = records.map(run)
      for (const one of made)
        if (skipOf(one) !== undefined) assert.include(["emptyOutput", "emptyInstruction"], skipOf(one))
      return [
        records.length,
        made.filter((one) => skipOf(one) === undefined && typeof shapedOf(one) !== "string").length,
      ]
    }
    for (const file of [
      "alpaca/alpaca_5000.json",
      "codealpaca/code_alpaca_2k.json",
      "gpteacher/roleplay-simple-deduped-roleplay-instruct.json",
      "gpteacher/toolformer-dedupe-only-dataset.json",
      "llama-factory-demos/alpaca_en_demo.json",
      "llama-factory-demos/alpaca_zh_demo.json",
      "llama-factory-demos/identity.json",
      "alpaca-cot/qasc_train.json",
    ]) {
      const [all, good] = used(file) as [number, number]
      assert.isAbove(good, all * 0.98, file)
    }
  })
})

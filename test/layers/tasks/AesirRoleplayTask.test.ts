import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { Aesir, type AesirRecord } from "../../../src/layers/datasets/Aesir.ts"
import { AesirRoleplayTask as task } from "../../../src/layers/tasks/AesirRoleplayTask.ts"
import { openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { shared } from "../../support/shared.ts"

type From = AesirRecord["conversations"][number]["from"]

const chat = (...turns: ReadonlyArray<readonly [From, string]>): AesirRecord => ({
  conversations: turns.map(([from, value]) => ({ from, value })),
})
const said = (text: string, run = {}) =>
  textsOf(runTask(task, chat(["system", "s"], ["human", text], ["gpt", "ok"]), run))[1]?.[1]

describe("AesirRoleplayTask", () => {
  it("the identifier is the position of the conversation", () => {
    assert.strictEqual(runTask(task, chat(["system", "s"]), { unit: "7" }).id, "aesir-7")
  })

  it("keeps the conversation's own system message and maps the roles", () => {
    const made = runTask(
      task,
      chat(["system", " Play Mira. "], ["human", "Good evening."], ["gpt", "Mind the stairs."]),
    )
    assert.deepStrictEqual(textsOf(made), [
      ["s", "Play Mira."],
      ["u", "Good evening."],
      ["m", "Mind the stairs."],
    ])
    assert.strictEqual(promptOf(made), undefined)
  })

  it("leaves out conversations of fewer than three messages", () => {
    assert.strictEqual(skipOf(runTask(task, chat(["system", "s"], ["human", "a"]))), "tooFewMessages")
    assert.strictEqual(skipOf(runTask(task, chat(["human", "a"], ["gpt", "b"], ["human", "c"]))), undefined)
  })

  it("T-12: only the whole word Anon becomes {{user}}", () => {
    assert.strictEqual(said("Anon met Anonymous"), "{{user}} met Anonymous")
    assert.strictEqual(
      said("(Anon) Anon's Anon_1 éAnon anon Anon, Anon"),
      "({{user}}) {{user}}'s Anon_1 éAnon anon {{user}}, {{user}}",
    )
    const system = runTask(task, chat(["system", "Greet Anon."], ["human", "a"], ["gpt", "b"]))
    assert.deepStrictEqual(textsOf(system)[0], ["s", "Greet {{user}}."])
  })

  it("T-12: a conversation without a system message, or with a blank one, gets a prompt of the pool", () => {
    for (const record of [
      chat(["human", "a"], ["gpt", "b"], ["human", "c"]),
      chat(["system", " \n"], ["human", "a"], ["gpt", "b"]),
    ]) {
      const made = runTask(task, record)
      assert.match(promptOf(made) ?? "", /role|scene|story|character|chat/i)
      const episode = shapedOf(made)
      if (typeof episode === "string") throw new Error(episode)
      assert.deepStrictEqual(
        episode.turns.map(({ kind }) => kind),
        ["system", "user", "model"],
      )
    }
  })

  it("C-12: a custom prompt takes the place of the system message", () => {
    const made = runTask(task, chat(["system", "own"], ["human", "a"], ["gpt", "b"]), {
      customPrompts: ["Play. {{response_length_str}}"],
    })
    assert.strictEqual(promptOf(made), "Play. {{response_length_str}}")
    assert.deepStrictEqual(textsOf(made), [
      ["u", "a"],
      ["m", "b"],
    ])
  })

  it("T-24: {{user}} stays, or becomes User everywhere", () => {
    assert.strictEqual(said("I am {{user}}"), "I am {{user}}")
    assert.strictEqual(said("I am {{user}}, or Anon", { names: "replace" }), "I am User, or User")
    const record = chat(["human", "a"], ["gpt", "b"], ["human", "c"])
    const customPrompts = ["Chat with {{user}}."]
    assert.strictEqual(promptOf(runTask(task, record, { customPrompts })), "Chat with {{user}}.")
    assert.strictEqual(promptOf(runTask(task, record, { customPrompts, names: "replace" })), "Chat with User.")
  })

  it("texts are cleaned, and turns bear no made-up name", () => {
    const made = runTask(task, chat(["system", "it’s"], ["human", " wait....what "], ["gpt", "b"]))
    assert.deepStrictEqual("turns" in made.result && made.result.turns, [
      { kind: "system", text: "it's" },
      { kind: "user", text: "wait... what" },
      { kind: "model", text: "b" },
    ])
  })

  it("C-5: arbitrary texts never throw", () => {
    const turn = fc.tuple(fc.constantFrom<From>("system", "human", "gpt"), fc.string({ unit: "binary" }))
    const run = openTask(task)
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
        const { result } = run(chat(...turns))
        assert.strictEqual("skip" in result, turns.length < 3)
      }),
    )
  })

  it.skipIf(!existsSync(shared("raw/aesir")))("makes an episode of each of the 500 sample conversations", () => {
    const text = readFileSync(shared("raw/aesir/aesir-rpg-charcards.json"), "utf8")
    const { bad, records } = readSlice(Aesir, elementsInput("aesir.json", JSON.parse(text) as ReadonlyArray<unknown>))
    assert.strictEqual(bad.length, 0)
    const run = openTask(task)
    const made = records.map(({ record }) => run(record))
    assert.strictEqual(made.filter((one) => skipOf(one) === undefined).length, 500)
    assert.isFalse(made.some((one) => textsOf(one).some(([, turn]) => /\bAnon\b/.test(turn))))
    assert.isAbove(made.filter((one) => typeof shapedOf(one) !== "string").length, 480)
  })
})

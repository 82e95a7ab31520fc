import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { AiTown, type AiTownRecord } from "../../../src/layers/datasets/AiTown.ts"
import { AiTownRoleplayTask as task } from "../../../src/layers/tasks/AiTownRoleplayTask.ts"
import { openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { linesInput } from "../../support/inputs.ts"
import { shared } from "../../support/shared.ts"

type Sender = AiTownRecord[number]["sender"]

const chat = (...turns: ReadonlyArray<readonly [Sender, string]>): AiTownRecord =>
  turns.map(([sender, message]) => ({ sender, message }))

/** Names of the two turns after the system message. */
const namesFor = (system: string) => {
  const { result } = runTask(task, chat(["system", system], ["user", "a"], ["assistant", "b"]))
  if (!("turns" in result)) throw new Error(JSON.stringify(result))
  return { user: result.turns[1]?.name, model: result.turns[2]?.name }
}

describe("AiTownRoleplayTask", () => {
  it("the identifier is the number of the line", () => {
    assert.strictEqual(runTask(task, chat(["system", "s"]), { unit: "3" }).id, "aitown-3")
  })

  it("T-6: the model is the one that the prompt calls you, the user the other", () => {
    assert.deepStrictEqual(namesFor("You are Lucky, and you are in a conversation with Bob."), {
      user: "Bob",
      model: "Lucky",
    })
    for (const start of ["You're Iris", "You’re Iris", "You are  Iris "]) {
      assert.deepStrictEqual(namesFor(`${start}, and you're currently in a conversation with Tom.\nYou like maps.`), {
        user: "Tom",
        model: "Iris",
      })
    }
  })

  it("T-6: an unknown sentence leaves the names unknown and keeps the conversation", () => {
    for (const system of [
      "Talk to the people.",
      "You are Iris.",
      "You are Iris, alone.",
      "In a conversation with Tom.",
      "You are Iris,\nin a conversation with Tom.",
    ]) {
      assert.deepStrictEqual(namesFor(system), { user: undefined, model: undefined }, system)
    }
  })

  it("leaves out conversations of fewer than three messages", () => {
    assert.strictEqual(skipOf(runTask(task, chat(["system", "s"], ["user", "a"]))), "tooFewMessages")
    assert.strictEqual(skipOf(runTask(task, [])), "tooFewMessages")
  })

  it("the indentation of continuation lines goes, exactly six blanks of it", () => {
    const made = runTask(
      task,
      chat(["system", " a\n      b\n       c\n    d "], ["user", "e\n      f"], ["assistant", "g"]),
    )
    assert.deepStrictEqual(textsOf(made), [
      ["s", "a\nb\n c\n    d"],
      ["u", "e\nf"],
      ["m", "g"],
    ])
  })

  it("C-12: a custom prompt takes the place of the system message and knows the names", () => {
    const record = chat(["system", "You are Iris, in a conversation with Tom."], ["user", "a"], ["assistant", "b"])
    const made = runTask(task, record, { customPrompts: ["{{char}} meets {{user}}. {{response_style_str}}"] })
    assert.strictEqual(promptOf(made), "Iris meets Tom. {{response_style_str}}")
    assert.deepStrictEqual(textsOf(made), [
      ["u", "a"],
      ["m", "b"],
    ])
    const nameless = chat(["system", "x"], ["user", "a"], ["assistant", "b"])
    assert.strictEqual(promptOf(runTask(task, nameless, { customPrompts: ["{{char}}!"] })), "{{char}}!")
  })

  it("C-4: a conversation that lacks its system message, or whose system message is blank, gets a prompt of the pool", () => {
    for (const record of [
      chat(["user", "a"], ["assistant", "b"], ["user", "c"], ["assistant", "d"]),
      chat(["system", " "], ["user", "a"], ["assistant", "b"], ["user", "c"], ["assistant", "d"]),
    ]) {
      const made = runTask(task, record)
      assert.isAbove(promptOf(made)?.length ?? 0, 10)
      const episode = shapedOf(made)
      if (typeof episode === "string") throw new Error(episode)
      assert.deepStrictEqual(
        episode.turns.map(({ kind }) => kind),
        ["system", "user", "model", "user", "model"],
      )
    }
  })

  it("T-24: placeholders in turns stay, or are replaced by the names", () => {
    const record = chat(
      ["system", "You are Iris, in a conversation with T$&m."],
      ["user", "Hi {{char}}"],
      ["assistant", "Hi {{user}}"],
    )
    assert.deepStrictEqual(
      textsOf(runTask(task, record))
        .slice(1)
        .map(([, text]) => text),
      ["Hi {{char}}", "Hi {{user}}"],
    )
    assert.deepStrictEqual(
      textsOf(runTask(task, record, { names: "replace" }))
        .slice(1)
        .map(([, text]) => text),
      ["Hi Iris", "Hi T$&m"],
    )
  })

  it("C-5: arbitrary texts never throw", () => {
    const turn = fc.tuple(fc.constantFrom<Sender>("system", "user", "assistant"), fc.string({ unit: "binary" }))
    const run = openTask(task)
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
        const { result } = run(chat(...turns))
        assert.strictEqual("skip" in result, turns.length < 3)
      }),
    )
  })

  it("U-10: a megabyte of hostile system text takes no longer than its length", () => {
    for (const unit of ["You are ", "conversation with ", "\n      ", ","]) {
      const from = performance.now()
      namesFor(`You are ${unit.repeat(2 ** 20 / unit.length)}`)
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  }, 30_000)

  it.skipIf(!existsSync(shared("raw/ai_town")))(
    "knows both names in nearly all of the 500 sample conversations",
    () => {
      const text = readFileSync(shared("raw/ai_town/conversations.jsonl"), "utf8")
      const { bad, records } = readSlice(AiTown, linesInput("conversations.jsonl", text))
      assert.deepStrictEqual([bad.length, records.length], [0, 500])
      const run = openTask(task)
      const made = records.map(({ record }) => run(record)).filter((one) => skipOf(one) === undefined)
      const episodes = made.map((one) => shapedOf(one)).filter((one) => typeof one !== "string")
      assert.isAbove(episodes.length, 480)
      const named = episodes.filter(({ turns }) => turns.slice(1).every(({ name }) => name !== undefined))
      assert.isAbove(named.length, episodes.length * 0.9)
      assert.isFalse(episodes.some(({ turns }) => turns.some(({ text: turn }) => turn.includes("\n      "))))
    },
  )
})

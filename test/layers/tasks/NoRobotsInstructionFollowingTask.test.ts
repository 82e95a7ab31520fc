import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { enumerateTemplate } from "../../../src/domain/prompts/Template.ts"
import { loadPool } from "../../../src/domain/prompts/Pool.ts"
import type { NoRobotsRecord } from "../../../src/layers/datasets/NoRobots.ts"
import { NoRobotsInstructionFollowingTask as task } from "../../../src/layers/tasks/NoRobotsInstructionFollowingTask.ts"
import { openTask, promptOf, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"

type Role = NoRobotsRecord["messages"][number]["role"]

const record = (
  turns: ReadonlyArray<readonly [Role, string]>,
  { category = "Chat", prompt_id = "p1" }: { category?: string; prompt_id?: string } = {},
): NoRobotsRecord => ({ prompt_id, category, messages: turns.map(([role, content]) => ({ role, content })) })

const plain = [
  ["user", "Ideas for a picnic?"],
  ["assistant", "Bring a kite."],
] as const

describe("NoRobotsInstructionFollowingTask", () => {
  it("the identifier is the record's own, on one line", () => {
    assert.strictEqual(runTask(task, record(plain)).id, "norobots-p1")
    assert.strictEqual(runTask(task, record(plain, { prompt_id: "a\nb" })).id, "norobots-a b")
  })

  it("the record's own system message stays", () => {
    const made = runTask(task, record([["system", "Be terse."], ...plain], { category: "Brainstorm" }))
    assert.strictEqual(promptOf(made), undefined)
    assert.deepStrictEqual(textsOf(made), [
      ["s", "Be terse."],
      ["u", "Ideas for a picnic?"],
      ["m", "Bring a kite."],
    ])
  })

  it("the categories Brainstorm and Open QA have prompts of their own, all others the general ones", () => {
    for (const [category, pool] of [
      ["Brainstorm", "no_robots_brainstorm"],
      ["Open QA", "no_robots_open_qa"],
      ["Chat", "assistant"],
      ["brainstorm", "assistant"],
    ] as const) {
      const offered = new Set(loadPool(pool).flatMap((template) => enumerateTemplate(template, 50_000)))
      const run = openTask(task)
      const prompts = Array.from({ length: 40 }, (_, i) =>
        promptOf(run(record(plain, { category, prompt_id: `${i}` }))),
      )
      for (const prompt of prompts) assert.isTrue(offered.has(prompt as string), `${category}: ${prompt}`)
      assert.isAbove(new Set(prompts).size, 10)
    }
  })

  it("T-23, C-12: a custom prompt takes the place of the record's own system message", () => {
    const made = runTask(task, record([["system", "Be terse."], ...plain]), { customPrompts: ["Help."] })
    assert.strictEqual(promptOf(made), "Help.")
    assert.deepStrictEqual(
      textsOf(made).map(([kind]) => kind),
      ["u", "m"],
    )
  })

  it("T-23: a pool is parsed once, however many records use it", () => {
    assert.strictEqual(loadPool("assistant"), loadPool("assistant"))
    assert.notStrictEqual(loadPool("assistant"), loadPool("chat"))
  })

  it("a blank system message is none", () => {
    const made = runTask(task, record([["system", " "], ...plain]))
    assert.isAbove(promptOf(made)?.length ?? 0, 5)
    assert.deepStrictEqual(
      textsOf(made).map(([kind]) => kind),
      ["u", "m"],
    )
  })

  it("C-24: neighbours of one speaker become one turn", () => {
    const episode = shapedOf(
      runTask(
        task,
        record([
          ["user", "a"],
          ["user", "b"],
          ["assistant", "c"],
          ["assistant", "d"],
        ]),
      ),
    )
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.slice(1).map(({ text }) => text),
      ["a\nb", "c\nd"],
    )
  })

  it("C-4: a record without a question is no valid episode, but no error", () => {
    assert.strictEqual(shapedOf(runTask(task, record([["assistant", "a"]]))), "noUserTurn")
    assert.strictEqual(shapedOf(runTask(task, record([["user", "a"]]))), "noModelTurn")
    assert.strictEqual(shapedOf(runTask(task, record([]))), "noModelTurn")
  })

  it("C-5: arbitrary texts never throw", () => {
    const turn = fc.tuple(fc.constantFrom<Role>("system", "user", "assistant"), fc.string({ unit: "binary" }))
    const run = openTask(task)
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 5 }), fc.string({ unit: "binary" }), (turns, text) => {
        const made = run(record(turns, { category: text, prompt_id: text }))
        assert.strictEqual(skipOf(made), undefined)
      }),
    )
  })
})

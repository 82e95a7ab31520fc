import { assert, describe, it } from "@effect/vitest"
import type { RpForumsRecord } from "../../../src/layers/datasets/RpForums.ts"
import { RpForumsRoleplayTask as task } from "../../../src/layers/tasks/RpForumsRoleplayTask.ts"
import { runTask, shapedOf, skipOf, textsOf } from "../harness.ts"

/** A thread of two writers who take turns. */
const thread = (...posts: ReadonlyArray<string>): RpForumsRecord => ({
  fileName: "a.rp.csv",
  number: 0,
  title: "The Lost Map",
  messages: posts.map((message, i) => ({ author: i % 2 === 0 ? "owl" : "fen", message })),
})

describe("RpForumsRoleplayTask, unusable posts", () => {
  it("T-22: posts without a text of their own are no turns, and are told", () => {
    for (const post of ["", "x", "(back in a minute)", "((ooc: brb))", "<img src='http://a.b/c.png'>"]) {
      const made = runTask(task, thread("One.", "Two.", "Three.", post, "Five.", "Six."))
      assert.deepStrictEqual(made.cuts, [{ reason: "unusablePost", turns: 1 }], post)
      assert.deepStrictEqual(
        textsOf(made).map(([, text]) => text),
        ["One.", "Two.", "Three.\nFive.", "Six."],
        post,
      )
    }
  })

  it("T-22: what the first writer says around an unusable post becomes one turn", () => {
    const episode = shapedOf(runTask(task, thread("One.", "Two.", "Three.", "-", "Five.", "Six.")))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.slice(1).map(({ kind, text }) => [kind, text]),
      [
        ["user", "One."],
        ["model", "Two."],
        ["user", "Three.\nFive."],
        ["model", "Six."],
      ],
    )
  })

  it("T-22: a thread of which half the posts are unusable is left out", () => {
    assert.strictEqual(skipOf(runTask(task, thread("One.", "-", "Three.", "-"))), "mostPostsUnusable")
    assert.strictEqual(skipOf(runTask(task, thread("One.", "Two.", "Three.", "-"))), undefined)
  })

  it("T-22: at three unusable posts in a row a thread is cut, and its longest stretch is kept", () => {
    const made = runTask(task, thread("One.", "Two.", "-", "-", "-", "Six.", "Seven.", "Eight.", "Nine.", "Ten."))
    assert.deepStrictEqual(
      textsOf(made).map(([, text]) => text),
      ["Six.", "Seven.", "Eight.", "Nine.", "Ten."],
    )
    assert.deepStrictEqual(made.cuts, [
      { reason: "unusablePost", turns: 3 },
      { reason: "longGap", turns: 2 },
    ])
    const short = runTask(task, thread("One.", "Two.", "-", "-", "Five.", "Six."))
    assert.deepStrictEqual(short.cuts, [{ reason: "unusablePost", turns: 2 }])
  })

  it("the name of a writer who is addressed leaves no two marks behind", () => {
    const made = runTask(task, thread("It is drawn, @fen. Heave!", "Aye."))
    assert.deepStrictEqual(textsOf(made)[0], ["u", "It is drawn. Heave!"])
  })
})

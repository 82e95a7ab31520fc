import { assert, describe, it } from "@effect/vitest"
import type { Episode } from "../../../src/domain/Conversation.ts"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { AppleFilter } from "../../../src/layers/filters/AppleFilter.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => AppleFilter.judge!(decodeOptions(AppleFilter.options, options))

const chat = (reply: string, question = "What is it?", instruction = "Play."): Episode => ({
  id: "x",
  turns: [system(instruction), user(question), model(reply)],
})

describe("AppleFilter", () => {
  it("drops an episode whose turn contains apple, and tells turn and text", () => {
    assert.deepStrictEqual(open()(chat("It is an apple, I think.")), {
      reason: "contains",
      detail: { phrase: "apple", turn: 3, text: "It is an apple, I think." },
    })
    assert.deepStrictEqual(open()(chat("Yes.", "Is it an apple?")), {
      reason: "contains",
      detail: { phrase: "apple", turn: 2, text: "Is it an apple?" },
    })
  })

  it("5.1: pineapple hits, Apple does not", () => {
    assert.isDefined(open()(chat("A pineapple.")))
    assert.isUndefined(open()(chat("An Apple.")))
    assert.isUndefined(open()(chat("A pear.")))
  })

  it("F-11: words, roles, letter case and word boundaries are options", () => {
    assert.isUndefined(open({ wholeWords: true })(chat("A pineapple.")))
    assert.isDefined(open({ wholeWords: true })(chat("One apple.")))
    assert.isDefined(open({ caseSensitive: false })(chat("An Apple.")))
    assert.isUndefined(open({ words: ["pear"] })(chat("An apple.")))
    assert.deepStrictEqual(open({ words: ["plum", "pear tree"], roles: ["user"] })(chat("plum", "My pear \n tree")), {
      reason: "contains",
      detail: { phrase: "pear tree", turn: 2, text: "My pear tree" },
    })
    assert.isUndefined(open({ roles: ["user"] })(chat("An apple.")))
  })

  it("F-11: the prompt is read only if the options say so, also one drawn from a pool", () => {
    assert.isUndefined(open()(chat("Yes.", "Well?", "You sell apples.")))
    assert.deepStrictEqual(open({ roles: ["system"] })(chat("An apple.", "Well?", "You sell apples.")), {
      reason: "contains",
      detail: { phrase: "apple", turn: 1, text: "You sell apples." },
    })
    const drawn: Episode = {
      id: "x",
      turns: [system(""), user("Well?"), model("Yes.")],
      prompt: ["You sell ", { hint: "response_style_str" }, "apples."],
    }
    assert.isUndefined(open()(drawn))
    assert.deepStrictEqual(open({ roles: ["system"] })(drawn), {
      reason: "contains",
      detail: { phrase: "apple", turn: 1, text: "You sell apples." },
    })
  })

  it("evidence shows the hit and what stands around it, in one line, cut at blanks", () => {
    const text = `${"x".repeat(100)} 12345\n\n7890 apple ${"y".repeat(100)}`
    assert.deepInclude(open()(chat(text))?.detail as object, { text: "…12345 7890 apple…" })
  })
})

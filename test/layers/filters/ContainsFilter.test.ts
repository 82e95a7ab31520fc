import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { ContainsFilter } from "../../../src/layers/filters/ContainsFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(ContainsFilter.options, options)
const open = (options: object = {}) => ContainsFilter.judge!(decode(options))

const chat = (reply: string, question = "What is it?", instruction = "Play."): Episode => ({
  id: "x",
  turns: [system(instruction), user(question), model(reply)],
})

describe("ContainsFilter", () => {
  it("drops an episode that contains a phrase, and tells phrase, turn and text", () => {
    assert.deepStrictEqual(open({ phrases: ["pear  tree", "plum"] })(chat("Under the Pear\ntree, I think.")), {
      reason: "contains",
      detail: { phrase: "pear  tree", turn: 3, text: "Under the Pear tree, I think.", hits: 1 },
    })
    assert.isUndefined(open({ phrases: ["plum"] })(chat("A pear. Plumage.")))
  })

  it("drops the others when told so", () => {
    const judge = open({ phrases: ["plum"], drop: "without" })
    assert.isUndefined(judge(chat("A plum.")))
    assert.deepStrictEqual(judge(chat("A pear.")), { reason: "containsNot", detail: { hits: 0, threshold: 1 } })
    assert.deepStrictEqual(open({ phrases: ["plum"], drop: "without", minHits: 2 })(chat("A plum.")), {
      reason: "containsNot",
      detail: { hits: 1, threshold: 2 },
    })
  })

  it("F-11: the prompt is searched only if asked", () => {
    assert.isUndefined(open({ phrases: ["plum"] })(chat("A pear.", "What?", "Talk of a plum.")))
    assert.isDefined(open({ phrases: ["plum"], roles: ["system"] })(chat("A pear.", "What?", "Talk of a plum.")))
  })

  it("letter case, word boundaries and the number of hits are options", () => {
    assert.isUndefined(open({ phrases: ["plum"], caseSensitive: true })(chat("A Plum.")))
    assert.isDefined(open({ phrases: ["plum"], wholeWords: false })(chat("Plumage.")))
    assert.isUndefined(open({ phrases: ["plum"], minHits: 3 })(chat("A plum.", "Plum?")))
    assert.deepInclude(open({ phrases: ["plum"], minHits: 2 })(chat("A plum.", "Plum?"))?.detail as object, {
      hits: 2,
      turn: 2,
    })
    assert.isUndefined(open({ phrases: ["a b", "b a"], minHits: 2 })(chat("a b a")))
  })

  it("a pattern is looked for as well, once a turn", () => {
    assert.deepStrictEqual(open({ pattern: "\\bpl[uo]ms?\\b" })(chat("Ripe PLUMS, plums!")), {
      reason: "contains",
      detail: { phrase: "\\bpl[uo]ms?\\b", turn: 3, text: "Ripe PLUMS, plums!", hits: 1 },
    })
    assert.isUndefined(open({ pattern: "plum", caseSensitive: true })(chat("PLUM")))
    assert.isDefined(open({ pattern: "^plum$" })(chat("a\nplum\nb")))
    assert.isDefined(open({ pattern: "plum", phrases: ["pear"], minHits: 2 })(chat("A plum.", "A pear?")))
    assert.isUndefined(open({ pattern: "plum", drop: "without" })(chat("A plum.")))
    const hostile = open({ pattern: "^(a+)+$" })
    assert.isUndefined(hostile(chat(`${"a".repeat(100_000)}!`)))
  })

  it("check tells what is wrong with a pattern", () => {
    assert.match(ContainsFilter.check!(decode({ pattern: "a(b" }))[0] as string, /^pattern: /)
    assert.match(ContainsFilter.check!(decode({ pattern: "(?=a)" }))[0] as string, /^pattern: /)
    assert.deepStrictEqual(ContainsFilter.check!(decode({ pattern: "a+", drop: "without" })), [])
  })

  it("nothing is contained where nothing is looked for", () => {
    assert.isUndefined(open()(chat("Anything.")))
    assert.deepStrictEqual(ContainsFilter.check!(decode({})), [])
    assert.deepStrictEqual(ContainsFilter.check!(decode({ drop: "without" })), [
      "phrases: none is given, nor a pattern, so that every episode would be dropped",
    ])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { LengthFilter } from "../../../src/layers/filters/LengthFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(LengthFilter.options, options)
const open = (options: object = {}) => LengthFilter.judge!(decode(options))

const chat = (...replies: ReadonlyArray<string>): Episode => ({
  id: "x",
  turns: [
    system("A prompt of many words that are not counted."),
    ...replies.flatMap((reply) => [user("Why?"), model(reply)]),
  ],
})

const words = (count: number): string => Array.from({ length: count }, (_, i) => `w${i}`).join(" ")

describe("LengthFilter", () => {
  it("drops episodes whose replies have too few words in all; one word may be an answer", () => {
    assert.isUndefined(open()(chat("Seven.")))
    assert.deepStrictEqual(open({ minTotal: 10 })(chat(words(4), words(5))), {
      reason: "tooShort",
      detail: { of: "total", score: 9, threshold: 10, unit: "words" },
    })
    assert.isUndefined(open({ minTotal: 10 })(chat(words(5), words(5))))
    assert.isUndefined(open()(chat("★★★☆☆")))
    assert.deepInclude(open({ minTotal: 1 })(chat("..."))?.detail as object, { score: 0, threshold: 1 })
  })

  it("drops episodes that are too long", () => {
    assert.deepStrictEqual(open({ maxTotal: 20 })(chat(words(11), words(10))), {
      reason: "tooLong",
      detail: { of: "total", score: 21, threshold: 20, unit: "words" },
    })
    assert.isUndefined(open({ maxTotal: 21 })(chat(words(11), words(10))))
    assert.isDefined(open()(chat("a ".repeat(100_001))))
  })

  it("5.9: the middle one of the lengths can be limited, so that one long reply does not speak for many short ones", () => {
    const judge = open({ minMedian: 8, maxMedian: 48 })
    assert.deepInclude(judge(chat(words(2), words(90), words(3)))?.detail as object, { of: "median", score: 3 })
    assert.isUndefined(judge(chat(words(7), words(9))))
    assert.deepInclude(judge(chat(words(48), words(49)))?.detail as object, { score: 48.5, threshold: 48 })
  })

  it("each turn can be limited; the first that is out tells its turn and how it begins", () => {
    assert.deepStrictEqual(open({ minTurn: 3 })(chat(words(20), "Well, yes.", "No.")), {
      reason: "tooShort",
      detail: { of: "turn", score: 2, threshold: 3, unit: "words", turn: 5, text: "Well, yes." },
    })
    assert.deepInclude(open({ maxTurn: 19 })(chat(words(20)))!, { reason: "tooLong" })
  })

  it("characters and other roles can be counted", () => {
    assert.isUndefined(open({ unit: "characters", minTotal: 10 })(chat("0123456789")))
    assert.isDefined(open({ unit: "characters", minTotal: 11 })(chat("0123456789")))
    assert.deepInclude(open({ minTotal: 2, roles: ["user"] })(chat(words(50)))?.detail as object, { score: 1 })
  })

  it("an episode without a turn of the roles is left to other filters", () => {
    assert.isUndefined(open()({ id: "x", turns: [user("Hello?")] }))
  })

  it("check names limits that keep nothing", () => {
    assert.deepStrictEqual(LengthFilter.check!(decode({})), [])
    assert.deepStrictEqual(LengthFilter.check!(decode({ minTotal: 30, maxTotal: 20, minTurn: 5, maxTurn: 5 })), [
      "minTotal: 30 is more than maxTotal, which is 20: nothing would be kept",
    ])
  })
})

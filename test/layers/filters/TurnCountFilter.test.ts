import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { TurnCountFilter } from "../../../src/layers/filters/TurnCountFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(TurnCountFilter.options, options)
const open = (options: object = {}) => TurnCountFilter.judge!(decode(options))

/** `m` and `u` for the turns of model and user. */
const chat = (turns: string): Episode => ({
  id: "x",
  turns: [system("Play."), ...[...turns].map((kind, i) => (kind === "m" ? model(`a${i}`) : user(`q${i}`)))],
})

describe("TurnCountFilter", () => {
  it("drops less than a question and its answer", () => {
    assert.deepStrictEqual(open()(chat("m")), {
      reason: "tooFewTurns",
      detail: { of: "turns", score: 1, threshold: 2 },
    })
    assert.deepStrictEqual(open()(chat("uu")), {
      reason: "tooFewTurns",
      detail: { of: "replies", score: 0, threshold: 1 },
    })
    assert.isUndefined(open()(chat("um")))
    assert.isUndefined(open()(chat("um".repeat(500))))
  })

  it("least and most are options, of all turns and of the model's", () => {
    assert.isUndefined(open({ min: 4, max: 4 })(chat("umum")))
    assert.deepInclude(open({ min: 5 })(chat("umum"))!, { reason: "tooFewTurns" })
    assert.deepStrictEqual(open({ max: 3 })(chat("umum")), {
      reason: "tooManyTurns",
      detail: { of: "turns", score: 4, threshold: 3 },
    })
    assert.deepInclude(open({ minModel: 3 })(chat("umum"))?.detail as object, { of: "replies", score: 2 })
    assert.deepInclude(open({ maxModel: 1 })(chat("umum"))?.detail as object, { of: "replies", threshold: 1 })
    assert.isUndefined(open({ min: 0, minModel: 0 })({ id: "x", turns: [] }))
  })

  it("check names limits that keep nothing", () => {
    assert.deepStrictEqual(TurnCountFilter.check!(decode({ min: 3, max: 2 })), [
      "min: 3 is more than max, which is 2: nothing would be kept",
    ])
    assert.deepStrictEqual(TurnCountFilter.check!(decode({ max: 2, minModel: 1, maxModel: 1 })), [])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { RepetitionFilter } from "../../../src/layers/filters/RepetitionFilter.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => RepetitionFilter.judge!(decodeOptions(RepetitionFilter.options, options))

const chat = (...replies: ReadonlyArray<string>): Episode => ({
  id: "x",
  turns: [system("Play."), ...replies.flatMap((reply, i) => [user(`question ${i}`), model(reply)])],
})

const fresh = (words: number): string => Array.from({ length: words }, (_, i) => `w${i.toString(36)}`).join(" ")
const loop = "And the wheel turns round. ".repeat(20)

describe("RepetitionFilter", () => {
  it("drops an episode with a reply that repeats itself, wherever it stands, with measure, score and text", () => {
    assert.deepStrictEqual(open()(chat(fresh(80), loop, fresh(60))), {
      reason: "repetition",
      detail: { measure: "sentenceRun", score: 20, threshold: 5, turn: 5, text: "And the wheel turns round" },
    })
    assert.isUndefined(open()(chat(fresh(80), fresh(60))))
  })

  it("replies that are too short by themselves are judged joined together", () => {
    const line = "I really do not know what to tell you"
    assert.deepStrictEqual(open()(chat(...Array.from({ length: 8 }, () => line))), {
      reason: "repetition",
      detail: { measure: "sentenceRun", score: 8, threshold: 5, text: line },
    })
    assert.isUndefined(open()(chat(line, line, line)))
    assert.isUndefined(open()(chat(fresh(60), ...Array.from({ length: 8 }, () => line))))
  })

  it("scale, words and roles are options", () => {
    const lines = (text: string) =>
      Array.from({ length: 3 }, (_, i) => `${text}\n${fresh(12).replaceAll("w", `x${i}`)}`).join("\n")
    const some = lines("a chorus comes back here")
    assert.isUndefined(open()(chat(some)))
    assert.deepInclude(open({ scale: 1 })(chat(some))!, { reason: "repetition" })
    assert.isUndefined(open({ minWords: 101 })(chat(loop)))
    assert.isUndefined(open({ roles: ["user"] })(chat(loop)))
  })

  it("an episode without a reply is left alone", () => {
    assert.isUndefined(open()({ id: "x", turns: [user(loop)] }))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { readList } from "../../../src/domain/Assets.ts"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { LlmSlopFilter } from "../../../src/layers/filters/LlmSlopFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(LlmSlopFilter.options, options)
const open = (options: object = {}) => LlmSlopFilter.judge!(decode(options))

const chat = (reply: string, question = "Go on."): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

describe("LlmSlopFilter", () => {
  it.each(["gpt", "claude"])("F-1: each phrase of the %s list triggers, by that list alone", (list) => {
    const judge = open({ lists: [list] })
    for (const phrase of readList(`phrases/slop_${list}.txt`)) {
      for (const text of [phrase, `So. ${phrase.toUpperCase()} so`, `"${phrase}"`])
        assert.deepInclude(judge(chat(text))?.detail as object, { phrase, list, turn: 3, hits: 1 }, text)
    }
  })

  it("F-1: the phrases that the original lost work: a concluding formula and the names of vendor and model", () => {
    const judge = open()
    for (const text of ["In conclusion, we lost.", "I am a product of OpenAI.", "I'm ChatGPT!", "Hello, I'm Claude."])
      assert.isDefined(judge(chat(text)), text)
  })

  it("F-3: whole words only, so Claudette is safe", () => {
    assert.isUndefined(open()(chat("I'm Claudette, and this is Claude Monet.")))
    assert.isUndefined(open()(chat("His administrations ended.")))
    assert.isDefined(open()(chat("Her ministrations ended.")))
  })

  it("F-3: the model's turns are searched, the user's only if asked", () => {
    const asks = chat("Who knows?", "Are you ChatGPT?")
    assert.isUndefined(open()(asks))
    assert.deepInclude(open({ roles: ["user"] })(asks)?.detail as object, { phrase: "chatgpt", list: "gpt", turn: 2 })
  })

  it("F-3: lists, hits, added and removed phrases are options", () => {
    const purple = chat("A shiver down my spine.")
    assert.deepInclude(open()(purple)?.detail as object, { list: "claude" })
    assert.isUndefined(open({ lists: ["gpt"] })(purple))
    assert.isUndefined(open({ minHits: 2 })(purple))
    assert.isDefined(open({ minHits: 2 })(chat("A shiver down my spine. The choice is yours.")))
    assert.isUndefined(open({ removed: ["a shiver down"] })(purple))
    assert.deepInclude(open({ extra: ["my spine"], lists: ["gpt"] })(purple)?.detail as object, { list: "extra" })
  })

  it("F-9: curly apostrophes match", () => {
    assert.isDefined(open()(chat("It’s worth noting that it rained.")))
  })

  it("check looks for removed phrases in the lists that are used", () => {
    const removed = ["a shiver down"]
    assert.deepStrictEqual(LlmSlopFilter.check!(decode({ removed })), [])
    assert.deepStrictEqual(LlmSlopFilter.check!(decode({ removed, lists: ["gpt"] })), [
      'removed: no list holds the phrase "a shiver down"',
    ])
  })
})

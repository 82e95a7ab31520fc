import { assert, describe, it } from "@effect/vitest"
import { readList } from "../../../src/domain/Assets.ts"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { parsePhraseList, phrasesOf } from "../../../src/domain/text/PhraseList.ts"
import { LlmSlopFilter } from "../../../src/layers/filters/LlmSlopFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(LlmSlopFilter.options, options)
const open = (options: object = {}) => LlmSlopFilter.judge!(decode(options))

const chat = (reply: string, question = "Go on."): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

describe("LlmSlopFilter", () => {
  it.each(["gpt", "claude"])("F-1: each phrase of the %s list is found, by that list alone", (list) => {
    const judge = open({ lists: [list], threshold: 0.1 })
    for (const { category, phrase } of phrasesOf(parsePhraseList(readList(`phrases/slop_${list}.txt`)))) {
      for (const text of [phrase, `So. ${phrase.toUpperCase()} so`, `"${phrase}"`])
        assert.deepInclude(judge(chat(text))?.detail as object, { phrase, list, category, turn: 3, hits: 1 }, text)
    }
  })

  it("a telltale is enough; of what people write as well it takes two different phrases, of school joints four", () => {
    const judge = open()
    for (const text of [
      "As an AI language model, I advise tea.",
      "I'm ChatGPT!",
      "I was created by OpenAI.",
      "I'm Claude.",
    ])
      assert.isDefined(judge(chat(text)), text)
    assert.isUndefined(judge(chat("Her voice was barely above a whisper.")))
    assert.isUndefined(judge(chat("Barely above a whisper. Barely above a whisper!")))
    assert.deepStrictEqual(judge(chat("Her voice was barely above a whisper. Shivers down her spine.")), {
      reason: "slop",
      detail: {
        phrase: "barely above a whisper",
        list: "claude",
        category: "cliche",
        score: 1,
        threshold: 1,
        turn: 3,
        hits: 2,
        text: "Her voice was barely above a whisper. Shivers down her…",
      },
    })
    assert.isUndefined(judge(chat("In conclusion, we lost.")))
    assert.isUndefined(
      judge(chat("The ruin is a testament to the skill of its builders. In conclusion, go and see it.")),
    )
    assert.isDefined(
      judge(chat("In conclusion, it is important to note that it is a testament to the rich tapestry of life.")),
    )
  })

  it("phrases of several turns count together", () => {
    const two: Episode = {
      id: "x",
      turns: [user("a"), model("A shiver down her spine."), user("b"), model("The ball is in your court.")],
    }
    assert.deepInclude(open()(two)?.detail as object, { score: 1, hits: 2, turn: 2 })
  })

  it("text about models and their makers is no slop", () => {
    const judge = open()
    for (const text of [
      "OpenAI was founded in 2015.",
      "import openai\nclient = openai.OpenAI()",
      "ChatGPT is a chatbot, and so is Claude.",
      "Anthropic and OpenAI publish papers.",
      "The word chatgpt stands in the fourth column.",
    ])
      assert.isUndefined(judge(chat(text)), text)
  })

  it("F-3: whole words only, so Claudette is safe", () => {
    assert.isUndefined(open({ threshold: 0.1 })(chat("I'm Claudette, and this is Claude Monet.")))
    assert.isUndefined(open({ threshold: 0.1 })(chat("His administrations ended.")))
    assert.isDefined(open({ threshold: 0.5 })(chat("Her ministrations ended.")))
  })

  it("F-3: the model's turns are searched, the user's only if asked", () => {
    const asks = chat("Who knows?", "I'm ChatGPT, and you?")
    assert.isUndefined(open()(asks))
    assert.deepInclude(open({ roles: ["user"] })(asks)?.detail as object, {
      phrase: "i'm chatgpt",
      list: "gpt",
      turn: 2,
    })
  })

  it("F-3: lists, weights, threshold, hits, added and removed phrases are options", () => {
    const purple = chat("A shiver down my spine.")
    assert.isUndefined(open()(purple))
    assert.deepInclude(open({ threshold: 0.5 })(purple)?.detail as object, { list: "claude", score: 0.5 })
    assert.deepInclude(open({ weights: { cliche: 1 } })(purple)?.detail as object, { score: 1 })
    assert.isUndefined(open({ threshold: 0.5, lists: ["gpt"] })(purple))
    assert.isUndefined(open({ threshold: 0.5, minHits: 2 })(purple))
    assert.isDefined(open({ minHits: 2 })(chat("A shiver down my spine. The choice is yours.")))
    assert.isUndefined(open({ threshold: 0.5, removed: ["a shiver down"] })(purple))
    assert.isUndefined(open({ weights: { telltale: 0 } })(chat("I'm ChatGPT")))
    assert.deepInclude(open({ extra: ["my spine"], lists: ["gpt"] })(purple)?.detail as object, { list: "extra" })
  })

  it("F-9: curly apostrophes match", () => {
    assert.isDefined(open({ threshold: 0.5 })(chat("It’s worth noting that it rained.")))
  })

  it("check looks for removed phrases in the lists that are used", () => {
    const removed = ["a shiver down"]
    assert.deepStrictEqual(LlmSlopFilter.check!(decode({ removed })), [])
    assert.deepStrictEqual(LlmSlopFilter.check!(decode({ removed, lists: ["gpt"] })), [
      'removed: no list holds the phrase "a shiver down"',
    ])
  })
})

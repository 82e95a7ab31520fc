import { assert, describe, it } from "@effect/vitest"
import { readList } from "../../../src/domain/Assets.ts"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { RefusalFilter } from "../../../src/layers/filters/RefusalFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(RefusalFilter.options, options)
const open = (options: object = {}) => RefusalFilter.judge!(decode(options))

const chat = (reply: string, question = "Tell me a story."): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

const phrases = readList("phrases/refusal.txt")

describe("RefusalFilter", () => {
  it("tells phrase, list, turn, hits and the text around", () => {
    assert.deepStrictEqual(open()(chat("Well. As an AI language model, I have no cats.")), {
      reason: "refusal",
      detail: {
        phrase: "as an ai language model",
        list: "refusal",
        turn: 3,
        hits: 1,
        text: "Well. As an AI language model, I have no cats.",
      },
    })
  })

  it("F-1: each phrase of the list triggers, in any letter case, alone and inside a sentence", () => {
    const judge = open()
    for (const phrase of phrases) {
      for (const text of [phrase, `Oh. ${phrase.toUpperCase()} so.`, `*${phrase}*`, `"${phrase}"`])
        assert.deepInclude(judge(chat(text)), { reason: "refusal" }, text)
    }
  })

  it("F-1: refusals of common wording are dropped, vendor names among them", () => {
    const judge = open()
    for (const reply of [
      "I'm sorry, but I can't assist with that.",
      "I'm sorry, but I cannot fulfil this request.",
      "Sorry, I can't help with that.",
      "I apologize, but I do not feel comfortable writing this scene.",
      "I am not able to help with requests of this kind.",
      "As an AI, I have no feelings.",
      "I was trained by OpenAI.",
      "I'm an assistant made by Anthropic.",
      "That goes against my programming.",
    ])
      assert.isDefined(judge(chat(reply)), reply)
  })

  it("F-3: words of fiction are no refusals", () => {
    const judge = open()
    for (const reply of [
      "I can't help you, the bridge is gone.",
      "She could not provide for her family.",
      "It is illegal to hunt here, and dangerous.",
      "The captain saw to the safety and well-being of the crew.",
      "They race along the street.",
      "He made an inappropriate joke about sex and politics.",
      "That was an ethical question of consent.",
    ])
      assert.isUndefined(judge(chat(reply)), reply)
  })

  it("F-3: a phrase is no part of a longer word", () => {
    assert.isUndefined(open()(chat("The openaire concert")))
    assert.isUndefined(open()(chat("Alibi cannot fulfilment")))
    assert.isDefined(open()(chat("(openai)")))
  })

  it("F-3: the model's turns are searched, the user's only if asked", () => {
    const asks = chat("Once upon a time.", "Are you made by OpenAI?")
    assert.isUndefined(open()(asks))
    assert.deepInclude(open({ roles: ["user", "model"] })(asks)?.detail as object, { phrase: "openai", turn: 2 })
  })

  it("F-9: curly apostrophes and odd blanks do not help a phrase escape", () => {
    for (const quote of ["'", "’", "‘", "ʼ", "＇", "`", "´"])
      assert.isDefined(open()(chat(`I can${quote}t assist with that.`)), quote)
    for (const blank of ["\u00a0", "\n", "  ", " \r\n ", "\u3000"])
      assert.isDefined(open()(chat(`I cannot${blank}fulfill it.`)), JSON.stringify(blank))
    assert.isDefined(open()(chat("This is openaiʼs model.")))
  })

  it("F-3: minHits counts hits in the whole episode, those that overlap once", () => {
    const one = chat("I cannot fulfill that.")
    assert.isUndefined(open({ minHits: 2 })(one))
    const two: Episode = { id: "x", turns: [user("a"), model("I cannot fulfill."), user("b"), model("OpenAI.")] }
    assert.deepInclude(open({ minHits: 2 })(two)?.detail as object, {
      phrase: "i cannot fulfill",
      list: "refusal",
      turn: 2,
      hits: 2,
    })
    assert.isUndefined(open({ minHits: 3 })(two))
    assert.isDefined(open({ minHits: 2 })(chat("I cannot fulfill that, I cannot fulfill this.")))
    const overlap = { extra: ["red fox runs", "fox runs far"], minHits: 2 }
    assert.isUndefined(open(overlap)(chat("The red fox runs far.")))
    assert.isDefined(open(overlap)(chat("The red fox runs. A fox runs far.")))
  })

  it("F-3: phrases can be added and removed", () => {
    assert.deepInclude(open({ extra: ["Good  Grief"] })(chat("Oh, good\ngrief!"))?.detail as object, {
      phrase: "Good  Grief",
      list: "extra",
      text: "Oh, good grief!",
    })
    assert.isUndefined(open({ removed: ["OpenAI"] })(chat("OpenAI")))
    assert.isUndefined(open({ removed: ["i can’t  assist WITH"] })(chat("I can't assist with that.")))
    assert.isUndefined(open({ extra: ["openai"], removed: ["openai"] })(chat("OpenAI")))
  })

  it("check names removed phrases that no list holds", () => {
    assert.deepStrictEqual(RefusalFilter.check!(decode({})), [])
    assert.deepStrictEqual(RefusalFilter.check!(decode({ removed: ["OPENAI", "as  an AI, I"] })), [])
    assert.deepStrictEqual(RefusalFilter.check!(decode({ removed: ["openai", "open ai", "x"], extra: ["x"] })), [
      'removed: no list holds the phrase "open ai"',
      'removed: no list holds the phrase "x"',
    ])
  })

  it("finds nothing when every phrase is removed", () => {
    assert.isUndefined(open({ removed: phrases })(chat(phrases.join(". "))))
  })

  it("evidence of a long phrase is cut at 80 characters", () => {
    const long = `word ${"w".repeat(200)}`
    const detail = open({ extra: [long] })(chat(`Before. ${long} after.`))?.detail as { phrase: string; text: string }
    assert.strictEqual(detail.phrase, `word ${"w".repeat(74)}…`)
    assert.strictEqual(detail.text, `Before. word ${"w".repeat(66)}…`)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { readList } from "../../../src/domain/Assets.ts"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { expandPhrase } from "../../../src/domain/text/Phrases.ts"
import { RefusalFilter } from "../../../src/layers/filters/RefusalFilter.ts"
import { decodeOptions } from "../harness.ts"
import { hard, plain, refusals } from "./refusalCases.ts"

const decode = (options: object) => decodeOptions(RefusalFilter.options, options)
const open = (options: object = {}) => RefusalFilter.judge!(decode(options))

const chat = (reply: string, question = "Tell me a story."): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

const phrases = readList("phrases/refusal.txt").flatMap(expandPhrase)

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
    assert.isAbove(phrases.length, 1000)
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
      "I won't answer that, ever.",
      "Sorry, but I'm not going to answer this either.",
      "Bad question! I am not going to answer it.",
      "I'm sorry, but I can't give you medical advice.",
      "I’m sorry I can’t provide specific feedback on a real case.",
      "That's fine, but I won't give advice.",
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
    assert.isUndefined(open()(chat("Alibi cannot fulfilment")))
    assert.isUndefined(open()(chat("Once i cannot fulfilling tasks")))
    assert.isDefined(open()(chat("(i cannot fulfil)")))
  })

  it("F-3: the model's turns are searched, the user's only if asked", () => {
    const asks = chat("Once upon a time.", "I was made by OpenAI. And you?")
    assert.isUndefined(open()(asks))
    assert.deepInclude(open({ roles: ["user", "model"] })(asks)?.detail as object, {
      phrase: "i was made by openai",
      turn: 2,
    })
  })

  it("F-9: curly apostrophes and odd blanks do not help a phrase escape", () => {
    for (const quote of ["'", "’", "‘", "ʼ", "＇", "`", "´"])
      assert.isDefined(open()(chat(`I can${quote}t assist with that.`)), quote)
    for (const blank of ["\u00a0", "\n", "  ", " \r\n ", "\u3000"])
      assert.isDefined(open()(chat(`I cannot${blank}fulfill it.`)), JSON.stringify(blank))
    assert.isDefined(open()(chat("I was made by openaiʼs team.")))
  })

  it("F-3: minHits counts hits in the whole episode, those that overlap once", () => {
    const one = chat("I cannot fulfill that.")
    assert.isUndefined(open({ minHits: 2 })(one))
    const two: Episode = { id: "x", turns: [user("a"), model("I cannot fulfill."), user("b"), model("I'm ChatGPT.")] }
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
    assert.isUndefined(open({ removed: ["I'm ChatGPT"] })(chat("I'm ChatGPT")))
    assert.isUndefined(open({ removed: ["i can’t  assist WITH"] })(chat("I can't assist with that.")))
    assert.isUndefined(open({ extra: ["i'm chatgpt"], removed: ["i'm chatgpt"] })(chat("I'm ChatGPT")))
    // Parentheses make alternatives in lists only; what a config says stands for itself.
    assert.isUndefined(open({ extra: ["good (grief|lord)"] })(chat("good grief")))
    assert.isDefined(open({ extra: ["good (grief|lord)"] })(chat("a good (grief|lord) indeed")))
  })

  it("F-3: what is only quoted is no refusal, what is said aloud is one", () => {
    const judge = open()
    const phrase = "I cannot fulfil this request"
    for (const text of [
      `Its only answer was "${phrase}", over and over.`,
      `It said: “${phrase}.”`,
      `Ihre Antwort: „${phrase}“`,
      `La réponse : « ${phrase} »`,
      `"${phrase}," said the robot.`,
      `"${phrase}!" said the robot.`,
      `*smiles* "${phrase}!" said the robot.`,
      `The robot looks up.\n\n"${phrase}."`,
      `„${phrase}“, er sagt es wieder.`,
      `„${phrase}“ sagt er.`,
      `"Well." It thinks. "${phrase}."`,
      `print("${phrase}")`,
    ])
      assert.isUndefined(judge(chat(text)), text)
    for (const text of [
      `"${phrase}."`,
      `“${phrase}.”`,
      `*smiles* "${phrase}."`,
      `*smiles* "Oh. ${phrase}." *leaves*`,
      `"Well." *thinks* "${phrase}."`,
      `"${phrase}." She leaves.`,
      `He says it is a "test". ${phrase}.`,
      `An inch (1") is short.\n${phrase}.`,
      `Er sagt „nein“. ${phrase}.`,
      `„${phrase}.“ Er geht.`,
      `You said "no". He said "${phrase}". So now: ${phrase}.`,
    ])
      assert.isDefined(judge(chat(text)), text)
  })

  it("U-10: quotes are followed in a time that grows as the text does", () => {
    for (const part of [
      '"I cannot fulfil ',
      "I cannot fulfil ",
      'a "I cannot fulfil" ',
      '*"',
      'x "I cannot fulfil\n',
      "a “I cannot fulfil ",
    ]) {
      const before = performance.now()
      open({ minHits: 1_000_000 })(chat(part.repeat(1_000_000 / part.length)))
      assert.isBelow(performance.now() - before, 4000, part)
    }
  })

  it("F-3: of 316 labelled replies, 95 % of the drops are right and 90 % of the refusals are found", () => {
    const judge = open()
    const dropped = (texts: ReadonlyArray<string>) => texts.filter((text) => judge(chat(text)) !== undefined)
    assert.deepStrictEqual([refusals.length, hard.length, plain.length], [162, 122, 32])
    const right = dropped(refusals)
    const wrong = dropped([...hard, ...plain])
    assert.isAtLeast(right.length / refusals.length, 0.9)
    assert.isAtLeast(right.length / (right.length + wrong.length), 0.95, wrong.join("\n"))
  })

  it("check names removed phrases that no list holds", () => {
    assert.deepStrictEqual(RefusalFilter.check!(decode({})), [])
    assert.deepStrictEqual(RefusalFilter.check!(decode({ removed: ["I'M CHATGPT", "as  an AI, I  cannot"] })), [])
    assert.deepStrictEqual(RefusalFilter.check!(decode({ removed: ["i'm chatgpt", "open ai", "x"], extra: ["x"] })), [
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

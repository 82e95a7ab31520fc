import { assert, describe, it } from "@effect/vitest"
import { readList } from "../../../src/domain/Assets.ts"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { compileList, parsePhraseList, phrasesOf } from "../../../src/domain/text/PhraseList.ts"
import { RefusalFilter } from "../../../src/layers/filters/RefusalFilter.ts"
import { decodeOptions } from "../harness.ts"
import { hard, plain, refusals } from "./refusalCases.ts"
import { moreHard, morePlain, moreRefusals } from "./refusalCases2.ts"
import { heldOutHard, heldOutPlain, heldOutRefusals } from "./refusalHeldOut.ts"

const decode = (options: object) => decodeOptions(RefusalFilter.options, options)
const open = (options: object = {}) => RefusalFilter.judge!(decode(options))

const chat = (reply: string, question = "Tell me a story."): Episode => ({
  id: "x",
  turns: [system("Play."), user(question), model(reply)],
})

const list = parsePhraseList(readList("phrases/refusal.txt"))
const phrases = phrasesOf(list)
const weights = new Map(list.categories.map(({ name, weight }) => [name, weight]))

describe("RefusalFilter", () => {
  it("tells phrase, list, turn, hits and the text around", () => {
    assert.deepStrictEqual(open()(chat("Well. As an AI language model, I have no cats.")), {
      reason: "refusal",
      detail: {
        phrase: "as an ai language model",
        list: "refusal",
        category: "machine",
        score: 1,
        threshold: 1,
        turn: 3,
        hits: 1,
        text: "Well. As an AI language model, I have no cats.",
      },
    })
  })

  it("F-1: each phrase that is enough by itself triggers, in any letter case, alone and inside a sentence", () => {
    const judge = open()
    assert.isAbove(phrases.length, 10_000)
    // Every thirteenth: together they are of every line.
    const find = compileList(list)
    const enough = phrases.filter(
      ({ category, phrase }, i) =>
        weights.get(category) === 1 && i % 13 === 0 && !find(phrase).some((hit) => hit.category === "except"),
    )
    for (const { phrase } of enough)
      for (const text of [phrase, `Oh. ${phrase.toUpperCase()} so.`, `*${phrase}*`, `"${phrase}"`])
        assert.deepInclude(judge(chat(text)), { reason: "refusal" }, text)
  })

  it("what people say as well counts only with an apology at the beginning or with what is objected to", () => {
    const judge = open()
    assert.isUndefined(judge(chat("I can't write with this pen.")))
    assert.isUndefined(judge(chat("I won't do that, you know me.")))
    assert.isUndefined(judge(chat("I'm sorry, but I have to go.")))
    assert.isUndefined(judge(chat("Is that a harmful topic? Ask me something else.")))
    assert.deepInclude(judge(chat("I'm sorry, but I won't do that, you know me."))?.detail as object, { score: 1 })
    assert.isUndefined(judge(chat(`${"A long tale of the sea. ".repeat(4)}I'm sorry, but I won't do that.`)))
    assert.isDefined(judge(chat("I won't do that, as it could hurt people.")))
  })

  it("what it says by the way in a story is excepted", () => {
    for (const reply of ["I cannot generate enough steam!", "I won't engage the enemy.", "I can't discuss it now."])
      assert.isUndefined(open()(chat(reply)), reply)
    assert.isDefined(open()(chat("I cannot generate that.")))
  })

  it("categories can weigh less or nothing", () => {
    const reply = chat("As an AI language model, I have no cats.")
    assert.isUndefined(open({ weights: { machine: 0 } })(reply))
    assert.isUndefined(open({ weights: { machine: 0.5 } })(reply))
    assert.isDefined(open({ weights: { machine: 0.5 }, threshold: 0.5 })(reply))
    assert.throws(() => decode({ weights: { machines: 1 } }), /machines/)
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

  const measure = (all: ReadonlyArray<string>, none: ReadonlyArray<string>) => {
    const judge = open()
    const dropped = (texts: ReadonlyArray<string>) => texts.filter((text) => judge(chat(text)) !== undefined)
    const right = dropped(all).length
    const wrong = dropped(none)
    return { recall: right / all.length, precision: right / (right + wrong.length), wrong }
  }

  it("F-3: of the replies that the lists were tuned on, 95 % of the drops are right and 95 % of the refusals are found", () => {
    const none = [...hard, ...plain, ...moreHard, ...morePlain]
    assert.isAtLeast(refusals.length + moreRefusals.length, 450)
    assert.isAtLeast(none.length, 450)
    const { precision, recall, wrong } = measure([...refusals, ...moreRefusals], none)
    assert.isAtLeast(recall, 0.95)
    assert.isAtLeast(precision, 0.95, wrong.join("\n"))
  })

  it("F-3: of the held-out replies, 95 % of the drops are right and 90 % of the refusals are found", () => {
    const { precision, recall, wrong } = measure(heldOutRefusals, [...heldOutHard, ...heldOutPlain])
    assert.isAtLeast(heldOutHard.length, 0.3 * (heldOutRefusals.length + heldOutHard.length + heldOutPlain.length))
    assert.isAtLeast(recall, 0.9)
    assert.isAtLeast(precision, 0.95, wrong.join("\n"))
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
    assert.isUndefined(open({ removed: phrases.map(({ phrase }) => phrase) })(chat(refusals.join("\n"))))
  })

  it("evidence of a long phrase is cut at 80 characters", () => {
    const long = `word ${"w".repeat(200)}`
    const detail = open({ extra: [long] })(chat(`Before. ${long} after.`))?.detail as { phrase: string; text: string }
    assert.strictEqual(detail.phrase, `word ${"w".repeat(74)}…`)
    assert.strictEqual(detail.text, `Before. word ${"w".repeat(66)}…`)
  })
})

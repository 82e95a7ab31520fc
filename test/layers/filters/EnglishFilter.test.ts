import { assert, beforeAll, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { loadDetectors } from "../../../src/domain/text/Language.ts"
import { EnglishFilter } from "../../../src/layers/filters/EnglishFilter.ts"
import { shared } from "../../support/shared.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => EnglishFilter.judge!(decodeOptions(EnglishFilter.options, options))

const english = "I never thought that the garden would look like this."
const french = "Je ne sais pas pourquoi tu me demandes cela maintenant."
const german = "Das habe ich dir doch gestern schon dreimal erklärt."

/** Texts of user and model in turn. */
const chat = (...texts: ReadonlyArray<string>) => ({
  id: "x",
  turns: [system(english), ...texts.map((text, i): Turn => (i % 2 === 0 ? user(text) : model(text)))],
})

describe("EnglishFilter", () => {
  beforeAll(loadDetectors)

  it("keeps English and drops other languages, with the first foreign turn as evidence", () => {
    assert.isUndefined(open()(chat(english, english)))
    assert.deepStrictEqual(open()(chat(french, german)), {
      reason: "notEnglish",
      detail: { language: "fr", score: 1, threshold: 0.6, foreign: 2, judged: 2, turn: 2, text: french },
    })
  })

  it("F-4: the share is one of judged turns: 1 of 2 and 5 of 9 stay, 3 of 5 and 2 of 3 do not", () => {
    assert.isUndefined(open()(chat(french, english)))
    assert.isUndefined(open()(chat(french, french, french, french, french, english, english, english, english)))
    assert.deepInclude(open()(chat(english, french, english, german, french))?.detail as object, {
      foreign: 3,
      judged: 5,
      turn: 3,
      language: "fr",
    })
    assert.deepInclude(open()(chat(english, german, french))?.detail as object, { foreign: 2, judged: 3 })
  })

  it("F-5: what cannot be told has no vote", () => {
    const silent = [
      "ok",
      "haha",
      "*nods*",
      "lol no",
      "...",
      "123",
      "😀",
      "Hm?!",
      "(´・ω・`)",
      "http://example.org/un/deux",
    ]
    for (const text of silent) {
      assert.isUndefined(open()(chat(text, text)), text)
      assert.deepInclude(open()(chat(french, text))?.detail as object, { score: 1 }, text)
    }
    assert.isUndefined(open()(chat(...silent)))
  })

  it("F-5: English turns too short to tell are judged together", () => {
    assert.isUndefined(open()(chat("no way", "you sure?", "I am", "so am I then", "see you", "take care")))
  })

  it("F-5: foreign turns too short to tell are judged together, each with a vote", () => {
    const short = ["Wie geht es?", "Mir geht es gut", "Und dir?", "Auch gut", "Was machst du?", "Nicht viel"]
    assert.deepStrictEqual(open()(chat(...short)), {
      reason: "notEnglish",
      detail: { language: "de", score: 1, threshold: 0.6, foreign: 6, judged: 6, turn: 2, text: "Wie geht es?" },
    })
  })

  it("other scripts are told from six letters on", () => {
    assert.deepInclude(open()(chat("今日は元気ですか", "はい元気です"))?.detail as object, {
      language: "ja",
      foreign: 2,
      judged: 2,
    })
    assert.deepInclude(open()(chat("Привет, как дела?", "Хорошо, а у тебя?"))?.detail as object, { foreign: 2 })
  })

  it("F-10: threshold, letters and roles are options", () => {
    assert.isDefined(open({ threshold: 0.5 })(chat(french, english)))
    assert.isUndefined(open({ threshold: 1 })(chat(french, french, english)))
    assert.isDefined(open({ threshold: 1 })(chat(french, french)))
    assert.isUndefined(open({ threshold: 0 })(chat(english, english)))
    assert.isUndefined(open({ roles: ["model"] })(chat(french, english)))
    assert.isDefined(open({ roles: ["user"] })(chat(french, english)))
    const lines = ["Das ist nicht wahr", english, english]
    assert.isUndefined(open({ threshold: 0.3, minLetters: 200 })(chat(...lines)))
    assert.isDefined(open({ threshold: 0.3, minLetters: 10 })(chat(...lines)))
  })

  it("code points that stand for no letter yet are in no language", () => {
    assert.isUndefined(open()(chat("\u{3347a}".repeat(30))))
  })

  it.skipIf(!existsSync(shared("raw/airoboros/instructions.jsonl")))("keeps English instructions", () => {
    const judge = open()
    const lines = readFileSync(shared("raw/airoboros/instructions.jsonl"), "utf8").split("\n").slice(0, 500)
    const dropped = lines.flatMap((line) => {
      try {
        const { instruction, response } = JSON.parse(line) as { instruction: string; response: string }
        return judge(chat(instruction, response)) === undefined ? [] : [instruction]
      } catch {
        return []
      }
    })
    assert.isAtMost(dropped.length, 2)
  })
})

import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { loadAndRun, NotLoaded } from "../../../src/domain/NotLoaded.ts"
import { compileLanguages, languageOf, loadDetectors, proseOf } from "../../../src/domain/text/Language.ts"

const { text: judgeEnglish, vote } = compileLanguages(["en"])
const voteEnglish = (texts: ReadonlyArray<string>, minLetters: number) => vote(texts, minLetters, 0.6)

const english = "I never thought that the garden would look like this."
const french = "Je ne sais pas pourquoi tu me demandes cela maintenant."

describe("judging before the detectors are loaded", () => {
  it("goes as far as words and scripts do, then asks for them", async () => {
    assert.strictEqual(judgeEnglish(english).verdict, "wanted")
    assert.strictEqual(judgeEnglish(french).verdict, "foreign")
    assert.strictEqual(judgeEnglish("我不知道你为什么总是这么晚回家").verdict, "foreign")
    const text = "Curious foxes quietly crossed frozen meadows"
    assert.throws(() => judgeEnglish(text), NotLoaded)
    assert.strictEqual((await loadAndRun(() => judgeEnglish(text))).verdict, "wanted")
  })
})

describe("proseOf", () => {
  it.each([
    ["a  b\n\nc", "a b c"],
    ['*She waves.* "Hello there"', "She waves. Hello there"],
    ["see https://example.org/un/deux or www.example.org now", "see or now"],
    ["x ```const a = 1``` y ```open", "x y"],
    ["<b>bold</b> text :wave_hand: @some.one {{user}} waits", "bold text waits"],
    ["mail a@b.org there", "mail a@b.org there"],
    ["lol haha hahahaha OK hmmmmm lalala no", "no"],
    ["sooooo goooood", "soo good"],
    ["I'm don't", "I'm don't"],
    ["𝐇𝐞𝐥𝐥𝐨 Ｗｏｒｌｄ", "Hello World"],
    ["WHAT IS THIS", "what is this"],
    ["WHAT is this", "WHAT is this"],
    ["a\ud83db", "a\ufffdb"],
    ["", ""],
  ])("of %j are left the words %j", (text, prose) => {
    assert.strictEqual(proseOf(text), prose)
  })

  it("U-10: takes linear time, whatever is repeated", () => {
    for (const part of [
      "a",
      "ab",
      "<",
      "<a",
      "`",
      "{{",
      ":",
      ":a",
      "@",
      "@a",
      "'",
      "a'",
      "\ufdfa",
      " ",
      "www.",
      "lol ",
    ]) {
      const before = performance.now()
      proseOf(part.repeat(1_000_000 / part.length))
      assert.isBelow(performance.now() - before, 2000, part)
    }
  }, 30_000)
})

describe("judgeEnglish", () => {
  beforeAll(loadDetectors)

  it.each([
    english,
    "OMG WHAT ARE YOU DOING HERE RIGHT NOW",
    "*She looks at him, her eyes wide.* Where have you been all night?",
    "Thou art more lovely and more temperate",
    "the quick brown fox jumps over the lazy dog",
    "gonna go grab some food, wanna come with me?",
  ])("calls %j English", (text) => {
    assert.deepStrictEqual(judgeEnglish(text), { verdict: "wanted", language: "en" })
  })

  it.each([
    [french, "fr"],
    ["Das habe ich dir doch gestern schon dreimal erklärt.", "de"],
    ["No entiendo por qué siempre llegas tan tarde a casa.", "es"],
    ["Non capisco perché arrivi sempre così tardi a casa.", "it"],
    ["Eu não sei por que você sempre chega tão tarde em casa.", "pt"],
    ["Ik weet niet waarom je altijd zo laat thuis komt.", "nl"],
    ["Nie wiem, dlaczego zawsze wracasz tak późno do domu.", "pl"],
    ["Jag vet inte varför du alltid kommer hem så sent.", "sv"],
    ["Neden eve hep bu kadar geç geldiğini bilmiyorum.", "tr"],
    ["Anh không biết tại sao em luôn về nhà muộn như vậy.", "vi"],
    ["Я не знаю, почему ты всегда так поздно приходишь домой.", "Cyrillic"],
    ["どうしていつもそんなに遅く帰ってくるの", "ja"],
    ["왜 항상 그렇게 늦게 집에 오는지 모르겠어", "ko"],
    ["我不知道你为什么总是这么晚回家", "Han"],
    ["لا أعرف لماذا تعود دائما إلى البيت متأخرا", "Arabic"],
  ])("calls %j foreign: %s", (text, language) => {
    assert.deepStrictEqual(judgeEnglish(text), { verdict: "foreign", language })
  })

  it.each([
    "",
    "...",
    "123 456",
    "😀😀😀",
    "ok",
    "haha",
    "*nods*",
    "lol no",
    "你好",
    "¯\\_(ツ)_/¯",
    "ಠ_ಠ",
    "C'est moi",
  ])("F-5: %j is not enough to tell", (text) => {
    assert.deepStrictEqual(judgeEnglish(text), { verdict: "unknown" })
  })

  it("F-5: English to one detector and improbable to the other is not told", () => {
    assert.deepStrictEqual(judgeEnglish("You too! Good chat!", 10), { verdict: "unknown" })
    assert.deepStrictEqual(judgeEnglish("Are you jealous", 10), { verdict: "unknown" })
  })

  it("the letters that make a text long enough are an argument", () => {
    assert.strictEqual(judgeEnglish("Wo ist mein Hund?", 20).verdict, "unknown")
    assert.deepStrictEqual(judgeEnglish("Wo ist mein Hund?", 10), { verdict: "foreign", language: "de" })
  })

  it("script decides by most of the letters", () => {
    assert.deepStrictEqual(judgeEnglish("Привет ok", 20), { verdict: "foreign", language: "Cyrillic" })
    assert.strictEqual(judgeEnglish(`${english} Привет`).verdict, "wanted")
    assert.deepStrictEqual(judgeEnglish("𠀀𠀁𠀂𠀃𠀄𠀅", 20), { verdict: "foreign", language: "Han" })
  })

  it("law: no text makes it throw, and the language is en if and only if the verdict is wanted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, minLetters) => {
        const { language, verdict } = judgeEnglish(text, minLetters)
        assert.strictEqual(language === "en", verdict === "wanted")
        assert.strictEqual(language === undefined, verdict === "unknown")
      }),
    )
  })

  it("law: the same text has the same verdict, whatever was judged before", () => {
    const texts = [english, french, "ok", "Wo ist mein Hund, frage ich dich?", "我不知道你为什么总是这么晚回家"]
    const expected = texts.map((text) => judgeEnglish(text))
    fc.assert(
      fc.property(fc.array(fc.nat({ max: texts.length - 1 }), { maxLength: 20 }), (order) => {
        for (const i of order) assert.deepStrictEqual(judgeEnglish(texts[i] as string), expected[i])
      }),
      { numRuns: 20 },
    )
  })
})

describe("voteEnglish", () => {
  beforeAll(loadDetectors)

  it("counts texts that can be judged, and names the first foreign one", () => {
    assert.deepStrictEqual(voteEnglish([english, "...", french, french], 20), {
      judged: 3,
      foreign: 2,
      first: { index: 2, language: "fr" },
    })
    assert.deepStrictEqual(voteEnglish([english], 20), { judged: 1, foreign: 0 })
    assert.deepStrictEqual(voteEnglish(["ok", "...", "5"], 20), { judged: 0, foreign: 0 })
    assert.deepStrictEqual(voteEnglish([], 20), { judged: 0, foreign: 0 })
  })

  it("F-5: short texts vote together, those without words do not", () => {
    assert.deepStrictEqual(voteEnglish(["Wie geht es?", "haha", "Mir geht es gut", "!", "Und dir?", english], 20), {
      judged: 4,
      foreign: 3,
      first: { index: 0, language: "de" },
    })
    assert.deepStrictEqual(voteEnglish(["no way", "you sure?", "so am I then", "see you"], 20), {
      judged: 4,
      foreign: 0,
    })
    assert.deepStrictEqual(voteEnglish(["no", "moi"], 20), { judged: 0, foreign: 0 })
  })

  it("the first foreign text is named, be it short or long", () => {
    const short = ["Wie geht es?", "Mir geht es gut"]
    assert.deepStrictEqual(voteEnglish([french, ...short], 20).first, { index: 0, language: "fr" })
    assert.strictEqual(voteEnglish([...short, french], 20).first?.index, 0)
  })
})

describe("languageOf", () => {
  beforeAll(loadDetectors)

  it.each([
    ["en", english],
    ["fr", french],
    ["de", "Das habe ich dir doch gestern schon dreimal erklärt."],
    ["es", "No sé por qué siempre llegas tan tarde a casa."],
    ["pl", "Nie wiem, dlaczego zawsze wracasz tak późno do domu."],
    ["ru", "Я не знаю, почему ты всегда приходишь домой так поздно."],
    ["ja", "どうしていつもそんなに遅く家に帰るのか分からない。"],
    ["zh", "我不知道你为什么总是这么晚回家"],
    ["ko", "왜 항상 집에 그렇게 늦게 오는지 모르겠어."],
    ["el", "Δεν ξέρω γιατί γυρίζεις πάντα τόσο αργά."],
    ["ar", "لا أعرف لماذا تعود دائما متأخرا إلى المنزل"],
  ])("tells %s", (language, text) => {
    assert.strictEqual(languageOf(text), language)
  })

  it("does not guess at little or nothing, and never fails", () => {
    for (const text of ["", "Hm.", "12345 67890 ###", "\u{3347a}".repeat(30)])
      assert.isUndefined(languageOf(text), text)
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        assert.match(languageOf(text) ?? "xx", /^[a-z]{2,3}$/)
      }),
    )
  })
})

import { assert, beforeAll, describe, it } from "@effect/vitest"
import { model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { loadDetectors } from "../../../src/domain/text/Language.ts"
import { LanguageFilter } from "../../../src/layers/filters/LanguageFilter.ts"
import { decodeOptions } from "../harness.ts"

const decode = (options: object) => decodeOptions(LanguageFilter.options, options)
const open = (...languages: ReadonlyArray<string>) => LanguageFilter.judge!(decode({ languages }))

const english = "I never thought that the garden would look like this."
const samples: { readonly [language: string]: string } = {
  en: english,
  de: "Das habe ich dir doch gestern schon dreimal erklärt.",
  fr: "Je ne sais pas pourquoi tu me demandes cela maintenant.",
  es: "No entiendo por qué siempre llegas tan tarde a casa.",
  it: "Non capisco perché arrivi sempre così tardi a casa.",
  pt: "Eu não sei por que você sempre chega tão tarde em casa.",
  nl: "Ik weet niet waarom je altijd zo laat thuis komt.",
  pl: "Nie wiem, dlaczego zawsze wracasz tak późno do domu.",
  ru: "Я не знаю, почему ты всегда так поздно приходишь домой.",
  uk: "Я не знаю, чому ти завжди так пізно повертаєшся додому.",
  ja: "どうしていつもそんなに遅く帰ってくるの",
  zh: "我不知道你为什么总是这么晚回家",
  ko: "왜 항상 그렇게 늦게 집에 오는지 모르겠어",
  el: "Δεν ξέρω γιατί γυρίζεις πάντα τόσο αργά στο σπίτι.",
  ar: "لا أعرف لماذا تعود دائما إلى البيت متأخرا",
  fa: "نمی‌دانم چرا همیشه این قدر دیر به خانه برمی‌گردی",
  th: "ไม่รู้ว่าทำไมคุณกลับบ้านดึกเสมอ",
}

/** Texts of user and model in turn. */
const chat = (...texts: ReadonlyArray<string>) => ({
  id: "x",
  turns: [system(english), ...texts.map((text, i): Turn => (i % 2 === 0 ? user(text) : model(text)))],
})

describe("LanguageFilter", () => {
  beforeAll(loadDetectors)

  it.each(Object.keys(samples))("keeps %s where it is wanted, and none of the others", (language) => {
    const judge = open(language)
    for (const [other, text] of Object.entries(samples)) {
      const drop = judge(chat(text, text))
      if (other === language) assert.isUndefined(drop, `${other}: ${JSON.stringify(drop)}`)
      else assert.deepInclude(drop, { reason: "otherLanguage" }, other)
    }
  })

  it("keeps any of several languages, also in one conversation", () => {
    const judge = open("en", "de", "ja")
    assert.isUndefined(judge(chat(samples["de"]!, english, samples["ja"]!, english)))
    assert.deepInclude(judge(chat(samples["fr"]!, samples["es"]!))?.detail as object, { language: "fr", score: 1 })
  })

  it("English is the default", () => {
    const judge = LanguageFilter.judge!(decode({}))
    assert.isUndefined(judge(chat(english)))
    assert.isDefined(judge(chat(samples["de"]!)))
  })

  it("a mixed conversation is judged turn by turn, and the share decides", () => {
    const { fr } = samples
    assert.isUndefined(open("en")(chat(fr!, english, english)))
    assert.deepInclude(open("en")(chat(fr!, english, fr!))?.detail as object, { foreign: 2, judged: 3, score: 0.6667 })
    const long = `${english} `.repeat(20)
    assert.deepInclude(LanguageFilter.judge!(decode({ threshold: 0.3 }))(chat(long, fr!, long))?.detail as object, {
      foreign: 1,
      judged: 3,
    })
  })

  it("short turns inherit: words of chats do not make a conversation foreign, nor a few odd words", () => {
    assert.isUndefined(open("en")(chat(english, "lol", "haha ok", "C'est la vie!", "mdr", english)))
    assert.isUndefined(open("en")(chat("ok", "lol", "...")))
  })

  it("code, addresses and names are in no language", () => {
    const code = "```\nfunktion machen(das, der, die) { return nicht }\n```"
    assert.isUndefined(open("en")(chat(`${english} ${code} https://example.org/der/die/das/und/nicht/ist`)))
    assert.isUndefined(open("de")(chat(`${samples["de"]!} <the quick="and" of> @the_and_of {{user}}`)))
  })

  it("Croatian, Bosnian and Serbian in Latin letters, Indonesian and Malay are not told apart", () => {
    const croatian = "Ne znam zašto uvijek tako kasno dolaziš kući, večera je već hladna."
    for (const code of ["hr", "bs", "sr"]) assert.isUndefined(open(code)(chat(croatian)), code)
    const malay = "Saya tidak tahu kenapa awak selalu balik lambat ke rumah setiap malam."
    for (const code of ["id", "ms"]) assert.isUndefined(open(code)(chat(malay)), code)
  })

  it("refuses what is no code of a language", () => {
    for (const languages of [[], ["english"], ["EN"], [1], "en"])
      assert.throws(() => decode({ languages }), /languages/, JSON.stringify(languages))
  })
})

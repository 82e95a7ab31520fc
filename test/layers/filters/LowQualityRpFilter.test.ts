import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Episode, model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { LowQualityRpFilter, lowQuality } from "../../../src/layers/filters/LowQualityRpFilter.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => LowQualityRpFilter.judge!(decodeOptions(LowQualityRpFilter.options, options))

const chat = (...texts: ReadonlyArray<string>): Episode => ({
  id: "x",
  turns: [system("Play."), ...texts.map((text, i): Turn => (i % 2 === 0 ? user(text) : model(text)))],
})

const good = "She nods."
const bad = "i nod"

/** The rule that speaks against a text, with what stands where it speaks. */
const fault = (text: string): readonly [rule: string, at: string] | undefined => {
  const found = lowQuality(text)
  return found === undefined ? undefined : [found.rule, text.slice(found.start, found.end)]
}

describe("LowQualityRpFilter", () => {
  it.each([
    ["", "blank", ""],
    [" \n\t\u00a0", "blank", ""],
    ['He said " Hello', "floatingQuote", ' " '],
    ['so " so', "floatingQuote", ' " '],
    ['ça " été', "floatingQuote", ' " '],
    ['He said"Hello."', "mushedQuote", '"'],
    ['"Hello"he said.', "mushedQuote", '"'],
    ['"Hello,"she said.', "mushedQuote", '"'],
    ['She waits..."Hello."', "mushedQuote", '"'],
    ["She nods(slowly).", "mushedParenthesis", "("],
    ["She nods.(slowly)", "mushedParenthesis", "("],
    ["She (slowly)nods.", "mushedParenthesis", ")"],
    ["été(là)", "mushedParenthesis", "("],
    ["then i went", "lowercaseI", "i"],
    ["i'm here", "lowercaseI", "i"],
    ["and i’ll go", "lowercaseI", "i"],
    ["i", "lowercaseI", "i"],
    ["so do i.", "lowercaseI", "i"],
    ["*i nod*", "lowercaseI", "i"],
    ["(i nod)", "lowercaseI", "i"],
    ["[i nod]", "lowercaseI", "i"],
    ["I did.i went", "lowercaseI", "i"],
    ["See [this](http://example.org/a).", "link", "[this](http://example.org/a)"],
    ["a [b] c [d](e f) [g](h)", "link", "[g](h)"],
  ] as const)("5.5: %j is careless: %s", (text, rule, at) => {
    assert.deepStrictEqual(fault(text), [rule, at])
  })

  it.each([
    // What the original took for careless (section 5.5).
    "She waits (smiles).",
    "Yes (no), ok",
    '*"hi"*',
    "That is, i.e. this one.",
    // Closing punctuation, emphasis and brackets around quotes and parentheses.
    "Really (yes)! Really (yes)? (yes): (yes); (yes)…",
    "He left (quietly), and (*smiling*) came back.",
    '("Hi," she said.)',
    '["Hi," she said.]',
    '_"Hi."_ **"Hi."** ~"Hi."~',
    'She said: "Hi!" "Hello?" he said. "Bye"—and left.',
    '"\'Tis true," he said.',
    "*(whispers)* *(whispers) and leaves*",
    "“Hi,”she said",
    "((OOC: back in five))",
    // Parts of words.
    "Bring your friend(s), (s)he said, (un)happy, my 401(k), call()",
    'A board of 5"x7" and 6\'2"',
    // Smileys.
    "Hello :) and :( and ;) and xD :)",
    // Not the pronoun.
    "That is, i. e. this, and the A.i. of the ship",
    "(i) one, (ii) two",
    "i) one\nii) two",
    "i. one\ni. two",
    "<i>well</i> and [i]well[/i]",
    "on /i/ and @i and #i and i/o and x_i and \\i",
    "wi-fi, hi, naïve, i\u0301",
    "I am, I'm, I’ll and I.",
    // A word of another language: Italian, Polish, Catalan, Swedish, Croatian.
    "Guarda i ragazzi che sono arrivati",
    "Siamo tutti qui, anche i gatti",
    "Był tam pies i kot, ale już nie ma",
    "El gat i el gos que viuen amb ella",
    "Det är kallt i huset",
    "Ona je tu i čeka",
    // Not a link.
    "[](a)",
    "[a] (b)",
    "[a](b c)",
    "[a]()",
    "[a](",
    "a](b)",
    "[a]\n(b)",
  ])("F-8: %j is not careless", (text) => {
    assert.isUndefined(fault(text))
  })

  it("F-4: the share is one of judged turns: 1 of 2 is dropped, 1 of 3 is not", () => {
    assert.deepStrictEqual(open()(chat(good, bad)), {
      reason: "lowQuality",
      detail: { rule: "lowercaseI", turn: 3, text: "i nod", points: 1, turns: 2, threshold: 0.5 },
    })
    assert.isUndefined(open()(chat(good, bad, good)))
    assert.deepInclude(open()(chat(bad, good, 'so"so'))?.detail as object, { rule: "lowercaseI", turn: 2, points: 2 })
    assert.isUndefined(open()(chat(good, good)))
  })

  it("a turn counts once, however careless it is, and the first fault is the evidence", () => {
    const worst = 'i said"so" and(then)i left " so'
    assert.deepStrictEqual(open()(chat(worst, good)), {
      reason: "lowQuality",
      detail: {
        rule: "floatingQuote",
        turn: 2,
        text: '…said"so" and(then)i left " so',
        points: 1,
        turns: 2,
        threshold: 0.5,
      },
    })
    assert.isUndefined(open()(chat(worst, good, good)))
  })

  it("evidence shows the place of the fault, not the beginning of the turn", () => {
    const text = `${"Long ago. ".repeat(30)}Then i went.${" The end.".repeat(30)}`
    assert.deepInclude(open()(chat(good, text))?.detail as object, {
      text: "…ago. Long ago. Then i went. The end. The end.…",
    })
  })

  it("F-10: threshold, roles and rules are options", () => {
    assert.isUndefined(open({ threshold: 0.6 })(chat(good, bad)))
    assert.isDefined(open({ threshold: 0.3 })(chat(good, bad, good)))
    assert.isUndefined(open({ threshold: 0 })(chat(good, good)))
    assert.isUndefined(open({ roles: ["user"] })(chat(good, bad)))
    assert.deepInclude(open({ roles: ["model"] })(chat(good, bad))?.detail as object, { points: 1, turns: 1 })
    assert.isUndefined(open({ rules: ["link", "blank"] })(chat(bad, bad)))
    assert.deepInclude(open({ rules: ["link", "lowercaseI"] })(chat(good, "i see [a](b)"))?.detail as object, {
      rule: "link",
    })
  })

  it("F-8: i by itself is the pronoun in turns that read like English, and contracted in any", () => {
    for (const text of ["i nod", "then i saw them all", "i see the café and the piñata", "la la la i sing the song"])
      assert.deepStrictEqual(fault(text)?.[0], "lowercaseI", text)
    assert.deepStrictEqual(fault("Sono qui, i'm here, che bello")?.[0], "lowercaseI")
    assert.isUndefined(fault("Sono qui, i’migliori, che bello"))
  })

  it("F-8: a turn that shows no language takes that of the conversation", () => {
    const rules = { rules: ["lowercaseI"], threshold: 0.3 }
    assert.isUndefined(open(rules)(chat("Vedi i gatti?", "Non sono qui, ma sono belli.", "i gatti")))
    assert.deepInclude(open(rules)(chat("Do you see them?", "They are not here.", "i nod"))?.detail as object, {
      rule: "lowercaseI",
      turn: 4,
    })
  })

  it("a prompt drawn from a pool is judged by its text, which is not blank", () => {
    const turns = [system(""), user(good), model(good)]
    assert.isUndefined(open({ roles: ["system"] })({ id: "x", turns, prompt: ["Play well."] }))
    assert.deepStrictEqual(
      open({ roles: ["system"] })({ id: "x", turns, prompt: ["Play as ", { hint: "response_style_str" }, bad] }),
      {
        reason: "lowQuality",
        detail: { rule: "lowercaseI", turn: 1, text: "Play as i nod", points: 1, turns: 1, threshold: 0.5 },
      },
    )
  })

  it("an episode without a judged turn is kept", () => {
    assert.isUndefined(open({ roles: ["system"], threshold: 0 })({ id: "x", turns: [user(bad), model(bad)] }))
  })

  it("law: links are found as by a pattern that backtracks", () => {
    const text = fc.array(fc.constantFrom("[", ")", "](", "](", "a", " "), { maxLength: 14 })
    let links = 0
    fc.assert(
      fc.property(text, (parts) => {
        const joined = parts.join("")
        const found = lowQuality(joined, ["link"])
        if (found !== undefined) links++
        assert.strictEqual(found !== undefined, /\[.+\]\(\S+\)/.test(joined))
      }),
      { numRuns: 3000, seed: 5 },
    )
    assert.isAbove(links, 100)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { readList } from "../../../src/domain/Assets.ts"
import {
  countParagraphs,
  fillHints,
  lengthClass,
  lengthHint,
  longestHints,
  styleHint,
} from "../../../src/domain/prompts/Hints.ts"
import type { PromptPart } from "../../../src/domain/prompts/Prompt.ts"
import * as RecordRandom from "../../../src/domain/RecordRandom.ts"
import { countWords } from "../../../src/domain/Tokens.ts"

const list = (name: string): ReadonlyArray<string> => readList(`prompts/hints/${name}.txt`)
const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ")
const styles = (reply: string): ReadonlyArray<string> =>
  Array.from({ length: 60 }, (_, i) => styleHint(reply, RecordRandom.make(`${i}`)))
const lengths = (reply: string): ReadonlyArray<string> =>
  Array.from({ length: 120 }, (_, i) => lengthHint(reply, RecordRandom.make(`${i}`)))

const style: PromptPart = { hint: "response_style_str" }
const length: PromptPart = { hint: "response_length_str" }

describe("lengthHint", () => {
  it("15 words are short, 16 to 95 medium, 96 to 191 long, 192 very long", () => {
    assert.deepStrictEqual([0, 15, 16, 95, 96, 191, 192, 5000].map(lengthClass), [
      "short",
      "short",
      "medium",
      "medium",
      "long",
      "long",
      "very_long",
      "very_long",
    ])
    for (const [count, name] of [
      [15, "short"],
      [16, "medium"],
      [95, "medium"],
      [96, "long"],
      [191, "long"],
      [192, "very_long"],
    ] as const) {
      const sentences = new Set(lengths(words(count)).map((hint) => hint.split(". ")[0] ?? ""))
      assert.deepStrictEqual(sentences, new Set(list(`length_${name}`)), `${count} words`)
    }
  })

  it("one paragraph is told of in a third of the cases", () => {
    const told = Array.from({ length: 3000 }, (_, i) => lengthHint("hi", RecordRandom.make(`${i}`))).filter((hint) =>
      list("paragraph_one").some((sentence) => hint.endsWith(`. ${sentence}`)),
    )
    assert.approximately(told.length, 1000, 130)
  })

  it("several paragraphs are always counted", () => {
    for (const hint of lengths("a\n\nb\n\n\n\nc")) {
      const expected = list("paragraphs_many").map((sentence) => `. ${sentence.replace("N", "3")}`)
      assert.isTrue(
        expected.some((sentence) => hint.endsWith(sentence)),
        hint,
      )
    }
  })
})

describe("countParagraphs", () => {
  it("counts blocks of text between blank lines", () => {
    assert.strictEqual(countParagraphs("a"), 1)
    assert.strictEqual(countParagraphs("a\nb"), 1)
    assert.strictEqual(countParagraphs("a\n\nb"), 2)
    assert.strictEqual(countParagraphs("a\n\n\n\nb\n\n \n\n"), 2)
    assert.strictEqual(countParagraphs(""), 1)
  })
})

describe("styleHint", () => {
  it("U-11: an action between single asterisks is told of, bold text is none", () => {
    for (const reply of ["*waves*", "Hi *waves to you* there", "**bold** and *waves*"]) {
      assert.deepStrictEqual(new Set(styles(reply)), new Set(list("style_actions")), reply)
    }
    for (const reply of ["**bold** x", "***", "* item\n* item", "2 * 3 * 4", "plain"]) {
      assert.deepStrictEqual([...new Set(styles(reply))], [""], reply)
    }
  })

  it("U-11: one stray mark does not turn the hint off", () => {
    assert.notInclude(styles("*waves* and * alone"), "")
    assert.notInclude(styles('"Hi" and " alone'), "")
  })

  it("U-11: a quoted span is told of, straight or curly, a lone quote is none", () => {
    for (const reply of ['"Hi"', "she said “hello there”"]) {
      assert.deepStrictEqual(new Set(styles(reply)), new Set(list("style_quotes")), reply)
    }
    for (const reply of ['5" long', '""', "it's 'so'"]) assert.deepStrictEqual([...new Set(styles(reply))], [""], reply)
  })

  it("both are told in either order, joined as sentences", () => {
    const hints = styles('*waves* "Hi"')
    const actions = new Set(list("style_actions"))
    const firsts = hints.map((hint) => actions.has(hint.split(". ")[0] as string))
    assert.include(firsts, true)
    assert.include(firsts, false)
    assert.isTrue(hints.every((hint) => hint.split(". ").length === 2))
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", () => {
    for (const unit of ["*", "* ", "*a", '"', '"\n', "“a”", "*a\n"]) {
      const from = performance.now()
      styleHint(unit.repeat(2 ** 20 / unit.length), RecordRandom.make("a"))
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  }, 60_000)

  it("U-10: a run of opening curly quotes takes no longer than its length", () => {
    const from = performance.now()
    styleHint("“".repeat(2 ** 18), RecordRandom.make("a"))
    assert.isBelow(performance.now() - from, 500)
  }, 60_000)
})

describe("longestHints", () => {
  it("law: no hint has more words", () => {
    const longest = longestHints()
    const reply = fc
      .array(fc.constantFrom("word ", words(50), "\n\n", "*waves*", '"hi"'), { maxLength: 12 })
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(reply, fc.string(), (text, name) => {
        const random = RecordRandom.make(name)
        assert.isAtMost(countWords(styleHint(text, random)), countWords(longest.style))
        assert.isAtMost(countWords(lengthHint(text, random)), countWords(longest.length))
      }),
    )
  })
})

describe("fillHints", () => {
  const filled = (parts: ReadonlyArray<PromptPart>): string => fillHints(parts, { style: "", length: "Be brief" })

  it("C-9: a hint that is empty goes with the mark and the blank that belonged to it", () => {
    const expected: ReadonlyArray<readonly [ReadonlyArray<PromptPart>, string]> = [
      [["Play. ", style, ". ", length, "."], "Play. Be brief."],
      [["Play. ", length, ". ", style, ". End."], "Play. Be brief. End."],
      [[style, ". ", length, "."], "Be brief."],
      [["Write in character, ", style, "."], "Write in character."],
      [["Rules: no; ", style, ".\nMore"], "Rules: no.\nMore"],
      [["A. ", style, ".\nB"], "A.\nB"],
    ]
    for (const [parts, text] of expected) assert.strictEqual(filled(parts), text)
  })

  it("C-9: a list item that is empty goes as a whole", () => {
    assert.strictEqual(filled(["Rules:\n- ", length, ".\n- ", style, ".\n- End."]), "Rules:\n- Be brief.\n- End.")
    assert.strictEqual(filled(["A\nStyle: ", style, "\nB"]), "A\nB")
  })

  it("C-9: an empty hint at the end leaves neither a blank nor its label", () => {
    assert.strictEqual(filled(["Play. ", length, ". ", style, "."]), "Play. Be brief.")
    assert.strictEqual(filled(["Length: ", length, "\nStyle: ", style]), "Length: Be brief")
  })

  it("hints that are filled leave the text as it is", () => {
    assert.strictEqual(fillHints(["A  ", style, " , ", length, "."], { style: "S", length: "L" }), "A  S , L.")
    assert.strictEqual(filled(["plain . . text"]), "plain . . text")
  })

  it("C-8: what is filled in is not scanned again", () => {
    assert.strictEqual(
      fillHints([style], { style: "{{response_length_str}} $&", length: "L" }),
      "{{response_length_str}} $&",
    )
  })
})

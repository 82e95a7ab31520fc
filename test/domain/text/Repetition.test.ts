import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { proseOnly, repetitionOf } from "../../../src/domain/text/Repetition.ts"

/** Prose without repetition: each word is its own. */
const fresh = (words: number, tag = "w"): string =>
  Array.from({ length: words }, (_, i) => `${tag}${i.toString(36)}`).join(" ")

describe("repetitionOf", () => {
  it("finds nothing in prose that does not repeat itself", () => {
    assert.isUndefined(repetitionOf(fresh(200)))
    assert.isUndefined(
      repetitionOf(
        "The harbour lay still. Two gulls fought over a crust, and the boy who should have been mending nets " +
          "watched them instead. His aunt called from the upper window that supper would not cook itself. He " +
          "answered that neither would the nets be mended by supper, which she let pass, because it was true.",
      ),
    )
  })

  it("an eleven-word sentence without any repetition is no repetition, whatever Gopher's arithmetic says", () => {
    assert.isUndefined(
      repetitionOf(
        "Internationally renowned photographers frequently document spectacular waterfalls in remote mountain areas.",
      ),
    )
  })

  it("duplicate lines: more than 30 % of them, or 20 % of their characters, from six lines on", () => {
    const lines = (...all: ReadonlyArray<string>) => all.join("\n")
    const [a, b] = ["alpha beta gamma delta", "one two three"]
    assert.deepInclude(repetitionOf(lines(a, b, a, b, a, "last")), { measure: "lines", score: 0.5, threshold: 0.3 })
    assert.isUndefined(repetitionOf(lines(a, b, a, "c", "d")))
    const long = fresh(12, "longer")
    const found = repetitionOf(lines(long, "b", "c", "d", "e", "f", long))
    assert.deepInclude(found, { measure: "lineCharacters", threshold: 0.2 })
    assert.strictEqual(lines(long, "b", "c", "d", "e", "f", long).slice(found!.start, found!.end), long)
  })

  it("duplicate paragraphs, from four on", () => {
    const paragraph = `${fresh(6)}\n${fresh(6, "v")}`
    assert.deepInclude(repetitionOf([paragraph, fresh(9, "a"), paragraph, "x", paragraph].join("\n\n")), {
      measure: "paragraphs",
      score: 0.4,
    })
    assert.isUndefined(repetitionOf([paragraph, fresh(90, "a"), paragraph].join("\n\n")))
  })

  it("the most common words in a row: only if they stand there three times", () => {
    const filler = (i: number): string => fresh(2, `f${i}x`)
    const text = Array.from({ length: 6 }, (_, i) => `tumbling cascades ${filler(i)}`).join(" ")
    assert.deepInclude(repetitionOf(text), { measure: "top2Words", threshold: 0.2 })
    assert.isUndefined(repetitionOf(`tumbling cascades ${filler(1)} tumbling cascades ${filler(2)}`))
  })

  it("sequences of five and more words that stood there before", () => {
    const phrase = "we walk along the river until dusk falls"
    const text = `${fresh(10)} ${phrase} ${fresh(10, "x")} ${phrase} ${fresh(4, "y")} ${phrase} end`
    assert.match(repetitionOf(text)!.measure, /Words$/)
    assert.isUndefined(repetitionOf(`${fresh(80)} ${phrase} ${fresh(80, "x")} ${phrase}`))
  })

  it("runs of a sentence, a word and a character", () => {
    const before = fresh(300)
    assert.deepInclude(repetitionOf(`${before}. ${"I do not know. ".repeat(5)}`), { measure: "sentenceRun", score: 5 })
    assert.isUndefined(repetitionOf(`${before}. ${"I do not know. ".repeat(2)}`))
    assert.deepInclude(repetitionOf(`${before} ${"never ".repeat(20)}`), { measure: "wordRun", score: 20 })
    assert.deepInclude(repetitionOf(`${before} A${"a".repeat(59)}`), { measure: "characterRun", score: 59 })
    assert.isUndefined(repetitionOf(`${before}\n${"-".repeat(200)}\n${"=".repeat(200)}`))
    assert.deepInclude(repetitionOf(`${before} ${"\u{1f600}".repeat(60)}`), { measure: "characterRun", score: 60 })
  })

  it("code, tables, lists and quotes may repeat themselves", () => {
    const repeat = (line: string) => `Here it is:\n${`${line}\n`.repeat(8)}`
    for (const line of [
      "- an item of a list",
      "1. an item of a list",
      "| a | b |",
      "> as you said",
      "* point",
      "a) one",
    ])
      assert.isUndefined(repetitionOf(repeat(line)), line)
    assert.isUndefined(repetitionOf(`So:\n\`\`\`\n${"x = x + 1\n".repeat(8)}\`\`\`\nDone.`))
    assert.isDefined(repetitionOf(repeat("a line of a song")))
  })

  it("code without a fence may as well, and scripts of which each character is a word are judged by lines and runs", () => {
    assert.isUndefined(repetitionOf("<tr><td>one</td><td>two</td></tr>\n".repeat(12)))
    const thai = "ไม่รู้ว่าทำไมคุณกลับบ้านดึกเสมอ ฉันรอคุณอยู่ที่บ้านทุกคืน และฉันไม่รู้ว่าทำไมคุณกลับบ้านดึกเสมอ"
    assert.isUndefined(repetitionOf(thai))
    assert.isDefined(repetitionOf(`${thai}\n`.repeat(6)))
  })

  it("scale multiplies the shares", () => {
    const text = ["a b c d", "e f g h", "a b c d", "i j k l", "m n o p", "a b c d"].join("\n")
    assert.deepInclude(repetitionOf(text), { measure: "lines", score: 1 / 3 })
    assert.isUndefined(repetitionOf(text, 4))
  })

  it("law: offsets are inside the text, and the score is above its limit", () => {
    const word = fc.constantFrom("so", "it", "goes", "\n", "\n\n", ".", "- ", "```\n", "ha", "\u{1f600}")
    fc.assert(
      fc.property(fc.array(word, { maxLength: 120 }), (words) => {
        const text = words.join(" ")
        const found = repetitionOf(text)
        if (found === undefined) return
        assert.isAtLeast(found.score, found.threshold)
        assert.isTrue(0 <= found.start && found.start < found.end && found.end <= text.length)
      }),
      { seed: 5, numRuns: 400 },
    )
  })
})

describe("proseOnly", () => {
  it("keeps the length of a text, and the text itself where nothing is taken out", () => {
    const text = "a\n- b\nc\n```js\nd\n```\ne"
    assert.strictEqual(proseOnly(text), "a\n   \nc\n     \n \n   \ne")
    assert.strictEqual(proseOnly("a - b\nc"), "a - b\nc")
  })
})

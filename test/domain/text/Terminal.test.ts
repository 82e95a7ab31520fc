import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { terminalLine, terminalText } from "../../../src/domain/text/Terminal.ts"

const anything = fc.string({ unit: "binary" })

describe("terminalText", () => {
  it("shows what steers a terminal: escapes, bells, erasers, C1 controls", () => {
    assert.strictEqual(terminalText("\u001b]0;title\u0007"), "\\x1b]0;title\\x07")
    assert.strictEqual(terminalText("\u001b[2J\u009b31m"), "\\x1b[2J\\x9b31m")
    assert.strictEqual(terminalText("a\u0000b\u0008c\u000bd\u007fe\u0085f"), "a\\x00b\\x08c\\x0bd\\x7fe\\x85f")
  })

  it("shows marks that turn the direction of writing, and the byte order mark", () => {
    assert.strictEqual(terminalText("\u202eabc\u2066d\u200f\u061c\ufeff"), "\\u202eabc\\u2066d\\u200f\\u061c\\ufeff")
  })

  it("keeps line feeds, tabs and text of any language; CRLF becomes LF, a lone CR is shown", () => {
    const text = "naïve\tЖ 日本 العربية 👩‍🚀\nnext"
    assert.strictEqual(terminalText(text), text)
    assert.strictEqual(terminalText("a\r\nb\rc"), "a\nb\\x0dc")
  })

  it("lets no control character of any text through, and changes nothing twice", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const shown = terminalText(text)
        assert.notMatch(shown, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        assert.strictEqual(terminalText(shown), shown)
      }),
      { examples: [["\u001b\u009b\r\r\n"], ["\r\u0000\n"]] },
    )
  })

  it("takes time in proportion to the text", () => {
    const began = performance.now()
    assert.strictEqual(terminalText("\r".repeat(1_000_000)).length, 4_000_000)
    assert.isBelow(performance.now() - began, 5000)
  })
})

describe("terminalLine", () => {
  it("puts everything on one line", () => {
    assert.strictEqual(terminalLine("a\nb\r\n\t\nc\u001b"), "a b c\\x1b")
    fc.assert(fc.property(anything, (text) => assert.notMatch(terminalLine(text), /[\n\r\t]/)))
  })
})

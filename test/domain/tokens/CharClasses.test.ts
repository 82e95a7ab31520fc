import { assert, describe, it } from "@effect/vitest"
import * as Classes from "../../../src/domain/tokens/CharClasses.ts"
import { ranksText, withTiktoken } from "./tiktoken.ts"

const { LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER } = Classes

/** Code points that a pattern of one character matches, by tiktoken's own engine: it drops what no piece covers. */
const matched = (pattern: string): ReadonlyArray<number> =>
  withTiktoken(ranksText([]), pattern, (encoding) => {
    const found: Array<number> = []
    for (let plane = 0; plane < 17; plane++) {
      let text = ""
      for (let code = plane << 16; code < (plane + 1) << 16; code++) {
        if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code)
      }
      const kept = new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoding.decode(encoding.encode_ordinary(text)))
      for (const char of kept) found.push(char.codePointAt(0) as number)
    }
    return found
  })

describe("charClasses", () => {
  it("every code point has the class that tiktoken sees in it", () => {
    const expected = new Uint8Array(0x110000).fill(OTHER)
    const patterns: ReadonlyArray<readonly [number, string]> = [
      [UPPER, "\\p{Lu}|\\p{Lt}"],
      [LOWER, "\\p{Ll}"],
      [LETTER, "\\p{Lm}|\\p{Lo}"],
      [MARK, "\\p{M}"],
      [NUMBER, "\\p{N}"],
      [SPACE, "[^\\S\\r\\n]"],
      [NEWLINE, "[\\r\\n]"],
    ]
    for (const [kind, pattern] of patterns) for (const code of matched(pattern)) expected[code] = kind
    const actual = Classes.charClasses()
    assert.strictEqual(actual.length, expected.length)
    const different: Array<string> = []
    for (let code = 0; code < expected.length; code++) {
      if (actual[code] !== expected[code]) different.push(`${code.toString(16)}: ${actual[code]} for ${expected[code]}`)
    }
    assert.deepStrictEqual(different.slice(0, 20), [])
  })

  it("does not depend on the Unicode version of Node: a letter of Unicode 17 is none", () => {
    assert.strictEqual(Classes.charClasses()[0x323b0], OTHER)
    // New in Unicode 16.
    assert.strictEqual(Classes.charClasses()[0xa7cb], UPPER)
  })

  it("is made once", () => {
    assert.strictEqual(Classes.charClasses(), Classes.charClasses())
  })
})

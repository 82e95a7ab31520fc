import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { charClasses } from "../../../src/domain/tokens/CharClasses.ts"
import { loadRanks } from "../../../src/domain/tokens/Ranks.ts"
import { endByte, scannerOf } from "../../../src/domain/tokens/Split.ts"
import { ranksText, withTiktoken } from "./tiktoken.ts"

/** Encodings with a pattern of their own. */
const names = ["gpt2", "cl100k_base", "o200k_base"] as const

/** Lengths in bytes of the pieces of a text. */
const scan = (pattern: string): ((text: string) => ReadonlyArray<number>) => {
  const next = scannerOf(pattern, charClasses())
  if (next === undefined) throw new Error(`no scanner of ${pattern}`)
  return (text) => {
    const bytes = Buffer.from(`${text} `)
    const size = bytes.length - 1
    bytes[size] = endByte
    const lengths: Array<number> = []
    for (let from = 0; from < size; ) {
      const to = next(bytes, from)
      lengths.push(to - from)
      from = to
    }
    return lengths
  }
}

const pieces = (pattern: string, text: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(text)
  let from = 0
  return scan(pattern)(text).map((length) => bytes.subarray(from, (from += length)).toString())
}

/** One or two characters of every class, and those that patterns name. */
const alphabet = ["A", "a", "s", "\u3042", "\u0301", "1", " ", "\t", "\n", "!", "'", "/"]

/** Every string of up to `length` characters of the alphabet. */
const allStrings = (length: number): ReadonlyArray<string> => {
  const all: Array<string> = []
  let longest = [""]
  for (let i = 0; i < length; i++) {
    longest = longest.flatMap((text) => alphabet.map((char) => text + char))
    for (const text of longest) all.push(text)
  }
  return all
}

describe("scannerOf", () => {
  const strings = allStrings(4)

  for (const name of names) {
    const { pattern } = loadRanks(name)

    it(`${name}: cuts all 22,620 strings of four characters or less where tiktoken does`, () => {
      assert.strictEqual(strings.length, 22_620)
      const check = scan(pattern)
      // Where every string is a token, every piece is one token, and the tokens tell the pieces.
      const tokens = strings.filter((text) => Buffer.byteLength(text) > 1).map((text) => Buffer.from(text))
      withTiktoken(ranksText(tokens), pattern, (encoding) => {
        for (const text of strings) {
          const expected = Array.from(encoding.encode_ordinary(text), (token) =>
            token < 256 ? 1 : (tokens[token - 256] as Buffer).length,
          )
          assert.deepStrictEqual(check(text), expected, JSON.stringify(text))
        }
      })
    })

    it(`${name}: law: pieces are not empty and together are the text`, () => {
      const check = scan(pattern)
      fc.assert(
        fc.property(
          fc.string({ unit: fc.oneof(fc.constantFrom(...alphabet), fc.string({ unit: "binary" })) }),
          (text) => {
            const lengths = check(text)
            assert.isTrue(lengths.every((length) => length > 0))
            assert.strictEqual(
              lengths.reduce((sum, length) => sum + length, 0),
              Buffer.byteLength(text),
            )
          },
        ),
      )
    })
  }

  it("cuts contractions in any case, a long s included, from cl100k_base on", () => {
    const [gpt2, cl100k, o200k] = names.map((name) => loadRanks(name).pattern) as [string, string, string]
    assert.deepStrictEqual(pieces(gpt2, "I'm I'M it\u2019s"), ["I", "'m", " I", "'", "M", " it", "\u2019", "s"])
    assert.deepStrictEqual(pieces(cl100k, "we'LL it'\u017f we're"), ["we", "'LL", " it", "'\u017f", " we", "'re"])
    assert.deepStrictEqual(pieces(o200k, "we'LL it'\u017f 'em"), ["we'LL", " it'\u017f", " '", "em"])
  })

  it("numbers, blanks and ends of lines stand as each pattern groups them", () => {
    const [gpt2, cl100k, o200k] = names.map((name) => loadRanks(name).pattern) as [string, string, string]
    const text = "12345  x \n\n y?\n/z"
    assert.deepStrictEqual(pieces(gpt2, text), ["12345", " ", " x", " \n\n", " y", "?", "\n", "/", "z"])
    assert.deepStrictEqual(pieces(cl100k, text), ["123", "45", " ", " x", " \n\n", " y", "?\n", "/z"])
    assert.deepStrictEqual(pieces(o200k, text), ["123", "45", " ", " x", " \n\n", " y", "?\n/", "z"])
  })

  it("words end at a capital from o200k_base on", () => {
    assert.deepStrictEqual(pieces(loadRanks("cl100k_base").pattern, "fooBarBAZ"), ["fooBarBAZ"])
    assert.deepStrictEqual(pieces(loadRanks("o200k_base").pattern, "fooBarBAZ"), ["foo", "Bar", "BAZ"])
  })

  it("a pattern that is not known has none", () => {
    assert.isUndefined(scannerOf("\\S+|\\s+", charClasses()))
  })
})

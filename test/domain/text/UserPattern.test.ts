import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { compileUserPattern, type UserPattern } from "../../../src/domain/text/UserPattern.ts"
import { cpuSince } from "../../support/cpu.ts"

const compiled = (source: string, flags?: string): UserPattern => {
  const pattern = compileUserPattern(source, flags)
  if ("problem" in pattern) throw new Error(`${source}: ${pattern.problem}`)
  return pattern
}

const problemOf = (source: string, flags?: string): string => {
  const pattern = compileUserPattern(source, flags)
  return "problem" in pattern ? pattern.problem : "none"
}

/** What JavaScript's own engine finds. */
const native = (source: string, flags: string, text: string): { start: number; end: number } | undefined => {
  const hit = new RegExp(source, `${flags}u`).exec(text)
  return hit === null ? undefined : { start: hit.index, end: hit.index + hit[0].length }
}

describe("compileUserPattern", () => {
  it("finds what JavaScript's engine finds", () => {
    const cases: ReadonlyArray<readonly [source: string, flags: string, text: string]> = [
      ["colou?r", "i", "The COLOR of it"],
      [String.raw`\bcat\b`, "", "concat a cat"],
      [String.raw`\Bcat`, "", "cat concat"],
      ["^b", "m", "a\nb"],
      ["^b", "", "a\nb"],
      ["a$", "m", "a\nb"],
      ["a.b", "", "a\nb"],
      ["a.b", "s", "a\nb"],
      ["(?:ab|a)(?:c|bcd)", "", "abcd"],
      ["<.+?>", "", "<a><b>"],
      ["<.+>", "", "<a><b>"],
      ["x{2,3}", "", "xxxxx"],
      ["x{2,3}?", "", "xxxxx"],
      ["x{0}y", "", "xy"],
      ["x{2,}y", "", "xy xxxy"],
      [String.raw`\p{Lu}\p{Ll}+`, "", "ein Äpfel"],
      [String.raw`[^\]a-c\u{1f600}]+`, "", "]abc😀déf"],
      [String.raw`\ud83d\ude00.`, "", "a😀😃"],
      [".", "", "😀"],
      ["[😀-😅]", "", "a😃"],
      [String.raw`(?<year>\d{4})-\d\d`, "", "on 1999-12"],
      ["", "", "abc"],
      ["$", "", "abc"],
      ["a|", "", "ba"],
      ["k", "i", "\u212a"],
      [String.raw`\w`, "i", "ſ"],
      [String.raw`[\s\S]{3}`, "", "a\u2028b"],
      [String.raw`\x41\cA?\u0042\/\-`.replace(String.raw`\-`, "-"), "", "AB/-"],
    ]
    for (const [source, flags, text] of cases)
      assert.deepStrictEqual(compiled(source, flags).find(text), native(source, flags, text), `/${source}/${flags}`)
  })

  it("law: any pattern of the supported syntax finds what JavaScript's engine finds", () => {
    const atom = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "\\b", "^", "$", "\\w", "😀", "\\n", "é")
    const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
      pattern: fc
        .array(fc.array(tie("part"), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 })
        .map((ways) => ways.map((parts) => parts.join("")).join("|")),
      part: fc.oneof(
        { maxDepth: 3 },
        { weight: 3, arbitrary: atom },
        // What is repeated takes at least one character: of empty rounds engines tell different ends.
        {
          weight: 2,
          arbitrary: fc
            .tuple(
              fc.constantFrom("a", "[ab]", ".", "(?:ab|a)", "(?:a|b|é)", "(b(?:a|ab))"),
              fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}"),
            )
            .map(([what, often]) => what + often),
        },
        { weight: 1, arbitrary: tie("pattern").map((inner) => `(?:${inner})`) },
      ),
    }))
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "\n", " ", "é", "😀"), maxLength: 12 })
    fc.assert(
      fc.property(pattern, fc.constantFrom("", "i", "m", "s", "ims"), text, (source, flags, input) => {
        const ours = compiled(source, flags)
        const theirs = native(source, flags, input)
        assert.deepStrictEqual(ours.find(input), theirs)
        assert.strictEqual(ours.test(input), theirs !== undefined)
      }),
      { numRuns: 1500 },
    )
  })

  it("refuses what no engine searches for in linear time, and says what to write instead", () => {
    for (const source of ["(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b"]) assert.match(problemOf(source), /^look-ahead/)
    assert.match(problemOf(String.raw`(a)\1`), /^a back-reference/)
    assert.match(problemOf(String.raw`(?<x>a)\k<x>`), /^a back-reference/)
  })

  it("refuses what is no pattern, what is too large, and flags that mean nothing here", () => {
    assert.strictEqual(problemOf("("), "no regular expression: Unterminated group")
    assert.match(problemOf("(?:a{100}){100}"), /^the pattern is too large/)
    assert.match(problemOf("(?:(?:a{90000}){90000}){90000}"), /^the pattern is too large/)
    assert.match(problemOf("(".repeat(500) + ")".repeat(500)), /^groups are nested more than 200 deep/)
    assert.strictEqual(problemOf("(?:){1000000000}a"), "none")
    assert.match(problemOf("a".repeat(4001)), /^the pattern is longer/)
    assert.match(problemOf("a", "g"), /^unknown flag "g"/)
    assert.strictEqual(problemOf("a", "iu"), "none")
  })

  it("patterns that make other engines hang take time in proportion to the text", { timeout: 60_000 }, () => {
    const hostile: ReadonlyArray<readonly [source: string, unit: string]> = [
      ["^(a+)+$", "a"],
      ["(a|a)*b", "a"],
      ["(?:a*)*b", "a"],
      [String.raw`\s+$`, " "],
      ["a.*b.*c.*d", "ab"],
      ["(?:x?){50}x{50}y", "x"],
      ["[ab]*a[ab]{12}c", "ab"],
    ]
    for (const [source, unit] of hostile) {
      const pattern = compiled(source)
      const text = `${unit.repeat(200_000 / unit.length)}!`
      const from = process.cpuUsage()
      assert.isFalse(pattern.test(text), source)
      assert.isBelow(cpuSince(from), 5000, source)
    }
    // A match is told in linear time as well.
    const long = "a".repeat(200_000)
    assert.deepStrictEqual(compiled("(?:a*)*").find(long), { start: 0, end: long.length })
  })

  it("an automaton with more states than are kept finds the same", () => {
    const pattern = compiled("(?:a|b)*a(?:a|b){14}c")
    const tail = "ab".repeat(7)
    let state = 1
    let text = ""
    for (let i = 0; i < 30_000; i++) {
      state = (state * 1103515245 + 12345) % 2147483648
      text += state & 0x10000 ? "a" : "b"
    }
    assert.isFalse(pattern.test(text))
    assert.isTrue(pattern.test(`${text}a${tail}c`))
  })
})

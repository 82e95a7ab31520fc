import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import {
  compileTemplate,
  enumerateTemplate,
  type Piece,
  sampleTemplate,
  templateProblems,
} from "../../../src/domain/prompts/Template.ts"
import * as RecordRandom from "../../../src/domain/RecordRandom.ts"

const variants = (source: string, cap?: number): ReadonlyArray<string> =>
  enumerateTemplate(compileTemplate(source), cap)

const write = (pieces: ReadonlyArray<Piece>): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : `{{${piece.name}}}`)).join("")

const sampled = (source: string, times: number): ReadonlyArray<string> => {
  const template = compileTemplate(source)
  return Array.from({ length: times }, (_, i) => write(sampleTemplate(template, RecordRandom.make(`${i}`))))
}

const ten = "%{a|b|c|d|e|f|g|h|i|j}"

describe("enumerateTemplate", () => {
  it("U-8: the leftmost block varies slowest", () => {
    assert.deepStrictEqual(variants("%{a|b} %{c|d}"), ["a c", "a d", "b c", "b d"])
  })

  it("U-8: an empty alternative is one", () => {
    assert.deepStrictEqual(variants("%{|a}"), ["", "a"])
    assert.deepStrictEqual(variants("x%{ | y}z"), ["x z", "x yz"])
  })

  it("U-8: a template without a block is its own only variant", () => {
    assert.deepStrictEqual(variants("plain text"), ["plain text"])
    assert.deepStrictEqual(variants(""), [""])
  })

  it("U-8: stops at exactly the cap", () => {
    const blocks = `${ten} ${ten} ${ten}`
    assert.lengthOf(variants(blocks), 256)
    assert.deepStrictEqual(variants(blocks).slice(0, 2), ["a a a", "a a b"])
    assert.strictEqual(variants(blocks)[255], "c f f")
    assert.lengthOf(variants(blocks, 7), 7)
    assert.lengthOf(new Set(variants(blocks, 5000)), 1000)
  })

  it("U-8: placeholders may stand inside blocks, also at their beginning", () => {
    assert.deepStrictEqual(variants("%{{{char}}|x} y"), ["{{char}} y", "x y"])
    assert.deepStrictEqual(variants("%{a {{user}} b|{{char}}}"), ["a {{user}} b", "{{char}}"])
  })

  it("an empty alternative leaves one blank, not two", () => {
    assert.deepStrictEqual(variants("a %{|b} c"), ["a c", "a b c"])
  })

  it("a backslash makes the next mark plain text", () => {
    assert.deepStrictEqual(variants("\\%{a\\|b\\} \\\\ \\{\\{char\\}\\} \\n"), ["%{a|b} \\ {{char}} \\n"].map(String))
    assert.deepStrictEqual(variants("%{a\\|b|c\\}}"), ["a|b", "c}"])
    assert.deepStrictEqual(templateProblems("%{a\\|b|c\\}} 5\\% \\{x\\}", []), [])
  })

  it("a block may hold line breaks", () => {
    assert.deepStrictEqual(variants("%{a\nb|c}"), ["a\nb", "c"])
  })
})

describe("sampleTemplate", () => {
  it("U-8: all 1000 variants of three blocks of ten come up, about equally often", () => {
    const counts = new Map<string, number>()
    for (const text of sampled(`${ten}${ten}${ten}`, 30_000)) counts.set(text, (counts.get(text) ?? 0) + 1)
    assert.strictEqual(counts.size, 1000)
    assert.isBelow(Math.max(...counts.values()), 65)
  })

  it("law: a sample is one of the variants", () => {
    const part = fc.constantFrom("%{a|b}", "%{|x }", "plain ", "{{char}}", "%{{{user}}|y}", "\\%", " ")
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.string(), (parts, name) => {
        const template = compileTemplate(parts.join(""))
        const all = enumerateTemplate(template, 1000)
        assert.include(all, write(sampleTemplate(template, RecordRandom.make(name))))
      }),
    )
  })

  it("C-15: a template without a choice draws nothing", () => {
    const never = RecordRandom.make("a")
    const watched = { ...never, pick: () => assert.fail("drew") }
    assert.deepStrictEqual(sampleTemplate(compileTemplate("Be {{char}}."), watched), ["Be ", { name: "char" }, "."])
  })
})

describe("templateProblems", () => {
  const problems = (source: string) => templateProblems(source, ["char"])

  it("U-8: a good template has none", () => {
    for (const source of ["a", "%{a|b}", "{{char}} {{response_length_str}}", "%{|a}", "50%", "a|b"]) {
      assert.deepStrictEqual(problems(source), [], source)
    }
  })

  it("U-8: tells what is malformed and where", () => {
    const expected: ReadonlyArray<readonly [string, string]> = [
      ["x %{a|b", 'the block at character 3 is never closed by "}"'],
      ["%{a|%{b|c}}", 'a block "%{" inside another at character 5: blocks cannot be nested'],
      ["%{a}", "the block at character 1 has only one alternative"],
      ["{a|b}", 'a stray "{" at character 1; write "\\{" if it is meant'],
      ["a}", 'a stray "}" at character 2; write "\\}" if it is meant'],
      ["{{char}", '"{{" at character 1 is never closed by "}}"'],
      ["{{chr}}", 'unknown placeholder "{{chr}}". Did you mean "char"?'],
      ["{{user}}", "this task has no {{user}}; it offers {{char}}"],
      [" \n", "the prompt is empty"],
    ]
    for (const [source, problem] of expected) assert.include(problems(source), problem, source)
  })

  it("a task without placeholders offers the hints alone", () => {
    assert.deepStrictEqual(templateProblems("{{char}} {{char}} {{response_style_str}}", []), [
      "this task has no {{char}}; it offers none beside the hints",
    ])
  })

  it("C-5: any text compiles, and its problems can be told", () => {
    const part = fc.constantFrom("%{", "}", "{{", "}}", "|", "\\", "char", "a", "\n", "%")
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const source = parts.join("")
        assert.isTrue(templateProblems(source, []).every((problem) => problem.length > 5))
        assert.isAtLeast(variants(source).length, 1)
      }),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { PromptPart } from "../../../src/domain/prompts/Prompt.ts"
import { loadPool, makePool, parsePool, promptSource } from "../../../src/domain/prompts/Pool.ts"
import * as RecordRandom from "../../../src/domain/RecordRandom.ts"

const sample = (templates: ReadonlyArray<string>, values = {}, name = "x"): ReadonlyArray<PromptPart> =>
  promptSource(makePool(templates)).sample(RecordRandom.make(name), values)

describe("parsePool", () => {
  it("templates stand between lines of three hyphens, comments at the top", () => {
    assert.deepStrictEqual(parsePool("# about\n\nfirst\n---\n\nsecond\nline\n\n---\nthird\n"), [
      "first",
      "second\nline",
      "third",
    ])
  })

  it("only a whole line of three hyphens separates, and only the top holds comments", () => {
    assert.deepStrictEqual(parsePool("a --- b\n----\n--- \n---\n# no comment"), ["a --- b\n----\n---", "# no comment"])
  })

  it("line ends of any kind, empty templates and empty files", () => {
    assert.deepStrictEqual(parsePool("a\r\n---\r\nb\r---\n---\n\n"), ["a", "b"])
    assert.deepStrictEqual(parsePool("# only\n"), [])
  })
})

describe("promptSource", () => {
  it("each template comes up about equally often, however many variants it has", () => {
    const source = promptSource(makePool(["%{a|b|c|d|e|f|g|h}", "plain"]))
    const plain = Array.from({ length: 4000 }, (_, i) => source.sample(RecordRandom.make(`${i}`))).filter(
      ([part]) => part === "plain",
    )
    assert.approximately(plain.length, 2000, 160)
  })

  it("values go in, hints stay open", () => {
    assert.deepStrictEqual(
      sample(["{{char}} and {{user}}: {{response_style_str}}. {{persona}}"], {
        char: "Iris",
        user: "Tom",
        persona: "P",
      }),
      ["Iris and Tom: ", { hint: "response_style_str" }, ". P"],
    )
  })

  it("a name that is not known stays as its placeholder, anything else becomes empty", () => {
    assert.deepStrictEqual(sample(["{{char}} {{user}}|{{persona}}{{characters}}{{content_type_str}}|"]), [
      "{{char}} {{user}}||",
    ])
  })

  it("C-8: what is put in is not scanned again, but for the two names", () => {
    const persona = "{{char}} %{a|b} {{persona}} {{response_length_str}} {{user}} \\{ $&"
    assert.deepStrictEqual(sample(["<{{persona}}>"], { char: "{{user}}", persona, user: "$1" }), [
      "<{{user}} %{a|b} {{persona}} {{response_length_str}} $1 \\{ $&>",
    ])
  })

  it("C-8: law: any values are literals", () => {
    const text = fc.string({ unit: "binary" }).filter((value) => !/\{\{(?:char|user)\}\}/i.test(value))
    fc.assert(
      fc.property(text, text, (persona, char) => {
        assert.deepStrictEqual(sample(["{{char}}/{{persona}}"], { persona, char }), [`${char}/${persona}`])
      }),
    )
  })

  it("C-15: the same generator gives the same prompt", () => {
    const pool = loadPool("characterai")
    const draw = (name: string) => promptSource(pool).sample(RecordRandom.make(name))
    assert.deepStrictEqual(draw("a"), draw("a"))
    assert.isAbove(new Set(Array.from({ length: 30 }, (_, i) => JSON.stringify(draw(`${i}`)))).size, 20)
  })
})

describe("loadPool", () => {
  it("T-23: reads a file of the package once", () => {
    assert.strictEqual(loadPool("gti"), loadPool("gti"))
    assert.lengthOf(loadPool("gti"), 8)
  })

  it("a pool that is not there is an error", () => {
    assert.throws(() => loadPool("nothing"))
  })
})

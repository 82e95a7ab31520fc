import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { commonTokens, compileRoleTokens, removeFrame } from "../../src/domain/RoleTokens.ts"
import { formats } from "../../src/layers/formats/All.ts"

const guard = compileRoleTokens(commonTokens)

/** Text made of pieces of tokens: what joins into new ones. */
const shredded = fc
  .array(
    fc.oneof(
      fc.constantFrom(...commonTokens),
      fc.constantFrom(...commonTokens).chain((token) => fc.nat({ max: token.length }).map((at) => token.slice(0, at))),
      fc.constantFrom(...commonTokens).chain((token) => fc.nat({ max: token.length }).map((at) => token.slice(at))),
      fc.constantFrom("<", "|", ">", "[", "]", "/", " ", "a", "<|<|", "|>|>"),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""))

describe("compileRoleTokens", () => {
  it("C-23: every token is found, control tokens in any case, and broken by one space", () => {
    for (const token of commonTokens) {
      assert.strictEqual(guard.find(`a${token}b`), token)
      const tag = /^<\/?[a-z]+>$/.test(token)
      assert.strictEqual(guard.find(token.toUpperCase()), tag ? undefined : token.toUpperCase())
      assert.deepStrictEqual(guard.escape(`a${token}b`), { text: `a${token[0]} ${token.slice(1)}b`, count: 1 })
    }
  })

  it("C-23: text without tokens stays as it is", () => {
    for (const text of ["", "a < b | c > d", "[instructions]", "<b>", "< |user|>", "<|userx|>", "s> <"]) {
      assert.deepStrictEqual(guard.escape(text), { text, count: 0 })
      assert.isUndefined(guard.find(text))
    }
  })

  it("C-23: every token of a text counts", () => {
    assert.deepStrictEqual(guard.escape("<|user|><|user|> </s>"), { text: "< |user|>< |user|> < /s>", count: 3 })
    assert.strictEqual(guard.find("</s><|user|>"), "</s>")
  })

  it("C-23: the longest of several tokens counts", () => {
    const own = compileRoleTokens(["<a>", "<a>b"])
    assert.strictEqual(own.find("<a>b"), "<a>b")
    assert.deepStrictEqual(own.escape("<a>b<a>"), { text: "< a>b< a>", count: 2 })
  })

  it("law: no token is left after escaping, for each format, and nothing but spaces is added", () => {
    for (const { roleTokens } of formats) {
      const own = compileRoleTokens(roleTokens)
      fc.assert(
        fc.property(shredded, (text) => {
          const escaped = own.escape(text)
          assert.isUndefined(own.find(escaped.text))
          assert.strictEqual(escaped.count === 0, own.find(text) === undefined)
          assert.strictEqual(escaped.text.replaceAll(" ", ""), text.replaceAll(" ", ""))
          assert.strictEqual(escaped.text.length, text.length + escaped.count)
        }),
      )
    }
  })

  it("law: escaping twice is escaping once", () => {
    fc.assert(
      fc.property(shredded, (text) => {
        const once = guard.escape(text).text
        assert.deepStrictEqual(guard.escape(once), { text: once, count: 0 })
      }),
    )
  })

  it("a guard of no tokens finds nothing", () => {
    const none = compileRoleTokens([])
    assert.isUndefined(none.find("<|user|>"))
    assert.deepStrictEqual(none.escape("<|user|>"), { text: "<|user|>", count: 0 })
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", () => {
    for (const unit of ["<", "<|", "<|user", "<|user|>", "[INST", "<｜", "a"]) {
      const from = performance.now()
      guard.escape(unit.repeat(2 ** 20 / unit.length))
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  }, 60_000)
})

describe("removeFrame", () => {
  it("takes the marks of begin and end that frame a text, and none inside", () => {
    for (const [text, rest, count] of [
      ["No<|endoftext|>", "No", 1],
      ["<|begin_of_text|>Hi <|eot_id|>\n<|end_of_text|> ", "Hi", 3],
      ["<s>Hi", "Hi", 1],
      ["Hi</s>", "Hi", 1],
      ["a <|endoftext|> b", "a <|endoftext|> b", 0],
      ["<s>struck</s>", "<s>struck</s>", 0],
      ["was <s>struck</s>", "was <s>struck</s>", 0],
      ["x > y", "x > y", 0],
      ["<|endoftext|>", "", 1],
    ] as const)
      assert.deepStrictEqual(removeFrame(text), { text: rest, count }, text)
  })
})

describe("letter case", () => {
  const guard = compileRoleTokens(["<|im_end|>", "<s>", "[INST]"])

  it("is ignored for control tokens, and heeded for plain tags", () => {
    assert.strictEqual(guard.escape("a <|IM_End|> [inst]").text, "a < |IM_End|> [ inst]")
    assert.strictEqual(guard.escape("List<S> and <s>").text, "List<S> and < s>")
  })

  it("a token that a space cannot break is refused", () => {
    assert.throws(() => compileRoleTokens(["#"]), /cannot be escaped/)
    assert.throws(() => compileRoleTokens(["# user"]), /cannot be escaped/)
  })
})

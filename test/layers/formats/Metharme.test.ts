import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { compileRoleTokens } from "../../../src/domain/RoleTokens.ts"
import { Metharme } from "../../../src/layers/formats/Metharme.ts"
import { anyExample } from "../../support/examples.ts"

const identifier = { identifier: true }
const encode = (...turns: ReadonlyArray<Turn>) => Metharme.encode({ id: "airoboros-instruct-0", turns }, identifier)

const kinds = { system: "system", user: "user", model: "model" } as const

/** The turns of a row, read back from its text. */
const decode = ({ generation, prompt }: { readonly prompt: string; readonly generation: string }): Array<Turn> =>
  [...(prompt + generation).matchAll(/<\|(system|user|model)\|>([^]*?)(?=<\|(?:system|user|model)\|>|$)/g)].map(
    ([, kind, text]) => ({ kind: kinds[kind as keyof typeof kinds], text: text as string }),
  )

describe("Metharme", () => {
  it("every turn stands behind its token, and the last one is the generation", () => {
    assert.deepStrictEqual(encode(system("S"), user("U1"), model("M1"), user("U2"), model("M2")), [
      {
        prompt: "<|system|>S<|user|>U1<|model|>M1<|user|>U2<|model|>",
        generation: "M2",
        identifier: "airoboros-instruct-0",
      },
    ])
  })

  it("M-1: refuses a conversation whose last turn is not the model's", () => {
    assert.deepStrictEqual(encode(system("S"), user("U1"), model("M1"), user("U2")), [])
    assert.deepStrictEqual(encode(system("S")), [])
    assert.deepStrictEqual(encode(), [])
  })

  it("M-3: a token inside a generation is not stripped: it is the guard's to deal with", () => {
    assert.deepInclude(encode(user("U"), model("a<|model|>b"))[0] as object, { generation: "a<|model|>b" })
  })

  it("C-6: encoding twice gives the same row and leaves the turns alone", () => {
    const turns = [system("S"), user("U"), model("M")].map((turn) => Object.freeze(turn))
    const example = Object.freeze({ id: "i", turns: Object.freeze(turns) })
    assert.deepStrictEqual(Metharme.encode(example, identifier), Metharme.encode(example, identifier))
    assert.deepStrictEqual(example.turns, [system("S"), user("U"), model("M")])
  })

  it("all lines have the same keys in the same order", () => {
    fc.assert(
      fc.property(anyExample, (example) => {
        for (const [context, keys] of [
          [{ identifier: true }, ["prompt", "generation", "identifier"]],
          [{ identifier: false }, ["prompt", "generation"]],
        ] as const) {
          assert.deepStrictEqual(
            Metharme.encode(example, context).map((row) => Object.keys(row)),
            [[...keys]],
          )
        }
      }),
    )
  })

  it("C-23: the turns can be read back, as long as no text holds a token", () => {
    fc.assert(
      fc.property(anyExample, ({ id, turns }) => {
        const [row] = Metharme.encode({ id, turns }, identifier)
        assert.deepStrictEqual(decode(row as { prompt: string; generation: string }), turns)
      }),
    )
  })

  it("C-23: its own tokens are among those that are guarded", () => {
    const guard = compileRoleTokens(Metharme.roleTokens)
    for (const token of ["<|system|>", "<|user|>", "<|model|>", "</s>", "<|endoftext|>"]) {
      assert.strictEqual(guard.find(`a${token}b`), token)
    }
  })

  it("the length of a turn is that of the text with its token", () => {
    assert.strictEqual(Metharme.lengthText(user("hi")), "<|user|>hi")
    assert.strictEqual(Metharme.lengthText(model("hi")), "<|model|>hi")
    assert.strictEqual(Metharme.lengthText(system("hi")), "<|system|>hi")
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, system, type Turn, user } from "../../src/domain/Conversation.ts"
import { shape } from "../../src/domain/Shape.ts"

const shaped = (...turns: ReadonlyArray<Turn>) => {
  const result = shape("id", { turns })
  if (typeof result === "string") throw new Error(result)
  return { turns: result.episode.turns, trailing: result.trailing }
}

const anyTurn: fc.Arbitrary<Turn> = fc.record(
  {
    kind: fc.constantFrom<Turn["kind"]>("system", "user", "model"),
    text: fc.constantFrom("a", "b", "", " \n", "\u00a0"),
    weight: fc.constantFrom(0, 1),
    name: fc.constantFrom("Iris", "Tom"),
  },
  { requiredKeys: ["kind", "text"] },
)

describe("shape", () => {
  it("C-24: neighbours of one speaker become one turn, joined by a newline", () => {
    assert.deepStrictEqual(shaped(user("a"), user("b"), model("c"), model("d"), user("e"), model("f")).turns, [
      user("a\nb"),
      model("c\nd"),
      user("e"),
      model("f"),
    ])
  })

  it("C-24: there is one system turn at most, and it stands first", () => {
    assert.deepStrictEqual(shaped(user("a"), system("s"), model("b"), system("t")).turns, [
      system("s\nt"),
      user("a"),
      model("b"),
    ])
  })

  it("C-24: a system turn between two turns of one speaker does not keep them apart", () => {
    assert.deepStrictEqual(shaped(user("a"), system("s"), user("b"), model("c")).turns, [
      system("s"),
      user("a\nb"),
      model("c"),
    ])
  })

  it("turns of different weight are not merged", () => {
    const turns = [user("a"), { ...model("b"), weight: 0 }, { ...model("c"), weight: 1 }]
    assert.deepStrictEqual(shaped(...turns).turns, turns)
  })

  it("C-25: empty turns go first, then neighbours are merged", () => {
    assert.deepStrictEqual(shaped(system(" "), user("a"), model("\n"), user("b"), model("c")).turns, [
      user("a\nb"),
      model("c"),
    ])
  })

  it("C-3: all turns after the last one of the model go, and are counted", () => {
    assert.deepStrictEqual(shaped(user("a"), model("b"), user("c")), { turns: [user("a"), model("b")], trailing: 1 })
    assert.deepStrictEqual(shaped(user("a"), model("b"), user("c"), model(" "), user("d")), {
      turns: [user("a"), model("b")],
      trailing: 1,
    })
    assert.strictEqual(shaped(user("a"), model("b")).trailing, 0)
  })

  it("C-4: a conversation without a model's or a user's turn is invalid by name", () => {
    assert.strictEqual(shape("id", { turns: [] }), "noModelTurn")
    assert.strictEqual(shape("id", { turns: [system("s"), user("a")] }), "noModelTurn")
    assert.strictEqual(shape("id", { turns: [system("s"), model("a")] }), "noUserTurn")
    // What the user says after the last answer is no question to it.
    assert.strictEqual(shape("id", { turns: [model("a"), user("b")] }), "noUserTurn")
  })

  it("a greeting of the model may come first", () => {
    assert.deepStrictEqual(shaped(model("hi"), user("a"), model("b")).turns, [model("hi"), user("a"), model("b")])
  })

  it("a prompt stands in place of any system turn, its text still open", () => {
    const prompt = ["Be brief. ", { hint: "response_length_str" } as const]
    assert.deepStrictEqual(shape("id", { turns: [system("s"), user("a"), model("b")], prompt }), {
      episode: { id: "id", turns: [system(""), user("a"), model("b")], prompt },
      trailing: 0,
    })
  })

  it("C-6: the draft is left alone", () => {
    const turns = Object.freeze([user("a"), user("b"), model("c")].map((turn) => Object.freeze(turn)))
    assert.deepStrictEqual(shape("id", { turns }), shape("id", { turns }))
    assert.deepStrictEqual(turns, [user("a"), user("b"), model("c")])
  })

  it("law: whatever the draft, the shape holds and no text of the kept part is lost", () => {
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 12 }), (draft) => {
        const result = shape("id", { turns: draft })
        const spoken = draft.filter(({ kind, text }) => kind !== "system" && text.trim() !== "")
        const until = spoken.map(({ kind }) => kind).lastIndexOf("model") + 1
        if (typeof result === "string") {
          assert.strictEqual(result, until === 0 ? "noModelTurn" : "noUserTurn")
          if (until > 0) assert.isFalse(spoken.slice(0, until).some(({ kind }) => kind === "user"))
          return
        }
        const { turns } = result.episode
        const rest = turns[0]?.kind === "system" ? turns.slice(1) : turns
        assert.isTrue(rest.every(({ kind, text }) => kind !== "system" && text.trim() !== ""))
        assert.isTrue(rest.every(({ kind, weight }, i) => kind !== rest[i + 1]?.kind || weight !== rest[i + 1]?.weight))
        assert.strictEqual(rest.at(-1)?.kind, "model")
        assert.isTrue(rest.some(({ kind }) => kind === "user"))
        assert.strictEqual(
          rest.map(({ text }) => text).join("\n"),
          spoken
            .slice(0, until)
            .map(({ text }) => text)
            .join("\n"),
        )
      }),
    )
  })
})

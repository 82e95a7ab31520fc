import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import stringWidth from "string-width"
import { model, system, user } from "../../src/domain/Conversation.ts"
import { exampleText, legendText, shownText } from "../../src/programs/ExampleText.ts"
import { measureWith } from "../../src/programs/Measure.ts"
import { colours, plain } from "../../src/programs/Paint.ts"
import { estimate } from "../../src/domain/Tokens.ts"

const lengthText = ({ text }: { readonly text: string }): string => text
const measure = (loss: "last" | "all" | "turns") => measureWith({ lengthText, loss }, estimate, estimate)
const piped = { paint: plain, columns: undefined }

describe("an example as text", () => {
  const example = {
    id: "x\u001b-1",
    turns: [system("Be brief."), user("Hi\n● model 1 token", "Ann\u001b"), model("Yes\u0007")],
  }

  it("is bubbles: no line of a text can pass for a turn", () => {
    assert.deepStrictEqual(exampleText(example, piped, { measured: measure("all")(example) }).split("\n"), [
      "x\\x1b-1",
      "3 turns · 12 tokens · 2 trained",
      "○ system 3 tokens",
      "│ Be brief.",
      "○ user Ann\\x1b 7 tokens",
      "│ Hi",
      "│ ● model 1 token",
      "● model 2 tokens",
      "┃ Yes\\x07",
      "",
    ])
  })

  it("tells nothing of tokens where they are not counted", () => {
    assert.deepStrictEqual(exampleText({ id: "a", turns: [user("Hi"), model("Ho")] }, piped).split("\n"), [
      "a",
      "user",
      "│ Hi",
      "model",
      "│ Ho",
      "",
    ])
  })

  it("is the same text in colours", () => {
    const measured = measure("all")(example)
    const painted = exampleText(example, { paint: colours, columns: undefined }, { measured })
    assert.include(painted, "\u001b[36muser Ann\\x1b\u001b[0m")
    assert.strictEqual(stripVTControlCharacters(painted), exampleText(example, piped, { measured }))
  })

  it("fits into 80 and into 40 columns, wide and long letters too", () => {
    const texts = ["word ".repeat(60), "長い".repeat(70), "x".repeat(300), "👩‍👩‍👧 ".repeat(40), "a\tb\n\n  c"]
    const long = {
      id: "i".repeat(100),
      turns: texts.flatMap((text) => [user(text, "n".repeat(90)), model(text)]),
      alternatives: texts,
    }
    const measured = measure("turns")(long)
    const shown = { task: "T".repeat(60), example: long, measured, cleaned: [{ before: texts[0] ?? "", after: "b" }] }
    for (const columns of [80, 40])
      for (const paint of [plain, colours]) {
        const view = { paint, columns }
        const lines = `${legendText("cl100k_base", view)}\n${shownText(shown, view)}`.split("\n")
        assert.deepStrictEqual(
          lines.filter((line) => stringWidth(line) > columns),
          [],
        )
        // Nothing is lost on the way.
        const letters = (text: string): number => text.split("長").length
        assert.strictEqual(letters(lines.join("")), 1 + 3 * 70)
      }
  })

  it("marks what is trained by what the format can say", () => {
    const turns = [user("a b"), { ...model("c"), weight: 0 }, user("d", "Bo"), model("e f g")]
    const trained = (loss: "last" | "all" | "turns", more = turns) =>
      measure(loss)({ id: "a", turns: more }).turns.map((turn) => turn.trained)
    assert.deepStrictEqual(trained("turns"), [false, false, false, true])
    assert.deepStrictEqual(trained("last", [user("a"), model("b"), user("c"), model("d")]), [false, false, false, true])
    assert.deepStrictEqual(trained("all", [user("a"), model("b"), user("c"), model("d")]), [false, true, false, true])
    const weighted = [
      { ...user("a"), weight: 1 },
      { ...model("b"), weight: 0.5 },
    ]
    assert.deepStrictEqual(trained("turns", weighted), [true, true])
    assert.deepStrictEqual(trained("all", weighted), [false, true])
    const example = {
      id: "a",
      turns: [
        { ...user("a"), weight: 1 },
        { ...model("b"), weight: 0 },
        { ...model("c"), weight: 0.5 },
      ],
    }
    const told = exampleText(example, piped, { measured: measure("turns")(example) })
    assert.deepStrictEqual(told.match(/^[●○].*$/gm), [
      "● user 2 tokens · trained",
      "○ model 2 tokens · not trained",
      "● model 2 tokens · weight 0.5",
    ])
  })

  it("counts the longest of several replies, and shows those that were not chosen", () => {
    const pair = { id: "a", turns: [user("a b"), model("c")], alternatives: ["d e f g", "h"] }
    const measured = measure("last")(pair)
    assert.deepStrictEqual(
      [measured.tokens, measured.trained, measured.alternatives],
      [estimate("a b") + estimate("d e f g"), estimate("c"), [estimate("d e f g"), estimate("h")]],
    )
    assert.match(exampleText(pair, piped, { measured }), /^○ rejected reply 6 tokens\n│ d e f g$/m)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { openFormat } from "../../../src/domain/Format.ts"
import { builtInTemplate } from "../../../src/domain/Templates.ts"
import { Template } from "../../../src/layers/formats/Template.ts"

const context = { identifier: true }

describe("Template", () => {
  it("is text as the template of the run renders it", () => {
    const { encode, takes } = openFormat(Template, { template: builtInTemplate("gemma") })
    assert.deepStrictEqual(encode({ id: "x", turns: [system("S"), user("U"), model("A")] }, context), [
      { text: "<bos><start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n" },
    ])
    assert.isFalse(takes.greeting)
  })

  it("guards against the tokens of that template", () => {
    const template = {
      name: "own",
      bos: "",
      eos: "",
      text: "{% for m in messages %}<|turn_of|>{{ m.role }}:{{ m.content }}{% endfor %}",
    }
    assert.include(openFormat(Template, { template }).roleTokens, "<|turn_of|>")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { openFormat } from "../../../src/domain/Format.ts"
import { loadTokenizer } from "../../../src/domain/Tokens.ts"
import { Tokenized } from "../../../src/layers/formats/Tokenized.ts"

const context = { identifier: true }

const tokenizer = await loadTokenizer("o200k_base")

interface Row {
  readonly input_ids: ReadonlyArray<number>
  readonly labels: ReadonlyArray<number>
  readonly attention_mask: ReadonlyArray<number>
}

describe("Tokenized", () => {
  it("labels the tokens of replies with themselves, all others with -100", () => {
    const { encode } = openFormat(Tokenized, { tokenizer })
    const turns = [system("S"), user("Why is it so?"), model("It is not."), user("V"), { ...model("B"), weight: 0 }]
    const [row] = encode({ id: "x", turns }, context) as ReadonlyArray<Row>
    const trained = row?.input_ids.filter((_, i) => row.labels[i] !== -100)
    assert.deepStrictEqual(trained, tokenizer.rendered.encode?.("It is not.<|im_end|>\n"))
    assert.isTrue(row?.labels.every((label, i) => label === -100 || label === row.input_ids[i]))
    assert.deepStrictEqual(
      row?.attention_mask,
      row?.input_ids.map(() => 1),
    )
  })

  it("refuses a tokenizer that only counts", async () => {
    const estimate = await loadTokenizer("estimate")
    assert.throws(() => openFormat(Tokenized, { tokenizer: estimate }), /needs a tokenizer with a vocabulary/)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { compileChatTemplate, foldSystem, readTemplate, segmentsOf } from "../../src/domain/ChatTemplate.ts"
import { isTrained, model, system, type Turn, user } from "../../src/domain/Conversation.ts"
import { builtInTemplate, templateNames } from "../../src/domain/Templates.ts"
import { anyTurns } from "../support/examples.ts"

const turns = [user("U1"), model("M1"), user("U2"), model("M2")]
const withSystem = [system("S"), ...turns]

/** Written by hand from the published text of each template. */
const golden: { readonly [name: string]: { readonly plain: string; readonly system: string; readonly open: string } } =
  {
    chatml: {
      plain:
        "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nM1<|im_end|>\n" +
        "<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\nM2<|im_end|>\n",
      system:
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nM1<|im_end|>\n" +
        "<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\nM2<|im_end|>\n",
      open: "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\n",
    },
    "qwen-2.5": {
      plain:
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n" +
        "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nM1<|im_end|>\n" +
        "<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\nM2<|im_end|>\n",
      system:
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\nM1<|im_end|>\n" +
        "<|im_start|>user\nU2<|im_end|>\n<|im_start|>assistant\nM2<|im_end|>\n",
      open:
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n" +
        "<|im_start|>user\nU1<|im_end|>\n<|im_start|>assistant\n",
    },
    "llama-3": {
      plain:
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nM1<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\nU2<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nM2<|eot_id|>",
      system:
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nM1<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\nU2<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nM2<|eot_id|>",
      open: "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nU1<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    },
    mistral: {
      plain: "<s>[INST] U1 [/INST] M1</s>[INST] U2 [/INST] M2</s>",
      system: "<s>[INST] S\n\nU1 [/INST] M1</s>[INST] U2 [/INST] M2</s>",
      open: "<s>[INST] U1 [/INST]",
    },
    gemma: {
      plain:
        "<bos><start_of_turn>user\nU1<end_of_turn>\n<start_of_turn>model\nM1<end_of_turn>\n" +
        "<start_of_turn>user\nU2<end_of_turn>\n<start_of_turn>model\nM2<end_of_turn>\n",
      system:
        "<bos><start_of_turn>user\nS\n\nU1<end_of_turn>\n<start_of_turn>model\nM1<end_of_turn>\n" +
        "<start_of_turn>user\nU2<end_of_turn>\n<start_of_turn>model\nM2<end_of_turn>\n",
      open: "<bos><start_of_turn>user\nU1<end_of_turn>\n<start_of_turn>model\n",
    },
    zephyr: {
      plain: "<|user|>\nU1</s>\n<|assistant|>\nM1</s>\n<|user|>\nU2</s>\n<|assistant|>\nM2</s>\n",
      system: "<|system|>\nS</s>\n<|user|>\nU1</s>\n<|assistant|>\nM1</s>\n<|user|>\nU2</s>\n<|assistant|>\nM2</s>\n",
      open: "<|user|>\nU1</s>\n<|assistant|>\n",
    },
    metharme: {
      plain: "<|user|>U1<|model|>M1</s><|user|>U2<|model|>M2</s>",
      system: "<|system|>S<|user|>U1<|model|>M1</s><|user|>U2<|model|>M2</s>",
      open: "<|user|>U1<|model|>",
    },
  }

const of = (name: string) =>
  compileChatTemplate(builtInTemplate(name) as NonNullable<ReturnType<typeof builtInTemplate>>)
const own = (text: string, more: { readonly bos?: string; readonly eos?: string } = {}) =>
  compileChatTemplate({ name: "own", text, bos: "", eos: "", ...more })

describe("chat templates of the package", () => {
  it("each has a rendering that was written by hand", () => {
    assert.deepStrictEqual([...templateNames].sort(), Object.keys(golden).sort())
  })

  for (const name of templateNames) {
    it(`${name}: with and without a system turn, and where the next reply begins`, () => {
      const { render } = of(name)
      const expected = golden[name]
      assert.strictEqual(render(turns), expected?.plain)
      assert.strictEqual(render(withSystem), expected?.system)
      assert.strictEqual(render(turns.slice(0, 1), true), expected?.open)
    })

    it(`${name}: law: segments together are the rendering, and hold each reply`, () => {
      const rendering = of(name)
      fc.assert(
        fc.property(
          anyTurns(fc.string({ unit: fc.constantFrom(..."ab \n.é"), minLength: 1 }).map((text) => `x${text}y`)),
          (given) => {
            const head = given[0]?.kind === "system" ? 1 : 0
            const fits = rendering.takes.greeting || given[head]?.kind === "user" ? given : given.toSpliced(head, 1)
            const segments = segmentsOf(rendering, fits, isTrained) ?? []
            assert.strictEqual(segments.map(({ text }) => text).join(""), rendering.render(fits))
            const trained = segments.filter((one) => one.trained)
            const replies = fits.filter(({ kind }) => kind === "model")
            assert.strictEqual(trained.length, replies.length)
            replies.forEach((reply, i) => assert.include(trained[i]?.text, reply.text))
          },
        ),
        { numRuns: 50 },
      )
    })
  }

  it("llama-3, mistral and gemma: begin and end token stand there once", () => {
    for (const [name, bos] of [
      ["llama-3", "<|begin_of_text|>"],
      ["mistral", "<s>"],
      ["gemma", "<bos>"],
    ] as const)
      assert.strictEqual(of(name).render(withSystem).split(bos).length, 2)
    const doubled = own(
      "{{ bos_token }}{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}{{ eos_token }}{{ eos_token }}",
      {
        bos: "<s>",
        eos: "</s>",
      },
    )
    assert.strictEqual(doubled.render([user("U"), model("M")]), "<s>UM</s>")
  })

  it("tell what they take: where the user must begin, and whose system text joins the first turn", () => {
    assert.deepStrictEqual(
      templateNames.filter((name) => !of(name).takes.greeting),
      ["gemma", "mistral"],
    )
    const folded: ReadonlyArray<Turn> = foldSystem([system("S"), model("G"), user("U"), model("M")])
    assert.deepStrictEqual(folded, [model("G"), user("S\n\nU"), model("M")])
  })

  it("name the marks that they set, so that data cannot forge them", () => {
    assert.includeMembers([...of("mistral").roleTokens], ["[INST]", "[/INST]", "<s>", "</s>"])
    assert.include(own("{% for m in messages %}<|speaker_of|>{{ m.content }}{% endfor %}").roleTokens, "<|speaker_of|>")
  })
})

describe("segments of turns of the user", () => {
  for (const name of templateNames)
    it(`${name}: a trained one begins with its text and ends with its mark`, () => {
      const spoken = [system("Rule"), ...turns].map((turn) => (turn.kind === "user" ? { ...turn, weight: 1 } : turn))
      const rendering = of(name)
      const segments = segmentsOf(rendering, spoken, isTrained) ?? []
      assert.strictEqual(segments.map(({ text }) => text).join(""), rendering.render(spoken))
      const trained = segments.filter((one) => one.trained).map(({ text }) => text)
      assert.lengthOf(trained, 4)
      assert.isTrue(trained[0]?.startsWith("U1") && trained[2]?.startsWith("U2"), String(trained))
      assert.isFalse(trained.join("").includes("Rule"), "the system text is not trained with the first turn")
    })
})

describe("a chat template of the user's", () => {
  it("that sets words before texts has them guarded as well as marks", () => {
    const vicuna = own(
      "{% for m in messages %}{{ ('USER: ' if m.role == 'user' else 'ASSISTANT: ') + m.content + ' ' }}{% endfor %}",
    )
    assert.includeMembers([...vicuna.roleTokens], ["USER:", "ASSISTANT:"])
    const alpaca = own("{% for m in messages %}{{ '### ' + m.role + ':\\n' + m.content + '\\n' }}{% endfor %}")
    assert.includeMembers([...alpaca.roleTokens], ["### user:", "### assistant:"])
  })

  it("that says that roles must alternate takes no greeting, whether or not its check is run", () => {
    const text =
      "{%- set odd = messages | selectattr('tool_calls', 'undefined') | list %}" +
      "{%- for m in odd %}{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}" +
      "{{- raise_exception('conversation roles must alternate user/assistant') }}{%- endif %}{%- endfor %}" +
      "{%- for m in messages %}{{ m.content }}{%- endfor %}"
    assert.isFalse(own(text).takes.greeting)
  })

  it("whose end token nothing could guard is refused", () => {
    assert.throws(
      () => own("{% for m in messages %}{{ m.content }}{% endfor %}", { eos: "< end>" }),
      /cannot be escaped/,
    )
  })

  it("that is no Jinja, refuses a question, or leaves out its answer, is told so", () => {
    assert.throws(() => own("{% for %}"), /the chat template "own" is no Jinja/)
    assert.throws(() => own("{{ raise_exception('never') }}"), /cannot render a question and its answer: .*never/)
    assert.throws(() => own("{{ messages[0].content }}"), /leaves out a part/)
  })

  it("that never ends is stopped", () => {
    const endless = "{% for i in range(100000000) %}{% for j in range(100000000) %}{{ j }}{% endfor %}{% endfor %}"
    assert.throws(() => own(endless), /cannot render .*timed out/)
  })

  it("has no way out of the engine", () => {
    const seen = own("{{ messages.constructor }}{{ (1).__proto__ }}{% for m in messages %}{{ m.content }}{% endfor %}")
    assert.strictEqual(seen.render([user("U"), model("M")]), "UM")
  })

  it("that writes earlier turns in another way once more follow has no segments", () => {
    const last = own("{% for m in messages %}{{ loop.last and '!' or '' }}{{ m.content }}{% endfor %}")
    assert.isUndefined(segmentsOf(last, turns, isTrained))
  })
})

describe("a template file", () => {
  const folder = mkdtempSync(join(tmpdir(), "data-toolbox-template-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, content: string | object): string => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
    return path
  }

  it("is Jinja, or the configuration of a tokenizer with its tokens", async () => {
    const jinja = await readTemplate(file("a.jinja", "{{ x }}"))
    assert.deepStrictEqual(jinja.template, { name: "a.jinja", text: "{{ x }}", bos: "", eos: "" })
    const config = await readTemplate(
      file("tokenizer_config.json", { chat_template: "{{ x }}", bos_token: { content: "<s>" }, eos_token: "</s>" }),
    )
    assert.deepStrictEqual(config.template, { name: "tokenizer_config.json", text: "{{ x }}", bos: "<s>", eos: "</s>" })
    const several = {
      chat_template: [
        { name: "tool_use", template: "T" },
        { name: "default", template: "D" },
      ],
    }
    assert.strictEqual((await readTemplate(file("b.json", several))).template.text, "D")
  })

  it("that cannot be one is told so", async () => {
    const why = (path: string) =>
      readTemplate(path).then(
        () => "",
        (cause: Error) => cause.message,
      )
    assert.strictEqual(await why(join(folder, "gone")), "there is no such file")
    assert.strictEqual(await why(folder), "it is no ordinary file")
    assert.strictEqual(await why(file("c.json", { model: 1 })), 'it has no "chat_template"')
    assert.strictEqual(await why(file("d.json", [])), "it is no configuration of a tokenizer")
  })
})

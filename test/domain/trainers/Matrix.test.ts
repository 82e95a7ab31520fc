/** What each trainer makes of the conversations that loaders part ways on, cell by cell. */
import { assert, describe, it } from "@effect/vitest"
import { findTrainer, trainers } from "../../../src/domain/trainers/All.ts"
import type { Inspection, Row, Severity, Trainer } from "../../../src/domain/trainers/Trainer.ts"
import { formats } from "../../../src/layers/formats/All.ts"

const S = { role: "system", content: "S" }
const U = { role: "user", content: "U" }
const A = { role: "assistant", content: "A" }

type Verdict = "ok" | Severity

const order = ["axolotl", "llama-factory", "trl", "torchtune", "openai", "together", "mistral", "unsloth"] as const

/** The columns stand in this order; FastChat reads another shape and has a table of its own. */
const matrix: ReadonlyArray<readonly [what: string, messages: ReadonlyArray<object>, ...ReadonlyArray<Verdict>]> = [
  ["S U A", [S, U, A], "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"],
  ["U A U A", [U, A, U, A], "ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"],
  ["A U A", [A, U, A], "warn", "dropped", "warn", "fatal", "ok", "ok", "ok", "warn"],
  ["S A U A", [S, A, U, A], "warn", "dropped", "warn", "fatal", "ok", "ok", "ok", "warn"],
  ["U U A", [U, U, A], "warn", "dropped", "warn", "fatal", "ok", "fatal", "ok", "warn"],
  ["U A A", [U, A, A], "warn", "dropped", "warn", "fatal", "ok", "fatal", "ok", "warn"],
  ["U A U", [U, A, U], "warn", "dropped", "warn", "warn", "ok", "ok", "fatal", "ok"],
  ["U A S U A", [U, A, S, U, A], "warn", "dropped", "warn", "fatal", "ok", "ok", "silent", "warn"],
  ["S S U A", [S, S, U, A], "warn", "dropped", "warn", "fatal", "ok", "fatal", "fatal", "warn"],
  [
    "role model",
    [U, { role: "model", content: "A" }],
    "silent",
    "dropped",
    "silent",
    "silent",
    "fatal",
    "fatal",
    "fatal",
    "silent",
  ],
  ["S U", [S, U], "silent", "dropped", "silent", "silent", "fatal", "fatal", "fatal", "silent"],
  ["U", [U], "silent", "dropped", "silent", "fatal", "fatal", "fatal", "fatal", "silent"],
  ["empty reply", [U, { ...A, content: "" }], "warn", "ok", "ok", "ok", "fatal", "ok", "fatal", "ok"],
  ["empty question", [{ ...U, content: "" }, A], "ok", "ok", "ok", "ok", "fatal", "ok", "ok", "ok"],
  ["reply null", [U, { ...A, content: null }], "warn", "ok", "warn", "silent", "fatal", "fatal", "fatal", "ok"],
  ["no messages", [], "fatal", "dropped", "fatal", "fatal", "fatal", "fatal", "fatal", "fatal"],
  ["weight 0", [U, { ...A, weight: 0 }, U, A], "ok", "silent", "silent", "silent", "ok", "ok", "ok", "silent"],
  ["weight 0.5", [U, { ...A, weight: 0.5 }, U, A], "ok", "ok", "ok", "ok", "fatal", "fatal", "fatal", "ok"],
  ["unknown key", [U, { ...A, mood: "x" }], "ok", "ok", "ok", "ok", "fatal", "ok", "ok", "ok"],
]

const inspectionOf = (name: string): Inspection => (findTrainer(name) as Trainer).inspect()

const severities: ReadonlyArray<Verdict> = ["fatal", "dropped", "silent", "warn"]

const worst = (name: string, row: Row): Verdict => {
  const faults = findTrainer(name)?.inspect().row(row, { index: 0, byte: 0 }) ?? []
  return severities.find((one) => faults.some(({ severity }) => severity === one)) ?? "ok"
}

describe("messages", () => {
  for (const [what, messages, ...verdicts] of matrix)
    it(`${what}: ${order.map((name, i) => `${name} ${verdicts[i]}`).join(", ")}`, () => {
      assert.deepStrictEqual(
        order.map((name) => worst(name, { messages })),
        [...verdicts],
      )
    })

  it("with a column beside them: Together refuses, the others do not mind", () => {
    const row = { messages: [U, A], id: "x" }
    assert.deepStrictEqual(
      order.filter((name) => worst(name, row) !== "ok"),
      ["together"],
    )
  })
})

describe("fastchat", () => {
  const H = { from: "human", value: "U" }
  const G = { from: "gpt", value: "A" }
  const rows: ReadonlyArray<readonly [what: string, conversations: ReadonlyArray<object>, Verdict]> = [
    ["H G", [H, G], "ok"],
    ["a system turn", [{ from: "system", value: "S" }, H, G], "fatal"],
    ["greeting first", [G, H, G], "silent"],
    ["H H G", [H, H, G], "fatal"],
    ["H G G", [H, G, G], "fatal"],
    ["ends with human", [H, G, H], "silent"],
    ["an empty turn", [H, { ...G, value: "" }], "silent"],
    ["a mark of Vicuna", [H, { ...G, value: "so ASSISTANT: no" }], "silent"],
    ["nothing", [], "fatal"],
  ]
  for (const [what, conversations, verdict] of rows)
    it(`${what}: ${verdict}`, () => {
      assert.strictEqual(worst("fastchat", { conversations }), verdict)
    })
})

describe("conversations of from and value", () => {
  const H = { from: "human", value: "U" }
  const G = { from: "gpt", value: "A" }
  it("load in axolotl, llama-factory and torchtune, and never in trl", () => {
    const verdict = (conversations: ReadonlyArray<object>) =>
      ["axolotl", "llama-factory", "torchtune", "trl"].map((name) => worst(name, { conversations }))
    assert.deepStrictEqual(verdict([H, G]), ["ok", "ok", "ok", "fatal"])
    assert.deepStrictEqual(verdict([G, H, G]), ["warn", "dropped", "fatal", "fatal"])
    assert.deepStrictEqual(verdict([H, { ...G, from: "model" }]), ["silent", "dropped", "fatal", "fatal"])
  })

  it("are guessed at by unsloth: keys, texts and roles of the first rows", () => {
    const run = (...rows: ReadonlyArray<ReadonlyArray<object>>) => {
      const { end, row } = inspectionOf("unsloth")
      const faults = rows.flatMap((conversations, index) => row({ conversations }, { index, byte: 0 }))
      return [...faults, ...(end?.(rows.length) ?? [])].map(({ code }) => code)
    }
    const talk = [H, { ...G, value: "other" }, { ...H, value: "third" }, { ...G, value: "fourth" }]
    assert.deepStrictEqual(run(talk), [])
    assert.deepStrictEqual(run([H, G]), ["US-3"])
    assert.deepStrictEqual(run([H, { ...G, weight: 1 }]), ["US-2"])
    assert.include(run(talk, [H, { ...G, from: "bot" }]), "US-4")
  })
})

describe("other shapes", () => {
  it("metharme, pygmalion and segments are axolotl's", () => {
    assert.strictEqual(worst("axolotl", { prompt: "<|user|>U<|model|>", generation: "A", identifier: "x" }), "ok")
    assert.strictEqual(worst("axolotl", { prompt: "", generation: "A" }), "fatal")
    assert.strictEqual(
      worst("axolotl", {
        conversations: [
          { role: "human", value: "U" },
          { role: "bot", value: "A" },
        ],
      }),
      "ok",
    )
    assert.strictEqual(
      worst("axolotl", {
        conversations: [
          { role: "human", value: "U" },
          { role: "gpt", value: "A" },
        ],
      }),
      "silent",
    )
    assert.strictEqual(worst("axolotl", { segments: [{ label: true, text: "A" }] }), "ok")
    assert.strictEqual(worst("axolotl", { segments: [{ label: 1, text: "A" }] }), "fatal")
    assert.strictEqual(worst("axolotl", { segments: [{ label: false, text: "A" }] }), "silent")
  })

  it("trl takes only mixes of columns that go together", () => {
    assert.strictEqual(worst("trl", { prompt: [U], completion: [A] }), "ok")
    assert.strictEqual(worst("trl", { prompt: "P", completion: "C" }), "ok")
    assert.strictEqual(worst("trl", { prompt: [U], chosen: [A], rejected: [A] }), "ok")
    assert.strictEqual(worst("trl", { prompt: "P", generation: "G" }), "fatal")
    assert.strictEqual(worst("trl", { prompt: "P", messages: [U, A] }), "fatal")
    assert.strictEqual(worst("trl", { prompt: [], completion: [A] }), "fatal")
  })

  it("llama-factory takes pairs as single turns behind an odd number of them", () => {
    const pair = { chosen: { from: "gpt", value: "A" }, rejected: { from: "gpt", value: "B" } }
    const H = { from: "human", value: "U" }
    assert.strictEqual(worst("llama-factory", { conversations: [H], ...pair }), "ok")
    assert.strictEqual(worst("llama-factory", { conversations: [H, { from: "gpt", value: "A" }], ...pair }), "dropped")
    assert.strictEqual(
      worst("llama-factory", { conversations: [H], chosen: [pair.chosen], rejected: [pair.rejected] }),
      "silent",
    )
  })

  it("together wants one shape in the whole file", () => {
    const { row } = inspectionOf("together")
    const context = { index: 0, byte: 0 }
    assert.deepStrictEqual(row({ text: "T" }, context), [])
    assert.deepStrictEqual(
      row({ messages: [U, A] }, context).map(({ code }) => code),
      ["SV-2"],
    )
  })
})

describe("hf-datasets", () => {
  const run = (...rows: ReadonlyArray<readonly [row: Row, byte?: number]>) => {
    const { end, row } = inspectionOf("hf-datasets")
    const faults = rows.flatMap(([one, byte = 0], index) => row(one, { index, byte }))
    return [...faults, ...(end?.(rows.length) ?? [])].map(({ code, severity }) => `${code} ${severity}`)
  }
  const late = 11 * 1024 * 1024

  it("fixes the types of all columns by the first 10 MB", () => {
    assert.deepStrictEqual(run([{ a: "x" }], [{ a: "y", b: 1 }]), [])
    assert.deepStrictEqual(run([{ a: "x" }], [{ a: "y", b: 1 }, late]), ["HD-1 fatal"])
    assert.deepStrictEqual(run([{ a: null, h: [] }], [{ a: "y", h: [["q", "a"]] }, late]).slice(0, 2), [
      "HD-2 fatal",
      "HD-2 fatal",
    ])
    assert.deepStrictEqual(run([{ a: null }], [{ a: "y" }]), [])
  })

  it("takes texts that all look like dates for times", () => {
    assert.deepStrictEqual(run([{ a: "2020-01-01" }]), ["HD-5 warn"])
    assert.deepStrictEqual(run([{ a: "2020-01-01" }], [{ a: "soon" }, late]), ["HD-5 fatal", "HD-5 warn"])
    assert.deepStrictEqual(run([{ a: "2020-01-01" }], [{ a: "soon" }]), [])
  })

  it("loses what is no plain value", () => {
    assert.deepStrictEqual(run([{ a: 2 ** 60 }]), ["HD-6 silent"])
    assert.deepStrictEqual(run([{ a: "\ud800" }]), ["HD-8 fatal"])
    assert.deepStrictEqual(run([{ m: [{ content: "x" }] }], [{ m: [{ content: ["x"] }] }]), ["HD-7 warn"])
  })
})

describe("trainers", () => {
  it("are found by any usual spelling", () => {
    for (const name of ["LLaMA-Factory", "llamafactory", "llama_factory", "LF"])
      assert.strictEqual(findTrainer(name)?.name, "llama-factory")
    assert.strictEqual(findTrainer("HF datasets")?.name, "hf-datasets")
    assert.isUndefined(findTrainer("nanotron"))
  })

  it("name only formats that there are", () => {
    const known = formats.map(({ name }) => name)
    for (const { formats: own, name } of trainers) for (const one of own) assert.include(known, one, name)
  })

  it("and formats say the same of one another", () => {
    for (const { name, trainers: own } of formats) {
      const takers = trainers.filter((trainer) => trainer.formats.includes(name)).map((trainer) => trainer.name)
      assert.deepStrictEqual([...own].sort(), takers.sort(), name)
    }
  })

  it("print a stanza that names the file", () => {
    for (const { name, stanza } of trainers)
      assert.include(stanza('out/tr"ain.jsonl', "messages", true), 'out/tr\\"ain.jsonl', name)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import type { FormatSettings } from "../../../src/domain/Component.ts"
import { model, system, type TrainingExample, type Turn, user } from "../../../src/domain/Conversation.ts"
import { openFormat } from "../../../src/domain/Format.ts"
import { compileRoleTokens } from "../../../src/domain/RoleTokens.ts"
import { turnsOf } from "../../../src/domain/RowTurns.ts"
import { builtInTemplate, templateNames } from "../../../src/domain/Templates.ts"
import { loadTokenizer } from "../../../src/domain/Tokens.ts"
import { formats } from "../../../src/layers/formats/All.ts"
import { anyTurns } from "../../support/examples.ts"

const tokenizer = await loadTokenizer("o200k_base")

/** The settings that each format asks for. */
const settings: FormatSettings = { template: builtInTemplate("llama-3"), tokenizer }

/** Texts as the record path gives them: trimmed, not empty, without control tokens. */
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).map((one) => {
  const plain = one
    .replace(/[<>|[\]]/g, "")
    .toWellFormed()
    .trim()
  return plain === "" ? "x" : plain
})

const anyExampleOf = (greeting: boolean, alternatives: boolean): fc.Arbitrary<TrainingExample> =>
  fc
    .record({ id: fc.string(), turns: anyTurns(text), others: fc.array(text, { minLength: 1, maxLength: 3 }) })
    .map(({ id, others, turns }) => {
      const head = turns[0]?.kind === "system" ? 1 : 0
      const first = !greeting && turns[head]?.kind === "model" ? turns.toSpliced(head, 1) : turns
      return { id, turns: first, ...(alternatives ? { alternatives: others } : {}) }
    })

/** Every string in a value, one after another. */
const stringsOf = (value: unknown): string => {
  const strings: Array<string> = []
  JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === "string") strings.push(one)
    return one
  })
  return strings.join("\u0001")
}

/** The keys of a value and of all that is in it, in order; those of a list's items once for each shape. */
const keysOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value.map((one: unknown) => JSON.stringify(keysOf(one))))]
  if (typeof value !== "object" || value === null) return typeof value
  return Object.entries(value).map(([key, one]) => [key, keysOf(one)])
}

const withIdentifier = ["metharme", "openchat", "sharegpt"]
/** Formats whose rows hold a rendering, or numbers, or only single exchanges: their turns cannot be read back one by one. */
const notReadBack = ["chatml", "fastchat", "segments", "template", "tokenized", "prompt-completion-text"]
const oneExchange = ["prompt-completion-text"]

describe("formats", () => {
  it("of the original are there under their names", () => {
    const names = formats.map(({ name }) => name)
    for (const name of withIdentifier) assert.include(names, name)
  })

  for (const definition of formats) {
    const format = openFormat(definition, settings)
    const anyExample = anyExampleOf(format.takes.greeting, format.takes.alternatives)
    const single = oneExchange.includes(definition.name)
    const exchange = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> =>
      single ? turns.slice(0, turns[0]?.kind === "system" ? 3 : 2) : turns

    describe(definition.name, () => {
      it("writes every text, with the identifier last where the original has one, and nowhere else", () => {
        fc.assert(
          fc.property(anyExample, (given) => {
            const example = { ...given, turns: exchange(given.turns) }
            const rows = format.encode(example, { identifier: true })
            assert.lengthOf(rows, example.alternatives?.length ?? 1)
            const whole = stringsOf(rows)
            const texts = [...example.turns.map((turn) => turn.text), ...(example.alternatives ?? [])]
            if (definition.name !== "tokenized") for (const one of texts) assert.include(whole, one)
            const last = Object.entries(rows[0] ?? {}).at(-1)
            assert.strictEqual(last?.[0] === "identifier", withIdentifier.includes(definition.name))
            if (last?.[0] === "identifier") assert.strictEqual(last[1], example.id)
            assert.deepStrictEqual(
              Object.keys(format.encode(example, { identifier: false })[0] ?? {}),
              Object.keys(rows[0] ?? {}).filter((key) => key !== "identifier" && key !== "id"),
            )
          }),
        )
      })

      it("gives the rows of all examples the same keys, down to the messages", () => {
        const shape = (turns: ReadonlyArray<Turn>) =>
          keysOf(format.encode({ id: "i", turns, alternatives: ["R"] }, { identifier: true })[0])
        const first = shape([user("U"), model("M")])
        assert.deepStrictEqual(shape([user("U", "Ann"), { ...model("M"), weight: 1 }]), first)
        if (definition.name !== "alpaca") assert.deepStrictEqual(shape([system("S"), user("U"), model("M")]), first)
      })

      if (!notReadBack.includes(definition.name))
        it("law: what is written can be read back, turn by turn", () => {
          fc.assert(
            fc.property(anyExample, (example) => {
              const [row] = format.encode(example, { identifier: true })
              const read = turnsOf(row as { readonly [key: string]: unknown }).map(({ kind, text: own }) => ({
                kind,
                text: own,
              }))
              const written = example.turns.map(({ kind, text: own }) => ({ kind, text: own }))
              assert.deepStrictEqual(read, written)
            }),
          )
        })

      it("T-25, M-4: writes no name, neither a speaker's nor a made-up one", () => {
        const turns = [system("S"), user("U", "Zebedee"), model("M", "Quentin")]
        const line = JSON.stringify(format.encode({ id: "i", turns, alternatives: ["R"] }, { identifier: true }))
        assert.notMatch(line, /Zebedee|Quentin|TODO|BOT/)
      })

      it("C-23: what it writes of escaped texts holds no token but its own", () => {
        const guard = compileRoleTokens(format.roleTokens)
        const token = fc.constantFrom(...format.roleTokens)
        const write = (more: string): string =>
          stringsOf(
            format.encode(
              { id: "i", turns: [user(`U${more}`), model(`M${more}`)], alternatives: [`R${more}`] },
              { identifier: true },
            ),
          )
        const count = (of: string): number => format.roleTokens.reduce((all, one) => all + of.split(one).length - 1, 0)
        const bare = count(write(""))
        fc.assert(
          fc.property(fc.array(token, { minLength: 1, maxLength: 4 }), (tokens) => {
            assert.strictEqual(count(write(guard.escape(tokens.join("")).text)), bare)
          }),
        )
      })

      it("the length of a turn covers its text", () => {
        assert.include(format.lengthText(user("some text")), "some text")
      })

      if (definition.loss === "turns")
        it("says of each turn whether it is trained", () => {
          const turns = [
            user("question"),
            { ...model("first answer"), weight: 0 },
            user("more"),
            model("second answer"),
          ]
          const [row] = format.encode({ id: "i", turns }, { identifier: false })
          const swapped = turns.map((turn) =>
            turn.kind === "model" ? { ...turn, weight: turn.weight === 0 ? 1 : 0 } : turn,
          )
          assert.notDeepEqual(format.encode({ id: "i", turns: swapped }, { identifier: false })[0], row)
        })
    })
  }
})

describe("rows of a rendering format", () => {
  for (const name of templateNames) {
    const template = builtInTemplate(name)
    for (const definition of formats.filter(({ open }) => open !== undefined)) {
      it(`${name} as ${definition.name}: has as many tokens as are counted`, () => {
        const format = openFormat(definition, { template, tokenizer })
        const count = (rendered: string): number => tokenizer.rendered.count(rendered)
        const turns = [system("Be brief."), user("Why?"), model("So."), user("And?"), model("It is.")]
        const [row] = format.encode({ id: "i", turns }, { identifier: false }) as ReadonlyArray<{
          readonly text?: string
          readonly input_ids?: ReadonlyArray<number>
          readonly segments?: ReadonlyArray<{ readonly text: string }>
        }>
        const whole = row?.text ?? row?.segments?.map(({ text: one }) => one).join("")
        assert.strictEqual(format.tokens?.({ id: "i", turns }, count), row?.input_ids?.length ?? count(whole as string))
      })
    }
  }
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { model, system, user } from "../../../src/domain/Conversation.ts"
import { compileRoleTokens } from "../../../src/domain/RoleTokens.ts"
import { formats } from "../../../src/layers/formats/All.ts"
import { anyExample } from "../../support/examples.ts"

describe("formats", () => {
  it("are the three of the original, sorted by name", () => {
    assert.deepStrictEqual(
      formats.map(({ name }) => name),
      ["metharme", "openchat", "sharegpt"],
    )
  })

  for (const format of formats) {
    describe(format.name, () => {
      it("writes one row an example, every text in it, and the identifier last", () => {
        fc.assert(
          fc.property(anyExample, (example) => {
            const rows = format.encode(example, { identifier: true })
            assert.lengthOf(rows, 1)
            const strings: Array<string> = []
            JSON.stringify(rows[0], (_key, value: unknown) => {
              if (typeof value === "string") strings.push(value)
              return value
            })
            const whole = strings.join("\u0001")
            for (const { text } of example.turns) assert.include(whole, text)
            assert.deepStrictEqual(Object.entries(rows[0] ?? {}).at(-1), ["identifier", example.id])
          }),
        )
      })

      it("T-25, M-4: writes no name, neither a speaker's nor a made-up one", () => {
        const turns = [system("S"), user("U", "Zebedee"), model("M", "Quentin")]
        const line = JSON.stringify(format.encode({ id: "i", turns }, { identifier: true }))
        assert.notMatch(line, /Zebedee|Quentin|TODO|BOT/)
      })

      it("C-23: what it writes of escaped texts holds no token but its own", () => {
        const guard = compileRoleTokens(format.roleTokens)
        const token = fc.constantFrom(...format.roleTokens)
        fc.assert(
          fc.property(fc.array(token, { minLength: 1, maxLength: 4 }), (tokens) => {
            const text = guard.escape(tokens.join("")).text
            const bare = JSON.stringify(
              format.encode({ id: "i", turns: [user("U"), model("M")] }, { identifier: true }),
            )
            const line = JSON.stringify(
              format.encode({ id: "i", turns: [user(`U${text}`), model(`M${text}`)] }, { identifier: true }),
            )
            const count = (of: string): number =>
              format.roleTokens.reduce((all, one) => all + of.split(one).length - 1, 0)
            assert.strictEqual(count(line), count(bare))
          }),
        )
      })

      it("the length of a turn covers its text", () => {
        assert.include(format.lengthText(user("some text")), "some text")
      })
    })
  }
})

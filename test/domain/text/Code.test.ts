import { assert, describe, it } from "@effect/vitest"
import { isCode } from "../../../src/domain/text/Code.ts"

describe("isCode", () => {
  it.each([
    "def add(a, b):\n    total = a + b\n    return {'sum': total}",
    "<table><tr><td>1</td><td>2</td></tr></table>",
    "for (let i = 0; i < n; i++) { sum += i }",
    "SELECT name FROM users WHERE age >= 18 AND role = 'x'; -- [1] [2]",
  ])("calls %j code", (text) => {
    assert.isTrue(isCode(text))
  })

  it.each([
    "",
    'She looked at him (once, twice) and said: "No; never." *She left.*',
    "I <3 you",
    "2 + 2 = 4, as everybody knows, and three times seven makes twenty-one.",
    '- milk\n- bread\n- "two eggs"\n\n1. Mix.\n2. Bake.',
    "Le prix est de 5 € ; c'est peu. — Oui !",
  ])("calls %j prose", (text) => {
    assert.isFalse(isCode(text))
  })
})

/** A thousand runs that are killed, each of which another run completes. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { described, phases, type Swept, sweep } from "../support/kills.ts"

const long = process.env["TOOLBOX_LONG"] === "1"
const pieces = 20
const perPiece = 50

describe.runIf(long)("a thousand runs that are killed at any moment", () => {
  const seed = Number(process.env["TOOLBOX_SEED"] ?? 42)
  const all: Array<Swept> = []

  for (let piece = 0; piece < pieces; piece++)
    it(`old files or new ones, and the next run completes them: seed ${seed + piece}`, async () => {
      const swept = await sweep(perPiece, seed + piece)
      all.push(swept)
      console.log(`${perPiece} kills, seed ${seed + piece}: ${described(swept)}`)
      assert.deepStrictEqual(swept.wrong, [])
    }, 3_600_000)

  afterAll(() => {
    const sum = (of: (swept: Swept) => number): number => all.reduce((total, one) => total + of(one), 0)
    const told = phases.map((phase) => `${phase} ${sum((one) => one.phases[phase])}`).join(", ")
    console.log(
      `${perPiece * all.length} kills: ${told}; ${sum((one) => one.twice)} killed twice; ` +
        `${sum((one) => one.wrong.length)} wrong; ${sum((one) => one.seconds).toFixed(0)} s`,
    )
  })
})

/** How the time of each filter grows with the text, on repeats of what it looks for. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { FilterDefinition } from "../../src/domain/Component.ts"
import { type Episode, model, user } from "../../src/domain/Conversation.ts"
import { loadDetectors } from "../../src/domain/text/Language.ts"
import { filters } from "../../src/layers/filters/All.ts"
import { decodeOptions } from "../layers/harness.ts"

const atoms = [
  ..."a i\"'([*.<@\n-|`{Ãé\u{1f600}\ufffd".split(/(?:)/u),
  "a ",
  "](",
  '" ',
  "(s)",
  "[a](b ",
  "as an ai ",
  "i can't ",
  "i cannot help ",
  "i'm sorry, but ",
  "a testament to the ",
  "the and of ",
  "und die der ",
  "```",
  "<|im_",
  "<s>",
  "- ",
  "ha ",
  "the same sentence again. ",
]

/** The least of some runs, in milliseconds of CPU. */
const cost = (run: () => void): number => {
  let least = Infinity
  for (let i = 0; i < 5; i++) {
    const start = process.cpuUsage()
    run()
    const { system, user: own } = process.cpuUsage(start)
    least = Math.min(least, (system + own) / 1000)
  }
  return least
}

const of = (atom: string, size: number): Episode => {
  const text = atom.repeat(Math.ceil(size / atom.length))
  return { id: "x", turns: [user(text), model(text), user("y"), model(`${text} z`)] }
}

const settings: { readonly [filter: string]: object } = {
  ContainsFilter: { phrases: ["a a", "i can't"], pattern: "(a|i)+x" },
}

describe.skipIf(process.env["TOOLBOX_LONG"] === undefined)("the time of a filter", () => {
  beforeAll(loadDetectors)

  it.each(filters.flatMap((filter) => (filter.judge === undefined ? [] : [[filter.name, filter] as const])))(
    "U-10: %s grows less than 2.6 times with each doubling of the text",
    async (name, filter: FilterDefinition) => {
      const judge = filter.judge!(decodeOptions(filter.options, settings[name] ?? {}))
      for (const atom of atoms) {
        // Lets the runner hear of what is done.
        await new Promise((resolve) => setImmediate(resolve))
        const [small, large] = [of(atom, 200_000), of(atom, 800_000)]
        const ratio = (cost(() => judge(large)) + 1) / (cost(() => judge(small)) + 1)
        assert.isBelow(ratio, 2.6 ** 2, JSON.stringify(atom))
      }
    },
    300_000,
  )
})

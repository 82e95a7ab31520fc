import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { isTrained, model, system, type Turn, user } from "../../src/domain/Conversation.ts"
import { fitLength, type Fitted } from "../../src/domain/Length.ts"
import { estimate } from "../../src/domain/Tokens.ts"
import { anyTurns } from "../support/examples.ts"

/** Turns from letters, each of so many tokens: `s`, `u` and `m`. */
const conversation = (kinds: string, counts: ReadonlyArray<number>) => {
  const make: { readonly [kind: string]: (text: string) => Turn } = { s: system, u: user, m: model }
  return { turns: Array.from(kinds, (kind, i) => make[kind]?.(`t${i}`) as Turn), counts }
}
const fit = (
  kinds: string,
  counts: ReadonlyArray<number>,
  limit: number,
  mode: "fit" | "windows" | "drop" = "fit",
): Fitted => fitLength(conversation(kinds, counts).turns, counts, limit, mode)

const counted = anyTurns(fc.constant("x")).chain((turns) =>
  fc.record({
    turns: fc.constant(turns),
    counts: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: turns.length, maxLength: turns.length }),
    limit: fc.integer({ min: 1, max: 200 }),
  }),
)

const sum = (counts: ReadonlyArray<number>, from: number, to: number): number =>
  counts.slice(from, to).reduce((all, count) => all + count, 0)

describe("fitLength", () => {
  it("C-1: a system turn of 8 words and 40 turns of 10 stay whole under a limit of 1000", () => {
    const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ")
    const turns = [
      system(words(8)),
      ...Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? user(words(10)) : model(words(10)))),
    ]
    const counts = turns.map(({ text }) => estimate(text))
    assert.strictEqual(sum(counts, 0, 41), 531)
    assert.deepStrictEqual(fitLength(turns, counts, 1000, "fit"), {
      spans: [{ from: 1, to: 41, tokens: 531 }],
      cut: [],
    })
  })

  it("C-1: each turn counts once, and a sum equal to the limit fits", () => {
    assert.deepStrictEqual(fit("sumum", [1, 2, 3, 4, 5], 15).spans, [{ from: 1, to: 5, tokens: 15 }])
    assert.deepStrictEqual(fit("sumum", [1, 2, 3, 4, 5], 14), {
      spans: [{ from: 1, to: 3, tokens: 6 }],
      cut: [{ from: 3, to: 5, reason: "pastLimit" }],
    })
  })

  it("C-2: a first turn above the limit leaves nothing, in any mode, and is no error", () => {
    assert.deepStrictEqual(fit("sum", [100, 1, 1], 50), { spans: [], cut: [] })
    assert.deepStrictEqual(fit("um", [100, 1], 50), { spans: [], cut: [] })
    assert.deepStrictEqual(fit("um", [100, 1], 50, "drop"), { spans: [], cut: [] })
    assert.deepStrictEqual(fit("um", [100, 1], 50, "windows"), {
      spans: [],
      cut: [{ from: 0, to: 2, reason: "tooLarge" }],
    })
  })

  it("C-3: the stretch ends with a model turn, though a user turn would fit", () => {
    assert.deepStrictEqual(fit("sumum", [1, 1, 1, 1, 9], 5).spans, [{ from: 1, to: 3, tokens: 3 }])
  })

  it("C-4: a stretch without a user turn is none", () => {
    assert.deepStrictEqual(fit("smum", [1, 1, 9, 9], 5), { spans: [], cut: [] })
  })

  it("a conversation that fits stays whole in every mode", () => {
    for (const mode of ["fit", "windows", "drop"] as const) {
      assert.deepStrictEqual(fit("sum", [1, 2, 3], 6, mode), { spans: [{ from: 1, to: 3, tokens: 6 }], cut: [] })
    }
  })

  it("C-19: windows stand one after another, each with the system turn's tokens", () => {
    assert.deepStrictEqual(fit("sumumum", [2, 1, 1, 1, 1, 1, 1], 6, "windows"), {
      spans: [
        { from: 1, to: 5, tokens: 6 },
        { from: 5, to: 7, tokens: 4 },
      ],
      cut: [],
    })
  })

  it("C-19: a pair above the limit is cut, and the next window begins after it", () => {
    assert.deepStrictEqual(fit("sumumum", [2, 1, 1, 50, 1, 1, 1], 6, "windows"), {
      spans: [
        { from: 1, to: 3, tokens: 4 },
        { from: 5, to: 7, tokens: 4 },
      ],
      cut: [{ from: 3, to: 5, reason: "tooLarge" }],
    })
  })

  it("C-19: a rest that nobody answers, or nobody asks, is cut by that name", () => {
    assert.deepStrictEqual(fit("ummm", [3, 3, 3, 3], 6, "windows").cut, [{ from: 2, to: 4, reason: "unanswered" }])
  })

  it("law: fit never exceeds the limit, is the longest that does not, and cuts the rest", () => {
    fc.assert(
      fc.property(counted, ({ counts, limit, turns }) => {
        const start = turns[0]?.kind === "system" ? 1 : 0
        const fixed = sum(counts, 0, start)
        const { cut, spans } = fitLength(turns, counts, limit, "fit")
        /** Ends of all the prefixes that could be written. */
        const ends = turns.flatMap(({ kind }, i) =>
          kind === "model" &&
          turns.slice(start, i).some((turn) => turn.kind === "user") &&
          fixed + sum(counts, start, i + 1) <= limit
            ? [i + 1]
            : [],
        )
        const span = spans[0]
        assert.strictEqual(span?.to, ends.at(-1))
        if (span === undefined) return
        assert.isAtMost(span.tokens, limit)
        assert.strictEqual(span.tokens, fixed + sum(counts, start, span.to))
        assert.deepStrictEqual(
          cut,
          span.to === turns.length ? [] : [{ from: span.to, to: turns.length, reason: "pastLimit" }],
        )
      }),
    )
  })

  it("law: windows never exceed the limit and lose no turn without a cut", () => {
    fc.assert(
      fc.property(counted, ({ counts, limit, turns }) => {
        const start = turns[0]?.kind === "system" ? 1 : 0
        const fixed = sum(counts, 0, start)
        const { cut, spans } = fitLength(turns, counts, limit, "windows")
        for (const { from, to, tokens } of spans) {
          assert.isAtMost(tokens, limit)
          assert.strictEqual(tokens, fixed + sum(counts, from, to))
          assert.strictEqual(turns[to - 1]?.kind, "model")
          assert.isTrue(turns.slice(from, to).some(({ kind }) => kind === "user"))
        }
        const parts = [...spans, ...cut].sort((a, b) => a.from - b.from)
        let at = start
        for (const { from, to } of parts) {
          assert.strictEqual(from, at)
          assert.isAbove(to, from)
          at = to
        }
        assert.strictEqual(at, turns.length)
      }),
    )
  })

  it("law: what windows cut as too large could not have been written alone", () => {
    fc.assert(
      fc.property(counted, ({ counts, limit, turns }) => {
        const fixed = turns[0]?.kind === "system" ? (counts[0] as number) : 0
        for (const { from, reason, to } of fitLength(turns, counts, limit, "windows").cut) {
          if (reason === "tooLarge") assert.isAbove(fixed + sum(counts, from, to), limit)
        }
      }),
    )
  })

  /** The same with turns of the model that are not trained. */
  const weighted = counted.chain(({ counts, limit, turns }) =>
    fc.array(fc.boolean(), { minLength: turns.length, maxLength: turns.length }).map((zero) => ({
      counts,
      limit,
      turns: turns.map((turn, i) => (turn.kind === "model" && zero[i] === true ? { ...turn, weight: 0 } : turn)),
    })),
  )

  it("law: what is split ends with a turn that is trained, and cut turns tell whether one was among them", () => {
    fc.assert(
      fc.property(weighted, fc.constantFrom("fit" as const, "windows" as const), ({ counts, limit, turns }, mode) => {
        const trained = (from: number, to: number): number =>
          turns.slice(from, to).filter((turn) => turn.kind === "model" && isTrained(turn)).length
        const { cut, spans } = fitLength(turns, counts, limit, mode)
        if (sum(counts, 0, turns.length) <= limit) return
        for (const { from, to } of spans) assert.isTrue(trained(to - 1, to) === 1 && from < to)
        for (const { from, reason, to } of cut) if (reason === "notTrained") assert.strictEqual(trained(from, to), 0)
      }),
    )
  })

  it("law: turns give each trained turn one example under the limit, with history, or a cut", () => {
    fc.assert(
      fc.property(weighted, ({ counts, limit, turns }) => {
        const start = turns[0]?.kind === "system" ? 1 : 0
        const fixed = sum(counts, 0, start)
        const { cut, spans } = fitLength(turns, counts, limit, "turns")
        const told = [...spans.map(({ to }) => to), ...cut.map(({ to }) => to)].sort((a, b) => a - b)
        const expected = turns.flatMap((turn, i) => (turn.kind === "model" && isTrained(turn) ? [i + 1] : []))
        assert.deepStrictEqual(told, expected)
        for (const { from, to, tokens } of spans) {
          assert.isAtMost(tokens, limit)
          assert.strictEqual(tokens, fixed + sum(counts, from, to))
          assert.isTrue(turns.slice(from, to - 1).some(({ kind }) => kind === "user"))
          // As much history as fits: the user's turn before it would be too much.
          const before = turns.slice(start, from).findLastIndex(({ kind }) => kind === "user")
          if (before >= 0) assert.isAbove(fixed + sum(counts, start + before, to), limit)
        }
      }),
    )
  })

  it("law: drop writes the whole or nothing", () => {
    fc.assert(
      fc.property(counted, ({ counts, limit, turns }) => {
        const start = turns[0]?.kind === "system" ? 1 : 0
        const tokens = sum(counts, 0, turns.length)
        assert.deepStrictEqual(fitLength(turns, counts, limit, "drop"), {
          spans: tokens <= limit ? [{ from: start, to: turns.length, tokens }] : [],
          cut: [],
        })
      }),
    )
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Screen } from "../../../src/layers/progress/Block.ts"
import * as Lines from "../../../src/layers/progress/Lines.ts"
import * as Terminal from "../../../src/layers/progress/Terminal.ts"
import { Progress } from "../../../src/services/Progress.ts"
import { makeTerminal } from "../../support/screen.ts"

const half = Effect.gen(function* () {
  const progress = yield* Progress
  yield* progress.begin([{ task: "A", bytes: Effect.succeed(1000) }])
  yield* progress.slice({ task: "A", bytes: 500, resumed: false })
  yield* progress.counts({ task: "A", read: 5, kept: 4, dropped: 1 })
})

const terminalOf = (columns: number) => {
  const terminal = makeTerminal(columns)
  let writes = 0
  const screen: Screen = {
    columns,
    rows: 24,
    write: (text) => {
      writes++
      terminal.write(text)
      return true
    },
  }
  const layer = Terminal.layer(screen, { colours: true, fine: true })
  return { terminal, screen, layer, writes: () => writes }
}

describe("progress as lines of a log", () => {
  it.effect("tells nothing in the first five seconds, then a line every five", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const layer = Lines.layer((line) => void lines.push(line))
      yield* Effect.gen(function* () {
        yield* half
        yield* TestClock.adjust("4900 millis")
        assert.deepStrictEqual(lines, [])
        yield* TestClock.adjust("100 millis")
        assert.deepStrictEqual(lines, [
          "data-toolbox: A: 50%, 500 of 1,000 bytes, 5 read, 4 kept, 1 dropped, 77 bytes/s, 0:07 left\n",
        ])
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(lines.length, 3)
        yield* (yield* Progress).done
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(lines.length, 3)
      }).pipe(Effect.provide(layer))
    }),
  )
})

describe("progress on a terminal", () => {
  it.effect("is drawn ten times a second at most, and only what changed", () =>
    Effect.gen(function* () {
      const { layer, terminal, writes } = terminalOf(80)
      yield* Effect.gen(function* () {
        yield* half
        assert.strictEqual(writes(), 0)
        yield* TestClock.adjust("100 millis")
        assert.strictEqual(writes(), 1)
        assert.strictEqual(terminal.lines()[0], "A  ━━━━━━━━────────  50%  500 of 1,000 bytes")
        const progress = yield* Progress
        for (let i = 0; i < 100; i++) {
          yield* progress.slice({ task: "A", bytes: 5, resumed: false })
          yield* TestClock.adjust("10 millis")
        }
        assert.isAtMost(writes(), 11)
        assert.strictEqual(terminal.wraps(), 0)
        yield* progress.done
        assert.deepStrictEqual(terminal.lines(), [""])
      }).pipe(Effect.provide(layer))
    }),
  )

  it.effect("goes on telling the time while nothing is done", () =>
    Effect.gen(function* () {
      const { layer, terminal } = terminalOf(80)
      yield* Effect.gen(function* () {
        yield* half
        yield* TestClock.adjust("2 minutes")
        assert.match(terminal.lines()[2] ?? "", /^ {2}2:00 · /)
      }).pipe(Effect.provide(layer))
    }),
  )

  it.effect("leaves the terminal as it was when the run fails, or is interrupted", () =>
    Effect.gen(function* () {
      for (const way of ["fails", "is interrupted"]) {
        const { layer, screen, terminal } = terminalOf(80)
        const { write } = screen
        const drawn = yield* Deferred.make<void>()
        const run = Effect.gen(function* () {
          yield* half
          yield* TestClock.adjust("1 second")
          assert.isAbove(terminal.lines().length, 3)
          assert.notStrictEqual(screen.write, write)
          yield* Deferred.succeed(drawn, undefined)
          return yield* way === "fails" ? Effect.fail("disk full") : Effect.never
        }).pipe(Effect.provide(layer))
        const fiber = yield* Effect.fork(run)
        yield* Deferred.await(drawn)
        const exit = yield* way === "fails" ? Fiber.await(fiber) : Fiber.interrupt(fiber)
        assert.isTrue(Exit.isFailure(exit))
        assert.deepStrictEqual([terminal.lines(), terminal.cursor()], [[""], [0, 0]])
        assert.strictEqual(screen.write, write)
      }
    }),
  )

  it.effect("shows downloads before a run, and then the run", () =>
    Effect.gen(function* () {
      const { layer, terminal } = terminalOf(60)
      yield* Effect.gen(function* () {
        const progress = yield* Progress
        yield* progress.transfer({ file: "a.jsonl", got: 1_500_000, of: 4_500_000, rate: 100_000 })
        yield* TestClock.adjust("100 millis")
        assert.deepStrictEqual(terminal.lines().slice(0, 2), [
          "a.jsonl  ━━━━━───────────  33%  1,500 of 4,500 kB",
          "  100 kB/s · 0:30 left",
        ])
        yield* progress.done
        assert.deepStrictEqual(terminal.lines(), [""])
        yield* half
        yield* TestClock.adjust("100 millis")
        assert.match(terminal.lines()[0] ?? "", /^A {2}━/)
      }).pipe(Effect.provide(layer))
    }),
  )

  it("takes letters beyond ASCII where the locale has them, in one column each", () => {
    const fine = (env: { readonly [name: string]: string }) => Terminal.isFine(env)
    assert.deepStrictEqual(
      [
        fine({ LANG: "en_US.UTF-8" }),
        fine({ LANG: "C.utf8" }),
        fine({ LANG: "en_US.UTF-8", LC_ALL: "C" }),
        fine({ LANG: "ja_JP.UTF-8" }),
        fine({}),
      ],
      [true, true, false, false, false],
    )
  })
})

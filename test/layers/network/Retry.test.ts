import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { DownloadError } from "../../../src/domain/Errors.ts"
import { isTransientStatus, retried, retryAfterMillis, Transient } from "../../../src/layers/network/Retry.ts"

const error = new DownloadError({ reason: "Unreachable", place: "x", detail: "gone" })

interface Step {
  readonly progressed?: boolean
  readonly wait?: number
}

/** Fails by a script, then succeeds; gives the times between the attempts. */
const waits = (script: ReadonlyArray<Step | "lasting">, attempts = 4) =>
  Effect.gen(function* () {
    const at: Array<number> = []
    const attempt = Effect.gen(function* () {
      at.push(yield* Clock.currentTimeMillis)
      const step = script[at.length - 1]
      if (step === undefined) return "done"
      if (step === "lasting") return yield* error
      const { progressed = false, wait } = step
      return yield* new Transient({ error, progressed, ...(wait === undefined ? {} : { retryAfterMillis: wait }) })
    })
    const fiber = yield* Effect.fork(Effect.either(retried(attempt, { attempts, firstDelayMillis: 500 })))
    for (let i = 0; i < 40; i++) yield* TestClock.adjust("30 seconds")
    const result = yield* Fiber.join(fiber)
    return { result, waits: at.slice(1).map((time, i) => time - (at[i] as number)) }
  })

/** The clock of a test goes in steps only when something waits: within a fifth of what was meant. */
const near = (given: number, meant: number): void => {
  assert.isAtLeast(given, meant * 0.8)
  assert.isAtMost(given, meant * 1.2)
}

describe("what fails for now", () => {
  it.effect("is tried again after waits that double, a fifth more or less, and at most so often", () =>
    Effect.gen(function* () {
      const { result, waits: seen } = yield* waits([{}, {}, {}, {}, {}, {}])
      assert.isTrue(Either.isLeft(result))
      assert.strictEqual(seen.length, 3)
      seen.forEach((wait, i) => near(wait, 500 * 2 ** i))
    }),
  )

  it.effect("waits at most half a minute on its own", () =>
    Effect.gen(function* () {
      const { waits: seen } = yield* waits(
        Array.from({ length: 12 }, () => ({})),
        12,
      )
      near(seen.at(-1) as number, 30_000)
    }),
  )

  it.effect("waits as long as the server asks, and not for ever", () =>
    Effect.gen(function* () {
      const asked = yield* waits([{ wait: 90_000 }, { wait: 1 }])
      assert.strictEqual(asked.waits[0], 90_000)
      near(asked.waits[1] as number, 1000)
      assert.deepStrictEqual(asked.result, Either.right("done"))
      const day = yield* waits([{ wait: 86_400_000 }])
      assert.deepStrictEqual([day.waits, Either.isLeft(day.result)], [[], true])
    }),
  )

  it.effect("begins to count anew when there is more of the file than before", () =>
    Effect.gen(function* () {
      const { result, waits: seen } = yield* waits([{}, {}, { progressed: true }, {}, {}, { progressed: true }])
      assert.deepStrictEqual(result, Either.right("done"))
      ;[500, 1000, 500, 1000, 2000, 500].forEach((meant, i) => near(seen[i] as number, meant))
    }),
  )

  it.effect("is not tried again where that changes nothing", () =>
    Effect.gen(function* () {
      const { result, waits: seen } = yield* waits(["lasting"])
      assert.deepStrictEqual([seen, Either.isLeft(result)], [[], true])
    }),
  )

  it("is told by its status", () => {
    const transient = [408, 429, 500, 502, 503, 504, 522, 524]
    const all = Array.from({ length: 500 }, (_, i) => i + 100).filter(isTransientStatus)
    assert.deepStrictEqual(all, transient)
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2024, 0, 1)
  it("is read as seconds and as a date, and nothing else", () => {
    assert.strictEqual(retryAfterMillis("120", now), 120_000)
    assert.strictEqual(retryAfterMillis(" 0 ", now), 0)
    assert.strictEqual(retryAfterMillis("Mon, 01 Jan 2024 00:01:00 GMT", now), 60_000)
    assert.strictEqual(retryAfterMillis("Monday, 01-Jan-24 00:01:00 GMT", now), 60_000)
    assert.strictEqual(retryAfterMillis("Sun, 31 Dec 2023 00:00:00 GMT", now), 0)
    for (const header of [undefined, "", "-1", "1.5", "soon", "2024-01-01", "1e9", "99999999999"])
      assert.isUndefined(retryAfterMillis(header, now), header)
  })
})

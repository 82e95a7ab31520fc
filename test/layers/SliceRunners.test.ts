import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as InProcess from "../../src/layers/InProcess.ts"
import * as NodeWorkers from "../../src/layers/NodeWorkers.ts"
import { SliceRunner } from "../../src/services/SliceRunner.ts"
import { sliceRunnerSuite } from "../suites/sliceRunner.ts"
import { build, chat, chats, jsonl } from "../support/build.ts"

sliceRunnerSuite("in process", InProcess.layer)

if (existsSync(NodeWorkers.defaultEntry())) {
  sliceRunnerSuite("one worker", NodeWorkers.layer(1))
  sliceRunnerSuite("two workers", NodeWorkers.layer(2))
} else {
  console.log("skipped: the worker's entry is not built; run npm run build")
}

/** A worker of the test's own: `body` sees the messages. */
const entry = (body: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), "data-toolbox-")), "worker.mjs")
  writeFileSync(file, `import { parentPort } from "node:worker_threads"\n${body}`)
  return file
}

describe("NodeWorkers", () => {
  const input = { "chats/a.jsonl": jsonl(...Array.from({ length: 40 }, (_, i) => chat(`Q${i}`, `A${i}`))) }
  const spec = { tasks: ["ShareGptTask"], config: chats(), sliceBytes: 100 }

  it.effect("a worker that dies is replaced, and its slices are tried once more", () =>
    Effect.gen(function* () {
      // The first worker of the pool dies on its third message, the next ones work.
      const mark = join(mkdtempSync(join(tmpdir(), "data-toolbox-")), "died")
      const file = entry(`
        import { existsSync, writeFileSync } from "node:fs"
        await import(${JSON.stringify(`file://${NodeWorkers.defaultEntry()}`)})
        const mark = ${JSON.stringify(mark)}
        let seen = 0
        if (!existsSync(mark)) parentPort.on("message", () => {
          if (++seen === 3) { writeFileSync(mark, ""); process.exit(7) }
        })
      `)
      const expected = yield* build(input, spec)
      const built = yield* build(input, spec, NodeWorkers.layer(1, file))
      assert.isTrue(existsSync(mark))
      assert.strictEqual(built.text, expected.text)
    }),
  )

  it.effect("a slice on which two workers die ends the run with its place", () =>
    Effect.gen(function* () {
      const file = entry(`parentPort.on("message", () => process.exit(9))`)
      const error = yield* Effect.flip(build(input, spec, NodeWorkers.layer(2, file)))
      assert.strictEqual(error._tag, "SliceError")
      assert.match(
        error.message,
        /^a worker died twice on chats\/a\.jsonl: it ended with code 9\. Run with --workers 0/,
      )
    }),
  )

  it.effect("a slice that only waits in a worker is not blamed for its death", () =>
    Effect.gen(function* () {
      // A worker dies once on each file: the first one takes the second with it, which waits there.
      const folder = mkdtempSync(join(tmpdir(), "data-toolbox-"))
      const file = entry(`
        import { existsSync, writeFileSync } from "node:fs"
        import { join } from "node:path"
        const on = parentPort.on.bind(parentPort)
        const post = parentPort.postMessage.bind(parentPort)
        let last = Promise.resolve()
        let answered
        parentPort.postMessage = (...args) => { post(...args); answered() }
        parentPort.on = (name, listener) => on(name, (request) => {
          last = last.then(() => new Promise((resolve) => {
            const mark = join(${JSON.stringify(folder)}, request.slice.file.replaceAll("/", "-"))
            if (!existsSync(mark)) { writeFileSync(mark, ""); process.exit(7) }
            answered = resolve
            listener(request)
          }))
        })
        await import(${JSON.stringify(`file://${NodeWorkers.defaultEntry()}`)})
      `)
      const three = Object.fromEntries(["a", "b", "c"].map((name) => [`chats/${name}.jsonl`, jsonl(chat(name, "!"))]))
      const whole = { tasks: ["ShareGptTask"], config: chats() }
      const expected = yield* build(three, whole)
      const built = yield* build(three, whole, NodeWorkers.layer(1, file))
      assert.strictEqual(readdirSync(folder).length, 3)
      assert.strictEqual(built.text, expected.text)
    }),
  )

  it.live("what is interrupted ends at once, and its workers with it", () =>
    Effect.gen(function* () {
      const file = entry(`parentPort.on("message", () => {})`)
      const scope = yield* Effect.fork(
        Effect.provide(
          Effect.flatMap(SliceRunner, () => build(input, spec, NodeWorkers.layer(2, file))),
          Layer.fresh(InProcess.layer),
        ),
      )
      yield* Effect.yieldNow()
      const exit = yield* Fiber.interrupt(scope)
      assert.isTrue(Exit.isInterrupted(exit))
    }),
  )
})

/** What every Output does, wherever it writes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { Output } from "../../src/services/Output.ts"

export interface Target {
  readonly layer: Layer.Layer<Output>
  /** A name to write to, and its work folder. */
  readonly file: string
  readonly work: string
  /** What stands under the name. */
  readonly published: () => string | undefined
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const outputSuite = (name: string, make: () => Target): void => {
  describe(`Output, ${name}`, () => {
    it.effect("nothing is to be seen before it is published, and then the whole", () => {
      const { file, layer, published, work } = make()
      return Effect.scoped(
        Effect.gen(function* () {
          const staged = yield* (yield* Output).stage(file, work)
          yield* staged.write(bytes("one\n"))
          yield* staged.write(bytes("two\n"))
          assert.isUndefined(published())
          const written = yield* staged.close
          assert.isUndefined(published())
          assert.deepStrictEqual(written, {
            file,
            bytes: 8,
            sha256: createHash("sha256").update("one\ntwo\n").digest("hex"),
          })
          yield* staged.publish
          assert.strictEqual(published(), "one\ntwo\n")
        }),
      ).pipe(Effect.provide(layer))
    })

    it.effect("what was there stays until another is published, and is replaced as a whole", () => {
      const { file, layer, published, work } = make()
      const write = (text: string, publish: boolean) =>
        Effect.scoped(
          Effect.gen(function* () {
            const staged = yield* (yield* Output).stage(file, work)
            yield* staged.write(bytes(text))
            if (!publish) return
            yield* staged.close
            yield* staged.publish
          }),
        )
      return Effect.gen(function* () {
        yield* write("a long first version", true)
        yield* write("unfinished", false)
        assert.strictEqual(published(), "a long first version")
        yield* write("short", true)
        assert.strictEqual(published(), "short")
      }).pipe(Effect.provide(layer))
    })

    it.effect("bytes that the caller changes after a write are not changed in the output", () => {
      const { file, layer, published, work } = make()
      return Effect.scoped(
        Effect.gen(function* () {
          const staged = yield* (yield* Output).stage(file, work)
          const data = bytes("good")
          yield* staged.write(data)
          data.fill(0)
          yield* staged.close
          yield* staged.publish
          assert.strictEqual(published(), "good")
        }),
      ).pipe(Effect.provide(layer))
    })

    it.effect("a spool gives back what was put in, in order, parts without bytes too", () => {
      const { layer, work } = make()
      return Effect.scoped(
        Effect.gen(function* () {
          const spool = yield* (yield* Output).spool(work)
          for (const text of ["one", "", "three"]) yield* spool.append(bytes(text))
          const read = yield* Stream.runCollect(spool.read)
          assert.deepStrictEqual(
            [...read].map((part) => Buffer.from(part).toString()),
            ["one", "", "three"],
          )
        }),
      ).pipe(Effect.provide(layer))
    })

    it.effect("a scratch space gives back any part of what was put in, while more is put in", () => {
      const { layer, work } = make()
      return Effect.scoped(
        Effect.gen(function* () {
          const { append, read } = yield* (yield* Output).scratch(work)
          const text = (at: number, length: number): string => Buffer.from(read(at, length)).toString()
          append(bytes("one"))
          append(bytes(""))
          append(bytes("three"))
          assert.deepStrictEqual([text(0, 3), text(3, 5), text(2, 2), text(8, 0)], ["one", "three", "et", ""])
          const large = new Uint8Array(3_000_000).fill(120)
          append(large)
          append(bytes("four"))
          assert.deepStrictEqual([text(1, 7), text(3_000_008, 4)], ["nethree", "four"])
          assert.strictEqual(text(6, 3_000_006), `ee${"x".repeat(3_000_000)}four`)
        }),
      ).pipe(Effect.provide(layer))
    })
  })
}

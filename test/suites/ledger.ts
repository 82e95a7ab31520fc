/** What every Ledger does. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { LedgerLine } from "../../src/domain/Merge.ts"
import { Ledger } from "../../src/services/Ledger.ts"

export const line = (n: number): LedgerLine => ({
  task: "T",
  scope: "record",
  stage: "read",
  reason: "InvalidJson",
  place: { file: "a.jsonl", line: n },
})

export interface Target {
  readonly layer: Layer.Layer<Ledger>
  readonly file: string
  /** The lines that were published. */
  readonly published: () => ReadonlyArray<unknown>
}

export const ledgerSuite = (name: string, make: () => Target): void => {
  describe(`Ledger, ${name}`, () => {
    it.effect("keeps all lines in the order in which they were told", () => {
      const { file, layer, published } = make()
      return Effect.scoped(
        Effect.gen(function* () {
          const ledger = yield* (yield* Ledger).open(file, `${file}.work`)
          yield* ledger.write([line(1), line(2)])
          yield* ledger.write([])
          yield* ledger.write([{ ...line(3), id: "x", detail: { why: "so" } }])
          yield* ledger.close
          yield* ledger.publish
          assert.deepStrictEqual(published(), [line(1), line(2), { ...line(3), id: "x", detail: { why: "so" } }])
        }),
      ).pipe(Effect.provide(layer))
    })
  })
}

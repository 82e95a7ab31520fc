import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { LedgerLine } from "../../src/domain/Merge.ts"
import { encodeLine, Ledger } from "../../src/services/Ledger.ts"
import { Output } from "../../src/services/Output.ts"
import { ledgerSuite, line } from "../suites/ledger.ts"

const files = Layer.provide(Ledger.layer, Output.layer)

const target = (name: string, read: (bytes: Buffer) => Buffer) => () => {
  const file = join(mkdtempSync(join(tmpdir(), "data-toolbox-")), name)
  return {
    layer: files,
    file,
    published: () =>
      read(readFileSync(file))
        .toString("utf8")
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text) as unknown),
  }
}

ledgerSuite("in memory", () => {
  const lines: Array<LedgerLine> = []
  return { layer: Ledger.layerMemory(lines), file: "ledger.jsonl", published: () => lines }
})
ledgerSuite(
  "a file",
  target("ledger.jsonl", (bytes) => bytes),
)
ledgerSuite("a compressed file", target("ledger.jsonl.gz", gunzipSync))

describe("the ledger", () => {
  it("a line has its keys in the documented order", () => {
    assert.strictEqual(
      encodeLine({ ...line(1), detail: "d", id: "i" }),
      '{"task":"T","id":"i","scope":"record","place":{"file":"a.jsonl","line":1},"stage":"read","reason":"InvalidJson","detail":"d"}\n',
    )
  })

  it.effect("without a file nothing is kept", () => {
    const folder = mkdtempSync(join(tmpdir(), "data-toolbox-"))
    return Effect.scoped(
      Effect.gen(function* () {
        const ledger = yield* (yield* Ledger).open(undefined, join(folder, "work"))
        yield* ledger.write([line(1)])
        yield* ledger.close
        yield* ledger.publish
        assert.deepStrictEqual(readdirSync(dirname(join(folder, "x"))), [])
      }),
    ).pipe(Effect.provide(files))
  })
})

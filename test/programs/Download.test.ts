import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { DatasetDefinition, DatasetSource } from "../../src/domain/Component.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { Files } from "../../src/layers/datasets/Files.ts"
import * as Download from "../../src/programs/Download.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Downloader } from "../../src/services/Downloader.ts"
import { Hub } from "../../src/services/Hub.ts"
import { transferText } from "../../src/layers/progress/Draw.ts"
import { Progress } from "../../src/services/Progress.ts"
import { emptyFolder, sha256 } from "../support/hub.ts"

const bytes = (text: string): Buffer => Buffer.from(text)

const dataset = (source: DatasetSource): DatasetDefinition =>
  ({ ...Files, options: {}, name: "riddles", folder: "riddles", files: ["*"], source }) as DatasetDefinition

const hubFile = (path: string, content: string) => ({
  url: `hub:${path}`,
  revision: "abc",
  path,
  expected: { bytes: content.length, sha256: sha256(bytes(content)) },
})

/** A repository with these files, and a data folder. */
const over = (files: { readonly [path: string]: string }, root: string) =>
  Layer.mergeAll(
    Hub.layerTest({ "own/riddles": Object.entries(files).map(([path, content]) => hubFile(path, content)) }),
    Downloader.layerTest(
      Object.fromEntries(Object.entries(files).map(([path, content]) => [`hub:${path}`, bytes(content)])),
    ),
    Layer.provideMerge(layerDatasets([]), DataFolder.layer(root)),
    Progress.layerQuiet,
  )

const source = (from: string | ReadonlyArray<string>, as?: string): DatasetSource => ({
  kind: "hub",
  repo: "own/riddles",
  files: [as === undefined ? { from } : { from, as }],
})

const download = (
  given: DatasetSource,
  files: { readonly [path: string]: string },
  root: string,
  options: Parameters<typeof Download.download>[1] = {},
) => Download.download([dataset(given)], options).pipe(Effect.provide(over(files, root)))

describe("downloading a dataset", () => {
  it.live("takes what the first glob with a match stands for, and pins each file", () =>
    Effect.gen(function* () {
      const root = emptyFolder()
      const files = { "data/b-1.jsonl": "one\n", "data/b-0.jsonl": "zero\n", "data/c.jsonl": "other\n" }
      const report = yield* download(source(["data/a-*.jsonl", "data/b-*.jsonl"]), files, root)
      assert.deepStrictEqual(
        report.datasets[0]?.files.map(({ file, state }) => [file, state]),
        [
          ["riddles/b-0.jsonl", "downloaded"],
          ["riddles/b-1.jsonl", "downloaded"],
        ],
      )
      const lock = JSON.parse(readFileSync(join(root, "data.lock.json"), "utf8")) as { files: object }
      assert.deepStrictEqual(Object.keys(lock.files), ["riddles/b-0.jsonl", "riddles/b-1.jsonl"])
      // The Hub is not needed for what the lock file knows.
      const again = yield* download(source(["data/a-*.jsonl", "data/b-*.jsonl"]), {}, root)
      assert.strictEqual(again.bytes, 0)
    }),
  )

  it.live("says what there is when nothing fits, or too much", () =>
    Effect.gen(function* () {
      const files = { "x.jsonl": "1", "y.jsonl": "2" }
      const none = yield* Effect.flip(download(source("z*"), files, emptyFolder()))
      assert.match(none.message, /no file z\*; it has x.jsonl, y.jsonl/)
      const both = yield* Effect.flip(download(source("*.jsonl", "z.jsonl"), files, emptyFolder()))
      assert.match(both.message, /several files fit: x.jsonl, y.jsonl/)
    }),
  )

  it.live("refuses more bytes than allowed before it takes any, and names that are none", () =>
    Effect.gen(function* () {
      const root = emptyFolder()
      const files = { "x.jsonl": "12345", "y.jsonl": "67890" }
      const much = yield* Effect.flip(download(source("*.jsonl"), files, root, { maxBytes: 9 }))
      assert.match(much.message, /the files have 10 bytes, more than the 9/)
      assert.isFalse(existsSync(join(root, "riddles")))
      const named = yield* Effect.flip(download(source("x.jsonl", "../x"), files, root))
      assert.match(named.message, /no name for a file here/)
      const twice = yield* Effect.flip(download(source("**/X*"), { "a/X.jsonl": "1", "b/X.jsonl": "2" }, root))
      assert.match(twice.message, /two files would have this name/)
      const part = yield* Effect.flip(download(source("**/n*"), { "a/nul": "1" }, root))
      assert.match(part.message, /device/)
    }),
  )

  it.live("takes over a right file that was there, and leaves a wrong one alone", () =>
    Effect.gen(function* () {
      const root = emptyFolder()
      const files = { "x.jsonl": "right" }
      yield* download(source("x.jsonl"), files, root)
      const other = emptyFolder()
      yield* download(source("x.jsonl"), files, other)
      const report = yield* download(source("x.jsonl"), files, other, { locked: true })
      assert.strictEqual(report.datasets[0]?.files[0]?.state, "present")
      writeFileSync(join(other, "data.lock.json"), '{"version":1,"files":{}}')
      const adopted = yield* download(source("x.jsonl"), files, other)
      assert.strictEqual(adopted.datasets[0]?.files[0]?.state, "present")
      assert.include(readFileSync(join(other, "data.lock.json"), "utf8"), sha256(bytes("right")))
      writeFileSync(join(other, "data.lock.json"), '{"version":1,"files":{}}')
      writeFileSync(join(other, "riddles/x.jsonl"), "mine")
      const error = yield* Effect.flip(download(source("x.jsonl"), files, other))
      assert.match(error.message, /Move it away/)
      writeFileSync(join(other, "data.lock.json"), '{"version":2}')
      const unread = yield* Effect.flip(download(source("x.jsonl"), files, other))
      assert.strictEqual(unread._tag, "ConfigError")
    }),
  )
})

describe("the progress of a download", () => {
  it("tells how much, how fast, and how long it will take", () => {
    assert.strictEqual(
      transferText({ file: "a", got: 1_500_000, of: 4_500_000, rate: 100_000 }),
      "a: 1,500 of 4,500 kB, 100 kB/s, 0:30 left",
    )
    assert.strictEqual(transferText({ file: "a", got: 999, rate: 0 }), "a: 999 bytes")
    assert.strictEqual(
      transferText({ file: "a", got: 0, of: 7.3e12, rate: 1e9 }),
      "a: 0 of 7,300 GB, 1.0 GB/s, 2:01:40 left",
    )
  })
})

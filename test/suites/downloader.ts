/** What every Downloader does, over the network or without it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DownloadError } from "../../src/domain/Errors.ts"
import { Downloader, type FileRequest } from "../../src/services/Downloader.ts"
import { emptyFolder, gitSha1, sha256 } from "../support/hub.ts"

export interface DownloaderCase {
  /** The layer, and where it finds these bytes. */
  readonly layer: (bytes: Buffer) => Layer.Layer<Downloader>
  readonly from: () => string
}

export const downloaderSuite = (name: string, { from, layer }: DownloaderCase): void => {
  const bytes = Buffer.from("line one\nline two\n")
  const fetch = (request: Partial<FileRequest>) =>
    Effect.flatMap(Downloader, (downloader) =>
      downloader.fetch({ from: from(), folder: "", name: "a/b.jsonl", expected: {}, ...request }),
    ).pipe(Effect.provide(layer(bytes)))

  describe(`a downloader (${name})`, () => {
    it.live("puts the file in its place, whole, and tells what it is", () =>
      Effect.gen(function* () {
        const folder = join(emptyFolder(), "new")
        const told: Array<number> = []
        const got = yield* fetch({
          folder,
          expected: { bytes: bytes.length, sha256: sha256(bytes), gitSha1: gitSha1(bytes) },
          onBytes: (now) => Effect.sync(() => void told.push(now)),
        })
        assert.isTrue(readFileSync(join(folder, "a", "b.jsonl")).equals(bytes))
        assert.deepStrictEqual([got.bytes, got.sha256, got.resumedFrom], [bytes.length, sha256(bytes), 0])
        assert.strictEqual(told.at(-1), bytes.length)
        assert.deepStrictEqual(readdirSync(join(folder, "a")), ["b.jsonl"])
      }),
    )

    for (const [what, wrong] of [
      ["size", { bytes: bytes.length + 1 }],
      ["SHA-256", { sha256: "0".repeat(64) }],
      ["git digest", { gitSha1: "0".repeat(40) }],
    ] as const)
      it.live(`of another ${what} than expected it puts nothing in place, and leaves what was there`, () =>
        Effect.gen(function* () {
          const folder = emptyFolder()
          mkdirSync(join(folder, "a"))
          writeFileSync(join(folder, "a", "b.jsonl"), "old")
          const error = yield* Effect.flip(fetch({ folder, expected: wrong }))
          assert.instanceOf(error, DownloadError)
          assert.strictEqual(error.reason, "Corrupt")
          assert.strictEqual(readFileSync(join(folder, "a", "b.jsonl"), "utf8"), "old")
        }),
      )

    it.live("refuses a name that leads out, more bytes than allowed, and what is not there", () =>
      Effect.gen(function* () {
        const folder = emptyFolder()
        const reasons = yield* Effect.forEach(
          [{ name: "../a" }, { maxBytes: bytes.length - 1 }, { from: `${from()}-not` }],
          (request) => Effect.map(Effect.flip(fetch({ folder, ...request })), ({ reason }) => reason),
        )
        assert.deepStrictEqual(reasons, ["Refused", "TooLarge", "NotFound"])
        assert.deepStrictEqual(
          readdirSync(folder, { recursive: true }).filter((one) => String(one).endsWith(".jsonl")),
          [],
        )
      }),
    )
  })
}

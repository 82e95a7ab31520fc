import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { addToLock, type LockEntry, readLock } from "../../src/services/DataLock.ts"

const folder = (): string => mkdtempSync(join(tmpdir(), "data-toolbox-"))

const entry = (n: number): LockEntry => ({
  dataset: "chats",
  source: "somewhere",
  from: `https://example.org/${n}`,
  bytes: n,
  sha256: String(n % 10).repeat(64),
  got: "2024-01-01T00:00:00.000Z",
})

describe("the lock file of a data folder", () => {
  it.live("takes the entries of all who write at once", () =>
    Effect.gen(function* () {
      const root = folder()
      const add = (n: number) => addToLock(root, new Map([[`file-${n}.jsonl`, entry(n)]]))
      yield* Effect.all(
        Array.from({ length: 12 }, (_, n) => add(n)),
        { concurrency: "unbounded" },
      )
      assert.strictEqual((yield* readLock(root)).size, 12)
      assert.deepStrictEqual(readdirSync(root), ["data.lock.json"])
    }),
  )

  it.live("is written although a process was ended in its turn, whose files are tidied up; others stay", () =>
    Effect.gen(function* () {
      const root = folder()
      for (const name of ["data.lock.json.turn", "data.lock.json.4194304.tmp", "data.lock.json.tmp"])
        writeFileSync(join(root, name), "{")
      utimesSync(join(root, "data.lock.json.turn"), 1, 1)
      yield* addToLock(root, new Map([["file.jsonl", entry(1)]]))
      assert.deepStrictEqual([...(yield* readLock(root)).keys()], ["file.jsonl"])
      assert.deepStrictEqual(readdirSync(root).sort(), ["data.lock.json", "data.lock.json.tmp"])
    }),
  )
})

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { checkFolder, Output } from "../../src/services/Output.ts"
import { outputSuite } from "../suites/output.ts"

const folder = (): string => mkdtempSync(join(tmpdir(), "data-toolbox-"))

outputSuite("in memory", () => {
  const files = new Map<string, Uint8Array>()
  return {
    layer: Output.layerMemory(files),
    file: "out.jsonl",
    work: "out.jsonl.work",
    published: () => {
      const found = files.get("out.jsonl")
      return found === undefined ? undefined : Buffer.from(found).toString()
    },
  }
})

outputSuite("files", () => {
  const file = join(folder(), "out.jsonl")
  return {
    layer: Output.layer,
    file,
    work: `${file}.work`,
    published: () => (existsSync(file) ? readFileSync(file, "utf8") : undefined),
  }
})

const write = (file: string, ...parts: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const staged = yield* (yield* Output).stage(file, `${file}.work`)
      for (const part of parts) yield* staged.write(Buffer.from(part))
      const written = yield* staged.close
      yield* staged.publish
      return written
    }),
  ).pipe(Effect.provide(Output.layer))

describe("output files", () => {
  it.effect("a name that ends in .gz is compressed, and has a digest of its content too", () =>
    Effect.gen(function* () {
      const file = join(folder(), "out.jsonl.gz")
      const text = "a line\n".repeat(50_000)
      const written = yield* write(file, text.slice(0, 100_000), text.slice(100_000))
      const bytes = readFileSync(file)
      assert.strictEqual(gunzipSync(bytes).toString(), text)
      assert.strictEqual(written.bytes, bytes.length)
      assert.strictEqual(written.sha256, createHash("sha256").update(bytes).digest("hex"))
      assert.strictEqual(written.contentSha256, createHash("sha256").update(text).digest("hex"))
    }),
  )

  it.effect("unfinished files lie in the work folder only, and go with their scope", () =>
    Effect.gen(function* () {
      const root = folder()
      const file = join(root, "out.jsonl")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const output = yield* Output
          yield* output.stage(file, `${file}.work`)
          yield* output.spool(`${file}.work`)
          assert.deepStrictEqual(readdirSync(root), ["out.jsonl.work"])
          assert.strictEqual(readdirSync(`${file}.work`).length, 2)
        }),
      )
      assert.deepStrictEqual(readdirSync(`${file}.work`), [])
      yield* (yield* Output).sweep(`${file}.work`, false)
      assert.deepStrictEqual(readdirSync(root), [])
    }).pipe(Effect.provide(Output.layer)),
  )

  it.effect("two writers of one name do not meet; the last to publish wins whole", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const file = join(folder(), "out.jsonl")
        const output = yield* Output
        const one = yield* output.stage(file, `${file}.work`)
        const two = yield* output.stage(file, `${file}.work`)
        yield* one.write(Buffer.from("one one one"))
        yield* two.write(Buffer.from("two"))
        yield* one.close
        yield* two.close
        yield* two.publish
        yield* one.publish
        assert.strictEqual(readFileSync(file, "utf8"), "one one one")
      }),
    ).pipe(Effect.provide(Output.layer)),
  )

  it.effect("a folder that is not there is told with the file's name", () =>
    Effect.gen(function* () {
      const root = folder()
      writeFileSync(join(root, "plain"), "")
      const error = yield* Effect.flip(write(join(root, "plain", "out.jsonl"), "x"))
      assert.strictEqual(error._tag, "OutputError")
      assert.strictEqual(error.reason, "Open")
      assert.match(error.message, /^cannot write .*out\.jsonl: .*What was there before is unchanged\.$/)
    }),
  )
})

describe("checkFolder", () => {
  it("tells what cannot take an output", async () => {
    const root = folder()
    mkdirSync(join(root, "sub"))
    writeFileSync(join(root, "old.jsonl"), "")
    symlinkSync("/dev/null", join(root, "device"))
    assert.isUndefined(await checkFolder(join(root, "new.jsonl")))
    assert.isUndefined(await checkFolder(join(root, "old.jsonl")))
    assert.strictEqual(await checkFolder(join(root, "sub")), `"${join(root, "sub")}" is a folder`)
    assert.match((await checkFolder(join(root, "none", "x"))) ?? "", /does not exist; make it first$/)
    assert.match((await checkFolder(join(root, "old.jsonl", "x"))) ?? "", /is not a folder$/)
    assert.match((await checkFolder(join(root, "device"))) ?? "", /is no ordinary file/)
  })
})

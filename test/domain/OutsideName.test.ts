import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { nameProblem } from "../../src/domain/OutsideName.ts"
import { Downloader } from "../../src/services/Downloader.ts"
import { targetOf } from "../../src/layers/network/Landing.ts"

const long = "x".repeat(256)

/** Names that must not become files; each may come from a repository, an archive or a URL. */
const hostile: ReadonlyArray<string> = [
  ["", ".", "..", "/", "//", "\\", "a/", "/a", "//a", "a//b", "./a", "a/.", "a/./b", "../a", "a/..", "a/../b"],
  ["a/../../b", "../../../../etc/passwd", "/etc/passwd", "//host/share/a", "\\\\host\\share\\a", "\\\\?\\C:\\a"],
  ["C:a", "C:\\a", "C:/a", "c:", "a\\b", "..\\a", "a\\..\\b", "a/..\\..\\b", "file:///a", "a:b", "a::$DATA"],
  ["a\0", "\0", "a\0.jsonl", "a\nb", "a\rb", "a\tb", "a\u001bb", "a\u007fb", "a\u0085b", "a\u009bb"],
  ["a\u202eb", "a\u200bb", "a\u2028b", "a\u2029b", "\ufeffa", "a\u00adb", "a\ud800b"],
  ["con", "CON", "nul", "NUL.txt", "aux.json", "prn", "com1", "COM9.csv", "lpt1", "com¹", "LPT².x", "conin$", "nul .a"],
  ["dir/con", "dir/aux.jsonl", "a.", "a ", "a. ", "a../b", "a /b", " a", "a/ b", "..."],
  ["a<b", "a>b", 'a"b', "a|b", "a?b", "a*b"],
  ["\u2024\u2024/a", "a\u2215b", "a\uff0fb", "a\uff3cb", "\uff0e\uff0e/a", "a\u2044b", "a\uff1ab"],
  [long, `a/${long}`, "é".repeat(128), Array.from({ length: 33 }, () => "a").join("/"), "a/".repeat(5000)],
  [".0123456789ab.1.part"],
].flat()

const plain = ["a", "a.jsonl", "data/train-00000-of-00001.parquet", "a b", ".hidden", "a..b", "é/ü.csv", "console.log"]

const tree = (folder: string): ReadonlyArray<string> => readdirSync(folder, { recursive: true }).map(String).sort()

const withRoot = async (act: (root: string) => Promise<void>): Promise<void> => {
  const canary = mkdtempSync(join(tmpdir(), "data-toolbox-"))
  try {
    mkdirSync(join(canary, "data", "set"), { recursive: true })
    await act(canary)
  } finally {
    rmSync(canary, { recursive: true, force: true })
  }
}

describe("a name from outside", () => {
  it(`is refused in ${hostile.length} shapes, and taken where it is plain`, () => {
    assert.isAtLeast(new Set(hostile).size, 80)
    for (const name of hostile) assert.isString(nameProblem(name), JSON.stringify(name))
    for (const name of plain) assert.isUndefined(nameProblem(name), name)
  })

  it("makes nothing outside its folder, by any downloader", () =>
    withRoot(async (canary) => {
      const folder = join(canary, "data", "set")
      for (const name of hostile) {
        const request = { from: "x", folder, name, expected: {} }
        const fake = Effect.flatMap(Downloader, (downloader) => downloader.fetch(request)).pipe(
          Effect.provide(Downloader.layerTest({ x: Buffer.from("x") })),
        )
        for (const effect of [fake, targetOf(request)]) {
          const error = await Effect.runPromise(Effect.flip(effect as Effect.Effect<unknown, { reason: string }>))
          assert.strictEqual(error.reason, "Refused", JSON.stringify(name))
        }
      }
      assert.deepStrictEqual(tree(canary), ["data", join("data", "set")])
    }))

  it("that is taken stays inside its folder, whatever it is spliced from", () =>
    withRoot(async (canary) => {
      const part = fc.constantFrom(
        "..",
        ".",
        "/",
        "\\",
        "a",
        "b.jsonl",
        " ",
        "\0",
        ":",
        "con",
        "%2e%2e",
        "\u202e",
        "\u2024",
        "~",
        "$HOME",
        "é",
      )
      const folder = join(canary, "data", "set")
      await fc.assert(
        fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
          const name = parts.join("")
          if (nameProblem(name) !== undefined) return
          await Effect.runPromise(Effect.either(targetOf({ from: "x", folder, name, expected: {} })))
        }),
        { numRuns: process.env["TOOLBOX_LONG"] === undefined ? 300 : 20_000, seed: 7 },
      )
      assert.deepStrictEqual(readdirSync(canary), ["data"])
      assert.deepStrictEqual(readdirSync(join(canary, "data")), ["set"])
    }))
})

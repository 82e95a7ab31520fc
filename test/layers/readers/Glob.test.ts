import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { execFileSync } from "node:child_process"
import { mkdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import { matchName } from "../../../src/domain/GlobName.ts"
import { findFiles } from "../../../src/layers/readers/Glob.ts"
import { inFolder, readFolder, records, runs } from "./read.ts"

describe("finding files", () => {
  it("a star stands for anything within a name, two for any folders", () =>
    inFolder(async ({ root, write }) => {
      for (const file of ["a.json", "b.JSON", "x/a.json", "x/y/a.json", "x/y/b.txt", ".git/a.json", "a.json.bak"]) {
        await write(file, "")
      }
      const find = (...patterns: ReadonlyArray<string>) => findFiles(root, patterns)
      assert.deepStrictEqual(await find("*.json"), ["a.json"])
      assert.deepStrictEqual(await find("*/a.json"), [".git/a.json", "x/a.json"])
      assert.deepStrictEqual(await find("**/*.json"), ["a.json", "x/a.json", "x/y/a.json"])
      assert.deepStrictEqual(await find("x/**"), ["x/a.json", "x/y/a.json", "x/y/b.txt"])
      assert.deepStrictEqual(await find("x/**/y/*.txt", "./x//a.json"), ["x/a.json", "x/y/b.txt"])
      assert.deepStrictEqual(await find("none/*.json"), [])
      assert.deepStrictEqual(await findFiles(join(root, "absent"), ["*"]), [])
    }))

  it("patterns that leave the folder are refused", async () => {
    for (const pattern of ["/etc/*", "../*", "a/../../b", "C:/x", "a\\b"]) {
      const failure = await findFiles(".", [pattern]).then(
        () => "none",
        (cause: Error) => cause.message,
      )
      assert.include(failure, "does not stay inside")
    }
  })

  it("names of any characters are found and read, and stand in the place", () =>
    inFolder(async ({ root, write }) => {
      const names = [
        " .jsonl",
        "#%20?.jsonl",
        "'\"`$(x);&|.jsonl",
        "*.jsonl",
        "-rf.jsonl",
        "[1]{2}.jsonl",
        "a\\b.jsonl",
        "a\nb.jsonl",
        "e\u0301.jsonl",
        "é.jsonl",
        "🙂.jsonl",
        `${"x".repeat(240)}.jsonl`,
      ]
      for (const name of names) await write(`d\u00e4 ta/${name}`, JSON.stringify({ name }))
      const outcome = await readFolder(root, { options: { files: ["dä ta/*.jsonl"] } })
      assert.deepStrictEqual(
        records(outcome).map((record) => (record as { name: string }).name),
        [...names].sort((a, b) => (a < b ? -1 : 1)),
      )
      for (const event of outcome.told) {
        assert.strictEqual(
          event.kind === "record" && `dä ta/${(event.record as { name: string }).name}`,
          event.place.file,
        )
      }
    }))

  it("links are followed inside the folder, never out of it, and a loop of them gives no file twice", () =>
    inFolder(async ({ root, write }) => {
      await write("data/x/a.json", "1")
      await write("data/z/a.json", "1")
      await write("secret/b.json", "2")
      await symlink(join(root, "secret"), join(root, "data/out"))
      await symlink(join(root, "secret/b.json"), join(root, "data/x/b.json"))
      await symlink("x/a.json", join(root, "data/in.json"))
      await symlink("../x", join(root, "data/z/x"))
      await symlink("..", join(root, "data/x/up"))
      await symlink(".", join(root, "data/x/self"))
      await symlink("nowhere", join(root, "data/x/c.json"))
      assert.deepStrictEqual(await findFiles(join(root, "data"), ["**/*.json"]), [
        "in.json",
        "x/a.json",
        "z/a.json",
        "z/x/a.json",
      ])
    }))

  it("only files are files", () =>
    inFolder(async ({ root, write }) => {
      await write("a.jsonl", "1\n")
      await mkdir(join(root, "b.jsonl"))
      execFileSync("mkfifo", [join(root, "c.jsonl")])
      await symlink("c.jsonl", join(root, "d.jsonl"))
      assert.deepStrictEqual(await findFiles(root, ["*.jsonl"]), ["a.jsonl"])
    }))

  it("a name matches as the regular expression of its pattern does", () => {
    const text = fc.array(fc.constantFrom("a", "b", ".", "*"), { maxLength: 8 }).map((parts) => parts.join(""))
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const source = pattern.split("*").map((part) => part.replaceAll(".", "\\."))
        assert.strictEqual(matchName(pattern, name), new RegExp(`^${source.join("[^]*")}$`).test(name))
      }),
      { numRuns: runs(1000) },
    )
  })

  it("links that match and lead out, or nowhere, are told; others are not", () =>
    inFolder(async ({ root, write }) => {
      await write("data/a.jsonl", "{}")
      await write("outside.jsonl", "{}")
      await symlink(join(root, "outside.jsonl"), join(root, "data/out.jsonl"))
      await symlink(join(root, "nowhere"), join(root, "data/none.jsonl"))
      await symlink(join(root, "outside.jsonl"), join(root, "data/other.csv"))
      await symlink(join(root, "data/a.jsonl"), join(root, "data/in.jsonl"))
      const skipped: Array<string> = []
      assert.deepStrictEqual(await findFiles(join(root, "data"), ["*.jsonl"], (file) => skipped.push(file)), [
        "a.jsonl",
        "in.jsonl",
      ])
      assert.deepStrictEqual(skipped, ["none.jsonl", "out.jsonl"])
    }))
})

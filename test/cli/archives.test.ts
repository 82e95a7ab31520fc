import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { deflateRawSync, gzipSync } from "node:zlib"
import { tarEntry, zip } from "../support/archives.ts"
import { folder, listing, root, timeout } from "../support/cli.ts"

const megabyte = 1024 * 1024

/** Reads a file with the built readers, in a process of its own; tells what came of it and what it took. */
const program = `
  import { planFile } from ${JSON.stringify(join(root, "dist/layers/readers/Plan.js"))}
  const [path] = process.argv.slice(1)
  const file = path.split("/").at(-1)
  let records = 0
  let outcome = "read"
  try {
    for await (const slice of planFile({ file, path }, { reader: "auto", sliceBytes: 1 << 20, maxRecordBytes: 1 << 20 })) {
      records += slice.kind === "lines" ? slice.inline.filter((byte) => byte === 10).length : 1
    }
  } catch (cause) {
    outcome = cause.reason ?? String(cause)
  }
  console.log(JSON.stringify({ outcome, records, rss: process.resourceUsage().maxRSS / 1024 }))
`

const read = async (path: string): Promise<{ outcome: string; records: number; rss: number }> => {
  // Garbage may pile up as long as there is room for it: with little room it is seen what is needed.
  const args = ["--max-old-space-size=64", "--max-semi-space-size=1", "--input-type=module", "-e", program, path]
  // What a process has taken counts from its parent's size on: a shell in between is small.
  const { stdout } = await promisify(execFile)("sh", ["-c", '"$0" "$@"; exit $?', process.execPath, ...args])
  return JSON.parse(stdout) as { outcome: string; records: number; rss: number }
}

/** 900,000 zeros as bzip2 packs them: 48 bytes. */
const bzip2Zeros = Buffer.from("QlpoOTFBWSZTWWPj7KIABuTBAMAAAgAACCAAMMwJqmmUoTapKE8XckU4UJBj4+yi", "base64")

/** A zstd frame of blocks that say "128 kB of zeros" in four bytes each (RFC 8878, 3.1.1.2). */
const zstdZeros = (blocks: number): Buffer => {
  const block = Buffer.alloc(4)
  block.writeUIntLE((128 * 1024 * 8) | 2, 0, 3)
  const last = Buffer.from(block)
  last[0] = (last[0] as number) | 1
  return Buffer.concat([Buffer.from("28b52ffd0048", "hex"), ...Array.from({ length: blocks }, () => block), last])
}

describe("hostile archives in a process of their own", () => {
  it("bombs are refused, crowds are read, in less than 150 MB, and nothing is written", { timeout }, async () => {
    const zeros = deflateRawSync(Buffer.alloc(64 * megabyte))
    // One entry, again and again under another number: only its name and the sum of its header change.
    const one = tarEntry({ name: "0000000.jsonl", content: "{}\n" })
    const sum = Number.parseInt(one.toString("latin1", 148, 154), 8)
    const crowd = Buffer.alloc(one.length * 100_001)
    for (let i = 0; i < 100_001; i++) {
      const name = String(i).padStart(7, "0")
      one.copy(crowd, i * one.length)
      crowd.write(name, i * one.length)
      const more = [...name].reduce((all, digit) => all + Number(digit), 0)
      crowd.write((sum + more).toString(8).padStart(6, "0"), i * one.length + 148)
    }
    const files: ReadonlyArray<readonly [string, Uint8Array, string, number?]> = [
      ["zeros.zip", zip([{ name: "a.jsonl", raw: zeros, size: 64 * megabyte }]), "Ratio"],
      ["lies.zip", zip([{ name: "a.jsonl", raw: zeros, size: 10 }]), "Size"],
      [
        "same.zip",
        zip(Array.from({ length: 1000 }, (_, i) => ({ name: `${i}.jsonl`, raw: zeros.subarray(0, 100), at: 0 }))),
        "Overlap",
      ],
      [
        "many.zip",
        zip(Array.from({ length: 5_000 }, (_, i) => ({ name: `${i}.jsonl`, content: "{}\n", method: 0 }))),
        "read",
        5_000,
      ],
      ["zeros.jsonl.gz", Buffer.concat(Array.from({ length: 100 }, () => gzipSync(Buffer.alloc(megabyte)))), "Ratio"],
      ["zeros.jsonl.bz2", Buffer.concat(Array.from({ length: 2000 }, () => bzip2Zeros)), "Ratio"],
      ["zeros.jsonl.zst", zstdZeros(20_000), "Ratio"],
      ["crowd.tar.gz", gzipSync(crowd, { level: 1 }), "Entries"],
    ]
    const data = folder()
    for (const [file, content] of files) writeFileSync(join(data, file), content)
    const before = listing(data)
    for (const [file, , outcome, records] of files) {
      const found = await read(join(data, file))
      assert.strictEqual(found.outcome, outcome, file)
      if (records !== undefined) assert.strictEqual(found.records, records, file)
      assert.isBelow(found.rss, 150, file)
    }
    assert.deepStrictEqual(listing(data), before)
  })
})

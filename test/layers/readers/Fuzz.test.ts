import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { parquetWriteBuffer } from "hyparquet-writer"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { ArchiveError, defaultLimits } from "../../../src/layers/readers/Archive.ts"
import type { Unpacked } from "../../../src/layers/readers/Codec.ts"
import { eachValue } from "../../../src/layers/readers/Each.ts"
import type { Kind } from "../../../src/layers/readers/Kinds.ts"
import { loadSlice } from "../../../src/layers/readers/Load.ts"
import { planContent, planFile, type PlanFileOptions } from "../../../src/layers/readers/Plan.ts"
import { planTar } from "../../../src/layers/readers/Tar.ts"
import type { Slice } from "../../../src/domain/Slice.ts"
import { tar, zip } from "../../support/archives.ts"
import { inFolder } from "./read.ts"

/** Runs of each fuzzer: a hundred thousand with `npm run test:long`. */
const long = process.env["TOOLBOX_LONG"] === "1"
const runs = (usual: number, most = 100_000): number => (long ? most : usual)
const patience = { timeout: long ? 3_600_000 : 60_000 }

interface Read {
  /** Records, and what was told of those that are none, in order. */
  readonly told: ReadonlyArray<string>
  readonly blankLines: number
}

/** Reads slices. Each record stands where its index says: what is lost in silence leaves a gap. */
const readSlices = async (slices: AsyncIterable<Slice>): Promise<Read> => {
  const told: Array<string> = []
  /** Records of each file so far. */
  const counts = new Map<string, number>()
  let blankLines = 0
  for await (const slice of slices) {
    eachValue(
      (await loadSlice(slice)).input,
      {},
      {
        value: (value, place, index) => {
          const count = counts.get(place.file) ?? 0
          assert.strictEqual(index, count, `${place.file}: a record at another index`)
          counts.set(place.file, count + 1)
          told.push(`${JSON.stringify(place)} ${JSON.stringify(value)}`)
        },
        bad: (reason, place) => {
          counts.set(place.file, (counts.get(place.file) ?? 0) + 1)
          told.push(`${JSON.stringify(place)} ${reason}`)
        },
        blankLines: (count) => void (blankLines += count),
        repaired: () => undefined,
      },
    )
  }
  return { told, blankLines }
}

async function* chunks(bytes: Uint8Array, size: number): Unpacked {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
  return undefined
}

/** What does not depend on how it is cut: the same for slices and reads of any size. */
const readBoth = async (read: (sliceBytes: number, chunk: number) => Promise<Read>): Promise<Read> => {
  const whole = await read(1 << 20, 1 << 20)
  assert.deepStrictEqual(await read(7, 13), whole)
  return whole
}

const options = (reader: Kind, sliceBytes: number): PlanFileOptions => ({ reader, sliceBytes, maxRecordBytes: 2000 })

/** A valid file, some of whose parts are damaged, doubled, left out, or replaced by what means something in its syntax. */
const mutated = (valid: Uint8Array, tokens: ReadonlyArray<string>): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.record({
        at: fc.nat({ max: valid.length }),
        kind: fc.constantFrom("flip", "insert", "remove", "double", "cut"),
        size: fc.integer({ min: 1, max: 40 }),
        token: fc.oneof(
          fc.constantFrom(...tokens).map((token) => Buffer.from(token)),
          fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) => {
      let bytes = Buffer.from(valid)
      for (const { at, kind, size, token } of edits) {
        const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
        if (kind === "flip") bytes = Buffer.concat([before, token, after.subarray(token.length)])
        else if (kind === "insert") bytes = Buffer.concat([before, token, after])
        else if (kind === "remove") bytes = Buffer.concat([before, after.subarray(size)])
        else if (kind === "double") bytes = Buffer.concat([before, after.subarray(0, size), after])
        else if (size > 35) bytes = before
      }
      return bytes
    })

const rows = Array.from({ length: 6 }, (_, i) => ({
  id: `r${i}`,
  text: `Grüße, "${i}"\n\\ 😀`,
  list: [i, [{ a: null }]],
}))

const texts: ReadonlyArray<readonly [Kind, string, ReadonlyArray<string>]> = [
  [
    "jsonl",
    rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    ["\n", "\r\n", "{", '"', "\\", "[", "\u0000", "\ufeff"],
  ],
  ["json", JSON.stringify(rows, undefined, 1), ["[", "]", "{", "}", '"', "\\", ",", ":", "\n", '"data":[']],
  [
    "json",
    JSON.stringify(Object.fromEntries(rows.map((row) => [row.id, row]))),
    ["}", "{", '"', "\\", ",", ":", '"r1":{}'],
  ],
  ["json", JSON.stringify({ v: 1, data: rows, w: {} }), ["[", "]", "{", "}", '"', "\\", ",", '"data":']],
  [
    "csv",
    rows.map(({ id, text }) => `${id},"${text.replaceAll('"', '""')}"\r\n`).join(""),
    ['"', '""', ",", "\n", "\r", "\r\n"],
  ],
  [
    "yaml",
    "- id: a\n  text: >-\n    x\n    y\n- [b, {c: d}]\n- &x 'e'\n---\nf: 1\n",
    ["- ", "\n", ": ", "|", "&a ", "*a", "{", "[", "'", "---\n", "\t", "#", "!!x "],
  ],
  ["text", "Ann: hi\nBob: yo\n---\nhall\n> look\ndark\n", ["\n", ": ", ">", "---\n", "Ann:", "[", "{"]],
]

describe("damaged files never end a run, and no record goes missing in silence", () => {
  for (const [reader, valid, tokens] of texts) {
    it(`${reader}: ${valid.slice(0, 12).trim()}`, patience, async () => {
      await fc.assert(
        fc.asyncProperty(mutated(Buffer.from(valid), tokens), async (bytes) => {
          const input = { file: `a.${reader}`, path: "/nowhere" }
          const { blankLines, told } = await readBoth((sliceBytes, chunk) =>
            readSlices(planContent(input, reader, options(reader, sliceBytes), chunks(bytes, chunk), undefined)),
          )
          if (reader === "jsonl" && bytes.indexOf("fffe", 0, "hex") !== 0 && bytes.indexOf("feff", 0, "hex") !== 0) {
            // Each line is a record, a bad one, or blank.
            const text = bytes.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "")
            const lines = text.split("\n").length - (text.endsWith("\n") || text === "" ? 1 : 0)
            assert.strictEqual(told.length + blankLines, lines)
          } else if (reader !== "csv" && /[a-z0-9]/.test(bytes.toString("latin1").replace(/^\s*#.*$/gm, ""))) {
            assert.isAbove(told.length, 0)
          }
        }),
        { numRuns: runs(200) },
      )
    })
  }

  const members = [
    { name: "a.jsonl", content: '{"a":1}\n{"a":2}\n' },
    { name: "b/c.json", content: "[1,2,3]" },
  ]
  it("tar", patience, async () => {
    await fc.assert(
      fc.asyncProperty(mutated(tar(members), ["../", "\u0000", "ustar", "0000644", "x", "2"]), async (bytes) => {
        const input = { file: "a.tar", path: "/nowhere" }
        const read = (sliceBytes: number, chunk: number): Promise<Read> =>
          readSlices(
            planTar(input, chunks(bytes, chunk), { ...options("json", sliceBytes), reader: "auto" }, defaultLimits),
          ).catch((cause: unknown) => {
            if (!(cause instanceof ArchiveError)) throw cause
            return { told: [cause.reason], blankLines: 0 }
          })
        const { told } = await readBoth(read)
        assert.isAbove(told.length, 0)
      }),
      { numRuns: runs(200) },
    )
  })

  it("zip and gzip", patience, () =>
    inFolder(async ({ root, write }) => {
      for (const [file, valid] of [
        ["a.zip", zip(members)],
        ["a.jsonl.gz", gzipSync(members[0]?.content ?? "")],
      ] as const) {
        await fc.assert(
          fc.asyncProperty(mutated(valid, ["PK", "../", "\u0000", "\u0008"]), async (bytes) => {
            await write(file, bytes)
            const plan = planFile({ file, path: join(root, file) }, { ...options("jsonl", 100), reader: "auto" })
            const told = await readSlices(plan).then(
              (read) => read.told.length,
              (cause: unknown) => {
                if (!(cause instanceof ArchiveError)) throw cause
                return 1
              },
            )
            if (bytes.length > 0) assert.isAbove(told, 0)
          }),
          { numRuns: runs(60, 20_000) },
        )
      }
    }),
  )

  it(
    "Parquet: its rows are as many as its footer says, for slices of any size, in bounded time and memory",
    patience,
    () =>
      inFolder(async ({ root, write }) => {
        const some = Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? null : `text ${i % 5}`))
        for (const codec of ["UNCOMPRESSED", "SNAPPY"] as const) {
          const valid = Buffer.from(
            parquetWriteBuffer({
              columnData: [
                { name: "text", data: some, type: "STRING", nullable: true },
                { name: "flag", data: some.map((_, i) => i % 3 === 0), type: "BOOLEAN", nullable: true },
                { name: "n", data: some.map((_, i) => BigInt(i)), type: "INT64" },
              ],
              rowGroupSize: 25,
              codec,
            }),
          )
          const footer = valid.length - 8 - valid.readUInt32LE(valid.length - 8)
          let version = 0
          await fc.assert(
            fc.asyncProperty(
              fc.array(fc.tuple(fc.integer({ min: 4, max: footer - 1 }), fc.nat(255)), { minLength: 1, maxLength: 4 }),
              async (edits) => {
                const bytes = Buffer.from(valid)
                for (const [at, byte] of edits) bytes[at] = byte
                const file = `${codec}${version++ % 10}.parquet`
                await write(file, bytes)
                const read = async (sliceBytes: number) =>
                  (await readSlices(planFile({ file, path: join(root, file) }, options("parquet", sliceBytes)))).told
                const told = await read(1 << 20)
                assert.strictEqual(told.length, some.length)
                assert.deepStrictEqual(await read(1 << 16), told)
              },
            ),
            { numRuns: runs(50, 20_000) },
          )
        }
        assert.isBelow(process.memoryUsage().rss, 1.5e9)
      }),
  )
})

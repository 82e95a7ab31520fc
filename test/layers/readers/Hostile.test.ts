import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Stream from "effect/Stream"
import { open, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { deflateRawSync } from "node:zlib"
import * as DatasetLayer from "../../../src/layers/DatasetLayer.ts"
import { Files } from "../../../src/layers/datasets/Files.ts"
import { PygClaude } from "../../../src/layers/datasets/PygClaude.ts"
import { Teatime } from "../../../src/layers/datasets/Teatime.ts"
import { loadSlice } from "../../../src/layers/readers/Load.ts"
import { planFile } from "../../../src/layers/readers/Plan.ts"
import {
  concat,
  type Content,
  gz,
  inFolder,
  losses,
  openSlices,
  planFolder,
  readFolder,
  readOne,
  records,
  runs,
  whole,
  patience,
} from "./read.ts"

const lossesOf = async (file: string, content: Content, maxRecordBytes?: number) =>
  losses(await readOne(file, content, maxRecordBytes === undefined ? {} : { maxRecordBytes })).map(
    ([reason, { byte, index, line }]) => [reason, line ?? index, ...(byte === undefined ? [] : [byte])],
  )
const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no failure",
    (cause: unknown) => String(cause),
  )
const megabyte = 1024 * 1024

describe("text that is not as it should be", () => {
  it("a byte-order mark is read over in every format, also where the file is gzipped", async () => {
    for (const [file, content] of [
      ["a.jsonl", '{"a":"1"}\n'],
      ["a.json", '[{"a":"1"}]'],
      ["a.csv", "a\n1\n"],
    ] as const) {
      for (const outcome of [
        await readOne(file, `\ufeff${content}`),
        await readOne(`${file}.gz`, gz(`\ufeff${content}`)),
      ]) {
        assert.deepStrictEqual(
          outcome.told.map((event) => event.kind === "record" && { ...(event.record as object) }),
          [{ a: "1" }],
        )
      }
    }
  })

  it("a file of nothing, of a byte-order mark or of blanks holds no record and no problem", async () => {
    for (const file of ["a.jsonl", "a.json", "a.csv"]) {
      for (const content of ["", "\ufeff", "\n", " \r\n\n"]) {
        assert.deepStrictEqual((await readOne(file, content)).told, [], `${file} ${JSON.stringify(content)}`)
        assert.deepStrictEqual((await readOne(`${file}.gz`, gz(content))).told, [])
      }
    }
  })

  it("D-2: blank lines are counted, keep the line numbers right, and are neither read nor bad", async () => {
    const outcome = await readOne("a.jsonl", '\n{"a":1}\r\n \t\r\n\n{"a":\n{"a":2}\n\n', { sliceBytes: 1 })
    assert.deepStrictEqual(
      outcome.told.map((event) => [event.kind, event.place.line]),
      [
        ["record", 2],
        ["bad", 5],
        ["record", 6],
      ],
    )
    assert.strictEqual(outcome.blankLines, 4)
  })

  it("a last line that is cut off is bad, one that only lacks its line end is a record", async () => {
    assert.deepStrictEqual(await lossesOf("a.jsonl", '{"a":1}\n{"a":'), [["InvalidJson", 2]])
    assert.deepStrictEqual(records(await readOne("a.jsonl", '{"a":1}\n{"a":2}')), [{ a: 1 }, { a: 2 }])
  })

  it("D-9: bytes that are no UTF-8 make their record bad, with the first such byte, and no other", async () => {
    const outcome = await readOne(
      "a.jsonl",
      concat(
        '{"a":"é"}\n{"a":"',
        Uint8Array.from([0xc3, 0x28]),
        '"}\n{"a":"🙂"}\n',
        Uint8Array.from([0xed, 0xa0, 0x80]),
      ),
    )
    assert.deepStrictEqual(records(outcome), [{ a: "é" }, { a: "🙂" }])
    assert.deepStrictEqual(
      outcome.told.flatMap((event) =>
        event.kind === "record" ? [] : [[event.reason, event.place.line, event.detail]],
      ),
      [
        ["InvalidUtf8", 2, { byte: 7 }],
        ["InvalidUtf8", 4, { byte: 1 }],
      ],
    )
  })

  it("UTF-16 without a byte-order mark is told, not read as something else", async () => {
    for (const file of ["a.jsonl", "a.json", "a.csv", "a.yaml"]) {
      const outcome = await readOne(file, Buffer.from('[{"a":1}]\n[{"b":2},\n3]\n', "utf16le"))
      assert.deepStrictEqual(records(outcome), [])
      assert.isAbove(outcome.told.length, 0)
    }
  })

  it("lone surrogates in values and keys are repaired and counted; pairs are left alone", async () => {
    const outcome = await readOne(
      "a.jsonl",
      '{"a":["\\ud800x","\\ud83d\\ude42"],"\\udc00":{"b":"\\uDBFF"}}\n"\\ud800"\n',
    )
    assert.deepStrictEqual(records(outcome), [{ a: ["\ufffdx", "🙂"], "\ufffd": { b: "\ufffd" } }, "\ufffd"])
    assert.deepStrictEqual(outcome.repairs, { loneSurrogates: 4 })
  })

  it("100,000 levels of nesting are one bad record", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    const objects = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`
    for (const value of [deep, objects, `{"a":${deep}}`]) {
      assert.deepStrictEqual(await lossesOf("a.jsonl", `1\n${value}\n2\n`), [["TooDeep", 2]])
      assert.deepStrictEqual(await lossesOf("a.json", `[1,${value},2]`), [["TooDeep", 1]])
    }
    assert.deepStrictEqual(await lossesOf("a.json", `[1,${"[".repeat(100_000)}`), [["CutTail", 1, 3]])
    assert.deepStrictEqual(records(await readOne("a.jsonl", `${"[".repeat(200)}${"]".repeat(200)}`)).length, 1)
  })

  it("__proto__ is a key like others, and nothing is inherited from a file", async () => {
    const text = '{"__proto__":{"polluted":true},"constructor":1,"__proto__":{"x":"\\ud800"}}'
    for (const outcome of [await readOne("a.jsonl", text), await readOne("a.json", `[${text}]`)]) {
      const [record] = records(outcome)
      assert.deepStrictEqual(Object.keys(record as object), ["__proto__", "constructor"])
      assert.strictEqual(JSON.stringify(record), '{"__proto__":{"x":"\ufffd"},"constructor":1}')
      assert.strictEqual(Object.getPrototypeOf(record), Object.prototype)
      assert.strictEqual(({} as { polluted?: unknown }).polluted, undefined)
    }
  })

  it("NaN, Infinity, comments and single quotes are no JSON", async () => {
    const text = '{"a":NaN}\n{"a":-Infinity}\n{"a":1} // x\n{\'a\':1}\n{"a":1,}\n[undefined]\n'
    assert.deepStrictEqual(
      await lossesOf("a.jsonl", text),
      [1, 2, 3, 4, 5, 6].map((line) => ["InvalidJson", line]),
    )
    assert.deepStrictEqual(await lossesOf("a.json", '[{"a":NaN},NaN]'), [
      ["InvalidJson", 0],
      ["InvalidJson", 1],
    ])
  })

  it("D-12: NaN is missing content where the dataset says so, but text in strings, also beside long ones", async () => {
    const long = 'NaN \\"NaN\\" \\\\'.repeat(megabyte)
    const turn = (content: string) => `{"role":"user","content":${content}}`
    const record = (...contents: ReadonlyArray<string>) =>
      `{"model":"m","extracted_from":"s","chat":[${contents.map(turn).join(",")}]}`
    const outcome = await readOne(
      "teatime/all_logs_longest.json",
      `[${record("NaN", '"NaN"')},${record(`"${long}"`, "NaN")},${record("NaN", '"\\"')},${record("xNaN")}]`,
      { dataset: Teatime },
    )
    const read = records(outcome) as ReadonlyArray<{ chat: ReadonlyArray<{ content: string | null }>; n: number }>
    assert.deepStrictEqual(
      read.map(({ chat, n }) => [n, ...chat.map(({ content }) => (content ?? "none").length)]),
      [
        [1, 4, 3],
        [2, 11 * megabyte, 4],
      ],
    )
    assert.deepStrictEqual(outcome.repairs, { nan: 2 })
    // The third holds a string that swallows the rest of the file.
    assert.deepStrictEqual(
      losses(outcome).map(([reason, { index }]) => [reason, index]),
      [["CutTail", 2]],
    )
  })
})

describe("records that are too large", () => {
  /** Zeros that take no room on disk. */
  const sparse = async (path: string, head: string, size: number, tail: string): Promise<void> => {
    await writeFile(path, head)
    await truncate(path, head.length + size)
    const handle = await open(path, "a")
    await handle.write(tail)
    await handle.close()
  }

  it(
    "a line, row or element of 256 MB is bad with its place and size, is not held, and what follows is read",
    patience,
    () =>
      inFolder(async ({ root }) => {
        const size = 256 * megabyte
        const cases = [
          ["a.jsonl", '{"a":"1"}\n"', '"\n{"a":"2"}\n', { line: 2, byte: 10 }, size + 3],
          ["a.csv", 'a\n1\n"', '"\n2\n', { line: 3, byte: 4 }, size + 3],
          ["a.json", '[{"a":"1"},"', '",{"a":"2"}]', { index: 1, byte: 11 }, size + 2],
        ] as const
        for (const [file, head, tail, place, bytes] of cases) {
          await sparse(join(root, file), head, size, tail)
          const before = process.memoryUsage().rss
          const outcome = await readFolder(root, { maxRecordBytes: megabyte })
          assert.isBelow(process.memoryUsage().rss - before, 160 * megabyte, file)
          assert.deepStrictEqual(
            outcome.told.map((event) => (event.kind === "record" ? { ...(event.record as object) } : event)),
            [{ a: "1" }, { kind: "bad", reason: "TooLarge", place: { file, ...place }, detail: { bytes } }, { a: "2" }],
          )
          await rm(join(root, file))
        }
      }),
  )

  it("a record of just the limit is read, and the last record may be too large as well", async () => {
    assert.deepStrictEqual(await lossesOf("a.jsonl", '"123456"\n"1234567"', 9), [])
    assert.deepStrictEqual(await lossesOf("a.jsonl", '"123456"\n"12345678"', 9), [["TooLarge", 2, 9]])
    assert.deepStrictEqual(await lossesOf("a.json", '["1234567"]', 9), [])
    assert.deepStrictEqual(await lossesOf("a.json", '["12345678",1234567890]', 9), [
      ["TooLarge", 0, 1],
      ["TooLarge", 1, 12],
    ])
    assert.deepStrictEqual(await lossesOf("a.csv", "a\n12345678", 8), [])
    assert.deepStrictEqual(await lossesOf("a.csv", "a\n123456789", 8), [["TooLarge", 2, 2]])
  })

  it("a small file that unpacks to much is read in little memory", patience, () =>
    inFolder(async ({ root, write }) => {
      // Each part of a file of several gzip streams is a megabyte of one letter.
      const part = gz("x".repeat(megabyte))
      await write("a.jsonl.gz", concat(gz('{"a":1}\n'), ...Array.from({ length: 200 }, () => part), gz('\n{"a":2}\n')))
      const before = process.memoryUsage().rss
      const outcome = await readFolder(root, {
        maxRecordBytes: megabyte,
        options: { files: ["a.jsonl.gz"], limits: { ratio: 2000 } },
      })
      assert.isBelow(process.memoryUsage().rss - before, 160 * megabyte)
      assert.deepStrictEqual(records(outcome), [{ a: 1 }, { a: 2 }])
      assert.deepStrictEqual(losses(outcome), [["TooLarge", { file: "a.jsonl.gz", line: 2, byte: 8 }]])
    }),
  )
})

describe("gzip that is not as it should be", () => {
  const lines = Array.from({ length: 200 }, (_, i) => `{"i":${i},"x":"${(i * 7919).toString(36)}"}\n`)
  const zipped = gz(lines.join(""))

  it("cut off anywhere, the lines before the cut are read and the cut is told", patience, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: zipped.length - 1 }), async (cut) => {
        const outcome = await readOne("a.jsonl.gz", zipped.subarray(0, cut), { sliceBytes: 300 })
        const read = records(outcome)
        assert.deepStrictEqual(
          read,
          lines.slice(0, read.length).map((line) => JSON.parse(line)),
        )
        assert.deepStrictEqual(
          losses(outcome).map(([reason, { line }]) => [reason, line]),
          [["CutTail", read.length + 1]],
        )
        assert.strictEqual(outcome.planned[0]?.bytes, cut)
      }),
      { numRuns: runs(60) },
    )
    const almost = await readOne("a.jsonl.gz", zipped.subarray(0, -1))
    assert.strictEqual(records(almost).length, 200)
  })

  it("in every format the cut is one bad record at the end", async () => {
    const cases = [
      ["a.csv.gz", `a,b\n${"1,2\n".repeat(3000)}`],
      ["a.json.gz", `[${"[1,2],".repeat(3000)}3]`],
    ] as const
    for (const [file, content] of cases) {
      const outcome = await readOne(file, gz(content).subarray(0, -6))
      assert.deepStrictEqual(
        losses(outcome).map(([reason]) => reason),
        ["CutTail"],
      )
      assert.strictEqual(outcome.told.at(-1)?.kind, "bad")
    }
  })

  it("damaged, it gives the same for whoever takes it slowly, with the digest of the whole file", async () => {
    const random = Array.from({ length: 60_000 }, (_, i) => `${Math.imul(i + 1, 2654435761) >>> 0}\n`).join("")
    const damaged = Buffer.from(gz(random))
    damaged.fill(0x55, damaged.length - 40_000, damaged.length - 39_000)
    await inFolder(async ({ root, write }) => {
      await write("a.jsonl.gz", damaged)
      const at = { file: "a.jsonl.gz", path: join(root, "a.jsonl.gz") }
      const read = async (wait: number) => {
        const slices = []
        const plan = planFile(at, { reader: "jsonl", sliceBytes: 50_000, maxRecordBytes: megabyte })
        for (;;) {
          const next = await plan.next()
          if (next.done === true) return JSON.stringify([await openSlices(slices), next.value.bytes])
          slices.push(next.value)
          await new Promise((resolve) => setTimeout(resolve, wait))
        }
      }
      const expected = await read(0)
      assert.match(expected, /CutTail/)
      assert.match(expected, new RegExp(`,${damaged.length}\\]$`))
      assert.strictEqual(await read(15), expected)
    })
  })

  it("what is no gzip is told; several streams are one file; padding is none", async () => {
    assert.deepStrictEqual(
      (await lossesOf("a.jsonl.gz", '{"a":1}\n')).map(([reason]) => reason),
      ["CutTail"],
    )
    const two = concat(gz('{"a":1}\n{"a"'), gz(":2}\n"))
    assert.deepStrictEqual(records(await readOne("a.jsonl.gz", two)), [{ a: 1 }, { a: 2 }])
    const padded = await readOne("a.jsonl.gz", concat(two, new Uint8Array(100_000)))
    assert.deepStrictEqual([records(padded), losses(padded)], [[{ a: 1 }, { a: 2 }], []])
    assert.strictEqual(padded.planned[0]?.bytes, two.length + 100_000)
    for (const tail of ["garbage", Uint8Array.from([0x1f, 0x8b, 8, 0, 1])]) {
      assert.deepStrictEqual(
        losses(await readOne("a.jsonl.gz", concat(two, tail))).map(([reason]) => reason),
        ["CutTail"],
      )
    }
    const raw = await readOne("a.jsonl.gz", deflateRawSync("1\n"))
    assert.deepStrictEqual(
      losses(raw).map(([reason]) => reason),
      ["CutTail"],
    )
  })
})

describe("files that do not stay as they are", () => {
  const content = Array.from({ length: 50 }, (_, i) => `{"i":${i}}\n`).join("")

  it("a file that is gone or changed when a slice is loaded is refused, never misread", () =>
    inFolder(async ({ root, write }) => {
      const path = join(root, "a.jsonl")
      const changes: ReadonlyArray<readonly [string, () => Promise<void>, RegExp]> = [
        ["other text of the same length", () => writeFile(path, content.replaceAll("1", "2")), /changed/],
        ["shorter", () => truncate(path, 9), /changed/],
        ["longer", () => writeFile(path, `${content}{}\n`), /changed/],
        ["gone", () => rm(path), /ENOENT/],
      ]
      for (const [name, change, expected] of changes) {
        await write("a.jsonl", content)
        await utimes(path, 1, 1)
        const { slices } = await planFolder(root, { sliceBytes: 100 })
        await openSlices(slices.slice(0, 1))
        await change()
        assert.match(await failureOf(loadSlice(slices[2]!)), expected, name)
      }
    }))

  it("a file that changes while it is cut into slices ends the run with an error that names it", () =>
    inFolder(async ({ root, write }) => {
      for (const file of ["a.jsonl", "b.jsonl.gz"]) {
        await write(file, file.endsWith(".gz") ? gz(content) : content)
        const plan = planFile(
          { file, path: join(root, file) },
          { reader: "jsonl", sliceBytes: 50, maxRecordBytes: megabyte },
        )
        await plan.next()
        await utimes(join(root, file), 1, 1)
        const rest = async () => {
          while (!(await plan.next()).done);
        }
        assert.match(await failureOf(rest()), /changed/)
      }
    }))

  it("a file that is gone before it is cut fails the dataset, gzipped or not", () =>
    inFolder(async ({ root, write }) => {
      for (const file of ["a.jsonl", "a.jsonl.gz", "a.parquet"]) {
        await write(file, content)
        const service = DatasetLayer.make(Files, root)
        const plan = await Effect.runPromise(
          service.plan({ options: { files: [file] }, sliceBytes: whole, maxRecordBytes: megabyte }),
        )
        await rm(join(root, file))
        const failure = await Effect.runPromise(Effect.flip(Stream.runCollect(plan.slices)))
        assert.strictEqual(failure._tag, "DatasetError")
        assert.strictEqual(failure.reason, "Unreadable")
        assert.match(String(failure.detail), /ENOENT/)
      }
    }))

  it("a small file that is other when it is loaded than when it was digested ends the run", () =>
    inFolder(async ({ root, write }) => {
      await write("claude_pygsubmitted/public/a.jsonl", '{"mes":"a","is_user":true}\n')
      const { slices } = await planFolder(root, { dataset: PygClaude })
      await write("claude_pygsubmitted/public/a.jsonl", '{"mes":"b","is_user":true}\n')
      assert.match(await failureOf(loadSlice(slices[0]!)), /changed/)
    }))

  it("of many small files one that is gone is one bad record", () =>
    inFolder(async ({ root, write }) => {
      for (const name of ["a", "b", "c"]) {
        await write(`claude_pygsubmitted/public/${name}.jsonl`, '{"mes":"a","is_user":true}\n')
      }
      const { slices } = await planFolder(root, { dataset: PygClaude, sliceBytes: 1 })
      await rm(join(root, "claude_pygsubmitted/public/b.jsonl"))
      const { told } = await openSlices(slices, { dataset: PygClaude })
      assert.deepStrictEqual(
        told.map((event) => [event.kind, event.place.file.slice(-7)]),
        [
          ["record", "a.jsonl"],
          ["bad", "b.jsonl"],
          ["record", "c.jsonl"],
        ],
      )
    }))

  it("reading may stop at any slice", () =>
    inFolder(async ({ root, write }) => {
      for (const file of ["a.jsonl", "a.jsonl.gz"]) {
        const much = content.repeat(3000)
        await write(file, file.endsWith(".gz") ? gz(much) : much)
        const plan = await Effect.runPromise(
          DatasetLayer.make(Files, root).plan({ options: { files: [file] }, sliceBytes: 9, maxRecordBytes: megabyte }),
        )
        const taken = await Effect.runPromise(Stream.runCollect(Stream.take(plan.slices, 3)))
        assert.strictEqual(Chunk.size(taken), 3)
        assert.strictEqual((await readFile(join(root, file))).length > 0, true)
      }
    }))
})

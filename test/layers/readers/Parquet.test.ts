import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { parquetMetadata } from "hyparquet"
import { parquetWriteBuffer } from "hyparquet-writer"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { loadSlice } from "../../../src/layers/readers/Load.ts"
import {
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

type Columns = Parameters<typeof parquetWriteBuffer>[0]["columnData"]
const file = (columnData: Columns, rowGroupSize = 1000, pageSize?: number): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData,
      rowGroupSize: [rowGroupSize],
      codec: "UNCOMPRESSED",
      ...(pageSize === undefined ? {} : { pageSize }),
    }),
  )
const sizes = [1, 100, 5000, whole]
const text = (data: ReadonlyArray<string | null>) => [{ name: "text", data: [...data], type: "STRING" as const }]

describe("Parquet", () => {
  it("rows are the same for every size of the slices", patience, () =>
    inFolder(async ({ root, write }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.option(fc.integer()), fc.array(fc.string())), {
            minLength: 1,
            maxLength: 40,
          }),
          fc.integer({ min: 1, max: 12 }),
          async (rows, rowGroupSize) => {
            await write(
              "a.parquet",
              file(
                [
                  { name: "text", data: rows.map((row) => row[0]), type: "STRING" },
                  { name: "number", data: rows.map((row) => row[1]), type: "INT32", nullable: true },
                  { name: "list", data: rows.map((row) => row[2]), type: "JSON" },
                ],
                rowGroupSize,
              ),
            )
            const expected = rows.map(([text, number, list], i) => ({
              kind: "record",
              record: { text, number, list },
              place: { file: "a.parquet", row: i },
              index: i,
            }))
            for (const sliceBytes of sizes) {
              const { repairs: _, told } = await readFolder(root, { sliceBytes })
              assert.deepStrictEqual(JSON.stringify(told), JSON.stringify(expected))
            }
          },
        ),
        { numRuns: runs(25) },
      )
    }),
  )

  it("a small slice size makes more slices, and a large one none larger than what is decoded at once", () =>
    inFolder(async ({ root, write }) => {
      await write("a.parquet", file(text(Array.from({ length: 2500 }, (_, i) => `row ${i}`)), 2500))
      assert.strictEqual((await planFolder(root, { sliceBytes: 1 })).slices.length, 2500)
      assert.strictEqual((await planFolder(root, { sliceBytes: whole })).slices.length, 1)
      const long = "x".repeat(20_000)
      await write("a.parquet", file(text(Array.from({ length: 2500 }, (_, i) => `${long}${i}`)), 2500))
      assert.strictEqual((await planFolder(root, { sliceBytes: whole })).slices.length, 3)
    }))

  it("values are those of JSON: no BigInt, no Date, no bytes", async () => {
    const outcome = await readOne(
      "a.parquet",
      file([
        { name: "big", data: [1n, 2n ** 60n], type: "INT64" },
        { name: "time", data: [new Date(0), new Date(1)], type: "TIMESTAMP" },
        { name: "bytes", data: [Buffer.from("é"), Uint8Array.from([0xff, 0xfe])], type: "BYTE_ARRAY" },
        { name: "json", data: [{ a: [null] }, "x"], type: "JSON" },
        { name: "flag", data: [true, null], type: "BOOLEAN", nullable: true },
      ]),
    )
    assert.deepStrictEqual(records(outcome), [
      { big: 1, time: "1970-01-01T00:00:00.000Z", bytes: "é", json: { a: [null] }, flag: true },
      { big: "1152921504606846976", time: "1970-01-01T00:00:00.001Z", bytes: "//4=", json: "x", flag: null },
    ])
  })

  it("text that is no UTF-8 and JSON that is none make their rows bad, and no other", async () => {
    const content = file(
      [
        { name: "text", data: ["one", "tw\u00e9", "three", "four"], type: "STRING" },
        { name: "json", data: [[1], [2], ["x"], [4]], type: "JSON" },
      ],
      2,
    )
    const bytes = Buffer.from(content)
    bytes[bytes.indexOf("é")] = 0xff
    bytes[bytes.indexOf('["x"]')] = 0x21
    for (const sliceBytes of sizes) {
      const outcome = await readOne("a.parquet", bytes, { sliceBytes })
      assert.deepStrictEqual(records(outcome), [
        { text: "one", json: [1] },
        { text: "four", json: [4] },
      ])
      assert.deepStrictEqual(losses(outcome), [
        ["InvalidUtf8", { file: "a.parquet", row: 1 }],
        ["InvalidJson", { file: "a.parquet", row: 2 }],
      ])
    }
  })

  it("a JSON cell that is nested too deeply is bad, and lone surrogates in one are repaired", async () => {
    const deep: Array<unknown> = []
    let inner = deep
    for (let i = 0; i < 1000; i++) {
      const next: Array<unknown> = []
      inner.push(next)
      inner = next
    }
    const content = Buffer.from(file([{ name: "json", data: [deep, "\\ud800"], type: "JSON" }]))
    // The writer doubles the backslash.
    content.write('"\\ud800 "', content.indexOf('"\\\\ud800"'))
    const outcome = await readOne("a.parquet", content)
    assert.deepStrictEqual(losses(outcome), [["TooDeep", { file: "a.parquet", row: 0 }]])
    assert.deepStrictEqual(records(outcome), [{ json: "\ufffd " }])
    assert.deepStrictEqual(outcome.repairs, { loneSurrogates: 1 })
  })

  it("rows of a damaged part are bad one by one, the same for every size of the slices", async () => {
    const content = Buffer.from(file(text(Array.from({ length: 60 }, (_, i) => `row ${i}`)), 20))
    const group = parquetMetadata(content.buffer.slice(content.byteOffset, content.byteOffset + content.length))
      .row_groups[1]
    const at = Number(group?.columns[0]?.meta_data?.data_page_offset)
    content.fill(0xff, at, at + 8)
    for (const sliceBytes of sizes) {
      const outcome = await readOne("a.parquet", content, { sliceBytes })
      assert.deepStrictEqual(
        losses(outcome),
        Array.from({ length: 20 }, (_, i) => ["InvalidParquet", { file: "a.parquet", row: 20 + i }]),
      )
      assert.deepStrictEqual(
        outcome.told.flatMap((event) => (event.kind === "record" ? [event.index] : [])),
        [...Array(20).keys(), ...Array.from({ length: 20 }, (_, i) => 40 + i)],
      )
    }
  })

  it("damage anywhere never ends the run, and no row goes missing in silence", patience, () =>
    inFolder(async ({ root, write }) => {
      // Without nulls: the library follows a damaged run length of those for as long as it says.
      const data = Array.from({ length: 12 }, (_, i) => `row ${i}`)
      const content = file([{ name: "text", data, type: "STRING", nullable: false }], 5)
      const footer = content.length - 8 - new DataView(content.buffer).getUint32(content.length - 8, true)
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: footer - 1 }),
          fc.integer({ max: 255, min: 0 }),
          async (at, byte) => {
            const damaged = Uint8Array.from(content)
            damaged[at] = byte
            await write("a.parquet", damaged)
            const { told } = await readFolder(root, { sliceBytes: 1 })
            assert.strictEqual(told.length, 12)
            assert.deepStrictEqual((await readFolder(root, { sliceBytes: whole })).told, told)
          },
        ),
        { numRuns: runs(120) },
      )
    }),
  )

  it("a file that is no Parquet, cut off or empty is one bad record", async () => {
    const content = file(text(["a", "b"]))
    for (const broken of ["", "PAR1", "no parquet at all, but long enough", content.subarray(0, -1)]) {
      const outcome = await readOne("a.parquet", broken)
      assert.deepStrictEqual(losses(outcome), [["InvalidParquet", { file: "a.parquet" }]])
      assert.strictEqual(outcome.told.length, 1)
      assert.strictEqual(outcome.planned[0]?.bytes, broken.length)
    }
  })

  it("a file whose beginning is missing has bad rows only, as many as its footer tells", async () => {
    const outcome = await readOne("a.parquet", file(text(["a", "b"])).subarray(9))
    assert.deepStrictEqual(losses(outcome), [
      ["InvalidParquet", { file: "a.parquet", row: 0 }],
      ["InvalidParquet", { file: "a.parquet", row: 1 }],
    ])
    assert.strictEqual(outcome.told.length, 2)
  })

  it("a file without rows is read, and a column called __proto__ is refused", async () => {
    assert.deepStrictEqual((await readOne("a.parquet", file(text([])))).told, [])
    const outcome = await readOne("a.parquet", file([{ name: "__proto__", data: ["a"], type: "STRING" }]))
    assert.deepStrictEqual(losses(outcome), [["InvalidParquet", { file: "a.parquet" }]])
  })

  it("a file that changes between plan and load is refused, not misread", () =>
    inFolder(async ({ root, write }) => {
      await write("a.parquet", file(text(["a", "b"])))
      const { slices } = await planFolder(root)
      await openSlices(slices)
      await writeFile(join(root, "a.parquet"), file(text(["c"])))
      const failure = await loadSlice(slices[0]!).then(
        () => "read",
        (cause: Error) => cause.message,
      )
      assert.match(failure, /changed/)
      assert.deepStrictEqual(records(await readFolder(root)), [{ text: "c" }])
    }))
})

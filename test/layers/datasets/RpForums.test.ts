import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { RpForums } from "../../../src/layers/datasets/RpForums.ts"
import { bytes, decodeOptions, readSlice, rowsInput, start } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const header = "thread_title,message_username,message\n"
const read = (text: string, options: object = {}) =>
  readSlice(RpForums, rowsInput("rp_forums/a.csv", text), { options })

describe("RpForums", () => {
  it("rows of one title one after another are a thread, numbered in its file", () => {
    const { records } = read(`${header}T,owl,"a\n""b"""\nT,fen,c\nU,owl,d\nT,owl,e\n`)
    assert.deepStrictEqual(
      records.map(({ record }) => [record.number, record.title, record.messages.map(({ message }) => message)]),
      [
        [0, "T", ['a\n"b"', "c"]],
        [1, "U", ["d"]],
        [2, "T", ["e"]],
      ],
    )
    assert.deepStrictEqual(
      records.map(({ place }) => place.line),
      [2, 5, 6],
    )
    assert.strictEqual(records[0]?.record.fileName, "a.csv")
  })

  it("D-6: threads do not share their lists", () => {
    const { records } = read(`${header}T,owl,a\nU,fen,b\n`)
    assert.deepStrictEqual(
      records.map(({ record }) => record.messages.length),
      [1, 1],
    )
    assert.notStrictEqual(records[0]?.record.messages, records[1]?.record.messages)
  })

  it("D-13: a thread id tells neighbours of one title apart and joins nothing else", () => {
    const text = "thread_id,thread_title,message_username,message\n1,T,owl,a\n1,T,fen,b\n2,T,owl,c\n"
    const { records } = read(text)
    assert.deepStrictEqual(
      records.map(({ record }) => record.messages.length),
      [2, 1],
    )
    const groupOf = RpForums.groupOf!(decodeOptions(RpForums.options, {}), ["thread_id", "thread_title"])
    assert.strictEqual(groupOf(["7", "T"]), "7")
  })

  it("columns of other names are told in the config", () => {
    const { records, bad } = read("topic,who,post\nT,owl,a\n", {
      columns: { title: "topic", author: "who", message: "post" },
    })
    assert.strictEqual(bad.length, 0)
    assert.deepStrictEqual(records[0]?.record.messages, [{ author: "owl", message: "a" }])
  })

  it("C-5: a bad row is told and its thread is kept without it", () => {
    const { records, notes, bad } = read(`${header}T,owl,a\nT,fen\nT,fen,c\n`)
    assert.strictEqual(bad.length, 0)
    assert.deepStrictEqual(
      records.map(({ record }) => record.messages.length),
      [2],
    )
    assert.deepStrictEqual(
      notes.map(({ place, reason }) => [place.line, reason]),
      [[3, "FieldCount"]],
    )
  })

  it("missing columns are bad, and the detail names them", () => {
    const { records, bad } = read("topic,post\nT,a\n")
    assert.strictEqual(records.length, 0)
    assert.strictEqual(bad[0]?.reason, "MissingColumns")
    assert.include(JSON.stringify(bad[0]?.detail), "thread_title, message_username, message")
  })

  it("missing columns are told by the first slice of a file only, and the plan is told of them", () => {
    const slice = (index: number) =>
      ({
        kind: "rows",
        file: "rp_forums/a.csv",
        header: ["thread_title", "post"],
        bytes: bytes("T,a\nU,b\n"),
        first: { ...start, index, line: 2 + index },
      }) as const
    const told = (index: number) => readSlice(RpForums, slice(index)).bad.map(({ place, reason }) => [reason, place])
    assert.deepStrictEqual(told(0), [["MissingColumns", { file: "rp_forums/a.csv", line: 1 }]])
    assert.deepStrictEqual(told(3), [])
    const groupOf = RpForums.groupOf!(decodeOptions(RpForums.options, {}), ["thread_title", "post"])
    assert.strictEqual((groupOf as { problem?: { reason: string } }).problem?.reason, "MissingColumns")
  })

  it("a bad row between two threads belongs to the first, one above all threads to the one below", () => {
    const { records, notes } = read(`${header}bad\nT,owl,a\nbad,row\nU,owl,b\nbad\n`)
    assert.deepStrictEqual(
      notes.map(({ place }) => place.line),
      [2, 4, 6],
    )
    assert.deepStrictEqual(
      records.map(({ index, place }) => [index, place.line]),
      [
        [0, 3],
        [1, 5],
      ],
    )
  })

  it("rows that are all bad are one bad record, so that the file is not lost in silence", () => {
    const { bad, notes, records } = read(`${header}x\ny,z\n`)
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.line, reason]),
      [[2, "FieldCount"]],
    )
    assert.deepStrictEqual([notes.length, records.length], [1, 0])
  })

  it("D-15: a field may be longer than 131,072 characters", () => {
    const { records } = read(`${header}T,owl,"${"x".repeat(300_000)}"\n`)
    assert.strictEqual(records[0]?.record.messages[0]?.message.length, 300_000)
  })

  it("C-5: arbitrary bytes never throw, and no row is a post twice", () => {
    const cell = fc.oneof(fc.constantFrom("T", "U", '"', "a,b", "\n", '"x\ny"', ""), fc.string({ maxLength: 6 }))
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 }), (rows) => {
        const text = rows.map((row) => row.join(",")).join("\n")
        const { records, notes } = read(header + text)
        const posts = records.reduce((sum, { record }) => sum + record.messages.length, 0)
        assert.isAtMost(posts + notes.length, text.split("\n").length)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (raw) => {
        const input = {
          kind: "rows",
          file: "a.csv",
          header: header.trim().split(","),
          bytes: raw,
          first: start,
        } as const
        const { records, bad } = readSlice(RpForums, input)
        assert.isAtLeast(records.length + bad.length, 0)
        assert.isTrue(records.every(({ record }) => record.messages.length > 0))
      }),
    )
  })

  it.skipIf(!existsSync(shared("raw/rp_forums")))("reads the sample tree: 300 threads, 3,892 posts", () => {
    let threads = 0
    let posts = 0
    for (const name of ["forum-a.rp.csv", "forum-b.erp.csv", "forum-c.mixed.csv"]) {
      const { records, bad, notes } = read(readFileSync(shared(`raw/rp_forums/${name}`), "utf8"))
      assert.deepStrictEqual([bad.length, notes.length], [0, 0])
      threads += records.length
      posts += records.reduce((sum, { record }) => sum + record.messages.length, 0)
    }
    assert.deepStrictEqual([threads, posts], [300, 3892])
  })

  it("a slice that begins later numbers its threads on", () => {
    const { records } = readSlice(RpForums, {
      kind: "rows",
      file: "a.csv",
      header: header.trim().split(","),
      bytes: bytes("T,owl,a\n"),
      first: { ...start, index: 7, line: 20 },
    })
    assert.strictEqual(records[0]?.record.number, 7)
  })
})

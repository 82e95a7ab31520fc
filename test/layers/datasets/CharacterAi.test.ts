import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import type { SideFile } from "../../../src/domain/Component.ts"
import { CharacterAi } from "../../../src/layers/datasets/CharacterAi.ts"
import { bytes, filesInput, readSlice } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const turn = (text: string, is_human: boolean) => ({ text, src: { is_human } })
const history = (...texts: ReadonlyArray<string>) => ({ msgs: texts.map((text, i) => turn(text, i % 2 === 1)) })
const dump = (character: object, ...histories: ReadonlyArray<unknown>) =>
  JSON.stringify({ info: { character }, histories: { histories } })
const iris = { name: "Iris", title: "t", description: "A quiet map maker.", greeting: "Hello!", external_id: "abc" }

async function* side(files: { readonly [file: string]: string }): AsyncGenerator<SideFile> {
  for (const [file, content] of Object.entries(files)) yield { file, bytes: bytes(content) }
}
const sideOf = (files: { readonly [file: string]: string }) => CharacterAi.sideInput!(side(files))

describe("CharacterAi", () => {
  it("C-20: every history of a file is a record with its number", () => {
    const { records } = readSlice(
      CharacterAi,
      filesInput({ "characterai/public/1690000000000_a.json": dump(iris, history("Hi", "Yo"), history("Ho", "Ya")) }),
    )
    assert.deepStrictEqual(
      records.map(({ record }) => [record.timestamp, record.history, record.messages.length]),
      [
        [1690000000000, 0, 2],
        [1690000000000, 1, 2],
      ],
    )
  })

  it("the only history of a file has no number", () => {
    const { records } = readSlice(CharacterAi, filesInput({ "public/1_a.json": dump(iris, history("Hi", "Yo")) }))
    assert.strictEqual(records[0]?.record.history, undefined)
    assert.deepStrictEqual(records[0]?.record.messages, [
      { text: "Hi", isHuman: false },
      { text: "Yo", isHuman: true },
    ])
  })

  it("D-10: a file name without a time gives a record without timestamp", () => {
    const { records, bad } = readSlice(CharacterAi, filesInput({ "public/chat.json": dump(iris, history("Hi", "Yo")) }))
    assert.strictEqual(bad.length, 0)
    assert.strictEqual(records[0]?.record.timestamp, undefined)
    assert.strictEqual(records[0]?.record.fileName, "chat.json")
  })

  it("D-10: null in the place of a list is one bad record, and the other files are read", () => {
    const { records, bad } = readSlice(
      CharacterAi,
      filesInput({
        "public/1_a.json": JSON.stringify({ info: { character: iris }, histories: { histories: null } }),
        "public/2_b.json": dump(iris, { msgs: null }, history("Hi", "Yo")),
      }),
    )
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.file, reason]),
      [
        ["public/1_a.json", "MalformedRecord"],
        ["public/2_b.json", "MalformedRecord"],
      ],
    )
    assert.strictEqual(records.length, 1)
  })

  it("D-10: a chat with incomplete info is kept when a definition of its bot is known", async () => {
    const definition = JSON.stringify({ character: iris, user__username: "x" })
    const { value, entries } = await sideOf({ "public/9_def.json": definition })
    assert.strictEqual(entries, 1)
    const { records } = readSlice(
      CharacterAi,
      filesInput({
        "public/1_a.json": dump({ external_id: "abc" }, history("Hi", "Yo")),
        "public/9_def.json": definition,
      }),
      { side: structuredClone(value) },
    )
    assert.strictEqual(records.length, 1)
    assert.strictEqual(records[0]?.record.bot.description, "A quiet map maker.")
  })

  it("D-11: extra keys do not hide what a file is", async () => {
    const { entries } = await sideOf({ a: JSON.stringify({ character: iris, more: 1 }) })
    assert.strictEqual(entries, 1)
    const chat = JSON.stringify({ info: { character: iris }, histories: { histories: [history("Hi", "Yo")] }, more: 1 })
    assert.strictEqual(readSlice(CharacterAi, filesInput({ "1_a.json": chat })).records.length, 1)
  })

  it("C-22: definitions are no records, and other objects are skipped by name", () => {
    const { records, skipped, bad } = readSlice(
      CharacterAi,
      filesInput({ "1_def.json": JSON.stringify({ character: iris }), "2.json": '{"hello":1}' }),
    )
    assert.deepStrictEqual([records.length, bad.length], [0, 0])
    assert.deepStrictEqual(
      skipped.map(({ place, reason }) => [place.file, reason]),
      [["2.json", "notAChat"]],
    )
  })

  it("D-9: a byte-order mark is read over, and bytes that are no UTF-8 are one bad record", () => {
    const { records, bad } = readSlice(
      CharacterAi,
      filesInput({
        "1_a.json": `\ufeff${dump(iris, history("Hi", "Yo"))}`,
        "2_b.json": Uint8Array.from([0x7b, 0xff, 0x7d]),
        "3_c.json": '{"info"',
      }),
    )
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      bad.map(({ reason }) => reason),
      ["InvalidUtf8", "InvalidJson"],
    )
  })

  it("a file that could not be read is one bad record", () => {
    const { bad } = readSlice(CharacterAi, {
      kind: "files",
      files: [{ file: "1_a.json", bytes: new Uint8Array(0), error: "EACCES" }],
      first: { index: 0, line: 1, byte: 0, counts: [] },
    })
    assert.deepStrictEqual(bad, [{ reason: "Unreadable", place: { file: "1_a.json" }, detail: "EACCES" }])
  })

  it("C-5: arbitrary JSON in the place of any part never throws, and each history is told once", () => {
    const part = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, part, part), { maxLength: 4 }),
        fc.uint8Array({ maxLength: 40 }),
        (parts, raw) => {
          const files: { [file: string]: string | Uint8Array } = { "raw.json": raw }
          parts.forEach(([info, histories, msgs], i) => {
            files[`${i}_a.json`] = JSON.stringify({ info, histories })
            files[`${i}_b.json`] = JSON.stringify({
              info: { character: iris },
              histories: { histories: [{ msgs }, histories] },
            })
          })
          const { records, bad, skipped } = readSlice(CharacterAi, filesInput(files))
          assert.isAtMost(records.length + bad.length + skipped.length, 1 + 3 * parts.length + 8 * parts.length)
          assert.isAtLeast(records.length + bad.length, 2 * parts.length)
        },
      ),
    )
  })

  it.skipIf(!existsSync(shared("raw/characterai")))("reads the sample tree: every chat, no bad record", async () => {
    const root = shared("raw/characterai")
    const files: { [file: string]: string } = {}
    for (const folder of ["public", "private"]) {
      for (const name of readdirSync(`${root}/${folder}`))
        files[`${folder}/${name}`] = readFileSync(`${root}/${folder}/${name}`, "utf8")
    }
    const { entries, value } = await sideOf(files)
    const { records, bad, skipped } = readSlice(CharacterAi, filesInput(files), { side: value })
    assert.deepStrictEqual([entries, records.length, bad.length, skipped.length], [48, 404, 0, 0])
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { PygClaude } from "../../../src/layers/datasets/PygClaude.ts"
import { filesInput, readSlice } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const lines = (...values: ReadonlyArray<unknown>) => values.map((value) => JSON.stringify(value)).join("\n")
const bot = { name: "Iris", is_user: false, mes: "*looks up* Oh." }
const you = { name: "You", is_user: true, mes: "Hi!" }
const read = (text: string | Uint8Array) => readSlice(PygClaude, filesInput({ "c/public/a.jsonl": text }))

describe("PygClaude", () => {
  it("a file is a record; its header gives the persona", () => {
    const { records } = read(lines({ chat_metadata: { note_prompt: "Iris is shy." } }, bot, you))
    assert.deepStrictEqual(records, [
      {
        record: {
          messages: [
            { text: "*looks up* Oh.", isUser: false, name: "Iris" },
            { text: "Hi!", isUser: true, name: "You" },
          ],
          fileName: "a.jsonl",
          persona: "Iris is shy.",
        },
        place: { file: "c/public/a.jsonl" },
        index: 0,
      },
    ])
  })

  it("D-14: an ordinary header and a null note lose nothing", () => {
    for (const header of [
      { user_name: "You", character_name: "Iris" },
      { chat_metadata: { note_prompt: null } },
      { chat_metadata: null },
    ]) {
      const { records, notes, bad } = read(lines(header, bot, you))
      assert.deepStrictEqual([records[0]?.record.messages.length, notes.length, bad.length], [2, 0, 0])
      assert.strictEqual(records[0]?.record.persona, undefined)
    }
  })

  it("D-14: system and narrator messages are left out", () => {
    const { records } = read(
      lines(
        { ...bot, is_system: true, mes: "saved" },
        bot,
        { ...bot, extra: { type: "narrator" }, mes: "night falls" },
        you,
      ),
    )
    assert.deepStrictEqual(
      records[0]?.record.messages.map(({ text }) => text),
      ["*looks up* Oh.", "Hi!"],
    )
  })

  it("C-5, D-5: a bad line is told and the conversation is kept without it", () => {
    const { records, notes, bad } = read(`${lines(bot)}\n{"mes": \n\n${lines({ mes: 4, is_user: true }, you)}\r\n`)
    assert.strictEqual(bad.length, 0)
    assert.strictEqual(records[0]?.record.messages.length, 2)
    assert.deepStrictEqual(
      notes.map(({ place, reason }) => [place.line, reason]),
      [
        [2, "InvalidJson"],
        [4, "MalformedRecord"],
      ],
    )
  })

  it("D-2: blank lines are counted, not bad", () => {
    const { blankLines, notes } = read(`\n${lines(bot)}\n   \n${lines(you)}\n`)
    assert.deepStrictEqual([blankLines, notes.length], [2, 0])
  })

  it("a header on its own is skipped, a file of bad lines is one bad record", () => {
    assert.strictEqual(read(lines({ chat_metadata: {} })).skipped.length, 1)
    const { bad, notes, records } = read("{\n{\n")
    assert.deepStrictEqual([bad.length, notes.length, records.length], [1, 0, 0])
  })

  it("D-9: a line that is no UTF-8 is told; the rest is kept", () => {
    const text = new TextEncoder().encode(`${lines(bot)}\nX\n${lines(you)}`)
    const at = text.indexOf(88)
    text[at] = 0xff
    const { records, notes } = read(text)
    assert.deepStrictEqual([records[0]?.record.messages.length, notes[0]?.reason], [2, "InvalidUtf8"])
  })

  it("C-5: arbitrary lines never throw, and a file gives exactly one record, bad record or skip", () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json)),
      fc.string(),
      fc
        .record({ mes: fc.jsonValue({ maxDepth: 1 }), is_user: fc.jsonValue({ maxDepth: 1 }) })
        .map((json) => JSON.stringify(json)),
      fc.constant(lines(bot)),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (parts) => {
        const { records, bad, skipped } = read(parts.join("\n"))
        assert.strictEqual(records.length + bad.length + skipped.length, 1)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (raw) => {
        const { records, bad, skipped } = read(raw)
        assert.strictEqual(records.length + bad.length + skipped.length, 1)
      }),
    )
  })

  it.skipIf(!existsSync(shared("raw/claude_pygsubmitted")))("reads the sample tree: 150 chats, no bad line", () => {
    const root = shared("raw/claude_pygsubmitted")
    const files: { [file: string]: string } = {}
    for (const folder of ["public", "private"]) {
      for (const name of readdirSync(`${root}/${folder}`))
        files[`${folder}/${name}`] = readFileSync(`${root}/${folder}/${name}`, "utf8")
    }
    const { records, bad, notes } = readSlice(PygClaude, filesInput(files))
    assert.deepStrictEqual([records.length, bad.length, notes.length], [150, 0, 0])
  })
})

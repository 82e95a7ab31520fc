import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { Teatime, TeatimeRecord } from "../../../src/layers/datasets/Teatime.ts"
import { TeatimeRoleplayTask } from "../../../src/layers/tasks/TeatimeRoleplayTask.ts"
import { bytes, readSlice, runTask, start, textsOf } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { guardAgreesWithSchema } from "../../support/guards.ts"

const read = (...elements: ReadonlyArray<unknown>) => readSlice(Teatime, elementsInput("a.json", elements))
const chat = [{ role: "user", content: "Hi." }]
const good = { model: "claude-1.2", extracted_from: "log_a", chat }

describe("Teatime", () => {
  it("numbers the chats of each source from 1", () => {
    const { records } = read(good, { ...good, extracted_from: "log_b" }, good)
    assert.deepStrictEqual(
      records.map(({ record }) => [record.extracted_from, record.n]),
      [
        ["log_a", 1],
        ["log_b", 1],
        ["log_a", 2],
      ],
    )
  })

  it("D-3: a slice that begins later counts on, so that any cut gives the same numbers", () => {
    const { records } = readSlice(
      Teatime,
      elementsInput("a.json", [good, { ...good, extracted_from: "log_b" }], {
        ...start,
        index: 9,
        counts: [["log_a", 4]],
      }),
    )
    assert.deepStrictEqual(
      records.map(({ index, record }) => [index, record.n]),
      [
        [9, 5],
        [10, 1],
      ],
    )
  })

  it("the source is read from the bytes: escapes, blanks and repeats of the key count, texts do not", () => {
    const source = (text: string) => Teatime.countKey?.(bytes(text))
    assert.strictEqual(source('{"extracted_from" : "a\\u0062\\"c","chat":[]}'), 'ab"c')
    assert.strictEqual(source('{"chat":[{"content":"\\"extracted_from\\":\\"x\\""}],"extracted_from":"a"}'), "a")
    assert.strictEqual(source('{"extracted_from":"a","extracted_from":"b"}'), "b")
    assert.strictEqual(source('{"extracted_from":5}'), "")
    assert.strictEqual(source("{}"), "")
  })

  it("a bad chat counts too, so that numbers hang on the file alone", () => {
    const { bad, records } = read({ ...good, model: 5 }, '{"extracted_from":"log_a",', good)
    assert.strictEqual(bad.length, 2)
    assert.strictEqual(records[0]?.record.n, 3)
  })

  it("D-12: a bare NaN is missing content, and the word in a text stays", () => {
    const { bad, records, repairs } = read(
      '{"model":"m","extracted_from":"x","chat":[{"role":"user","content":"NaN \\" NaN"},{"role":"assistant","content":NaN}]}',
    )
    assert.strictEqual(bad.length, 0)
    assert.deepStrictEqual(
      records[0]?.record.chat.map(({ content }) => content),
      ['NaN " NaN', null],
    )
    assert.deepStrictEqual(repairs, { nan: 1 })
  })

  it("D-4: texts are read as UTF-8, and mojibake in messages and prompt is repaired by the task", () => {
    const { records } = read({
      ...good,
      chat: [
        { role: "system", content: "Seraâ€™s café" },
        { role: "user", content: "안녕, itâ€™s CafÃ©" },
        { role: "assistant", content: "b" },
      ],
    })
    const record = records[0]?.record
    if (record === undefined) throw new Error("no record")
    assert.deepStrictEqual(textsOf(runTask(TeatimeRoleplayTask, record)), [
      ["s", "Sera's café"],
      ["u", "안녕, it's Café"],
      ["m", "b"],
    ])
  })

  it("C-5: unknown roles and missing fields are bad, and the others are read", () => {
    const { bad, records } = read(
      { ...good, chat: [{ role: "bot", content: "x" }] },
      { ...good, chat: [{ role: "user", content: 5 }] },
      { ...good, chat: undefined },
      { ...good, extracted_from: null },
      good,
    )
    assert.strictEqual(records.length, 1)
    assert.deepStrictEqual(
      bad.map(({ place, reason }) => [place.index, reason]),
      [0, 1, 2, 3].map((index) => [index, "MalformedRecord"]),
    )
    assert.match(bad[0]?.detail as string, /^chat\[0\]\.role: /)
  })

  it("C-5: arbitrary bytes never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (parts) => {
        const { bad, records } = read(...parts)
        assert.strictEqual(bad.length + records.length, parts.length)
      }),
    )
  })

  it("the guard and the schema agree on any value", () => {
    // The running number is not in the data.
    guardAgreesWithSchema(TeatimeRecord.omit("n"), (values) => read(...values))
  })
})

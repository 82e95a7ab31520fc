import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { createHash } from "node:crypto"
import type { DatasetDefinition } from "../../../src/domain/Component.ts"
import { CharacterAi } from "../../../src/layers/datasets/CharacterAi.ts"
import { Files } from "../../../src/layers/datasets/Files.ts"
import { PygClaude } from "../../../src/layers/datasets/PygClaude.ts"
import { RpForums } from "../../../src/layers/datasets/RpForums.ts"
import { readValues } from "../../../src/layers/datasets/Decode.ts"
import { planFile } from "../../../src/layers/readers/Plan.ts"
import {
  type AnyDataset,
  concat,
  type Content,
  gz,
  inFolder,
  openSlices,
  type Outcome,
  readFolder,
  runs,
  type ReadOptions,
  whole,
  patience,
} from "./read.ts"

const maxRecordBytes = 60
const sizes = [1, 13, 100, 700]

const bad = Uint8Array.from([0x22, 0xff, 0x22])
const jsonText = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value).slice(0, 200)),
  fc.constantFrom<Content>(
    '{"a":"\\ud800"}',
    "NaN",
    "{",
    '"x',
    "nope",
    '{"data":[1]}',
    bad,
    "x".repeat(70),
    '{"__proto__":1}',
  ),
)

const jsonl = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 4, arbitrary: jsonText },
          { weight: 1, arbitrary: fc.constantFrom<Content>("", "  \t", "\r") },
        ),
        fc.constantFrom("\n", "\n", "\r\n"),
      ),
      { maxLength: 14 },
    ),
    fc.boolean(),
  )
  .map(([bom, lines, cut]) => {
    const text = concat(bom ? "\ufeff" : "", ...lines.flat())
    return cut ? text.subarray(0, -1) : text
  })

const json = fc
  .tuple(
    fc.constantFrom("", "\ufeff", " \n"),
    fc.constantFrom("[", '{"k":[1],"data":[', "", '{"rows" : ['),
    fc.array(fc.tuple(jsonText, fc.constantFrom(",", ", ", "\n,", "\n", ",,")), { maxLength: 12 }),
    fc.constantFrom("]", "]}", "", "] x", "]]", '],"more":[2]}', "}"),
  )
  .map(([before, open, elements, close]) => concat(before, open, ...elements.flat(), close))

const cell = fc.constantFrom<Content>(
  "",
  "a",
  "T",
  '"b,c"',
  '"d\ne"',
  '"f""g"',
  'h"i',
  '"j"k',
  '"',
  bad,
  "x".repeat(70),
  " ",
)
const csv = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom(
      "thread_title,message_username,message\n",
      'message,"thread_title",message_username\r\n',
      "\n\na,b\n",
    ),
    fc.array(
      fc.tuple(
        fc.constantFrom("T", "T", "U", "V", '"W\nX"'),
        fc.array(cell, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("\n", "\r\n", "\n\n"),
      ),
      { maxLength: 16 },
    ),
  )
  .map(([bom, header, rows]) =>
    concat(
      bom ? "\ufeff" : "",
      header,
      ...rows.flatMap(([title, cells, end]) => [title, ...cells.flatMap((content) => [",", content]), end]),
    ),
  )

/** Forum threads: short posts, now and then a row that is bad or too large to be held, and threads that are. */
const forum = fc
  .tuple(
    fc.constantFrom("thread_title,message_username,message\n", 'message_username,message,"thread_title"\r\n'),
    fc.array(
      fc.tuple(
        fc.constantFrom("T", "U", "V", '"W\nX"'),
        fc.array(
          fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom("a,b", '"d\ne","f""g"', "owl,") },
            {
              weight: 1,
              arbitrary: fc.constantFrom<Content>("a", concat("a,", bad), `a,"\n\n${"x".repeat(70)}"`, 'a,"'),
            },
          ),
          { minLength: 1, maxLength: 5 },
        ),
        fc.constantFrom("\n", "\n", "\r\n", "\n\n"),
      ),
      { minLength: 1, maxLength: 16 },
    ),
  )
  .map(([header, threads]) =>
    concat(
      header,
      ...threads.flatMap(([title, posts, end]) =>
        posts.flatMap((post) => (header.startsWith("thread") ? [title, ",", post, end] : [post, ",", title, end])),
      ),
    ),
  )

/** A dataset of user files that also numbers the records of a kind. */
const numbered: DatasetDefinition<unknown> = (() => {
  const countKey = (element: Uint8Array): string => String(element[0])
  return {
    ...Files,
    countKey,
    open: readValues(Files.schema, (value, extra) => ({ value, ...extra }), { countKey }),
  }
})()

/** What must be the same for every slice size, and comparable. */
const comparable = ({ slices: _, ...rest }: Outcome): unknown => JSON.parse(JSON.stringify(rest))

/** Reads the content under every slice size; all outcomes must be equal. Answers the one of the whole file. */
const sameForAllSizes = (
  file: string,
  contents: fc.Arbitrary<Content>,
  options: ReadOptions,
  numRuns: number,
  check: (outcome: Outcome, content: Content) => void = () => undefined,
) =>
  inFolder(async ({ root, write }) => {
    let most = 0
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        await write(file, content)
        const expected = await readFolder(root, { ...options, sliceBytes: whole })
        const told = comparable(expected)
        for (const sliceBytes of sizes) {
          const outcome = await readFolder(root, { ...options, sliceBytes })
          most = Math.max(most, outcome.slices)
          assert.deepStrictEqual(comparable(outcome), told)
        }
        const sha256 = createHash("sha256").update(content).digest("hex")
        assert.deepStrictEqual(expected.planned, [{ file, bytes: Buffer.from(content).length, sha256 }])
        check(expected, content)
      }),
      { numRuns: runs(numRuns) },
    )
    // Otherwise nothing was compared.
    assert.isAtLeast(most, 2)
  })

const indexesRise = ({ told }: Outcome): void => {
  let last = -1
  for (const event of told) {
    if (event.kind !== "record") continue
    assert.isAbove(event.index, last)
    last = event.index
  }
}

describe("what is read does not depend on the size of the slices", () => {
  it("JSON lines", patience, () =>
    sameForAllSizes("a.jsonl", jsonl, { maxRecordBytes }, 60, (outcome, content) => {
      indexesRise(outcome)
      // Every line is a record, bad, or blank.
      const text = Buffer.from(content)
        .toString("latin1")
        .replace(/^\xef\xbb\xbf/, "")
      const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n")
      assert.strictEqual(outcome.told.length + outcome.blankLines, lines.length)
    }),
  )

  it("gzipped JSON lines", patience, () => sameForAllSizes("a.jsonl.gz", jsonl.map(gz), { maxRecordBytes }, 40))

  it("running numbers of JSON lines", patience, () =>
    sameForAllSizes("a.jsonl", jsonl, { dataset: numbered, maxRecordBytes }, 40),
  )

  it("JSON arrays", patience, () => sameForAllSizes("a.json", json, { maxRecordBytes }, 80, indexesRise))

  it("gzipped JSON arrays", patience, () => sameForAllSizes("a.json.gz", json.map(gz), { maxRecordBytes }, 40))

  it("running numbers of the elements of a JSON array", patience, () =>
    sameForAllSizes("a.json", json, { dataset: numbered, maxRecordBytes }, 40),
  )

  it("CSV", patience, () => sameForAllSizes("a.csv", csv, { maxRecordBytes }, 60, indexesRise))

  it("gzipped CSV", patience, () => sameForAllSizes("a.csv.gz", csv.map(gz), { maxRecordBytes }, 40))

  it("CSV whose rows are grouped", patience, () =>
    sameForAllSizes("rp_forums/a.csv", forum, { dataset: RpForums, maxRecordBytes }, 100, ({ told }) => {
      // Threads and bad threads together are numbered without a gap.
      let number = 0
      for (const event of told) {
        if (event.kind === "record") assert.strictEqual(event.index, number++)
        else if (event.kind === "bad") number++
      }
    }),
  )

  it("CSV of any kind whose rows are grouped", patience, () =>
    sameForAllSizes("rp_forums/a.csv", csv, { dataset: RpForums, maxRecordBytes: 40 }, 100),
  )

  it("gzipped CSV whose rows are grouped", patience, () =>
    sameForAllSizes(
      "rp_forums/a.csv.gz",
      forum.map(gz),
      { dataset: { ...RpForums, files: ["*.csv.gz"] }, maxRecordBytes },
      60,
    ),
  )

  it("many small files", patience, () =>
    inFolder(async ({ root, write }) => {
      for (let i = 0; i < 30; i++) {
        const name = `${String(i).padStart(2, "0")}_é "x".json`
        await write(
          `characterai/public/${name}`,
          i % 5 === 0
            ? "{"
            : JSON.stringify({
                info: { character: { name: `bot ${i}` } },
                histories: { histories: [{ msgs: [{ text: "\ud800", src: { is_human: true } }] }, { msgs: null }] },
              }),
        )
        await write(`claude_pygsubmitted/private/${name}l`, `{"mes":"a","is_user":true}\n\n${i % 3 === 0 ? "{\n" : ""}`)
      }
      for (const dataset of [CharacterAi, PygClaude] as ReadonlyArray<AnyDataset>) {
        const expected = await readFolder(root, { dataset, sliceBytes: whole })
        assert.isAtLeast(expected.told.length, 30)
        assert.strictEqual(expected.slices, 1)
        for (const sliceBytes of sizes) {
          const outcome = await readFolder(root, { dataset, sliceBytes })
          assert.isAbove(outcome.slices, 1)
          assert.deepStrictEqual(comparable(outcome), comparable(expected))
        }
      }
    }),
  )
})

describe("what is read does not depend on the size of the reads", () => {
  const cases = [
    ["a.jsonl", "jsonl", jsonl, undefined],
    ["a.json", "json", json, undefined],
    ["a.csv", "csv", csv, undefined],
    ["a.csv", "csv", forum, RpForums],
  ] as const
  for (const [file, reader, contents, dataset] of cases) {
    it(`${reader}${dataset === undefined ? "" : " with groups"}`, patience, () =>
      inFolder(async ({ root, write }) => {
        const read = async (chunkBytes: number, sliceBytes: number) => {
          const slices = []
          const options = {
            columns: { title: "thread_title", author: "message_username", message: "message", thread: "id" },
          }
          const plan = planFile(
            { file, path: `${root}/${file}` },
            {
              reader,
              sliceBytes,
              maxRecordBytes,
              chunkBytes,
              ...(dataset === undefined ? {} : { groupOf: (header) => dataset.groupOf!(options, header) }),
            },
          )
          for (;;) {
            const next = await plan.next()
            if (next.done === true) break
            slices.push(next.value)
          }
          return JSON.stringify(await openSlices(slices, dataset === undefined ? {} : { dataset }))
        }
        await fc.assert(
          fc.asyncProperty(contents, async (content) => {
            await write(file, content)
            const expected = await read(1 << 20, whole)
            for (const chunkBytes of [1, 2, 7, 64]) assert.strictEqual(await read(chunkBytes, 50), expected)
          }),
          { numRuns: runs(40) },
        )
      }),
    )
  }
})

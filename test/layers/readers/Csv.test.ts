import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as fc from "effect/FastCheck"
import { RpForums } from "../../../src/layers/datasets/RpForums.ts"
import { concat, losses, readOne, records, runs, type Told, patience } from "./read.ts"

const lineOf = (text: string): number => text.split("\n").length

/** Rows of records and of refused rows, each with the line it begins on. */
const rowsOf = (told: ReadonlyArray<Told>): ReadonlyArray<ReadonlyArray<unknown>> =>
  told.map((event) =>
    event.kind === "record"
      ? [event.place.line, Object.values(event.record as object)]
      : [event.place.line, event.reason],
  )

describe("CSV", () => {
  it("agrees with csv-parse on quotes, CRLF, line breaks in fields, BOM and ragged rows", patience, async () => {
    const field = fc.oneof(
      fc.constantFrom("", "a", '"', '""', ",", "\n", "\r\n", " x ", "é", "\u2028", "🙂", 'a"b', "a\nb,c"),
      fc.string({ unit: "grapheme", maxLength: 6 }),
    )
    const eol = fc.constantFrom("\n", "\r\n")
    const written = fc.tuple(field, fc.boolean()).map(([text, always]) => ({
      text,
      raw: always || /[",\r\n]/.test(text) || text.trim() === "" ? `"${text.replaceAll('"', '""')}"` : text,
    }))
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.tuple(fc.array(written, { minLength: 1, maxLength: 4 }), eol, fc.boolean()), { maxLength: 8 }),
        fc.boolean(),
        async (bom, rows, cut) => {
          let text = 'a,"b\nb",c\r\n'
          const lines: Array<number> = []
          for (const [fields, end, blank] of rows) {
            lines.push(lineOf(text))
            text += fields.map(({ raw }) => raw).join(",") + end
            if (blank) text += end
          }
          if (cut) text = text.replace(/\r?\n$/, "")
          const oracle = parse(text, {
            relax_column_count: true,
            skip_empty_lines: true,
            record_delimiter: ["\r\n", "\n"],
          }) as Array<Array<string>>
          assert.deepStrictEqual(
            oracle.slice(1),
            rows.map(([fields]) => fields.map((part) => part.text)),
          )
          const { blankLines, told } = await readOne("a.csv", (bom ? "\ufeff" : "") + text, { sliceBytes: 1 })
          assert.deepStrictEqual(
            rowsOf(told),
            oracle.slice(1).map((row, i) => [lines[i], row.length === 3 ? row : "FieldCount"]),
          )
          const blank = rows.filter((row) => row[2]).length
          assert.strictEqual(blankLines, cut && rows.at(-1)?.[2] === true ? blank - 1 : blank)
          for (const event of told) {
            if (event.kind === "record") assert.deepStrictEqual(Object.keys(event.record as object), ["a", "b\nb", "c"])
          }
        },
      ),
      { numRuns: runs(60) },
    )
  })

  it("D-15: a quote that closes nothing is text, for any text", patience, async () => {
    const piece = fc.constantFrom('"', '"', ",", "\n", "\r", "\r\n", "a", " ")
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join("")),
        async (body) => {
          const { blankLines, told } = await readOne("a.csv", `x,y\n${body}`, { sliceBytes: 1 })
          const expected = reference(body)
          assert.deepStrictEqual(
            rowsOf(told),
            expected.rows.map(({ fields, line }) => [
              line + 1,
              fields === undefined ? "UnclosedQuote" : fields.length === 2 ? fields : "FieldCount",
            ]),
          )
          assert.strictEqual(blankLines, expected.blank)
        },
      ),
      { numRuns: runs(200) },
    )
  })

  it("tab-separated files are told by their names", async () => {
    const outcome = await readOne("a.tsv", 'a\tb\n"x\ty"\t1,2\n')
    assert.deepStrictEqual(
      records(outcome).map((record) => ({ ...(record as object) })),
      [{ a: "x\ty", b: "1,2" }],
    )
  })

  it("blank lines above the header are no header", async () => {
    const outcome = await readOne("a.csv", "\r\n  \na,b\n1,2\n")
    assert.deepStrictEqual(
      outcome.told.map((event) => [event.kind, event.place.line]),
      [["record", 4]],
    )
  })

  it("a header that cannot be read is one bad record, and no row is taken for it", async () => {
    const rows = "1,2\n3,4\n"
    const cases = [
      ["InvalidUtf8", concat("a,", Uint8Array.from([0xff]), "\n", rows)],
      ["TooLarge", `a,${"b".repeat(100)}\n${rows}`],
      ["TooLarge", `a,"${"\n".repeat(100)}"\n${rows}`],
      ["UnclosedQuote", `a,"b\n${rows}`],
      ["InvalidHeader", "a,b\r1,2\r3,4\r"],
    ] as const
    for (const sliceBytes of [1, 1000]) {
      for (const [reason, content] of cases) {
        const { planned, told } = await readOne("a.csv", content, { sliceBytes, maxRecordBytes: 50 })
        assert.deepStrictEqual(
          told.map((event) => [event.kind, event.kind === "record" ? "" : event.reason, event.place.line]),
          [["bad", reason, 1]],
        )
        assert.strictEqual(planned[0]?.bytes, Buffer.from(content).length)
      }
    }
  })

  it("a header called __proto__ is a column like others", async () => {
    const [record] = records(await readOne("a.csv", "__proto__,constructor\nx,y\n"))
    assert.deepStrictEqual(Object.entries(record as object), [
      ["__proto__", "x"],
      ["constructor", "y"],
    ])
    assert.strictEqual(({} as { x?: unknown }).x, undefined)
  })

  it("a row that is too large is bad, and the lines below it keep their numbers", async () => {
    for (const sliceBytes of [1, 1000]) {
      const { told } = await readOne("a.csv", `a,b\n1,2\n1,"${"\n".repeat(50)}"\n3,4\n5\n`, {
        sliceBytes,
        maxRecordBytes: 40,
      })
      assert.deepStrictEqual(
        told.map((event) => [event.kind, event.place.line]),
        [
          ["record", 2],
          ["bad", 3],
          ["record", 54],
          ["bad", 55],
        ],
      )
      assert.deepStrictEqual(told[1], {
        kind: "bad",
        reason: "TooLarge",
        place: { file: "a.csv", line: 3, byte: 8 },
        detail: { bytes: 55 },
      })
    }
  })
})

/** The rules once more, a character at a time. Lines from 1; a row without fields is one whose quote nothing closes. */
const reference = (text: string) => {
  const rows: Array<{ line: number; fields: Array<string> | undefined }> = []
  let blank = 0
  for (let at = 0; at < text.length; ) {
    const start = at
    const fields: Array<string> = []
    const ends = (i: number): number =>
      i >= text.length
        ? 0
        : text[i] === "\n"
          ? 1
          : text[i] === "\r" && i + 1 === text.length
            ? 1
            : text.startsWith("\r\n", i)
              ? 2
              : -1
    let unclosed = false
    for (let open = true; open; ) {
      let field = ""
      if (text[at] === '"') {
        at++
        for (;;) {
          if (at >= text.length) {
            unclosed = true
            break
          }
          if (text[at] !== '"') field += text[at++]
          else if (text[at + 1] === '"') {
            field += '"'
            at += 2
          } else if (text[at + 1] === "," || ends(at + 1) >= 0) {
            at++
            break
          } else field += text[at++]
        }
      } else while (ends(at) < 0 && text[at] !== ",") field += text[at++]
      fields.push(field)
      if (!unclosed && text[at] === ",") at++
      else {
        at += Math.max(0, ends(at))
        open = false
      }
    }
    if (text.slice(start, at).trim() === "") blank++
    else rows.push({ line: lineOf(text.slice(0, start)), fields: unclosed ? undefined : fields })
  }
  return { rows, blank }
}

describe("CSV whose rows are grouped", () => {
  const header = "thread_title,message_username,message\n"
  const read = (content: string | Uint8Array, sliceBytes: number, maxRecordBytes = 1 << 26) =>
    readOne("rp_forums/a.csv", content, { dataset: RpForums, sliceBytes, maxRecordBytes })
  const sizes = [1, 20, 1 << 20]

  it("a row too large to be held is a note in its thread, which is neither cut nor counted twice", async () => {
    const large = `"${"x\n".repeat(60)}"`
    const text = `${header}T,owl,a\nT,fen,${large}\nT,owl,c\nU,owl,d\nU,fen,${large}\n`
    for (const sliceBytes of sizes) {
      const outcome = await read(text, sliceBytes, 100)
      assert.deepStrictEqual(outcome.told, [
        {
          kind: "note",
          reason: "TooLarge",
          place: { file: "rp_forums/a.csv", line: 3, byte: header.length + 8 },
          detail: { bytes: 129 },
        },
        {
          kind: "record",
          record: {
            title: "T",
            messages: [
              { author: "owl", message: "a" },
              { author: "owl", message: "c" },
            ],
            fileName: "a.csv",
            number: 0,
          },
          place: { file: "rp_forums/a.csv", line: 2 },
          index: 0,
        },
        {
          kind: "note",
          reason: "TooLarge",
          place: { file: "rp_forums/a.csv", line: 66, byte: text.lastIndexOf("U,fen") },
          detail: { bytes: 129 },
        },
        {
          kind: "record",
          record: { title: "U", messages: [{ author: "owl", message: "d" }], fileName: "a.csv", number: 1 },
          place: { file: "rp_forums/a.csv", line: 65 },
          index: 1,
        },
      ])
    }
  })

  it("bad rows above the first thread are notes in it", async () => {
    for (const sliceBytes of sizes) {
      const { told } = await read(`${header}only one field\nT,owl,a\nU,owl,b\n`, sliceBytes)
      assert.deepStrictEqual(
        told.map((event) => [event.kind, event.place.line]),
        [
          ["note", 2],
          ["record", 3],
          ["record", 4],
        ],
      )
    }
  })

  it("bad rows with no thread at all are one bad record, the others of them notes", async () => {
    for (const sliceBytes of sizes) {
      const { told } = await read(`${header}a\n\nb\n${"x".repeat(90)}\n`, sliceBytes, 80)
      assert.deepStrictEqual(
        told.map((event) => [event.kind, event.kind === "record" ? "" : event.reason, event.place.line]),
        [
          ["bad", "FieldCount", 2],
          ["note", "FieldCount", 4],
          ["note", "TooLarge", 5],
        ],
      )
    }
  })

  it("a thread too large to be held is one bad record with its size and place, and the threads around it are kept", async () => {
    const post = "T,owl,aaaaaaaaaa\n"
    const text = `${header}S,owl,a\n${post.repeat(10)}bad row\n\nU,owl,b\n${post.repeat(20)}`
    for (const sliceBytes of sizes) {
      const { told } = await read(text, sliceBytes, 100)
      assert.deepStrictEqual(
        told.map((event) =>
          event.kind === "record"
            ? [event.place.line, event.index]
            : [event.place.line, event.kind, event.reason, event.detail],
        ),
        [
          [2, 0],
          [3, "bad", "TooLarge", { bytes: 170 + "bad row\n".length }],
          [15, 2],
          [16, "bad", "TooLarge", { bytes: 340 }],
        ],
      )
    }
  })

  it("columns that are missing are told once for a file, whatever the slices are, also without rows", async () => {
    for (const sliceBytes of sizes) {
      for (const rows of ["", "T,a\n", "T,a\nU,b\nV,c\n", `${"x".repeat(200)}\nT,a\n`]) {
        const { told } = await read(`thread_title,post\n${rows}`, sliceBytes, 100)
        assert.deepStrictEqual(told, [
          {
            kind: "bad",
            reason: "MissingColumns",
            place: { file: "rp_forums/a.csv", line: 1, byte: 0 },
            detail: { missing: "message_username, message", hint: 'name the columns with "columns:" in the config' },
          },
        ])
      }
    }
  })

  it("of two columns of one name the last tells the thread", async () => {
    for (const sliceBytes of sizes) {
      const { told } = await read(
        "thread_title,message_username,message,thread_title\nA,owl,a,T\nB,owl,b,T\nB,owl,c,U\n",
        sliceBytes,
      )
      assert.deepStrictEqual(
        told.map((event) => event.kind === "record" && [event.index, (event.record as { title: string }).title]),
        [
          [0, "T"],
          [1, "U"],
        ],
      )
    }
  })

  it("threads are the neighbouring rows of one title, for any rows", patience, async () => {
    const row = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("T,a,b\n", "T,c,d\r\n", "U,e,\n", '"V\n",f,g\n') },
      { weight: 2, arbitrary: fc.constantFrom("T\n", "\u00a0\n", "\n", `T,a,${"x".repeat(400)}\n`) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 60 }), async (rows, sliceBytes) => {
        const content = Buffer.from(header + rows.join(""))
        const flat = await readOne("a.csv", content, { maxRecordBytes: 350 })
        const threads: Array<{ title: string | undefined; posts: number; notes: number }> = []
        for (const event of flat.told) {
          const title = event.kind === "record" ? (event.record as { thread_title: string }).thread_title : undefined
          let last = threads.at(-1)
          if (last === undefined || (title !== undefined && last.title !== undefined && last.title !== title)) {
            last = { title, posts: 0, notes: 0 }
            threads.push(last)
          }
          last.title ??= title
          if (title === undefined) last.notes++
          else last.posts++
        }
        const { told } = await read(content, sliceBytes, 350)
        assert.deepStrictEqual(
          told.flatMap((event) => {
            if (event.kind !== "record") return []
            const record = event.record as { title: string; messages: ReadonlyArray<unknown> }
            return [[event.index, record.title, record.messages.length]]
          }),
          threads.flatMap(({ posts, title }, i) => (title === undefined ? [] : [[i, title, posts]])),
        )
        assert.strictEqual(
          losses({ told }).length,
          threads.reduce((sum, { notes }) => sum + notes, 0),
        )
      }),
      { numRuns: runs(80) },
    )
  })
})

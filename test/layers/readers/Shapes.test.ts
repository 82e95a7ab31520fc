import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { readTranscript } from "../../../src/layers/readers/Transcript.ts"
import { losses, patience, readOne, records, runs } from "./read.ts"

const read = async (file: string, content: string, path?: string, sliceBytes = 1 << 20) => {
  const options = path === undefined ? { files: [file] } : { files: [file], path }
  const outcome = await readOne(file, content, { options, sliceBytes })
  return { records: records(outcome), losses: losses(outcome), told: outcome.told }
}

describe("JSON that wraps its records", () => {
  it("a path leads to an array, or to an object whose members are the records", async () => {
    const inner = { items: [{ a: 1 }, { a: 2 }], byId: { x: { a: 1 }, y: { a: 2 } } }
    const text = JSON.stringify({ items: [0], result: { other: { items: [9] }, ...inner }, tail: { items: [7] } })
    for (const sliceBytes of [1, 10, 1000]) {
      const items = await read("a.json", text, "result.items", sliceBytes)
      assert.deepStrictEqual([items.records, items.losses], [inner.items, []])
      const byId = await read("a.json", text, "result.byId", sliceBytes)
      assert.deepStrictEqual(byId.records, [
        { _key: "x", a: 1 },
        { _key: "y", a: 2 },
      ])
      assert.deepStrictEqual(byId.told[1]?.place, { file: "a.json", index: 1 })
    }
    assert.deepStrictEqual((await read("a.json", text, ".")).records, [JSON.parse(text)])
    assert.deepStrictEqual((await read("a.json", "[1,[2]]", ".")).records, [[1, [2]]])
    assert.deepStrictEqual((await read("a.json", '{"a":{"x":1},"b":[2],"c":"3"}', "*")).records, [
      { _key: "a", x: 1 },
      [2],
      "3",
    ])
  })

  it("a path that leads nowhere is told, once for each top-level value", async () => {
    for (const text of ['{"a":[1]}', '{"data":3}', "[1]", '"data"', '{"b":{"data":[1]}}']) {
      const outcome = await read("a.json", text, "data")
      assert.deepStrictEqual([outcome.records, outcome.losses.map(([reason]) => reason)], [[], ["PathNotFound"]], text)
    }
    const several = await read("a.json", '{"data":[1]}\n{"x":1}\n{"data":{"k":{}}}', "data")
    assert.deepStrictEqual(several.records, [1, { _key: "k" }])
    assert.deepStrictEqual(
      several.losses.map(([reason]) => reason),
      ["PathNotFound"],
    )
  })

  it("one object that holds nothing but objects holds records, with their keys", patience, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 6 }),
        fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { minLength: 6, maxLength: 6 }),
        fc.constantFrom("", " ", "\n\t"),
        fc.integer({ min: 1, max: 60 }),
        async (keys, values, indent, sliceBytes) => {
          const members = keys.map((key, i) => [key, values[i]] as const)
          const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value, undefined, indent)}`).join(`,${indent}`)}}`
          const parsed = Object.entries(JSON.parse(text) as object)
          const outcome = await read("a.json", text, undefined, sliceBytes)
          assert.deepStrictEqual(outcome.losses, [])
          assert.strictEqual(outcome.records.length, keys.length)
          outcome.records.forEach((record, i) => {
            // Keys of numbers are sorted by the parser, not here.
            const { _key: key, ...rest } = record as { _key: string }
            assert.strictEqual(key, keys[i]?.toWellFormed())
            const expected = parsed.find(([name]) => name === keys[i])?.[1] as object
            if (!("_key" in expected)) assert.deepStrictEqual(rest, JSON.parse(JSON.stringify(expected)))
          })
        },
      ),
      { numRuns: runs(100) },
    )
  })

  it("an object of anything else is a record, and so are several objects", async () => {
    for (const text of ['{"a":{}}', '{"a":{},"b":[]}', '{"a":{},"b":{},"c":1}', "{}", '{"a":{},"b":{}']) {
      const outcome = await read("a.json", text)
      if (text.endsWith("}") && text.split("{").length === text.split("}").length)
        assert.deepStrictEqual(outcome.records, [JSON.parse(text)])
      else
        assert.deepStrictEqual(
          outcome.losses.map(([reason]) => reason),
          ["CutTail"],
        )
    }
    const line = '{"a":{"x":1},"b":{"y":2}}'
    assert.deepStrictEqual((await read("a.json", `${line}\n${line}\n`)).records, [JSON.parse(line), JSON.parse(line)])
  })

  it("a long object of objects is cut while it is read, and its bad members are told", async () => {
    const members = Array.from({ length: 3000 }, (_, i) => `"k${i}":{"text":"${"x".repeat(1000)}","i":${i}}`)
    members[2000] = '"k2000":{"text":}'
    for (const sliceBytes of [50_000, 1 << 20]) {
      const outcome = await read("a.json", `{${members.join(",")}}`, undefined, sliceBytes)
      assert.strictEqual(outcome.records.length, 2999)
      assert.deepStrictEqual(outcome.losses, [["InvalidJson", { file: "a.json", index: 2000 }]])
    }
    const cut = await read("a.json", `{${members.join(",")}`.slice(0, 2_500_000))
    assert.strictEqual(cut.losses.at(-1)?.[0], "CutTail")
    assert.isAbove(cut.records.length, 2000)
  })

  it("keys that are odd are only keys", async () => {
    const text = '{"__proto__":{"a":1},"constructor":{"_key":"own"},"\\"":{}}'
    assert.deepStrictEqual(
      JSON.stringify((await read("a.json", text)).records),
      '[{"_key":"__proto__","a":1},{"_key":"own"},{"_key":"\\""}]',
    )
    assert.strictEqual(({} as { a?: unknown }).a, undefined)
  })
})

describe("YAML", () => {
  it("a list's items, documents, wrapped lists and what a path leads to are records, with their lines", async () => {
    const cases: ReadonlyArray<readonly [string, string | undefined, ReadonlyArray<unknown>, ReadonlyArray<number>]> = [
      ["# c\n- a: 1\n  b: >-\n    x\n    y\n- a: 2\n", undefined, [{ a: 1, b: "x y" }, { a: 2 }], [2, 6]],
      ["a: 1\n---\na: 2\n...\n---\n- 3\n-\n  4\n", undefined, [{ a: 1 }, { a: 2 }, 3, 4], [1, 3, 6, 8]],
      ["%YAML 1.2\n---\na: 1\n", undefined, [{ a: 1 }], [3]],
      ["rows:\n  - a: 1\n  - a: 2\nx: 1\n", undefined, [{ a: 1 }, { a: 2 }], [2, 3]],
      ["x:\n  y:\n  - [a, b]\n  - [c]\n", "x.y", [["a", "b"], ["c"]], [3, 4]],
      [
        "p: {a: 1}\nq: {a: 2}\n",
        "*",
        [
          { _key: "p", a: 1 },
          { _key: "q", a: 2 },
        ],
        [1, 2],
      ],
      ["- a: 1\n- a: 2\n", ".", [[{ a: 1 }, { a: 2 }]], [1]],
      ["- \"a\n  - b\"\n- 'c\n\n  d'\n", undefined, ["a - b", "c\nd"], [1, 3]],
      ["- no\n- 1e3\n- 2024-01-01\n- 012\n- ~\n", undefined, ["no", 1000, "2024-01-01", 12, {}], [1, 2, 3, 4, 5]],
    ]
    for (const [text, path, expected, lines] of cases) {
      for (const sliceBytes of [1, 1000]) {
        for (const content of [text, text.replaceAll("\n", "\r\n")]) {
          const outcome = await read("a.yml", content, path, sliceBytes)
          assert.deepStrictEqual([outcome.records, outcome.losses], [expected, []], text)
          assert.deepStrictEqual(
            outcome.told.map(({ place }) => place.line),
            [...lines],
            text,
          )
        }
      }
    }
  })

  it("a bad item is told with its line, and the others are read", async () => {
    const outcome = await read("a.yaml", "- a: 1\n- {a: \n- a: 2\n- *none\n- a: 3\n  a: 4\n- a: 5\n")
    assert.deepStrictEqual(outcome.records, [{ a: 1 }, { a: 2 }, { a: 5 }])
    assert.deepStrictEqual(
      outcome.losses.map(([reason, { line }]) => [reason, line]),
      [
        ["InvalidYaml", 2],
        ["InvalidYaml", 4],
        ["InvalidYaml", 6],
      ],
    )
    const path = await read("a.yaml", "a: 1\n", "b")
    assert.deepStrictEqual(path.losses, [["PathNotFound", { file: "a.yaml", line: 1 }]])
  })

  it("what surprises is refused: bombs of aliases, nesting without end, documents of any size", patience, async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for (let i = 0; i < 8; i++) {
      const [name, before] = ["bcdefghij"[i], "abcdefghi"[i]]
      bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`)
    }
    const flow = "[".repeat(1_000_000)
    const dashes = `${"- ".repeat(20_000)}x\n`
    for (const text of [bomb.join("\n"), flow, `a: ${flow}`, dashes, "a: &a [*a]\n"]) {
      const started = process.cpuUsage().user
      const outcome = await read("a.yaml", text)
      assert.strictEqual(outcome.records.length, 0, text.slice(0, 20))
      assert.match(String(outcome.losses[0]?.[0]), /InvalidYaml|TooDeep/)
      assert.isBelow(process.cpuUsage().user - started, 10_000_000)
    }
    const large = await read("a.yaml", `a: ${"x".repeat(5_000_000)}\n---\nb: 1\n`)
    assert.deepStrictEqual(large.losses, [["TooLarge", { file: "a.yaml", line: 1 }]])
    assert.deepStrictEqual(large.records, [{ b: 1 }])
  })
})

describe("transcripts", () => {
  const messages = (text: string): ReadonlyArray<readonly [string, string]> =>
    readTranscript(text).flatMap((record) =>
      "bad" in record
        ? [[record.bad, ""] as const]
        : (record.value as { messages: ReadonlyArray<{ role: string; content: string }> }).messages.map(
            ({ content, role }) => [role, content] as const,
          ),
    )

  it("names at the beginning of lines begin turns, other lines go on with them", () => {
    assert.deepStrictEqual(
      messages("A talk.\n\nAnn: Hi!\n  How are you?\n\nBob Smith:\nFine, thanks.\n[12:30] Ann: Bye\n"),
      [
        ["system", "A talk."],
        ["Ann", "Hi!\n  How are you?"],
        ["Bob Smith", "Fine, thanks."],
        ["Ann", "Bye"],
      ],
    )
  })

  it("a line that looks like a name in the text of another is one, too long a name is none", () => {
    assert.deepStrictEqual(messages("Ann: a\nhttp://x.y\nNote that this is not a name: b\n: c\n12: d\n"), [
      ["Ann", "a\nhttp://x.y\nNote that this is not a name: b\n: c\n12: d"],
    ])
  })

  it("commands are the user's, all else the model's", () => {
    assert.deepStrictEqual(
      messages("  Hall\n  A hall.\n\n> >   Hall\n  (Testing.)\n\n>[1] look\n  Hall\n   A bat.\n>\n> go north\n"),
      [
        ["assistant", "Hall\nA hall.\n\nHall\n(Testing.)"],
        ["user", "look"],
        ["assistant", "Hall\n A bat."],
        ["user", "go north"],
      ],
    )
  })

  it("a line of dashes ends a conversation; a text without turns is told; blanks are nothing", async () => {
    const outcome = await read("a.txt", "Ann: a\nBob: b\n---\nAnn: c\n\n=====\nnothing here\n---\n\n")
    assert.strictEqual(outcome.records.length, 2)
    assert.deepStrictEqual(
      outcome.told.map(({ place }) => place.line),
      [1, 4, 7],
    )
    assert.deepStrictEqual(outcome.losses, [["NoTurns", { file: "a.txt", line: 7 }]])
    assert.deepStrictEqual((await read("a.txt", " \n\n")).told, [])
  })

  it("JSON by the name of text is JSON, and a time in brackets is none", async () => {
    assert.deepStrictEqual((await read("a.txt", ' \n[{"a":1}]')).records, [{ a: 1 }])
    assert.deepStrictEqual((await read("a.txt", '{"a":1}\n{"a":2}\n')).records, [{ a: 1 }, { a: 2 }])
    assert.deepStrictEqual((await read("a.txt", "[12:30] Ann: hi\n")).records, [
      { messages: [{ role: "Ann", content: "hi" }] },
    ])
  })
})

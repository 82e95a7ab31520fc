/** Data that no one would write on purpose: every record ends as a row or as a line of the ledger, never as a crash. */
import { assert, describe, it, vi } from "@effect/vitest"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { Manifest } from "../../src/domain/Report.ts"
import { chat, checkAccounts, cli, folder, ok, readSet, timeout, turnsOf, words } from "../support/cli.ts"

vi.setConfig({ testTimeout: timeout })

const bytes = (...parts: ReadonlyArray<string | ReadonlyArray<number>>): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([...part]))))

const joined = (parts: ReadonlyArray<Buffer>, by: string): Buffer =>
  Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from(by), part])))

const conversation = (...messages: ReadonlyArray<unknown>): string => JSON.stringify({ conversations: messages })

const human = (value: unknown) => ({ from: "human", value })
const gpt = (value: unknown) => ({ from: "gpt", value })

/** Builds one task on one file; the set that came out. */
const build = async (config: string, file: string, content: Uint8Array | string, more: ReadonlyArray<string> = []) => {
  const cwd = folder({ "config.yml": config, [file]: content })
  const task = config.split(":")[0] as string
  const { stderr } = await ok(
    [
      ...words("build --config config.yml --data-folder . --format sharegpt --output-file out.jsonl --tasks"),
      task,
      ...(more.includes("--workers") ? [] : ["--workers", "0"]),
      ...more,
    ],
    { cwd },
  )
  assert.notInclude(stderr, "    at ")
  const set = readSet(join(cwd, "out.jsonl"))
  checkAccounts(set)
  return { ...set, counts: set.manifest.tasks[task] as Manifest["tasks"][string], stderr }
}

/** Rows by the number in their identifier, as the texts of their turns without the prompt. */
const textsOf = (rows: ReadonlyArray<{ readonly [key: string]: unknown }>) =>
  rows.map((row) => [
    String(row["identifier"]),
    ...turnsOf(row)
      .filter(({ from }) => from !== "system")
      .map(({ value }) => value),
  ])

type Case = readonly [line: Buffer | string, ends: string]

/** How a line ends: `blank`, the texts of its row, or the reason in the ledger. */
const cases: ReadonlyArray<Case> = [
  [bytes([0xef, 0xbb, 0xbf], chat("after a mark", "fine")), "row: after a mark / fine"],
  ["", "blank"],
  [" \t ", "blank"],
  [`${chat("with a carriage return", "fine")}\r`, "row: with a carriage return / fine"],
  [
    bytes('{"conversations":[{"from":"human","value":"a', [0xff, 0xfe], '"},{"from":"gpt","value":"b"}]}'),
    "InvalidUtf8",
  ],
  [
    '{"conversations":[{"from":"human","value":"a\\ud800b"},{"from":"gpt","value":"\\udc00"}]}',
    "row: a\ufffdb / \ufffd",
  ],
  ["null", "MalformedRecord"],
  ["5", "MalformedRecord"],
  ['"text"', "MalformedRecord"],
  ["{}", "MalformedRecord"],
  ['{"conversations":null}', "MalformedRecord"],
  ['{"conversations":[]}', "empty"],
  [conversation(null), "MalformedRecord"],
  [conversation(human(null), gpt("x")), "noUserTurn"],
  [conversation({ from: "human" }, gpt("x")), "MalformedRecord"],
  [conversation({ value: "x" }, gpt("x")), "MalformedRecord"],
  [conversation({ from: "narrator", value: "x" }, gpt("y")), "UnknownRole"],
  [conversation({ from: "__proto__", value: "x" }, gpt("y")), "UnknownRole"],
  [conversation({ from: "constructor", value: "x" }, gpt("y")), "UnknownRole"],
  [`{"conversations":${"[".repeat(300)}${"]".repeat(300)}}`, "TooDeep"],
  [`{"conversations":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "TooDeep"],
  [
    '{"__proto__":{"polluted":1},"conversations":[{"__proto__":{"from":"gpt"},"from":"human","value":"p"},{"from":"gpt","value":"q"}]}',
    "row: p / q",
  ],
  ['{"__proto__":{"conversations":[{"from":"human","value":"p"},{"from":"gpt","value":"q"}]}}', "MalformedRecord"],
  ['{"conversations":[{"from":"human","value":NaN},{"from":"gpt","value":"x"}]}', "InvalidJson"],
  [conversation(human("a"), human("b")), "noModelTurn"],
  [conversation(gpt("a"), gpt("b")), "noUserTurn"],
  [conversation(human("a"), gpt(" ")), "noModelTurn"],
  [
    '{"conversations":[],"conversations":[{"from":"human","value":"twice"},{"from":"gpt","value":"last"}]}',
    "row: twice / last",
  ],
  [chat("one", "line") + chat("two", "records"), "InvalidJson"],
  [`${chat("a", "comma")},`, "InvalidJson"],
  ["{'conversations':[]}", "InvalidJson"],
  [chat("the last", "is cut").slice(0, -5), "InvalidJson"],
]

const lines = joined(
  cases.map(([line]) => Buffer.from(line)),
  "\n",
)

const files = "files: chats.jsonl"

describe("a file of hostile lines", () => {
  it("ends as expected, line by line, and the sums hold", async () => {
    const { counts, ledger, rows } = await build(`ShareGptTask: { ${files} }\n`, "chats.jsonl", lines)
    const texts = textsOf(rows)
    const reasons = new Map(ledger.map((line) => [line.place.line, line.reason]))
    let index = -1
    const ends = cases.map(([line], i) => {
      if (Buffer.from(line).toString("utf8").trim() === "") return "blank"
      index++
      const row = texts.find(([id]) => id === `sharegpt-${index}`)
      return row === undefined ? reasons.get(i + 1) : `row: ${row.slice(1).join(" / ")}`
    })
    assert.deepStrictEqual(
      ends,
      cases.map(([, end]) => end),
    )
    assert.strictEqual(counts.records.blankLines, 2)
    assert.strictEqual(counts.records.read, cases.length - 2)
    assert.deepStrictEqual(counts.repairs, { loneSurrogates: 2 })
    assert.strictEqual(ledger.length, cases.length - 2 - rows.length)
  })

  it("ends the same with worker threads", async () => {
    const one = await build(`ShareGptTask: { ${files} }\n`, "chats.jsonl", lines)
    const two = await build(`ShareGptTask: { ${files} }\n`, "chats.jsonl", lines, ["--workers", "2"])
    assert.isTrue(one.bytes.equals(two.bytes))
    assert.deepStrictEqual(two.ledger, one.ledger)
  })

  it("quotes no more than 80 characters of the data in its ledger", async () => {
    const { ledger } = await build(
      `ShareGptTask: { ${files} }\n`,
      "chats.jsonl",
      [
        conversation({ from: "r".repeat(500), value: "x" }, gpt("y")),
        conversation({ [`k${"e".repeat(500)}`]: 1 }),
        `{"conversations": ${"z".repeat(500)}}`,
      ].join("\n"),
    )
    assert.strictEqual(ledger.length, 3)
    for (const { detail } of ledger) {
      const texts = typeof detail === "string" ? [detail] : Object.values(detail ?? {}).map(String)
      for (const text of texts) assert.isAtMost(text.length, 80)
    }
  })

  it("with filters that drop is accounted for by filter", async () => {
    const { counts, rows } = await build(
      "ShareGptTask: { files: chats.jsonl, filters: [ExactDedupFilter, AppleFilter: { words: [pear] }] }\n",
      "chats.jsonl",
      [chat("a", "b"), chat("a", "b"), chat("a", "a pear"), chat("A", "b"), chat("c", "d"), chat("c", "d")].join("\n"),
    )
    assert.deepStrictEqual({ ...counts.episodes.dropped }, { AppleFilter: 1, ExactDedupFilter: 2 })
    assert.strictEqual(rows.length, 3)
  })

  it("over the limit of tokens is accounted for as too large", async () => {
    const config = `ShareGptTask: { ${files}, custom_prompts: [Talk.] }\n`
    const content = [chat("short", "words"), chat("word ".repeat(50), "word ".repeat(50))].join("\n")
    const { counts, ledger } = await build(config, "chats.jsonl", content, ["--max-length", "20"])
    assert.deepStrictEqual([counts.episodes.written, counts.episodes.tooLarge], [1, 1])
    assert.deepStrictEqual(
      ledger.map(({ id, stage }) => [id, stage]),
      [["sharegpt-1", "length"]],
    )
  })

  it("of which only a share is wanted is accounted for as sampled out", async () => {
    const content = Array.from({ length: 40 }, (_, i) => chat(`q${i}`, `a${i}`)).join("\n")
    const { counts, ledger, rows } = await build(`ShareGptTask: { ${files}, share: 0.5 }\n`, "chats.jsonl", content)
    assert.isAbove(rows.length, 5)
    assert.isAbove(counts.episodes.sampledOut, 5)
    assert.strictEqual(rows.length + ledger.length, 40)
  })
})

describe("other shapes of files", () => {
  const alpaca = (file: string) => `AlpacaTask: { files: ${file} }\n`
  const record = (n: unknown) => JSON.stringify({ instruction: `Name ${String(n)}.`, output: `${String(n)}.` })

  it("a JSON array with a mark, wide spacing and elements that are no records", async () => {
    const elements: ReadonlyArray<Case> = [
      [record(0), "row"],
      ["5", "MalformedRecord"],
      ['{"instruction":"q\\udfff","output":"a"}', "row"],
      [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "TooDeep"],
      ['{"instruction":NaN,"output":"x"}', "InvalidJson"],
      ['{"__proto__":{"x":1},"instruction":"p","output":"r"}', "row"],
      [record(1), "row"],
    ]
    const { counts, ledger, rows } = await build(
      alpaca("a.json"),
      "a.json",
      `\ufeff [ ${elements.map(([text]) => String(text)).join(" ,\r\n ")} ] \n`,
    )
    const reasons = new Map(ledger.map((line) => [line.place.index, line.reason]))
    assert.deepStrictEqual(
      elements.map((_, i) => reasons.get(i) ?? "row"),
      elements.map(([, end]) => end),
    )
    assert.deepStrictEqual(
      rows.map(({ identifier }) => identifier),
      ["alpaca-0", "alpaca-2", "alpaca-5", "alpaca-6"],
    )
    assert.deepStrictEqual(counts.repairs, { loneSurrogates: 1 })
  })

  it("a JSON array that is cut keeps its whole elements and accounts for the tail", async () => {
    const { counts, ledger } = await build(
      alpaca("a.json"),
      "a.json",
      `[${record(0)},${record(1)},${record(2).slice(0, 9)}`,
    )
    assert.deepStrictEqual([counts.records.read, counts.records.used], [3, 2])
    assert.deepStrictEqual(
      ledger.map(({ place, reason }) => [place.index, reason]),
      [[2, "CutTail"]],
    )
  })

  it("a CSV table with quotes, line breaks, rows of another width and bytes that are no text", async () => {
    const { counts, ledger, rows } = await build(
      alpaca("a.csv"),
      "a.csv",
      bytes(
        '\ufeffinstruction,input,output\r\nName a.,,A.\r\n"two ""q""\nlines",,B.\r\nshort,row\r\n\r\nx',
        [0xff],
        ",,y\r\nlast,,no newline",
      ),
    )
    assert.deepStrictEqual(textsOf(rows), [
      ["alpaca-0", "Name a.", "A."],
      ["alpaca-1", 'two "q"\nlines', "B."],
      ["alpaca-4", "last", "no newline"],
    ])
    assert.deepStrictEqual(
      ledger.map(({ place, reason }) => [place.line, reason]),
      [
        [5, "FieldCount"],
        [7, "InvalidUtf8"],
      ],
    )
    assert.strictEqual(counts.records.blankLines, 1)
  })

  it("files without any record are no crash", async () => {
    for (const [file, content] of [
      ["a.json", ""],
      ["a.json", "[]"],
      ["a.jsonl", ""],
      ["a.jsonl", "\n\n"],
      ["a.csv", ""],
      ["a.csv", "instruction,output\n"],
    ] as const) {
      const { counts, stderr } = await build(alpaca(file), file, content)
      assert.strictEqual(counts.records.read, 0, `${file} ${JSON.stringify(content)}`)
      assert.match(stderr, /^data-toolbox: warning: no example was written/)
    }
  })

  it("gzip of several members is one file; what is cut or no gzip at all is a bad record", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => record(`${i} ${Math.sin(i)}`)).join("\n")
    const whole = await build(
      alpaca("a.jsonl.gz"),
      "a.jsonl.gz",
      Buffer.concat([gzipSync(`${record(0)}\n`), gzipSync(record(1))]),
    )
    assert.strictEqual(whole.rows.length, 2)
    const cut = await build(alpaca("a.jsonl.gz"), "a.jsonl.gz", gzipSync(many).subarray(0, 20_000))
    assert.strictEqual(cut.counts.records.bad, 1)
    assert.isAbove(cut.rows.length, 100)
    assert.strictEqual(cut.ledger[0]?.reason, "CutTail")
    const none = await build(alpaca("a.jsonl.gz"), "a.jsonl.gz", "this is no gzip")
    assert.deepStrictEqual([none.counts.records.read, none.counts.records.bad], [1, 1])
  })
})

describe("a hostile config", () => {
  it("cannot reach an object's prototype, by any name", async () => {
    const cwd = folder({
      "config.yml": [
        "__proto__: { filters: [ExactDedupFilter] }",
        "constructor: {}",
        "toString: { task: hasOwnProperty }",
        "ShareGptTask: { files: a.jsonl, __proto__: { x: 1 }, filters: [__proto__, { constructor: {} }] }",
        "",
      ].join("\n"),
      "a.jsonl": chat("a", "b"),
    })
    const { code, stderr, stdout } = await cli(
      [
        ...words("build --tasks ShareGptTask,__proto__,toString --config config.yml --format __proto__"),
        ...words("--output-file out.jsonl --tokenizer constructor"),
      ],
      { cwd },
    )
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.notInclude(stderr, "    at ")
    for (const name of ['unknown task "__proto__"', 'unknown task "constructor"', 'unknown task "hasOwnProperty"'])
      assert.include(stderr, name)
    for (const name of ['unknown filter "__proto__"', 'unknown filter "constructor"', 'unknown format "__proto__"'])
      assert.include(stderr, name)
    assert.include(stderr, 'unknown tokenizer "constructor"')
    assert.match(stderr, /ShareGptTask\.__proto__: unknown key/)
  })
})

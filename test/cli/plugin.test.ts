/** Plug-ins on the command line: modules that import nothing, from any folder, also in worker threads. */
import { assert, describe, it, vi } from "@effect/vitest"
import { join } from "node:path"
import { checkAccounts, cli, folder, listing, ok, readSet, sha256, timeout, words } from "../support/cli.ts"

vi.setConfig({ testTimeout: timeout })

/** Proverbs of two halves: a dataset, a task, a filter of each kind and a format, as plain definitions. */
const plain = `
export const datasets = [{
  name: "proverbs",
  description: "proverbs in two halves",
  folder: "proverbs",
  files: ["*.jsonl"],
  reader: "jsonl",
  decode: (value) => (typeof value?.first === "string" && typeof value?.second === "string" ? value : undefined),
}]

export const tasks = [{
  name: "ProverbTask",
  description: "completes a proverb",
  dataset: "proverbs",
  prefix: "proverb",
  open: ({ clean }) => ({
    id: (record, unit) => unit,
    episodes: ({ first, second }) =>
      second === ""
        ? { skip: "noSecondHalf" }
        : { turns: [{ kind: "system", text: "Complete it." }, { kind: "user", text: clean(first) }, { kind: "model", text: clean(second) }] },
  }),
}]

export const filters = [
  {
    name: "ShortFilter",
    description: "drops what is short",
    judge: () => ({ turns }) => (turns.at(-1).text.length < 4 ? { reason: "short", detail: { length: turns.at(-1).text.length } } : undefined),
  },
  {
    name: "OnceFilter",
    description: "keeps the first of each answer",
    memory: {
      fingerprint: () => ({ turns }) => new TextEncoder().encode(turns.at(-1).text),
      open: () => {
        const seen = new Map()
        return {
          decide: (print) => {
            const kept = seen.get(Buffer.from(print).toString("hex"))
            return kept === undefined ? undefined : { reason: "again", keptOrdinal: kept }
          },
          remember: (print, ordinal) => void seen.set(Buffer.from(print).toString("hex"), ordinal),
        }
      },
    },
  },
]

export const formats = [{
  name: "pairs",
  description: "question and answer",
  container: "jsonl",
  trainers: [],
  roleTokens: [],
  lengthText: ({ text }) => text,
  encode: ({ id, turns }) => [{ q: turns.at(-2).text, a: turns.at(-1).text, id }],
}]
`

/** The same parts from a function that is given the toolbox; the limit of the filter is an option. */
const asFunction = `
export default ({ Schema, model, skip, system, user }) => ({
  datasets: [{
    name: "proverbs",
    description: "proverbs in two halves",
    folder: "proverbs",
    files: ["*.jsonl"],
    reader: "jsonl",
    decode: (value) => (typeof value?.first === "string" && typeof value?.second === "string" ? value : undefined),
  }],
  tasks: [{
    name: "ProverbTask",
    description: "completes a proverb",
    dataset: "proverbs",
    prefix: "proverb",
    open: ({ clean }) => ({
      id: (record, unit) => unit,
      episodes: ({ first, second }) =>
        second === "" ? skip("noSecondHalf") : { turns: [system("Complete it."), user(clean(first)), model(clean(second))] },
    }),
  }],
  filters: [
    {
      name: "ShortFilter",
      description: "drops what is short",
      options: { below: Schema.optionalWith(Schema.Int, { default: () => 4 }) },
      judge: ({ below }) => ({ turns }) => (turns.at(-1).text.length < below ? { reason: "short", detail: { length: turns.at(-1).text.length } } : undefined),
    },
    {
      name: "OnceFilter",
      description: "keeps the first of each answer",
      memory: {
        fingerprint: () => ({ turns }) => new TextEncoder().encode(turns.at(-1).text),
        open: () => {
          const seen = new Map()
          const key = (print) => Buffer.from(print).toString("hex")
          return {
            decide: (print) => (seen.has(key(print)) ? { reason: "again", keptOrdinal: seen.get(key(print)) } : undefined),
            remember: (print, ordinal) => void seen.set(key(print), ordinal),
          }
        },
      },
    },
  ],
  formats: [{
    name: "pairs",
    description: "question and answer",
    container: "jsonl",
    trainers: [],
    roleTokens: [],
    lengthText: ({ text }) => text,
    encode: ({ id, turns }) => [{ q: turns.at(-2).text, a: turns.at(-1).text, id }],
  }],
})
`

const records: ReadonlyArray<unknown> = [
  { first: "Many hands make", second: "light work." },
  { first: "No second", second: "" },
  { first: "Too", second: "bad" },
  5,
  { first: "Many cooks make", second: "light work." },
  { first: "Out of sight,", second: "out of mind." },
]

const prepared = (plugin: string, config = "ProverbTask: { filters: [ShortFilter, OnceFilter] }"): string =>
  folder({
    "parts/proverbs.mjs": plugin,
    "parts/config.yml": `plugins: [./proverbs.mjs]\n${config}\n`,
    "data/proverbs/a.jsonl": records.map((record) => `${JSON.stringify(record)}\n`).join(""),
  })

const args = (workers: string, output = "out.jsonl") => [
  ...words("build --tasks ProverbTask --config parts/config.yml --format Pairs --output-file"),
  output,
  "--workers",
  workers,
]

describe("a plug-in module", () => {
  for (const [form, plugin] of [
    ["plain definitions", plain],
    ["a function", asFunction],
  ] as const) {
    it(`of ${form} brings a dataset, a task, filters and a format; worker threads give the same bytes`, async () => {
      const cwd = prepared(plugin)
      const digests: Array<string> = []
      for (const workers of ["0", "2"]) {
        await ok(args(workers), { cwd })
        const set = readSet(join(cwd, "out.jsonl"))
        checkAccounts(set)
        assert.deepStrictEqual(set.rows, [
          { q: "Many hands make", a: "light work.", id: "proverb-0" },
          { q: "Out of sight,", a: "out of mind.", id: "proverb-5" },
        ])
        assert.deepStrictEqual(
          set.ledger.map(({ detail, id, reason, stage }) => [id, stage, reason, detail]),
          [
            ["proverb-1", "task", "noSecondHalf", undefined],
            ["proverb-2", "filter", "ShortFilter", { rule: "short", length: 3 }],
            [undefined, "read", "MalformedRecord", set.ledger[2]?.detail],
            ["proverb-4", "filter", "OnceFilter", { rule: "again", kept: "proverb-0" }],
          ],
        )
        assert.deepStrictEqual(
          set.manifest.inputs.map(({ file, kind }) => [kind, file]),
          [
            ["dataset", "proverbs/a.jsonl"],
            ["plugin", "proverbs.mjs"],
          ],
        )
        assert.strictEqual(set.manifest.inputs[1]?.sha256, sha256(plugin))
        digests.push(sha256(set.bytes))
      }
      assert.strictEqual(digests[0], digests[1])
    })
  }

  it("both forms give the same rows", async () => {
    const [one, two] = await Promise.all(
      [plain, asFunction].map(async (plugin) => {
        const cwd = prepared(plugin)
        await ok(args("0"), { cwd })
        return readSet(join(cwd, "out.jsonl"))
      }),
    )
    assert.isTrue(one?.bytes.equals(two?.bytes as Uint8Array))
  })

  it("its options are checked like the package's own", async () => {
    const cwd = prepared(asFunction, "ProverbTask: { filters: [{ ShortFilter: { below: 20 } }] }")
    const { stdout } = await ok(args("2"), { cwd })
    assert.match(stdout, /ShortFilter 4/)
    const wrong = prepared(asFunction, "ProverbTask: { filters: [{ ShortFilter: { belw: 20 } }] }")
    const { code, stderr } = await cli(args("0"), { cwd: wrong })
    assert.strictEqual(code, 2)
    assert.match(stderr, /^data-toolbox: parts\/config\.yml:2:\d+: .*unknown key\. Did you mean "below"\?\n$/)
  })

  it("is found by preview as well", async () => {
    const { stdout } = await ok(["preview", "--tasks", "ProverbTask", "--config", "parts/config.yml"], {
      cwd: prepared(plain),
    })
    assert.match(
      stdout,
      /^proverb-0\n.+\n○ system .+\n│ Complete it\.\n○ user .+\n│ Many hands make\n● model .+\n┃ light work\.$/m,
    )
  })

  it("that is missing, throws, holds nothing of use or takes a name that is taken, is told before anything is touched", async () => {
    for (const [plugin, message] of [
      ['throw new Error("no such luck")', /parts\/proverbs\.mjs: no such luck/],
      ["export const x = 1", /expected definitions under "datasets", "tasks", "filters", "formats"/],
      ['export const filters = [{ name: "F" }]', /filters\[0\]: expected either "judge" or "memory"/],
      [
        'export const filters = [{ name: "EnglishFilter", judge: () => () => undefined }]',
        /a filter "EnglishFilter" already/,
      ],
      ["export const tasks = {", /parts\/proverbs\.mjs: /],
    ] as const) {
      const cwd = prepared(plugin)
      const before = listing(cwd)
      const { code, stderr, stdout } = await cli(args("0"), { cwd })
      assert.deepStrictEqual([code, stdout], [2, ""], stderr)
      assert.match(stderr, message)
      assert.notInclude(stderr, "    at ")
      assert.deepStrictEqual(listing(cwd), before)
    }
    const cwd = folder({ "parts/config.yml": "plugins: [./nowhere.mjs]\n" })
    const { code, stderr } = await cli(args("0"), { cwd })
    assert.strictEqual(code, 2)
    assert.match(stderr, /nowhere\.mjs/)
  })

  it("that throws on a record leaves it out, with the message in the ledger; the run goes on", async () => {
    const fail = (at: string, given: string) =>
      plain.replace(at, `(${given} === "Too" ? (() => { throw new Error("a fifth wheel") })() : ${at})`)
    for (const [plugin, stage, reason] of [
      [fail('second === ""', "first"), "task", "TaskFailed"],
      [fail("turns.at(-1).text.length < 4", "turns.at(-2).text"), "filter", "failed"],
    ] as const) {
      assert.notStrictEqual(plugin, plain)
      const cwd = prepared(plugin)
      for (const workers of ["0", "2"]) {
        await ok(args(workers), { cwd })
        const set = readSet(join(cwd, "out.jsonl"))
        checkAccounts(set)
        assert.strictEqual(set.rows.length, 2)
        const failed = set.ledger.find((line) => line.place.line === 3)
        assert.deepStrictEqual([failed?.stage, failed?.reason, failed?.detail], [stage, reason, "a fifth wheel"])
      }
    }
  })

  it("that cannot even be opened ends the run with its message, and nothing is left behind", async () => {
    const fail = 'const fail = () => { throw new Error("no way in") }'
    const cwd = prepared(`${fail}\n${plain.replace("open: ({ clean }) => ({", "open: ({ clean }) => fail() ?? ({")}`)
    const before = listing(cwd)
    for (const workers of ["0", "2"]) {
      const { code, stderr, stdout } = await cli(args(workers), { cwd })
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^data-toolbox: .*no way in\n$/)
      assert.deepStrictEqual(listing(cwd), before)
    }
  })

  it("that prints does not print into the rows", async () => {
    const quiet = prepared(plain)
    const loud = prepared(
      plain.replace("export const datasets", 'console.log("hello from the plug-in")\nexport const datasets'),
    )
    const { stdout } = await ok(args("0", "-"), { cwd: quiet })
    const told = await ok(args("0", "-"), { cwd: loud })
    assert.strictEqual(told.stdout, stdout)
    assert.include(told.stderr, "hello from the plug-in")
  })
})

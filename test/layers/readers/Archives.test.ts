import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import { deflateRawSync, gzipSync } from "node:zlib"
import { pack } from "tar-stream"
import { buffer } from "node:stream/consumers"
import { nameProblem } from "../../../src/layers/readers/Archive.ts"
import { matchesGlob } from "../../../src/layers/readers/Kinds.ts"
import { accounts, build, chat, jsonl } from "../../support/build.ts"
import { pax, tar, tarEntry, tarHeader, type TarEntry, zip, type ZipEntry } from "../../support/archives.ts"
import {
  concat,
  type Content,
  inFolder,
  losses,
  patience,
  readFolder,
  readOne,
  records,
  type ReadOptions,
} from "./read.ts"

const members = {
  "chats/a.jsonl": '{"a":1}\n{"a":2}\n',
  "chats/b.json": '[{"b":1},{"b":2}]',
  "table.csv": "c,d\n1,2\n",
  "deep/er/c.yaml": "- e: 1\n- e: 2\n",
  "README.txt": "Ann: hi\n",
  "picture.png": "no data",
}
const entries = Object.entries(members).map(([name, content]) => ({ name, content }))
const data = [{ a: 1 }, { a: 2 }, { b: 1 }, { b: 2 }, { c: "1", d: "2" }, { e: 1 }, { e: 2 }]

const plain = (values: ReadonlyArray<unknown>): unknown => JSON.parse(JSON.stringify(values))

const containers: ReadonlyArray<readonly [string, (list: ReadonlyArray<TarEntry>) => Uint8Array]> = [
  ["x.zip", (list) => zip(list)],
  ["x.tar", tar],
  ["x.tar.gz", (list) => gzipSync(tar(list))],
  ["x.tgz", (list) => gzipSync(tar(list))],
]

/** The reason and the message with which a folder of this file is refused. */
const refusal = (file: string, content: Content, options: ReadOptions = {}): Promise<string> =>
  inFolder(async ({ root, write }) => {
    await mkdir(join(root, "data"))
    await write(`data/${file}`, content)
    const message = await readFolder(join(root, "data"), { options: { files: [file] }, ...options }).then(
      () => "not refused",
      (cause: unknown) => String(cause),
    )
    assert.deepStrictEqual((await readdir(root, { recursive: true })).sort(), ["data", `data/${file}`])
    return message
  })

describe("archives", () => {
  it("all members of a known ending are read, in the archive's order; places name archive and member", async () => {
    for (const [file, make] of containers) {
      for (const sliceBytes of [1, 1 << 20]) {
        const outcome = await readOne(file, make(entries), { sliceBytes })
        assert.deepStrictEqual(plain(records(outcome)), data, file)
        assert.deepStrictEqual(losses(outcome), [])
        assert.deepStrictEqual(outcome.told[1]?.place, { file: `${file}!/chats/a.jsonl`, line: 2 })
        assert.deepStrictEqual(outcome.told[3]?.place, { file: `${file}!/chats/b.json`, index: 1 })
        assert.deepStrictEqual(outcome.told[6]?.place, { file: `${file}!/deep/er/c.yaml`, line: 2 })
        assert.deepStrictEqual(
          outcome.planned.map((planned) => [planned.file, planned.bytes]),
          [[file, make(entries).length]],
        )
      }
    }
  })

  it("members are chosen by glob behind the mark, plain text among them", async () => {
    for (const [file, make] of containers) {
      const read = async (...globs: ReadonlyArray<string>) =>
        plain(records(await readOne(file, make(entries), { options: { files: globs } })))
      assert.deepStrictEqual(await read(`${file}!/chats/*.jsonl`), data.slice(0, 2))
      assert.deepStrictEqual(await read(`${file}!/**/*.yaml`, `x.*!/chats/b*`.replace("x.*", file)), [
        ...data.slice(2, 4),
        ...data.slice(5),
      ])
      assert.deepStrictEqual(await read(file, `${file}!/chats/*`), data)
      assert.deepStrictEqual(await read(`${file}!/*.txt`), [{ messages: [{ role: "Ann", content: "hi" }] }])
    }
  })

  it("a tar made by another writer is read, with long names", async () => {
    const made = pack()
    const long = `${"folder/".repeat(30)}ein-langer-name-äöü.jsonl`
    made.entry({ name: "folder", type: "directory" })
    made.entry({ name: long }, '{"long":true}\n')
    made.entry({ name: "empty.jsonl" }, "")
    made.entry({ name: "last.jsonl" }, '{"last":true}')
    made.finalize()
    const outcome = await readOne("x.tar", await buffer(made))
    assert.deepStrictEqual(records(outcome), [{ long: true }, { last: true }])
    assert.strictEqual(outcome.told[0]?.place.file, `x.tar!/${long}`)
  })

  it("what systems leave in archives is no data", async () => {
    const litter = [
      { name: "__MACOSX/._a.jsonl", content: "\u0000" },
      { name: ".hidden/a.jsonl", content: "x" },
      { name: "./a.jsonl", content: "{}" },
    ]
    for (const [file, make] of containers) assert.deepStrictEqual(records(await readOne(file, make(litter))), [{}])
  })

  it.effect("a build reads them: identifiers, ledger and manifest name archive and member", () =>
    Effect.gen(function* () {
      const list = [
        { name: "a.jsonl", content: jsonl(chat("hi", "one"), "broken") },
        { name: "b.jsonl", content: jsonl(chat("hi", "two")) },
      ]
      for (const file of ["chats/x.zip", "chats/x.tar.gz"]) {
        const config = { ShareGptTask: { files: [file], prompt: "none" } }
        const content = file.endsWith(".zip") ? zip(list) : gzipSync(tar(list))
        const built = yield* build({ [file]: content }, { tasks: ["ShareGptTask"], config })
        assert.deepStrictEqual(accounts(built), [])
        assert.deepStrictEqual(
          built.rows.map(({ identifier }) => identifier),
          [`sharegpt-${file}!/a.jsonl-0`, `sharegpt-${file}!/b.jsonl-0`],
        )
        assert.deepStrictEqual(
          built.lines.map(({ place, reason }) => [place, reason]),
          [[{ file: `${file}!/a.jsonl`, line: 2 }, "InvalidJson"]],
        )
        for (const limit of [undefined, 1]) {
          const spec = limit === undefined ? {} : { limit }
          const { manifest } = yield* build({ [file]: content }, { tasks: ["ShareGptTask"], config, ...spec })
          assert.deepStrictEqual(
            manifest.inputs.map((input) => [input.file, "bytes" in input && input.bytes]),
            [[file, content.length]],
          )
        }
      }
    }),
  )

  it("damaged in a member, what stands before is read and the member is told", async () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `{"i":${Math.imul(i, 2654435761) >>> 0}}\n`).join("")
    const content = Buffer.from(
      zip([
        { name: "a.jsonl", content: lines },
        { name: "b.jsonl", content: "{}\n" },
      ]),
    )
    content.fill(0x55, 3000, 3040)
    const outcome = await readOne("x.zip", content)
    assert.deepStrictEqual(
      losses(outcome)
        .map(([reason, { file }]) => [reason, file])
        .at(-1),
      ["CutTail", "x.zip!/a.jsonl"],
    )
    assert.deepStrictEqual(records(outcome).at(-1), {})
    const wrong = await readOne("x.zip", zip([{ name: "a.jsonl", content: "{}\n", crc: 1 }]))
    assert.deepStrictEqual(
      losses(wrong).map(([reason]) => reason),
      ["CutTail"],
    )
    const whole = tar(entries)
    for (const cut of [100, 700, 1100, 1600]) {
      const part = await readOne("x.tar", whole.subarray(0, cut)).then(losses, String)
      assert.match(JSON.stringify(part), /CutTail|nothing in it/, String(cut))
    }
    const sum = Buffer.from(whole)
    sum[1024 + 5] = 0x41
    assert.deepStrictEqual(losses(await readOne("x.tar", sum)), [["CutTail", { file: "x.tar" }]])
  })
})

describe("archives that are refused", () => {
  const bad = (name: string, more: Partial<TarEntry> = {}): TarEntry => ({ name, content: "{}\n", ...more })

  it(
    "names that lead elsewhere, in each kind of archive, with the name in the error and nothing written",
    patience,
    async () => {
      const names = [
        "/x.jsonl",
        "//x.jsonl",
        "../x.jsonl",
        "a/../../x.jsonl",
        "C:/x.jsonl",
        "a//b.jsonl",
        "nul.jsonl",
        "a./b.jsonl",
        "a\u0007.jsonl",
      ]
      for (const name of names) {
        for (const [file, make] of containers) {
          const message = await refusal(file, make([bad("good.jsonl"), bad(name)]))
          assert.match(message, /a name that leads out/, `${file} ${name}`)
          assert.include(message, `"${file}", entry "`)
        }
      }
    },
  )

  it("links and devices", async () => {
    for (const [type, mode, expected] of [
      ["2", 0o120777, /: a link/],
      ["1", 0o120777, /: a link/],
      ["3", 0o020644, /neither file nor folder/],
      ["6", 0o010644, /neither file nor folder/],
    ] as const) {
      const entry = bad("l.jsonl", { type, link: "/etc/passwd", content: "" })
      assert.match(await refusal("x.tar", tar([bad("a.jsonl"), entry])), expected)
      assert.match(await refusal("x.zip", zip([{ name: "a.jsonl" }, { name: "l.jsonl", mode }])), expected)
    }
  })

  it("two entries of one name, also by case, by the form of accents, or as folder and file", async () => {
    for (const [a, b] of [
      ["a.jsonl", "a.jsonl"],
      ["a.jsonl", "A.JSONL"],
      ["\u00e9.jsonl", "e\u0301.jsonl"],
      ["a/b.jsonl", "./a/B.jsonl"],
      ["a/", "a"],
    ] as const) {
      for (const [file, make] of containers) {
        const list = [a, b].map((name) => bad(name, name.endsWith("/") ? { type: "5", content: "" } : {}))
        assert.match(await refusal(file, make(list)), /two entries of one name/, `${file} ${a} ${b}`)
      }
    }
  })

  it("entries that overlap", async () => {
    const content = "{}\n".repeat(100)
    for (const at of [0, 20]) {
      const list = [
        { name: "a.jsonl", content },
        { name: "b.jsonl", content, at },
      ]
      assert.match(await refusal("x.zip", zip(list)), /entries that overlap/)
    }
  })

  it("sizes that lie, too large or too small", async () => {
    const content = "{}\n".repeat(1000)
    for (const size of [10, 2999, 3001, 100_000]) {
      assert.match(await refusal("x.zip", zip([{ name: "a.jsonl", content, size }])), /not as long as it says/)
    }
    const long = { ...pax({ size: "99999999999999999999" }) }
    assert.match(await refusal("x.tar", tar([long, bad("a.jsonl")])), /not as long as it says/)
    const header = concat(tarHeader({ name: "x", type: "x", size: 5_000_000_000 }), new Uint8Array(4096))
    assert.match(await refusal("x.tar", header), /a header of 5000000000 bytes/)
  })

  it("bombs: by ratio, by bytes of an entry, by bytes in all, by number of entries", patience, async () => {
    const zeros = Buffer.alloc(12 * 1024 * 1024)
    const bomb = [{ name: "a.jsonl", content: zeros }]
    assert.match(await refusal("x.zip", zip(bomb)), /a bomb/)
    assert.match(await refusal("x.tar.gz", gzipSync(tar(bomb))), /a bomb/)
    assert.match(await refusal("x.jsonl.gz", gzipSync(zeros)), /a bomb/)
    const limited = (file: string, limits: object): ReadOptions => ({ options: { files: [file], limits } })
    const small = [bad("a.jsonl"), bad("b.jsonl"), bad("c.jsonl")]
    for (const [file, make] of containers) {
      assert.match(await refusal(file, make(small), limited(file, { entries: 2 })), /too many entries/)
      assert.match(await refusal(file, make(small), limited(file, { entryBytes: 2 })), /too many bytes.*in one entry/)
    }
    assert.match(await refusal("x.zip", zip(small), limited("x.zip", { totalBytes: 8 })), /more than 8 in all/)
    assert.match(await refusal("x.tgz", gzipSync(tar(small)), limited("x.tgz", { totalBytes: 1024 })), /too many bytes/)
  })

  it("members that are packed themselves, encrypted, of a method or kind that is not read", async () => {
    const cases: ReadonlyArray<readonly [ZipEntry, RegExp]> = [
      [{ name: "a.jsonl.gz", content: gzipSync("{}") }, /packed itself/],
      [{ name: "inner.zip", content: zip([]) }, /packed itself/],
      [{ name: "a.parquet", content: "PAR1" }, /of a kind that is not read out of an archive/],
      [{ name: "a.jsonl", content: "{}", flags: 0x801 }, /encrypted/],
      [{ name: "a.jsonl", content: "{}", method: 9, raw: deflateRawSync("{}") }, /a compression that is not known/],
      [{ name: "README.txt", content: "Ann: hi" }, /nothing in it that is to be read/],
    ]
    for (const [entry, expected] of cases) assert.match(await refusal("x.zip", zip([entry])), expected)
    const nothing = { options: { files: ["x.zip!/*.csv"] } }
    assert.match(await refusal("x.zip", zip(entries), nothing), /not refused|nothing/)
    assert.match(await refusal("x.zip", zip([bad("a.jsonl")]), nothing), /no member matches \*\.csv/)
    assert.match(await refusal("x.zip", "no zip"), /no archive of its kind/)
  })

  it("only names that are asked for have to be readable", async () => {
    const list = [bad("a.jsonl"), { name: "b.jsonl.gz", content: gzipSync("{}") }]
    for (const [file, make] of containers) {
      const outcome = await readOne(file, make(list), { options: { files: [`${file}!/*.jsonl`] } })
      assert.deepStrictEqual(records(outcome), [{}])
    }
  })

  it("a plain relative path is no problem, and its entry is taken", () => {
    for (const name of ["a", "a/b", "a b/c.d", "ä/ö", "a/", "./a", "con1/aux2.x"]) assert.isUndefined(nameProblem(name))
    for (const name of [
      "",
      "a\0",
      "\\\\srv\\x",
      "a/..",
      "..",
      "com1.txt",
      "a/ ",
      `${"x".repeat(256)}`,
      "a/".repeat(65),
    ])
      assert.isDefined(nameProblem(name), name)
  })

  it("globs of members match as those of files do", () => {
    for (const [glob, name, matches] of [
      ["*.jsonl", "a.jsonl", true],
      ["*.jsonl", "b/a.jsonl", false],
      ["**/*.jsonl", "a.jsonl", true],
      ["**/*.jsonl", "b/c/a.jsonl", true],
      ["b/**", "b/c/a.jsonl", true],
      ["b/**/a*", "b/a.jsonl", true],
      ["b", "b/a.jsonl", false],
    ] as const) {
      assert.strictEqual(matchesGlob(glob, name), matches, `${glob} ${name}`)
    }
    const long = "a/".repeat(60) + "b"
    assert.isFalse(matchesGlob(`${"**/a/".repeat(30)}c`, long))
  })

  it("entries one after another are counted while they come: a header is never held for long", async () => {
    const many = concat(...Array.from({ length: 50 }, (_, i) => tarEntry(bad(`${i}.jsonl`))))
    assert.match(await refusal("x.tar", many, { options: { files: ["x.tar"], limits: { entries: 49 } } }), /too many/)
  })
})

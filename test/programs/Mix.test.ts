/** How rows are mixed: caps, repeats, order, and what is put by for validation. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as NodeWorkers from "../../src/layers/NodeWorkers.ts"
import { accounts, build, type Built, chat, jsonl } from "../support/build.ts"

const names = ["amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "inlet", "jetty"]
const words = (i: number): string =>
  Array.from({ length: 12 }, (_, k) => names[(i * 7 + k * ((i % 5) + 1)) % 10]).join(" ")
const many = (count: number, tag: string) =>
  Array.from({ length: count }, (_, i) =>
    chat(`${tag} question ${i}: ${words(i)}?`, `${tag} answer ${i}: ${words(i + 3)}.`),
  )

const files = { "a.jsonl": jsonl(...many(120, "first")), "b.jsonl": jsonl(...many(80, "second")) }
const section = (file: string, more: object = {}) => ({ task: "ShareGptTask", files: [file], prompt: "none", ...more })
const config = (a: object = {}, b: object = {}) => ({ A: section("a.jsonl", a), B: section("b.jsonl", b) })

const idsOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/"identifier":"([^"]+)"/g)].map((hit) => hit[1] as string)
const validationOf = ({ files: written }: Built): string =>
  Buffer.from(written.get("out.validation.jsonl") ?? []).toString("utf8")
const sorted = (ids: ReadonlyArray<string>) => [...ids].sort()

const run = (more: object = {}, tasks: ReadonlyArray<string> = ["A", "B"], own: object = config()) =>
  build(files, { tasks, config: own as { readonly [key: string]: unknown }, ...more })

/** Sums of a build with several outputs. */
const sums = (built: Built): ReadonlyArray<string> => {
  const rows = built.manifest.outputs.reduce((all, output) => all + output.rows, 0)
  const examples = Object.values(built.manifest.tasks).reduce((all, counts) => all + counts.examples, 0)
  const lines = built.text.split("\n").length - 1 + (validationOf(built).split("\n").length - 1)
  const wrong = accounts(built).filter((one) => !/^(?:rows|output rows)/.test(one))
  return [
    ...wrong,
    ...(rows === examples && rows === lines ? [] : [`${rows} rows, ${examples} examples, ${lines} lines`]),
  ]
}

describe("maxExamples", () => {
  it.effect("keeps so many rows, the same whatever stands beside the task, and tells of the others", () =>
    Effect.gen(function* () {
      const both = yield* run({}, ["A", "B"], config({ maxExamples: 30 }))
      const alone = yield* run({}, ["A"], config({ maxExamples: 30 }))
      const own = idsOf(both.text).filter((id) => id.startsWith("A-"))
      assert.lengthOf(own, 30)
      assert.deepStrictEqual(idsOf(alone.text), own)
      assert.strictEqual(both.manifest.tasks["A"]?.episodes.sampledOut, 90)
      const lines = both.lines.filter(({ stage }) => stage === "mix")
      assert.lengthOf(lines, 90)
      assert.isTrue(lines.every(({ reason, scope }) => reason === "maxExamples" && scope === "episode"))
      assert.deepStrictEqual(sums(both), [])
      const more = yield* run({}, ["A"], config({ maxExamples: 40 }))
      assert.includeMembers([...idsOf(more.text)], [...own])
    }),
  )

  it.effect("counts what filters leave over: a duplicate takes no place, and what it was kept for is written", () =>
    Effect.gen(function* () {
      const doubled = jsonl(...many(40, "x"), ...many(40, "x"))
      const own = { A: section("a.jsonl", { maxExamples: 30, filters: ["ExactDedupFilter"] }) }
      const built = yield* build({ "a.jsonl": doubled }, { tasks: ["A"], config: own })
      assert.lengthOf(built.rows, 30)
      const ids = new Set(idsOf(built.text))
      for (const { detail, reason } of built.lines)
        if (reason === "ExactDedupFilter") assert.isTrue(ids.has((detail as { readonly kept: string }).kept))
      assert.deepStrictEqual(sums(built), [])
    }),
  )
})

describe("repeat", () => {
  it.effect("writes the rows of a task so many times, and counts each", () =>
    Effect.gen(function* () {
      const once = yield* run()
      const built = yield* run({}, ["A", "B"], config({}, { repeat: 3 }))
      const [a, b] = ["A-", "B-"].map((prefix) => once.text.split("\n").filter((line) => line.includes(`"${prefix}`)))
      assert.deepStrictEqual(built.text.trimEnd().split("\n"), [...(a ?? []), ...(b ?? []), ...(b ?? []), ...(b ?? [])])
      assert.strictEqual(built.manifest.tasks["B"]?.examples, 240)
      assert.strictEqual(built.manifest.tasks["B"]?.episodes.written, 80)
      assert.deepStrictEqual(sums(built), [])
    }),
  )

  it.effect("tokens count each time", () =>
    Effect.gen(function* () {
      const [once, thrice] = yield* Effect.all([
        run({ tokenizer: "estimate" }, ["B"]),
        run({ tokenizer: "estimate" }, ["B"], config({}, { repeat: 3 })),
      ])
      assert.strictEqual(thrice.manifest.tasks["B"]?.tokens, 3 * (once.manifest.tasks["B"]?.tokens ?? 0))
    }),
  )
})

describe("shuffle", () => {
  it.effect("writes the same rows in another order, which a task that is added does not change", () =>
    Effect.gen(function* () {
      const [plain, mixed, alone, other] = yield* Effect.all([
        run(),
        run({ shuffle: true }),
        run({ shuffle: true }, ["A"]),
        run({ shuffle: true, seed: 7 }),
      ])
      assert.notDeepEqual(idsOf(mixed.text), idsOf(plain.text))
      assert.deepStrictEqual(sorted(idsOf(mixed.text)), sorted(idsOf(plain.text)))
      assert.deepStrictEqual(
        idsOf(mixed.text).filter((id) => id.startsWith("A-")),
        [...idsOf(alone.text)],
      )
      assert.notDeepEqual(idsOf(other.text), idsOf(mixed.text))
      // Not one task after the other.
      const changes = idsOf(mixed.text).filter((id, i, all) => i > 0 && id[0] !== all[i - 1]?.[0]).length
      assert.isAbove(changes, 50)
    }),
  )

  it.effect("copies of a row do not stand together", () =>
    Effect.gen(function* () {
      const built = yield* run({ shuffle: true }, ["B"], config({}, { repeat: 4 }))
      const ids = idsOf(built.text)
      assert.lengthOf(ids, 320)
      assert.isBelow(ids.filter((id, i) => id === ids[i - 1]).length, 20)
      assert.deepStrictEqual(sums(built), [])
    }),
  )

  it.effect("an array is one array all the same", () =>
    Effect.gen(function* () {
      const built = yield* run({ shuffle: true, format: "fastchat", outputFile: "out.json" })
      const rows = JSON.parse(Buffer.from(built.files.get("out.json") ?? []).toString("utf8")) as ReadonlyArray<{
        readonly id: string
      }>
      assert.lengthOf(rows, 200)
      assert.lengthOf(new Set(rows.map(({ id }) => id)), 200)
    }),
  )
})

describe("validation", () => {
  it.effect("puts a share by in a second output; a task that is added moves nothing", () =>
    Effect.gen(function* () {
      const both = yield* run({ validation: "20%" })
      const alone = yield* run({ validation: "20%" }, ["A"])
      const valid = idsOf(validationOf(both))
      assert.isTrue(valid.length > 20 && valid.length < 60, String(valid.length))
      assert.deepStrictEqual(sorted([...valid, ...idsOf(both.text)]), sorted(idsOf((yield* run()).text)))
      assert.deepStrictEqual(
        valid.filter((id) => id.startsWith("A-")),
        [...idsOf(validationOf(alone))],
      )
      assert.deepStrictEqual(
        both.manifest.outputs.map(({ file, rows }) => [file, rows]),
        [
          ["out.jsonl", 200 - valid.length],
          ["out.validation.jsonl", valid.length],
        ],
      )
      assert.deepStrictEqual(sums(both), [])
    }),
  )

  it.effect("a number of conversations is met exactly", () =>
    Effect.gen(function* () {
      assert.lengthOf(idsOf(validationOf(yield* run({ validation: "17" }))), 17)
    }),
  )

  it.effect("windows and exact duplicates of a conversation never straddle, whatever their prompts", () =>
    Effect.gen(function* () {
      const long = Array.from({ length: 40 }, (_, i) =>
        chat(...Array.from({ length: 8 }, (_, k) => `turn ${i} ${k} ${words(i + k)}`)),
      )
      const own = { A: section("a.jsonl"), B: section("b.jsonl", { prompt: "pool" }) }
      const text = jsonl(...long)
      const spec = { tasks: ["A", "B"], config: own, maxLength: 60, length: "windows", validation: "30%" } as const
      const built = yield* build({ "a.jsonl": text, "b.jsonl": text }, spec)
      const record = (id: string): string => /-(\d+)#/.exec(id)?.[1] ?? id
      const train = new Set(idsOf(built.text).map(record))
      const valid = idsOf(validationOf(built)).map(record)
      assert.isAbove(valid.length, 10)
      assert.deepStrictEqual(
        valid.filter((one) => train.has(one)),
        [],
      )
      assert.deepStrictEqual(sums(built), [])
    }),
  )

  it.effect("strict: nearly the same as a training row is trained as well, and counted", () =>
    Effect.gen(function* () {
      const base = many(60, "long").map(({ conversations }) =>
        conversations.map(({ value }) => `${value} ${value} and so on to the end`),
      )
      const pairs = base.flatMap(([q = "", a = ""]) => [chat(q, a), chat(q, `${a} indeed`)])
      const own = { A: section("a.jsonl") }
      const spec = { tasks: ["A"], config: own, validation: "30%" }
      const loose = yield* build({ "a.jsonl": jsonl(...pairs) }, spec)
      const strict = yield* build({ "a.jsonl": jsonl(...pairs) }, { ...spec, validationStrict: true })
      const moved = strict.manifest.tasks["A"]?.repairs["validationMoved"] ?? 0
      assert.isAbove(moved, 5)
      assert.strictEqual(idsOf(validationOf(strict)).length, idsOf(validationOf(loose)).length - moved)
      const number = (id: string): number => Math.floor(Number(id.slice(2)) / 2)
      const train = new Set(idsOf(strict.text).map(number))
      assert.deepStrictEqual(
        idsOf(validationOf(strict)).filter((id) => train.has(number(id))),
        [],
      )
      assert.deepStrictEqual(sums(strict), [])
    }),
  )
})

describe("law", () => {
  it.effect("sums hold, and nothing is lost, whatever is asked for", () =>
    Effect.gen(function* () {
      const settings = fc.record({
        share: fc.constantFrom(1, 0.5, 0),
        maxExamples: fc.constantFrom(undefined, 1, 25, 500),
        repeat: fc.constantFrom(undefined, 1, 3),
        shuffle: fc.boolean(),
        validation: fc.constantFrom(undefined, "10%", "5", "99%"),
        length: fc.constantFrom("fit", "windows", "drop", "turns"),
        maxLength: fc.constantFrom(-1, 30, 60),
        format: fc.constantFrom("metharme", "openchat", "openai-weighted"),
        train: fc.constantFrom(undefined, "last"),
        sliceBytes: fc.constantFrom(500, 4000, 1 << 20),
      })
      for (const one of fc.sample(settings, { seed: 42, numRuns: 40 })) {
        const { format, length, maxExamples, maxLength, repeat, share, shuffle, sliceBytes, train, validation } = one
        const mine = JSON.parse(
          JSON.stringify({ share, maxExamples, repeat, train, filters: ["ExactDedupFilter"] }),
        ) as object
        const more = {
          shuffle,
          length,
          maxLength,
          format,
          sliceBytes,
          ...(validation === undefined ? {} : { validation }),
        }
        const built = yield* run(more, ["A", "B"], config(mine, { filters: ["NearDedupFilter"] }))
        assert.deepStrictEqual(sums(built), [], JSON.stringify(one))
      }
    }),
  )

  it.effect("two workers and other slices write what one thread writes", () =>
    Effect.gen(function* () {
      const own = config({ maxExamples: 50, filters: ["NearDedupFilter"] }, { repeat: 2 })
      const spec = { tasks: ["A", "B"], config: own, shuffle: true, validation: "10%", validationStrict: true }
      const digest = ({ manifest }: Built) => manifest.outputs.map(({ sha256 }) => sha256)
      const one = yield* build(files, spec)
      const other = yield* build(files, { ...spec, sliceBytes: 700 }, NodeWorkers.layer(2))
      assert.deepStrictEqual(digest(other), digest(one))
    }),
  )
})

describe("what cannot be meant", () => {
  it.effect("is told with its place", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        run({ validation: "100%" }, ["A"], { A: section("a.jsonl", { maxExamples: 0, repeat: 1.5 }) }),
      )
      assert.match(error.message, /--validation: "100%" is neither a number of conversations \(100\) nor a share/)
      assert.match(error.message, /A\.maxExamples: [^]*A\.repeat: /)
      const strict = yield* Effect.flip(run({ validationStrict: true }))
      assert.strictEqual(strict.message, "--validation-strict: goes with --validation")
    }),
  )
})

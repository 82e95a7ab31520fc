import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { gzipSync } from "node:zlib"
import { ByteWriter, parquetWrite } from "hyparquet-writer"
import * as Dataset from "../../src/layers/Datasets.ts"
import * as DatasetLayer from "../../src/layers/DatasetLayer.ts"
import { ShareGptTask } from "../../src/layers/tasks/ShareGptTask.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { tar, zip } from "../support/archives.ts"
import { build } from "../support/build.ts"

const recordsOf = <I, S extends { readonly records: Stream.Stream<unknown, unknown> }>(
  tag: Effect.Effect<S, never, I>,
) => Stream.runCollect(Stream.unwrap(Effect.map(tag, (dataset) => dataset.records)))

const over = <I>(layer: Layer.Layer<I, never, DataFolder>, files: { readonly [path: string]: string | Uint8Array }) =>
  Layer.provide(layer, DataFolder.layerTemp(files))

describe("a dataset", () => {
  it.effect("D-1: without any of its files is one error that names what was looked for, and where", () =>
    Effect.gen(function* () {
      for (const tag of [Dataset.Aesir, Dataset.CharacterAi, Dataset.OpenCai] as const) {
        const error = yield* Effect.flip(
          Effect.provide(
            Effect.flatMap(tag as typeof Dataset.Aesir, (dataset) =>
              dataset.plan({ options: {}, sliceBytes: 1000, maxRecordBytes: 1000 }),
            ),
            over(tag.layer as typeof Dataset.Aesir.layer, { "other/a.jsonl": "{}\n" }),
          ),
        )
        assert.strictEqual(error.reason, "NotFound")
        assert.isAbove(error.expected.length, 0)
        for (const pattern of error.expected) assert.include(error.message, pattern)
        assert.include(error.message, error.folder)
      }
    }),
  )

  it.effect("D-1: with one of several folders is enough", () =>
    Effect.gen(function* () {
      const chat = '{"mes": "Hi", "is_user": true}\n{"mes": "Hello", "is_user": false}\n'
      const found = yield* Effect.provide(
        recordsOf(Dataset.PygClaude),
        over(Dataset.PygClaude.layer, { "claude_pygsubmitted/private/a.jsonl": chat }),
      )
      assert.strictEqual([...found].length, 1)
    }),
  )

  it.effect("D-8: of Parquet is read without anything else installed", () =>
    Effect.gen(function* () {
      const writer = new ByteWriter()
      void parquetWrite({
        writer,
        columnData: [
          { name: "prompt", data: ["Say hello."], type: "STRING" },
          { name: "prompt_id", data: ["p1"], type: "STRING" },
          {
            name: "messages",
            data: [
              [
                { role: "user", content: "Say hello." },
                { role: "assistant", content: "Hello." },
              ],
            ],
            type: "JSON",
          },
          { name: "category", data: ["Chat"], type: "STRING" },
        ],
      })
      const found = yield* Effect.provide(
        recordsOf(Dataset.NoRobots),
        over(Dataset.NoRobots.layer, { "no_robots/train_sft-00000-of-00001.parquet": writer.getBytes() }),
      )
      const [first] = [...found] as ReadonlyArray<{ readonly record: { readonly prompt_id: string } }>
      assert.strictEqual(first?.record.prompt_id, "p1")
    }),
  )

  it.effect(
    "tells how many bytes it has, and how many lie behind the slices that were cut, of every kind of file",
    () =>
      Effect.gen(function* () {
        const lines = Array.from({ length: 400 }, (_, i) => `{"conversations": ["${i} ${Math.sin(i)}"]}\n`)
        const text = lines.join("")
        const writer = new ByteWriter()
        void parquetWrite({
          writer,
          columnData: [{ name: "conversations", data: lines, type: "STRING" }],
          rowGroupSize: [100],
        })
        const files = {
          "a.jsonl": text,
          "b.jsonl.gz": gzipSync(text),
          "c.json": `[${lines.join(",")}]`,
          "d.csv": `conversations\n${text.replaceAll('"', "")}`,
          "e.parquet": writer.getBytes(),
          "f.zip": zip([{ name: "x.jsonl", content: text }]),
          "g.tar": tar([{ name: "x.jsonl", content: text }]),
        }
        for (const [file, content] of Object.entries(files)) {
          yield* Effect.gen(function* () {
            const { root } = yield* DataFolder
            const plan = yield* DatasetLayer.make(ShareGptTask.dataset, root).plan({
              options: { files: [file] },
              sliceBytes: 1000,
              maxRecordBytes: 1 << 20,
            })
            assert.deepStrictEqual([yield* plan.bytes, plan.passed()], [Buffer.byteLength(content), 0], file)
            const seen: Array<number> = []
            yield* Stream.runForEach(plan.slices, () => Effect.sync(() => void seen.push(plan.passed())))
            assert.deepStrictEqual(
              seen,
              [...seen].sort((a, b) => a - b),
              file,
            )
            // What stands behind the last record, such as the directory of an archive, is a part of no slice.
            assert.isAbove(seen.at(-1) ?? 0, 0.9 * Buffer.byteLength(content), file)
            assert.isAtMost(plan.passed(), Buffer.byteLength(content), file)
          }).pipe(Effect.provide(DataFolder.layerTemp({ [file]: content })))
        }
      }),
  )

  it.effect("D-3, shards: any slicing of 25 files reads 25, each once", () =>
    Effect.gen(function* () {
      const files = Object.fromEntries(
        Array.from({ length: 25 }, (_, i) => [
          `claude_pygsubmitted/public/${i}.jsonl`,
          `{"mes": "Hi ${i}", "is_user": true}\n{"mes": "Hello", "is_user": false}\n`,
        ]),
      )
      for (const sliceBytes of [1, 100, 300, 1 << 20]) {
        const built = yield* build(files, { tasks: ["PygClaudeRoleplayTask"], sliceBytes })
        assert.strictEqual(new Set(built.rows.map((row) => row["identifier"])).size, 25)
      }
    }),
  )

  it.effect("C-20: with two files of one name tells them apart by their folders", () =>
    Effect.gen(function* () {
      const chat = (n: number) => `{"mes": "Hi ${n}", "is_user": true}\n{"mes": "Hello", "is_user": false}\n`
      const built = yield* build(
        {
          "claude_pygsubmitted/private/a.jsonl": chat(1),
          "claude_pygsubmitted/public/a.jsonl": chat(2),
          "claude_pygsubmitted/public/b.jsonl": chat(3),
        },
        { tasks: ["PygClaudeRoleplayTask"] },
      )
      assert.deepStrictEqual(
        built.rows.map((row) => row["identifier"]),
        ["pygclaude-rp-private/a.jsonl", "pygclaude-rp-public/a.jsonl", "pygclaude-rp-b.jsonl"],
      )
    }),
  )

  it.effect("of small files tells one that is too large as a bad record, in its place, and never holds it", () =>
    Effect.gen(function* () {
      const chat = (n: number) => `{"mes": "Hi ${n}", "is_user": true}\n{"mes": "Hello", "is_user": false}\n`
      const folder = "claude_pygsubmitted/public"
      const files = {
        [`${folder}/a.jsonl`]: chat(1),
        [`${folder}/b.jsonl`]: `{"mes": "${"x".repeat(500)}", "is_user": true}\n`,
        [`${folder}/c.jsonl`]: chat(3),
      }
      for (const sliceBytes of [1, 1 << 20]) {
        const built = yield* build(files, { tasks: ["PygClaudeRoleplayTask"], sliceBytes, maxRecordBytes: 400 })
        assert.strictEqual(built.rows.length, 2)
        assert.deepStrictEqual(
          built.lines.map(({ place, reason }) => [place.file, reason]),
          [[`${folder}/b.jsonl`, "TooLarge"]],
        )
        assert.strictEqual(built.manifest.inputs.length, 3)
      }
    }),
  )

  it.effect("of own files refuses a kind of file that it does not read, by name, before anything is read", () =>
    Effect.gen(function* () {
      const files = { "own/a.jsonl": '{"messages": []}\n', "own/b.xml": "<a/>", "own/c.xlsx": "x" }
      const config = { MessagesTask: { files: ["own/*"] } }
      const error = yield* Effect.flip(build(files, { tasks: ["MessagesTask"], config }))
      assert.match(error.message, /"own\/b\.xml" and 1 more: no kind of file that is read \(\.jsonl, .*\.parquet/)
    }),
  )

  it.effect("gives the records of an app or a test, in their order", () =>
    Effect.gen(function* () {
      const given = [
        { instruction: "One?", response: "1" },
        { instruction: "Two?", response: "2" },
      ]
      const found = yield* Effect.provide(recordsOf(Dataset.Airoboros), Dataset.Airoboros.layerRecords(given))
      assert.deepStrictEqual(
        [...found].map((one) => (one as { readonly record: unknown }).record),
        given,
      )
    }),
  )

  it.effect("of own files has no records before a config names them", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(recordsOf(Dataset.Files), over(Dataset.Files.layer, {})))
      assert.match(String(error), /names them/)
    }),
  )
})

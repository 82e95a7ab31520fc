/** Evaluations in training data: what is found, and how its files take part in a run. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BuildError } from "../../../src/domain/Errors.ts"
import { maxEvidence } from "../../../src/domain/Rejection.ts"
import * as Workers from "../../../src/layers/NodeWorkers.ts"
import { accounts, build, chat, jsonl } from "../../support/build.ts"

const question = "A farmer has seventeen sheep and all but nine of them run away; how many are left?"
const other = "Which of the planets of our solar system has the greatest number of known moons today?"

/** A folder with a config and files of evaluations. */
const folderWith = (files: { readonly [name: string]: string }) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "decontamination-"))
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  )

const input = {
  "chats/a.jsonl": jsonl(
    chat("Tell me something.", "Gladly."),
    chat(`Riddle me this: ${question.toUpperCase()}`, "Nine."),
    chat("And another?", `Yes. ${other} Do you know?`),
  ),
}

const spec = (folder: string, options: string) => ({
  tasks: ["ShareGptTask"],
  config: {
    file: join(folder, "config.yml"),
    text: `ShareGptTask:
  files: ["chats/*"]
  prompt: none
  filters:
    - DecontaminationFilter: { ${options} }
`,
  },
})

const run = (files: { readonly [name: string]: string }, options: string, workers = 0) =>
  Effect.scoped(
    Effect.flatMap(folderWith(files), (folder) =>
      build(input, spec(folder, options), workers === 0 ? undefined : Workers.layer(workers)),
    ),
  )

/** Messages of the problems of a config that is refused. */
const refused = <A>(built: Effect.Effect<A, BuildError>) =>
  Effect.map(Effect.flip(built), (error) => (error._tag === "ConfigError" ? error.problems : []))

describe("DecontaminationFilter", () => {
  it.effect("drops what holds an item, with the place of the item and the longest stretch", () =>
    Effect.gen(function* () {
      const built = yield* run(
        { "riddles.jsonl": jsonl({ id: "x", question, answer: "9" }), "quiz.txt": `\n${other}\n` },
        "files: [riddles.jsonl, quiz.txt]",
      )
      assert.deepStrictEqual(
        built.rows.map((row) => row["identifier"]),
        ["sharegpt-0"],
      )
      assert.deepStrictEqual(
        built.lines.map(({ detail, id, reason }) => [id, reason, detail]),
        [
          [
            "sharegpt-1",
            "DecontaminationFilter",
            {
              rule: "contained",
              source: "riddles.jsonl:1",
              score: 1,
              turn: 0,
              text: "A FARMER HAS SEVENTEEN SHEEP AND ALL BUT NINE OF THEM RUN AWAY; HOW MANY ARE…",
            },
          ],
          [
            "sharegpt-2",
            "DecontaminationFilter",
            {
              rule: "contained",
              source: "quiz.txt:2",
              score: 1,
              turn: 1,
              text: "Which of the planets of our solar system has the greatest number of known moons…",
            },
          ],
        ],
      )
      assert.deepStrictEqual(accounts(built), [])
      for (const { detail } of built.lines)
        assert.isAtMost((detail as { readonly text: string }).text.length, maxEvidence)
    }),
  )

  it.effect("tells its files in the manifest, with their digests", () =>
    Effect.gen(function* () {
      const { manifest } = yield* run({ "quiz.txt": `${other}\n` }, "files: [quiz.txt]")
      assert.deepInclude(
        manifest.inputs.filter(({ kind }) => kind === "filterData"),
        {
          kind: "filterData",
          file: "quiz.txt",
          bytes: other.length + 1,
          sha256: manifest.inputs.find(({ kind }) => kind === "filterData")?.sha256 as string,
        },
      )
      assert.lengthOf(manifest.inputs, 2)
    }),
  )

  it.effect("does the same in other threads", () =>
    Effect.gen(function* () {
      const files = { "riddles.json": JSON.stringify([{ turns: [{ text: question }] }]) }
      const plain = yield* run(files, "files: [riddles.json]")
      const threads = yield* run(files, "files: [riddles.json]", 2)
      assert.deepStrictEqual([threads.text, threads.lines], [plain.text, plain.lines])
      assert.deepInclude(plain.lines[0]?.detail as object, { source: "riddles.json[0]" })
    }),
  )

  it.effect("looks at the fields and the roles that are named", () =>
    Effect.gen(function* () {
      const files = { "riddles.jsonl": jsonl({ question, hint: other }) }
      const ids = (options: string) =>
        Effect.map(run(files, `files: [riddles.jsonl], ${options}`), ({ lines }) => lines.map(({ id }) => id))
      assert.deepStrictEqual(yield* ids("fields: [question]"), ["sharegpt-1"])
      assert.deepStrictEqual(yield* ids("fields: [hint]"), ["sharegpt-2"])
      assert.deepStrictEqual(yield* ids("roles: [user]"), ["sharegpt-1"])
    }),
  )

  it.effect(
    "a file that is not there, or holds nothing to look for, is told with its place before anything is read",
    () =>
      Effect.gen(function* () {
        const missing = yield* refused(run({}, "files: [a.jsonl, b.txt]"))
        assert.deepStrictEqual(missing, [
          {
            path: "ShareGptTask.filters[0].DecontaminationFilter.files[0]",
            message: "a.jsonl: there is no such file",
            line: 5,
            column: 40,
          },
          {
            path: "ShareGptTask.filters[0].DecontaminationFilter.files[1]",
            message: "b.txt: there is no such file",
            line: 5,
            column: 49,
          },
        ])
        const messages = (files: { readonly [name: string]: string }, options: string) =>
          Effect.map(refused(run(files, options)), (problems) => problems.map(({ message }) => message))
        assert.deepStrictEqual(yield* messages({ "a.jsonl": `{"q": "${question}"}\n{"q": ` }, "files: [a.jsonl]"), [
          "a.jsonl:2 is no JSON",
        ])
        assert.deepStrictEqual(yield* messages({ "a.jsonl": jsonl({ q: "Too short." }) }, "files: [a.jsonl]"), [
          "a.jsonl holds no text of 8 words or more: nothing could be found by it",
        ])
        assert.deepStrictEqual(
          yield* messages({ "a.jsonl": jsonl({ q: question }) }, "files: [a.jsonl], fields: [question]"),
          ['a.jsonl holds no text of 8 words or more in "question": nothing could be found by it'],
        )
        assert.deepStrictEqual(yield* messages({ "a.json": `{"q": "${question}"}` }, "files: [a.json]"), [
          "a.json is no list of items; one item a line goes into a .jsonl file",
        ])
        assert.deepStrictEqual(yield* messages({}, "n: 8"), [
          'name the files of the evaluation, for example files: ["evals/questions.jsonl"]',
        ])
      }),
  )

  it.effect("a file of an evaluation is an input: it is not written over", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const folder = yield* folderWith({ "quiz.jsonl": jsonl({ other }) })
        const outputFile = join(folder, "quiz.jsonl")
        const problems = yield* refused(build(input, { ...spec(folder, "files: [quiz.jsonl]"), outputFile }))
        assert.match(problems[0]?.message ?? "", /is an input of this run \(quiz\.jsonl\)/)
      }),
    ),
  )
})

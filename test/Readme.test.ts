/** What the README's examples give; that they compile is seen with all others (`docs/Blocks.test.ts`). */
import { assert, describe, it, vi } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { blocksOf, place, type Place } from "./support/pages.ts"

vi.setConfig({ testTimeout: 300_000 })

const readme = blocksOf("README.md")

const examples = new Map(
  [...readme, ...blocksOf("docs/download.md")].flatMap(({ code, marks }) =>
    marks["example"] === undefined ? [] : [[marks["example"], code] as const],
  ),
)

const codeOf = (kind: string): string => readme.find((block) => block.kind === kind)?.code ?? ""

const inPlace = async (run: (at: Place) => Promise<void>): Promise<void> => {
  const at = place()
  try {
    await run(at)
  } finally {
    at.remove()
  }
}

/** Runs a program beside the examples; warnings of the run stand before its result. */
const run = async (at: Place, code: string): Promise<string> => {
  at.write("run.mts", code)
  const ran = await at.run("npx tsx run.mts")
  assert.strictEqual(ran.code, 0, ran.stdout + ran.stderr)
  return ran.stdout.trim().split("\n").at(-1) ?? ""
}

describe("the README", () => {
  it("has its three examples of embedding", () => {
    assert.deepStrictEqual(
      readme.flatMap(({ marks }) => marks["example"] ?? []),
      ["build", "own", "fake"],
    )
  })

  it("its examples do what they say", () =>
    inPlace(async (at) => {
      for (const [name, code] of examples) at.write(`${name}${name === "fake" ? ".test" : ""}.ts`, code)
      const rows = await run(at, 'import { manifest } from "./build.ts"\nconsole.log(manifest.outputs[0].rows)')
      const written = readFileSync(join(at.folder, "train.jsonl"), "utf8").trim().split("\n")
      assert.strictEqual(written.length, Number(rows))
      assert.isAbove(Number(rows), 0)
      const turns = await run(
        at,
        'import { examples } from "./own.ts"\nconsole.log(JSON.stringify([...examples].map(({ id, turns }) => [id, turns.slice(1)])))',
      )
      assert.deepStrictEqual(JSON.parse(turns), [
        [
          "riddle-0",
          [
            { kind: "user", text: "What has keys and opens no door?" },
            { kind: "model", text: "A piano." },
          ],
        ],
      ])
      const fetched = await run(
        at,
        'import { report } from "./download.ts"\nconsole.log(JSON.stringify(report.datasets))',
      )
      assert.include(fetched, '"file":"airoboros/instructions.jsonl","bytes":44,')
      assert.strictEqual(readFileSync(join(at.folder, "fetched/airoboros/instructions.jsonl")).length, 44)
      const tested = await at.run("npx vitest run fake.test.ts")
      assert.strictEqual(tested.code, 0, tested.stdout + tested.stderr)
      assert.match(tested.stdout, /1 passed/)
    }))

  it("its config and its plug-in work together", () =>
    inPlace(async (at) => {
      at.write("my-task.mjs", codeOf("js"))
      at.write("config.yml", `${codeOf("yaml")}\nQuizTask: { files: ["quiz.jsonl"] }\n`)
      at.write("data/quiz.jsonl", '{"question": "Two and two?", "answer": "Four."}\n')
      at.write(
        "data/my/a.jsonl",
        '{"turns": [{"speaker": "customer", "text": "Hi"}, {"speaker": "agent", "text": "Hello"}]}\n',
      )
      const options = "--config config.yml --format metharme --output-file out.jsonl --quiet"
      const { code, stderr } = await at.run(`npx data-toolbox build --tasks QuizTask,MyLogs ${options}`)
      assert.strictEqual(stderr, "")
      assert.strictEqual(code, 0)
      const [quiz] = readFileSync(join(at.folder, "out.jsonl"), "utf8").split("\n")
      assert.deepStrictEqual(JSON.parse(quiz ?? ""), {
        prompt: "<|user|>Two and two?<|model|>",
        generation: "Four.",
        identifier: "quiz-0",
      })
    }))
})

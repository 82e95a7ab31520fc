/** The README's examples, compiled and run as they stand there. */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const readme = readFileSync(join(root, "README.md"), "utf8")

const blocksOf = (text: string) =>
  [...text.matchAll(/^```ts example=(\w+)\n([\s\S]*?)^```$/gm)].map(
    (hit) => [hit[1] as string, hit[2] as string] as const,
  )

const blocks = new Map(blocksOf(readme))

/** Examples of the other pages; they are compiled and run along. */
const more = new Map(blocksOf(readFileSync(join(root, "docs", "download.md"), "utf8")))

/** An app that has the package installed: its folder is linked, the rest comes from the project. */
const app = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "data-toolbox-"))
  mkdirSync(join(folder, "node_modules", "@effect"), { recursive: true })
  symlinkSync(root, join(folder, "node_modules", "data-toolbox"))
  for (const name of ["effect", "vitest", "@effect/platform", "@effect/vitest", "@types"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  const options = {
    target: "ES2022",
    module: "NodeNext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    noEmit: true,
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }))
  cpSync(join(root, "samples"), join(folder, "samples"), { recursive: true })
  for (const [name, code] of [...blocks, ...more])
    writeFileSync(join(folder, `${name}${name === "fake" ? ".test" : ""}.ts`), code)
  return folder
}

describe("the README", () => {
  it("has its three examples of embedding", () => {
    assert.deepStrictEqual([...blocks.keys()], ["build", "own", "fake"])
  })

  it("their types are right, and they do what they say", () => {
    const folder = app()
    try {
      const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder])
      assert.strictEqual(tsc.status, 0, tsc.stdout.toString())
      const run = (code: string): string => {
        writeFileSync(join(folder, "run.mts"), code)
        const args = ["--import", join(root, "node_modules/tsx/dist/esm/index.mjs"), "run.mts"]
        // Warnings of the run stand before the result.
        return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim().split("\n").at(-1) ?? ""
      }
      const rows = run('import { manifest } from "./build.ts"\nconsole.log(manifest.outputs[0].rows)')
      assert.strictEqual(readFileSync(join(folder, "train.jsonl"), "utf8").trim().split("\n").length, Number(rows))
      assert.isAbove(Number(rows), 0)
      const turns = run(
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
      const fetched = run('import { report } from "./download.ts"\nconsole.log(JSON.stringify(report.datasets))')
      assert.include(fetched, '"file":"airoboros/instructions.jsonl","bytes":44,')
      assert.strictEqual(readFileSync(join(folder, "fetched/airoboros/instructions.jsonl")).length, 44)
      const vitest = join(root, "node_modules/vitest/vitest.mjs")
      const tested = spawnSync(process.execPath, [vitest, "run", "fake.test.ts"], { cwd: folder, encoding: "utf8" })
      assert.strictEqual(tested.status, 0, tested.stdout + tested.stderr)
      assert.match(tested.stdout, /1 passed/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 180_000)

  it("its config is right", () => {
    const config = /^```yaml\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? ""
    const folder = mkdtempSync(join(tmpdir(), "data-toolbox-"))
    try {
      const plugin = /^```js\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? ""
      writeFileSync(join(folder, "my-task.mjs"), plugin)
      writeFileSync(join(folder, "config.yml"), `${config}\nQuizTask: { files: ["quiz.jsonl"] }\n`)
      mkdirSync(join(folder, "data", "my"), { recursive: true })
      writeFileSync(join(folder, "data", "quiz.jsonl"), '{"question": "Two and two?", "answer": "Four."}\n')
      writeFileSync(
        join(folder, "data", "my", "a.jsonl"),
        '{"turns": [{"speaker": "customer", "text": "Hi"}, {"speaker": "agent", "text": "Hello"}]}\n',
      )
      const args = ["build", "--tasks", "QuizTask,MyLogs", "--config", "config.yml", "--format", "metharme"]
      const bin = join(root, "dist/bin/data-toolbox.js")
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args, "--output-file", "out.jsonl", "--quiet"], {
        cwd: folder,
        encoding: "utf8",
      })
      assert.strictEqual(stderr, "")
      assert.strictEqual(status, 0)
      const [quiz] = readFileSync(join(folder, "out.jsonl"), "utf8").split("\n")
      assert.deepStrictEqual(JSON.parse(quiz ?? ""), {
        prompt: "<|user|>Two and two?<|model|>",
        generation: "Four.",
        identifier: "quiz-0",
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)
})

/** What the user sees when a plug-in kills, hangs or fills the worker that it runs in; and the process itself. */
import { assert, describe, it, vi } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { buildChats, chat, chatFolder, cli, listing, ok, settled, start, timeout } from "../support/cli.ts"

vi.setConfig({ testTimeout: timeout })

const config = "plugins: [./odd.mjs]\nShareGptTask: { files: chats.jsonl, filters: [OddFilter] }\n"

/** Twenty chats, and a filter that does something on the twelfth. */
const prepared = (act: string): string =>
  chatFolder(
    Array.from({ length: 20 }, (_, i) => chat(`Question ${i}?`, `Answer ${i}.`)),
    {
      "config.yml": config,
      "odd.mjs": `import { writeFileSync, existsSync } from "node:fs"
        export const filters = [{
          name: "OddFilter",
          description: "does something odd",
          judge: () => ({ turns }) => {
            if (turns.some(({ text }) => text.includes("Question 12?"))) { ${act} }
            return undefined
          },
        }]`,
    },
  )

const lineOf = (stderr: string): string =>
  stderr
    .split("\n")
    .filter((line) => line !== "" && !line.includes("starting"))
    .join("\n")

describe("a worker", () => {
  it("that is ended once is replaced; the run tells so, and its bytes are the usual ones", async () => {
    const cwd = prepared('if (!existsSync("died")) { writeFileSync("died", ""); process.exit(3) }')
    const { stderr } = await ok(buildChats("--workers", "2", "--quiet"), { cwd })
    assert.strictEqual(
      stderr,
      "data-toolbox: warning: a worker died on chats.jsonl (it ended with code 3); another one tries again\n",
    )
    const bytes = readFileSync(join(cwd, "out.jsonl"))
    await ok(buildChats("--workers", "0"), { cwd })
    assert.isTrue(readFileSync(join(cwd, "out.jsonl")).equals(bytes))
  })

  for (const [name, act, told, env] of [
    ["is ended", "process.exit(0)", /it ended with code 0\. Run with --workers 0 to see what happens there/, {}],
    [
      "fills its memory",
      "const all = []; for (;;) all.push(new Array(1e6).fill(all.length))",
      /memory limit: JS heap out of memory\. Give it more memory \(NODE_OPTIONS=--max-old-space-size=8192\), or/,
      { NODE_OPTIONS: "--max-old-space-size=150" },
    ],
  ] as const)
    it(`that ${name}, twice: the run ends with 1, the slice, why, and what to do; nothing is left behind`, async () => {
      const cwd = prepared(act)
      const before = listing(cwd)
      const { code, stderr, stdout } = await cli(buildChats("--workers", "2", "--quiet"), { cwd, env })
      assert.deepStrictEqual([code, stdout], [1, ""])
      const [warning, error, ...more] = lineOf(stderr)
        .split("\n")
        .filter((line) => line.startsWith("data-toolbox"))
      assert.match(
        warning ?? "",
        /^data-toolbox: warning: a worker died on chats\.jsonl \(.*\); another one tries again$/,
      )
      assert.match(error ?? "", /^data-toolbox: a worker died twice on chats\.jsonl: /)
      assert.match(error ?? "", told)
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(settled(cwd), before)
    })

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)
    it(`that never ends is ended by ${signal} with the run; nothing is left behind`, async () => {
      const cwd = prepared('writeFileSync("reached", ""); for (;;) {}')
      const before = listing(cwd)
      const { child, done } = start(buildChats("--workers", "2", "--quiet"), { cwd })
      while (!existsSync(join(cwd, "reached"))) await sleep(5)
      child.kill(signal)
      const ran = await done
      assert.deepStrictEqual([ran.code, ran.signal, ran.stderr], [code, null, ""])
      assert.deepStrictEqual(
        settled(cwd).filter((line) => !line.startsWith("reached ")),
        before,
      )
    })
})

describe("the process itself", () => {
  it("that a plug-in ends does not end well, and says so", async () => {
    const cwd = prepared("process.exit(0)")
    const { code, stderr } = await cli(buildChats("--quiet"), { cwd })
    assert.strictEqual(code, 1)
    assert.match(stderr, /^data-toolbox: something ended the process before the work was done/)
    assert.isFalse(existsSync(join(cwd, "out.jsonl")))
  })

  for (const [name, act] of [
    ["a promise", 'Promise.reject(new Error("nobody listens"))'],
    ["a timer", 'setTimeout(() => { throw new Error("nobody listens") }, 0)'],
  ] as const)
    it(`where ${name} of a plug-in fails that nobody waits for: one line, code 1, and nothing is left behind`, async () => {
      // What is still to be read, or the run would be over before.
      const cwd = prepared(`${act}; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)`)
      const before = listing(cwd)
      const { code, stderr, stdout } = await cli(buildChats("--quiet"), { cwd })
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.strictEqual(stderr, "data-toolbox: an error that nobody caught: nobody listens (--verbose tells where)\n")
      assert.deepStrictEqual(settled(cwd), before)
    })
})

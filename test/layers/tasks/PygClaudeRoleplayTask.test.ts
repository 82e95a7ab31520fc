import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { PygClaude, type PygClaudeRecord } from "../../../src/layers/datasets/PygClaude.ts"
import { PygClaudeRoleplayTask as task } from "../../../src/layers/tasks/PygClaudeRoleplayTask.ts"
import { filesInput, openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { shared } from "../../support/shared.ts"

const chat = (texts: ReadonlyArray<string>, persona?: string, userName = "You"): PygClaudeRecord => ({
  messages: texts.map((text, i) => ({ text, isUser: i % 2 === 1, name: i % 2 === 1 ? userName : "Iris" })),
  fileName: "a.jsonl",
  ...(persona === undefined ? {} : { persona }),
})

describe("PygClaudeRoleplayTask", () => {
  it("C-20: the identifier is the file's name", () => {
    assert.strictEqual(runTask(task, chat(["a", "b"])).id, "pygclaude-rp-a.jsonl")
  })

  it("leaves out logs of one message or one speaker", () => {
    assert.strictEqual(skipOf(runTask(task, chat(["a"]))), "tooFewMessages")
    const alone = {
      fileName: "a",
      messages: [
        { text: "a", isUser: true },
        { text: "b", isUser: true },
      ],
    }
    assert.strictEqual(skipOf(runTask(task, alone)), "oneSpeaker")
  })

  it("a persona follows the prompt on a line of its own after a lead-in, with the names put in", () => {
    const run = openTask(task)
    const prompts = Array.from({ length: 30 }, (_, i) =>
      promptOf(run({ ...chat(["a", "b"], "{{char}} fears {{user}}.", "Tom"), fileName: `${i}` })),
    )
    for (const prompt of prompts) {
      assert.match(prompt as string, /\n[^\n]*Iris[^\n]*: Iris fears Tom\.$/)
      assert.notMatch(prompt as string, /\{\{(?:char|user|persona)\}\}/)
    }
    assert.isAbove(new Set(prompts).size, 10)
  })

  it("a user called You, in any case, or nameless is the user", () => {
    for (const name of ["You", "YOU", "you"]) {
      assert.strictEqual(
        promptOf(runTask(task, chat(["a", "b"], undefined, name), { customPrompts: ["{{char}} and {{user}}"] })),
        "Iris and the user",
      )
    }
    const nameless = {
      fileName: "a",
      messages: [
        { text: "a", isUser: false },
        { text: "b", isUser: true },
      ],
    }
    assert.strictEqual(
      promptOf(runTask(task, nameless, { customPrompts: ["{{char}} and {{user}}"] })),
      "the character and the user",
    )
  })

  it("C-12: custom prompts take the persona where they place it, and before the end otherwise", () => {
    const placed = runTask(task, chat(["a", "b"], "{{char}} is shy."), {
      customPrompts: ["Hint: {{persona}} {{response_style_str}}"],
    })
    assert.strictEqual(promptOf(placed), "Hint: Iris is shy. {{response_style_str}}")
    const other = runTask(task, chat(["a", "b"], "Shy."), { customPrompts: ["Play."] })
    assert.match(promptOf(other) as string, /^Play\.\n.*Iris.*: Shy\.$/)
  })

  it("T-24: placeholders in turns stay, or are replaced by the names that are known", () => {
    const texts = ["{{user}}, I am {{char}}", "b"]
    assert.strictEqual(textsOf(runTask(task, chat(texts)))[0]?.[1], "{{user}}, I am {{char}}")
    assert.strictEqual(
      textsOf(runTask(task, chat(texts, undefined, "$& Tom"), { names: "replace" }))[0]?.[1],
      "$& Tom, I am Iris",
    )
    assert.strictEqual(textsOf(runTask(task, chat(texts), { names: "replace" }))[0]?.[1], "{{user}}, I am Iris")
  })

  it("T-25: turns bear real names or none", () => {
    const episode = shapedOf(runTask(task, chat(["a", "b", "c"])))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.map(({ name }) => name),
      [undefined, "Iris", undefined, "Iris"],
    )
  })

  it("C-5: arbitrary texts and names never throw", () => {
    const text = fc.string({ unit: "binary" })
    fc.assert(
      fc.property(
        fc.array(fc.record({ text, isUser: fc.boolean(), name: text }), { maxLength: 5 }),
        text,
        (messages, persona) => {
          const { result } = runTask(task, { messages, persona, fileName: "x" })
          assert.isTrue("turns" in result || "skip" in result)
        },
      ),
    )
  })

  it.skipIf(!existsSync(shared("raw/claude_pygsubmitted")))("makes episodes of the sample tree", () => {
    const root = shared("raw/claude_pygsubmitted")
    const files: { [file: string]: string } = {}
    for (const folder of ["public", "private"]) {
      for (const name of readdirSync(`${root}/${folder}`))
        files[`${folder}/${name}`] = readFileSync(`${root}/${folder}/${name}`, "utf8")
    }
    const run = openTask(task)
    const made = readSlice(PygClaude, filesInput(files)).records.map(({ record }) => run(record))
    assert.strictEqual(new Set(made.map(({ id }) => id)).size, 150)
    assert.isAbove(made.filter((one) => skipOf(one) === undefined && typeof shapedOf(one) !== "string").length, 120)
  })
})

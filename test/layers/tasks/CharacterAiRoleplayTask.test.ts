import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import type { SideFile } from "../../../src/domain/Component.ts"
import { CharacterAi, type CharacterAiRecord } from "../../../src/layers/datasets/CharacterAi.ts"
import { CharacterAiRoleplayTask as task } from "../../../src/layers/tasks/CharacterAiRoleplayTask.ts"
import {
  bytes,
  decodeOptions,
  filesInput,
  openTask,
  promptOf,
  readSlice,
  runTask,
  shapedOf,
  skipOf,
  textsOf,
} from "../harness.ts"
import { shared } from "../../support/shared.ts"

const chat = (texts: ReadonlyArray<string>, more: Partial<CharacterAiRecord> = {}): CharacterAiRecord => ({
  bot: { name: "Iris", description: "A quiet map maker named {{char}}." },
  messages: texts.map((text, i) => ({ text, isHuman: i % 2 === 1 })),
  timestamp: 1000,
  fileName: "1000_x.json",
  ...more,
})
const first = (text: string, run = {}) => textsOf(runTask(task, chat([text, "ok"]), run))[0]?.[1]

describe("CharacterAiRoleplayTask", () => {
  it("C-20: identifiers tell the time, the bot and the history, or the file where the time is unknown", () => {
    assert.strictEqual(runTask(task, chat(["a", "b"])).id, "characterai-1000-Iris")
    assert.strictEqual(runTask(task, chat(["a", "b"], { history: 1 })).id, "characterai-1000-Iris-1")
    const { timestamp: _, ...untimed } = chat(["a", "b"])
    assert.strictEqual(runTask(task, untimed).id, "characterai-1000_x.json-Iris")
  })

  it("leaves out chats without description, of one message, of one speaker, and after the cutoff", () => {
    assert.strictEqual(skipOf(runTask(task, chat(["a", "b"], { bot: { name: "Iris" } }))), "noDescription")
    assert.strictEqual(
      skipOf(runTask(task, chat(["a", "b"], { bot: { name: "Iris", description: " " } }))),
      "noDescription",
    )
    assert.strictEqual(skipOf(runTask(task, chat(["a"]))), "tooFewMessages")
    const alone = chat([], {
      messages: [
        { text: "a", isHuman: false },
        { text: "b", isHuman: false },
      ],
    })
    assert.strictEqual(skipOf(runTask(task, alone)), "oneSpeaker")
    assert.strictEqual(skipOf(runTask(task, chat(["a", "b"]), { options: { timestamp_cutoff: 999 } })), "afterCutoff")
    assert.strictEqual(skipOf(runTask(task, chat(["a", "b"]), { options: { timestamp_cutoff: 1000 } })), undefined)
    assert.strictEqual(decodeOptions(task.options, {})["timestamp_cutoff"], -1)
  })

  it("D-10: with a cutoff a chat of unknown time is kept and counted", () => {
    const { timestamp: _, ...untimed } = chat(["a", "b"])
    const made = runTask(task, untimed, { options: { timestamp_cutoff: 5 } })
    assert.strictEqual(skipOf(made), undefined)
    assert.deepStrictEqual(made.repairs, { unknownTimestampKept: 1 })
  })

  it("the bot is the model, speaks first, and bears its name; a trailing user turn goes later", () => {
    const episode = shapedOf(runTask(task, chat(["Hello", "Hi", "Well?", "bye"])))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(episode.turns.slice(1), [
      { kind: "model", text: "Hello", name: "Iris" },
      { kind: "user", text: "Hi" },
      { kind: "model", text: "Well?", name: "Iris" },
    ])
  })

  it("C-24, T-14: neighbours of one speaker become one turn", () => {
    const record = chat([], {
      messages: [
        { text: "a", isHuman: false },
        { text: "b", isHuman: true },
        { text: "c", isHuman: true },
        { text: "d", isHuman: false },
      ],
    })
    const episode = shapedOf(runTask(task, record))
    if (typeof episode === "string") throw new Error(episode)
    assert.deepStrictEqual(
      episode.turns.slice(1).map(({ text }) => text),
      ["a", "b\nc", "d"],
    )
  })

  it("T-13: literal line breaks, tildes and dashes are unescaped with one backslash or two", () => {
    assert.strictEqual(first("One.\\nTwo.\\\\nThree \\~ \\\\- x"), "One.\nTwo.\nThree ~ - x")
  })

  it("T-13: a single leading dash goes; lists, rules and paragraphs stay", () => {
    assert.strictEqual(first("A\n\n- Hello there"), "A\n\nHello there")
    assert.strictEqual(first("A\n\n- one\n- two"), "A\n\n- one\n- two")
    assert.strictEqual(first("A\n\n- one\n\n- two\n\n- three"), "A\n\n- one\n\n- two\n\n- three")
    assert.strictEqual(first("A\n\n---\n\nB"), "A\n\n---\n\nB")
  })

  it("T-13: runs of blanks collapse, line ends are trimmed, ellipses and em dashes are plain", () => {
    assert.strictEqual(first("a    b   c  \nd… e — f"), "a b c\nd... e - f")
  })

  it("T-13: literal line breaks are never more than one blank line, and none is left at the ends", () => {
    assert.strictEqual(first("One.\\n\\n\\n\\nTwo.\\n \\n \\nThree.\\n\\n"), "One.\n\nTwo.\n\nThree.")
    assert.strictEqual(first("One.\n\\n\\nTwo."), "One.\n\nTwo.")
  })

  it("T-13: an em dash between clauses becomes a hyphen with blanks, elsewhere one without", () => {
    for (const [text, expected] of [
      ["a creature—a thing", "a creature - a thing"],
      ["a creature — a thing", "a creature - a thing"],
      ["a creature —a thing", "a creature - a thing"],
      ["yes?—no", "yes? - no"],
      ["wait——what", "wait - what"],
      ['"But I—" he said', '"But I-" he said'],
      ['"Well —" he said', '"Well -" he said'],
      ['"— Hello" he said', '"- Hello" he said'],
      ['"—and then"', '"-and then"'],
      ["he left —\nthen", "he left -\nthen"],
      ["— one\n— two", "- one\n- two"],
      ["A\n\n———\n\nB", "A\n\n---\n\nB"],
    ] as const)
      assert.strictEqual(first(text), expected, text)
  })

  it("redaction markers become {{user}}, in messages and in the persona", () => {
    for (const marker of [
      "NAME_IN_MESSAGE_REDACTED",
      "REDACTED",
      "FIRST_NAME_REDACTED",
      "USERNAME_REDACTED",
      "NAME_REDACTED",
    ]) {
      assert.strictEqual(first(`Hi [${marker}]!`), "Hi {{user}}!")
    }
    const record = chat(["a", "b"], { bot: { name: "Iris", description: "Loves [NAME_REDACTED]." } })
    assert.strictEqual(promptOf(runTask(task, record, { customPrompts: ["{{persona}}"] })), "Loves {{user}}.")
  })

  it("T-24: names in turns follow the switch", () => {
    assert.strictEqual(first("I am {{char}}, {{user}}"), "I am {{char}}, {{user}}")
    assert.strictEqual(first("I am {{char}}, {{user}}", { names: "replace" }), "I am Iris, {{user}}")
  })

  it("C-12: custom prompts get the same values, and hints stay open", () => {
    const made = runTask(task, chat(["a", "b"]), {
      customPrompts: ["Be {{char}}: {{persona}} {{response_length_str}}"],
    })
    assert.strictEqual(promptOf(made), "Be Iris: A quiet map maker named Iris. {{response_length_str}}")
  })

  it("C-15: the prompt depends on the record alone, and many are in use", () => {
    const run = openTask(task)
    const prompts = Array.from({ length: 40 }, (_, i) => promptOf(run(chat(["a", "b"], { timestamp: i }))))
    assert.isAbove(new Set(prompts).size, 10)
    assert.deepStrictEqual(prompts.slice(5, 6), [promptOf(openTask(task)(chat(["a", "b"], { timestamp: 5 })))])
    assert.isTrue(
      prompts.every(
        (prompt) => prompt !== undefined && !prompt.includes("{{persona}}") && !prompt.includes("{{char}}"),
      ),
    )
  })

  it("C-5: arbitrary texts never throw", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 5 }),
        fc.string({ unit: "binary" }),
        (texts, name) => {
          const made = runTask(task, chat(texts, { bot: { name, description: name } }))
          assert.isTrue("turns" in made.result || "skip" in made.result)
        },
      ),
    )
  })

  it("U-10: a megabyte of blanks, dashes or backslashes takes no longer than its length", () => {
    for (const part of [" ", "\t", "- \n", "\\n", "\\", "—", "a—", " —", "…", " \n", "[NAME", ". "]) {
      const text = `x\n${part.repeat(1_000_000 / part.length)}x`
      const from = performance.now()
      first(text)
      assert.isBelow(performance.now() - from, 5000, JSON.stringify(part))
    }
  }, 60_000)

  it.skipIf(!existsSync(shared("raw/characterai")))("makes episodes of the sample tree", async () => {
    const root = shared("raw/characterai")
    const files: { [file: string]: string } = {}
    for (const folder of ["public", "private"]) {
      for (const name of readdirSync(`${root}/${folder}`))
        files[`${folder}/${name}`] = readFileSync(`${root}/${folder}/${name}`, "utf8")
    }
    async function* contents(): AsyncGenerator<SideFile> {
      for (const [file, content] of Object.entries(files)) yield { file, bytes: bytes(content) }
    }
    const { value } = await CharacterAi.sideInput!(contents())
    const { records } = readSlice(CharacterAi, filesInput(files), { side: value })
    const run = openTask(task)
    const made = records.map(({ record }) => run(record))
    const used = made.filter((one) => skipOf(one) === undefined)
    assert.strictEqual(new Set(made.map(({ id }) => id)).size, 404)
    assert.isAbove(used.length, 300)
    assert.isFalse(used.some((one) => textsOf(one).some(([, text]) => text.includes("REDACTED"))))
  })
})

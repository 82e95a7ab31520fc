import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { Teatime, type TeatimeRecord } from "../../../src/layers/datasets/Teatime.ts"
import { TeatimeRoleplayTask as task } from "../../../src/layers/tasks/TeatimeRoleplayTask.ts"
import { decodeOptions, openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { shared } from "../../support/shared.ts"

const roles = { s: "system", u: "user", a: "assistant" } as const
const marker = "[Start a new chat]"

type Message = readonly [keyof typeof roles, string | null]

const log = (chat: ReadonlyArray<Message>, more: Partial<TeatimeRecord> = {}): TeatimeRecord => ({
  model: "claude-1.2",
  extracted_from: "log_a.json",
  chat: chat.map(([role, content]) => ({ role: roles[role], content })),
  ...more,
})

const talk: ReadonlyArray<Message> = [
  ["u", "Hi."],
  ["a", "Hello."],
]
const told = (...chat: ReadonlyArray<Message>) => textsOf(runTask(task, log(chat)))
/** The prompt that a system message becomes. */
const systemFor = (text: string, run = {}) => textsOf(runTask(task, log([["s", text], ...talk]), run))[0]?.[1]
/** What becomes of a user's message. */
const saidFor = (text: string, run = {}) =>
  textsOf(
    runTask(
      task,
      log([
        ["s", "p"],
        ["u", text],
        ["a", "b"],
      ]),
      run,
    ),
  )[1]?.[1]

describe("TeatimeRoleplayTask", () => {
  it("the identifier names the source and the number of the chat in it", () => {
    assert.strictEqual(runTask(task, log(talk, { n: 3 })).id, "teatime-log_a.json-3")
    assert.strictEqual(runTask(task, log(talk)).id, "teatime-log_a.json-1")
    assert.strictEqual(runTask(task, log(talk, { extracted_from: "a\nb", n: 1 })).id, "teatime-a b-1")
  })

  it("C-11: only chats of allowed models are used, four of them by default", () => {
    for (const model of ["claude-v1-100k", "claude-v1.2", "claude-1.3-100k", "claude-1.2"]) {
      assert.strictEqual(skipOf(runTask(task, log(talk, { model }))), undefined)
    }
    for (const model of ["gpt-4-0314", "claude-1.20", "Claude-1.2", ""]) {
      assert.strictEqual(skipOf(runTask(task, log(talk, { model }))), "modelNotAllowed")
    }
    const options = { allowed_models: ["gpt-4-0314"] }
    assert.strictEqual(skipOf(runTask(task, log(talk, { model: "gpt-4-0314" }), { options })), undefined)
    assert.strictEqual(skipOf(runTask(task, log(talk), { options })), "modelNotAllowed")
    assert.lengthOf(decodeOptions(task.options, { allowed_models: null })["allowed_models"] as Array<string>, 4)
  })

  it("C-28: two openings of the task share nothing", () => {
    const one = openTask(task, { options: { allowed_models: ["gpt-4-0314"] } })
    const other = openTask(task)
    assert.strictEqual(skipOf(one(log(talk))), "modelNotAllowed")
    assert.strictEqual(skipOf(other(log(talk))), undefined)
    assert.strictEqual(skipOf(one(log(talk, { model: "gpt-4-0314" }))), undefined)
  })

  it("T-1: each of two chats without markers has its own prompt", () => {
    const run = openTask(task)
    assert.deepStrictEqual(textsOf(run(log([["s", "One."], ...talk])))[0], ["s", "One."])
    assert.deepStrictEqual(textsOf(run(log([["s", "Two."], ...talk])))[0], ["s", "Two."])
  })

  it("T-1: a chat without a system message gets a prompt of the pool", () => {
    const run = openTask(task)
    run(log([["s", "One."], ...talk]))
    const made = run(log(talk))
    assert.deepStrictEqual(textsOf(made), [
      ["u", "Hi."],
      ["m", "Hello."],
    ])
    assert.notInclude(promptOf(made), "One.")
    assert.isAbove(promptOf(made)?.length ?? 0, 10)
    assert.isAbove(promptOf(runTask(task, log([["s", marker], ...talk])))?.length ?? 0, 10)
  })

  it("two system messages at the beginning are one prompt", () => {
    assert.deepStrictEqual(told(["s", "a \n"], ["s", " b"], ...talk)[0], ["s", "a\nb"])
    assert.deepStrictEqual(told(["s", "a"], ["s", marker], ...talk)[0], ["s", "a"])
    assert.deepStrictEqual(told(["s", "a"], ["s", "b"], ["s", marker], ...talk), [
      ["s", "a\nb"],
      ["u", "Hi."],
      ["m", "Hello."],
    ])
  })

  it("example chats, up to the last marker message, are cut and told", () => {
    const made = runTask(
      task,
      log([["s", "p"], ["s", marker], ["u", "ex"], ["a", "ample"], ["s", ` ${marker}\n`], ...talk]),
    )
    assert.deepStrictEqual(textsOf(made), [
      ["s", "p"],
      ["u", "Hi."],
      ["m", "Hello."],
    ])
    assert.deepStrictEqual(made.cuts, [{ reason: "exampleChat", turns: 2 }])
    assert.deepStrictEqual(runTask(task, log([["s", "p"], ["s", marker], ...talk])).cuts, [])
  })

  it("T-7: a marker inside a longer text is no border and goes from the prompt", () => {
    assert.strictEqual(systemFor(`Play Iris.\n${marker}`), "Play Iris.")
    assert.deepStrictEqual(told(["s", "p"], ["u", `x ${marker} y`], ["a", "b"]), [
      ["s", "p"],
      ["u", `x ${marker} y`],
      ["m", "b"],
    ])
    assert.deepStrictEqual(told(["s", "p"], ["u", marker], ["u", "x"], ["a", "b"]).slice(-2), [
      ["u", "x"],
      ["m", "b"],
    ])
  })

  it("T-7: a lost last answer takes its question along and leaves the prompt", () => {
    assert.deepStrictEqual(told(["s", "p"], ...talk, ["u", "lost"], ["a", null]), [
      ["s", "p"],
      ["u", "Hi."],
      ["m", "Hello."],
    ])
    assert.deepStrictEqual(told(["s", "p"], ...talk, ["u", null]), [
      ["s", "p"],
      ["u", "Hi."],
      ["m", "Hello."],
    ])
  })

  it("T-7: short chats are left out", () => {
    assert.strictEqual(skipOf(runTask(task, log([]))), "tooFewMessages")
    assert.strictEqual(skipOf(runTask(task, log([["s", "p"]]))), "tooFewMessages")
    assert.strictEqual(
      skipOf(
        runTask(
          task,
          log([
            ["s", "p"],
            ["u", "a"],
          ]),
        ),
      ),
      "tooFewMessages",
    )
    assert.strictEqual(
      skipOf(
        runTask(
          task,
          log([
            ["s", "p"],
            ["a", "a"],
            ["a", "b"],
          ]),
        ),
      ),
      "oneSpeaker",
    )
    assert.strictEqual(
      skipOf(
        runTask(
          task,
          log([
            ["s", "p"],
            ["u", "a"],
            ["a", " \n"],
          ]),
        ),
      ),
      "tooFewMessages",
    )
  })

  it("T-7, C-12: a custom prompt replaces the system messages after the same steps", () => {
    const record = log([["s", "p"], ["s", marker], ["u", "ex"], ["a", "ample"], ["s", marker], ...talk])
    const made = runTask(task, record, { customPrompts: ["Play with {{user}}."] })
    assert.strictEqual(promptOf(made), "Play with {{user}}.")
    assert.deepStrictEqual(textsOf(made), [
      ["u", "Hi."],
      ["m", "Hello."],
    ])
  })

  it("T-8: messages that are one bracket are left out, unless all are", () => {
    assert.deepStrictEqual(told(["s", "p"], ["u", "[OOC: wait]"], ["u", "Hi."], ["a", "Yo [waves]"], ["a", "[note]"]), [
      ["s", "p"],
      ["u", "Hi."],
      ["m", "Yo [waves]"],
    ])
    assert.deepStrictEqual(told(["s", "p"], ["u", "[a]"], ["a", "[b]"]), [
      ["s", "p"],
      ["u", "[a]"],
      ["m", "[b]"],
    ])
  })

  it("later system messages are left out", () => {
    assert.deepStrictEqual(
      told(["s", "p"], ["u", "a"], ["s", "be brief"], ["a", "b"]).map(([kind]) => kind),
      ["s", "u", "m"],
    )
  })

  it("T-9: directives are unwrapped, notes to the model removed", () => {
    assert.strictEqual(systemFor("[Human: be Iris]\nHuman: [be kind] [S1: x] S1: [y]"), "be Iris\nbe kind x y")
    assert.strictEqual(systemFor("a [Assistant: no]\n\nb\nAssistant: [no]\nc [Note: no]d Note: [no]"), "a b\nc d")
    for (const text of ["[Humans: x] XHuman: [y]", "[Note: a [b] c]"]) assert.strictEqual(systemFor(text), text)
  })

  it("T-10: an open {{user} is closed, a closed one stays", () => {
    assert.strictEqual(systemFor("{{user}} {{user} x"), "{{user}} {{user}} x")
    assert.strictEqual(systemFor("{{user}"), "{{user}}")
  })

  it("T-11: line ends are unified, whatever the clean-up; a literal one that begins no word goes", () => {
    for (const clean of ["original", "off"] as const) {
      assert.strictEqual(saidFor("a\r\nb\rc\nd", { clean }), "a\nb\nc\nd")
      assert.strictEqual(saidFor("a\\r\nb\\r\r\nc\\r", { clean }), "a\nb\nc")
      assert.strictEqual(saidFor("C:\\root", { clean }), "C:\\root")
    }
  })

  it("T-11: the prompt is cleaned as the messages are", () => {
    assert.strictEqual(systemFor("itâ€™s\r\nwait....what"), "it's\nwait... what")
    assert.strictEqual(saidFor("  itâ€™s   so "), "it's so")
  })

  it("T-24: {{user}} stays, or becomes User in prompt and turns alike", () => {
    assert.strictEqual(saidFor("I am {{user}}"), "I am {{user}}")
    assert.strictEqual(saidFor("I am {{user}}", { names: "replace" }), "I am User")
    assert.strictEqual(systemFor("With {{user}.", { names: "replace" }), "With User.")
    assert.strictEqual(promptOf(runTask(task, log(talk), { names: "replace", customPrompts: ["{{user}}"] })), "User")
  })

  it("C-5: arbitrary chats never throw", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(marker, "[a]", "[Human: ", "{{user}", "", "\\r"),
    )
    const message = fc.tuple(fc.constantFrom<keyof typeof roles>("s", "u", "a"), fc.option(text))
    const run = openTask(task)
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (chat) => {
        const made = run(log(chat))
        if (skipOf(made) === undefined) {
          const kinds = new Set(textsOf(made).map(([kind]) => kind))
          assert.isTrue(kinds.has("u") && kinds.has("m"))
          assert.strictEqual(kinds.has("s"), promptOf(made) === undefined)
        }
      }),
    )
  })

  it("U-10: a megabyte of hostile prompt takes no longer than its length", () => {
    for (const unit of ["[Human: ", "Human: [", "[Note: x]\n", "{{user}", "\\r", "S1: [", "[", "]"]) {
      const from = performance.now()
      systemFor(unit.repeat(2 ** 20 / unit.length))
      assert.isBelow(performance.now() - from, 5000, unit)
    }
  }, 60_000)

  it.skipIf(!existsSync(shared("raw/teatime")))("makes episodes of the allowed models of the 200 sample chats", () => {
    const text = readFileSync(shared("raw/teatime/all_logs_longest.json"), "utf8")
    const elements = JSON.parse(text) as ReadonlyArray<TeatimeRecord>
    const { bad, records } = readSlice(Teatime, elementsInput("all_logs_longest.json", elements))
    assert.deepStrictEqual([bad.length, records.length], [0, 200])
    const run = openTask(task)
    const made = records.map(({ record }) => run(record))
    assert.strictEqual(new Set(made.map(({ id }) => id)).size, 200)
    assert.strictEqual(made.filter((one) => skipOf(one) === "modelNotAllowed").length, 75)
    const used = made.filter((one) => skipOf(one) === undefined)
    assert.isAbove(used.length, 110)
    assert.isFalse(used.some((one) => textsOf(one).some(([, turn]) => turn.trim() === marker)))
    assert.isAbove(used.filter((one) => typeof shapedOf(one) !== "string").length, 110)
  })
})

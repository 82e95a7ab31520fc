import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { OpenCai, type OpenCaiRecord } from "../../../src/layers/datasets/OpenCai.ts"
import { OpenCaiRoleplayTask as task } from "../../../src/layers/tasks/OpenCaiRoleplayTask.ts"
import { decodeOptions, openTask, promptOf, readSlice, runTask, shapedOf, skipOf, textsOf } from "../harness.ts"
import { elementsInput } from "../../support/inputs.ts"
import { shared } from "../../support/shared.ts"

const cast = [
  { bot_name: "Iris", bot_description: "Map maker" },
  { bot_name: "Tom", bot_description: "Sailor" },
]

/** A chat from `author: message` lines. */
const chat = (...lines: ReadonlyArray<string>): OpenCaiRecord => ({
  characters: cast,
  conversations: lines.map((line) => {
    const at = line.indexOf(":")
    return { author: line.slice(0, at), message: line.slice(at + 1) }
  }),
})

const turnsOf = (record: OpenCaiRecord, run = {}) => {
  const episode = shapedOf(runTask(task, record, run))
  if (typeof episode === "string") throw new Error(episode)
  return episode.turns.slice(1).map(({ kind, text }) => `${kind[0]}:${text}`)
}

/** What becomes of one message that B answers. */
const cleaned = (message: string) => turnsOf(chat("A:start", `A:${message}`, "B:b"))[0]?.slice("u:start ".length)

describe("OpenCaiRoleplayTask", () => {
  it("the identifier is the position of the chat", () => {
    assert.strictEqual(runTask(task, chat("A:a", "B:b"), { unit: "9" }).id, "opencai-9")
  })

  it("tells everybody who wrote, on either side, so that they can be anonymised", () => {
    const { result } = runTask(task, chat("ann_1:a", "ben_2:b", "ann_1:c", "cid_3:d"))
    assert.deepStrictEqual("turns" in result ? result.people : [], ["ann_1", "ben_2", "cid_3"])
  })

  it("T-3, T-4: with two authors the last speaker is the model, and the last block is kept", () => {
    assert.deepStrictEqual(turnsOf(chat("A:a1", "B:b1", "A:a2", "B:b2")), ["u:a1", "m:b1", "u:a2", "m:b2"])
    assert.deepStrictEqual(turnsOf(chat("A:a1", "B:b1", "A:a2")), ["m:a1", "u:b1", "m:a2"])
    assert.deepStrictEqual(turnsOf(chat("A:a1", "B:b1")), ["u:a1", "m:b1"])
  })

  it("T-5: messages are left out first, then grouped by author", () => {
    assert.deepStrictEqual(turnsOf(chat("A:a1", "MEE6:level up", "A:a2", "B:b1", "A:a3", "B:b2")), [
      "u:a1 a2",
      "m:b1",
      "u:a3",
      "m:b2",
    ])
    assert.deepStrictEqual(turnsOf(chat("A:a1", "B:{Attachment}\nhttps://x.y/z.png", "B:b1")), ["u:a1", "m:b1"])
    assert.deepStrictEqual(turnsOf(chat("A:a1", "B:b1", "A:{Attachment}", "B:b2")), ["u:a1", "m:b1 b2"])
  })

  it("T-5: messages of bots and attachments that are left out are told, blank ones are not", () => {
    const record = chat("A:a1", "MEE6:level up", "A:{Attachment}\nx.png", "MEE6:level 2", "MEE6: ", "B: ", "B:b1")
    const made = runTask(task, record)
    assert.deepStrictEqual(textsOf(made), [
      ["u", "a1"],
      ["m", "b1"],
    ])
    assert.deepStrictEqual(made.cuts, [
      { reason: "botMessage", turns: 2 },
      { reason: "attachment", turns: 1 },
    ])
    assert.deepStrictEqual(runTask(task, chat("A:a", "B:", "B:b")).cuts, [])
  })

  it("T-5: a chat that is left out as a whole tells no messages", () => {
    const made = runTask(task, chat("A:a", "MEE6:level up", "B:{Attachment}"))
    assert.strictEqual(skipOf(made), "tooFewMessages")
    assert.deepStrictEqual(made.cuts, [])
  })

  it("T-5: a turn bears the name of its own author", () => {
    const { result } = runTask(task, chat("A:a", "B:b"))
    assert.deepStrictEqual("turns" in result && result.turns, [
      { kind: "user", text: "a", name: "A" },
      { kind: "model", text: "b", name: "B" },
    ])
  })

  it("T-2: blank messages, the placeholder, and messages that cleaning empties are left out", () => {
    const empty = ["", " \n", "```\u200b```", "```\n\u200b\n```", "http://a.b/c", "{Embed}\n", "\u200b"]
    for (const message of empty) {
      assert.deepStrictEqual(turnsOf(chat("A:a1", `B:${message}`, "A:a2", "B:b")), ["u:a1 a2", "m:b"], message)
      assert.strictEqual(skipOf(runTask(task, chat("A:a1", `B:${message}`))), "tooFewMessages", message)
    }
    assert.deepStrictEqual(turnsOf(chat("A:```code```", "B:b")), ["u:```code```", "m:b"])
  })

  it("links and embed marks go, and the rest is cleaned", () => {
    assert.strictEqual(cleaned("see http://a.b/c now"), "see now")
    assert.strictEqual(cleaned("{Embed}\nhi {Embed}"), "hi")
    assert.strictEqual(cleaned("“wait....what” it’s"), `"wait... what" it's`)
  })

  it("leaves out chats of one message or one author", () => {
    assert.strictEqual(skipOf(runTask(task, chat("A:a"))), "tooFewMessages")
    assert.strictEqual(skipOf(runTask(task, chat("A:a", "A:b"))), "oneSpeaker")
    assert.strictEqual(skipOf(runTask(task, chat())), "tooFewMessages")
  })

  it("T-4: of three authors the one with most words is the model; the others say who speaks", () => {
    const record = chat("A:a one", "B:b says a good deal more", "C:c", "C:d", "B:e")
    assert.deepStrictEqual(turnsOf(record), ["u:A: a one", "m:b says a good deal more", "u:C: c d", "m:e"])
    assert.deepStrictEqual(turnsOf(chat("A:a", "C:c", "B:b b b"), {}), ["u:A: a\nC: c", "m:b b b"])
  })

  it("T-4: of three authors the last can be the model, or the chat is left out", () => {
    const record = chat("A:a one two three", "B:b", "C:c")
    assert.deepStrictEqual(turnsOf(record, { options: { speakers: "last" } }), ["u:A: a one two three\nB: b", "m:c"])
    assert.strictEqual(skipOf(runTask(task, record, { options: { speakers: "skip" } })), "tooManySpeakers")
    assert.strictEqual(skipOf(runTask(task, chat("A:a", "B:b"), { options: { speakers: "skip" } })), undefined)
    assert.throws(() => decodeOptions(task.options, { speakers: "first" }))
  })

  it("T-4: of equally many words the last speaker's count", () => {
    assert.deepStrictEqual(turnsOf(chat("A:a", "B:b", "C:c")), ["u:A: a\nB: b", "m:c"])
  })

  it("the cast stands below the prompt, one paragraph a character", () => {
    const run = openTask(task)
    for (let i = 0; i < 20; i++) {
      assert.match(promptOf(run(chat("A:a", `B:b${i}`))) ?? "", /\nIris: Map maker\n\nTom: Sailor$/)
    }
    const cleanedCast = { ...chat("A:a", "B:b"), characters: [{ bot_name: " Iris ", bot_description: "it’s\r\nher " }] }
    assert.match(promptOf(runTask(task, cleanedCast)) ?? "", /\nIris: it's\nher$/)
  })

  it("C-12: a custom prompt places the cast where it wants it, or gets it below", () => {
    const record = chat("A:a", "B:b")
    assert.strictEqual(
      promptOf(runTask(task, record, { customPrompts: ["Cast: {{characters}}. {{response_length_str}}"] })),
      "Cast: Iris: Map maker\n\nTom: Sailor. {{response_length_str}}",
    )
    assert.strictEqual(
      promptOf(runTask(task, record, { customPrompts: ["Play. {{response_length_str}}"] })),
      "Play. {{response_length_str}}\nIris: Map maker\n\nTom: Sailor",
    )
    assert.strictEqual(promptOf(runTask(task, { ...record, characters: [] }, { customPrompts: ["Play."] })), "Play.")
  })

  it("C-8: a cast is put in as it is, even where it looks like a template", () => {
    const record = {
      ...chat("A:a", "B:b"),
      characters: [{ bot_name: "I", bot_description: "%{a|b} {{characters}} $&" }],
    }
    assert.strictEqual(
      promptOf(runTask(task, record, { customPrompts: ["{{characters}}"] })),
      "I: %{a|b} {{characters}} $&",
    )
  })

  it("C-5: arbitrary texts and authors never throw, and no turn is blank", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("{Attachment}", "http://", "``` ```", "{Embed}"),
    )
    const author = fc.oneof(fc.constantFrom("A", "B", "MEE6", "__proto__"), fc.string())
    const run = openTask(task)
    fc.assert(
      fc.property(
        fc.array(fc.record({ author, message: text }), { maxLength: 8 }),
        text,
        (conversations, description) => {
          const characters = [{ bot_name: description, bot_description: description }]
          const { result } = run({ characters, conversations })
          if ("turns" in result) assert.isTrue(result.turns.every((turn) => turn.text.trim() !== ""))
          else assert.isTrue("skip" in result)
        },
      ),
    )
  })

  it.skipIf(!existsSync(shared("raw/opencai")))("makes an episode of nearly all of the 300 sample chats", () => {
    const text = readFileSync(shared("raw/opencai/opencai_rp.json"), "utf8")
    const elements = JSON.parse(text) as ReadonlyArray<OpenCaiRecord>
    const { bad, records } = readSlice(OpenCai, elementsInput("opencai_rp.json", elements))
    assert.deepStrictEqual([bad.length, records.length], [0, 300])
    const run = openTask(task)
    const made = records.map(({ record }) => run(record)).filter((one) => skipOf(one) === undefined)
    assert.isAbove(made.length, 280)
    for (const one of made) {
      // The last speaker of two is the model, so nothing trails.
      assert.strictEqual(textsOf(one).at(-1)?.[0], "m")
      assert.isFalse(textsOf(one).some(([, turn]) => /https?:\/\/|\{Attachment\}/.test(turn)))
    }
  })
})

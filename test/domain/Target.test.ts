import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { readList } from "../../src/domain/Assets.ts"
import type { Loss } from "../../src/domain/Component.ts"
import { type Episode, isTrained, model, system, type Turn, user } from "../../src/domain/Conversation.ts"
import { compileTarget, greetingRules, targetProblems, type TargetRules } from "../../src/domain/Target.ts"
import { anyTurns } from "../support/examples.ts"

const format = (loss: Loss, greeting = true) => ({ name: "f", loss, takes: { greeting, alternatives: false } })

const aim = (
  rules: TargetRules,
  of: ReturnType<typeof format>,
  turns: ReadonlyArray<Turn>,
  prompt?: Episode["prompt"],
) => {
  const repairs: Array<string> = []
  const result = compileTarget(
    rules,
    of,
    42,
  )({ id: "e-1", turns, ...(prompt === undefined ? {} : { prompt }) }, (rule) => repairs.push(rule))
  return { result, repairs, turns: typeof result === "string" ? [] : result.episode.turns }
}

const greeted = [system("S"), model("G"), user("U"), model("M")]

describe("a greeting", () => {
  it("stays where the format takes it, and gets a user's opener where it does not", () => {
    assert.deepStrictEqual(aim({}, format("all"), greeted), {
      result: { episode: { id: "e-1", turns: greeted }, untrained: 0 },
      repairs: [],
      turns: greeted,
    })
    const { repairs, turns } = aim({}, format("all", false), greeted)
    assert.deepStrictEqual(repairs, ["openerAdded"])
    assert.deepStrictEqual([turns[0], ...turns.slice(2)], greeted)
    assert.strictEqual(turns[1]?.kind, "user")
    assert.include(readList("openers.txt"), turns[1]?.text)
  })

  it("the opener is the same each time, and not the same for all", () => {
    const opener = (id: string) => {
      const result = compileTarget(
        { greeting: "openerUser" },
        format("all"),
        42,
      )({ id, turns: greeted }, () => undefined)
      return typeof result === "string" ? result : result.episode.turns[1]?.text
    }
    assert.strictEqual(opener("a"), opener("a"))
    assert.isAbove(new Set(Array.from({ length: 50 }, (_, i) => opener(String(i)))).size, 5)
  })

  it("is masked, dropped, or folded into the system text, whatever made it", () => {
    assert.deepStrictEqual(aim({ greeting: "mask" }, format("turns"), greeted).turns[1], { ...model("G"), weight: 0 })
    assert.deepStrictEqual(aim({ greeting: "drop" }, format("all"), greeted).turns, [
      system("S"),
      user("U"),
      model("M"),
    ])
    const folded = aim({ greeting: "foldIntoSystem" }, format("all"), greeted)
    assert.deepStrictEqual(
      [folded.repairs, folded.turns],
      [["greetingFolded"], [system("S\n\nG"), user("U"), model("M")]],
    )
    const bare = aim({ greeting: "foldIntoSystem" }, format("all"), greeted.slice(1)).turns
    assert.deepStrictEqual(bare, [system("G"), user("U"), model("M")])
    const { result } = aim({ greeting: "foldIntoSystem" }, format("all"), [system(""), ...greeted.slice(1)], [
      "Be ",
      { hint: "response_style_str" },
    ] as Episode["prompt"])
    assert.deepStrictEqual((result as { episode: Episode }).episode.prompt, [
      "Be ",
      { hint: "response_style_str" },
      "\n\nG",
    ])
  })

  it("law: what is not there is not repaired, and nothing of the user's or the later model's is lost", () => {
    fc.assert(
      fc.property(anyTurns(), fc.constantFrom(...greetingRules), fc.boolean(), (given, greeting, takes) => {
        const { repairs, turns } = aim({ greeting }, format("turns", takes), given)
        const head = given[0]?.kind === "system" ? 1 : 0
        const hasGreeting = given[head]?.kind === "model"
        assert.strictEqual(repairs.length, hasGreeting && greeting !== "keep" ? 1 : 0)
        const later = given.slice(hasGreeting ? head + 1 : head)
        assert.deepStrictEqual(turns.slice(-later.length), later)
      }),
    )
  })
})

describe("turns that are trained", () => {
  const talk = [user("U1"), model("M1"), user("U2"), model("M2")]

  it("are all of the model's, or the last one, or the user's too", () => {
    const trained = (rules: TargetRules) => aim(rules, format("turns"), talk).turns.map((turn) => isTrained(turn))
    assert.deepStrictEqual(trained({}), [false, true, false, true])
    assert.deepStrictEqual(trained({ train: "last" }), [false, false, false, true])
    assert.deepStrictEqual(trained({ trainUser: true }), [true, true, true, true])
  })

  it("without any there is no row", () => {
    const none = talk.map((turn) => (turn.kind === "model" ? { ...turn, weight: 0 } : turn))
    for (const loss of ["last", "all", "turns"] as const)
      assert.strictEqual(aim({}, format(loss), none).result, "nothingTrained")
  })

  it("a format that trains the last turn ends with one that is trained", () => {
    const turns = [user("U1"), model("M1"), user("U2"), { ...model("M2"), weight: 0 }]
    assert.deepStrictEqual(aim({}, format("last"), turns).result, {
      episode: { id: "e-1", turns: turns.slice(0, 2) },
      untrained: 2,
    })
    assert.deepStrictEqual(aim({}, format("turns"), turns).turns, turns)
  })

  it("a format that trains every reply has no row for one that must not be, unless it is the last", () => {
    const first = [user("U1"), { ...model("M1"), weight: 0 }, user("U2"), model("M2")]
    assert.strictEqual(aim({}, format("all"), first).result, "untrainedTurn")
    const last = [user("U1"), model("M1"), user("U2"), { ...model("M2"), weight: 0 }]
    assert.deepStrictEqual(aim({}, format("all"), last).turns, last.slice(0, 2))
  })
})

describe("rules that a format cannot keep", () => {
  const keys = (rules: TargetRules, of: ReturnType<typeof format>) => targetProblems(rules, of).map(({ key }) => key)

  it("are told by their keys, with what to choose", () => {
    assert.deepStrictEqual(keys({ greeting: "keep" }, format("all", false)), ["greeting"])
    assert.deepStrictEqual(keys({ greeting: "mask", train: "last", trainUser: true }, format("all")), [
      "greeting",
      "train",
      "trainUser",
    ])
    assert.deepStrictEqual(keys({ greeting: "mask", train: "last", trainUser: true }, format("last")), ["trainUser"])
    assert.deepStrictEqual(keys({ greeting: "mask", train: "last", trainUser: true }, format("turns")), [])
    assert.deepStrictEqual(keys({}, format("all", false)), [])
    const [problem] = targetProblems({ greeting: "mask" }, format("all"))
    assert.match(
      problem?.message ?? "",
      /choose openerUser, foldIntoSystem or drop\. Formats that carry weights: openai-weighted/,
    )
  })
})

describe("neighbours of one speaker", () => {
  const turns = [user("U"), { ...user("V"), weight: 0 }, { ...model("A"), weight: 0 }, model("B")]

  it("are one turn where the format takes turns and both are trained, or neither", () => {
    assert.deepStrictEqual(aim({}, format("turns", false), [...turns.slice(0, 2), model("B")]).turns, [
      user("U\nV"),
      model("B"),
    ])
  })

  it("have no row there where only one is trained, and stay where any turns are taken", () => {
    assert.strictEqual(aim({}, format("turns", false), turns).result, "notAlternating")
    assert.deepStrictEqual(aim({}, format("turns"), turns).turns, turns)
  })
})

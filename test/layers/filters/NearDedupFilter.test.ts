/** Near duplicates in whole builds: who goes, who stays, and what the ledger says. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { accounts, build, type Built, chat, chats, jsonl } from "../../support/build.ts"
import { pair, type Random, seeded, words } from "../../support/pairs.ts"
import * as Workers from "../../../src/layers/NodeWorkers.ts"

type Conversation = ReturnType<typeof chat>

const run = (
  conversations: ReadonlyArray<Conversation>,
  options: object = {},
  more: { readonly sliceBytes?: number; readonly workers?: number; readonly others?: ReadonlyArray<object> } = {},
) =>
  build(
    { "chats/a.jsonl": jsonl(...conversations) },
    {
      tasks: ["ShareGptTask"],
      config: chats({ filters: [...(more.others ?? []), { NearDedupFilter: options }] }),
      ...(more.sliceBytes === undefined ? {} : { sliceBytes: more.sliceBytes }),
    },
    more.workers === undefined ? undefined : Workers.layer(more.workers),
  )

/** `[id, rule, kept]` of what was dropped, by number. */
const drops = ({ lines }: Built): ReadonlyArray<readonly [number, string, number]> =>
  lines.flatMap(({ detail, id, stage }) => {
    if (stage !== "filter" || typeof detail !== "object") return []
    const numberOf = (text: unknown): number => Number(/(\d+)$/.exec(String(text))?.[1])
    return [[numberOf(id), String(detail["rule"]), numberOf(detail["kept"])] as const]
  })

const idsOf = ({ rows }: Built): ReadonlyArray<string> => rows.map((row) => String(row["identifier"]))

const prose = (random: Random, count: number): string => words(random, count).join(" ")

/** A text with some of its words in a row replaced. */
const altered = (text: string, from: number, to: number): string =>
  text
    .split(" ")
    .map((word, i) => (i >= from && i < to ? `${word}x` : word))
    .join(" ")

/** Conversations among which there are duplicates of all kinds. */
const crowd = (random: Random, count: number): ReadonlyArray<Conversation> => {
  const made: Array<ReadonlyArray<string>> = []
  for (let i = 0; i < count; i++) {
    const before = made[Math.floor(random() * made.length)]
    const kind = before === undefined ? 1 : random()
    if (before === undefined || kind > 0.55)
      made.push(Array.from({ length: 2 + 2 * Math.floor(random() * 3) }, () => prose(random, 3 + random() * 60)))
    else if (kind > 0.45) made.push(before)
    else if (kind > 0.3) made.push(before.map((text) => altered(text, 2, 2 + random() * 5)))
    else if (kind > 0.15) made.push(before.slice(0, 2))
    else if (kind > 0.07) made.push([...before.slice(0, -1), prose(random, 20)])
    else made.push([...before, "And then?", prose(random, 10)])
  }
  return made.map((turns) => chat(...turns))
}

const settings: ReadonlyArray<object> = [
  {},
  { keep: "longest" },
  { keep: "best", siblings: "one" },
  { prefixes: false },
  { on: "replies", recall: "high", keep: "longest", prefixes: false },
  { on: "prompt", threshold: 0.6 },
]

describe("NearDedupFilter", () => {
  it.effect("names the one that stays, and how alike they are", () =>
    Effect.gen(function* () {
      const { one, similarity, two } = pair(seeded("named"), 0.9, 0.95)
      const built = yield* run([chat("Go on.", one), chat("Something else?", "No."), chat("Go on.", two)])
      assert.deepStrictEqual(idsOf(built), ["sharegpt-0", "sharegpt-1"])
      const [line] = built.lines
      assert.deepInclude(line, { id: "sharegpt-2", reason: "NearDedupFilter", stage: "filter" })
      const detail = line?.detail as { rule: string; kept: string; score: number } | undefined
      assert.deepInclude(detail, { rule: "near", kept: "sharegpt-0" })
      assert.closeTo(detail?.score ?? 0, similarity, 0.02)
      assert.deepStrictEqual(accounts(built), [])
    }),
  )

  it.effect("the beginning of a conversation goes, wherever it stands, and the longest one stays", () =>
    Effect.gen(function* () {
      const random = seeded("prefix")
      const turns = Array.from({ length: 8 }, () => prose(random, 30))
      const part = (length: number): Conversation => chat(...turns.slice(0, length))
      const built = yield* run([part(2), part(4), part(8), part(6), part(2)])
      assert.deepStrictEqual(drops(built), [
        [0, "prefix", 2],
        [1, "prefix", 2],
        [3, "prefix", 2],
        [4, "prefix", 2],
      ])
      assert.deepStrictEqual(drops(yield* run([part(2), part(8)], { prefixes: false })), [])
    }),
  )

  it.effect("a beginning stays when the conversation that goes on from it is dropped itself", () =>
    Effect.gen(function* () {
      const random = seeded("chain")
      const start = [prose(random, 4), prose(random, 4)]
      const long = [...start, prose(random, 60), prose(random, 60)]
      const other = [prose(random, 4), prose(random, 4), ...long.slice(2)]
      const built = yield* run([chat(...other), chat(...start), chat(...long)])
      assert.deepStrictEqual(drops(built), [[2, "near", 0]])
    }),
  )

  it.effect("another prompt, and what nobody sees, are no difference", () =>
    Effect.gen(function* () {
      const random = seeded("cards")
      const text = prose(random, 60)
      const withSystem = (system: string): object => ({
        conversations: [{ from: "system", value: system }, ...chat("Go on, please.", text).conversations],
      })
      const built = yield* run([
        chat("Go on, please.", text),
        withSystem("You are kind.") as Conversation,
        withSystem("You are rude, and short.") as Conversation,
        chat("Go on, please.  ", `${text}\r\n`),
      ])
      assert.deepStrictEqual(
        drops(built).map(([id, , kept]) => [id, kept]),
        [
          [1, 0],
          [2, 0],
          [3, 0],
        ],
      )
    }),
  )

  it.effect("of regenerated last replies all stay, or one where that is asked for", () =>
    Effect.gen(function* () {
      const random = seeded("swipes")
      const given = Array.from({ length: 3 }, () => chat("What now?", prose(random, 30)))
      assert.deepStrictEqual(drops(yield* run(given)), [])
      assert.deepStrictEqual(drops(yield* run(given, { siblings: "one" })), [
        [1, "regenerated", 0],
        [2, "regenerated", 0],
      ])
    }),
  )

  it.effect("keeps the first, the longest, or the one in which the model says most", () =>
    Effect.gen(function* () {
      const random = seeded("keep")
      const text = prose(random, 100)
      const given = [
        chat("Go on.", text),
        chat("Go on, and on, and on, please do.", text),
        chat("Go on.", `${text} and more`),
      ]
      const kept = (keep: string) => Effect.map(run(given, { keep }), idsOf)
      assert.deepStrictEqual(yield* kept("first"), ["sharegpt-0"])
      assert.deepStrictEqual(yield* kept("longest"), ["sharegpt-1"])
      assert.deepStrictEqual(yield* kept("best"), ["sharegpt-2"])
    }),
  )

  it.effect("holds an episode against kept ones only: of a chain of likes every second stays", () =>
    Effect.gen(function* () {
      const random = seeded("likes")
      const first = prose(random, 100)
      const second = altered(first, 0, 8)
      const third = altered(second, 50, 60)
      const built = yield* run([chat("Go.", first), chat("Go.", second), chat("Go.", third)])
      assert.deepStrictEqual(drops(built), [[1, "near", 0]])
    }),
  )

  it.effect("compares replies or prompts alone where it is told to", () =>
    Effect.gen(function* () {
      const random = seeded("on")
      const reply = prose(random, 40)
      const prompt = prose(random, 40)
      const given = [chat(prompt, reply), chat(prose(random, 40), reply), chat(prompt, prose(random, 40))]
      assert.deepStrictEqual(drops(yield* run(given)), [])
      assert.deepStrictEqual(drops(yield* run(given, { on: "replies" })), [[1, "near", 0]])
      assert.deepStrictEqual(drops(yield* run(given, { on: "prompt" })), [[2, "near", 0]])
      const short = [chat("Is it?", "Yes, it is."), chat("Are you sure about that?", "Yes, it is.")]
      assert.deepStrictEqual(drops(yield* run(short, { on: "replies" })), [])
    }),
  )

  it.effect.each(settings)(
    "law: whoever is named stands in the output, and dropping again drops nothing: %j",
    (options) =>
      Effect.gen(function* () {
        const given = crowd(seeded(`crowd ${JSON.stringify(options)}`), 250)
        // What an exact filter drops, too, must never be named.
        const built = yield* run(given, options, { others: [{ ExactDedupFilter: { normalize: "loose" } }] })
        const ids = new Set(idsOf(built))
        const dropped = built.lines.filter(({ stage }) => stage === "filter")
        assert.isAbove(dropped.length, 30)
        for (const { detail } of dropped) {
          const { kept, rule, score } = detail as { kept: string; rule: string; score?: number }
          assert.isTrue(ids.has(kept), kept)
          if (rule === "near") assert.isAtLeast(score as number, (options as { threshold?: number }).threshold ?? 0.8)
        }
        assert.deepStrictEqual(accounts(built), [])
        const again = yield* run(
          given.filter((_, i) => ids.has(`sharegpt-${i}`)),
          options,
        )
        assert.deepStrictEqual(drops(again), [])
      }),
  )

  it.effect("law: workers and the size of slices change nothing", () =>
    Effect.gen(function* () {
      const given = crowd(seeded("runners"), 200)
      const told = (built: Built) => [built.text, built.lines]
      const plain = told(yield* run(given, { keep: "longest" }))
      assert.deepStrictEqual(told(yield* run(given, { keep: "longest" }, { sliceBytes: 700 })), plain)
      assert.deepStrictEqual(told(yield* run(given, { keep: "longest" }, { sliceBytes: 3000, workers: 2 })), plain)
    }),
  )

  it.effect("scope: one task unless the config says run; another task changes nothing in the first", () =>
    Effect.gen(function* () {
      const given = crowd(seeded("tasks"), 80)
      const both = (scope: string, tasks: ReadonlyArray<string>) => {
        const filters = [{ NearDedupFilter: { scope, keep: "longest" } }]
        return build(
          { "chats/a.jsonl": jsonl(...given), "more/b.jsonl": jsonl(...given) },
          {
            tasks,
            config: {
              ...chats({ filters }),
              More: { task: "ShareGptTask", files: ["more/*"], prompt: "none", filters },
            },
          },
        )
      }
      const alone = yield* both("task", ["ShareGptTask"])
      const apart = yield* both("task", ["More", "ShareGptTask"])
      const own = (built: Built) => built.lines.filter(({ task }) => task === "ShareGptTask")
      assert.deepStrictEqual(own(apart), own(alone))
      assert.deepStrictEqual(
        idsOf(apart).filter((id) => id.startsWith("sharegpt-")),
        idsOf(alone),
      )
      const together = yield* both("run", ["ShareGptTask", "More"])
      assert.isEmpty(idsOf(together).filter((id) => id.startsWith("More-")))
      assert.deepStrictEqual(idsOf(together), idsOf(alone))
    }),
  )
})

/** Laws that every filter keeps, and what their options refuse. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type FilterDefinition, isBeyond, type Judge, type Score } from "../../../src/domain/Component.ts"
import type { FilterFile } from "../../../src/domain/FilterFiles.ts"
import { type Episode, model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { maxEvidence } from "../../../src/domain/Rejection.ts"
import { loadDetectors } from "../../../src/domain/text/Language.ts"
import { filters } from "../../../src/layers/filters/All.ts"
import { cpuSince } from "../../support/cpu.ts"
import { decodeOptions } from "../harness.ts"

type Answer = object | undefined

/** Options without which a filter looks for nothing. */
const settings: { readonly [filter: string]: object } = {
  ContainsFilter: { phrases: ["apple", "as an ai"] },
  LengthFilter: { minTotal: 10 },
}

/** Files that a filter's options would name. */
const filesOf: { readonly [filter: string]: ReadonlyArray<FilterFile> } = {
  DecontaminationFilter: [{ name: "evaluation.txt", text: "She looks at him and says nothing at all.\n" }],
}

/** What a filter says to episodes in turn; a filter with memory sees them as one run. */
const open = (
  filter: FilterDefinition,
  given: object = settings[filter.name] ?? {},
): ((episode: Episode, ordinal: number) => Answer) => {
  const options = decodeOptions(filter.options, given)
  if (filter.judge !== undefined) return filter.judge(options, filesOf[filter.name])
  const { memory } = filter
  if (memory === undefined) throw new Error(`${filter.name} neither judges nor remembers`)
  const print = memory.fingerprint(options)
  const { decide, remember } = memory.open(options)
  return (episode, ordinal) => {
    const key = print(episode)
    const drop = decide(key, ordinal)
    if (drop === undefined) remember(key, ordinal)
    return drop
  }
}

const episode = (turns: ReadonlyArray<Turn>): Episode => ({ id: "x", turns })

const deepFreeze = (value: object): object => {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFreeze(part)
  return Object.freeze(value)
}

const stringsOf = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : []
}

/** Pieces that filters look for, between text of any kind. */
const piece = fc.oneof(
  { arbitrary: fc.string({ unit: "binary", maxLength: 30 }), weight: 2 },
  {
    arbitrary: fc.constantFrom(
      "apple",
      "As an AI language model, ",
      "OpenAI",
      "<|im_end|>",
      "a testament to the",
      "i",
      'so"so',
      'a " b',
      "(so)so",
      "[so](so)",
      "Je ne sais pas ce que tu veux dire, mon ami. ",
      "Das habe ich dir doch gestern schon gesagt. ",
      "She looks at him and says nothing at all. ",
      " ",
      "\n",
      "\u{1f600}".repeat(60),
      "\ud83d",
    ),
    weight: 3,
  },
)
const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(""))
const kind = fc.constantFrom("user" as const, "model" as const)
const turns = fc.array(fc.record({ kind, text }), { maxLength: 8 })

describe("all filters", () => {
  beforeAll(async () => {
    for (const { load } of filters) await load?.()
    await loadDetectors()
  })

  it("the seven of the original are among them, by name", () => {
    const names = filters.map(({ name }) => name)
    assert.includeMembers(names, [
      "AppleFilter",
      "EnglishFilter",
      "ExactDedupFilter",
      "LlmSlopFilter",
      "LowQualityRpFilter",
      "RefusalFilter",
      "SimilarityFilter",
    ])
  })

  it.each(filters.map((filter) => [filter.name, filter] as const))(
    "%s tells what it does in a line, and works with the defaults of an empty section",
    (_, filter) => {
      assert.match(filter.description, /^[A-Z][^\n]{10,100}[^.\n]$/)
      assert.isTrue((filter.judge === undefined) !== (filter.memory === undefined))
      const reply = "And to you, my friend. Sit down, the tea is still hot."
      assert.isUndefined(open(filter)(episode([user("Good morning to you."), model(reply)]), 0))
    },
  )

  it.each(filters.map((filter) => [filter.name, filter] as const))(
    "F-10: %s takes null for an absent option and refuses keys it does not know",
    (_, filter) => {
      const keys = Object.keys(filter.options ?? {})
      assert.isAbove(keys.length, 0)
      assert.deepStrictEqual(
        decodeOptions(filter.options, Object.fromEntries(keys.map((key) => [key, null]))),
        decodeOptions(filter.options, {}),
      )
      assert.throws(() => decodeOptions(filter.options, { treshold: 0.5 }), /treshold/)
    },
  )

  const bad: ReadonlyArray<readonly [filter: string, options: object]> = [
    ["AppleFilter", { words: [] }],
    ["AppleFilter", { words: "apple" }],
    ["AppleFilter", { words: ["apple", " \t"] }],
    ["AppleFilter", { words: ["\u0085"] }],
    ["AppleFilter", { words: [1] }],
    ["AppleFilter", { caseSensitive: "no" }],
    ["AppleFilter", { wholeWords: 1 }],
    ["AppleFilter", { roles: [] }],
    ["AppleFilter", { roles: ["assistant"] }],
    ["ContainsFilter", { phrases: [" "] }],
    ["ContainsFilter", { drop: true }],
    ["ControlTokenFilter", { extra: "<x>" }],
    ["EncodingFilter", { kinds: [] }],
    ["EncodingFilter", { threshold: 5 }],
    ["EnglishFilter", { threshold: 1.01 }],
    ["EnglishFilter", { threshold: -0.1 }],
    ["EnglishFilter", { threshold: Number.NaN }],
    ["EnglishFilter", { threshold: "0.6" }],
    ["EnglishFilter", { minLetters: 0 }],
    ["EnglishFilter", { minLetters: 1.5 }],
    ["EnglishFilter", { roles: "model" }],
    ["ExactDedupFilter", { scope: "all" }],
    ["ExactDedupFilter", { normalize: true }],
    ["ExactDedupFilter", { normalize: "case" }],
    ["DecontaminationFilter", { files: [""] }],
    ["DecontaminationFilter", { n: 2 }],
    ["DecontaminationFilter", { threshold: 2 }],
    ["NearDedupFilter", { threshold: 0.4 }],
    ["NearDedupFilter", { keep: "last" }],
    ["NearDedupFilter", { on: "system" }],
    ["NearDedupFilter", { recall: 1 }],
    ["NearDedupFilter", { siblings: 2 }],
    ["LengthFilter", { minTotal: -1 }],
    ["LengthFilter", { maxTurn: 0 }],
    ["LengthFilter", { unit: "tokens" }],
    ["LlmSlopFilter", { lists: ["gemini"] }],
    ["LlmSlopFilter", { lists: [] }],
    ["LlmSlopFilter", { minHits: 0 }],
    ["LlmSlopFilter", { extra: [""] }],
    ["LowQualityRpFilter", { threshold: 2 }],
    ["LowQualityRpFilter", { rules: ["spelling"] }],
    ["LowQualityRpFilter", { rules: [] }],
    ["RefusalFilter", { minHits: -1 }],
    ["RefusalFilter", { minHits: "1" }],
    ["RefusalFilter", { extra: "sorry" }],
    ["RefusalFilter", { removed: [7] }],
    ["RefusalFilter", { roles: ["model", "bot"] }],
    ["RefusalFilter", { lists: ["refusal"] }],
    ["RepetitionFilter", { scale: 0 }],
    ["SimilarityFilter", { threshold: 60 }],
    ["SimilarityFilter", { minReplies: 0 }],
    ["SimilarityFilter", { measure: "mean" }],
    ["TurnCountFilter", { min: 1.5 }],
  ]
  it.each(bad)("%s refuses %j", (name, options) => {
    const filter = filters.find((one) => one.name === name) as FilterDefinition
    assert.throws(() => decodeOptions(filter.options, options), new RegExp(Object.keys(options)[0] as string))
  })

  it.each(filters.map((filter) => [filter.name, filter] as const))(
    "%s: whatever the text, it throws nothing, changes nothing and quotes at most 80 characters of it",
    (_, filter) => {
      const judge = open(filter)
      let ordinal = 0
      let dropped = 0
      fc.assert(
        fc.property(turns, (drawn) => {
          const given = deepFreeze(episode(drawn)) as Episode
          for (const answer of [judge(given, ordinal++), judge(given, ordinal++)]) {
            if (answer === undefined) continue
            dropped++
            assert.deepStrictEqual(JSON.parse(JSON.stringify(answer)), answer)
            for (const told of stringsOf(answer)) {
              assert.isAtMost(told.length, maxEvidence)
              assert.isTrue(told.isWellFormed())
            }
          }
        }),
        { numRuns: 300, seed: 7 },
      )
      assert.isAbove(dropped, 5)
    },
  )

  it.each(filters.flatMap((filter) => (filter.judge === undefined ? [] : [[filter.name, filter] as const])))(
    "%s answers the same whichever episodes it has seen before",
    (_, filter) => {
      const fresh = (one: Episode): Answer => open(filter)(one, 0)
      const judge = open(filter)
      fc.assert(
        fc.property(fc.array(turns, { minLength: 1, maxLength: 4 }), (batch) => {
          const episodes = batch.map(episode)
          const expected = episodes.map(fresh)
          assert.deepStrictEqual(
            episodes.map((one) => judge(one, 0)),
            expected,
          )
          assert.deepStrictEqual(
            episodes
              .toReversed()
              .map((one) => judge(one, 0))
              .toReversed(),
            expected,
          )
        }),
        { numRuns: 40, seed: 11 },
      )
    },
  )

  const size = 300_000
  const hostile: ReadonlyArray<readonly [name: string, text: string]> = [
    ..."a i\"'([*.<@\n\u00a0\u{1f600}́".split("").map((unit) => [JSON.stringify(unit), unit.repeat(size)] as const),
    ...["](", '" ', 'a "', "(s)", "i.", "/i", "[a](b ", "as an ai ", "i cannot ", "ab ", "```", "{{", "www.", ":a"].map(
      (part) => [JSON.stringify(part), part.repeat(size / part.length)] as const,
    ),
    ["one phrase across many blanks", `i cannot${" ".repeat(size)}fulfil`],
  ]
  it.each(filters.map((filter) => [filter.name, filter] as const))(
    "U-10: %s takes a time that grows as the text does, whatever is repeated",
    (_, filter) => {
      const judge = open(filter)
      hostile.forEach(([name, repeated], i) => {
        const given = episode([system("S"), user(repeated), model(`${repeated}x`), user("y"), model(repeated)])
        const before = process.cpuUsage()
        judge(given, i)
        assert.isBelow(cpuSince(before), 4000, name)
      })
    },
    120_000,
  )

  it("U-10: an episode of 100,000 turns takes no longer than its text", () => {
    const many = episode(Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? user(`q${i}`) : model(`a${i} b`))))
    for (const filter of filters) {
      const before = process.cpuUsage()
      open(filter, filter.name === "SimilarityFilter" ? { measure: "all" } : {})(many, 0)
      assert.isBelow(cpuSince(before), 4000, filter.name)
    }
  }, 60_000)

  /** Options at which a score and a judge could part. */
  const variants: { readonly [filter: string]: ReadonlyArray<object> } = {
    EnglishFilter: [{}, { threshold: 0 }, { threshold: 0.5, minLetters: 1 }, { threshold: 1 }],
    LanguageFilter: [{ languages: ["fr"] }, { threshold: 0, languages: ["de"], minLetters: 5 }],
    LlmSlopFilter: [{}, { threshold: 2 }, { minHits: 3, threshold: 0.5 }, { lists: ["gpt"], extra: ["apple"] }],
    LowQualityRpFilter: [{}, { threshold: 0 }, { threshold: 1 }, { rules: ["floatingQuote"] }],
    RefusalFilter: [{}, { minHits: 2 }, { threshold: 0.4, roles: ["user", "model"] }, { extra: ["apple"], minHits: 3 }],
    RepetitionFilter: [{ minWords: 1 }, { minWords: 1, scale: 0.1 }, { minWords: 8, scale: 1 }, { scale: 10 }],
    SimilarityFilter: [
      {},
      { threshold: 0, repeats: 0 },
      { threshold: 1, repeats: 1 },
      { measure: "all", minReplies: 3, threshold: 0.3 },
      { measure: "maximum", threshold: 0.9, repeats: 0.2 },
    ],
  }
  const scored = filters.filter(({ judge, scores }) => judge !== undefined && scores !== undefined)

  it("the filters that have scores are known", () => {
    assert.deepStrictEqual(
      scored.map(({ name }) => name),
      Object.keys(variants),
    )
    assert.isDefined(filters.find(({ name }) => name === "NearDedupFilter")?.scores)
  })

  it.each(scored.map((filter) => [filter.name, filter] as const))(
    "%s drops an episode if and only if a score of it is beyond its threshold",
    (name, filter) => {
      const loop = fc.tuple(text, fc.integer({ min: 1, max: 25 })).map(([one, times]) => one.slice(0, 60).repeat(times))
      const turn = fc.record({ kind, text: fc.oneof(text, loop) })
      const verdicts = new Set<boolean>()
      for (const given of variants[name] as ReadonlyArray<object>) {
        const options = decodeOptions(filter.options, given)
        const judge = filter.judge?.(options) as Judge
        const scores = (filter.scores as ReadonlyArray<Score>).map((score) => {
          const of = score.of?.(options) as (episode: Episode) => number | undefined
          return (one: Episode) => {
            const value = of(one)
            assert.isTrue(value === undefined || value >= 0, String(value))
            return value !== undefined && isBeyond(score, options, value)
          }
        })
        fc.assert(
          fc.property(fc.array(turn, { maxLength: 8 }), (all) => {
            const one = episode(all)
            const drops = judge(one) !== undefined
            verdicts.add(drops)
            assert.strictEqual(
              scores.some((beyond) => beyond(one)),
              drops,
            )
          }),
          { numRuns: 100 },
        )
      }
      // A law that only ever saw one side would say nothing.
      assert.strictEqual(verdicts.size, 2)
    },
  )

  it("NearDedupFilter: the score among others is the similarity that it drops for", () => {
    const filter = filters.find(({ name }) => name === "NearDedupFilter") as FilterDefinition
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`)
    const chat = (...parts: ReadonlyArray<string>) =>
      episode(parts.map((part, i) => (i % 2 === 0 ? user(part) : model(part))))
    const first = chat("Tell me.", words.join(" "))
    const like = chat("Tell me.", words.with(30, "other").join(" "))
    const apart = chat("What is it?", Array.from({ length: 40 }, (_, i) => `thing${i}`).join(" "))
    const options = decodeOptions(filter.options, {})
    const among = filter.scores?.[0]?.among?.(options)
    for (const one of [first, apart, like]) among?.add(one)
    const drop = open(filter)
    assert.isUndefined(drop(first, 0))
    const told = drop(like, 1) as { readonly score: number }
    assert.deepStrictEqual(among?.found(), [
      { score: told.score, other: 2 },
      undefined,
      { score: told.score, other: 0 },
    ])
  })
})

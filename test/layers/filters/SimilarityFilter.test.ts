import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import { SimilarityFilter, similarity } from "../../../src/layers/filters/SimilarityFilter.ts"
import { decodeOptions } from "../harness.ts"

const open = (options: object = {}) => SimilarityFilter.judge!(decodeOptions(SimilarityFilter.options, options))

const chat = (...replies: ReadonlyArray<string>): Episode => ({
  id: "x",
  turns: [system("Play."), ...replies.flatMap((reply, i) => [user(`question ${i}`), model(reply)])],
})

/** Turns count from 1 with the prompt; replies are the third, the fifth, and so on. */
const dropped = (
  score: number,
  replies: number,
  evidence: { readonly like: number; readonly turn: number; readonly text: string; readonly pair?: number },
) => ({
  reason: "repetitive",
  detail: { score, threshold: 0.6, measure: "neighbours", replies, pair: 1, ...evidence },
})

const distinctWords = (count: number): string =>
  Array.from({ length: count }, (_, i) => `word${"abcdefghijklmnop"[i] as string}`).join(" ")

describe("SimilarityFilter", () => {
  it("F-6, similarity vector: four identical replies of 4 distinct words are dropped", () => {
    const reply = "the cat sat down"
    assert.deepStrictEqual(open()(chat(reply, reply, reply, reply)), dropped(1, 4, { like: 3, turn: 5, text: reply }))
  })

  it.each([1, 2, 3, 4, 9, 10, 16])("F-6: identical replies of %d distinct words score exactly 1", (count) => {
    for (const measure of ["neighbours", "all", "maximum"] as const)
      assert.strictEqual(
        similarity(
          Array.from({ length: 4 }, () => distinctWords(count)),
          measure,
        ),
        1,
      )
  })

  it("F-6: two identical replies are enough", () => {
    assert.deepStrictEqual(
      open()(chat("Good day to you.", "good day, to YOU!")),
      dropped(1, 2, { like: 3, turn: 5, text: "good day, to YOU!" }),
    )
  })

  it("5.7: one reply is never similar, and replies without common words score 0", () => {
    assert.isUndefined(open()(chat("the same words")))
    assert.strictEqual(similarity(["the red fox", "over lazy dogs"]), 0)
    assert.isUndefined(open()(chat("the red fox", "over lazy dogs")))
  })

  it("F-6: a loop that begins after the first reply is seen", () => {
    const loop = "I follow you down the stairs"
    assert.deepStrictEqual(
      open()(chat("Welcome home, traveller!", loop, loop, loop, loop)),
      dropped(0.75, 5, { like: 5, turn: 7, text: loop }),
    )
  })

  it("the mean is one of cosines of word weights, neighbour by neighbour; a word n times weighs 1 + ln n", () => {
    // (1,1) and (1,0): 1/sqrt(2); (1,0) and (0,1): 0.
    assert.strictEqual(similarity(["aa bb", "aa"]), 0.707106781)
    assert.strictEqual(similarity(["aa bb", "aa", "bb"]), 0.353553391)
    // Weights (1.693147181, 1) and (1,1): 2.693147181 / sqrt(2 x 3.866747376). By counts it was 3/sqrt(10), 0.949.
    assert.strictEqual(similarity(["aa aa bb", "bb aa"]), 0.968438822)
    // Weights (2.098612289, 1) and (2.098612289, 1) on one common word: 4.404173539 / 5.404173539. By counts 0.9.
    assert.strictEqual(similarity(["aa aa aa bb", "aa cc aa aa"]), 0.81495783)
    assert.strictEqual(similarity(["aa bb", "aa", "bb"], "maximum"), 0.707106781)
    assert.strictEqual(similarity(["aa bb", "aa", "bb"], "all"), 0.471404521)
  })

  it("F-6: the threshold counts as reached: three of five neighbours equal is 0.6", () => {
    const same = "alpha beta gamma"
    const replies = [same, same, same, same, "delta epsilon", "zeta theta"]
    assert.strictEqual(similarity(replies), 0.6)
    assert.deepStrictEqual(open()(chat(...replies)), dropped(0.6, 6, { like: 3, turn: 5, text: same }))
    assert.isUndefined(open({ threshold: 0.61 })(chat(...replies)))
  })

  it("words have two characters or more, in any script and letter case; a text without any is one word", () => {
    assert.strictEqual(similarity(["a cat", "I CAT"]), 1)
    assert.strictEqual(similarity(["ещё раз", "Ещё РАЗ"]), 1)
    assert.strictEqual(similarity(["...", " ... "]), 1)
    assert.strictEqual(similarity(["A", "a"]), 1)
    assert.strictEqual(similarity(["...", "!!!"]), 0)
    assert.isUndefined(similarity(["...", " "]))
    assert.isUndefined(similarity([]))
  })

  it("F-6: all sees replies that take turns, maximum a loop of any length", () => {
    const ticktock = chat(...Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? "tick tick" : "tock tock")))
    assert.isUndefined(open()(ticktock))
    assert.deepInclude(open({ measure: "all", threshold: 0.4 })(ticktock)?.detail as object, {
      score: 0.4444,
      measure: "all",
    })
    const once = chat("one thing", "two things", "two things", "four others", "five more", "six last")
    assert.isUndefined(open()(once))
    assert.deepInclude(open({ measure: "maximum" })(once)?.detail as object, { score: 1, measure: "maximum" })
  })

  it("F-6: long replies with nothing but function words in common are not alike", () => {
    // 20 sentences, each with the same five words and three of its own.
    const prose = (of: string) =>
      Array.from({ length: 20 }, (_, i) => `The ${of}x${i} was in the ${of}y${i} of it, ${of}z${i}.`).join(" ")
    // By counts it was 3200 / 3260, 0.98; by weights 4 (1 + ln 20)^2 + (1 + ln 40)^2 to as much and 60.
    assert.strictEqual(similarity([prose("a"), prose("b")]), 0.588615894)
    assert.isUndefined(open()(chat(prose("a"), prose("b"))))
    assert.isDefined(open()(chat(prose("a"), `Well. ${prose("a")}`)))
  })

  it("evidence names the two turns that are most alike, how much, and quotes the later one", () => {
    const turns = [
      system("Play."),
      user("one"),
      model("alpha beta gamma delta"),
      user("two"),
      model(" "),
      model("alpha beta gamma omega"),
      user("three"),
      model(`alpha beta gamma omega ${"omega ".repeat(20)}`),
    ]
    const judged = (measure: string) => {
      const { like, pair, replies, text, turn } = open({ measure })({ id: "x", turns })!.detail as {
        [key: string]: unknown
      }
      return { like, pair, replies, text, turn }
    }
    const text = `alpha beta gamma omega ${"omega ".repeat(20)}`.slice(0, 76)
    for (const measure of ["neighbours", "maximum", "all"])
      assert.deepStrictEqual(judged(measure), { like: 6, pair: 0.8006, replies: 4, text: `${text}…`, turn: 8 })
  })

  it("F-6: of replies that take turns, all names two of the same", () => {
    const replies = ["tick tick", "tock tock", "tick tick", "tock ho"]
    assert.deepInclude(open({ measure: "all", threshold: 0.1 })(chat(...replies))?.detail as object, {
      like: 3,
      turn: 7,
      pair: 1,
    })
  })

  it("only what the model says counts", () => {
    const turns = [user("again and again"), model("red fox"), user("again and again"), model("lazy dog")]
    assert.isUndefined(open()({ id: "x", turns }))
  })

  it("F-10: threshold and the number of replies are options", () => {
    const replies = ["aa bb", "aa cc"]
    assert.isUndefined(open()(chat(...replies)))
    assert.deepInclude(open({ threshold: 0.5 })(chat(...replies))?.detail as object, { score: 0.5, threshold: 0.5 })
    assert.isUndefined(open({ threshold: 0.5, minReplies: 3 })(chat(...replies)))
    assert.isDefined(open({ threshold: 1, minReplies: 3 })(chat("same words", "same words", "same words")))
  })

  const word = fc.constantFrom("alpha", "beta", "gamma", "delta", "I", "...")
  const reply = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(" "))
  const replies = fc.array(reply, { minLength: 2, maxLength: 7 })

  it("law: scores lie between 0 and 1, and do not depend on the direction", () => {
    fc.assert(
      fc.property(
        replies,
        fc.constantFrom("neighbours" as const, "all" as const, "maximum" as const),
        (texts, measure) => {
          const score = similarity(texts, measure) as number
          assert.isTrue(score >= 0 && score <= 1)
          assert.closeTo(similarity(texts.toReversed(), measure) as number, score, 2e-9)
        },
      ),
    )
  })

  it("law: all is the mean over all pairs, neighbours never above maximum", () => {
    fc.assert(
      fc.property(replies, (texts) => {
        let sum = 0
        let pairs = 0
        texts.forEach((one, i) => {
          for (const other of texts.slice(i + 1)) {
            sum += similarity([one, other]) as number
            pairs++
          }
        })
        assert.closeTo(similarity(texts, "all") as number, sum / pairs, 1e-8)
        assert.isAtMost(similarity(texts) as number, similarity(texts, "maximum") as number)
      }),
    )
  })

  it("law: the answer is the same whatever was judged before, one by one or in batches", () => {
    fc.assert(
      fc.property(fc.array(replies, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (chats, size) => {
        const episodes = chats.map((texts) => chat(...texts))
        const single = episodes.map((episode) => open()(episode))
        const batched: Array<unknown> = []
        for (let i = 0; i < episodes.length; i += size) batched.push(...episodes.slice(i, i + size).map(open()))
        assert.deepStrictEqual(batched, single)
      }),
    )
  })

  it("loops that take turns are seen by the replies that repeat earlier ones", () => {
    const [a, b] = ["I walk along the quiet river every morning.", "She sells blue shells from a cart in town."]
    assert.deepStrictEqual(open()(chat(a, b, a, b)), {
      reason: "repeats",
      detail: { score: 0.5, threshold: 0.5, replies: 4, turn: 7, like: 3, text: a },
    })
    assert.isUndefined(open({ repeats: 0.6 })(chat(a, b, a, b)))
    assert.isDefined(open({ repeats: 0.6 })(chat(a, b, a, b, a, b)))
    assert.isUndefined(open()(chat(a, b, "The lamp went out, and nobody spoke.", a)))
    const short = ["Yes.", "No.", "Yes.", "No.", "Yes.", "No.", a]
    assert.isUndefined(open()(chat(...short)))
  })

  it("a reply that repeats another nearly word for word is a repeat, one that only begins like it is none", () => {
    const [a, b] = [
      "The old clock on the wall ticks slowly while the rain falls on the roof above us",
      "Nobody has opened the green door since my uncle sailed north with his brothers",
    ]
    assert.deepInclude(open()(chat(a, b, `${a}!`, `Well. ${b}`)), { reason: "repeats" })
    const other = "The old clock on the wall has stopped, as you can see for yourself, and I will not mend it"
    assert.isUndefined(open()(chat(a, b, other, "And who would mend it but you?")))
  })
})

/** Near duplicates among texts of a known similarity. */
import { assert, describe, it } from "@effect/vitest"
import { type Episode, model, system, user } from "../../../src/domain/Conversation.ts"
import {
  chainOf,
  compileFingerprint,
  defaultFingerprint,
  fingerprintOf,
  readFingerprint,
} from "../../../src/domain/dedup/Fingerprint.ts"
import { makeNearIndex, type NearIndex } from "../../../src/domain/dedup/NearIndex.ts"
import { pair, type Pair, type Random, seeded, words } from "../../support/pairs.ts"

const pairsBetween = (random: Random, low: number, high: number, count: number): ReadonlyArray<Pair> =>
  Array.from({ length: count }, () => pair(random, low, high))

const print = (text: string): Uint8Array => fingerprintOf({ id: "x", turns: [model(text)] })

/** Share of pairs that are found, and their scores, among everything else that was added. */
const recallOf = (pairs: ReadonlyArray<Pair>, index: NearIndex = makeNearIndex()) => {
  pairs.forEach(({ one }, i) => index.add(print(one), i))
  let found = 0
  pairs.forEach(({ similarity, two }, i) => {
    const hit = index.find(print(two))
    if (hit === undefined) return
    assert.strictEqual(hit.ordinal, i)
    assert.closeTo(hit.score, similarity, 1e-9)
    found++
  })
  return found / pairs.length
}

describe("near index", () => {
  it("finds at least 98 % of the pairs whose similarity is 0.9 or more", () => {
    assert.isAtLeast(recallOf(pairsBetween(seeded("0.9"), 0.9, 0.93, 500)), 0.98)
    assert.isAtLeast(recallOf(pairsBetween(seeded("1"), 0.93, 1.01, 300)), 0.98)
  })

  it("finds at least 90 % of those that have just 0.8", () => {
    assert.isAtLeast(recallOf(pairsBetween(seeded("0.8"), 0.8, 0.815, 1000)), 0.9)
  })

  it("finds 99 % of them where recall is high", () => {
    const printed = compileFingerprint({ ...defaultFingerprint, recall: "high" })
    const index = makeNearIndex()
    const pairs = pairsBetween(seeded("high"), 0.8, 0.815, 300)
    pairs.forEach(({ one }, i) => index.add(printed({ id: "x", turns: [model(one)] }), i))
    const found = pairs.filter(({ two }) => index.find(printed({ id: "x", turns: [model(two)] })) !== undefined)
    assert.isAtLeast(found.length / pairs.length, 0.99)
  })

  it("finds nothing below its threshold, whatever the bands say", () => {
    assert.strictEqual(recallOf(pairsBetween(seeded("0.7"), 0.6, 0.8, 500)), 0)
    assert.strictEqual(recallOf(pairsBetween(seeded("0.5"), 0, 0.6, 500), makeNearIndex({ threshold: 0.6 })), 0)
  })

  it("answers the most similar one, and the first of equals", () => {
    const random = seeded("best")
    const text = words(random, 100)
    const index = makeNearIndex()
    index.add(print(`${text.join(" ")} one two three`), 7)
    index.add(print(text.join(" ")), 8)
    index.add(print(text.join(" ")), 9)
    assert.deepStrictEqual(index.find(print(text.join(" "))), { ordinal: 8, score: 1 })
  })

  it("short texts are compared by their characters, and never with long ones", () => {
    const index = makeNearIndex()
    index.add(fingerprintOf({ id: "a", turns: [user("What a lovely evening!"), model("Yes, lovely.")] }), 0)
    const near = index.find(fingerprintOf({ id: "b", turns: [user("what a lovely evening"), model("yes! LOVELY!")] }))
    assert.deepStrictEqual(near, { ordinal: 0, score: 1 })
    assert.isUndefined(index.find(fingerprintOf({ id: "c", turns: [user("What a lousy morning!"), model("No.")] })))
  })

  it("takes a text without words as equal to nothing", () => {
    const index = makeNearIndex()
    index.add(fingerprintOf({ id: "a", turns: [user("?"), model("!")] }), 0)
    assert.isUndefined(index.find(fingerprintOf({ id: "a", turns: [user("?"), model("!")] })))
  })

  it("the system turn is no part of what is compared", () => {
    const text = words(seeded("system"), 60).join(" ")
    const index = makeNearIndex()
    index.add(fingerprintOf({ id: "a", turns: [system("Be kind to all."), user("Go on."), model(text)] }), 3)
    assert.deepStrictEqual(
      index.find(fingerprintOf({ id: "b", turns: [system("Be rude."), user("Go on."), model(text)] })),
      { ordinal: 3, score: 1 },
    )
  })

  it("asks for fingerprints where they lie, also at odd places of a larger buffer", () => {
    const text = words(seeded("recall"), 80).join(" ")
    const store = new Uint8Array(100_000)
    const bytes = print(text)
    store.set(bytes, 13)
    const index = makeNearIndex({ recall: () => store.subarray(13, 13 + bytes.length) })
    index.add(store.subarray(13, 13 + bytes.length), 5)
    assert.deepStrictEqual(index.find(print(text)), { ordinal: 5, score: 1 })
  })

  it("law: what is found does not depend on what else was added before and after", () => {
    const random = seeded("others")
    const pairs = pairsBetween(random, 0.85, 0.95, 60)
    const plain = makeNearIndex()
    const crowded = makeNearIndex()
    for (let i = 0; i < 3000; i++) crowded.add(print(words(random, 40).join(" ")), 1000 + i)
    pairs.forEach(({ one }, i) => {
      plain.add(print(one), i)
      crowded.add(print(one), i)
    })
    for (let i = 0; i < 3000; i++) crowded.add(print(words(random, 40).join(" ")), 9000 + i)
    for (const { two } of pairs) assert.deepStrictEqual(crowded.find(print(two)), plain.find(print(two)))
  })

  it("holds at most 400 bytes for each of 50,000 conversations, beside their fingerprints", () => {
    const random = seeded("memory")
    const index = makeNearIndex({ recall: () => new Uint8Array(0) })
    for (let i = 0; i < 50_000; i++) index.add(print(words(random, 12).join(" ")), i)
    assert.isBelow(index.bytes() / 50_000, 400)
  })

  it("a bucket that everyone is in costs no more than its first fifty", () => {
    let asked = 0
    const same = print(words(seeded("bucket"), 50).join(" "))
    const index = makeNearIndex({
      threshold: 0.9,
      recall: () => {
        asked++
        return same
      },
    })
    for (let i = 0; i < 5000; i++) index.add(same, i)
    assert.deepStrictEqual(index.find(same), { ordinal: 0, score: 1 })
    assert.isAtMost(asked, 64)
  })
})

describe("fingerprint", () => {
  it("tells words of the model's turns and of all turns but the system turn", () => {
    const { total, trained } = readFingerprint(
      fingerprintOf({
        id: "x",
        turns: [system("Be very kind."), user("One two."), model("three"), user(" "), model("4 5")],
      }),
    )
    assert.deepStrictEqual([trained, total], [3, 5])
  })

  it("the last key of a conversation is among those of every one that goes on from it", () => {
    const turns = [user("Hello."), model("Hi!  \r\nHow are you?"), user("Fine."), model("Good.")]
    const hex = (keys: ReadonlyArray<Uint8Array>) => keys.map((key) => Buffer.from(key).toString("hex"))
    const whole = hex(chainOf(turns))
    assert.deepStrictEqual(hex(chainOf(turns.slice(0, 2))), whole.slice(0, 2))
    assert.deepStrictEqual(hex(chainOf([user("Hello."), model("Hi!\nHow are you?")])), whole.slice(0, 2))
    assert.notInclude(whole, hex(chainOf([model("Hello."), model("Hi!\nHow are you?")]))[1])
    assert.notInclude(whole, hex(chainOf([user("Fine."), model("Good.")]))[1])
  })

  it("compares replies of twenty words or more, or the first prompt, where it is asked to", () => {
    const long = words(seeded("replies"), 30).join(" ")
    const replies = compileFingerprint({ ...defaultFingerprint, on: "replies" })
    const prompt = compileFingerprint({ ...defaultFingerprint, on: "prompt" })
    const shinglesIn = (bytes: Uint8Array): number => readFingerprint(bytes).words.shingles.length
    const episode: Episode = { id: "x", turns: [user(long), model("Yes, I know that."), user("And?"), model(long)] }
    assert.strictEqual(shinglesIn(replies(episode)), 26)
    assert.strictEqual(shinglesIn(prompt(episode)), 26)
    assert.strictEqual(shinglesIn(replies({ id: "y", turns: episode.turns.slice(0, 2) })), 0)
  })

  it("takes a time that grows as the text does", () => {
    const cost = (part: string, size: number): number => {
      const text = part.repeat(Math.ceil(size / part.length))
      let best = Number.POSITIVE_INFINITY
      for (let i = 0; i < 5; i++) {
        const from = process.cpuUsage()
        print(text)
        const { system: inSystem, user: inUser } = process.cpuUsage(from)
        best = Math.min(best, inSystem + inUser)
      }
      return best
    }
    for (const part of ["a", " ", "a ", "\n", "\u0301", "你", "\u{20000}", "1.", " \r"])
      assert.isBelow(cost(part, 800_000), 9 * cost(part, 200_000) + 5000, JSON.stringify(part))
  })
})

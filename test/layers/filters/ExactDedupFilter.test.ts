import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { createHash } from "node:crypto"
import { type Episode, model, system, type Turn, user } from "../../../src/domain/Conversation.ts"
import { ExactDedupFilter } from "../../../src/layers/filters/ExactDedupFilter.ts"
import { decodeOptions } from "../harness.ts"

const memory = ExactDedupFilter.memory!

const decode = (options: object) => decodeOptions(ExactDedupFilter.options, options)

const keyer = (options: object = {}) => {
  const print = memory.fingerprint(decode(options))
  return (turns: ReadonlyArray<Turn>): string => Buffer.from(print({ id: "x", turns })).toString("hex")
}

/** What a run says to episodes in turn, kept ones remembered. */
const run = (episodes: ReadonlyArray<ReadonlyArray<Turn>>, given: object = {}) => {
  const options = decode(given)
  const print = memory.fingerprint(options)
  const { decide, remember } = memory.open(options)
  return episodes.map((turns, ordinal) => {
    const key = print({ id: `${ordinal}`, turns })
    const drop = decide(key, ordinal)
    if (drop === undefined) remember(key, ordinal)
    return drop
  })
}

const a = [user("Hello."), model("Hi.")]
const b = [user("Hello."), model("Bye.")]
const kept = undefined

describe("ExactDedupFilter", () => {
  it("keeps the first of equal conversations and names it for each later one", () => {
    assert.deepStrictEqual(run([a, b, a, b, a]), [
      kept,
      kept,
      { reason: "duplicate", keptOrdinal: 0 },
      { reason: "duplicate", keptOrdinal: 1 },
      { reason: "duplicate", keptOrdinal: 0 },
    ])
  })

  it('F-7, dedup vector: ("ab", "c") and ("a", "bc") are both kept', () => {
    assert.deepStrictEqual(
      run([
        [user("ab"), model("c")],
        [user("a"), model("bc")],
      ]),
      [kept, kept],
    )
  })

  it("F-7: the role is part of the key", () => {
    assert.deepStrictEqual(
      run([
        [user("a"), model("b")],
        [model("a"), user("b")],
        [model("a"), model("b")],
      ]),
      [kept, kept, kept],
    )
  })

  it("F-7: text cannot imitate the beginning of a turn", () => {
    const key = keyer()
    const two = key([user("a"), model("b")])
    for (const head of ["\u0002\u0001\u0000\u0000\u0000", "\u0001\u0000\u0000\u0000\u0002", "\n", "\u0000"])
      assert.notStrictEqual(key([user(`a${head}b`)]), two)
  })

  it("the system turn, names, weights and the identifier are no part of the key", () => {
    const key = keyer()
    assert.strictEqual(key([system("Be kind."), ...a]), key(a))
    assert.strictEqual(key([system("Be kind."), ...a]), key([system("Be rude."), ...a]))
    assert.strictEqual(key([user("Hello.", "Ann"), { ...model("Hi.", "Bob"), weight: 0 }]), key(a))
  })

  it("a prompt drawn from a pool is no part of the key", () => {
    const print = memory.fingerprint(decode({}))
    const drawn: Episode = { id: "y", turns: [system(""), ...a], prompt: ["Talk. ", { hint: "response_length_str" }] }
    assert.strictEqual(Buffer.from(print(drawn)).toString("hex"), keyer()(a))
  })

  it("a fingerprint has 16 bytes, whatever the length of the text, and stays as it was", () => {
    const print = memory.fingerprint(decode({}))
    const first = print({ id: "x", turns: a })
    const before = Buffer.from(first).toString("hex")
    const long = print({ id: "x", turns: [user("ü".repeat(300_000)), model("b")] })
    assert.deepStrictEqual([first.length, long.length], [16, 16])
    assert.strictEqual(Buffer.from(first).toString("hex"), before)
    assert.strictEqual(Buffer.from(print({ id: "x", turns: a })).toString("hex"), before)
  })

  it("the key is the same in every version: of SHA-256 over role, length and text", () => {
    assert.strictEqual(keyer()([user("ab"), model("é")]), "9b8391f16a34e54e232d2c0b0cd196b4")
  })

  it("a long turn after a short one does not lose the short one", () => {
    const long = "ü".repeat(300_000)
    const expected = createHash("sha256")
      .update(Buffer.from([1, 1, 0, 0, 0, 0x61]))
      .update(Buffer.from([2, 0xc0, 0x27, 0x09, 0]))
      .update(long, "utf8")
      .digest("hex")
    assert.strictEqual(keyer()([user("a"), model(long)]), expected.slice(0, 32))
  })

  const text = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("a", "b", "ab", "", "é", "\u{1f600}"))
  const turn = fc.record({ kind: fc.constantFrom("user" as const, "model" as const), text })
  const conversation = fc.array(turn, { maxLength: 4 })

  it("law: two keys are equal if and only if roles and texts are", () => {
    const key = keyer()
    let equal = 0
    fc.assert(
      fc.property(conversation, conversation, fc.boolean(), (one, drawn, copy) => {
        const two = copy ? structuredClone(one) : drawn
        const same = JSON.stringify(one) === JSON.stringify(two)
        if (same) equal++
        assert.strictEqual(key(one) === key(two), same)
      }),
      { numRuns: 2000, seed: 3 },
    )
    assert.isAbove(equal, 500)
  })

  it("law: a run keeps the first of each conversation and names it", () => {
    fc.assert(
      fc.property(fc.array(fc.array(turn, { minLength: 1, maxLength: 2 }), { maxLength: 40 }), (episodes) => {
        const firsts = new Map<string, number>()
        const expected = episodes.map((turns, i) => {
          const id = JSON.stringify(turns)
          const first = firsts.get(id)
          if (first === undefined) firsts.set(id, i)
          return first === undefined ? kept : { reason: "duplicate", keptOrdinal: first }
        })
        assert.deepStrictEqual(run(episodes), expected)
      }),
    )
  })

  it("deciding remembers nothing: an episode that is dropped elsewhere stands in nobody's way", () => {
    const { decide, remember } = memory.open(decode({}))
    const key = memory.fingerprint(decode({}))({ id: "x", turns: a })
    assert.isUndefined(decide(key, 0))
    assert.isUndefined(decide(key, 1))
    remember(key, 1)
    assert.deepStrictEqual(decide(key, 2), { reason: "duplicate", keptOrdinal: 1 })
  })

  it("remembers keys that lie inside a larger buffer", () => {
    const key = memory.fingerprint(decode({}))({ id: "x", turns: a })
    const slice = new Uint8Array(50).fill(9)
    slice.set(key, 17)
    const { decide, remember } = memory.open(decode({}))
    remember(slice.subarray(17, 33), 4)
    slice.fill(0)
    assert.deepStrictEqual(decide(key, 5), { reason: "duplicate", keptOrdinal: 4 })
  })

  it("knows each of 50,000 episodes after its table has grown", () => {
    const episodes = Array.from({ length: 50_000 }, (_, i) => [user(`${i}`)])
    const answers = run([...episodes, ...episodes])
    assert.isTrue(answers.slice(0, 50_000).every((answer) => answer === kept))
    assert.isTrue(answers.slice(50_000).every((answer, i) => answer?.keptOrdinal === i))
  })

  describe("F-7: normalize", () => {
    const same = (one: string, two: string, normalize: string): boolean => {
      const key = keyer({ normalize })
      return key([user(one)]) === key([user(two)])
    }

    it("none tells every difference", () => {
      for (const [one, two] of [
        ["a b", "a  b"],
        ["a", "a "],
        ["a", "A"],
        ["é", "e\u0301"],
      ] as const)
        assert.isFalse(same(one, two, "none"))
    })

    it("whitespace takes runs, ends and the encoding of accents as one, and still tells letter case", () => {
      assert.isTrue(same("a b", "  a \r\n\t b\u00a0", "whitespace"))
      assert.isTrue(same("é", "e\u0301", "whitespace"))
      assert.isFalse(same("ab", "a b", "whitespace"))
      assert.isFalse(same("a", "A", "whitespace"))
    })

    it("case-insensitive folds letters of every script, white space as well", () => {
      assert.isTrue(same("Hello  World", "hELLO wORLD ", "case-insensitive"))
      assert.isTrue(same("ΟΔΥΣΣΕΥΣ", "οδυσσευς", "case-insensitive"))
      assert.isTrue(same("STRASSE", "straße", "case-insensitive"))
      assert.isTrue(same("É", "e\u0301", "case-insensitive"))
      assert.isFalse(same("e", "é", "case-insensitive"))
    })

    it("loose takes accents, punctuation and blanks of any kind as no difference, digits and faces as one", () => {
      assert.isTrue(same("Where is the café?", "where IS -- the cafe", "loose"))
      assert.isTrue(same("STRASSE", "straße!", "loose"))
      assert.isFalse(same("2 + 2", "2 + 3", "loose"))
      assert.isFalse(same("ab", "a b", "loose"))
      assert.isFalse(same("\u{1f600}", "\u{1f602}", "loose"))
      assert.isFalse(same("...", "???", "loose"))
    })

    it("keeps turns apart, whatever is folded", () => {
      for (const normalize of ["whitespace", "case-insensitive", "loose"]) {
        const key = keyer({ normalize })
        assert.notStrictEqual(key([user("a"), user("b")]), key([user("a b")]))
        assert.notStrictEqual(key([user(" "), user("b")]), key([user("b")]))
      }
    })

    it("U-10: takes linear time", () => {
      for (const part of [" ", "\n", "e\u0301", "ß"]) {
        const before = performance.now()
        keyer({ normalize: "case-insensitive" })([user(part.repeat(1_000_000)), model(`a${part.repeat(1_000_000)}b`)])
        assert.isBelow(performance.now() - before, 4000)
      }
    })
  })

  it("C-21: the scope is one task unless the config says run", () => {
    assert.strictEqual(memory.scope?.(decode({})), "task")
    assert.strictEqual(memory.scope?.(decode({ scope: "run" })), "run")
  })
})

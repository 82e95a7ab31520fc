/** Texts of an evaluation in training texts. */
import { assert, describe, it } from "@effect/vitest"
import { compileOverlap, type EvaluationItem } from "../../../src/domain/dedup/Overlap.ts"
import { seeded, words } from "../../support/pairs.ts"

const item = (source: string, ...texts: ReadonlyArray<string>): EvaluationItem => ({ source, set: 0, texts })

const prose = (name: string, count: number): string => words(seeded(name), count).join(" ")

describe("overlap", () => {
  it("finds an item that stands in a text as a whole, whatever its case and punctuation", () => {
    const find = compileOverlap([item("a:1", "How many legs do three spiders and two ants have?")], 8)
    const text = "Here is one. how many LEGS do three spiders -- and two ants -- have?! Say it."
    const found = find(text)
    assert.deepInclude(found, { source: "a:1", score: 1, contained: true })
    assert.strictEqual(text.slice(found?.start, found?.end), "how many LEGS do three spiders -- and two ants -- have")
    assert.isFalse(find("How many legs do three spiders and two cats have?")?.contained)
    assert.isUndefined(find("How many legs do two spiders and two ants have?"))
  })

  it("tells what share of an item is covered, and its longest stretch", () => {
    const all = prose("share", 40).split(" ")
    const find = compileOverlap([item("a:1", all.join(" "))], 8)
    const text = [...all.slice(0, 10), "but", ...all.slice(12, 28), "so"].join(" ")
    const found = find(text)
    assert.closeTo(found?.score ?? 0, 26 / 40, 1e-9)
    assert.isFalse(found?.contained)
    assert.strictEqual(text.slice(found?.start, found?.end), all.slice(12, 28).join(" "))
  })

  it("an item of several texts is covered on average, and contained by any of them", () => {
    const [question, answer] = [prose("question", 20), prose("answer", 20)]
    const find = compileOverlap([item("a:1", question, answer, "B")], 8)
    assert.deepInclude(find(`${answer} indeed`), { score: 0.5, contained: true })
    assert.deepInclude(find(question.split(" ").slice(0, 10).join(" ")), { score: 0.25, contained: false })
  })

  it("texts shorter than an n-gram are found from eight words on, shorter ones never", () => {
    const find = compileOverlap([item("a:1", prose("nine", 9)), item("a:2", prose("seven", 7))], 13)
    assert.strictEqual(find(`so ${prose("nine", 9)} so`)?.source, "a:1")
    assert.isUndefined(find(prose("seven", 7)))
  })

  it("what more than a twentieth of the items share counts for nothing, nor with a word more", () => {
    const instruction = prose("instruction", 7)
    const itemsOf = (sharing: number, count: number) =>
      Array.from({ length: count }, (_, i) =>
        item(`a:${i}`, `${i < sharing ? `${instruction} the` : prose(`own start ${i}`, 8)} ${prose(`own ${i}`, 12)}`),
      )
    const score = (sharing: number, count: number): number =>
      compileOverlap(itemsOf(sharing, count), 8)(`${instruction} the answer`)?.score ?? 0
    assert.deepStrictEqual([score(2, 30), score(3, 30)], [0.4, 0])
    assert.deepStrictEqual([score(10, 400), score(11, 400)], [0.4, 0])
    const find = compileOverlap(itemsOf(30, 30), 8)
    assert.isAbove(find(prose("own 3", 12))?.score ?? 0, 0.6)
    // Sets are counted apart.
    const apart = itemsOf(30, 30).map((one, i) => ({ ...one, set: i }))
    assert.isDefined(compileOverlap(apart, 8)(`${instruction} the answer`))
  })

  it("answers the item that is covered most, of equals the first", () => {
    const [one, two] = [prose("one", 20), prose("two", 20)]
    const find = compileOverlap([item("a:1", one), item("a:2", two), item("a:3", two)], 8)
    assert.strictEqual(find(`${one.split(" ").slice(0, 12).join(" ")} ${two}`)?.source, "a:2")
  })

  it("an item that repeats itself is found, and a text that does is read in time", () => {
    const find = compileOverlap([item("a:1", "very ".repeat(5000)), item("a:2", prose("b", 5000))], 8)
    assert.deepInclude(find("very ".repeat(400_000)), { source: "a:1", contained: true })
    const from = performance.now()
    find(`${prose("b", 5000)} `.repeat(20))
    find("very ".repeat(400_000))
    assert.isBelow(performance.now() - from, 4000)
  })

  it("law: any window of eight words of an item is found, and no other text is", () => {
    const random = seeded("windows")
    const items = Array.from({ length: 50 }, (_, i) => item(`a:${i}`, words(random, 8 + i).join(" ")))
    const find = compileOverlap(items, 8)
    for (let i = 0; i < 300; i++) {
      const number = Math.floor(random() * 50)
      const own = (items[number]?.texts[0] ?? "").split(" ")
      const from = Math.floor(random() * (own.length - 7))
      assert.strictEqual(find(`x ${own.slice(from, from + 8).join(" ")} y`)?.source, `a:${number}`)
      assert.isUndefined(find(words(random, 30).join(" ")))
    }
  })
})

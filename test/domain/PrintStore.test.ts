import { assert, describe, it } from "@effect/vitest"
import { makePrintStore, memoryScratch } from "../../src/domain/PrintStore.ts"

const print = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("print store", () => {
  it("gives back the fingerprints and the task of any episode, none and empty ones too", () => {
    const store = makePrintStore(memoryScratch())
    const given = Array.from({ length: 5000 }, (_, i) =>
      Array.from({ length: i % 4 }, (__, k) => print(k === 2 ? "" : `${i} ${"x".repeat(i % 97)} ${k}`)),
    )
    given.forEach((prints, i) => store.push(i % 300, prints))
    assert.strictEqual(store.count(), 5000)
    for (let i = 4999; i >= 0; i -= 7) {
      assert.strictEqual(store.task(i), i % 300)
      assert.deepStrictEqual(store.prints(i), given[i])
    }
  })

  it("keeps what it was given when the bytes are used again, and while more comes in", () => {
    const store = makePrintStore(memoryScratch())
    const bytes = print("first")
    store.push(0, [bytes])
    bytes.fill(0)
    const read = store.prints(0)
    for (let i = 0; i < 100; i++) store.push(1, [print("y".repeat(5000))])
    assert.deepStrictEqual([read, store.prints(0)], [[print("first")], [print("first")]])
  })

  it("puts a fingerprint of words on a boundary of four, so that it is read without a copy", () => {
    const store = makePrintStore(memoryScratch())
    store.push(0, [print("abcde")])
    store.push(0, [new Uint8Array(8), new Uint8Array(12)])
    assert.deepStrictEqual(
      store.prints(1).map(({ byteOffset }) => byteOffset % 4),
      [0, 0],
    )
  })
})

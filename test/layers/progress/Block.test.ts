import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { openBlock, type Screen } from "../../../src/layers/progress/Block.ts"
import { makeTerminal } from "../../support/screen.ts"

/** A stream that ends on an emulated terminal; `writes` are counted. */
const screenOf = (columns: number) => {
  const terminal = makeTerminal(columns)
  const writes: Array<string> = []
  const screen: Screen & { columns: number } = {
    columns,
    write: (text) => {
      writes.push(text)
      terminal.write(text)
      return true
    },
  }
  const resize = (next: number): void => {
    screen.columns = next
    terminal.resize(next)
  }
  return { screen, terminal, writes, resize }
}

/** Without the empty line on which the cursor stands. */
const shown = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.slice(0, lines.findLastIndex((one) => one !== "") + 1)

describe("a block on a terminal", () => {
  it("is drawn over in place, a write each time, and none when nothing changed", () => {
    const { screen, terminal, writes } = screenOf(40)
    const block = openBlock(screen)
    block.draw(["one 1", "two 1"])
    block.draw(["one 22", "two"])
    block.draw(["one 22", "two"])
    assert.deepStrictEqual(shown(terminal.lines()), ["one 22", "two"])
    assert.strictEqual(writes.length, 2)
    assert.deepStrictEqual(terminal.cursor(), [2, 0])
  })

  it("becomes shorter and longer without leaving anything", () => {
    const { screen, terminal } = screenOf(40)
    const block = openBlock(screen)
    block.draw(["a", "b", "c", "d"])
    block.draw(["x"])
    assert.deepStrictEqual(shown(terminal.lines()), ["x"])
    block.draw(["x", "y", "z"])
    assert.deepStrictEqual(shown(terminal.lines()), ["x", "y", "z"])
  })

  it("stands below what others write, and goes away in the end", () => {
    const { screen, terminal } = screenOf(40)
    screen.write("before\n")
    const block = openBlock(screen)
    block.draw(["bar 1", "more"])
    screen.write("warning: a\n")
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "warning: a", "bar 1", "more"])
    block.draw(["bar 2", "more"])
    screen.write("half a li")
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "warning: a", "bar 2", "more"])
    screen.write("ne\nand a")
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "warning: a", "half a line", "bar 2", "more"])
    block.end()
    screen.write("\nafter\n")
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "warning: a", "half a line", "and a", "after"])
  })

  it("tells those who write that they have written, bytes too", async () => {
    const { screen, terminal } = screenOf(40)
    const block = openBlock(screen)
    block.draw(["bar"])
    const write = screen.write as unknown as (chunk: Uint8Array, encoding: string, done: () => void) => boolean
    await new Promise<void>((resolve) => {
      assert.isTrue(write(Buffer.from("bytes\n"), "utf8", resolve))
    })
    assert.deepStrictEqual(shown(terminal.lines()), ["bytes", "bar"])
    block.end()
  })

  it("leaves nothing behind when the window becomes narrow, and wide again", () => {
    const { resize, screen, terminal } = screenOf(40)
    screen.write("before\n")
    const block = openBlock(screen)
    block.draw(["#".repeat(39), "b".repeat(25), "c"])
    resize(18)
    block.draw(["#".repeat(17), "b"])
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "#".repeat(17), "b"])
    resize(60)
    block.draw(["#".repeat(59), "b"])
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "#".repeat(59), "b"])
    resize(7)
    screen.write("log\n")
    block.end()
    assert.deepStrictEqual(shown(terminal.lines()), ["before", "log"])
  })

  it("whatever is drawn and written in between, what was written stands in order, then the block", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/)
    const step = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 5 }).map((lines) => ({ draw: lines })),
      word.map((line) => ({ log: line })),
      fc.integer({ min: 13, max: 50 }).map((columns) => ({ columns })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { resize, screen, terminal } = screenOf(30)
        const block = openBlock(screen)
        const logs: Array<string> = []
        let drawn: ReadonlyArray<string> = []
        for (const step of steps) {
          if ("draw" in step) block.draw((drawn = step.draw))
          else if ("log" in step) {
            screen.write(`${step.log}\n`)
            logs.push(step.log)
          } else resize(step.columns)
          assert.deepStrictEqual(shown(terminal.lines()), [...logs, ...drawn])
        }
        block.end()
        assert.deepStrictEqual(shown(terminal.lines()), logs)
        assert.strictEqual(terminal.wraps(), 0)
      }),
    )
  })
})

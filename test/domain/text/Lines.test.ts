import { assert, describe, it } from "@effect/vitest"
import { dropBadLines } from "../../../src/domain/text/Lines.ts"
import { cpuSince } from "../../support/cpu.ts"

describe("dropBadLines", () => {
  it("line ends are trimmed and lines that quote a title go", () => {
    assert.strictEqual(dropBadLines("a  \nRE: x\n**RE: y**\nRE:\nb"), "a\nRE:\nb")
    assert.strictEqual(dropBadLines("re: x\n  RE: x"), "re: x\n  RE: x")
  })

  it("all kinds of line breaks count", () => {
    assert.strictEqual(dropBadLines("a\tb \t\r\nRE: x\u0085c\u2028d\u000be"), "a\tb\nc\nd\ne")
  })

  it("U-10: a megabyte of blanks takes no longer than its length", () => {
    const from = process.cpuUsage()
    for (const unit of [" ", "  \n", "RE: "]) dropBadLines(`${unit.repeat(2 ** 20 / unit.length)}x`)
    assert.isBelow(cpuSince(from), 5000)
  })
})

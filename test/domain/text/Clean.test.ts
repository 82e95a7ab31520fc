import { assert, describe, it } from "@effect/vitest"
import { cleanSets, compileClean } from "../../../src/domain/text/Clean.ts"
import { removeLinks } from "../../../src/domain/text/Links.ts"
import { removeMentions } from "../../../src/domain/text/Mentions.ts"
import { removeOoc } from "../../../src/domain/text/Ooc.ts"

const check = (step: (text: string) => string, vectors: ReadonlyArray<readonly [string, string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(step(input), expected, input)
}

describe("text", () => {
  it("U-1, U-2, U-3, U-4: cleans messages", () => {
    check(compileClean(cleanSets.original), [
      ["wait....what", "wait... what"],
      ["a.....b", "a... b"],
      ["hmm ....... ok", "hmm... ok"],
      ["hi , there . ok ? yes !", "hi, there. ok? yes!"],
      ["hello\u00a0world", "hello world"],
      ["He said.Yes", "He said. Yes"],
      ["asyncio.Queue", "asyncio.Queue"],
      ["“Hi” it’s", `"Hi" it's`],
      ["itâ€™s", "it's"],
      ["\ufeffhi", "hi"],
      ["a\r\nb", "a\nb"],
    ])
  })
  it("U-5: links go without their surroundings", () => {
    check(removeLinks, [
      ["see http://a.b/c d", "see d"],
      ["see http://a.b\nnext", "see\nnext"],
      ["[t](http://a.b) z", "t z"],
    ])
  })
  it("U-6, U-7: mentions and remarks go", () => {
    check(removeMentions, [
      ["hi @bob there", "hi there"],
      ["mail a@b.com", "mail a@b.com"],
    ])
    check(removeOoc, [
      ["((a)) keep ((b))", "keep"],
      ["(OOC: a) keep (b)", "keep (b)"],
      ["hello OOC: brb", "hello"],
    ])
  })
})

import { assert, describe, it } from "@effect/vitest"
import { cleanFlagNames, cleanSets, compileClean } from "../../../src/domain/text/Clean.ts"
import { htmlToMarkdown } from "../../../src/domain/text/Html.ts"
import { dropBadLines } from "../../../src/domain/text/Lines.ts"
import { removeLinks } from "../../../src/domain/text/Links.ts"
import { removeMentions } from "../../../src/domain/text/Mentions.ts"
import { removeOoc } from "../../../src/domain/text/Ooc.ts"

const check = (step: (text: string) => string, vectors: ReadonlyArray<readonly [string, string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(step(input), expected, input)
}

describe("the conformance vectors", () => {
  it("U-1, U-2, U-3, U-4: the clean-up", () => {
    check(compileClean(cleanSets.original), [
      ["wait....what", "wait... what"],
      ["a.....b", "a... b"],
      ["hmm ....... ok", "hmm... ok"],
      ["no!!!!!! way", "no!!! way"],
      ["a .. b", "a... b"],
      ["a..b", "a... b"],
      ["hi , there . ok ? yes !", "hi, there. ok? yes!"],
      ["hello\u00a0world", "hello world"],
      ["He said.Yes", "He said. Yes"],
      ["asyncio.Queue", "asyncio.Queue"],
      ["U.S.A", "U.S.A"],
      ["e.g.The", "e.g.The"],
      ["“Hi” it’s", `"Hi" it's`],
      ["itâ€™s", "it's"],
      ["\ufeffhi", "hi"],
      ["a\r\nb", "a\nb"],
      ["a\n\n\n\nb", "a\n\nb"],
    ])
  })

  it("U-5: links", () => {
    check(removeLinks, [
      ["see http://a.b/c d", "see d"],
      ["see http://a.b\nnext", "see\nnext"],
      ["[t](http://a.b) z", "t z"],
      ["http://", ""],
    ])
  })

  it("U-6: mentions", () => {
    check(removeMentions, [
      ["hi @bob there", "hi there"],
      ["mail a@b.com", "mail a@b.com"],
      ["yo @bob's cat", "yo cat"],
    ])
  })

  it("U-7: remarks out of character", () => {
    check(removeOoc, [
      ["((a)) keep ((b))", "keep"],
      ["(OOC: a) keep (b)", "keep (b)"],
      ["hello OOC: brb", "hello"],
      ["OOC: start", ""],
    ])
  })

  it("lines that quote a title", () => {
    check(dropBadLines, [["a  \nRE: x\n**RE: y**\nRE:\nb", "a\nRE:\nb"]])
  })

  it("T-15, T-18: posts in HTML", () => {
    check(htmlToMarkdown, [
      ['<a href="https://x.y">name</a> went', "name went"],
      ["<b>bold</b>text", "**bold**text"],
    ])
  })
})

describe("the flags", () => {
  const only = (flag: (typeof cleanFlagNames)[number]): ((text: string) => string) => compileClean({ [flag]: true })

  it("each does its own step and nothing else", () => {
    const text = "&eacute; Ã© \u0092\r\n\u001b[1m\u0007 e\u0301 ﬁ Ｈ \u00a0“x” ![i](u) wait....what\n\n\n\ny"
    const expected: { readonly [flag: string]: readonly [from: string, to: string] } = {
      entities: ["&eacute;", "é"],
      encoding: ["Ã©", "é"],
      c1: ["\u0092", "’"],
      lineBreaks: ["\r\n", "\n"],
      nfc: ["e\u0301", "é"],
      ligatures: ["ﬁ", "fi"],
      width: ["Ｈ", "H"],
      spaces: ["\u00a0", " "],
      quotes: ["“x”", '"x"'],
      images: ["![i](u)", ""],
      punctuation: ["wait....what", "wait... what"],
      newlines: ["\n\n\n\n", "\n\n"],
    }
    for (const [flag, [from, to]] of Object.entries(expected))
      assert.strictEqual(only(flag as "c1")(text), text.replace(from, to), flag)
    assert.strictEqual(only("controls")(text), text.replace(/[\u0092\u0007]|\u001b\[1m/g, ""))
    assert.deepStrictEqual([...Object.keys(expected), "controls"].sort(), [...cleanFlagNames].sort())
  })

  it("what one repair puts right is seen by the others, until nothing changes", () => {
    const repair = compileClean({ entities: true, encoding: true, c1: true })
    check(repair, [
      ["&Atilde;&copy;", "é"],
      ["&#195;&#402;&#194;&#169;", "é"],
      ["&#xe2;&#x20ac;&#x2122;", "’"],
      ["&amp;eacute;", "é"],
      ["&EACUTE;TAT &NBSP;x &NOSUCH;", "ÉTAT \u00a0x &NOSUCH;"],
      ["<b>&amp;</b>", "<b>&amp;</b>"],
    ])
  })

  it("terminal escapes go whole: colours, titles and links", () => {
    check(only("controls"), [
      ["\u001b[1;31mred\u001b[0m", "red"],
      ["\u001b]0;title\u0007x", "x"],
      ["\u001b]8;;http://a.b\u001b\\x\u001b]8;;\u001b\\", "x"],
      ["a\tb\nc", "a\tb\nc"],
    ])
  })

  it("joiners stay where a script spells with them", () => {
    check(only("spaces"), [
      ["ශ්\u200dරී", "ශ්\u200dරී"],
      ["क्\u200dष", "क्\u200dष"],
      ["می\u200cخواهم", "می\u200cخواهم"],
      ["a\u200db", "ab"],
    ])
  })

  it("full width, ligatures and curly quotes stay in chats", () => {
    const text = "「ＡＢＣ！」 ﬁn “so” it’s"
    assert.strictEqual(compileClean(cleanSets.chat)(text), text)
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { cleanFlagNames, cleanSets, compileClean } from "../../../src/domain/text/Clean.ts"
import {
  collapseBlankLines,
  collapseSpaces,
  decodeEntities,
  plainSpaces,
  removeControls,
  removeImages,
  straightenQuotes,
  stripLeadingDash,
  tidyPunctuation,
  unescapeLiterals,
  unifyLineBreaks,
} from "../../../src/domain/text/Style.ts"
import { cpuSince } from "../../support/cpu.ts"

type Step = (text: string) => string

const check = (step: Step, vectors: ReadonlyArray<readonly [input: string, expected: string]>): void => {
  for (const [input, expected] of vectors) assert.strictEqual(step(input), expected, JSON.stringify(input))
}
const stays = (step: Step, ...texts: ReadonlyArray<string>): void =>
  check(
    step,
    texts.map((text) => [text, text]),
  )

const original = compileClean(cleanSets.original)

describe("compileClean", () => {
  it("U-3, U-4: the remaining vectors of the clean-up", () => {
    check(original, [
      ["no!!!!!! way", "no!!! way"],
      ["a .. b", "a... b"],
      ["a..b", "a... b"],
      ["a\n\n\n\nb", "a\n\nb"],
    ])
    stays(original, "U.S.A", "e.g.The", "asyncio.Queue")
  })

  it("U-2: encoding is repaired before the spaces that it needs are touched", () => {
    check(original, [
      ["voilÃ\u00a0 lÃ\u00a0", "voilà là"],
      ["â€œHiâ€\u009d", '"Hi"'],
      ["cafÃ©â€¦", "café…"],
    ])
  })

  it("U-2: C1 controls are punctuation, not line breaks, and those without a meaning vanish", () => {
    check(original, [["wait\u0085 it\u0092s \u0096 so\u0081", "wait… it's – so"]])
    check(compileClean(cleanSets.off), [["it\u0092s", "it’s"]])
  })

  it("the three sets differ in what they touch", () => {
    const text = "“itâ€™s”\u00a0&amp; wait....what\r\n\n\n\u200bx"
    assert.strictEqual(original(text), '"it\'s" & wait... what\n\nx')
    assert.strictEqual(compileClean(cleanSets.chat)(text), "“it’s” &amp; wait....what\r\n\n\nx")
    assert.strictEqual(compileClean(cleanSets.off)(text), "“it’s”\u00a0&amp; wait....what\r\n\n\n\u200bx")
  })

  it("C-16: lone surrogates become U+FFFD, even with every flag off", () => {
    assert.strictEqual(compileClean({})("a\ud800b"), "a\ufffdb")
  })

  it("single flags can be chosen", () => {
    assert.strictEqual(compileClean({ quotes: true })("“a”....b"), '"a"....b')
    assert.strictEqual(compileClean({ punctuation: true })("“a”....b"), "“a”...b")
  })

  it("law: cleaning never throws, and the result is well-formed", () => {
    const flags = fc.record(Object.fromEntries(cleanFlagNames.map((name) => [name, fc.boolean()])))
    fc.assert(
      fc.property(flags, fc.string({ unit: "binary" }), (chosen, text) => {
        assert.isTrue(compileClean(chosen)(text).isWellFormed())
      }),
    )
  })
})

describe("tidyPunctuation", () => {
  it("U-3: runs are shortened before blanks are put between", () => {
    check(tidyPunctuation, [
      ["wait....what", "wait... what"],
      ["a.....b", "a... b"],
      ["-----", "---"],
      ["*****", "***"],
      ["a…b", "a… b"],
    ])
    stays(tidyPunctuation, "---", "***", "!!!", "...", "a... b")
  })

  it("U-4: code, addresses and names with dots stay", () => {
    stays(
      tidyPunctuation,
      "`a..b  foo.Bar`",
      "```\nx....y\nfoo.Bar\n```",
      "see http://a.b/He.Said....x now",
      "file.Name",
      "call asyncio.Queue() here",
      "version 1.2.3",
    )
    check(tidyPunctuation, [
      ["`a....b` c....d", "`a....b` c... d"],
      ["It works.Really", "It works. Really"],
      ["Stop!Now", "Stop! Now"],
    ])
  })
})

describe("plainSpaces", () => {
  it("U-1: other spaces become plain ones, invisible characters vanish", () => {
    check(plainSpaces, [
      ["hello\u00a0world", "hello world"],
      ["a\u2002b\u3000c\u202fd", "a b c d"],
      ["a\u200bb\u2060c\ufeffd", "abcd"],
      ["\ufeffhi", "hi"],
    ])
  })

  it("U-1: a joiner stays inside an emoji sequence only", () => {
    stays(plainSpaces, "👩\u200d💻", "👨\u200d👩\u200d👧", "👩🏽\u200d💻", "❤️\u200d🔥")
    check(plainSpaces, [
      ["a\u200db", "ab"],
      ["\u200d👩", "👩"],
    ])
  })
})

describe("removeImages", () => {
  it("U-12: one paragraph break is left where an image stood on its own", () => {
    check(removeImages, [
      ["a\n\n![x](http://a.b/c.png)\n\nb", "a\n\nb"],
      ["a ![x](y) b", "a  b"],
      ["a\n![x](y)\nb", "a\n\nb"],
      ["a\n\n![x](y)\n\n\n\nb", "a\n\nb"],
      ["![x](y)\n\nb", "b"],
      ["a\n\n![](y)", "a\n\n"],
      ["![a](b ![c](d) e", " e"],
      ["a![b](c)![d](e)f", "af"],
    ])
    check(removeImages, [[`a![b](data:${"x".repeat(10_000)})c`, "ac"]])
    stays(removeImages, "![x] (y)", "a!", "[t](u)", "![x](y\nz)", "![x](y")
  })
})

describe("unescapeLiterals", () => {
  it("T-13: literal line breaks, tildes and dashes are unescaped, with one backslash or two, before any letter", () => {
    check(unescapeLiterals, [
      ["One.\\nTwo.\\\\nThree", "One.\nTwo.\nThree"],
      ["He left.\\nand then\\nhe came", "He left.\nand then\nhe came"],
      ["Bye.\\n\\nand then", "Bye.\n\nand then"],
      ["\\\\n\\\\nx", "\n\nx"],
      ["\\~ \\- \\\\~ \\\\-", "~ - ~ -"],
      ["Note:\\nno", "Note:\nno"],
      ["see http://a.b\\nand", "see http://a.b\nand"],
    ])
  })

  it("T-13: code and paths stay", () => {
    stays(
      unescapeLiterals,
      "`a\\nb`",
      "```\nprint('a\\nb')\n```",
      "C:\\new",
      "open (D:\\data\\notes\\new.txt)",
      "on \\\\server\\new now",
      "\\\\\\n",
      "a\\b \\t",
    )
    check(unescapeLiterals, [
      ["C:\\new and\\nnext", "C:\\new and\nnext"],
      ["`a\\nb`\\nc", "`a\\nb`\nc"],
    ])
  })
})

describe("stripLeadingDash", () => {
  it("T-13: a dash alone goes; lists, rules and signs stay", () => {
    check(stripLeadingDash, [
      ["- Hello", "Hello"],
      ["a\n— b\nc", "a\nb\nc"],
      [" – b", "b"],
    ])
    stays(stripLeadingDash, "- a\n- b", "---", "-5 degrees", "a - b", "a\n\n---\n\nb")
  })

  it("T-13: blank lines between the items of a list do not count", () => {
    stays(stripLeadingDash, "- a\n\n- b", "x\n\n- a\n \n\n- b\n\n— c\n\ny", "- - -")
    check(stripLeadingDash, [
      ["- a\n\nb\n\n- c", "a\n\nb\n\nc"],
      ["x\n\n- a\n\n", "x\n\na\n\n"],
      ["- - -\n- a", "- - -\na"],
    ])
  })
})

describe("other steps", () => {
  it("character references are decoded up to the line of the first tag", () => {
    check(decodeEntities, [
      ["a &amp; b &#39;c&#x27;", "a & b 'c'"],
      ["&lt;b&gt;", "<b>"],
      ["&amp;\n&amp; <b>\n&amp;", "&\n&amp; <b>\n&amp;"],
    ])
    stays(decodeEntities, "a & b", "&nothing;", "&#xZZ;")
  })

  it("line breaks are unified, blank lines and blanks collapsed", () => {
    check(unifyLineBreaks, [["a\r\nb\rc\u2028d\u2029e\u0085f", "a\nb\nc\nd\ne\nf"]])
    check(collapseBlankLines, [["a\n\n\n\n\nb\n\nc\nd", "a\n\nb\n\nc\nd"]])
    check(collapseBlankLines, [
      ["a\n \n \nb", "a\n\nb"],
      ["a\n\t\nb \n  \n\n   c", "a\n\nb \n\n   c"],
    ])
    check(collapseSpaces, [["  a    b   c\n    d  e", "  a b c\n    d e"]])
  })

  it("controls vanish, tabs and line breaks stay; quotes become straight", () => {
    check(removeControls, [["\u001b[31mred\u001b[0m\u0007\u200e\tx\n", "red\tx\n"]])
    check(straightenQuotes, [["“a” ‘b’ „c‟", '"a" \'b\' "c"']])
  })
})

describe("all steps", () => {
  const steps: ReadonlyArray<readonly [string, Step]> = [
    ["original", original],
    ["collapseBlankLines", collapseBlankLines],
    ["collapseSpaces", collapseSpaces],
    ["unescapeLiterals", unescapeLiterals],
    ["stripLeadingDash", stripLeadingDash],
  ]

  it("U-10: a megabyte of hostile text takes no longer than its length", { timeout: 240_000 }, () => {
    const units = [
      " ",
      "\n",
      ".",
      "-",
      "*",
      "`",
      "``` ",
      "`a\n",
      "![",
      "![a](",
      "![a](b)\n",
      "&",
      "&a",
      "a://",
      "\\",
      "\\n",
      "C:\\",
      "\\\\a",
      "\u200d",
      "👩\u200d",
      " .",
      ". ",
      "- \n",
      "- a\n\n",
      " \n",
      "\n   ",
      "![a](b ",
      "\u0085",
      "a.B",
      "Ã",
      "â€",
      "\r",
      "\u001b[",
      "“",
    ]
    for (const [name, step] of steps) {
      for (const unit of units) {
        const text = `x${unit.repeat(2 ** 20 / unit.length)}x`
        const from = process.cpuUsage()
        step(text)
        assert.isBelow(cpuSince(from), 5000, `${name} ${JSON.stringify(unit)}`)
      }
    }
  })
})

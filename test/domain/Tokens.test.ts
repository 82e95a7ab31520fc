import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { get_encoding } from "tiktoken"
import { countWords, encodings, estimate, loadTokenizer, tokenizerNames } from "../../src/domain/Tokens.ts"
import { shared } from "../support/shared.ts"

const words = (count: number): string => Array.from({ length: count }, () => "word").join(" ")

describe("countWords", () => {
  it("law: as many as there are runs of what is no white space, in texts of any length", () => {
    const part = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 9 }),
      fc.constantFrom(" ", "\n", "\u3000", "\u0085", "😀"),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.constantFrom(1, 2, 3_000), (parts, times) => {
        const text = parts.join("").repeat(times)
        // What JavaScript calls white space, with the separators of ASCII and the next-line control, without the mark of order.
        const words = text.match(/(?:[^\s\u001c-\u001f\u0085]|\ufeff)+/g) ?? []
        assert.strictEqual(countWords(text), words.length)
      }),
    )
  })

  it("words are what stands between white space of any kind", () => {
    assert.strictEqual(countWords(""), 0)
    assert.strictEqual(countWords(" \n\t"), 0)
    assert.strictEqual(countWords("one  two\nthree\tfour"), 4)
    assert.strictEqual(countWords("a\u00a0b\u2003c\u3000d\u2028e\u0085f"), 6)
    assert.strictEqual(countWords("don't - stop."), 3)
    // A zero-width space is no white space.
    assert.strictEqual(countWords("a\u200bb"), 1)
  })

  it("law: joining texts by a blank adds their words", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "é", "\u00a0") })
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.strictEqual(countWords(`${a} ${b}`), countWords(a) + countWords(b))
        assert.strictEqual(countWords(a), a.split(/\s+/u).filter((word) => word !== "").length)
      }),
    )
  })
})

describe("estimate", () => {
  it("C-1: is 1.3 tokens a word, rounded up", () => {
    const expected = [
      [0, 0],
      [1, 2],
      [8, 11],
      [10, 13],
      [100, 130],
      [1000, 1300],
    ] as const
    for (const [count, tokens] of expected) assert.strictEqual(estimate(words(count)), tokens)
  })
})

describe("loadTokenizer", () => {
  it("C-11: an unknown name is told with the known ones", async () => {
    let told = ""
    await loadTokenizer("gpt5").catch((cause: unknown) => {
      told = String(cause)
    })
    assert.include(told, 'unknown tokenizer "gpt5"')
    for (const name of tokenizerNames) assert.include(told, name)
  })

  it("the estimate is the one without a model", async () => {
    assert.strictEqual((await loadTokenizer("estimate")).count, estimate)
  })

  it("every encoding that is offered counts", async () => {
    for (const name of encodings) {
      const { count } = await loadTokenizer(name)
      assert.strictEqual(count(""), 0, name)
      assert.strictEqual(count("hello world"), 2, name)
    }
  }, 60_000)

  it("cl100k_base counts known texts exactly", async () => {
    const { count } = await loadTokenizer("cl100k_base")
    assert.strictEqual(count("tiktoken is great!"), 6)
    assert.strictEqual(count("antidisestablishmentarianism"), 6)
    assert.strictEqual(count("2 + 2 = 4"), 7)
    assert.strictEqual(count("お誕生日おめでとう"), 9)
  })

  it("C-23: text that spells a special token is counted as text", async () => {
    const { count } = await loadTokenizer("cl100k_base")
    assert.isAbove(count("<|endoftext|>"), 1)
  })
})

/** Pieces of text that patterns tell apart, and that tokenizers have been seen to miscount. */
const contractions = ["s", "t", "re", "ve", "m", "ll", "d", "S", "T", "RE", "Ve", "M", "lL", "D", "\u017f", "\u212a"]
const snippets = [
  ...Array.from(" \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u200b\ufeff"),
  ...Array.from("!?.,;:-_=*/'\"`()[]{}<>@#$%^&|\\~\u2019\u2026\u2014"),
  ...Array.from("0123456789\u00bd\u2167\u0663\u4e00"),
  ...Array.from("aAzZ\u00e9\u00c9\u01c5\u02b0\u00aa\u00df\u0130\u0131\u0301\u0489\u093f\u0430\u0416"),
  ...Array.from("\u3042\u30a2\u754c\uac00\u05d0\u0627\u0e01"),
  "\u{1f600}",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u{1f1e9}\u{1f1ea}",
  "\u2764\ufe0f",
  "\u{1d400}",
  "\u{323b0}",
  "\u{e000}",
  "\u{10ffff}",
  "\ud800",
  "\udc00",
  "\ufffd",
  "\0",
  ...contractions.map((end) => `'${end}`),
  ...contractions.map((end) => ` it'${end}`),
  "\r\n",
  "\n\n",
  "    ",
  "\t\t",
  "----------",
  "......",
  "<|endoftext|>",
  "<|im_start|>",
  "```js\n",
  "://",
  "if (x != null) {",
  "const fooBar = 12345.678e-9;",
  "\n        return HTTPServer",
  "def __init__(self):\n    pass",
  "Hello",
  " world",
  "ing",
  "antidisestablishmentarianism",
  " DON'T",
  "e.g.",
  "3.14",
  " 1,000,000",
  "*sighs*",
  " \u043f\u0440\u0438\u0432\u0435\u0442",
  "\u304a\u8a95\u751f\u65e5",
  "\u0928\u092e\u0938\u094d\u0924\u0947",
]

/** Strings of up to so many units; lengths are drawn evenly, for short ones hide most differences. */
const strings = (unit: fc.StringConstraints["unit"] & {}, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit, maxLength, size: "max" })

const anyText = fc.oneof(
  { weight: 4, arbitrary: strings(fc.constantFrom(...snippets), 40) },
  strings("binary-ascii", 80),
  strings("grapheme", 40),
  strings("binary", 40),
  strings(
    fc.integer({ min: 0, max: 0x2fff }).map((code) => String.fromCharCode(code)),
    40,
  ),
  // Any UTF-16 units: one in 32 is a lone surrogate.
  strings(
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    40,
  ),
  strings(fc.constantFrom(...Array.from("'sStTrReEvVmMlLdD aA")), 40),
  strings(fc.constantFrom(...Array.from(" \t\n\r\u00a0a1!")), 40),
  strings(fc.constantFrom(...Array.from("aAeErRtTnN\u00aa\u0301\u3042")), 100),
  // Runs, which are longer than what is remembered of pieces or merged by the short way.
  fc
    .array(fc.tuple(fc.constantFrom(...snippets), fc.integer({ min: 1, max: 80 })), { maxLength: 4, size: "max" })
    .map((runs) => runs.map(([snippet, count]) => snippet.repeat(count)).join("")),
)

const tiktoken = <A>(name: (typeof encodings)[number], use: (encode: (text: string) => number) => A): A => {
  const encoding = get_encoding(name)
  try {
    return use((text) => encoding.encode_ordinary(text).length)
  } finally {
    encoding.free()
  }
}

describe("loadTokenizer, next to tiktoken", () => {
  const runs = {
    o200k_base: 20_000,
    cl100k_base: 20_000,
    p50k_base: 5000,
    p50k_edit: 2000,
    r50k_base: 5000,
    gpt2: 2000,
  }

  for (const name of encodings) {
    it(`${name}: law: ${runs[name]} random texts have as many tokens as tiktoken makes`, async () => {
      const { count } = await loadTokenizer(name)
      tiktoken(name, (expected) =>
        fc.assert(
          fc.property(anyText, (text) => {
            assert.strictEqual(count(text), expected(text), JSON.stringify(text))
          }),
          { numRuns: runs[name] },
        ),
      )
    }, 120_000)
  }

  it("every code point that is likely in a text, alone and between others", async () => {
    for (const name of ["o200k_base", "cl100k_base", "r50k_base"] as const) {
      const { count } = await loadTokenizer(name)
      tiktoken(name, (expected) => {
        const different: Array<string> = []
        const check = (text: string): void => {
          if (count(text) !== expected(text)) different.push(JSON.stringify(text))
        }
        for (let code = 0; code < 0x3400; code++) {
          const char = String.fromCharCode(code)
          for (const text of [char, `a${char}b`, ` ${char}A`, `'${char}`, `1${char} ${char}\n`, `Z${char}'S`])
            check(text)
        }
        for (let code = 0x3400; code < 0x32400; code += code < 0x1f000 || code > 0x1fb00 ? 17 : 1) {
          const char = String.fromCodePoint(code)
          check(`a${char}A ${char}'s${char}`)
        }
        assert.deepStrictEqual(different.slice(0, 20), [], name)
      })
    }
  }, 120_000)

  it("a text is counted the same the second time, and after many others", async () => {
    const { count } = await loadTokenizer("o200k_base")
    const text =
      "Quixotic zephyrs vexed the jackdaw; Grumblewick-Featherstonehaugh\u2019s gyroscope squeaked: *skreeee!*"
    const first = count(text)
    assert.strictEqual(count(text), first)
    // More words than are remembered, none of which is a token.
    let state = 1
    let words = ""
    for (let i = 0; i < 100_000; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      words += ` q${state.toString(36)}`
    }
    const many = count(words)
    assert.strictEqual(count(text), first)
    assert.strictEqual(count(words), many)
    tiktoken("o200k_base", (expected) => {
      assert.strictEqual(first, expected(text))
      assert.strictEqual(many, expected(words))
    })
  })

  const folder = shared("data")

  it.skipIf(!existsSync(folder))(
    "chats, instructions, code and hostile strings of the test data",
    async () => {
      const texts: Array<string> = []
      for (const file of [
        "topical-chat/valid_freq.json",
        "taskmaster/data_07.json",
        "strings/blns.json",
        "codealpaca/code_alpaca_2k.json",
        "llama-factory-demos/alpaca_zh_demo.json",
        "llama-factory-demos/identity.json",
      ]) {
        JSON.parse(readFileSync(`${folder}/${file}`, "utf8"), (_key, value: unknown) => {
          if (typeof value === "string") texts.push(value)
          return value
        })
      }
      const stories = `${folder}/transcripts`
      for (const file of readdirSync(stories).slice(0, 20)) texts.push(readFileSync(`${stories}/${file}`, "latin1"))
      assert.isAbove(texts.length, 10_000)
      for (const name of ["o200k_base", "cl100k_base", "gpt2"] as const) {
        const { count } = await loadTokenizer(name)
        tiktoken(name, (expected) => {
          for (const text of texts) assert.strictEqual(count(text), expected(text), text.slice(0, 1000))
        })
      }
    },
    120_000,
  )
})

describe("time of loadTokenizer", () => {
  const hostile: ReadonlyArray<readonly [string, string]> = [
    ["letters", "a"],
    ["capitals", "A"],
    ["letters in turn", "aA"],
    ["a capital and a mark in turn", "A\u0301"],
    ["marks before a capital", "\u0301\u0301A"],
    ["letters without case", "\u754c"],
    ["blanks", " "],
    ["ends of lines", "\n"],
    ["blanks and ends of lines", " \n"],
    ["tabs and no-break spaces", "\t\u00a0"],
    ["punctuation", "="],
    ["quotes", "'"],
    ["slashes after punctuation", "!/"],
    ["digits", "9"],
    ["emoji", "\u{1f600}"],
    ["lone surrogates", "\ud800"],
    ["unlike letters", "qxzjkvwq"],
  ]

  it("U-10: a million characters of any one kind take seconds, not hours", async () => {
    for (const [name, step] of [
      ["o200k_base", 1],
      ["cl100k_base", 4],
      ["r50k_base", 5],
    ] as const) {
      const { count } = await loadTokenizer(name)
      for (let i = 0; i < hostile.length; i += step) {
        const [what, unit] = hostile[i] as (typeof hostile)[number]
        const text = unit.repeat(1_000_000 / unit.length)
        const from = performance.now()
        const tokens = count(text)
        assert.isBelow(performance.now() - from, 10_000, `${name}: ${what}`)
        assert.isAtLeast(tokens, 1000, `${name}: ${what}`)
      }
    }
  }, 300_000)

  it("long texts are counted to their end, whatever the lengths of those before", async () => {
    const { count } = await loadTokenizer("o200k_base")
    // Three bytes and a token each.
    for (const length of [10, 3000, 5000, 6000, 20_000, 300_000, 200_000, 400_000, 5461, 1]) {
      assert.strictEqual(count("\u754c".repeat(length)), length)
    }
  })

  it("a run is counted as a whole", async () => {
    const { count } = await loadTokenizer("cl100k_base")
    // Eight of these letters are a token, and three digits.
    assert.strictEqual(count("a".repeat(1_000_000)), 125_000)
    assert.strictEqual(count("9".repeat(1_000_000)), 333_334)
    assert.strictEqual(count(`${"a".repeat(1_000_000)} word`), 125_001)
    assert.strictEqual(count(`${words(5000)}\n${"-".repeat(900)}`), 5000 + count(`\n${"-".repeat(900)}`))
  })
})

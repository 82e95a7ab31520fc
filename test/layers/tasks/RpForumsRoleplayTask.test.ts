import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { existsSync, readFileSync } from "node:fs"
import { loadPool } from "../../../src/domain/prompts/Pool.ts"
import { enumerateTemplate } from "../../../src/domain/prompts/Template.ts"
import { RpForums, type RpForumsRecord } from "../../../src/layers/datasets/RpForums.ts"
import { RpForumsRoleplayTask as task } from "../../../src/layers/tasks/RpForumsRoleplayTask.ts"
import { decodeOptions, openTask, promptOf, readSlice, rowsInput, runTask, skipOf, textsOf } from "../harness.ts"
import { shared } from "../../support/shared.ts"

type Post = readonly [author: string, message: string]

const thread = (posts: ReadonlyArray<Post>, more: Partial<RpForumsRecord> = {}): RpForumsRecord => ({
  title: "The Lost Map",
  messages: posts.map(([author, message]) => ({ author, message })),
  fileName: "a.rp.csv",
  number: 3,
  ...more,
})
/** The first post, cleaned. */
const clean = (message: string, run = {}, author = "owl_9"): string | undefined =>
  textsOf(
    runTask(
      task,
      thread([
        [author, message],
        ["fen", "Tom stepped in."],
        [author, "Well."],
        ["fen", "Yes."],
      ]),
      run,
    ),
  )[0]?.[1]

const ratings = (type: string): ReadonlyArray<string> =>
  loadPool(`content_type_${type}`).flatMap((template) => enumerateTemplate(template))

describe("RpForumsRoleplayTask", () => {
  it("C-20, T-16: the identifier holds the file and a number, not the title", () => {
    assert.strictEqual(
      runTask(
        task,
        thread([
          ["a", "b"],
          ["c", "d"],
        ]),
      ).id,
      "rpforums-a.rp.csv-3",
    )
  })

  it("the first poster is the user, and posts of one author are joined", () => {
    const made = runTask(
      task,
      thread([
        ["owl", "One day."],
        ["owl", "Two days."],
        ["fen", "Three."],
        ["owl", "Four."],
        ["fen", "Five."],
      ]),
    )
    assert.deepStrictEqual(textsOf(made), [
      ["u", "One day.\nTwo days."],
      ["m", "Three."],
      ["u", "Four."],
      ["m", "Five."],
    ])
  })

  it("T-15, T-18: the vectors of post clean-up", () => {
    assert.strictEqual(clean('<a href="https://x.y">name</a> went'), "name went")
    assert.strictEqual(clean("<b>bold</b>text"), "**bold**text")
    const made = runTask(
      task,
      thread([
        ["ann", "hello you"],
        ["bob_k", "hi bob_k"],
      ]),
    )
    assert.strictEqual(textsOf(made)[1]?.[1], "hi {{char_1}}")
  })

  it("T-16: names are found in any case, with odd edges, inside mark-up, as entities, and split by the clean-up", () => {
    assert.strictEqual(clean("Said Owl_9 to owl_9's cat"), "Said {{char_0}} to {{char_0}}'s cat")
    assert.strictEqual(clean("<i>owl_9</i>, <b>FEN</b>!"), "*{{char_0}}*, **{{char_1}}**!")
    assert.strictEqual(clean("Hey ~*Luna*~ there", {}, "~*Luna*~"), "Hey {{char_0}} there")
    assert.strictEqual(clean("Hey Tom &amp; Jo there", {}, "Tom & Jo"), "Hey {{char_0}} there")
    assert.strictEqual(clean("we saw Lord.Darkness there", {}, "Lord.Darkness"), "we saw {{char_0}} there")
    assert.strictEqual(clean("fennel and owl_99"), "fennel and owl_99")
  })

  it("T-16: what was put in is not scanned again", () => {
    assert.strictEqual(clean("I am char_0 here", {}, "char_0"), "I am {{char_0}} here")
  })

  it("T-17: mentions of authors go before names are replaced", () => {
    assert.strictEqual(clean("Hello @fen there"), "Hello there")
    assert.strictEqual(clean("Hello @Dark Lord, you", {}, "Dark Lord"), "Hello, you")
    assert.strictEqual(clean('Hello <a class="u" href="/m/1">@fen</a> you'), "Hello you")
    assert.notInclude(clean("Hello @<b>fen</b> you") as string, "@")
  })

  it("T-20: quotes, scripts and images leave nothing behind, also nested", () => {
    assert.strictEqual(
      clean("<blockquote>a<blockquote>b</blockquote>c</blockquote>He left.<script>x()</script>"),
      "He left.",
    )
    assert.match(
      clean('<div>One<div class="bbImageWrapper"><img src="x">pic</div></div><div>Two</div>') as string,
      /^One\n+Two$/,
    )
  })

  it("out-of-character remarks go unless they are asked for", () => {
    assert.strictEqual(clean("((brb)) He left. ((back))"), "He left.")
    assert.strictEqual(clean("((brb)) He left.", { options: { remove_ooc: false } }), "((brb)) He left.")
    assert.strictEqual(decodeOptions(task.options, {})["remove_ooc"], true)
  })

  it("lines that quote a title go", () => {
    assert.strictEqual(clean("RE: The map of owl<br>**<br>He left."), "**\nHe left.")
  })

  it("T-19: titles are judged by whole words", () => {
    const posts: ReadonlyArray<Post> = [
      ["a", "One day."],
      ["b", "Two days."],
    ]
    for (const title of ["Map OOC", "(o.o.c.) talk", "Character Sheets", "characters list", "Character roster here"]) {
      assert.strictEqual(skipOf(runTask(task, thread(posts, { title }))), "notAStory", title)
    }
    for (const title of ["The Brooch", "A character listens", "Cooc"]) {
      assert.strictEqual(skipOf(runTask(task, thread(posts, { title }))), undefined, title)
    }
  })

  it("leaves out threads of one post or of other than two authors", () => {
    assert.strictEqual(skipOf(runTask(task, thread([["a", "x y"]]))), "tooFewMessages")
    assert.strictEqual(
      skipOf(
        runTask(
          task,
          thread([
            ["a", "x y"],
            ["a", "z z"],
          ]),
        ),
      ),
      "notTwoAuthors",
    )
    assert.strictEqual(
      skipOf(
        runTask(
          task,
          thread([
            ["a", "x y"],
            ["b", "z z"],
            ["c", "w w"],
          ]),
        ),
      ),
      "notTwoAuthors",
    )
  })

  it("T-21: groups can be kept, other writers' posts with their names before them", () => {
    const made = runTask(
      task,
      thread([
        ["ann", "One day."],
        ["ben", "Two."],
        ["cat", "Three and four and five."],
        ["ann", "Then ben left."],
        ["cat", "Yes."],
      ]),
      { options: { groups: "prefix" } },
    )
    assert.deepStrictEqual(textsOf(made), [
      ["u", "{{char_0}}: One day."],
      ["u", "{{char_1}}: Two."],
      ["m", "Three and four and five."],
      ["u", "{{char_0}}: Then {{char_1}} left."],
      ["m", "Yes."],
    ])
  })

  it("D-7: the rating comes from the config, then the file name, then mixed with a count", () => {
    const posts: ReadonlyArray<Post> = [
      ["a", "One day."],
      ["b", "Two days."],
    ]
    const of = (fileName: string, content_type?: unknown) => {
      const made = runTask(task, thread(posts, { fileName }), {
        customPrompts: ["{{content_type_str}}"],
        options: content_type === undefined ? {} : { content_type },
      })
      return { prompt: promptOf(made) as string, repairs: made.repairs }
    }
    assert.include(ratings("rp"), of("x.rp.csv").prompt)
    assert.include(ratings("erp"), of("x.erp.csv").prompt)
    assert.deepStrictEqual(of("x.csv").repairs, { unknownContentTypeMixed: 1 })
    assert.deepStrictEqual(of("x.mixed.csv").repairs, {})
    assert.include(ratings("rp"), of("x.erp.csv", "rp").prompt)
    assert.include(ratings("rp"), of("forum-x.csv", { "other*": "erp", "forum*.csv": "rp" }).prompt)
    assert.include(ratings("erp"), of("x.erp.csv", { "forum*": "rp" }).prompt)
    assert.throws(() => decodeOptions(task.options, { content_type: "sfw" }))
  })

  it("C-12: custom prompts are used with the same steps", () => {
    const made = runTask(
      task,
      thread([
        ["a", "One day."],
        ["b", "<b>Two</b> days."],
      ]),
      { customPrompts: ["Write. {{response_style_str}}"] },
    )
    assert.strictEqual(promptOf(made), "Write. {{response_style_str}}")
    assert.strictEqual(textsOf(made)[1]?.[1], "**Two** days.")
  })

  it("C-14: authors are numbered in the order of their first posts", () => {
    const made = runTask(
      task,
      thread([
        ["zoe", "I am zoe."],
        ["abe", "And I abe."],
      ]),
    )
    assert.deepStrictEqual(
      textsOf(made).map(([, text]) => text),
      ["I am {{char_0}}.", "And I {{char_1}}."],
    )
  })

  it("C-5: arbitrary posts and authors never throw", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("<b>", "((", "@a b", "{{char_0}}", "http://", "<a href='", "a.b[c"),
    )
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            text,
            fc.array(text, { maxLength: 4 }).map((parts) => parts.join("")),
          ),
          { maxLength: 6 },
        ),
        fc.boolean(),
        (posts, prefix) => {
          const { result } = runTask(task, thread(posts), { options: { groups: prefix ? "prefix" : "skip" } })
          assert.isTrue("turns" in result || "skip" in result)
        },
      ),
    )
  })

  it("U-10: a megabyte of hostile text takes no longer than its length", () => {
    for (const part of [
      "@",
      "((",
      "<b>",
      "http://",
      "[a](",
      "owl_9 ",
      "@owl_9",
      "{{char_",
      " ",
      "&nbsp;",
      "<",
      "OOC: ",
    ]) {
      const from = performance.now()
      const made = runTask(
        task,
        thread([
          ["owl_9", `x ${part.repeat(1_000_000 / part.length)} x`],
          ["fen", "Yes."],
          ["owl_9", "No."],
          ["fen", "Yes."],
        ]),
      )
      assert.isDefined(made.result)
      assert.isBelow(performance.now() - from, 4000, part)
    }
  }, 60_000)

  it.skipIf(!existsSync(shared("raw/rp_forums")))(
    "makes episodes of the sample tree without a name of an author",
    () => {
      const run = openTask(task)
      let used = 0
      for (const name of ["forum-a.rp.csv", "forum-b.erp.csv", "forum-c.mixed.csv"]) {
        const text = readFileSync(shared(`raw/rp_forums/${name}`), "utf8")
        for (const { record } of readSlice(RpForums, rowsInput(`rp_forums/${name}`, text)).records) {
          const made = run(record)
          assert.deepStrictEqual(made.repairs, {})
          if (skipOf(made) !== undefined) continue
          used++
          const all = textsOf(made)
            .map(([, said]) => said)
            .join("\n")
            .toLowerCase()
          for (const { author } of record.messages) assert.isFalse(all.includes(author.toLowerCase()))
          assert.notMatch(all, /https?:\/\/|<blockquote|bbimage/)
        }
      }
      assert.isAbove(used, 150)
    },
  )

  it("T-16: a nickname that is an ordinary word is replaced only as its owner writes it, inside a sentence", () => {
    assert.strictEqual(clean("<p>Third time, I hope. Ask Hope.</p>", {}, "Hope"), "Third time, I hope. Ask {{char_0}}.")
  })

  it("names and mentions stay where they are not to be anonymised", () => {
    assert.strictEqual(clean("<p>@fen, owl_9 waits</p>", { anonymize: [] }), "@fen, owl_9 waits")
    assert.strictEqual(clean("<p>@fen, owl_9 waits</p>", { anonymize: ["names"] }), "@{{char_1}}, {{char_0}} waits")
    const made = runTask(
      task,
      thread([
        ["owl", "One."],
        ["fen", "Two."],
      ]),
      { anonymize: [] },
    )
    assert.deepStrictEqual("turns" in made.result ? made.result.turns.map(({ name }) => name) : [], ["owl", "fen"])
  })
})

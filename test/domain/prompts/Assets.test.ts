import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { packageRoot, readAsset, readList } from "../../../src/domain/Assets.ts"
import { fillHints } from "../../../src/domain/prompts/Hints.ts"
import { type Placeholder, placeholders } from "../../../src/domain/prompts/Placeholders.ts"
import { loadPool, parsePool, promptSource } from "../../../src/domain/prompts/Pool.ts"
import { compileTemplate, enumerateTemplate, templateProblems } from "../../../src/domain/prompts/Template.ts"
import * as RecordRandom from "../../../src/domain/RecordRandom.ts"
import { tasks } from "../../../src/layers/tasks/All.ts"

/** The tasks that draw from each pool. */
const users: { readonly [pool: string]: ReadonlyArray<string> } = {
  aesir: ["AesirRoleplayTask"],
  aitown: ["AiTownRoleplayTask"],
  assistant: [
    "AiroborosInstructionFollowingTask",
    "AlpacaTask",
    "MessagesTask",
    "NoRobotsInstructionFollowingTask",
    "PreferenceTask",
    "ShareGptTask",
  ],
  characterai: ["CharacterAiRoleplayTask"],
  chat: ["AlpacaTask", "MessagesTask", "PreferenceTask", "ShareGptTask"],
  gti: [],
  no_robots_brainstorm: ["NoRobotsInstructionFollowingTask"],
  no_robots_open_qa: ["NoRobotsInstructionFollowingTask"],
  opencai: ["OpenCaiRoleplayTask"],
  pygclaude: ["PygClaudeRoleplayTask"],
  rpforums: ["RpForumsRoleplayTask"],
  teatime: ["TeatimeRoleplayTask"],
}

/** Pools whose texts become a part of another prompt, with the placeholders that are filled there. */
const parts: { readonly [pool: string]: ReadonlyArray<Placeholder> } = {
  content_type_erp: [],
  content_type_mixed: [],
  content_type_rp: [],
  pygclaude_persona: ["char"],
}

const files = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(packageRoot(), "assets", folder))
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -4))
    .sort()

const pools = files("prompts")
const templatesOf = (pool: string): ReadonlyArray<string> => parsePool(readAsset(`prompts/${pool}.txt`))

const allowed = (pool: string): ReadonlyArray<Placeholder> => {
  const part = parts[pool]
  if (part !== undefined) return part
  const offered = (users[pool] ?? []).map((name) => tasks.find((task) => task.name === name)?.placeholders ?? [])
  return offered.length === 0 ? [] : placeholders.filter((name) => offered.every((list) => list.includes(name)))
}

/** How prompts begin that are careless on purpose: models must understand those as well. */
const sloppy = ["hey you", "ok listen", "alright machine", "yo,", "plz rp", "lets roleplya", "can u", "i wnat", "%% "]

/** Grammar that a rule can check, in the text of a prompt. */
const faults = (text: string): ReadonlyArray<string> => {
  const out: Array<string> = []
  const rule = (name: string, broken: boolean) => void (broken && out.push(name))
  // "a user", "a one-word answer"; "an RP", "an hour".
  rule(
    "article",
    /\ba (?!(?:uni|use|one\b|once\b|eu))[aeiou]/i.test(text) || /\ban (?!(?:[aeiou]|RP\b|hour|honest))\w/i.test(text),
  )
  rule("doubled word", /\b([\p{L}']+)[ :]{1,2}\1\b/iu.test(text))
  rule(
    "lower-case beginning",
    text.split("\n").some((line) => /^[a-z](?![a-z]{0,20}:)/.test(line)),
  )
  rule("lower-case sentence", /(?<!e\.g|i\.e)[.!?] [a-z]/.test(text))
  rule("punctuation", /[.,;:!?] ?[.,;]| [.,;:!?]/.test(text.replace(/e\.g\.,?|i\.e\.,?/g, "")))
  rule("label", /\b(\w{4,}): (?:the |a |this )?\1\b/i.test(text))
  rule("question and answer", /^Q:(?!.*\nA:)/.test(text) || /^Question:(?!.*\nAnswer:)/.test(text))
  rule("tag question", /^(?:Let's|Time)\b.*, would you\?/.test(text))
  return out
}

describe("assets/prompts", () => {
  it("every pool is known here, and so are the tasks that use it", () => {
    assert.deepStrictEqual(pools, [...Object.keys(users), ...Object.keys(parts)].sort())
    const names = tasks.map(({ name }) => name).sort()
    for (const list of Object.values(users)) for (const name of list) assert.include(names, name)
    // And none is left without a pool.
    assert.deepStrictEqual([...new Set(Object.values(users).flat())].sort(), names)
  })

  it("U-9, X-12: every template parses without problems and uses only what its task offers", () => {
    for (const pool of pools) {
      for (const template of templatesOf(pool)) {
        assert.deepStrictEqual(templateProblems(template, allowed(pool)), [], `${pool}: ${template}`)
      }
    }
  })

  it("U-9: no template, variant or alternative stands twice in a pool", () => {
    for (const pool of pools) {
      const texts = templatesOf(pool).flatMap((template) => enumerateTemplate(compileTemplate(template), 10_000))
      const seen = new Set<string>()
      for (const text of texts) {
        const plain = text.toLowerCase().replace(/\s+/g, " ").trim()
        assert.isFalse(seen.has(plain), `${pool}: ${text}`)
        seen.add(plain)
      }
    }
  })

  it("U-9: every pool has enough variety", () => {
    for (const pool of pools) {
      const counts = loadPool(pool).map((template) => template.reduce((all, block) => all * block.length, 1))
      const variants = counts.reduce((all, count) => all + count, 0)
      assert.isAtLeast(counts.length, pool in parts ? 3 : 5, pool)
      assert.isAtLeast(variants, pool in parts ? 10 : 30, pool)
      // No template is a fixed sentence.
      assert.isAtLeast(Math.min(...counts), 2, pool)
    }
  })

  it("U-9: no variant holds leftovers of the notation, doubled blanks, or indentation", () => {
    for (const pool of pools) {
      for (const template of templatesOf(pool)) {
        for (const text of enumerateTemplate(compileTemplate(template), 10_000)) {
          const plain = text.replace(/\{\{[a-z_]+\}\}/g, "X")
          assert.notMatch(plain, /[{}|\\]|%\{/, `${pool}: ${text}`)
          assert.notMatch(plain, / {2}|^\s|\s$|\n[ \t]|[ \t]\n|\n{3}|\.\./, `${pool}: ${text}`)
          assert.notMatch(plain, / [.,;:!?]/, `${pool}: ${text}`)
        }
      }
    }
  })

  it("C-9: an empty hint leaves no debris in any template", () => {
    const values = { char: "Iris", user: "Tom", persona: "Shy.", characters: "Iris: shy", content_type_str: "Safe" }
    for (const pool of pools.filter((name) => !(name in parts))) {
      for (const template of templatesOf(pool)) {
        const source = promptSource([compileTemplate(template)])
        for (let i = 0; i < 30; i++) {
          const prompt = source.sample(RecordRandom.make(`${i}`), values)
          const text = fillHints(prompt, { style: "", length: "Be brief" })
          assert.notMatch(text, /\{\{|\. ?\.|[,;:] ?\.| {2}|\n- ?\n/, `${pool}: ${text}`)
        }
      }
    }
  })

  it("U-9: every variant reads like English: articles, capitals, punctuation, no word twice", () => {
    for (const pool of pools) {
      for (const template of templatesOf(pool)) {
        for (const text of enumerateTemplate(compileTemplate(template), 10_000)) {
          if (!sloppy.some((start) => text.startsWith(start))) {
            assert.deepStrictEqual(faults(text.replace(/\{\{[a-z_]+\}\}/g, "Xavier")), [], `${pool}: ${text}`)
          }
        }
      }
    }
  })

  it("the rules of this test find what they are for", () => {
    for (const [text, found] of [
      ["Take the role of a inventive thinker", "article"],
      ["This is an story", "article"],
      ["Stay in character . then reply", "lower-case sentence, punctuation"],
      ["Reply well.. Now", "punctuation"],
      ["Reply well. , now", "punctuation"],
      ["Continue the the story", "doubled word"],
      ["Rating: Rating: explicit", "doubled word, label"],
      ["Rating: The rating is explicit", "label"],
      ["conversation with X", "lower-case beginning"],
      ["Goal: reply\nand well", "lower-case beginning"],
      ["Q: How?\nAnswer: So", "question and answer"],
      ["Question: How?\nA: So", "question and answer"],
      ["Time to be useful, would you?", "tag question"],
    ] as const)
      assert.strictEqual(faults(text).join(", "), found, text)
    for (const text of [
      "You are an assistant, a user and an RP partner. What now? Go on: it is 1 hour. Now, e.g. this, an hour later",
      "Q: How?\nA: So",
      "> what can I do for you?\n- a\n%% TERMINAL v1.0 %%\nstatus: ready\n<START>",
      "Help me out, would you?",
    ])
      assert.deepStrictEqual(faults(text), [], text)
  })

  it("U-9: a rating or a hint begins a sentence, an item or what follows a label, and ends it", () => {
    const whole = /\{\{(?:response_style_str|response_length_str|content_type_str)\}\}/g
    for (const pool of pools) {
      for (const template of templatesOf(pool)) {
        for (const text of enumerateTemplate(compileTemplate(template), 10_000)) {
          for (const found of text.matchAll(whole)) {
            assert.match(text.slice(0, found.index), /(?:^|[.!?:] |\n(?:- )?)$/, `${pool}: ${text}`)
            assert.match(text.slice(found.index + found[0].length), /^(?:[.\n]|$)/, `${pool}: ${text}`)
          }
        }
      }
    }
  })

  it("U-9: every rating reads well in every prompt that takes one", () => {
    const ratings = ["content_type_erp", "content_type_mixed", "content_type_rp"].flatMap((pool) =>
      templatesOf(pool).flatMap((template) => enumerateTemplate(compileTemplate(template))),
    )
    let filled = 0
    for (const template of templatesOf("rpforums").filter((text) => text.includes("{{content_type_str}}"))) {
      for (const text of enumerateTemplate(compileTemplate(template), 10_000)) {
        for (const rating of ratings) {
          const prompt = text.replace("{{content_type_str}}", rating).replace("{{response_length_str}}", "Be brief")
          assert.deepStrictEqual(faults(prompt), [], prompt)
          filled++
        }
      }
    }
    assert.isAbove(filled, 1000)
  })

  it("a rating is a sentence without its full stop, a lead-in ends with a colon", () => {
    for (const pool of ["content_type_erp", "content_type_mixed", "content_type_rp"]) {
      for (const template of templatesOf(pool)) assert.match(template, /[a-z)}]$/, template)
    }
    for (const template of templatesOf("pygclaude_persona")) assert.match(template, /:$/, template)
  })
})

describe("assets/prompts/hints", () => {
  const lists = files("prompts/hints")

  it("is all there", () => {
    assert.deepStrictEqual(lists, [
      "length_long",
      "length_medium",
      "length_short",
      "length_very_long",
      "paragraph_one",
      "paragraphs_many",
      "style_actions",
      "style_quotes",
    ])
  })

  it("every list holds different sentences, capitalised, without full stop and placeholders", () => {
    for (const name of lists) {
      const sentences = readList(`prompts/hints/${name}.txt`)
      assert.isAtLeast(sentences.length, 3, name)
      assert.strictEqual(new Set(sentences.map((sentence) => sentence.toLowerCase())).size, sentences.length, name)
      for (const sentence of sentences) assert.match(sentence, /^[A-Z][^{}|%\\]*[a-z]$/, `${name}: ${sentence}`)
    }
  })

  it("the number of paragraphs has one place in each sentence, the only capital N", () => {
    for (const sentence of readList("prompts/hints/paragraphs_many.txt")) {
      assert.deepStrictEqual(sentence.match(/N/g), ["N"], sentence)
      assert.match(sentence, /(?<![A-Za-z])N(?![A-Za-z])/, sentence)
    }
  })
})

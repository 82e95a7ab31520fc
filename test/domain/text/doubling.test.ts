/**
 * Time in proportion to the text, whatever the text: each rule on repeats of what it looks for. Twice as much takes less
 * than 2.6 times as long; compared by the shortest of several runs, and only where the time is long enough to be told.
 * `TOOLBOX_LONG` tries all pairs of atoms as well.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  anonymizeKinds,
  compileAnonymizer,
  compilePeopleFinder,
  findMentions,
} from "../../../src/domain/text/Anonymize.ts"
import { cleanFlagNames, cleanSets, compileClean } from "../../../src/domain/text/Clean.ts"
import { repairControls, repairMojibake } from "../../../src/domain/text/Encoding.ts"
import { htmlToMarkdown } from "../../../src/domain/text/Html.ts"
import * as Identifiers from "../../../src/domain/text/Identifiers.ts"
import { dropBadLines } from "../../../src/domain/text/Lines.ts"
import { removeLinks } from "../../../src/domain/text/Links.ts"
import { looksMangled } from "../../../src/domain/text/Mangled.ts"
import { compileMentionRemover, removeMentions } from "../../../src/domain/text/Mentions.ts"
import { compileNameReplacer, replaceNames } from "../../../src/domain/text/Names.ts"
import { isBracketedRemark, isParenthesised, removeOoc } from "../../../src/domain/text/Ooc.ts"
import * as Style from "../../../src/domain/text/Style.ts"
import { terminalText } from "../../../src/domain/text/Terminal.ts"
import { cpuSince } from "../../support/cpu.ts"

const people = ["bob", "bob smith jr", "b b b c", "((x"]

const rules: { readonly [name: string]: (text: string) => unknown } = {
  original: compileClean(cleanSets.original),
  "every flag": compileClean(Object.fromEntries(cleanFlagNames.map((name) => [name, true]))),
  composeMarks: Style.composeMarks,
  looksMangled,
  repairMojibake,
  repairControls,
  decodeEntities: Style.decodeEntities,
  unifyLineBreaks: Style.unifyLineBreaks,
  removeControls: Style.removeControls,
  splitLigatures: Style.splitLigatures,
  narrowWidth: Style.narrowWidth,
  straightenQuotes: Style.straightenQuotes,
  plainSpaces: Style.plainSpaces,
  collapseBlankLines: Style.collapseBlankLines,
  removeImages: Style.removeImages,
  tidyPunctuation: Style.tidyPunctuation,
  collapseSpaces: Style.collapseSpaces,
  unescapeLiterals: Style.unescapeLiterals,
  stripLeadingDash: Style.stripLeadingDash,
  dropBadLines,
  removeLinks,
  removeMentions,
  "removeMentions of names": compileMentionRemover(people),
  "replaceNames of people": compileNameReplacer(people.map((name) => [name, "x"])),
  replaceNames: (text) => replaceNames(text, { char: "Iris", user: "Tom" }),
  removeOoc,
  isBracketedRemark,
  isParenthesised,
  htmlToMarkdown,
  terminalText,
  findPeople: compilePeopleFinder(["Hope", ...people]),
  findMentions,
  findEmails: Identifiers.findEmails,
  findPhones: Identifiers.findPhones,
  findAddresses: Identifiers.findAddresses,
  findCards: Identifiers.findCards,
  findIbans: Identifiers.findIbans,
  findKeys: Identifiers.findKeys,
  anonymize: (text) => compileAnonymizer(anonymizeKinds)(people).text(text),
}

/** What the rules look for, whole and in parts. */
const atoms: ReadonlyArray<string> = [
  Array.from(" \n\t.,!?-*_~\"'`#:;/\\@&<>()[]{}|=0a Ab…“”’—\u00a0\u200d\u0085\u001bÃÂâĐР×éЖ日😀\ud800"),
  [
    "..",
    "...",
    "….",
    "----",
    "****",
    "!!!!",
    " .",
    " ..",
    "a.B",
    "ab.Cd",
    "no!Yes",
    "\\n",
    "\\\\",
    "c:\\",
    "- x\n",
    "\r\n",
    "\n \n",
  ],
  ["&amp;", "&amp", "&#", "&#x1F600;", "&EACUTE;", "Ã©", "â€™", "ðŸ˜", "Ð¿", "РџС", "Ã ", "Ã…", "ГўВ", "√©", "\ufffd"],
  [
    "http://",
    "http:\\/\\/",
    "www.",
    "https://a.b/(",
    "%3A%2F%2F",
    "[a](",
    "[a](http://b)",
    "![",
    "![a](",
    "](",
    "](http://x",
  ],
  [
    "@a",
    "@bob",
    "@bob smith",
    "@a-",
    "@a.",
    "@bob's ",
    "bob",
    "bob ",
    "b b ",
    "((",
    "))",
    "((x",
    "[[",
    "]]",
    "(OOC:",
    "OOC: ",
    "ooc",
    ":)",
    "((a)",
    "RE: \n",
  ],
  [
    "<",
    "<b>",
    "</b>",
    "<i><b>",
    "<a href='",
    "<blockquote>",
    "<div class=bbImageWrapper>",
    "<ul><li>",
    "<table><tr><td>",
    "<pre>",
    "<code>",
    "<!--",
    "<script>",
    "<br>",
    "*<b>*",
  ],
  [
    "{{char}}",
    "{{",
    "}}",
    "```",
    "`a`",
    "1",
    "12 ",
    "1.",
    "1-",
    "(1",
    "555-",
    "+1 ",
    "0123 ",
    "01.02.",
    "a@b.",
    "a@",
    "a.b@c.de ",
    "1.2.3.4 ",
    "81.2.69.142.",
    "::",
    "a:b:",
    "0a-",
    "DE89 ",
    "4532 0151 1283 0366 ",
    "453201511283036",
  ],
  [
    "sk-",
    "sk-aB3dE6gH9jK2mN5pQ8",
    "AKIA",
    "eyJ",
    "eyJaB3dE6gH9.",
    "ghp_aB3dE6gH9",
    "://a:",
    "://a:b@",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\naB3dE6gH9jK2mN5p\n",
    "Bearer ",
    "phone: ",
    "call me ",
  ],
].flat()

const size = 1 << 15

const fill = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length))

const shortest = (rule: (text: string) => unknown, text: string, runs: number): number => {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const from = process.cpuUsage()
    rule(text)
    best = Math.min(best, cpuSince(from))
  }
  return best
}

/** Ratio of the CPU times of two texts, one twice as long; 0 where both are too short to be compared. */
const ratioOf = (rule: (text: string) => unknown, unit: string): number => {
  // What is quadratic takes far longer than this.
  const enough = 6
  if (shortest(rule, fill(unit, size * 2), 2) < enough) return 0
  let ratio = Number.POSITIVE_INFINITY
  // A collection of garbage or a busy machine makes a ratio larger in one try or at one size, not in all of them.
  for (let attempt = 0; attempt < 6 && ratio >= 2.6; attempt++) {
    const length = size * (attempt % 2 === 0 ? 1 : 2)
    const once = Math.max(1, shortest(rule, fill(unit, length), 3))
    ratio = Math.min(ratio, shortest(rule, fill(unit, length * 2), 5) / once)
  }
  return ratio
}

const slow = (units: ReadonlyArray<string>, rule: (text: string) => unknown): ReadonlyArray<string> =>
  units.flatMap((unit) => {
    const ratio = ratioOf(rule, unit)
    return ratio < 2.6 ? [] : [`${JSON.stringify(unit)}: ${ratio.toFixed(2)} times as long`]
  })

describe("doubling", () => {
  it.each(Object.keys(rules))("U-10: %s", { timeout: 60_000 }, (name) => {
    const rule = rules[name] as (text: string) => unknown
    assert.deepStrictEqual(slow(atoms, rule), [])
    // The same between something that must be looked for to the end.
    for (const [open, close] of [
      ["((", "))"],
      ["<b>", "</b>"],
      ["`", "`"],
      ["*", "*"],
    ] as const)
      assert.deepStrictEqual(slow([`${open}a ${close}`, `${open}a `], rule), [])
  })

  it.runIf(process.env["TOOLBOX_LONG"] !== undefined)("no text is too long for the stack of an engine", () => {
    // What loops over groups in a pattern keeps a place for each round: some millions of them are too many.
    const text =
      fill("é a Ã© ", 4_000_000) +
      fill("\n \n", 2_000_000) +
      fill("-----BEGIN PRIVATE KEY-----\naB3dE6gH9jK2mN5p\n", 4_000_000)
    for (const name of ["original", "anonymize", "removeLinks", "removeOoc", "dropBadLines", "removeMentions"])
      assert.doesNotThrow(() => (rules[name] as (text: string) => unknown)(text), name)
  })

  it.runIf(process.env["TOOLBOX_LONG"] !== undefined).each(Object.keys(rules))(
    "U-10: %s, all pairs of atoms",
    { timeout: 3_600_000 },
    (name) => {
      const rule = rules[name] as (text: string) => unknown
      for (const first of atoms)
        assert.deepStrictEqual(
          slow(
            atoms.map((second) => first + second),
            rule,
          ),
          [],
        )
    },
  )
})

// How fast the text rules are on clean English: megabytes of input per CPU second, the best of several rounds, beside a
// plain scan of the same texts (one look at every character) in the same run. Machines differ: the ratio tells more.
//
//   npm run build && node bench/text.mjs [--rounds 7] [--json]
//
// Texts are the messages of ../shared/raw that the clean-up leaves as they are; where it is absent, those of the samples.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { anonymizeKinds, compileAnonymizer } from "../dist/domain/text/Anonymize.js"
import { cleanSets, compileClean } from "../dist/domain/text/Clean.js"
import { repairMojibake } from "../dist/domain/text/Encoding.js"
import { htmlToMarkdown } from "../dist/domain/text/Html.js"
import { dropBadLines } from "../dist/domain/text/Lines.js"
import { removeLinks } from "../dist/domain/text/Links.js"
import { removeMentions } from "../dist/domain/text/Mentions.js"
import { compileNameReplacer } from "../dist/domain/text/Names.js"
import { removeOoc } from "../dist/domain/text/Ooc.js"
import {
  collapseBlankLines,
  collapseSpaces,
  stripLeadingDash,
  tidyPunctuation,
  unescapeLiterals,
} from "../dist/domain/text/Style.js"
import { compileUserPattern } from "../dist/domain/text/UserPattern.js"

const { values } = parseArgs({ options: { rounds: { type: "string", default: "7" }, json: { type: "boolean" } } })
const root = fileURLToPath(new URL("..", import.meta.url))
const shared = join(root, "..", "shared", "raw")
const source = existsSync(shared) ? shared : join(root, "samples")

/** All texts of the JSON files below a folder. */
const textsOf = (folder) => {
  const found = []
  const visit = (value) => {
    if (typeof value === "string") found.push(value)
    else if (value !== null && typeof value === "object") for (const inner of Object.values(value)) visit(inner)
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.jsonl?$/.test(entry.name)) continue
    const text = readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8").replace(/^\ufeff/, "")
    for (const part of entry.name.endsWith("l") ? text.split("\n") : [text])
      try {
        visit(JSON.parse(part))
      } catch {
        // Not every line of a raw dump is whole.
      }
  }
  return found
}

const clean = compileClean(cleanSets.original)
const texts = textsOf(source).filter(
  (text) => text.length >= 20 && /^[\x20-\x7e\n]*$/.test(text) && clean(text) === text,
)
const bytes = texts.reduce((sum, text) => sum + text.length, 0)

const anonymize = compileAnonymizer(anonymizeKinds)
const replaceNames = compileNameReplacer([
  ["owl_9", "{{char_0}}"],
  ["fen", "{{char_1}}"],
])
const pattern = compileUserPattern(String.raw`\b(?:lorem|ipsum) (?:dolor|sit)+\b`, "i")
// As in the record path: one for the messages of a record, here ten.
let used = 0
let anonymizer = anonymize(["owl_9", "fen"])
const anonymous = (text) => {
  if (used++ % 10 === 0) anonymizer = anonymize(["owl_9", "fen"])
  return anonymizer.text(text)
}
const all = (text) =>
  anonymous(
    collapseBlankLines(
      stripLeadingDash(
        unescapeLiterals(
          collapseSpaces(removeOoc(removeLinks(dropBadLines(removeMentions(replaceNames(clean(text))))))),
        ),
      ),
    ),
  )

let sink = 0
const rules = {
  "plain scan": (text) => {
    for (let i = 0; i < text.length; i++) sink ^= text.charCodeAt(i)
    return text
  },
  "all rules": all,
  "clean: original": clean,
  "clean: chat": compileClean(cleanSets.chat),
  encoding: repairMojibake,
  punctuation: tidyPunctuation,
  links: removeLinks,
  mentions: removeMentions,
  "out of character": removeOoc,
  names: replaceNames,
  "bad lines": dropBadLines,
  "leading dashes": stripLeadingDash,
  "literal escapes": unescapeLiterals,
  spaces: collapseSpaces,
  "blank lines": collapseBlankLines,
  anonymize: anonymous,
  "user pattern": (text) => (pattern.test(text) ? "" : text),
  "html to markdown": (text) => htmlToMarkdown(text),
}

const best = Object.fromEntries(Object.keys(rules).map((name) => [name, 0]))
for (let round = 0; round < Number(values.rounds); round++)
  for (const [name, rule] of Object.entries(rules)) {
    const before = process.cpuUsage()
    for (const text of texts) sink ^= rule(text).length
    const { system, user } = process.cpuUsage(before)
    best[name] = Math.max(best[name], bytes / (user + system))
  }

if (values.json) console.log(JSON.stringify({ bytes, texts: texts.length, megabytesPerSecond: best }))
else {
  console.log(`${texts.length} texts, ${(bytes / 1e6).toFixed(1)} MB, best of ${values.rounds} (${sink & 1})`)
  for (const [name, speed] of Object.entries(best))
    console.log(
      `${name.padEnd(18)} ${speed.toFixed(0).padStart(6)} MB/s  ${(best["plain scan"] / speed).toFixed(1).padStart(6)} x a plain scan`,
    )
}

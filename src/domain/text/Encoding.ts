/**
 * Repairs what a wrong decoding did to a text. Follows the documented behaviour of ftfy (Robyn Speer, Apache-2.0): UTF-8
 * that was read as a single-byte encoding is found by its byte patterns and decoded again, until nothing changes.
 *
 * Unlike ftfy it works on the sequences themselves and takes a lone sequence only when it can hardly be meant
 * (`â€™`, `Ã©`, `ðŸ˜€`); other lead characters must come in chains, as they do in mangled Cyrillic or Chinese.
 */

/** Byte of a character in a single-byte encoding. */
type Table = ReadonlyMap<number, number>

const tableOf = (label: string): Table => {
  const bytes = Uint8Array.from({ length: 128 }, (_, i) => i + 128)
  return new Map(
    Array.from(new TextDecoder(label).decode(bytes), (char, i) => [char.codePointAt(0) as number, i + 128]),
  )
}

/** The printable characters of Windows-1252 at 0x80-0x9F; spelled out, as some runtimes decode that label as Latin-1. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

/** Windows-1252 and Latin-1 in one: bytes without a character pass through as C1 controls. */
const western: Table = new Map([
  ...Array.from({ length: 128 }, (_, i) => [i + 128, i + 128] as const),
  ...Array.from(windows1252, (char, i) => [char.charCodeAt(0), i + 128] as const),
])
const centralEuropean = tableOf("windows-1250")
const cyrillic = tableOf("windows-1251")
const macintosh = tableOf("macintosh")

const codePointAt = (
  table: Table,
  text: string,
  at: number,
): { readonly code: number; readonly length: number } | undefined => {
  const lead = table.get(text.charCodeAt(at))
  if (lead === undefined || lead < 0xc2 || lead > 0xf4) return undefined
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  let code = length === 2 ? lead & 0x1f : length === 3 ? lead & 0x0f : lead & 0x07
  for (let i = 1; i < length; i++) {
    const byte = at + i < text.length ? table.get(text.charCodeAt(at + i)) : undefined
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined
    code = (code << 6) | (byte & 0x3f)
  }
  const least = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  return code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? undefined : { code, length }
}

/** Characters that stand after a letter in good text: a lone sequence with one of them is left alone. */
const plainAfterLetter = new Set(Array.from("‘’“”‚„‹›«»…–—™ˆ˜·°\u00a0\u00ad"))

/** Closing marks and dashes that may follow a word in capitals. */
const afterCapitals = new Set(Array.from("’”»›…–—"))

/**
 * Whether a mark after `Ã` is itself and no byte: `AMANHÃ…` and `“MAÇÃ”` are good Portuguese. Inside a word in capitals
 * it is a byte (`CÃ”TE`, `SCHÃ–N`), but for what may join two words.
 */
const isAfterCapitals = (text: string, at: number): boolean => {
  const mark = text[at + 1] as string
  if (!afterCapitals.has(mark) || !/\p{Lu}/u.test(text[at - 1] ?? "")) return false
  return mark === "…" || mark === "—" || !/\p{Lu}/u.test(text[at + 2] ?? "")
}

const isLoneMojibake = (table: Table, text: string, at: number, code: number, length: number): boolean => {
  const lead = text[at] as string
  if (length === 4) return true
  if (table === western) {
    if (lead === "Ã") return !isAfterCapitals(text, at)
    if (lead === "Â") return code < 0xc0
    if (lead === "â") return code >= 0x2000 && code < 0x3000
    if (lead === "ï") return code >= 0xfe00
    if (lead === "Ä" || lead === "Å") return !plainAfterLetter.has(text[at + 1] as string)
    return false
  }
  if (table === macintosh) return (lead === "√" && code < 0x100) || (lead === "‚" && code >= 0x2000 && code < 0x2100)
  return false
}

/** Decodes the mangled sequences of one encoding; the same string when there are none. */
const decodeWith = (table: Table, text: string): string => {
  let out = ""
  let from = 0
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) < 0x80) continue
    const first = codePointAt(table, text, at)
    if (first === undefined) continue
    let end = at
    let sequences = 0
    let decoded = ""
    let lone = false
    for (let next: ReturnType<typeof codePointAt> = first; next !== undefined; next = codePointAt(table, text, end)) {
      lone ||= isLoneMojibake(table, text, end, next.code, next.length)
      decoded += String.fromCodePoint(next.code)
      end += next.length
      sequences++
    }
    if (lone || sequences >= (table === western ? 2 : 3)) {
      out += text.slice(from, at) + decoded
      from = end
    }
    at = end - 1
  }
  return from === 0 ? text : out + text.slice(from)
}

/** `Ã` and a blank where the no-break space of a mangled `à` was lost: only between lower-case letters. */
const restoreLostSpace = (text: string): string =>
  text.includes("Ã ")
    ? text.replace(/(?<=[a-zß-ÿ])Ã (?=$|[\s\p{Ll}])|(?<=^|\s)Ã (?=\p{Ll})/gu, (_found, at: number) =>
        at > 0 && /\S/.test(text[at - 1] as string) ? "à " : "à ",
      )
    : text

/** Punctuation that was read as Windows-1250: `â€ś`. What that encoding shares with Windows-1252 is decoded already. */
const decodePunctuation = (text: string): string =>
  text.includes("â€")
    ? text.replace(/â€([\u0080-\uffff])/g, (found, last: string) => {
        const byte = centralEuropean.get(last.charCodeAt(0))
        return byte === undefined || byte >= 0xc0 ? found : String.fromCodePoint(0x2000 | (byte & 0x3f))
      })
    : text

/** C1 controls are bytes of Windows-1252 that were read as Latin-1. The five that it leaves open stay. */
const decodeControls = (text: string): string =>
  text.replace(/[\u0080-\u009f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80] as string)

const suspicious = /[ÂÃÄÅâïðÐÑàáãäåæçèéêëìíîñŃ√‚РС\u00c2-\u00f4]/

/**
 * Decodes UTF-8 that was read as Windows-1252, Latin-1, Windows-1251 or Mac Roman (or its punctuation as Windows-1250),
 * also several times over, and then what is left of Windows-1252 that was read as Latin-1.
 */
export const repairMojibake = (text: string): string => {
  let current = text
  for (let round = 0; round < 5 && suspicious.test(current); round++) {
    const latin = decodePunctuation(decodeWith(western, restoreLostSpace(current)))
    const next = decodeWith(macintosh, decodeWith(cyrillic, latin))
    if (next === current) break
    current = next
  }
  return decodeControls(current)
}

/** A lone surrogate becomes U+FFFD: it cannot be written as UTF-8. */
export const repairSurrogates = (text: string): string => (text.isWellFormed() ? text : text.toWellFormed())

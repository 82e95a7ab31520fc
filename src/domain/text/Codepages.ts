/**
 * The single-byte encodings that UTF-8 gets read in by mistake, in the order in which they are tried (that of ftfy: what
 * is most often the cause first). A byte that an encoding leaves open stands for the control character of that number, as
 * programs decode it in practice.
 */

export interface Codepage {
  readonly name: string
  /** The characters of bytes 0x80 to 0xFF. */
  readonly high: string
  /** Whether it is an encoding of Windows, where lost bytes come as U+001A or `?`. */
  readonly windows: boolean
}

const bytes = Uint8Array.from({ length: 128 }, (_, i) => i + 128)

const latin1 = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")

/** Spelled out, as some runtimes decode the label `windows-1252` as Latin-1. */
const windows1252 = `€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ${latin1.slice(32)}`

/** Not among the encodings of the web. */
const cp437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»" +
  "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
  "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"

const web = (label: string): string =>
  Array.from(new TextDecoder(label).decode(bytes), (char, i) =>
    char === "\ufffd" ? String.fromCharCode(i + 128) : char,
  ).join("")

const makePages = (): ReadonlyArray<Codepage> => [
  { name: "latin-1", high: latin1, windows: false },
  { name: "windows-1252", high: windows1252, windows: true },
  { name: "windows-1251", high: web("windows-1251"), windows: true },
  { name: "windows-1250", high: web("windows-1250"), windows: true },
  { name: "windows-1253", high: web("windows-1253"), windows: true },
  { name: "windows-1254", high: web("windows-1254"), windows: true },
  { name: "windows-1257", high: web("windows-1257"), windows: true },
  { name: "iso-8859-2", high: web("iso-8859-2"), windows: false },
  { name: "macroman", high: web("macintosh"), windows: false },
  { name: "cp437", high: cp437, windows: false },
]

/** Bytes of a character by encoding (0: it has none), and which encodings have it as bits. */
interface Bytes {
  readonly bytes: Uint8Array
  readonly mask: number
}

let pages: ReadonlyArray<Codepage> | undefined
/** The encodings, made when they are first needed: most runs never do. */
export const codepages = (): ReadonlyArray<Codepage> => (pages ??= makePages())

const makeBytes = (): ReadonlyMap<number, Bytes> => {
  const byCode = new Map<number, Bytes>()
  codepages().forEach(({ high, windows }, page) => {
    const put = (code: number, byte: number): void => {
      const known = byCode.get(code) ?? { bytes: new Uint8Array(codepages().length), mask: 0 }
      if (known.bytes[page] !== 0) return
      known.bytes[page] = byte
      byCode.set(code, { bytes: known.bytes, mask: known.mask | (1 << page) })
    }
    for (let i = 0; i < high.length; i++) put(high.charCodeAt(i), i + 128)
    // What a decoder could not read has become U+FFFD; the byte for it is the control "substitute".
    if (windows) put(0xfffd, 0x1a)
  })
  return byCode
}

let bytesByCode: ReadonlyMap<number, Bytes> | undefined
const byCode = (): ReadonlyMap<number, Bytes> => (bytesByCode ??= makeBytes())

/** The encodings that have all characters of a text, as bits in the order of `codepages`. */
export const pagesOf = (text: string): number => {
  const known = byCode()
  let mask = (1 << codepages().length) - 1
  for (let i = 0; i < text.length && mask !== 0; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) mask &= known.get(code)?.mask ?? 0
  }
  return mask
}

/** The bytes of a text in an encoding that has all its characters. */
export const encodeIn = (page: number, text: string): Uint8Array => {
  const known = byCode()
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    out[i] = code < 0x80 ? code : (known.get(code)?.bytes[page] ?? 0)
  }
  return out
}

/** The characters that some encodings have at the bytes from `first` to `last`. */
export const charactersAt = (pages: ReadonlyArray<string>, first: number, last: number): string => {
  const found = new Set<string>()
  for (const { high, name } of codepages())
    if (pages.includes(name)) for (let byte = first; byte <= last; byte++) found.add(high[byte - 128] as string)
  return [...found].join("")
}

/** The character of a byte from 0x80 in Windows-1252. */
export const western = (byte: number): string => windows1252[byte - 128] as string

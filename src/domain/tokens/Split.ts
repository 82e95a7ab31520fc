/**
 * The split patterns of tiktoken's encodings as scanners of UTF-8: given where a piece starts, each tells where it
 * ends. They find what the pattern finds (first alternative that matches, greedy, with its backtracking), but look at
 * no byte more than a few times, whatever the text.
 */
import { END, LETTER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER } from "./CharClasses.ts"

/** End of the piece that starts at `from`. The text is valid UTF-8 with `endByte` behind it; `from` is inside. */
export type NextPiece = (bytes: Uint8Array, from: number) => number

/** Stands behind a text, so that loops need not ask whether they are at the end. No UTF-8 contains it. */
export const endByte = 0xff

const quote = 39
const space = 32
const slash = 47

/** Bytes of the character that starts with this one. */
const sizeOf = (lead: number): number => (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)

/** Class of a character of two bytes or more, or of the end. */
const wideClass = (classes: Uint8Array, bytes: Uint8Array, at: number, lead: number): number => {
  if (lead === endByte) return END
  const second = (bytes[at + 1] as number) & 63
  if (lead < 0xe0) return classes[((lead & 31) << 6) | second] as number
  const third = (bytes[at + 2] as number) & 63
  if (lead < 0xf0) return classes[((lead & 15) << 12) | (second << 6) | third] as number
  return classes[((lead & 7) << 18) | (second << 12) | (third << 6) | ((bytes[at + 3] as number) & 63)] as number
}

const classAt = (classes: Uint8Array, bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] as number
  return lead < 0x80 ? (classes[lead] as number) : wideClass(classes, bytes, at, lead)
}

/** The sets of classes that patterns name, as bits `1 << class`. */
const letters = (1 << UPPER) | (1 << LOWER) | (1 << LETTER)
const marks = 1 << MARK
const numbers = 1 << NUMBER
const spaces = (1 << SPACE) | (1 << NEWLINE)
const others = (1 << OTHER) | marks
/** `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` */
const uppers = (1 << UPPER) | (1 << LETTER) | marks
/** `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` */
const lowers = (1 << LOWER) | (1 << LETTER) | marks

/** End of the characters of a set that start at `at`. */
const skip = (classes: Uint8Array, bytes: Uint8Array, at: number, set: number): number => {
  for (;;) {
    const lead = bytes[at] as number
    if (lead < 0x80) {
      if (((set >> (classes[lead] as number)) & 1) === 0) return at
      at++
    } else {
      if (((set >> wideClass(classes, bytes, at, lead)) & 1) === 0) return at
      at += sizeOf(lead)
    }
  }
}

/** End of `'s|'t|'re|'ve|'m|'ll|'d` at a quote, or -1. With `anyCase`, as `(?i:...)`: the long s (U+017F) is an s. */
const contraction = (bytes: Uint8Array, at: number, anyCase: boolean): number => {
  const first = bytes[at + 1] as number
  const fold = anyCase ? 0x20 : 0
  switch (first | fold) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return at + 2
    case 0x72: // r
    case 0x76: // v
      return ((bytes[at + 2] as number) | fold) === 0x65 ? at + 3 : -1
    case 0x6c: // l
      return ((bytes[at + 2] as number) | fold) === 0x6c ? at + 3 : -1
  }
  return anyCase && first === 0xc5 && bytes[at + 2] === 0xbf ? at + 3 : -1
}

/** End of `\p{N}{1,3}` at a number. */
const threeNumbers = (classes: Uint8Array, bytes: Uint8Array, at: number): number => {
  for (let i = 0; i < 3 && classAt(classes, bytes, at) === NUMBER; i++) at += sizeOf(bytes[at] as number)
  return at
}

/** End of `\s+(?!\S)|\s+` at white space: all of it before the end of the text, else all but the last character. */
const blank = (classes: Uint8Array, bytes: Uint8Array, from: number): number => {
  let last = from
  let at = from
  while (((spaces >> classAt(classes, bytes, at)) & 1) !== 0) {
    last = at
    at += sizeOf(bytes[at] as number)
  }
  return bytes[at] === endByte || last === from ? at : last
}

/** End of `\s*[\r\n]+|\s+(?!\S)|\s+` at white space: to the last end of line in it; as `blank` where there is none. */
const blankLines = (classes: Uint8Array, bytes: Uint8Array, from: number): number => {
  let last = from
  let line = from
  let at = from
  for (;;) {
    const kind = classAt(classes, bytes, at)
    if (((spaces >> kind) & 1) === 0) break
    last = at
    at += sizeOf(bytes[at] as number)
    if (kind === NEWLINE) line = at
  }
  if (line > from) return line
  return bytes[at] === endByte || last === from ? at : last
}

/** r50k_base, p50k_base, p50k_edit, gpt2. */
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

const gpt2 =
  (classes: Uint8Array): NextPiece =>
  (bytes, from) => {
    const lead = bytes[from] as number
    if (lead === quote) {
      const end = contraction(bytes, from, false)
      if (end > 0) return end
    }
    const at = lead === space ? from + 1 : from
    const set = 1 << classAt(classes, bytes, at)
    if ((set & letters) !== 0) return skip(classes, bytes, at, letters)
    if ((set & numbers) !== 0) return skip(classes, bytes, at, numbers)
    if ((set & others) !== 0) return skip(classes, bytes, at, others)
    return blank(classes, bytes, from)
  }

const cl100kPattern = [
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`,
  String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`,
  String.raw`\p{N}{1,3}`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`,
  String.raw`\s*[\r\n]+`,
  String.raw`\s+(?!\S)`,
  String.raw`\s+`,
].join("|")

const cl100k =
  (classes: Uint8Array): NextPiece =>
  (bytes, from) => {
    const lead = bytes[from] as number
    if (lead === quote) {
      const end = contraction(bytes, from, true)
      if (end > 0) return end
    }
    const set = 1 << classAt(classes, bytes, from)
    if ((set & letters) !== 0) return skip(classes, bytes, from, letters)
    if ((set & numbers) !== 0) return threeNumbers(classes, bytes, from)
    if ((set & (1 << NEWLINE)) !== 0) return blankLines(classes, bytes, from)
    const second = from + sizeOf(lead)
    const after = 1 << classAt(classes, bytes, second)
    if ((after & letters) !== 0) return skip(classes, bytes, second, letters)
    if ((set & others) === 0 && (lead !== space || (after & others) === 0)) return blankLines(classes, bytes, from)
    let end = skip(classes, bytes, second, others)
    while (bytes[end] === 10 || bytes[end] === 13) end++
    return end
  }

const o200kPattern = [
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
  String.raw`\p{N}{1,3}`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
  String.raw`\s*[\r\n]+`,
  String.raw`\s+(?!\S)`,
  String.raw`\s+`,
].join("|")

const withContraction = (bytes: Uint8Array, end: number): number => {
  if (bytes[end] !== quote) return end
  const longer = contraction(bytes, end, true)
  return longer > 0 ? longer : end
}

/**
 * End of `U*W+` at a letter or mark, U being `uppers` and W `lowers`, which overlap. U takes all it can; where no lower
 * case letter follows, it gives back characters until W can take one, so the word ends behind the last of U that is
 * also in W. Where U holds none, the second alternative `U+W*` takes all of it, but only if `whole`; -1 otherwise.
 */
const word = (classes: Uint8Array, bytes: Uint8Array, from: number, whole: boolean): number => {
  let at = from
  let shared = -1
  for (;;) {
    const lead = bytes[at] as number
    const kind = lead < 0x80 ? (classes[lead] as number) : wideClass(classes, bytes, at, lead)
    if (kind === LOWER) return withContraction(bytes, skip(classes, bytes, at + sizeOf(lead), lowers))
    if (((uppers >> kind) & 1) === 0) break
    at += sizeOf(lead)
    if (kind !== UPPER) shared = at
  }
  if (shared > 0) return withContraction(bytes, shared)
  return whole ? withContraction(bytes, at) : -1
}

const o200k =
  (classes: Uint8Array): NextPiece =>
  (bytes, from) => {
    const lead = bytes[from] as number
    const set = 1 << classAt(classes, bytes, from)
    if ((set & letters) !== 0) return word(classes, bytes, from, true)
    if ((set & numbers) !== 0) return threeNumbers(classes, bytes, from)
    if ((set & (1 << NEWLINE)) !== 0) return blankLines(classes, bytes, from)
    const second = from + sizeOf(lead)
    const after = 1 << classAt(classes, bytes, second)
    if ((set & marks) !== 0) {
      // A mark is the one character before a word where the first alternative matches that way. Otherwise the mark
      // is the word: both U and W have it, so the second alternative is never asked.
      const end = (after & (letters | marks)) !== 0 ? word(classes, bytes, second, false) : -1
      return end > 0 ? end : withContraction(bytes, second)
    }
    if ((after & (letters | marks)) !== 0) return word(classes, bytes, second, true)
    if ((set & others) === 0 && (lead !== space || (after & others) === 0)) return blankLines(classes, bytes, from)
    let end = skip(classes, bytes, second, others)
    while (bytes[end] === 10 || bytes[end] === 13 || bytes[end] === slash) end++
    return end
  }

/** The scanner of a pattern as tiktoken's files spell it, or undefined. */
export const scannerOf = (pattern: string, classes: Uint8Array): NextPiece | undefined => {
  switch (pattern) {
    case gpt2Pattern:
      return gpt2(classes)
    case cl100kPattern:
      return cl100k(classes)
    case o200kPattern:
      return o200k(classes)
  }
  return undefined
}

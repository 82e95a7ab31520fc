/**
 * The words of a text. Letters, marks and digits make words, with apostrophes and hyphens inside them; in scripts that
 * are written without blanks (Han, Kana, Thai, Lao, Khmer, Burmese) each character counts as a word. `Intl.Segmenter` is
 * not asked: its answers change with the version of ICU, and with them what is written.
 */

const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const mark = /\p{M}/u
const wordCharacter = /[\p{L}\p{M}\p{N}]/u

/** 0: no part of a word; 1: a part of one; 2: a word by itself; 3: joins what stands on both sides. */
type Kind = 0 | 1 | 2 | 3

const kindOf = (character: string): Kind => {
  if (character === "'" || character === "’" || character === "-") return 3
  // A vowel sign belongs to the letter before it.
  if (unspaced.test(character)) return mark.test(character) ? 0 : 2
  return wordCharacter.test(character) ? 1 : 0
}

let kinds: Uint8Array | undefined

const makeKinds = (): Uint8Array => {
  const table = new Uint8Array(0x10000)
  for (let unit = 0; unit < table.length; unit++)
    if (unit < 0xd800 || unit > 0xdfff) table[unit] = kindOf(String.fromCharCode(unit))
  return table
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00

/** Calls `onWord` with the offsets of each word. One pass. */
export const eachWord = (text: string, onWord: (start: number, end: number) => void): void => {
  const table = (kinds ??= makeKinds())
  let start = -1
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    let size = 1
    let kind = table[unit] as Kind
    if (isHigh(unit)) {
      const code = text.codePointAt(at) as number
      if (code > 0xffff) {
        size = 2
        kind = kindOf(String.fromCodePoint(code))
      }
    }
    if (kind === 3) kind = start >= 0 && at + 1 < text.length && table[text.charCodeAt(at + 1)] === 1 ? 1 : 0
    if (kind === 1) {
      if (start < 0) start = at
    } else {
      if (start >= 0) onWord(start, at)
      start = -1
      if (kind === 2) onWord(at, at + size)
    }
    at += size
  }
  if (start >= 0) onWord(start, text.length)
}

/** How many words a text has. */
export const countWords = (text: string): number => {
  let count = 0
  eachWord(text, () => void count++)
  return count
}

/** The words in lower case. */
export const wordsOf = (text: string): ReadonlyArray<string> => {
  const words: Array<string> = []
  const lower = text.toLowerCase()
  eachWord(lower, (start, end) => void words.push(lower.slice(start, end)))
  return words
}

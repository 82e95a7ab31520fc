/** Token counts as plain functions, for any thread. */

/** Tokens of a text. */
export type CountTokens = (text: string) => number

const isSpace = (code: number): boolean =>
  (code >= 9 && code <= 13) ||
  code === 32 ||
  (code >= 28 && code <= 31) ||
  code === 0x85 ||
  code === 0xa0 ||
  (code >= 0x1680 &&
    (code === 0x1680 ||
      (code >= 0x2000 && code <= 0x200a) ||
      code === 0x2028 ||
      code === 0x2029 ||
      code === 0x202f ||
      code === 0x205f ||
      code === 0x3000))

/** Words separated by Unicode white space. */
export const countWords = (text: string): number => {
  let words = 0
  let inside = false
  for (let i = 0; i < text.length; i++) {
    const space = isSpace(text.charCodeAt(i))
    if (!space && !inside) words++
    inside = !space
  }
  return words
}

/** Words x 1.3, rounded up: the usual ratio of English prose under byte-pair encodings. */
export const estimate: CountTokens = (text) => Math.ceil((countWords(text) * 13) / 10)

/** The encodings that tiktoken ships. */
export const encodings = ["cl100k_base", "o200k_base", "p50k_base", "p50k_edit", "r50k_base", "gpt2"] as const

export const tokenizerNames: ReadonlyArray<string> = ["estimate", ...encodings]

/**
 * Longest piece that is handed to tiktoken at once, in UTF-16 units. Its byte-pair merge is quadratic in the length of
 * a run without a split point (100,000 equal letters take 18 s), so longer texts without white space are counted in
 * pieces: exact for ordinary text, off by at most one token a piece for such runs.
 */
const longestRun = 1000

const countIn = (encode: (text: string) => { readonly length: number }, text: string): number => {
  let run = 0
  let from = 0
  let total = 0
  let previous = -1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // A run is a stretch that no split pattern is sure to break: all letters, all spaces, all of one punctuation.
    const kind = isSpace(code)
      ? 0
      : (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127
        ? 1
        : 2
    run = kind === previous ? run + 1 : 1
    previous = kind
    if (run >= longestRun && (code & 0xfc00) !== 0xd800) {
      total += encode(text.slice(from, i + 1)).length
      from = i + 1
      run = 0
      previous = -1
    }
  }
  return total + (from === 0 ? encode(text).length : from < text.length ? encode(text.slice(from)).length : 0)
}

const loaded = new Map<string, Promise<CountTokens>>()

/** A counter, loaded once a thread. Rejects with the known names when there is none of this name. */
export const loadTokenizer = (name: string): Promise<CountTokens> => {
  let counter = loaded.get(name)
  if (counter === undefined) {
    counter = load(name)
    loaded.set(name, counter)
  }
  return counter
}

const load = async (name: string): Promise<CountTokens> => {
  if (name === "estimate") return estimate
  if (!(encodings as ReadonlyArray<string>).includes(name)) {
    throw new Error(`unknown tokenizer "${name}"; known: ${tokenizerNames.join(", ")}`)
  }
  const { get_encoding } = await import("tiktoken")
  const encoding = get_encoding(name as (typeof encodings)[number])
  // `encode` refuses text that spells a special token; data may well do so.
  return (text) => countIn((piece) => encoding.encode_ordinary(piece), text)
}

/** Token counts as plain functions, for any thread. */
import { counterOf } from "./tokens/Counter.ts"
import { loadRanks } from "./tokens/Ranks.ts"

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

const loaded = new Map<string, Promise<CountTokens>>()

/**
 * A counter, loaded once a thread: for an encoding, exactly as many tokens as tiktoken's `encode_ordinary` makes, in
 * time that grows with the text alone. Text that spells a special token counts as text. Rejects with the known names
 * when there is none of this name.
 */
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
  return counterOf(loadRanks(name))
}

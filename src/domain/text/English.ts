/**
 * Whether a text is English. Two detectors judge together, because they err in different ways: the n-gram database of
 * `eld` (60 languages) and fastText's `lid.176` (176 languages, compressed). Both are offline and loaded on demand.
 */
import { readList } from "../Assets.ts"

/** `unknown`: too little text, or a text that no detector recognises. It is no vote for either side. */
export type Verdict = "english" | "foreign" | "unknown"

export interface Judged {
  readonly verdict: Verdict
  /** ISO code of the detected language, or `non-latin`; absent if unknown. */
  readonly language?: string
}

/** Language of a text and the probability that it is English. */
type Detect = (text: string) => { readonly language: string; readonly english: number }

/** Characters of a text that are looked at. */
const maxText = 10_000

/** Letters from which on script alone decides. Fewer are in faces such as `(´・ω・`)` and `щ(ಠ益ಠщ)`. */
const minScriptLetters = 6

/**
 * A text is English if eld says so and fastText gives English more than this, or if fastText alone gives it at least
 * `sureEnglish`. On 29,000 messages of known language above 20 characters this calls 97 to 100 % of the English ones
 * English, and at most 0.8 % of the others.
 */
const possibleEnglish = 0.1
const sureEnglish = 0.6

/** fastText's answers that are looked through for English. */
const answers = 3

let loading: Promise<Detect> | undefined
let loaded: Detect | undefined

const load = async (): Promise<Detect> => {
  const [{ eld }, { getLIDModel }] = await Promise.all([import("eld/medium"), import("fasttext.wasm.js")])
  const model = await (await getLIDModel()).load()
  return (text) => {
    const { language } = eld.detect(text)
    const found = model.predict(text, answers, 0)
    let english = 0
    for (let i = 0; i < found.size(); i++) {
      const [probability, label] = found.get(i)
      if (label === "__label__en") english = Math.min(1, probability)
    }
    // The vector lives in the memory of the WebAssembly module, which no collector sees.
    found.delete()
    return { language, english }
  }
}

/** Loads the detectors, once per thread: about half a second and 230 MB. */
export const loadEnglish = async (): Promise<void> => {
  loaded = await (loading ??= load())
}

const chatWords = (() => {
  let words: ReadonlySet<string> | undefined
  return () => (words ??= new Set(readList("phrases/chat_words.txt")))
})()

/** Code, addresses, mentions, tags, emoji codes, placeholders and marks of emphasis: they are in no language. */
const markup =
  /```[^]*?(?:```|$)|(?:https?:\/\/|www\.)\S+|<[^<>\n]{1,200}>|\{\{[^{}\n]{0,40}\}\}|(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]{1,64}|:[a-z0-9_+-]{1,40}:|[*_~"“”„#>|`[\](){}\\]+/giu

const letter = /\p{L}/u
const latin = /\p{Script=Latin}/u

/** Of every UTF-16 unit: 0 no letter, 1 a Latin letter, 2 a letter of another script. */
const scripts = (() => {
  let table: Uint8Array | undefined
  const make = (): Uint8Array => {
    const out = new Uint8Array(0x10000)
    for (let unit = 0; unit < out.length; unit++) {
      const character = String.fromCharCode(unit)
      if (letter.test(character)) out[unit] = latin.test(character) ? 1 : 2
    }
    return out
  }
  return () => (table ??= make())
})()

const countLetters = (text: string): { readonly letters: number; readonly other: number } => {
  const table = scripts()
  let latinLetters = 0
  let other = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit < 0xdc00) {
      const code = text.codePointAt(i) as number
      if (code <= 0xffff) continue
      i++
      if (letter.test(String.fromCodePoint(code))) other++
      continue
    }
    const kind = table[unit]
    if (kind === 1) latinLetters++
    else if (kind === 2) other++
  }
  return { letters: latinLetters + other, other }
}

const word = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*/gu

/** A word that repeats up to three letters (`hahaha`, `lalala`) is laughter or song in any language. */
const repeated = /^([a-z]{1,3}?)\1+[a-z]?$/

const isNoise = (found: string, known: ReadonlySet<string>): boolean => {
  const lower = found.toLowerCase()
  return known.has(lower) || repeated.test(lower)
}

/**
 * What detectors see of a text: prose on one line, without markup, words of chats and drawn-out letters; decorated
 * letters (full-width, mathematical) as plain ones.
 */
export const proseOf = (text: string): string => {
  const known = chatWords()
  const prose = text
    .slice(0, maxText)
    .toWellFormed()
    .normalize("NFKC")
    .replace(markup, " ")
    .replace(/(\p{L})\1{2,}/giu, "$1$1")
    .replace(word, (found) => (isNoise(found, known) ? " " : found))
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
  // Both detectors were trained on ordinary writing.
  return prose === prose.toUpperCase() ? prose.toLowerCase() : prose
}

/**
 * Judges prose (see {@link proseOf}) by script, if it has letters enough for that, and by language, if it has at least
 * `minLetters`. {@link loadEnglish} must have been awaited.
 */
export const judgeProse = (prose: string, minLetters: number): Judged => {
  const { letters, other } = countLetters(prose)
  if (letters >= minScriptLetters && other * 2 > letters) return { verdict: "foreign", language: "non-latin" }
  if (letters < minLetters || letters === 0) return { verdict: "unknown" }
  if (loaded === undefined) throw new Error("the language detectors are not loaded")
  const { english, language } = loaded(prose)
  if (english >= sureEnglish || (language === "en" && english > possibleEnglish))
    return { verdict: "english", language: "en" }
  // English to eld and improbable to fastText ("You too! Good chat!"): not detected. It is English nearly always.
  if (language === "" || language === "en") return { verdict: "unknown" }
  return { verdict: "foreign", language }
}

/** Judges a text as it is. */
export const judgeEnglish = (text: string, minLetters = 20): Judged => judgeProse(proseOf(text), minLetters)

export interface Vote {
  /** Texts that were judged, and how many of them are foreign. */
  readonly judged: number
  readonly foreign: number
  /** Index of the first foreign text, and its language. */
  readonly first?: { readonly index: number; readonly language: string }
}

/**
 * Lets the texts of a conversation vote. A text with `minLetters` letters, or in another script, is judged by itself. The
 * shorter ones are judged joined together, and each that holds words votes with that verdict: a line such as "no way" is
 * too short to tell, ten of them are not. What stays unknown has no vote.
 */
export const voteEnglish = (texts: ReadonlyArray<string>, minLetters: number): Vote => {
  const foreign: Array<{ index: number; language: string }> = []
  const short: Array<{ index: number; prose: string }> = []
  let judged = 0
  texts.forEach((text, index) => {
    const prose = proseOf(text)
    const { language = "", verdict } = judgeProse(prose, minLetters)
    if (verdict !== "unknown") judged++
    else if (letter.test(prose)) short.push({ index, prose })
    if (verdict === "foreign") foreign.push({ index, language })
  })
  const joined = short
    .map(({ prose }) => prose)
    .join(" ")
    .slice(0, maxText)
  const { language = "", verdict } = judgeProse(joined, minLetters)
  if (verdict !== "unknown") judged += short.length
  if (verdict === "foreign") foreign.push(...short.map(({ index }) => ({ index, language })))
  if (foreign.length === 0) return { judged, foreign: 0 }
  const first = foreign.reduce((a, b) => (b.index < a.index ? b : a))
  return { judged, foreign: foreign.length, first }
}

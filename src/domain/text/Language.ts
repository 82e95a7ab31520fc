/**
 * Whether a text is in one of the languages that are wanted. Its plain words settle the clear cases (`WordEvidence.ts`).
 * For the others two detectors judge together, because they err in different ways: the n-gram database of `eld` (60
 * languages) and fastText's `lid.176` (176 languages, compressed). Both are offline, and loaded only when a text needs
 * them.
 */
import { readList } from "../Assets.ts"
import { NotLoaded } from "../NotLoaded.ts"
import { clear, type Evidence, gather, noEvidence, scripts as otherScripts, wordLanguages } from "./WordEvidence.ts"

/** `unknown`: too little text, or a text that no detector recognises. It is no vote for either side. */
export type Verdict = "wanted" | "foreign" | "unknown"

export interface Judged {
  readonly verdict: Verdict
  /** ISO code of the detected language, or the name of a script that no wanted language is written in; absent if unknown. */
  readonly language?: string
}

/** eld's language of a text, and fastText's likeliest ones with their probabilities. */
interface Detected {
  readonly language: string
  readonly likely: ReadonlyMap<string, number>
}

type Detect = (text: string) => Detected

/** Characters of a text that are looked at, and letters of a conversation. */
const maxText = 10_000
export const maxLetters = 2000

/** Letters from which on script alone decides. Fewer are in faces such as `(´・ω・`)` and `щ(ಠ益ಠщ)`. */
const minScriptLetters = 6

/**
 * A text is in a wanted language if eld says so and fastText gives that language more than this, or if fastText alone
 * gives it at least `sure`. On 29,000 messages of known language above 20 characters this calls 97 to 100 % of the English
 * ones English, and at most 0.8 % of the others.
 */
const possible = 0.1
const sure = 0.6

/** What fastText must give a language that eld does not tell, or denies, before a text is foreign. */
const foreignEnough = 0.5

/** Letters from which on it may deny what eld says: in fewer both are often wrong. */
const minDenied = 60

/** fastText's answers that are looked through for a wanted language. */
const answers = 3

let loading: Promise<Detect> | undefined
let loaded: Detect | undefined

/** Codes of fastText that stand for a language of another code. */
const sameCode: { readonly [code: string]: string } = { nb: "no", nn: "no", fil: "tl", sh: "sr", iw: "he" }

const load = async (): Promise<Detect> => {
  const [{ eld }, { getLIDModel }] = await Promise.all([import("eld/medium"), import("fasttext.wasm.js")])
  const model = await (await getLIDModel()).load()
  return (text) => {
    const { language } = eld.detect(text)
    const found = model.predict(text, answers, 0)
    const likely = new Map<string, number>()
    for (let i = 0; i < found.size(); i++) {
      const [probability, label] = found.get(i)
      const code = label.slice("__label__".length)
      const name = sameCode[code] ?? code
      likely.set(name, Math.min(1, (likely.get(name) ?? 0) + probability))
    }
    // The vector lives in the memory of the WebAssembly module, which no collector sees.
    found.delete()
    return { language, likely }
  }
}

/** Loads the detectors, once per thread: about half a second and 230 MB. */
export const loadDetectors = async (): Promise<void> => {
  loaded = await (loading ??= load())
}

const detect: Detect = (text) => {
  if (loaded === undefined) throw new NotLoaded("the language detectors are not loaded", loadDetectors)
  return loaded(text)
}

const chatWords = (() => {
  let words: ReadonlySet<string> | undefined
  return () => (words ??= new Set(readList("phrases/chat_words.txt")))
})()

/** Code, addresses, mentions, tags, emoji codes, placeholders and marks of emphasis: they are in no language. */
const markup =
  /```[^]*?(?:```|$)|(?:https?:\/\/|www\.)\S+|<[^<>\n]{1,200}>|\{\{[^{}\n]{0,40}\}\}|(?<![\p{L}\p{N}])@[\p{L}\p{N}_.]{1,64}|:[a-z0-9_+-]{1,40}:|[*_~"“”„#>|`[\](){}\\]+/giu

const letter = /\p{L}/u

/** Of texts, those that hold a letter. */
const indicesOfLetters = (texts: ReadonlyArray<string>): ReadonlyArray<number> =>
  texts.flatMap((text, index) => (letter.test(text) ? [index] : []))

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
 * Languages whose most frequent words are those of a sister that has no list: Dutch of Afrikaans, Portuguese of Galician,
 * Czech of Slovak. Words alone never tell that a text is in one of them, only that it is not.
 */
const hasSister = new Set(["nl", "pt", "cs", "da", "no"])

/** Languages that nobody tells apart by a few lines of text: who wants one takes the others. */
const alike: ReadonlyArray<ReadonlyArray<string>> = [
  ["hr", "bs", "sr"],
  ["id", "ms"],
]

/** Words from which on they may tell that a text is in a wanted language, or that it is not. */
const minWordsWanted = 10
const minWordsForeign = 6

/**
 * The share of frequent words from which on a text is in a language. On 75,000 labelled texts of 150 languages with ten
 * words or more, 0.35 settles 97 % of the English ones, and takes 3 of 25,754 others for English; a share of 0.2 in
 * another language settles 60 % of those that have a list, and takes no English text for foreign (`bench/language.mjs`).
 */
const wantedShare = 0.35
const foreignShare = 0.2

/** How many times more frequent the words of the language must be than those of any on the other side. */
const ratio = 2

/** Where fewer foreign turns than this are enough to drop a conversation, each turn is judged by itself. */
const minThreshold = 0.5

/** And where more are needed: a few lines in a wanted language would save it. */
const maxThreshold = 0.7

/** Compiled for some wanted languages. */
export interface LanguageJudge {
  /** What words and scripts tell, without a detector: `unknown` where they do not. */
  readonly byWords: (evidence: Evidence) => Judged
  /** Judges a text as it is, if it has at least `minLetters`, or is in another script. */
  readonly text: (text: string, minLetters?: number) => Judged
  /** Lets the texts of a conversation vote (see {@link Vote}). */
  readonly vote: (texts: ReadonlyArray<string>, minLetters: number, threshold: number) => Vote
}

export interface Vote {
  /** Texts that were judged, and how many of them are foreign. Where the words of a conversation settle it, that is all that hold letters. */
  readonly judged: number
  readonly foreign: number
  /** Index of the first foreign text, and its language. */
  readonly first?: { readonly index: number; readonly language: string }
}

/**
 * The language that a text is in, as far as it can be told: an ISO code. Its plain words settle the clear cases, else
 * fastText where it is sure, else eld. `undefined`: too little text, or nothing that anybody recognises.
 */
export const languageOf = (text: string): string | undefined => {
  const prose = proseOf(text)
  const evidence = noEvidence()
  gather(prose, evidence, maxText)
  const { frequent, latin, other, scripts, words } = evidence
  if (other > latin) {
    if (other < minScriptLetters) return undefined
    if (kana.reduce((sum, i) => sum + (scripts[i] as number), 0) > minKana * other) return "ja"
    const most = scripts.reduce((best, count, i) => (count > (scripts[best] as number) ? i : best), 0)
    const of = otherScripts[most]?.[1] ?? []
    if (of.length === 1) return of[0]
  } else {
    if (latin + other < minDetected) return undefined
    const listed = wordLanguages()
    const ranked = [...listed.keys()].sort((a, b) => (frequent[b] ?? 0) - (frequent[a] ?? 0))
    const [first = 0, second = 0] = ranked.map((i) => frequent[i] ?? 0)
    const code = listed[ranked[0] ?? 0]
    const isClear = words >= minWordsWanted && first >= wantedShare * words && first >= ratio * second
    if (isClear && code !== undefined && !hasSister.has(code)) return code
  }
  const { language, likely } = detect(prose)
  for (const [code, probability] of likely) if (probability >= foreignEnough) return code
  return language === "" ? undefined : language
}

/** The languages that a judge can be asked for: those of fastText that a script or an ISO 639-1 code stands for. */
export const isLanguageCode = (code: string): boolean => /^[a-z]{2,3}$/.test(code)

/** Kana, which only Japanese has; most of its letters may be Han. */
const kana = otherScripts.flatMap(([name], i) => (name === "Hiragana" || name === "Katakana" ? [i] : []))

const minKana = 0.1

/** Letters from which on the language of a text is told: the detectors guess at fewer. */
const minDetected = 20

const unknown: Judged = { verdict: "unknown" }

export const compileLanguages = (languages: ReadonlyArray<string>): LanguageJudge => {
  const wanted = new Set(languages)
  for (const group of alike) if (group.some((code) => wanted.has(code))) for (const code of group) wanted.add(code)
  const listed = wordLanguages()
  const mine = listed.flatMap((code, i) => (wanted.has(code) ? [i] : []))
  const theirs = listed.flatMap((code, i) => (wanted.has(code) ? [] : [i]))
  const mayTell = mine.filter((i) => !hasSister.has(listed[i] as string))
  /** Whether a wanted language is written in a script; of the last, which holds all the rest, nobody knows. */
  const wantedScript = otherScripts.map(([, of]) => of.some((code) => wanted.has(code)))
  const nonLatin = new Set(otherScripts.flatMap(([, of]) => of))
  // Languages of two scripts (Serbian, Azerbaijani, Kurdish) may be in Latin letters too.
  const wantsLatin = [...wanted].some((code) => !nonLatin.has(code) || ["sr", "bs", "az", "ku"].includes(code))
  const known = wanted.has("ja") ? [...wanted, "zh"] : [...wanted]
  // A wanted language without a list might be what the words of a foreign one look like.
  const allListed = known.every((code) => nonLatin.has(code) || listed.includes(code))

  const byScript = ({ latin, other, scripts }: Evidence): Judged => {
    if (latin + other < minScriptLetters) return unknown
    if (other <= latin) return wantsLatin || latin === 0 ? unknown : { verdict: "foreign", language: "Latin" }
    const kanaShare = kana.reduce((sum, i) => sum + (scripts[i] as number), 0) / other
    let most = 0
    let reached = 0
    scripts.forEach((count, i) => {
      if (count > (scripts[most] as number)) most = i
      if (wantedScript[i] === true) reached += count
    })
    if (reached * 2 > other) {
      if (kanaShare > minKana) return { verdict: wanted.has("ja") ? "wanted" : "foreign", language: "ja" }
      // A script of one language tells it.
      const [, of] = otherScripts[most] as (typeof otherScripts)[number]
      return of.length === 1 && wanted.has(of[0] as string) ? { verdict: "wanted", language: of[0] as string } : unknown
    }
    const [name, of] = otherScripts[most] ?? ["another script", []]
    if (name === "Han" && kanaShare > minKana) return { verdict: "foreign", language: "ja" }
    return { verdict: "foreign", language: of.length === 1 ? (of[0] as string) : name }
  }

  const best = (frequent: Uint32Array, among: ReadonlyArray<number>): number =>
    among.reduce((most, i) => ((frequent[i] as number) > (frequent[most] ?? 0) ? i : most), -1)

  const byWords = (evidence: Evidence): Judged => {
    const script = byScript(evidence)
    const { frequent, latin, other, words } = evidence
    if (script.verdict !== "unknown" || other * 5 > latin) return script
    const [own, foe] = [best(frequent, mine), best(frequent, theirs)]
    const [ownCount, foeCount] = [frequent[own] ?? 0, frequent[foe] ?? 0]
    if (
      words >= minWordsWanted &&
      mayTell.includes(own) &&
      ownCount >= wantedShare * words &&
      ownCount >= ratio * foeCount
    )
      return { verdict: "wanted", language: listed[own] as string }
    if (allListed && words >= minWordsForeign && foeCount >= foreignShare * words && foeCount >= ratio * ownCount)
      return { verdict: "foreign", language: listed[foe] as string }
    return unknown
  }

  /** Judges prose (see {@link proseOf}). */
  const prose = (text: string, minLetters: number): Judged => {
    const evidence = noEvidence()
    gather(text, evidence, maxText)
    const { latin, other } = evidence
    if (latin + other < minLetters || latin + other === 0) {
      const script = byScript(evidence)
      return script.language === "Latin" ? unknown : script
    }
    const told = byWords(evidence)
    if (told.verdict !== "unknown") return told
    const { language, likely } = detect(text)
    let code: string | undefined
    for (const one of wanted) {
      const probability = likely.get(one) ?? 0
      if (probability >= sure || (language === one && probability > possible)) code ??= one
    }
    if (code !== undefined) return { verdict: "wanted", language: code }
    if (language !== "" && !wanted.has(language)) return { verdict: "foreign", language }
    // Wanted to one detector and improbable to the other ("You too! Good chat!"), or in a language that eld has not got.
    if (language !== "" && latin + other < minDenied) return unknown
    for (const [name, probability] of likely)
      if (probability >= foreignEnough) return { verdict: "foreign", language: name }
    return unknown
  }

  const vote: LanguageJudge["vote"] = (texts, minLetters, threshold) => {
    // First the words of the conversation, as far as it is looked at, with those of each turn that is like the others.
    const whole = noEvidence()
    const one = noEvidence()
    let looked = 0
    let odd = 0
    let even = 0
    const judgedWhole = (): Judged => {
      for (const text of texts) {
        if (looked >= maxLetters) break
        clear(one)
        looked += gather(text, one, maxLetters - looked)
        whole.latin += one.latin
        whole.other += one.other
        whole.words += one.words
        for (let i = 0; i < one.frequent.length; i++)
          whole.frequent[i] = (whole.frequent[i] as number) + (one.frequent[i] as number)
        if (one.other > 0)
          for (let i = 0; i < one.scripts.length; i++)
            whole.scripts[i] = (whole.scripts[i] as number) + (one.scripts[i] as number)
        const { verdict } = byWords(one)
        if (verdict === "foreign") odd += one.latin + one.other
        else if (verdict === "wanted") even += one.latin + one.other
      }
      return whole.latin + whole.other < minLetters ? unknown : byWords(whole)
    }
    const told = judgedWhole()
    const letters = whole.latin + whole.other
    // A share of turns may be foreign before an episode is dropped: well below it there is nothing to ask.
    const mayBeOdd = threshold < minThreshold ? 0 : (letters * Math.min(threshold, 1 - threshold)) / 2
    if (told.verdict === "wanted" && (texts.length === 1 || threshold >= minThreshold) && odd <= mayBeOdd)
      return { judged: texts.length, foreign: 0 }
    // Turns too short to tell anything by themselves are foreign with the others, if hardly a word speaks for them.
    const ownCount = whole.frequent[best(whole.frequent, mine)] ?? 0
    const foeCount = whole.frequent[best(whole.frequent, theirs)] ?? 0
    const allForeign =
      odd >= letters * Math.max(0.9, threshold) ||
      (threshold <= maxThreshold && even === 0 && whole.other === 0 && ownCount * 2 * ratio <= foeCount)
    const spoken = told.verdict === "foreign" && allForeign ? indicesOfLetters(texts) : []
    const [index] = spoken
    // Of code points that are assigned to no letter yet a script can tell, and no text is spoken.
    if (index !== undefined) {
      clear(one)
      gather(texts[index] as string, one, maxLetters)
      const itself = byWords(one)
      const language = (itself.verdict === "foreign" ? itself : told).language as string
      const first = { index, language }
      return { judged: spoken.length, foreign: spoken.length, first }
    }
    // Mixed, or not clear: each text that is long enough is judged by itself, the short ones together.
    const foreign: Array<{ index: number; language: string }> = []
    const short: Array<{ index: number; text: string }> = []
    let judged = 0
    const all = texts.map(proseOf)
    const take = (index: number, { language = "", verdict }: Judged): boolean => {
      if (verdict === "unknown") return false
      judged++
      if (verdict === "foreign") foreign.push({ index, language })
      return true
    }
    all.forEach((text, index) => {
      if (!take(index, prose(text, minLetters)) && letter.test(text)) short.push({ index, text })
    })
    if (short.length > 0) {
      const join = (parts: ReadonlyArray<string>): string => parts.join(" ").slice(0, maxText)
      let verdict = prose(join(short.map(({ text }) => text)), minLetters)
      // Too little even together: they inherit what the conversation is in, if it is long enough to tell.
      if (verdict.verdict === "unknown") verdict = prose(join(all), minLetters)
      for (const { index } of short) take(index, verdict)
    }
    if (foreign.length === 0) return { judged, foreign: 0 }
    const first = foreign.reduce((a, b) => (b.index < a.index ? b : a))
    return { judged, foreign: foreign.length, first }
  }

  return { byWords, text: (text, minLetters = 20) => prose(proseOf(text), minLetters), vote }
}

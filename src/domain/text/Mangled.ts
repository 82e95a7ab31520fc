/**
 * Tells whether a text looks as if its bytes had been read in the wrong encoding. Follows the heuristic that ftfy documents
 * (`ftfy.badness`, Robyn Speer, Apache-2.0): characters fall into kinds, and some kinds next to each other are hardly
 * written on purpose, whatever the language, but are what UTF-8 looks like in another encoding.
 */

import { codepages } from "./Codepages.ts"

/** Kinds of characters, as parts of character classes. */
const kind = {
  control: "\\u0080-\\u009f",
  /** Hardly ever used. */
  odd: "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\\ufffdªº",
  law: "¶§",
  currency: "¢£¥₧€",
  opening: "¡«¿©\\u0384\\u0385‘‚“„•‹\\uf8ff",
  closing: "®»˝”›™",
  numeric: "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№",
  /** Letters that faces are made of, too. */
  face: "Ò-ÖÙ-Üò-öø-üŐ°",
  upper: "À-ÑØÜÝĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŸŹŻŽҐ",
  lower: "ßà-ñăąćčďđēėęěğģīįıķĺļľłńņňōŕřśşšţťūůűųźżžґﬁﬂ",
  /** Capital and small letters of other alphabets. */
  otherUpper: "ÞΆΈ-Ώ\\u0391-ΫЀ-Я",
  otherLower: "ά-ώа-џ",
  box: "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓",
  common: "\\u00a0\\u00ad·´–—―…’",
} as const

type Kind = keyof typeof kind

const anyOf = (kinds: ReadonlyArray<Kind>, more = ""): string => `[${kinds.map((name) => kind[name]).join("")}${more}]`

const letters: ReadonlyArray<Kind> = ["lower", "upper"]
const marks: ReadonlyArray<Kind> = ["box", "opening", "closing", "currency", "numeric", "law"]
/** What stands for a second byte between two lead bytes. */
const second = anyOf(["control", "odd", "law", "opening", "closing", "currency"], "°µ")
const arabicSecond = anyOf(["common", "currency", "odd", "law", "numeric", "opening"], "ŸŠ®°µ»")

/** Kinds that do not stand next to each other, in order. */
const neighbours: ReadonlyArray<readonly [ReadonlyArray<Kind>, ReadonlyArray<Kind>]> = [
  [
    [...letters, ...marks, "odd"],
    ["odd", "law"],
  ],
  [
    ["odd", "law"],
    [...letters, ...marks],
  ],
  [["lower", "otherLower", "box", "closing", "currency", "numeric"], ["upper"]],
  [["box", "closing", "currency", "numeric"], ["lower"]],
  [["lower", "box", "closing"], ["currency"]],
  [["upper", "box"], ["numeric"]],
  [["currency", "numeric", "box"], ["opening"]],
  [["box"], ["face", "closing"]],
  [[...letters, "currency", "numeric", "opening", "closing", "law"], ["box"]],
]

/** What else gives it away. */
const sequences: ReadonlyArray<string> = [
  anyOf(["control"]),
  `[a-zA-Z]${anyOf(["otherLower", "otherUpper"])}${anyOf(["odd", "law"])}`,
  `\\s${anyOf(["upper"])}${anyOf(["currency"])}`,
  anyOf([...letters, "box", "currency", "closing"]) + anyOf(["opening"]) + anyOf(["numeric"]),
  anyOf([...letters, "currency", "numeric", "box", "law"]) + anyOf(["closing"]) + anyOf(["opening"]),
  `[a-z]${anyOf(["upper"])}${anyOf(["opening", "currency"])}`,
  `${anyOf(letters)}${anyOf(["opening", "closing"])}[\\p{L}\\p{N}_]`,
  // A ligature that no Latin letter follows.
  "[Œœ][^A-Za-z]",
  `${anyOf(["upper"])}°`,
  // Two bytes read as Windows-1252.
  `[ÂÃÎÐ]${anyOf(["opening", "closing"], "€œŠš¢£Ÿž\\u00a0\\u00ad°·–—´")}`,
  "×[²³]",
  // Arabic.
  `[ØÙ]${arabicSecond}[ØÙ]${arabicSecond}`,
  // Three bytes of the alphabets of India.
  "à[²µ¹¼½¾]",
  // Mac Roman.
  "√[ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠±≤≥¥µ∂∏πªºæø]",
  "≈[°¢]",
  "‚Ä[ìîïòôúùû†°¢π]",
  "‚[âó][àä°ê]",
  // Windows-1251: punctuation; letters of Latin-1 and Cyrillic.
  "вЂ",
  `[ВГРС]${second}[ВГРС]`,
  "ГўВЂВ.[A-Za-z ]",
  // Windows-1252: à, á and the no-break space, with the space that is left of them.
  "Ã[\\u00a0¡]",
  "[a-z]\\s?[ÃÂ] ",
  "(?:^|\\n)[ÃÂ] ",
  `${anyOf(["closing"], "a-z.,?!")}Â${anyOf(["opening", "closing"], " ’–—…")}`,
  // Beside a small letter there is no other word with Ã. Not in ftfy.
  "[a-z]Ã[¡-¿]",
  "Ã[¡-¿][a-z]",
  // Windows-1253.
  "β€",
  `[ΒΓΞΟ]${second}[ΒΓΞΟ]`,
  // The DOS code page 437: punctuation and the euro. Not in ftfy.
  "Γ[Çé]",
  // Windows-1257.
  "ā€",
]

/**
 * Several letters of one alphabet in a row, each as its bytes: capital and mark by turns. Not in ftfy, which leaves most
 * text of other alphabets that was read as Windows-1251 or Windows-1253 as it is. First and last lead byte, how many
 * bytes follow it, and how often that is hardly chance.
 */
const alphabets: ReadonlyArray<readonly [first: number, last: number, following: number, times: number]> = [
  // Greek, Cyrillic, Armenian, Hebrew, Arabic.
  [0xce, 0xcf, 1, 3],
  [0xd0, 0xd1, 1, 3],
  [0xd4, 0xd6, 1, 3],
  [0xd7, 0xd7, 1, 3],
  [0xd8, 0xdb, 1, 3],
  // India, Thailand, Georgia; kana, Chinese, Korean.
  [0xe0, 0xed, 2, 2],
]

const rows = (): ReadonlyArray<string> =>
  codepages()
    .filter(({ name }) => name !== "latin-1")
    .flatMap(({ high }) =>
      alphabets.map(([first, last, following, times]) => {
        const at = (from: number, to: number): string =>
          `[${high.slice(from - 128, to - 127).replace(/[\\\]^-]/g, "\\$&")}]`
        return `(?:${at(first, last)}${at(0x80, 0xbf)}{${following}}){${times}}`
      }),
    )

/** Made when it is first needed: most runs never do. */
let mangled: RegExp | undefined
const makeMangled = (): RegExp =>
  new RegExp(
    [...neighbours.map(([left, right]) => anyOf(left) + anyOf(right)), ...sequences, ...new Set(rows())].join("|"),
    "u",
  )

/**
 * All of the above hold two characters next to each other that are not ASCII, or one of these. Most texts do not, though
 * they have curly quotes.
 */
const suspicious = /[\u0080-\u009fŒœÂÃ]|[\u00a0-\uffff]{2}/

/** Whether a text can be mangled, or have C1 controls: where not, there is nothing to look for. */
export const isSuspicious = (text: string): boolean => suspicious.test(text)

/** A stretch that is not ASCII, with up to four characters in between. Bounded: the engine keeps a stack of its rounds. */
const stretch = /[\u0080-\uffff]+(?:[\u0000-\u007f]{1,4}[\u0080-\uffff]+){0,500}/g

/** What the sequences above may look at before and behind a character that is not ASCII. */
const around = 3

/** Whether a text looks mangled. Linear: every sequence is bounded. */
export const looksMangled = (text: string): boolean => {
  if (!suspicious.test(text)) return false
  const pattern = (mangled ??= makeMangled())
  // The many sequences are tried where they can be found only: most of a text may be ASCII.
  stretch.lastIndex = 0
  for (let hit = stretch.exec(text); hit !== null; hit = stretch.exec(text)) {
    if (pattern.test(text.slice(Math.max(0, hit.index - around), stretch.lastIndex + around))) {
      stretch.lastIndex = 0
      return true
    }
  }
  return false
}

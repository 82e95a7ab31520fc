import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Episode, Turn, TurnKind } from "../../domain/Conversation.ts"
import { isCode } from "../../domain/text/Code.ts"
import { aboveZero, excerpt, rolesOption, shareOption, textAt } from "./Shared.ts"

const rules = ["blank", "floatingQuote", "mushedQuote", "mushedParenthesis", "lowercaseI", "link"] as const
type Rule = (typeof rules)[number]

interface Options {
  readonly threshold: number
  readonly roles: ReadonlyArray<TurnKind>
  readonly rules: ReadonlyArray<Rule>
}

/** A quotation mark with a blank on either side opens and closes nothing. */
const floatingQuote = /(?<=[\p{L}\p{N}]) " (?=[\p{L}\p{N}])/u

/**
 * A quotation mark that touches the words on both sides. Emphasis, brackets, dashes and closing punctuation may touch it,
 * and digits before it (inches).
 */
const mushedQuote = /(?<=[\p{L}\p{M}.,!?…;:])"(?=[\p{L}\p{N}])/u

/** A parenthesis that touches a word on its outer side, or an opening one that touches the end of a sentence. */
const mushedParenthesis = /(?<=[\p{L}\p{M}\p{N}.,!?…])\(|\)(?=[\p{L}\p{N}])/gu

/** Parts of words that good prose puts in parentheses: `friend(s)`, `(s)he`, `(un)happy`, `401(k)`; and `call()`. */
const wordEnding = /^\((?:[a-z]|es|ed)?\)/
const wordBeginning = /\((?:s|un|re|wo|in|im|non|fe)\)$/

/** Where in a text a rule speaks against it. */
interface Spot {
  readonly start: number
  readonly end: number
}

const spotOf = (hit: RegExpExecArray | null): Spot | undefined =>
  hit === null ? undefined : { start: hit.index, end: hit.index + hit[0].length }

const findMushedParenthesis = (text: string): Spot | undefined => {
  mushedParenthesis.lastIndex = 0
  for (let hit = mushedParenthesis.exec(text); hit !== null; hit = mushedParenthesis.exec(text)) {
    const part =
      hit[0] === "("
        ? wordEnding.test(text.slice(hit.index, hit.index + 4))
        : wordBeginning.test(text.slice(Math.max(0, hit.index - 4), hit.index + 1))
    if (!part) return spotOf(hit)
  }
  return undefined
}

/**
 * The pronoun in lower case, with or without a contraction. Not `i.e.` or `a.i.`, the numerals `(i)`, `i)` and `i.` of a
 * list, the tags `<i>` and `[i]`, or parts of addresses and names (`/i/`, `i_x`).
 */
const lowercaseI = new RegExp(
  [
    /(?<![\p{L}\p{M}\p{N}_/\\@#&])(?<!(?<![\p{L}\p{N}])\p{L}\.)i/u,
    /(?![\p{L}\p{M}\p{N}_/\\])(?!\.\p{L})(?!\. e\.)/u,
    /(?!(?<=(?:^|\n)i)[.)]|(?<=\(i)\)|(?<=<i)>|(?<=\[i)\])/u,
  ]
    .map(({ source }) => source)
    .join(""),
  "u",
)

/** Contracted (`i'm`), it can only be English. */
const contraction = /^['’](?:m|d|ll|ve)(?![\p{L}\p{M}])/iu

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Frequent words that only English has, among the languages below. */
const englishWords = setOf(
  `the and you of that it this with my your his him her she they them we us our is was are were have had has been
  be not don't can't won't didn't what when where who why how there here from at by about would could should will if
  but or just like know think want go get got see look looks said say yes then than now back into over down up out`,
)

/**
 * Frequent words of languages in which "i" is a word by itself: an article in Italian, "and" in Polish, Croatian, Czech
 * and Catalan, "in" in the Scandinavian ones. None that English has too, not even the English of chats.
 */
const foreignWords = setOf(
  `il lo gli le un una uno di che non è e sono sei siamo del della dei delle nel nella nei alla mi ti si ci ma se
  anche quando dove perché questo questa suo sua loro miei tuoi suoi più già poi nie się na z że jak od po tak
  tylko mnie moje je su za što kao ili nije samo jsem jsou som sa už ještě el els que amb és però
  això més og och är det som ett et av på för til ikke inte jeg jag du hon mig deg meg`,
)

/** Letters that those languages have and English has not, not even in words that it has borrowed. */
const foreignLetter = /[àèìòùąćęłńśźżčďěňřšťůžđøåæäöč]/

const anyWord = /[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)?/gu

/** Above 0: rather English than one of the languages that have the word "i"; 0: nothing to tell it by. */
const englishness = (text: string): number => {
  let score = 0
  for (const [found] of text.matchAll(anyWord)) {
    const word = found.toLowerCase().replace("’", "'")
    if (englishWords.has(word)) score++
    else if (foreignWords.has(word) || foreignLetter.test(word)) score--
  }
  return score
}

/** The pronoun in lower case; standing by itself it is one only in a turn that reads like English. */
const findLowercaseI = (text: string, isEnglish: () => boolean): Spot | undefined => {
  const spot = spotOf(lowercaseI.exec(text))
  if (spot === undefined || contraction.test(text.slice(spot.end, spot.end + 4))) return spot
  return isEnglish() ? spot : undefined
}

/** `[text](target)`: text of at least a character, a target without white space. One pass, whatever the brackets. */
const findLink = (text: string): Spot | undefined => {
  const open = text.indexOf("[")
  if (open < 0) return undefined
  const space = /\s/g
  let close = -1
  let gap = -1
  for (let at = text.indexOf("](", open + 2); at >= 0; at = text.indexOf("](", at + 2)) {
    const target = at + 2
    if (close <= target) close = text.indexOf(")", target + 1)
    if (close < 0) return undefined
    if (gap < target) {
      space.lastIndex = target
      gap = space.exec(text)?.index ?? text.length
    }
    if (close < gap) return { start: text.lastIndexOf("[", at - 2), end: close + 1 }
  }
  return undefined
}

const find: { readonly [K in Rule]: (text: string, isEnglish: () => boolean) => Spot | undefined } = {
  blank: (text) => (text.trim() === "" ? { start: 0, end: 0 } : undefined),
  floatingQuote: (text) => (text.includes('"') ? spotOf(floatingQuote.exec(text)) : undefined),
  mushedQuote: (text) => (text.includes('"') ? spotOf(mushedQuote.exec(text)) : undefined),
  // Calls of functions are written so.
  mushedParenthesis: (text) => (text.includes("(") && !isCode(text) ? findMushedParenthesis(text) : undefined),
  lowercaseI: findLowercaseI,
  link: findLink,
}

/**
 * The first rule that speaks against a text, and where; `undefined` if none does. `elsewhere` tells how English the
 * conversation is, for a turn that does not show it by itself.
 */
export const lowQuality = (
  text: string,
  among: ReadonlyArray<Rule> = rules,
  elsewhere: () => number = () => 0,
): (Spot & { readonly rule: Rule }) | undefined => {
  const isEnglish = (): boolean => (englishness(text) || elsewhere()) >= 0
  for (const rule of among) {
    const spot = find[rule](text, isEnglish)
    if (spot !== undefined) return { rule, ...spot }
  }
  return undefined
}

/** Turns that were looked at, how many of them are careless, and the first of those. */
interface Found {
  readonly judged: number
  readonly points: number
  readonly first: { readonly rule: Rule; readonly turn: number; readonly text: string } | undefined
}

const compileLook = ({ roles: kinds, rules: among }: Options): ((episode: Episode) => Found) => {
  const roles = new Set(kinds)
  return (episode) => {
    const { turns } = episode
    let judged = 0
    let points = 0
    let first: Found["first"]
    let whole: number | undefined
    const elsewhere = (): number =>
      (whole ??= turns.reduce(
        (sum, { kind }, i) => (kind === "system" ? sum : sum + englishness(textAt(episode, i))),
        0,
      ))
    for (let i = 0; i < turns.length; i++) {
      if (!roles.has((turns[i] as Turn).kind)) continue
      judged++
      const text = textAt(episode, i)
      const found = lowQuality(text, among, elsewhere)
      if (found === undefined) continue
      points++
      first ??= { rule: found.rule, turn: i + 1, text: excerpt(text, found.start, found.end) }
    }
    return { judged, points, first }
  }
}

/** Drops roleplay whose turns are carelessly written. */
export const LowQualityRpFilter: FilterDefinition = {
  name: "LowQualityRpFilter",
  description: "Drops roleplay whose turns are carelessly written",
  reasons: {
    blank: "the first careless turn holds nothing",
    floatingQuote: 'it has a quotation mark with a blank on either side: `he said " come here`',
    mushedQuote: 'it has one that touches words on both sides: `Stop."she said`',
    mushedParenthesis: "it has a parenthesis that touches a word: `he nods(smiling)and`",
    lowercaseI: "it has the pronoun in lower case: `i think i'm late`",
    link: "it has a Markdown link",
  },
  options: {
    threshold: shareOption(0.5).annotations({
      description: "Share of careless turns, among those that are looked at, from which on an episode is dropped.",
    }),
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are looked at." }),
    rules: Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal(...rules)), {
      default: () => rules,
      nullable: true,
    }).annotations({ description: "What makes a turn careless." }),
  },
  judge: (options: Options) => {
    const look = compileLook(options)
    const { threshold } = options
    return (episode) => {
      const { first, judged, points } = look(episode)
      // Without a careless turn there is nothing to drop for, whatever the threshold.
      if (first === undefined || points / judged < threshold) return undefined
      return { reason: "lowQuality", detail: { ...first, points, turns: judged, threshold } }
    }
  },
  scores: [
    {
      option: "threshold",
      label: "share of careless turns",
      threshold: ({ threshold }: Options) => aboveZero(threshold),
      of: (options: Options) => {
        const look = compileLook(options)
        return (episode) => {
          const { judged, points } = look(episode)
          return judged === 0 ? undefined : points / judged
        }
      },
      told: ({ points, turns }) =>
        typeof points === "number" && typeof turns === "number" && turns > 0 ? points / turns : undefined,
    },
  ],
}

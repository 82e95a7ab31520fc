import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { rolesOption, shareOption } from "./Shared.ts"

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

/** Parts of words that good prose puts in parentheses: `friend(s)`, `(s)he`, `(un)happy`; and `call()`. */
const wordEnding = /^\((?:s|es|d|ed|r|n)?\)/
const wordBeginning = /\((?:s|un|re|wo|in|im|non|fe)\)$/

const hasMushedParenthesis = (text: string): boolean => {
  mushedParenthesis.lastIndex = 0
  for (let hit = mushedParenthesis.exec(text); hit !== null; hit = mushedParenthesis.exec(text)) {
    const part =
      hit[0] === "("
        ? wordEnding.test(text.slice(hit.index, hit.index + 4))
        : wordBeginning.test(text.slice(Math.max(0, hit.index - 4), hit.index + 1))
    if (!part) return true
  }
  return false
}

/**
 * The pronoun in lower case, with or without a contraction. Not `i.e.` or `a.i.`, the numerals `(i)`, `i)` and `i.` of a
 * list, or parts of addresses and names (`/i/`, `i_x`).
 */
const lowercaseI = new RegExp(
  [
    /(?<![\p{L}\p{M}\p{N}_/\\@#&])(?<!(?<![\p{L}\p{N}])\p{L}\.)i/u,
    /(?![\p{L}\p{M}\p{N}_/\\])(?!\.\p{L})(?!\. e\.)/u,
    /(?!(?<=(?:^|\n)i)[.)]|(?<=\(i)\))/u,
  ]
    .map(({ source }) => source)
    .join(""),
  "u",
)

/** `[text](target)`: text of at least a character, a target without white space. One pass, whatever the brackets. */
const hasLink = (text: string): boolean => {
  const open = text.indexOf("[")
  if (open < 0) return false
  const space = /\s/g
  let close = -1
  let gap = -1
  for (let at = text.indexOf("](", open + 2); at >= 0; at = text.indexOf("](", at + 2)) {
    const target = at + 2
    if (close <= target) close = text.indexOf(")", target + 1)
    if (close < 0) return false
    if (gap < target) {
      space.lastIndex = target
      gap = space.exec(text)?.index ?? text.length
    }
    if (close < gap) return true
  }
  return false
}

const tests: { readonly [K in Rule]: (text: string) => boolean } = {
  blank: (text) => text.trim() === "",
  floatingQuote: (text) => text.includes('"') && floatingQuote.test(text),
  mushedQuote: (text) => text.includes('"') && mushedQuote.test(text),
  mushedParenthesis: (text) => hasMushedParenthesis(text),
  lowercaseI: (text) => lowercaseI.test(text),
  link: hasLink,
}

/** The first rule that speaks against a text, or `undefined`. */
export const lowQuality = (text: string, among: ReadonlyArray<Rule> = rules): Rule | undefined =>
  among.find((rule) => tests[rule](text))

/** Drops roleplay whose turns are carelessly written. */
export const LowQualityRpFilter: FilterDefinition = {
  name: "LowQualityRpFilter",
  description: "Drops roleplay whose turns are carelessly written",
  options: {
    /** Share of careless turns, among those that are looked at, from which on an episode is dropped. */
    threshold: shareOption(0.5),
    /** Whose turns are looked at. */
    roles: rolesOption("user", "model"),
    /** What makes a turn careless. */
    rules: Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal(...rules)), {
      default: () => rules,
      nullable: true,
    }),
  },
  judge: ({ roles: kinds, rules: among, threshold }: Options) => {
    const roles = new Set(kinds)
    return ({ turns }) => {
      let judged = 0
      let points = 0
      let first: { rule: Rule; turn: number; text: string } | undefined
      for (let i = 0; i < turns.length; i++) {
        const { kind, text } = turns[i] as (typeof turns)[number]
        if (!roles.has(kind)) continue
        judged++
        const rule = lowQuality(text, among)
        if (rule === undefined) continue
        points++
        first ??= { rule, turn: i + 1, text: evidence(text) }
      }
      // Without a careless turn there is nothing to drop for, whatever the threshold.
      if (first === undefined || points / judged < threshold) return undefined
      return { reason: "lowQuality", detail: { ...first, points, turns: judged, threshold } }
    }
  },
}

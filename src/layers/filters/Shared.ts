/** Options and steps that several filters share. */
import * as Schema from "effect/Schema"
import type { Episode, Turn, TurnKind } from "../../domain/Conversation.ts"
import { foldPhrase } from "../../domain/text/Phrases.ts"
import { evidence, maxEvidence } from "../../domain/Rejection.ts"

/**
 * Whose turns a filter looks at. `system` is the instruction, whether it came from the record or was drawn from a pool of
 * prompts.
 */
export const rolesOption = (...roles: ReadonlyArray<TurnKind>) =>
  Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal("system", "user", "model")), {
    default: () => roles as readonly [TurnKind, ...Array<TurnKind>],
    nullable: true,
  })

/** A share of something, from 0 to 1. */
export const shareOption = (share: number) =>
  Schema.optionalWith(Schema.Number.pipe(Schema.between(0, 1)), { default: () => share, nullable: true })

/** A threshold that a score of 0 is never beyond: without a hit there is nothing to drop for. */
export const aboveZero = (threshold: number): number => Math.max(threshold, Number.MIN_VALUE)

/** A number of things, at least 1. */
export const countOption = (count: number) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.greaterThanOrEqualTo(1)), { default: () => count, nullable: true })

/** A limit that is off unless it is given. */
export const limitOption = (description: string) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { exact: true, nullable: true }).annotations({ description })

/** What is wrong with limits of which the least is above the most. */
export const limitsInOrder = <A extends object>(
  options: A,
  pairs: ReadonlyArray<readonly [least: keyof A & string, most: keyof A & string]>,
): ReadonlyArray<string> =>
  pairs.flatMap(([least, most]) => {
    const [from, to] = [options[least] as number | undefined, options[most] as number | undefined]
    return from !== undefined && to !== undefined && from > to
      ? [`${least}: ${from} is more than ${most}, which is ${to}: nothing would be kept`]
      : []
  })

/** The text of a turn; of a system prompt whose hints are open yet, what stands around them. */
export const textAt = ({ prompt, turns }: Episode, i: number): string => {
  const { kind, text } = turns[i] as Turn
  if (kind !== "system" || prompt === undefined) return text
  return prompt.filter((part) => typeof part === "string").join(" ")
}

/** Text that is not blank. */
export const Phrase = Schema.String.pipe(
  Schema.filter((text) => foldPhrase(text) !== "", { message: () => "a phrase must hold more than white space" }),
)

/** Phrases that a config gives. */
export const phrasesOption = Schema.optionalWith(Schema.Array(Phrase), { default: () => [], nullable: true })

/** Characters of the text that evidence shows on either side of a hit, at most. */
const around = 24

/** Characters of a text that evidence is made from: enough, even if most of them are white space. */
const opened = 1000

const blank = /\s/

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim()

/** What evidence may hold of a line: whole words, as far as there are blanks to cut at. */
const shorten = (line: string): string => {
  if (line.length <= maxEvidence) return evidence(line)
  const cut = line.lastIndexOf(" ", maxEvidence - 1)
  // A word that fills most of the line is cut, for want of a better place.
  return cut < maxEvidence / 2 ? evidence(line) : evidence(`${line.slice(0, cut)}…`)
}

/** The beginning of a text, in one line. */
export const opening = (text: string): string => {
  const line = oneLine(text.slice(0, opened))
  return shorten(text.length > opened ? `${line} …` : line)
}

const isLow = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit < 0xe000
}

const splitsWord = (text: string, at: number): boolean =>
  at > 0 && at < text.length && !blank.test(text[at - 1] as string) && !blank.test(text[at] as string)

/** A hit with a little of what stands around it, in one line. Cut at blanks where there are any. */
export const excerpt = (text: string, start: number, end: number): string => {
  let from = Math.max(0, start - around)
  if (splitsWord(text, from)) {
    const gap = text.slice(from, start).search(blank)
    if (gap >= 0) from += gap
    else if (isLow(text, from)) from++
  }
  let to = Math.min(text.length, end + around)
  if (splitsWord(text, to)) {
    let gap = to - 1
    while (gap >= end && !blank.test(text[gap] as string)) gap--
    if (gap >= end) to = gap
    else if (isLow(text, to)) to--
  }
  const before = text.slice(0, from).trim() === "" ? "" : "…"
  const after = text.slice(to).trim() === "" ? "" : "…"
  return shorten(`${before}${oneLine(text.slice(from, to))}${after}`)
}

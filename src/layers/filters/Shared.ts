/** Options and steps that several filters share. */
import * as Schema from "effect/Schema"
import { readList } from "../../domain/Assets.ts"
import type { FilterDefinition, OptionFields } from "../../domain/Component.ts"
import type { Episode, Turn, TurnKind } from "../../domain/Conversation.ts"
import { compilePhrases, expandPhrase, foldPhrase } from "../../domain/text/Phrases.ts"
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

/** A number of things, at least 1. */
export const countOption = (count: number) =>
  Schema.optionalWith(Schema.Int.pipe(Schema.greaterThanOrEqualTo(1)), { default: () => count, nullable: true })

/** A limit that is off unless it is given. */
export const limitOption = Schema.optionalWith(Schema.Int.pipe(Schema.positive()), { exact: true, nullable: true })

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

/** Options of a filter that looks for the phrases of lists. */
interface PhraseListOptions {
  readonly roles: ReadonlyArray<TurnKind>
  readonly minHits: number
  readonly extra: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  readonly lists?: ReadonlyArray<string>
}

/** Decides which hits in a text count; asked in the order of the text. */
export type HitRule = (text: string) => (start: number, end: number) => boolean

/** The phrases that options ask for, with the list each comes from; `extra` is the list of those in the config. */
const select = (
  files: ReadonlyMap<string, string>,
  options: PhraseListOptions,
): ReadonlyArray<{ readonly phrase: string; readonly list: string }> => {
  const removed = new Set(options.removed.map(foldPhrase))
  const lists = options.lists ?? [...files.keys()]
  return [
    ...lists.flatMap((list) =>
      readList(files.get(list) as string)
        .flatMap(expandPhrase)
        .map((phrase) => ({ phrase, list })),
    ),
    ...options.extra.map((phrase) => ({ phrase, list: "extra" })),
  ].filter(({ phrase }) => !removed.has(foldPhrase(phrase)))
}

/**
 * A filter that drops an episode in whose turns phrases of lists stand. `files` maps the name of a list to its data file.
 * Hits that overlap count once.
 */
export const phraseFilter = (definition: {
  readonly name: string
  readonly description: string
  readonly reason: string
  readonly files: ReadonlyMap<string, string>
  readonly options?: OptionFields
  readonly hitRule?: HitRule
}): FilterDefinition => ({
  name: definition.name,
  description: definition.description,
  options: {
    ...definition.options,
    /** Whose turns are searched. */
    roles: rolesOption("model"),
    /** Hits in the whole episode from which on it is dropped. */
    minHits: countOption(1),
    /** Phrases beside those of the lists. */
    extra: phrasesOption,
    /** Phrases of the lists that are left out. */
    removed: phrasesOption,
  },
  check: (options: PhraseListOptions) => {
    const known = new Set(
      select(definition.files, { ...options, removed: [] })
        .filter(({ list }) => list !== "extra")
        .map(({ phrase }) => foldPhrase(phrase)),
    )
    return options.removed
      .filter((phrase) => !known.has(foldPhrase(phrase)))
      .map((phrase) => `removed: no list holds the phrase "${phrase}"`)
  },
  judge: (options: PhraseListOptions) => {
    const phrases = select(definition.files, options)
    const matcher = compilePhrases(phrases.map(({ phrase }) => phrase))
    const roles = new Set(options.roles)
    const { minHits } = options
    return (episode) => {
      const { turns } = episode
      let hits = 0
      let first: { phrase: number; turn: number; text: string } | undefined
      for (let i = 0; i < turns.length && hits < minHits; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        const counts = definition.hitRule?.(text)
        let free = 0
        matcher.visit(text, (phrase, start, end) => {
          if (start < free) return false
          free = end
          if (counts !== undefined && !counts(start, end)) return false
          hits++
          first ??= { phrase, turn: i + 1, text: excerpt(text, start, end) }
          return hits >= minHits
        })
      }
      if (first === undefined || hits < minHits) return undefined
      const { list, phrase } = phrases[first.phrase] as (typeof phrases)[number]
      return {
        reason: definition.reason,
        detail: { phrase: evidence(phrase), list, turn: first.turn, hits, text: first.text },
      }
    }
  },
})

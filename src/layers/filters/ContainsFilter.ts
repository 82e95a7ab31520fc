import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { compilePhrases } from "../../domain/text/Phrases.ts"
import { compileUserPattern, type UserPattern } from "../../domain/text/UserPattern.ts"
import { countOption, excerpt, phrasesOption, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly phrases: ReadonlyArray<string>
  readonly pattern?: string
  readonly roles: ReadonlyArray<TurnKind>
  readonly drop: "with" | "without"
  readonly minHits: number
  readonly caseSensitive: boolean
  readonly wholeWords: boolean
}

/** A pattern that `check` has let pass. */
const compilePattern = (pattern: string | undefined, caseSensitive: boolean): UserPattern | undefined => {
  if (pattern === undefined) return undefined
  const compiled = compileUserPattern(pattern, caseSensitive ? "m" : "im")
  if ("problem" in compiled) throw new Error(compiled.problem)
  return compiled
}

/** Drops episodes that contain some phrase or pattern of a config, or those that contain none. */
export const ContainsFilter: FilterDefinition = {
  name: "ContainsFilter",
  description: "Drops episodes that contain given phrases, or those that do not",
  reasons: {
    contains: "with `drop: with`: the phrases or the pattern were found",
    containsNot: "with `drop: without`: they were not found often enough",
  },
  options: {
    phrases: phrasesOption.annotations({
      description:
        "What is looked for. A blank matches any run of white space; straight and curly quotes are the same.",
    }),
    pattern: Schema.optionalWith(Schema.NonEmptyString, { exact: true, nullable: true }).annotations({
      description:
        "A regular expression that is looked for as well, at most once in each turn: what JavaScript knows with the flags `m` and `u`, but for look-around and back references. It takes a time that grows as the text does.",
    }),
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are searched." }),
    drop: Schema.optionalWith(Schema.Literal("with", "without"), {
      default: () => "with" as const,
      nullable: true,
    }).annotations({ description: "`with` drops what contains a phrase; `without` drops the rest." }),
    minHits: countOption(1).annotations({
      description: "Hits in the whole episode from which on it contains the phrases. Hits that overlap count once.",
    }),
    caseSensitive: Schema.optionalWith(Schema.Boolean, { default: () => false, nullable: true }).annotations({
      description: "Tells `Apple` from `apple`.",
    }),
    wholeWords: Schema.optionalWith(Schema.Boolean, { default: () => true, nullable: true }).annotations({
      description: "Leaves `pineapple` alone when `apple` is looked for.",
    }),
  },
  check: ({ drop, pattern, phrases }: Options) => {
    const compiled = pattern === undefined ? undefined : compileUserPattern(pattern)
    return [
      ...(phrases.length === 0 && pattern === undefined && drop === "without"
        ? ["phrases: none is given, nor a pattern, so that every episode would be dropped"]
        : []),
      ...(compiled !== undefined && "problem" in compiled ? [`pattern: ${compiled.problem}`] : []),
    ]
  },
  judge: ({ caseSensitive, drop, minHits, pattern, phrases, roles: kinds, wholeWords }: Options) => {
    const matcher = compilePhrases(phrases, { caseSensitive, wholeWords })
    const compiled = compilePattern(pattern, caseSensitive)
    const roles = new Set(kinds)
    return (episode) => {
      const { turns } = episode
      let hits = 0
      let first: { phrase: string; turn: number; text: string } | undefined
      for (let i = 0; i < turns.length && hits < minHits; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        let free = 0
        matcher.visit(text, (phrase, start, end) => {
          if (start < free) return false
          free = end
          hits++
          first ??= {
            phrase: evidence(phrases[phrase] as string),
            turn: i + 1,
            text: excerpt(text, start, end),
          }
          return hits >= minHits
        })
        const place = hits < minHits ? compiled?.find(text) : undefined
        if (place === undefined) continue
        hits++
        first ??= {
          phrase: evidence(pattern as string),
          turn: i + 1,
          text: excerpt(text, place.start, place.end),
        }
      }
      if (drop === "without")
        return hits >= minHits ? undefined : { reason: "containsNot", detail: { hits, threshold: minHits } }
      return first === undefined || hits < minHits ? undefined : { reason: "contains", detail: { ...first, hits } }
    }
  },
}

/** A filter that looks for the phrases of weighted lists. */
import * as Schema from "effect/Schema"
import { readList } from "../../domain/Assets.ts"
import type { FilterDefinition, OptionFields } from "../../domain/Component.ts"
import type { Episode, Turn, TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import {
  type Category,
  compileList,
  joinedName,
  joinLists,
  type ListHit,
  parsePhraseList,
  type PhraseList,
  phrasesOf,
} from "../../domain/text/PhraseList.ts"
import { compilePhrases, foldPhrase } from "../../domain/text/Phrases.ts"
import { countOption, excerpt, phrasesOption, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly roles: ReadonlyArray<TurnKind>
  readonly threshold: number
  readonly weights: { readonly [category: string]: number }
  readonly minHits: number
  readonly extra: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  readonly lists?: ReadonlyArray<string>
}

/** Decides which hits in a text count; asked in the order of the text. */
export type HitRule = (text: string) => (start: number, end: number) => boolean

interface Source {
  /** Name of the list, and its data file. */
  readonly name: string
  readonly file: string
}

/** What a list counts a phrase of the config as. */
const extraCategory: Category = { name: "extra", weight: 1, within: Infinity }

const lists = new Map<string, PhraseList>()

/** The lists are the package's own: each is read once. */
const listOf = (file: string): PhraseList => {
  const known = lists.get(file) ?? parsePhraseList(readList(file))
  lists.set(file, known)
  return known
}

type Find = (text: string) => ReadonlyArray<ListHit>

const finders = new Map<string, Find>()

/** Compiled once for all filters that ask for the same lists: the largest takes a fifth of a second. */
const finderOf = (sources: ReadonlyArray<Source>): Find => {
  const key = sources.map(({ file }) => file).join(" ")
  const known =
    finders.get(key) ?? compileList(joinLists(sources.map(({ file, name }) => ({ name, list: listOf(file) }))))
  finders.set(key, known)
  return known
}

/** What a phrase of this category overlaps does not count. */
const exceptions = "except"

const withoutExceptions = (hits: ReadonlyArray<Weighed>): ReadonlyArray<Weighed> => {
  const holes = hits.filter(({ category }) => category === exceptions)
  if (holes.length === 0) return hits
  const byStart = holes.toSorted((a, b) => a.start - b.start)
  let at = 0
  let end = -1
  // Both in the order of the text: the furthest end of a hole that begins before a hit ends.
  return hits
    .toSorted((a, b) => a.end - b.end)
    .filter((hit) => {
      for (; at < byStart.length && (byStart[at] as Weighed).start < hit.end; at++)
        end = Math.max(end, (byStart[at] as Weighed).end)
      return hit.category !== exceptions && hit.start >= end
    })
}

/** Of hits that overlap the heaviest stays, of equally heavy ones the longest, of those the first. */
const withoutOverlaps = (hits: ReadonlyArray<Weighed>): ReadonlyArray<Weighed> => {
  if (hits.length < 2) return hits
  const byStart = hits.toSorted((a, b) => a.start - b.start || b.end - a.end)
  const kept: Array<Weighed> = []
  for (const hit of byStart) {
    const last = kept.at(-1)
    if (last === undefined || hit.start >= last.end) kept.push(hit)
    else if (hit.weight > last.weight) kept[kept.length - 1] = hit
  }
  return kept
}

interface Weighed extends ListHit {
  readonly list: string
  readonly weight: number
}

/**
 * Scores a text: each category that is hit counts once, however often. `within` looks at the first characters only, and
 * where the whole episode is scored, each turn anew.
 */
const scoreOf = (hits: ReadonlyArray<Weighed>): number => {
  const weights = new Map<string, number>()
  for (const { category, phrase, weight } of hits) {
    const key = category === extraCategory.name ? `${category} ${phrase}` : category
    weights.set(key, Math.max(weights.get(key) ?? 0, weight))
  }
  let sum = 0
  for (const weight of weights.values()) sum += weight
  return sum
}

/** Each different phrase counts, however often it stands there. */
const scoreOfPhrases = (hits: ReadonlyArray<Weighed>): number => {
  const weights = new Map(hits.map(({ phrase, weight }) => [phrase, weight]))
  let sum = 0
  for (const weight of weights.values()) sum += weight
  return sum
}

/** What the phrases in an episode weigh. */
interface Found {
  /** Where turns are weighed each by itself, the weight of the heaviest turn; else that of all turns. */
  readonly total: number
  /** Hits: where turns are weighed each by itself, those of turns that weigh enough. */
  readonly hits: number
  readonly heaviest: (Weighed & { readonly turn: number }) | undefined
}

/** What makes a filter of lists: its name, where its phrases are, and how they count. */
interface PhraseFilter {
  readonly name: string
  readonly description: string
  readonly reason: string
  /** What it means that an episode is dropped for it. */
  readonly meaning: string
  readonly sources: ReadonlyArray<Source>
  readonly categories: ReadonlyArray<string>
  readonly per: "turn" | "episode"
  readonly options?: OptionFields
  readonly hitRule?: HitRule
}

const compileWeights = (definition: PhraseFilter, options: Options) => {
  const removed = options.removed.map(foldPhrase)
  const extra = options.extra.filter((phrase) => !removed.includes(foldPhrase(phrase)))
  const used = definition.sources.filter(({ name }) => options.lists?.includes(name) ?? true)
  const spelling = new Map(extra.map((phrase) => [foldPhrase(phrase), phrase]))
  const extras: PhraseList = {
    categories: [extraCategory, { name: exceptions, weight: 0, within: Infinity }],
    heads: [
      ...[...spelling.keys()].map((phrase) => ({ phrase, category: extraCategory.name })),
      ...removed.map((phrase) => ({ phrase, category: exceptions })),
    ],
    rests: new Map(),
  }
  const sources = [
    { name: extraCategory.name, list: extras },
    ...used.map(({ file, name }) => ({ name, list: listOf(file) })),
  ]
  const findListed = finderOf(used)
  const findExtra = extras.heads.length === 0 ? undefined : compileList(joinLists(sources.slice(0, 1)))
  const find: Find = findExtra === undefined ? findListed : (text) => [...findExtra(text), ...findListed(text)]
  const categories = new Map(
    sources.flatMap(({ list, name: of }) =>
      list.categories.map(
        (one) =>
          [joinedName(of, one.name), { ...one, list: of, weight: options.weights[one.name] ?? one.weight }] as const,
      ),
    ),
  )
  const roles = new Set(options.roles)
  const { threshold } = options
  const score = definition.per === "turn" ? scoreOf : scoreOfPhrases

  const hitsOf = (text: string): ReadonlyArray<Weighed> => {
    const found: Array<Weighed> = []
    for (const hit of find(text)) {
      const { list, name, weight, within } = categories.get(hit.category) as Category & { readonly list: string }
      if ((weight > 0 || name === exceptions) && hit.start <= within)
        found.push({ ...hit, category: name, list, weight })
    }
    if (found.length === 0) return found
    const apart = withoutOverlaps(withoutExceptions(found))
    if (definition.hitRule === undefined) return apart
    const counts = definition.hitRule(text)
    return apart.filter(({ end, start }) => counts(start, end))
  }

  /** The phrase of a hit, as the config spells it where it is of the config. */
  const phraseOf = ({ list, phrase }: Weighed): string =>
    list === extraCategory.name ? (spelling.get(phrase) as string) : phrase

  const weigh = (episode: Episode): Found => {
    const { turns } = episode
    const all: Array<Weighed> = []
    let heaviest: Found["heaviest"]
    let total = 0
    for (let i = 0; i < turns.length; i++) {
      if (!roles.has((turns[i] as Turn).kind)) continue
      const found = hitsOf(textAt(episode, i))
      if (found.length === 0) continue
      const own = definition.per === "turn" ? score(found) : 0
      total = Math.max(total, own)
      if (definition.per === "turn" && own < threshold) continue
      all.push(...found)
      for (const hit of found)
        if (heaviest === undefined || hit.weight > heaviest.weight) heaviest = { ...hit, turn: i }
    }
    return { total: definition.per === "episode" ? score(all) : total, hits: all.length, heaviest }
  }
  return { weigh, phraseOf }
}

/**
 * A filter that drops an episode in whose turns the phrases of lists weigh enough. `per: "turn"` weighs each turn by
 * itself: a reply refuses or does not. `per: "episode"` weighs all turns together: manner shows in the whole.
 */
export const phraseFilter = (definition: PhraseFilter): FilterDefinition => ({
  name: definition.name,
  description: definition.description,
  reasons: { [definition.reason]: definition.meaning },
  options: {
    ...definition.options,
    roles: rolesOption("model").annotations({ description: "Whose turns are searched." }),
    threshold: Schema.optionalWith(Schema.Number.pipe(Schema.greaterThan(0)), {
      default: () => 1,
      nullable: true,
    }).annotations({ description: "Weight from which on an episode is dropped." }),
    weights: Schema.optionalWith(
      Schema.Struct(
        Object.fromEntries(
          definition.categories.map((name) => [
            name,
            Schema.optionalWith(Schema.Number.pipe(Schema.nonNegative()), { exact: true, nullable: true }).annotations({
              description: `Weight of the category "${name}".`,
            }),
          ]),
        ),
      ),
      { default: () => ({}), nullable: true },
    ).annotations({ description: "Weights of categories in place of those that the lists give; 0 leaves one out." }),
    minHits: countOption(1).annotations({ description: "Hits in the whole episode from which on it is dropped." }),
    extra: phrasesOption.annotations({ description: "Phrases beside those of the lists; each weighs 1." }),
    removed: phrasesOption.annotations({
      description: "Phrases of the lists that are left out: what they overlap does not count.",
    }),
  },
  check: (options: Options) => {
    const used = definition.sources.filter(({ name }) => options.lists?.includes(name) ?? true)
    const known = used.flatMap(({ file }) => (options.removed.length === 0 ? [] : phrasesOf(listOf(file))))
    return options.removed
      .filter((phrase) => {
        if (finderOf(used)(phrase).length > 0) return false
        const { first } = compilePhrases([phrase])
        return !known.some((one) => first(one.phrase) !== undefined)
      })
      .map((phrase) => `removed: no list holds the phrase "${phrase}"`)
  },
  judge: (options: Options) => {
    const { phraseOf, weigh } = compileWeights(definition, options)
    const { minHits, threshold } = options
    return (episode) => {
      const { heaviest, hits, total } = weigh(episode)
      if (heaviest === undefined || hits < minHits || total < threshold) return undefined
      const { category, end, list, start, turn } = heaviest
      return {
        reason: definition.reason,
        detail: {
          phrase: evidence(phraseOf(heaviest)),
          list,
          category,
          score: Math.round(total * 1e4) / 1e4,
          threshold,
          turn: turn + 1,
          hits,
          text: excerpt(textAt(episode, turn), start, end),
        },
      }
    }
  },
  scores: [
    {
      option: "threshold",
      label: definition.per === "turn" ? "weight of the phrases in the heaviest reply" : "weight of all phrases",
      threshold: ({ threshold }: Options) => threshold,
      of: (options: Options) => {
        const { weigh } = compileWeights(definition, options)
        return (episode) => {
          const { hits, total } = weigh(episode)
          // Heavy enough, and kept because it has not hits enough: no weight would tell that.
          return total >= options.threshold && hits < options.minHits ? undefined : total
        }
      },
    },
  ],
})

import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Episode } from "../../domain/Conversation.ts"
import { nameSequences } from "../../domain/text/Repetition.ts"
import { eachWord } from "../../domain/text/Words.ts"
import { aboveZero, countOption, opening, shareOption } from "./Shared.ts"

type Measure = "neighbours" | "all" | "maximum"

interface Options {
  readonly threshold: number
  readonly repeats: number
  readonly minReplies: number
  readonly measure: Measure
}

/** A text as the weights of its words, and the sum of their squares. */
interface Vector {
  readonly weights: ReadonlyMap<string, number>
  readonly square: number
}

/**
 * Two and more letters, marks, digits or underscores: the words of the usual bag-of-words model (the default of
 * scikit-learn's CountVectorizer). A text without any is one word of its own, so that "..." equals "...".
 *
 * A word that occurs n times weighs 1 + ln n (sublinear term frequency: Manning, Raghavan, Schuetze, Introduction to
 * Information Retrieval, 2008, 6.4.1; `sublinear_tf` of scikit-learn). With plain counts "the", "and" and "of" decide:
 * two texts of 400 words of GPTeacher's answers, which have nothing to do with each other, have a mean cosine of 0.75, and
 * 99.5 % of the pairs reach 0.6. With these weights the mean is 0.36, and none does. Texts in which each word occurs once
 * weigh the same either way.
 */
const word = /[\p{L}\p{M}\p{N}_]{2,}/gu

const vectorOf = (text: string): Vector => {
  const weights = new Map<string, number>()
  const lower = text.toLowerCase()
  // Word by word: a list of all of them would be as large as the text.
  word.lastIndex = 0
  for (let hit = word.exec(lower); hit !== null; hit = word.exec(lower))
    weights.set(hit[0], (weights.get(hit[0]) ?? 0) + 1)
  if (weights.size === 0) weights.set(lower.trim(), 1)
  let square = 0
  for (const [word, count] of weights) {
    const weight = 1 + Math.log(count)
    if (count > 1) weights.set(word, weight)
    square += weight * weight
  }
  return { weights, square }
}

/** Binary fractions: nine decimals are what the sums are good for, and make equal texts exactly 1. */
const rounded = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e9) / 1e9

const cosine = (a: Vector, b: Vector): number => {
  const [small, large] = a.weights.size <= b.weights.size ? [a, b] : [b, a]
  let dot = 0
  for (const [word, weight] of small.weights) dot += weight * (large.weights.get(word) ?? 0)
  return rounded(dot / Math.sqrt(a.square * b.square))
}

/** How much texts repeat one another, and the two that show it best: the indices of both, and how alike they are. */
interface Likeness {
  readonly score: number
  readonly earlier: number
  readonly later: number
  readonly pair: number
}

const amongNeighbours =
  (scoreOf: (scores: ReadonlyArray<number>) => number) =>
  (vectors: ReadonlyArray<Vector>): Likeness => {
    const scores = vectors.slice(1).map((vector, i) => cosine(vectors[i] as Vector, vector))
    let most = 0
    scores.forEach((score, i) => {
      if (score > (scores[most] as number)) most = i
    })
    return { score: rounded(scoreOf(scores)), earlier: most, later: most + 1, pair: scores[most] as number }
  }

/**
 * The mean cosine over all pairs, without visiting them: for unit vectors the square of the sum's length is their number
 * plus twice the sum of the cosines. The pair is the text most like all the others together, and the one most like it.
 */
const amongAll = (vectors: ReadonlyArray<Vector>): Likeness => {
  const sum = new Map<string, number>()
  for (const { square, weights } of vectors) {
    const length = Math.sqrt(square)
    for (const [word, weight] of weights) sum.set(word, (sum.get(word) ?? 0) + weight / length)
  }
  let square = 0
  for (const value of sum.values()) square += value * value
  const n = vectors.length
  const all: Vector = { weights: sum, square }
  const nearest = (to: Vector, except: number): readonly [index: number, score: number] => {
    let index = -1
    let most = -1
    vectors.forEach((vector, i) => {
      if (i === except) return
      const score = cosine(vector, to)
      if (score > most) {
        most = score
        index = i
      }
    })
    return [index, most]
  }
  const [one] = nearest(all, -1)
  const [other, pair] = nearest(vectors[one] as Vector, one)
  return {
    score: rounded((square - n) / (n * (n - 1))),
    earlier: Math.min(one, other),
    later: Math.max(one, other),
    pair,
  }
}

const measures: { readonly [K in Measure]: (vectors: ReadonlyArray<Vector>) => Likeness } = {
  neighbours: amongNeighbours((scores) => scores.reduce((sum, score) => sum + score, 0) / scores.length),
  all: amongAll,
  maximum: amongNeighbours((scores) => scores.reduce((most, score) => Math.max(most, score), 0)),
}

/** The likeness of texts that are not blank; `undefined` for fewer than two of them. */
const compare = (texts: ReadonlyArray<string>, measure: Measure): Likeness | undefined =>
  texts.length < 2 ? undefined : measures[measure](texts.map(vectorOf))

/**
 * How much texts repeat one another, from 0 (no common words) to 1 (the same words as often), by the cosine of their
 * words' weights. `undefined` for fewer than two texts that are not blank.
 */
export const similarity = (texts: ReadonlyArray<string>, measure: Measure = "neighbours"): number | undefined =>
  compare(
    texts.filter((text) => text.trim() !== ""),
    measure,
  )?.score

/** Words of a sequence, and the share of a reply's sequences in earlier replies from which on it repeats them. */
const sequence = 5
const repeatedShare = 0.8

/** Words that a reply must have to be a repeat: "Yes." twice is none. */
const minWords = 5

/** Replies that repeat earlier ones, word for word or nearly so. */
interface Repeats {
  readonly share: number
  /** Indices of the first repeat, and of the reply that has most of it. */
  readonly first: { readonly later: number; readonly earlier: number } | undefined
}

/**
 * How many of the replies with words enough repeat what earlier ones have said: four fifths of their sequences of five
 * words stood there before. It sees loops of any period (A, B, A, B), which neighbours do not.
 */
const repeatsOf = (texts: ReadonlyArray<string>): Repeats => {
  // All replies as numbers of words, in a row; a number of its own ends each, so that no sequence goes on into the next.
  const known = new Map<string, number>()
  const all: Array<number> = []
  let next = 0
  const replies = texts.map((text) => {
    const from = all.length
    const lower = text.toLowerCase()
    eachWord(lower, (start, end) => {
      const one = lower.slice(start, end)
      let number = known.get(one)
      if (number === undefined) known.set(one, (number = next++))
      all.push(number)
    })
    const to = all.length
    all.push(next++)
    return { from, to }
  })
  const names = nameSequences(Uint32Array.from(all), sequence)
  const firstAt = new Int32Array(all.length).fill(-1)
  let counted = 0
  let repeats = 0
  let first: Repeats["first"]
  replies.forEach(({ from, to }, index) => {
    if (to - from < minWords) return
    counted++
    const count = to - from - sequence + 1
    const sources = new Map<number, number>()
    let again = 0
    for (let i = from; i < from + count; i++) {
      const before = firstAt[names[i] as number] as number
      if (before < 0) continue
      again++
      sources.set(before, (sources.get(before) ?? 0) + 1)
    }
    for (let i = from; i < from + count; i++) {
      const name = names[i] as number
      if ((firstAt[name] as number) < 0) firstAt[name] = index
    }
    if (again < repeatedShare * count) return
    repeats++
    first ??= { later: index, earlier: [...sources].reduce((a, b) => (b[1] > a[1] ? b : a))[0] }
  })
  return { share: counted === 0 ? 0 : repeats / counted, first }
}

const fourDecimals = (value: number): number => Math.round(value * 1e4) / 1e4

/** The replies of an episode. */
interface Replies {
  /** All of them. */
  readonly count: number
  /** Those that are not blank, and the 1-based turns they stand in. */
  readonly texts: ReadonlyArray<string>
  readonly places: ReadonlyArray<number>
}

const repliesOf = ({ turns }: Episode): Replies => {
  const texts: Array<string> = []
  const places: Array<number> = []
  let count = 0
  turns.forEach(({ kind, text }, i) => {
    if (kind !== "model") return
    count++
    if (text.trim() === "") return
    texts.push(text)
    places.push(i + 1)
  })
  return { count, texts, places }
}

const likenessOf = ({ count, texts }: Replies, { measure, minReplies }: Options): Likeness | undefined =>
  count < minReplies ? undefined : compare(texts, measure)

/** Of two replies the cosine tells it all. */
const repeatedOf = ({ count, texts }: Replies, { minReplies }: Options): Repeats | undefined =>
  count < minReplies || texts.length < 3 ? undefined : repeatsOf(texts)

/** Drops episodes in which the model repeats itself. */
export const SimilarityFilter: FilterDefinition = {
  name: "SimilarityFilter",
  description: "Drops episodes in which the model repeats itself",
  reasons: {
    repetitive: "replies are too much alike",
    repeats: "replies say (nearly) word for word what earlier ones said",
  },
  options: {
    threshold: shareOption(0.6).annotations({
      description:
        "Similarity from which on an episode is dropped; that of texts without common words is 0, of equal ones 1.",
    }),
    repeats: shareOption(0.5).annotations({
      description:
        "Share of replies that repeat an earlier one (nearly) word for word from which on an episode is dropped; replies of fewer than five words do not count. 1 only drops where nothing else is said, which no episode's first reply is.",
    }),
    minReplies: countOption(2).annotations({
      description: "Replies of the model below which an episode is kept unseen.",
    }),
    measure: Schema.optionalWith(Schema.Literal("neighbours", "all", "maximum"), {
      default: () => "neighbours" as const,
      nullable: true,
    }).annotations({
      description:
        "`neighbours`: the mean over each reply and the next one. `all`: the mean over all pairs, which also sees replies that take turns. `maximum`: the two neighbours most alike, which sees a loop of any length.",
    }),
  },
  judge: (options: Options) => {
    const { measure, repeats, threshold } = options
    return (episode) => {
      const replies = repliesOf(episode)
      const { count, places, texts } = replies
      const found = likenessOf(replies, options)
      if (found !== undefined && found.score >= threshold)
        return {
          reason: "repetitive",
          detail: {
            score: fourDecimals(found.score),
            threshold,
            measure,
            replies: count,
            turn: places[found.later] as number,
            like: places[found.earlier] as number,
            pair: fourDecimals(found.pair),
            text: opening(texts[found.later] as string),
          },
        }
      const repeated = repeatedOf(replies, options)
      if (repeated?.first === undefined || repeated.share < repeats) return undefined
      const { earlier, later } = repeated.first
      return {
        reason: "repeats",
        detail: {
          score: fourDecimals(repeated.share),
          threshold: repeats,
          replies: count,
          turn: places[later] as number,
          like: places[earlier] as number,
          text: opening(texts[later] as string),
        },
      }
    }
  },
  scores: [
    {
      option: "threshold",
      label: "similarity of the replies to one another",
      threshold: ({ threshold }: Options) => threshold,
      of: (options: Options) => (episode) => likenessOf(repliesOf(episode), options)?.score,
      told: ({ rule, score }) => (rule === "repetitive" && typeof score === "number" ? score : undefined),
    },
    {
      option: "repeats",
      label: "share of replies that repeat an earlier one",
      threshold: ({ repeats }: Options) => aboveZero(repeats),
      of: (options: Options) => (episode) => repeatedOf(repliesOf(episode), options)?.share,
      told: ({ rule, score }) => (rule === "repeats" && typeof score === "number" ? score : undefined),
    },
  ],
}

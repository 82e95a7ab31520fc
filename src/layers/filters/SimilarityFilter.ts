import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import { countOption, shareOption } from "./Shared.ts"

type Measure = "neighbours" | "all" | "maximum"

interface Options {
  readonly threshold: number
  readonly minReplies: number
  readonly measure: Measure
}

/** A text as the counts of its words, and the sum of the squares of the counts. */
interface Vector {
  readonly counts: ReadonlyMap<string, number>
  readonly square: number
}

/**
 * Two and more letters, marks, digits or underscores: the words of the usual bag-of-words model (the default of
 * scikit-learn's CountVectorizer). A text without any is one word of its own, so that "..." equals "...".
 */
const vectorOf = (text: string): Vector => {
  const counts = new Map<string, number>()
  const lower = text.toLowerCase()
  for (const word of lower.match(/[\p{L}\p{M}\p{N}_]{2,}/gu) ?? [lower.trim()])
    counts.set(word, (counts.get(word) ?? 0) + 1)
  let square = 0
  for (const count of counts.values()) square += count * count
  return { counts, square }
}

/** Binary fractions: nine decimals are what the sums are good for, and make equal texts exactly 1. */
const rounded = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e9) / 1e9

const cosine = (a: Vector, b: Vector): number => {
  const [small, large] = a.counts.size <= b.counts.size ? [a, b] : [b, a]
  let dot = 0
  for (const [word, count] of small.counts) dot += count * (large.counts.get(word) ?? 0)
  return rounded(dot / Math.sqrt(a.square * b.square))
}

const neighbours = (vectors: ReadonlyArray<Vector>): ReadonlyArray<number> =>
  vectors.slice(1).map((vector, i) => cosine(vectors[i] as Vector, vector))

/**
 * The mean cosine over all pairs, without visiting them: for unit vectors the square of the sum's length is their number
 * plus twice the sum of the cosines.
 */
const meanOfAll = (vectors: ReadonlyArray<Vector>): number => {
  const sum = new Map<string, number>()
  for (const { counts, square } of vectors) {
    const length = Math.sqrt(square)
    for (const [word, count] of counts) sum.set(word, (sum.get(word) ?? 0) + count / length)
  }
  let square = 0
  for (const value of sum.values()) square += value * value
  const n = vectors.length
  return rounded((square - n) / (n * (n - 1)))
}

const measures: { readonly [K in Measure]: (vectors: ReadonlyArray<Vector>) => number } = {
  neighbours: (vectors) => {
    const scores = neighbours(vectors)
    return rounded(scores.reduce((sum, score) => sum + score, 0) / scores.length)
  },
  all: meanOfAll,
  maximum: (vectors) => neighbours(vectors).reduce((most, score) => Math.max(most, score), 0),
}

/**
 * How much texts repeat one another, from 0 (no common words) to 1 (equal), by the cosine of their word counts.
 * `undefined` for fewer than two texts that are not blank.
 */
export const similarity = (texts: ReadonlyArray<string>, measure: Measure = "neighbours"): number | undefined => {
  const vectors = texts.filter((text) => text.trim() !== "").map(vectorOf)
  return vectors.length < 2 ? undefined : measures[measure](vectors)
}

/** Drops episodes in which the model repeats itself. */
export const SimilarityFilter: FilterDefinition = {
  name: "SimilarityFilter",
  description: "Drops episodes in which the model repeats itself",
  options: {
    /** Similarity from which on an episode is dropped; that of texts without common words is 0, of equal ones 1. */
    threshold: shareOption(0.6),
    /** Replies of the model below which an episode is kept unseen. */
    minReplies: countOption(2),
    /**
     * `neighbours`: the mean over each reply and the next one. `all`: the mean over all pairs, which also sees replies
     * that take turns. `maximum`: the two neighbours most alike, which sees a loop of any length.
     */
    measure: Schema.optionalWith(Schema.Literal("neighbours", "all", "maximum"), {
      default: () => "neighbours" as const,
      nullable: true,
    }),
  },
  judge:
    ({ measure, minReplies, threshold }: Options) =>
    ({ turns }) => {
      const replies: Array<string> = []
      for (const { kind, text } of turns) if (kind === "model") replies.push(text)
      if (replies.length < minReplies) return undefined
      const score = similarity(replies, measure)
      if (score === undefined || score < threshold) return undefined
      return {
        reason: "repetitive",
        detail: { score: Math.round(score * 1e4) / 1e4, threshold, measure, replies: replies.length },
      }
    },
}

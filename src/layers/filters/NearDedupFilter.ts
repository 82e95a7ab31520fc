import * as Schema from "effect/Schema"
import type { FilterDefinition, Memory, Recall, Score } from "../../domain/Component.ts"
import { compileFingerprint, type Fingerprint, readFingerprint } from "../../domain/dedup/Fingerprint.ts"
import { defaultThreshold, makeNearIndex } from "../../domain/dedup/NearIndex.ts"
import { makeKeyTable } from "../../domain/KeyTable.ts"

interface Options {
  readonly scope: "task" | "run"
  readonly on: "conversation" | "replies" | "prompt"
  readonly threshold: number
  readonly recall: "normal" | "high"
  readonly keep: "first" | "longest" | "best"
  readonly names: boolean
  readonly prefixes: boolean
  readonly siblings: "all" | "one"
}

/** An option that may be absent or null. */
const or = <A>(schema: Schema.Schema<A>, value: A) =>
  Schema.optionalWith(schema, { default: () => value, nullable: true })

/** Behind all ranks of what no conversation goes on from. */
const late = 2 ** 52

/** Words of one episode that a rank can tell. */
const maxWords = 2 ** 24 - 1

const rankBy: { readonly [K in Options["keep"]]: (print: Fingerprint) => number } = {
  first: () => 0,
  longest: ({ total }) => -total,
  best: ({ total, trained }) => -(trained * (maxWords + 1) + Math.min(total, maxWords)),
}

const openMemory = ({ keep, prefixes, siblings, threshold }: Options, recall?: Recall): Memory => {
  const near = makeNearIndex({ threshold, ...(recall === undefined ? {} : { recall }) })
  /** Last keys of the conversations that are kept, and those of their beginnings with which another one ends. */
  const known = makeKeyTable()
  /** Keys of the conversations that are kept without their last turns. */
  const origins = makeKeyTable()
  /** Last keys of all conversations; 1 where another one goes on. */
  const ends = makeKeyTable()

  const lastOf = (print: Fingerprint): Uint8Array | undefined =>
    print.keys === 0 ? undefined : print.key(print.keys - 1)
  const originOf = (print: Fingerprint): Uint8Array | undefined =>
    siblings === "all" || print.keys < 2 ? undefined : print.key(print.keys - 2)
  /** A beginning of one turn is no conversation that could be contained. */
  const beginnings = function* (print: Fingerprint): Generator<Uint8Array> {
    for (let i = 1; i < print.keys - 1; i++) yield print.key(i)
  }

  const look: Memory = {
    decide: (bytes) => {
      const print = readFingerprint(bytes)
      const last = lastOf(print)
      const mark = last === undefined ? undefined : known.get(last)
      if (mark !== undefined) return { reason: mark % 2 === 0 ? "same" : "prefix", keptOrdinal: Math.floor(mark / 2) }
      const origin = originOf(print)
      const sibling = origin === undefined ? undefined : origins.get(origin)
      if (sibling !== undefined) return { reason: "regenerated", keptOrdinal: sibling }
      const hit = near.find(bytes)
      return hit === undefined ? undefined : { reason: "near", keptOrdinal: hit.ordinal, score: hit.score }
    },
    remember: (bytes, ordinal) => {
      const print = readFingerprint(bytes)
      const last = lastOf(print)
      if (last !== undefined) known.add(last, ordinal * 2)
      if (prefixes)
        for (const key of beginnings(print))
          if (ends.get(key) !== undefined && known.get(key) === undefined) known.add(key, ordinal * 2 + 1)
      const origin = originOf(print)
      if (origin !== undefined) origins.add(origin, ordinal)
      near.add(bytes, ordinal)
    },
  }
  if (!prefixes && keep === "first") return look
  const rank = rankBy[keep]
  return {
    ...look,
    observe: (bytes) => {
      const last = prefixes ? lastOf(readFingerprint(bytes)) : undefined
      if (last !== undefined && ends.get(last) === undefined) ends.add(last, 0)
    },
    ...(prefixes
      ? {
          review: (bytes: Uint8Array) => {
            for (const key of beginnings(readFingerprint(bytes))) if (ends.get(key) === 0) ends.add(key, 1)
          },
        }
      : {}),
    rank: (bytes) => {
      const print = readFingerprint(bytes)
      const last = prefixes ? lastOf(print) : undefined
      // What another conversation goes on from is decided on behind it: the longer ones first.
      return last !== undefined && ends.get(last) === 1 ? late - print.keys : rank(print)
    },
  }
}

/** Similarity below which nobody asks for a neighbour. */
const leastLikeness = 0.3

/** How alike each conversation is to the one most like it, as far as the bands suggest it. */
const likeness: Score["among"] = (options: Options) => {
  const fingerprint = compileFingerprint({ on: options.on, names: options.names, recall: "high", chain: false })
  const near = makeNearIndex({ threshold: leastLikeness })
  const best: Array<{ score: number; other: number } | undefined> = []
  return {
    add: (episode) => {
      const print = fingerprint(episode)
      const hit = near.find(print)
      const own = best.length
      near.add(print, own)
      best.push(hit === undefined ? undefined : { score: hit.score, other: hit.ordinal })
      if (hit !== undefined && (best[hit.ordinal]?.score ?? 0) < hit.score)
        best[hit.ordinal] = { score: hit.score, other: own }
    },
    found: () => best,
  }
}

/**
 * Drops conversations that are nearly the same as one that is written, and names that one and how alike they are. Every
 * pair that the signatures suggest is verified by the exact Jaccard similarity of its word 5-grams (of its character
 * 5-grams, for texts under ten words), and an episode is only ever held against one that is kept: where A is like B and B
 * like C, C stays unless it is like A.
 *
 * Rules: `same` (the same turns), `prefix` (another conversation begins with this one and goes on), `regenerated` (only
 * the last turn differs, with `siblings: one`), `near` (with a score). System turns are no part of any, other names of the
 * speakers are no difference.
 *
 * Memory for each conversation kept: 160 to 320 bytes for the bands (252 to 503 with `recall: high`), 37 to 65 for its key
 * and sizes; with `prefixes` 29 to 57 for each conversation read, with `siblings: one` as many for each kept. Fingerprints
 * lie in the work folder: 4 bytes a word, 16 a turn, 84 beside.
 */
export const NearDedupFilter: FilterDefinition = {
  name: "NearDedupFilter",
  description: "Drops conversations that are nearly the same as another one",
  reasons: {
    same: "the same turns as a conversation that is kept, but for blanks and the way accents are encoded",
    prefix: "a conversation that is kept begins with this one and goes on",
    regenerated: "with `siblings: one`: only the last turn differs from a conversation that is kept",
    near: "the words are nearly those of a conversation that is kept",
  },
  options: {
    scope: or(Schema.Literal("task", "run"), "task").annotations({
      description: "`run` looks for duplicates among the episodes of all tasks that say so, `task` within one.",
    }),
    on: or(Schema.Literal("conversation", "replies", "prompt"), "conversation").annotations({
      description:
        "What is compared: all turns, the model's replies of 20 words or more, or the first turn of the user.",
    }),
    threshold: or(Schema.Number.pipe(Schema.between(0.5, 1)), defaultThreshold).annotations({
      description: "Similarity from which on two are the same.",
    }),
    recall: or(Schema.Literal("normal", "high"), "normal").annotations({
      description:
        "How many of the pairs at the threshold are found: 92 % at 0.8, or with more time and memory nearly all.",
    }),
    keep: or(Schema.Literal("first", "longest", "best"), "first").annotations({
      description: "Which of several stays: the first, the one of most words, or the one in which the model says most.",
    }),
    names: or(Schema.Boolean, true).annotations({
      description: "Whether other names of the speakers are no difference.",
    }),
    prefixes: or(Schema.Boolean, true).annotations({
      description: "Whether a conversation is dropped that another one begins with.",
    }),
    siblings: or(Schema.Literal("all", "one"), "all").annotations({
      description: "Of conversations that differ in the last turn only: all that are not alike otherwise, or one.",
    }),
  },
  memory: {
    fingerprint: ({ names, on, prefixes, recall }: Options) =>
      compileFingerprint({ on, names, recall, chain: prefixes }),
    open: openMemory,
    scope: (options: Options) => options.scope,
    late: ["scope", "threshold", "keep", "siblings"],
    recalls: true,
  },
  scores: [
    {
      option: "threshold",
      label: "similarity to the conversation most like it",
      threshold: ({ threshold }: Options) => threshold,
      among: likeness,
    },
  ],
}

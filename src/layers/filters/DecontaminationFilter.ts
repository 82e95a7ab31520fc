import * as Schema from "effect/Schema"
import type { FilterDefinition, Judge } from "../../domain/Component.ts"
import type { TurnKind } from "../../domain/Conversation.ts"
import { compileOverlap, type EvaluationItem, minWords } from "../../domain/dedup/Overlap.ts"
import { readWords } from "../../domain/dedup/Shingles.ts"
import type { FilterFile } from "../../domain/FilterFiles.ts"
import { opening, rolesOption, shareOption, textAt } from "./Shared.ts"
import { isFields } from "../../domain/Fields.ts"

interface Options {
  readonly files: ReadonlyArray<string>
  readonly fields: ReadonlyArray<string>
  readonly n: number
  readonly threshold: number
  readonly roles: ReadonlyArray<TurnKind>
}

/** Deepest value of an item that is looked into. */
const maxDepth = 20

const textsIn = (value: unknown, depth = 0): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null || depth > maxDepth) return []
  return Object.values(value).flatMap((part) => textsIn(part, depth + 1))
}

/** The texts of an item: those of the fields that are named, or all. */
const textsOf = (value: unknown, fields: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (fields.length === 0 || !isFields(value)) return textsIn(value)
  return fields.flatMap((field) => (Object.hasOwn(value, field) ? textsIn(value[field]) : []))
}

/** The items of a file. Throws with what is wrong with it. */
const itemsOf = (
  { name, text }: FilterFile,
  set: number,
  fields: ReadonlyArray<string>,
): ReadonlyArray<EvaluationItem> => {
  const parse = (json: string, where: string): unknown => {
    try {
      return JSON.parse(json)
    } catch {
      throw new Error(`${where} is no JSON`)
    }
  }
  if (/\.json$/i.test(name)) {
    const all = parse(text, name)
    if (!Array.isArray(all)) throw new Error(`${name} is no list of items; one item a line goes into a .jsonl file`)
    return all.map((value, i) => ({ source: `${name}[${i}]`, set, texts: textsOf(value, fields) }))
  }
  const isLines = /\.(?:jsonl|ndjson)$/i.test(name)
  return text.split("\n").flatMap((line, i): ReadonlyArray<EvaluationItem> => {
    if (line.trim() === "") return []
    const source = `${name}:${i + 1}`
    return [{ source, set, texts: isLines ? textsOf(parse(line, source), fields) : [line] }]
  })
}

const countWords = (text: string): number => {
  let count = 0
  readWords(text, () => void count++)
  return count
}

/** What is wrong with the files, in words. */
const checkFiles = ({ fields, n }: Options, files: ReadonlyArray<FilterFile>): ReadonlyArray<string> => {
  if (files.length === 0) return ['name the files of the evaluation, for example files: ["evals/questions.jsonl"]']
  return files.flatMap((file, set): ReadonlyArray<string> => {
    try {
      const items = itemsOf(file, set, fields)
      const least = Math.min(n, minWords)
      if (items.some(({ texts }) => texts.some((text) => countWords(text) >= least))) return []
      const where = fields.length === 0 ? "" : ` in ${fields.map((field) => JSON.stringify(field)).join(" or ")}`
      return [`${file.name} holds no text of ${least} words or more${where}: nothing could be found by it`]
    } catch (cause) {
      return [(cause as Error).message]
    }
  })
}

const compileJudge = ({ fields, n, roles, threshold }: Options, files: ReadonlyArray<FilterFile> = []): Judge => {
  const find = compileOverlap(
    files.flatMap((file, set) => itemsOf(file, set, fields)),
    n,
  )
  return (episode) => {
    for (const [i, { kind }] of episode.turns.entries()) {
      if (!roles.includes(kind)) continue
      const text = textAt(episode, i)
      const found = find(text)
      if (found === undefined || !(found.contained || found.score > threshold)) continue
      const { contained, end, score, source, start } = found
      return {
        reason: contained ? "contained" : "overlap",
        detail: { source, score: Math.round(score * 10_000) / 10_000, turn: i, text: opening(text.slice(start, end)) },
      }
    }
    return undefined
  }
}

/**
 * Drops conversations in which texts of an evaluation stand. An item of the evaluation (a line of a text file, a JSON line,
 * an element of a JSON list) is found in a turn when one of its texts of 8 words or more stands there as a whole, or when
 * n-grams of words that both have cover more than the threshold of it, on average over its texts. Letter case, accents
 * and punctuation are no difference. What many items of a file share (instructions) counts for nothing.
 *
 * Evidence: the item as `file:line`, the share that is covered, and the longest stretch that both have.
 */
export const DecontaminationFilter: FilterDefinition = {
  name: "DecontaminationFilter",
  description: "Drops conversations that hold texts of an evaluation",
  reasons: {
    contained: "a text of an item stands in a turn as a whole",
    overlap: "n-grams that both have cover more than the threshold of an item",
  },
  options: {
    files: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => [], nullable: true }).annotations({
      description:
        "Files of the evaluation, relative to the config: .jsonl, .json (a list), or text with an item a line.",
    }),
    fields: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => [], nullable: true }).annotations(
      { description: "Fields of the items that count; none: all texts in them." },
    ),
    n: Schema.optionalWith(Schema.Int.pipe(Schema.between(3, 50)), { default: () => 8, nullable: true }).annotations({
      description: "Words of an n-gram.",
    }),
    threshold: shareOption(0.5).annotations({
      description: "Share of an item that has to be found, more than this; 0 is any n-gram.",
    }),
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are searched." }),
  },
  files: ({ files }: Options) => files.map((path, i) => ({ key: ["files", i], path })),
  checkFiles,
  judge: compileJudge,
}

/** What a report takes from the rows, in one pass: sizes, languages, openings, scores, samples. */
import { basename, join } from "node:path"
import type { Episode } from "../../domain/Conversation.ts"
import type { Fields } from "../../domain/Fields.ts"
import { loadAndRun } from "../../domain/NotLoaded.ts"
import type { Manifest } from "../../domain/Report.ts"
import { type RowTurn, turnsOf } from "../../domain/RowTurns.ts"
import { chooses, makeCommonest, makeHistogram, makeSampler, openingOf } from "../../domain/report/Stats.ts"
import { languageOf } from "../../domain/text/Language.ts"
import { type CountTokens, countWords, estimate } from "../../domain/Tokens.ts"
import { parseRow, readLines } from "../Lines.ts"
import { type Excerpt, excerptOf, type ReportData, type Sample } from "./Data.ts"
import type { Gauges } from "./Gauges.ts"

/** Rows that are shown of each task. */
const samplesPerTask = 24

/** Rows whose language is told, and which filters are asked again about: a few seconds. */
const maxAsked = 3000

/** A row above this is not asked about: a filter may take seconds for it. */
const maxAskedBytes = 256 * 1024

/** Rows whose tokens are counted where a vocabulary does it, which takes ten times as long as all the rest. */
const maxCounted = 6000

/** Characters of a row by which its language is told. */
const maxLanguageText = 4000

const maxOpenings = 24

/** Replies that openings are counted in hold at most so many different ones at once. */
const openingCapacity = 20_000

const isShuffled = ({ config }: Manifest): boolean => {
  const shuffle = (config as { readonly shuffle?: unknown } | null)?.shuffle
  return shuffle !== undefined && shuffle !== false && shuffle !== null
}

/** What the identifiers of each task begin with, longest first. */
const prefixesOf = ({ config, tasks }: Manifest): ReadonlyArray<readonly [prefix: string, key: string]> => {
  const sections = (config as { readonly tasks?: { readonly [key: string]: { readonly prefix?: unknown } } } | null)
    ?.tasks
  return Object.keys(tasks)
    .map((key) => {
      const prefix = sections?.[key]?.prefix
      return [typeof prefix === "string" ? prefix : key, key] as const
    })
    .sort(([a], [b]) => b.length - a.length)
}

/**
 * The task of each row: rows stand in the order of the tasks, each with as many as the manifest tells, unless they were
 * shuffled or split. Then the identifier tells it, by what it begins with; the longest key that fits.
 */
const taskOfRows = (manifest: Manifest): ((row: number, id: string | undefined) => string | undefined) => {
  const keys = Object.keys(manifest.tasks)
  const prefixes = prefixesOf(manifest)
  if (manifest.outputs.length === 1 && !isShuffled(manifest)) {
    const ends: Array<number> = []
    let end = 0
    for (const key of keys) ends.push((end += manifest.tasks[key]?.examples ?? 0))
    return (row) => keys[ends.findIndex((one) => row < one)]
  }
  const only = keys.length === 1 ? keys[0] : undefined
  return (_, id) => prefixes.find(([prefix]) => id?.startsWith(`${prefix}-`) === true)?.[1] ?? only
}

/** A row as filters see conversations; what is no turn of one is left out. */
const episodeOf = (id: string, turns: ReadonlyArray<RowTurn>): Episode => ({
  id,
  turns: turns.flatMap(({ kind, text }) => (kind === "text" ? [] : [{ kind, text }])),
})

const languageText = (turns: ReadonlyArray<RowTurn>): string => {
  let text = ""
  for (const turn of turns) {
    if (turn.kind !== "system") text += `${turn.text.slice(0, maxLanguageText)}\n`
    if (text.length >= maxLanguageText) break
  }
  return text
}

export interface RowsData
  extends Pick<ReportData, "rows" | "tasks" | "tokenizer" | "openings" | "replies" | "samples"> {
  readonly languages: Pick<ReportData["languages"], "sampled" | "written">
  /** Texts of the identifiers that were asked for. */
  readonly texts: ReadonlyMap<string, Excerpt>
}

/** What counts the tokens of a run; without a function it is the estimate. */
export interface RunTokenizer {
  readonly name: string
  readonly count: CountTokens | undefined
}

/** `wanted` are identifiers whose texts are shown; of a conversation in several rows it is the first one. */
export const readRows = async (
  folder: string,
  manifest: Manifest,
  gauges: Gauges,
  wanted: ReadonlySet<string>,
  { count, name }: RunTokenizer,
): Promise<RowsData> => {
  const allRows = manifest.outputs.reduce((sum, output) => sum + output.rows, 0)
  const figures = new Map(
    Object.entries(manifest.tasks).map(([key, counts]) => [
      key,
      { key, counts, tokens: makeHistogram(), estimated: 0, turns: makeHistogram(), replies: makeHistogram() },
    ]),
  )
  const samplers = new Map([...figures.keys()].map((key) => [key, makeSampler<Sample>(samplesPerTask)]))
  const openings = makeCommonest(openingCapacity)
  const taskOf = taskOfRows(manifest)
  const isAsked = chooses(maxAsked / allRows)
  const isCounted = chooses(count === undefined ? 1 : maxCounted / allRows)
  const languages = new Map<string | undefined, number>()
  const texts = new Map<string, Excerpt>()
  let sampled = 0
  let counted = 0
  let rows = 0

  const look = async (row: Fields, file: string, line: number, bytes: number): Promise<void> => {
    const id = typeof row["identifier"] === "string" ? row["identifier"] : undefined
    const task = taskOf(rows++, id)
    const own = task === undefined ? undefined : figures.get(task)
    const turns = turnsOf(row)
    let tokens = 0
    let spoken = 0
    for (const turn of turns) {
      tokens += estimate(turn.text)
      if (turn.kind !== "system") spoken++
      if (turn.kind !== "model") continue
      own?.replies.add(countWords(turn.text))
      const opening = openingOf(turn.text)
      if (opening !== undefined) openings.add(opening)
    }
    const base = id?.replace(/#\d+$/, "")
    if (base !== undefined && wanted.has(base) && !texts.has(base)) texts.set(base, excerptOf(turns))
    const key = id ?? `${file}:${line}`
    const asked = bytes <= maxAskedBytes && isAsked(key)
    if (asked) {
      const language = await loadAndRun(() => languageOf(languageText(turns)))
      languages.set(language, (languages.get(language) ?? 0) + 1)
      sampled++
    }
    if (own === undefined || task === undefined) return
    own.estimated += tokens
    if (count === undefined || (bytes <= maxAskedBytes && isCounted(key))) {
      counted++
      own.tokens.add(count === undefined ? tokens : turns.reduce((sum, turn) => sum + count(turn.text), 0))
    }
    own.turns.add(spoken)
    const sample = (): Sample => ({ task, file, line, id, text: excerptOf(turns) })
    samplers.get(task)?.offer(key, sample)
    // A rendered row does not tell its turns.
    if (asked && turns.some(({ kind }) => kind !== "text")) await gauges.kept(episodeOf(key, turns), sample())
  }

  for (const { file } of manifest.outputs)
    for await (const { bytes, number } of readLines(join(folder, basename(file)))) {
      const row = parseRow(bytes)
      if (row !== undefined) await look(row, file, number, bytes?.length ?? 0)
    }
  return {
    rows,
    tasks: [...figures.values()],
    tokenizer: { name, rows: counted },
    languages: {
      sampled,
      written: [...languages]
        .map(([language, count]) => ({ language, count }))
        .sort((a, b) => b.count - a.count || ((a.language ?? "") < (b.language ?? "") ? -1 : 1)),
    },
    openings: openings.top(maxOpenings),
    replies: openings.seen(),
    samples: [...samplers.values()].flatMap((sampler) => sampler.values()),
    texts,
  }
}

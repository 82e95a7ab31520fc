/** The sections of a report that are figures: where the records went, what the rows are like. */
import { type TaskCounts, total } from "../../domain/Report.ts"
import type { Histogram } from "../../domain/report/Stats.ts"
import { type Bar, bars, type Column, columns } from "./Charts.ts"
import type { Languages, ReportData, TaskFigures } from "./Data.ts"
import { card, counted, note, number, percent, table } from "./Markup.ts"

/** Tasks that have a chart, and a line in a table. */
const maxCharts = 24
const maxLines = 200

const more = (count: number, most: number, what: string): string =>
  count > most ? note(`and ${counted(count - most, what)} more`) : ""

// -------------------------------------------------------------------------------------------------------------- funnel

/** Filters of a task that dropped something, in the order of the config. */
const filterOrder = ({ key, counts }: TaskFigures, config: unknown): ReadonlyArray<string> => {
  const section = (config as { readonly tasks?: { readonly [key: string]: { readonly filters?: unknown } } } | null)
    ?.tasks?.[key]
  const named = Array.isArray(section?.filters)
    ? section.filters.flatMap((filter: unknown) =>
        typeof filter === "object" && filter !== null ? Object.keys(filter) : [String(filter)],
      )
    : []
  const dropped = Object.keys(counts.episodes.dropped)
  return [...new Set([...named.filter((name) => dropped.includes(name)), ...dropped])]
}

/** What is left after each stage, from the records that were read to the conversations that were written. */
const funnel = (task: TaskFigures, config: unknown, withMemory: ReadonlySet<string>): ReadonlyArray<Bar> => {
  const { episodes, records }: TaskCounts = task.counts
  const steps: Array<Bar> = []
  const step = (name: string, value: number, gone: number): void => {
    steps.push({
      name,
      value,
      gone,
      note: gone === 0 ? number(value) : `${number(value)} (−${number(gone)})`,
      quiet: true,
    })
  }
  step("records read", records.read, 0)
  if (records.bad > 0) step("readable", records.read - records.bad, records.bad)
  if (total(records.skipped) > 0) step("used", records.used, total(records.skipped))
  let left = episodes.made
  if (episodes.made !== records.used) step("conversations made", left, 0)
  const take = (name: string, count: number): void => {
    if (count === 0) return
    left -= count
    step(name, left, count)
  }
  take("well formed", total(episodes.invalid))
  take("in the share", episodes.sampledOut)
  const filters = filterOrder(task, config)
  const drop = (names: ReadonlyArray<string>): void => {
    for (const filter of names) take(filter, episodes.dropped[filter] ?? 0)
  }
  drop(filters.filter((name) => !withMemory.has(name)))
  take("within the length", episodes.tooLarge)
  drop(filters.filter((name) => withMemory.has(name)))
  steps.push({ name: "written", value: episodes.written })
  return steps
}

export const funnelsOf = ({ comparing, manifest, tasks }: ReportData): string => {
  const withMemory = new Set(comparing)
  const head = ["task", "read", "used", "conversations", "dropped", "written", "kept", "rows"]
  const line = (name: string, all: ReadonlyArray<TaskFigures>): ReadonlyArray<string> => {
    const sum = (of: (counts: TaskCounts) => number): number => all.reduce((sum, { counts }) => sum + of(counts), 0)
    const [made, written] = [sum(({ episodes }) => episodes.made), sum(({ episodes }) => episodes.written)]
    const figures = [
      sum(({ records }) => records.read),
      sum(({ records }) => records.used),
      made,
      sum(({ episodes }) => total(episodes.dropped)),
      written,
    ]
    return [name, ...figures.map(number), percent(written, made), number(sum(({ examples }) => examples))]
  }
  const lines = tasks.slice(0, maxLines).map((task) => line(task.key, [task]))
  const charts = tasks
    .slice(0, maxCharts)
    .map((task) =>
      card(task.key, bars(funnel(task, manifest.config, withMemory), `What is left of ${task.key} after each stage`)),
    )
  return `${table(head, tasks.length > 1 ? [...lines, line("all tasks", tasks)] : lines)}${more(tasks.length, maxLines, "task")}
<p class="legend"><span class="key quiet"></span>left after the stage <span class="key lost"></span>went in it <span class="key accent"></span>written</p>
<div class="grid">${charts.join("")}</div>${more(tasks.length, maxCharts, "task")}`
}

// -------------------------------------------------------------------------------------------------------------- shares

export const sharesOf = ({ tasks }: ReportData): string => {
  if (tasks.length < 2) return ""
  const read = tasks.reduce((sum, { counts }) => sum + counts.records.read, 0)
  const rows = tasks.reduce((sum, { counts }) => sum + counts.examples, 0)
  const shown = tasks.slice(0, maxCharts).map(({ counts, key }) => {
    const before = read === 0 ? 0 : (100 * counts.records.read) / read
    const after = rows === 0 ? 0 : (100 * counts.examples) / rows
    return { name: key, before, after, change: after - before }
  })
  const most = shown.reduce((max, { after, before }) => Math.max(max, after, before), 0)
  const change = (points: number): string => {
    const told = Math.abs(points).toFixed(1)
    return told === "0.0" ? "±0" : `${points < 0 ? "−" : "+"}${told}`
  }
  const scale = { most, room: "64.1 % (+0.4)".length }
  const before = bars(
    shown.map((one) => ({ name: one.name, value: one.before, note: `${one.before.toFixed(1)} %`, quiet: true })),
    "Share of each task in the records read",
    scale,
  )
  const after = bars(
    shown.map((one) => ({
      name: one.name,
      value: one.after,
      note: `${one.after.toFixed(1)} % (${change(one.change)})`,
    })),
    "Share of each task in the rows written",
    scale,
  )
  return `<div class="grid">${card("Of the records read", before)}${card("Of the rows written", after)}</div>${more(
    tasks.length,
    maxCharts,
    "task",
  )}`
}

// --------------------------------------------------------------------------------------------------------------- sizes

/** Bins as columns, half a doubling each, from the first to the last that holds something. */
const doublings = (histograms: ReadonlyArray<Histogram>): ReadonlyArray<Column> => {
  const edges: Array<number> = [0, 1, 2, 3]
  for (let at = 4; at < 2 ** 40; at *= 2) edges.push(at, at * 1.5)
  const counts = edges.map(() => 0)
  for (const histogram of histograms)
    for (const { count, from } of histogram.bins()) {
      const at = edges.findLastIndex((edge) => edge <= from)
      counts[at] = (counts[at] ?? 0) + count
    }
  const first = counts.findIndex((count) => count > 0)
  const last = counts.findLastIndex((count) => count > 0)
  const short = (edge: number): string => (edge < 10_000 ? String(edge) : `${Math.round(edge / 1000)}k`)
  // Powers of two, and the few numbers below them.
  const isTick = (edge: number): boolean => edge < 4 || Number.isInteger(Math.log2(edge))
  return first < 0
    ? []
    : edges.slice(first, last + 1).map((edge, i) => ({
        name: short(edge),
        value: counts[first + i] ?? 0,
        isTick: isTick(edge),
      }))
}

const tokensNote = ({ manifest, rows, tokenizer }: ReportData): string => {
  const used = (manifest.config as { readonly tokenizer?: unknown } | null)?.tokenizer
  const by =
    tokenizer.name !== "estimate"
      ? tokenizer.name
      : typeof used === "string" && used !== "estimate"
        ? `words × 1.3 (the build used ${used})`
        : "words × 1.3"
  const of = tokenizer.rows < rows ? `, in ${number(tokenizer.rows)} of ${number(rows)} rows, chosen by hash` : ""
  return `Tokens of the texts are counted here by ${by}${of}.`
}

export const sizesOf = (data: ReportData): string => {
  const { tasks } = data
  const charts = [
    ["Tokens of an example", "tokens", "examples", tasks.map(({ tokens }) => tokens)],
    ["Turns of an example", "turns", "examples", tasks.map(({ turns }) => turns)],
    ["Length of a reply", "words", "replies", tasks.map(({ replies }) => replies)],
  ] as const
  const rows = tasks
    .slice(0, maxLines)
    .map(({ counts, estimated, key, replies, tokens, turns }) => [
      key,
      ...[tokens, turns, replies].flatMap((one) => [0.5, 0.9].map((part) => number(one.quantile(part)))),
      number(tokens.max()),
      number(counts.tokens ?? estimated),
    ])
  const head = [
    "task",
    "median tokens",
    "90 % up to",
    "median turns",
    "90 % up to",
    "median reply",
    "90 % up to",
    "most tokens",
    "tokens in all",
  ]
  return `<div class="grid three">${charts
    .map(([title, axis, counts, all]) => card(title, columns(doublings(all), title, axis, counts)))
    .join("")}</div>${table(head, rows)}${more(tasks.length, maxLines, "task")}
${note(`${tokensNote(data)} A column is named by where it begins; medians above 16 are rounded up by at most a tenth.`)}`
}

// ----------------------------------------------------------------------------------------------------------- languages

/** Languages that have a bar. */
const maxLanguages = 12

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })

const nameOf = (language: string): string => {
  // Scripts stand for what nobody could tell closer; a hostile ledger may hold anything.
  if (!/^[a-z]{2,3}$/.test(language)) return `${language} script`
  const name = names.of(language)
  return name === undefined || name === language ? language : `${name} (${language})`
}

const fold = (
  all: ReadonlyArray<{ readonly name: string; readonly value: number }>,
): ReadonlyArray<{ readonly name: string; readonly value: number }> => {
  const rest = all.slice(maxLanguages)
  const value = rest.reduce((sum, one) => sum + one.value, 0)
  return rest.length === 0 ? all : [...all.slice(0, maxLanguages), { name: counted(rest.length, "other"), value }]
}

export const languagesOf = ({ languages, rows }: ReportData): string => {
  const { dropped, sampled, written }: Languages = languages
  const of =
    sampled === rows ? `all ${number(rows)} rows` : `${number(sampled)} of ${number(rows)} rows, chosen by hash`
  const kept = fold(
    written.map(({ count, language }) => ({
      name: language === undefined ? "cannot be told" : nameOf(language),
      value: count,
    })),
  )
  const gone = new Map<string, number>()
  for (const { count, language } of dropped) gone.set(language, (gone.get(language) ?? 0) + count)
  const lost = fold(
    [...gone].sort(([, a], [, b]) => b - a).map(([language, value]) => ({ name: nameOf(language), value })),
  )
  const filters = [...new Set(dropped.map(({ filter }) => filter))].join(", ")
  return `<div class="grid">${
    sampled === 0
      ? card("In the rows", note("No row was looked at."))
      : card(
          `In ${of}`,
          bars(
            kept.map((one) => ({ ...one, note: `${number(one.value)} · ${percent(one.value, sampled)}` })),
            "Languages of the rows",
          ),
          "By the first 4,000 characters of a row, the system prompt left out.",
        )
  }${
    lost.length === 0
      ? ""
      : card(
          `Dropped by ${filters}`,
          bars(
            lost.map((one) => ({ ...one, quiet: true })),
            "Languages of what was dropped",
          ),
          "The language of the first foreign turn, as the ledger tells it.",
        )
  }</div>`
}

// ------------------------------------------------------------------------------------------------------------ openings

export const openingsOf = ({ openings, replies }: ReportData): string => {
  if (openings.length === 0) return note("No replies to look at.")
  const most = openings[0]?.count ?? 0
  const chart = (all: ReportData["openings"]): string =>
    bars(
      all.map(({ count, text }) => ({
        name: text,
        value: count,
        note: `${number(count)} · ${percent(count, replies)}`,
      })),
      "Commonest openings of replies",
      { most },
    )
  const half = Math.ceil(openings.length / 2)
  // Both halves on one scale.
  const second = openings.slice(half)
  return `<div class="grid">${card(`First three words of ${number(replies)} replies`, chart(openings.slice(0, half)))}${
    second.length === 0 ? "" : card("The next ones", chart(second))
  }</div>${note(
    `Many replies that begin alike are a sign of stock phrases; the commonest opening here begins ${percent(most, replies)} of them.`,
  )}`
}

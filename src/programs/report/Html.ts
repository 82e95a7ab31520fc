/**
 * The report as one HTML file that opens from disk: no request leaves it, and what it shows of the data is inert. All
 * text of the data passes `escape`; the policy admits one style sheet and one script, by their digests.
 */
import { createHash } from "node:crypto"
import { readAsset } from "../../domain/Assets.ts"
import type { LedgerLine } from "../../domain/Merge.ts"
import { formatPlace } from "../../domain/Record.ts"
import { type TaskCounts, total } from "../../domain/Report.ts"
import type { Histogram } from "../../domain/report/Stats.ts"
import { terminalText } from "../../domain/text/Terminal.ts"
import type { Group, ReportData, Sample, TaskFigures } from "../Report.ts"
import { type Bar, bars, type Column, columns, spread } from "./Charts.ts"

const entities: { readonly [char: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Text as HTML shows it: mark-up is text, and controls and marks that turn the writing are visible. */
export const escape = (text: string): string =>
  terminalText(text.toWellFormed()).replace(/[&<>"']/g, (char) => entities[char] as string)

const digest = (text: string): string => createHash("sha256").update(text).digest("base64")

const number = (value: number): string => value.toLocaleString("en-US")

const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`)

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`

// ------------------------------------------------------------------------------------------------------------- figures

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
  const lost = (count: number): string => (count === 0 ? "" : `  −${number(count)}`)
  const step = (name: string, value: number, loss: number): void => {
    steps.push({ name, value, note: `${number(value)}${lost(loss)}`, quiet: true })
  }
  step("records read", records.read, 0)
  if (records.bad > 0) step("readable", records.read - records.bad, records.bad)
  if (total(records.skipped) > 0) step("used", records.used, total(records.skipped))
  let left = episodes.made
  step("conversations made", left, 0)
  const take = (name: string, count: number): void => {
    if (count === 0) return
    left -= count
    step(name, left, count)
  }
  take("well formed", total(episodes.invalid))
  take("in the share", episodes.sampledOut)
  const filters = filterOrder(task, config)
  const drop = (names: ReadonlyArray<string>): void => {
    for (const filter of names) take(`after ${filter}`, episodes.dropped[filter] ?? 0)
  }
  drop(filters.filter((name) => !withMemory.has(name)))
  take("within the length", episodes.tooLarge)
  drop(filters.filter((name) => withMemory.has(name)))
  steps.push({ name: "conversations written", value: episodes.written })
  return steps
}

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
  return first < 0
    ? []
    : edges.slice(first, last + 1).map((edge, i) => ({ name: number(edge), value: counts[first + i] ?? 0 }))
}

const chartCard = (title: string, svg: string, note = ""): string =>
  `<div class="card"><h3>${escape(title)}</h3>${svg}${note === "" ? "" : `<p class="soft">${escape(note)}</p>`}</div>`

const sizesOf = (tasks: ReadonlyArray<TaskFigures>, tokenizer: string): string => {
  const charts = [
    ["Tokens an example", "tokens", tasks.map(({ tokens }) => tokens)],
    ["Turns an example", "turns", tasks.map(({ turns }) => turns)],
    ["Words a reply", "words", tasks.map(({ replies }) => replies)],
  ] as const
  const rows = tasks.map(({ key, replies, tokens, turns }) =>
    [
      escape(key),
      ...[tokens, turns, replies].flatMap((one) => [0.5, 0.9].map((part) => number(one.quantile(part)))),
      number(tokens.max()),
    ]
      .map((cell) => `<td>${cell}</td>`)
      .join(""),
  )
  const head = [
    "task",
    "tokens, median",
    "90 %",
    "turns, median",
    "90 %",
    "words a reply, median",
    "90 %",
    "most tokens",
  ]
  return `<div class="grid">${charts
    .map(([title, axis, all]) => chartCard(title, columns(doublings(all), title, axis)))
    .join("")}</div><div class="card wide"><table><thead><tr>${head
    .map((cell) => `<th scope="col">${escape(cell)}</th>`)
    .join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${row}</tr>`).join("")}</tbody></table></div>
<p class="soft">Tokens are counted here as ${escape(tokenizer)}; figures above 16 are rounded up by at most a tenth.</p>`
}

const sharesOf = (tasks: ReadonlyArray<TaskFigures>): string => {
  const read = tasks.reduce((sum, { counts }) => sum + counts.records.read, 0)
  const rows = tasks.reduce((sum, { counts }) => sum + counts.examples, 0)
  const all = tasks.flatMap(
    ({ counts, key }): ReadonlyArray<Bar> => [
      {
        name: `${key}, read`,
        value: counts.records.read / Math.max(1, read),
        note: percent(counts.records.read, read),
        quiet: true,
      },
      { name: "rows", value: counts.examples / Math.max(1, rows), note: percent(counts.examples, rows) },
    ],
  )
  return tasks.length < 2
    ? ""
    : `<h2 id="shares">Share of each task, before and after</h2>${chartCard(
        "Of the records read, and of the rows written",
        bars(
          all.map((bar) => ({ ...bar, value: Math.round(bar.value * 1e6) })),
          "Share of each task in records read and rows written",
        ),
      )}`
}

// ---------------------------------------------------------------------------------------------------------------- data

/** Characters of a turn, and turns of an example, that are shown. */
const maxTurn = 1200
const maxTurns = 10

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

const roleNames = { system: "system", user: "user", model: "model", text: "text" } as const

const trainedNote = (trained: boolean | undefined): string => (trained === false ? " (not trained)" : "")

const sampleCard = ({ file, id, line, task, turns }: Sample): string => {
  const shown = turns.length <= maxTurns ? turns : [...turns.slice(0, maxTurns - 1), ...turns.slice(-1)]
  const body = shown.map(
    ({ kind, text, trained }, i) =>
      `${i === maxTurns - 1 && turns.length > maxTurns ? `<p class="soft">${turns.length - maxTurns} turns between</p>` : ""}<div class="turn ${kind}"><b>${roleNames[kind]}${trainedNote(trained)}</b>${escape(clip(text, maxTurn))}</div>`,
  )
  return `<article data-task="${escape(task)}"><h4>${escape(id ?? "")} <span class="soft">${escape(file)}:${line}</span></h4>${body.join("")}</article>`
}

const detailText = ({ detail }: LedgerLine): string =>
  detail === undefined
    ? ""
    : typeof detail === "string"
      ? detail
      : Object.entries(detail)
          .map(([key, value]) => `${key}: ${String(value)}`)
          .join(" · ")

const lineText = (line: LedgerLine): string =>
  `<h4>${escape(line.id ?? "")} <span class="soft">${escape(formatPlace(line.place))}</span></h4><p>${escape(line.stage)}: <b>${escape(line.reason)}</b></p>${
    line.detail === undefined ? "" : `<p class="soft">${escape(detailText(line))}</p>`
  }`

const lineCard = (line: LedgerLine): string =>
  `<article data-task="${escape(line.task)}" data-reason="${escape(line.reason)}">${lineText(line)}</article>`

const groupText = ({ count, dropped, filter, kept, task }: Group): string =>
  `<details><summary>${escape(kept)} <span class="soft">kept for ${number(count)} other${count === 1 ? "" : "s"} (${escape(filter)}, ${escape(task)})</span></summary><ul>${dropped
    .map(
      ({ id, score }) =>
        `<li>${escape(id)}${score === undefined ? "" : ` <span class="soft">score ${score}</span>`}</li>`,
    )
    .join(
      "",
    )}${count > dropped.length ? `<li class="soft">and ${number(count - dropped.length)} more</li>` : ""}</ul></details>`

const options = (names: ReadonlyArray<string>): string =>
  names.map((name) => `<option value="${escape(name)}">${escape(name)}</option>`).join("")

/** Bytes of samples: the page stays under 3 MB whatever the data. */
const sampleBudget = 2_000_000

/** Cards in turn from each list, as long as there is room. */
const within = (budget: number, lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  let left = budget
  const taken = lists.map((): Array<string> => [])
  const most = Math.max(0, ...lists.map(({ length }) => length))
  for (let i = 0; i < most; i++)
    lists.forEach((list, at) => {
      const card = list[i]
      if (card === undefined || Buffer.byteLength(card) > left) return
      left -= Buffer.byteLength(card)
      taken[at]?.push(card)
    })
  return taken.flat()
}

const dataOf = ({ reasons, samples, tasks }: ReportData): string => {
  const written = within(
    sampleBudget * 0.75,
    tasks.map(({ key }) => samples.filter(({ task }) => task === key).map(sampleCard)),
  )
  const left = within(
    sampleBudget * 0.25,
    reasons.map((one) => one.samples.map(lineCard)),
  )
  const names = [...new Set(reasons.map(({ reason }) => reason))].sort((a, b) => (a < b ? -1 : 1))
  return `<div class="controls" id="controls" role="search" hidden>
<label>Search ( / ) <input id="search" type="search" autocomplete="off" spellcheck="false"></label>
<label>Task <select id="task"><option value="">all</option>${options(tasks.map(({ key }) => key))}</select></label>
<label>Reason <select id="reason"><option value="">all</option>${options(names)}</select></label>
<span id="found" class="soft" role="status"></span></div>
<div class="sides"><section aria-label="Written"><h3>Written</h3>${written.join("\n") || "<p>No row.</p>"}</section>
<section aria-label="Left out"><h3>Left out</h3>${left.join("\n") || "<p>Nothing was left out.</p>"}</section></div>`
}

// ---------------------------------------------------------------------------------------------------------------- page

/** Reasons that are listed. */
const maxReasons = 40

const reasonsOf = ({ reasons }: ReportData): string => {
  const rows = reasons.slice(0, maxReasons).map(
    ({ count, reason, samples, stage, task }) =>
      `<details><summary>${number(count)} × <b>${escape(reason)}</b> <span class="soft">${escape(stage)}, ${escape(task)}</span></summary>${samples
        .slice(0, 3)
        .map((line) => `<div class="card">${lineText(line)}</div>`)
        .join("")}</details>`,
  )
  const more =
    reasons.length > maxReasons ? `<p class="soft">and ${number(reasons.length - maxReasons)} more kinds</p>` : ""
  return rows.length === 0
    ? "<p>Everything that was read was written.</p>"
    : `<div class="card">${rows.join("")}${more}</div>`
}

const scoresOf = ({ scores }: ReportData): string =>
  scores
    .map(
      ({ count, filter, nearest, threshold, values }) =>
        `<div class="card"><h3>${escape(filter)}</h3>${spread(
          values.map((score) => ({ score, kept: false })),
          threshold,
          `Scores of ${filter}`,
        )}<p class="soft">${number(count)} dropped${threshold === undefined ? "" : `, threshold ${threshold}`}</p><details><summary>Nearest to the threshold</summary>${nearest
          .map((line) => `<div class="card">${lineText(line)}</div>`)
          .join("")}</details></div>`,
    )
    .join("")

const section = (id: string, title: string, body: string): string =>
  body === "" ? "" : `<h2 id="${id}">${escape(title)}</h2>${body}`

const tokenizerName = ({ manifest }: ReportData): string => {
  const name = (manifest.config as { readonly tokenizer?: unknown } | null)?.tokenizer
  return typeof name === "string" && name !== "estimate" ? `words × 1.3 (the build used ${name})` : "words × 1.3"
}

/** The whole page. */
export const html = (data: ReportData): string => {
  const { groups, manifest, name, openings, replies, rows, scores, tasks } = data
  const css = readAsset("report/report.css")
  const script = readAsset("report/report.js")
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${digest(css)}'`,
    `script-src 'sha256-${digest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
  const withMemory = new Set(data.comparing)
  const read = tasks.reduce((sum, { counts }) => sum + counts.records.read, 0)
  const bytes = manifest.outputs.reduce((sum, output) => sum + output.bytes, 0)
  const facts = [
    ["records read", number(read)],
    ["rows written", number(rows)],
    ["tasks", number(tasks.length)],
    ["output", size(bytes)],
  ] as const
  const links = [
    ["funnel", "Where the records went"],
    ...(tasks.length > 1 ? [["shares", "Shares"] as const] : []),
    ["sizes", "Sizes"],
    ["openings", "How replies begin"],
    ["reasons", "Reasons"],
    ...(groups.length > 0 ? [["groups", "Duplicates"] as const] : []),
    ...(scores.length > 0 ? [["thresholds", "Thresholds"] as const] : []),
    ["data", "Look at the data"],
  ] as const
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escape(name)} – data-toolbox</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>${escape(name)}</h1>
<p class="soft">Built ${escape(String(manifest.startedAt))} by data-toolbox ${escape(String(manifest.tool?.version))}, seed ${escape(String(manifest.seed))}, ${manifest.inputs?.length ?? 0} input files</p>
<ul class="facts">${facts.map(([what, value]) => `<li><b>${value}</b>${what}</li>`).join("")}</ul>
<nav aria-label="Sections">${links.map(([id, title]) => `<a href="#${id}">${title}</a>`).join("")}</nav>
</header>
<main>
${section("funnel", "Where the records went", `<div class="grid">${tasks.map((task) => chartCard(task.key, bars(funnel(task, manifest.config, withMemory), `What is left of ${task.key} after each stage`))).join("")}</div>`)}
${sharesOf(tasks)}
${section("sizes", "Sizes", sizesOf(tasks, tokenizerName(data)))}
${section(
  "openings",
  "How replies begin",
  openings.length === 0
    ? "<p>No replies to look at.</p>"
    : chartCard(
        `The commonest first three words of ${number(replies)} replies`,
        bars(
          openings.map(({ count, text }) => ({
            name: text,
            value: count,
            note: `${number(count)}  ${percent(count, replies)}`,
          })),
          "Commonest openings of replies",
        ),
        "Many replies that begin alike are a sign of stock phrases.",
      ),
)}
${section("reasons", "Why records and conversations were left out", reasonsOf(data))}
${section("groups", "Duplicates", groups.length === 0 ? "" : `<div class="card">${groups.map(groupText).join("")}</div>`)}
${section("thresholds", "Scores and thresholds", scores.length === 0 ? "" : `<div class="grid">${scoresOf(data)}</div>`)}
${section("data", "Look at the data", dataOf(data))}
</main>
<footer class="soft"><p>Samples are chosen by hash: the same output gives the same page. Everything that was left out stands in the ledger.</p></footer>
<script>${script}</script>
</body>
</html>
`
}

/**
 * The report as one HTML file that opens from disk: no request leaves it, and what it shows of the data is inert. The
 * policy admits one style sheet and one script, by their digests.
 */
import { createHash } from "node:crypto"
import { readAsset } from "../../domain/Assets.ts"
import type { ReportData } from "./Data.ts"
import { dataOf, groupsOf, reasonsOf, thresholdsOf } from "./Decisions.ts"
import { funnelsOf, languagesOf, openingsOf, sharesOf, sizesOf } from "./Figures.ts"
import { escape, number, percent, size } from "./Markup.ts"

const digest = (text: string): string => createHash("sha256").update(text).digest("base64")

interface Section {
  readonly id: string
  readonly title: string
  /** What is to be seen there, in a line. */
  readonly about: string
  readonly body: string
}

const sectionsOf = (data: ReportData): ReadonlyArray<Section> =>
  [
    {
      id: "funnel",
      title: "Where the records went",
      about: "From what was read to what was written, task by task.",
      body: funnelsOf(data),
    },
    {
      id: "shares",
      title: "Share of each task, before and after",
      about: "What the filters and the lengths of the tasks make of the mix.",
      body: sharesOf(data),
    },
    {
      id: "reasons",
      title: "Why things were left out",
      about: "The most frequent reasons first; open one to see samples.",
      body: reasonsOf(data),
    },
    { id: "sizes", title: "How long the examples are", about: "", body: sizesOf(data) },
    { id: "languages", title: "Languages", about: "", body: languagesOf(data) },
    { id: "openings", title: "How replies begin", about: "", body: openingsOf(data) },
    {
      id: "groups",
      title: "Duplicates",
      about: "What was kept, beside what was left out for it.",
      body: groupsOf(data),
    },
    {
      id: "thresholds",
      title: "Scores and thresholds",
      about:
        "Where a filter's threshold stands among the scores of what it kept and what it dropped: what another one would do. A row is scored as it is written, cut to the length limit and with its prompt filled in.",
      body: thresholdsOf(data),
    },
    { id: "data", title: "Look at the data", about: "", body: dataOf(data) },
  ].filter(({ body }) => body !== "")

/** A time as a person reads it; what is none stays as it is. */
const timeText = (time: string): string => time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, "$1 $2 UTC")

/** The whole page. */
export const html = (data: ReportData): string => {
  const { manifest, name, rows, tasks } = data
  const css = readAsset("report/report.css")
  const script = readAsset("report/report.js")
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${digest(css)}'`,
    `script-src 'sha256-${digest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
  const sum = (of: (task: ReportData["tasks"][number]) => number): number =>
    tasks.reduce((all, task) => all + of(task), 0)
  const made = sum(({ counts }) => counts.episodes.made)
  const written = sum(({ counts }) => counts.episodes.written)
  const bytes = manifest.outputs.reduce((all, output) => all + output.bytes, 0)
  const facts = [
    ["records read", number(sum(({ counts }) => counts.records.read))],
    ["rows written", number(rows)],
    ["of the conversations kept", percent(written, made)],
    [
      tasks.every(({ counts }) => counts.tokens !== null) ? "tokens" : "tokens, about",
      number(sum(({ counts, estimated }) => counts.tokens ?? estimated)),
    ],
    [tasks.length === 1 ? "task" : "tasks", number(tasks.length)],
    ["output", size(bytes)],
  ] as const
  const sections = sectionsOf(data)
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
<p class="soft">Built ${escape(timeText(String(manifest.startedAt)))} by data-toolbox ${escape(String(manifest.tool?.version))}, seed ${escape(String(manifest.seed))}, ${manifest.inputs?.length ?? 0} input files</p>
<ul class="facts">${facts.map(([what, value]) => `<li><b>${value}</b>${what}</li>`).join("")}</ul>
<nav aria-label="Sections">${sections.map(({ id, title }) => `<a href="#${id}">${title}</a>`).join("")}</nav>
</header>
<main>
${sections
  .map(
    ({ about, body, id, title }) =>
      `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${about === "" ? "" : `<p class="about">${about}</p>`}${body}</section>`,
  )
  .join("\n")}
</main>
<footer class="soft"><p>Samples are chosen by hash: the same output gives the same page. Everything that was left out stands in the ledger.</p></footer>
<script>${script}</script>
</body>
</html>
`
}

/** The sections of a report that show decisions: reasons, duplicates, thresholds, and the data on both sides of them. */
import { spread } from "./Charts.ts"
import { differenceText, excerptText, leftCard, leftText, sampleCard, sampleText } from "./Cards.ts"
import type { Group, ReportData, Scores } from "./Data.ts"
import { counted, escape, figure, note, number, soft, within } from "./Markup.ts"

/** Bytes of texts in each section: with the figures the page stays under 3 MB. */
const budgets = { reasons: 250_000, groups: 400_000, thresholds: 500_000, written: 800_000, left: 600_000 }

/** A reason, a group or a score that has a line of its own. */
const maxReasons = 40

/** Samples below a reason. */
const perReason = 3

// ------------------------------------------------------------------------------------------------------------- reasons

export const reasonsOf = ({ reasons }: ReportData): string => {
  const shown = reasons.slice(0, maxReasons)
  if (shown.length === 0) return note("Everything that was read was written.")
  const lines = within(
    budgets.reasons,
    shown.map(({ count, meaning, reason, samples, stage, task }) => [
      `<details><summary><b class="count">${number(count)}</b> <b>${escape(reason)}</b> ${soft(task)}</summary>${note(
        [`Stage ${stage}.`, ...(meaning === undefined ? [] : [`${meaning}.`])].join(" "),
      )}${samples
        .slice(0, perReason)
        .map((left) => `<div class="inner">${leftText(left)}</div>`)
        .join("")}</details>`,
    ]),
  )
  const left = reasons.length - lines.length
  return `<div class="card list">${lines.join("")}${left > 0 ? note(`and ${counted(left, "more kind")}`) : ""}</div>`
}

// ---------------------------------------------------------------------------------------------------------- duplicates

const groupText = ({ count, dropped, filter, kept, keptText, task }: Group): string => {
  const others = dropped.map(({ line, score, text }) => {
    const how = typeof line.detail === "object" ? String(line.detail["rule"] ?? "") : ""
    const told = [how, ...(score === undefined ? [] : [`similarity ${figure(score)}`])].filter((part) => part !== "")
    return `<div class="inner"><h4>${escape(line.id ?? "")} ${soft(told.join(", "))}</h4>${
      text === undefined ? "" : keptText === undefined ? excerptText(text) : differenceText(keptText, text)
    }</div>`
  })
  const more = count > dropped.length ? note(`and ${number(count - dropped.length)} more`) : ""
  return `<details><summary><b class="count">${number(count)}</b> left out for ${escape(kept)} ${soft(
    `${filter}, ${task}`,
  )}</summary><div class="sides pair"><section aria-label="Kept"><h3>Kept</h3><div class="inner"><h4>${escape(kept)}</h4>${
    keptText === undefined ? "" : excerptText(keptText)
  }</div></section><section aria-label="Left out"><h3>Left out for it</h3>${others.join("")}${more}</section></div></details>`
}

export const groupsOf = ({ groups }: ReportData): string =>
  groups.length === 0
    ? ""
    : `<div class="card list">${within(budgets.groups, [groups.map(groupText)]).join("")}</div>${note(
        "The largest groups. Where a text differs from the one that was kept, what only it has is underlined, and what only the kept one has is struck through.",
      )}`

// ---------------------------------------------------------------------------------------------------------- thresholds

/** Scores up to so many times the threshold have room; those above stand in the last bar. */
const room = 4

/** From where to where a chart goes: as far as the scores do. */
const domainOf = ({ compares, dropped, kept, threshold }: Scores): readonly [number, number] => {
  const most = [...kept, ...dropped].reduce((all, value) => (Number.isFinite(value) ? Math.max(all, value) : all), 0)
  const least = compares ? [...kept, ...dropped].reduce((all, value) => Math.min(all, value), threshold) : 0
  const high = Math.min(
    Math.max(most, threshold * 1.25),
    threshold > 0 && threshold !== 1 ? threshold * room : Math.max(most, 1),
  )
  // What is a share ends at 1.
  return [least, most <= 1 && threshold < 1 ? 1 : Math.max(high, threshold * 1.25)]
}

const tasksText = (tasks: ReadonlyArray<string>, all: number): string =>
  tasks.length === all && all > 1
    ? `all ${all} tasks`
    : tasks.length > 3
      ? counted(tasks.length, "task")
      : tasks.join(", ")

/** What a threshold a step further down or up would do. */
const othersOf = ({ count, dropped, kept, rows, scored, threshold }: Scores): ReadonlyArray<string> => {
  const step = threshold < 1 ? 0.1 : threshold / 4
  const [down, up] = [threshold - step, threshold + step].map((value) => Number(value.toPrecision(3)))
  const told: Array<string> = []
  const about = (values: number, each: number): number => Math.round(values * each)
  if (down !== undefined && down > 0 && scored > 0) {
    const more = about(kept.filter((value) => value >= down && value < threshold).length, rows / scored)
    told.push(`at ${figure(down)} ${more === 0 ? "no" : `about ${number(more)}`} more would go`)
  }
  // Nothing is above all of it.
  if (up !== undefined && dropped.length > 0 && (threshold >= 1 || up <= 1)) {
    const fewer = about(dropped.filter((value) => value < up).length, count / dropped.length)
    told.push(`at ${figure(up)} ${fewer === 0 ? "none" : `about ${number(fewer)}`} of those dropped would stay`)
  }
  return told.length === 0 ? [] : [`${told.join("; ").replace(/^a/, "A")}.`]
}

/** What the chart shows, and what it does not. */
const factsOf = (scores: Scores, high: number): ReadonlyArray<string> => {
  const { compares, count, dropped, kept, option, rows, scored, threshold, unscored } = scores
  const zeros = compares ? 0 : kept.filter((value) => value === 0).length
  const beyond = compares ? kept.filter((value) => value >= threshold).length : 0
  const outside = [...kept, ...dropped].filter((value) => value > high).length
  return [
    scored === 0
      ? "No written row was scored again: only what was dropped is shown."
      : scored === rows
        ? `All ${number(rows)} written rows were scored again.`
        : `${number(scored)} of ${number(rows)} written rows were scored again, chosen by hash; the columns stand for all.`,
    ...(zeros > 0 ? [`${number(zeros)} of them score 0 and are not drawn.`] : []),
    ...(unscored > 0
      ? [
          compares
            ? `For ${number(unscored)} of them none as alike as 0.3 was found. A pair at 0.5 is found half of the time, one at 0.7 nearly always; a row whose like is not among those scored has none.`
            : `${number(unscored)} of them had nothing to judge.`,
        ]
      : []),
    ...(beyond > 0
      ? [
          `${number(beyond)} written ones are at ${figure(threshold)} or above: a build misses some pairs just above its ${option}; recall: high finds nearly all.`,
        ]
      : []),
    `${counted(count, "conversation")} dropped${count > dropped.length ? `, of which ${number(dropped.length)} stand for all` : ""}.`,
    ...othersOf(scores),
    ...(outside > 0 ? [`${number(outside)} beyond ${figure(high)} are in the last column.`] : []),
  ]
}

const thresholdText = (scores: Scores, all: number): string => {
  const { above, below, compares, count, dropped, filter, kept, label, option, rows, scored, tasks, threshold } = scores
  const [low, high] = domainOf(scores)
  const chart = spread(
    { values: kept.filter((value) => compares || value > 0), each: scored === 0 ? 0 : rows / scored },
    { values: dropped, each: dropped.length === 0 ? 0 : count / dropped.length },
    threshold,
    [low, high],
    `Scores of ${filter}`,
    label,
  )
  const keptNearest = below.map(
    ({ other, sample, score }) =>
      `<div class="inner"><p><b>${figure(score)}</b> ${soft("kept")}</p>${sampleText(sample)}${
        other === undefined
          ? ""
          : `<p class="soft">most like</p>${heading(other.id)}${differenceText(sample.text, other.text)}`
      }</div>`,
  )
  const droppedNearest = above.map(
    (one) => `<div class="inner"><p><b>${figure(one.score)}</b> ${soft("dropped")}</p>${leftText(one)}</div>`,
  )
  return `<div class="card"><h3>${escape(filter)} ${soft(`${option}: ${figure(threshold)} · ${tasksText(tasks, all)}`)}</h3><div class="chart"><div>
<p class="legend"><span class="key accent"></span>kept <span class="key lost"></span>dropped <span class="key line"></span>${escape(option)}</p>${chart}</div><ul>${factsOf(
    scores,
    high,
  )
    .map((fact) => `<li>${escape(fact)}</li>`)
    .join(
      "",
    )}</ul></div><details><summary>Nearest to the threshold: ${number(below.length)} kept, ${number(above.length)} dropped</summary><div class="sides"><section aria-label="Kept"><h3>Just kept</h3>${
    keptNearest.join("") || note("None.")
  }</section><section aria-label="Dropped"><h3>Just dropped</h3>${droppedNearest.join("") || note("None.")}</section></div></details></div>`
}

const heading = (id: string | undefined): string => (id === undefined ? "" : `<h4>${escape(id)}</h4>`)

/** The charts that have the most to say first: those of filters that dropped most. */
export const thresholdsOf = ({ scores, tasks }: ReportData): string =>
  within(
    budgets.thresholds,
    scores
      .filter(({ count, kept }) => count > 0 || kept.some((value) => value > 0))
      .toSorted((a, b) => b.count - a.count)
      .map((one) => [thresholdText(one, tasks.length)]),
  ).join("")

// ---------------------------------------------------------------------------------------------------------------- data

const options = (names: ReadonlyArray<string>): string =>
  names.map((name) => `<option value="${escape(name)}">${escape(name)}</option>`).join("")

export const dataOf = ({ missing, reasons, samples, tasks }: ReportData): string => {
  const written = within(
    budgets.written,
    tasks.map(({ key }) => samples.filter(({ task }) => task === key).map(sampleCard)),
  )
  const left = within(
    budgets.left,
    reasons.map((one) => one.samples.map(leftCard)),
  )
  const names = [...new Set(reasons.map(({ reason }) => reason))].sort((a, b) => (a < b ? -1 : 1))
  const untold =
    missing.length === 0
      ? ""
      : `<p class="soft">Some texts of what was left out are not shown. ${escape(missing.slice(0, 5).join(" "))}</p>`
  return `<div class="controls" id="controls" role="search" hidden>
<label>Search ( / ) <input id="search" type="search" autocomplete="off" spellcheck="false"></label>
<label>Task <select id="task"><option value="">all</option>${options(tasks.map(({ key }) => key))}</select></label>
<label>Side <select id="side"><option value="">both</option><option value="written">written</option><option value="left">left out</option></select></label>
<label>Reason <select id="reason"><option value="">all</option>${options(names)}</select></label>
<span id="found" class="soft" role="status"></span></div>${untold}
<div class="sides"><section aria-label="Written"><h3>Written</h3>${written.join("\n") || note("No row.")}</section>
<section aria-label="Left out"><h3>Left out</h3>${left.join("\n") || note("Nothing was left out.")}</section></div>`
}

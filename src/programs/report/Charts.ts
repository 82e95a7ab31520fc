/** Charts of the report as SVG, made here and not in the reader's browser. Data in them is escaped by the serializer. */
import { createDocument } from "@mixmark-io/domino"
import * as Plot from "@observablehq/plot"
import { figure, number } from "./Markup.ts"

/** Colours are variables of the page, so that a chart follows light and dark. */
const accent = "var(--accent)"
const quiet = "var(--quiet)"
const lost = "var(--lost)"

const document = createDocument("")

/** What is used of an element; Node has no types of the DOM. */
interface Drawing {
  readonly outerHTML: string
  readonly querySelectorAll: (selector: string) => Iterable<{ readonly remove: () => void }>
  readonly removeAttribute: (name: string) => void
  readonly setAttribute: (name: string, value: string) => void
}

/** Points of a chart are about those of the page: a narrow screen shows it somewhat smaller. */
const width = 460
const fontSize = 13

/** The page has one style sheet of its own; the chart's would be refused by its security policy. */
const svgOf = (options: Plot.PlotOptions, label: string): string => {
  const plot = Plot.plot({
    document,
    width,
    style: { background: "none" },
    ...options,
    ariaLabel: label,
  } as Plot.PlotOptions) as unknown as Drawing
  for (const style of Array.from(plot.querySelectorAll("style"))) style.remove()
  plot.removeAttribute("style")
  plot.setAttribute("role", "img")
  plot.setAttribute("font-size", String(fontSize))
  return plot.outerHTML
}

const longest = (texts: ReadonlyArray<string>): number => texts.reduce((most, { length }) => Math.max(most, length), 0)

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** About the width of a character. */
const characterWidth = 6.8

export interface Bar {
  readonly name: string
  readonly value: number
  /** Went before this stage: drawn behind the bar. */
  readonly gone?: number
  /** What stands at its end; default: the value. */
  readonly note?: string
  /** Drawn in the quiet colour. */
  readonly quiet?: boolean
}

/** What charts that stand side by side have in common. */
export interface Scale {
  /** The end of the axis, where that is further than the bars reach. */
  readonly most?: number
  /** Characters at the end of a bar that there is room for. */
  readonly room?: number
}

/** Horizontal bars, from the top in the order given. */
export const bars = (all: ReadonlyArray<Bar>, label: string, { most = 0, room = 0 }: Scale = {}): string => {
  const named = all.map((bar, i) => ({ ...bar, key: String(i), end: bar.value + (bar.gone ?? 0) }))
  const names = named.map(({ name }) => clip(name, 32))
  const notes = named.map(({ note, value }) => note ?? number(value))
  return svgOf(
    {
      height: 26 * all.length + 12,
      marginTop: 4,
      marginBottom: 4,
      marginLeft: 10 + characterWidth * longest(names),
      marginRight: 12 + characterWidth * Math.max(room, longest(notes)),
      x: { axis: null, domain: [0, named.reduce((max, { end }) => Math.max(max, end), Math.max(1, most))] },
      y: { axis: null, domain: named.map(({ key }) => key), padding: 0.3 },
      marks: [
        Plot.barX(named, { x1: "value", x2: "end", y: "key", fill: lost }),
        Plot.barX(named, { x: "value", y: "key", fill: (bar: Bar) => (bar.quiet === true ? quiet : accent) }),
        Plot.text(named, {
          x: 0,
          y: "key",
          text: (_: Bar, i: number) => names[i] ?? "",
          textAnchor: "end",
          dx: -6,
          fontSize,
        }),
        Plot.text(named, {
          x: "end",
          y: "key",
          text: (_: Bar, i: number) => notes[i] ?? "",
          textAnchor: "start",
          dx: 6,
          fontSize,
        }),
      ],
    },
    label,
  )
}

export interface Column {
  readonly name: string
  readonly value: number
  /** Its name may be written: there is not room for all. */
  readonly isTick: boolean
}

/** Width of a chart of which three stand side by side. */
const narrow = 340

/** Ticks in short. */
const short = (value: number): string =>
  value < 1000 ? figure(value) : value < 1e6 ? `${figure(value / 1e3)}k` : `${figure(value / 1e6)}M`

/** Columns side by side, each named by where it begins. */
export const columns = (all: ReadonlyArray<Column>, label: string, axis: string, counts: string): string => {
  const named = all.filter(({ isTick }) => isTick)
  const step = Math.max(1, Math.ceil(named.length / 7))
  return svgOf(
    {
      width: narrow,
      height: 220,
      marginTop: 34,
      marginLeft: 44,
      marginBottom: 46,
      x: {
        domain: all.map(({ name }) => name),
        ticks: named.filter((_, i) => i % step === 0).map(({ name }) => name),
        tickSize: 0,
        label: axis,
        padding: 0.1,
      },
      y: { grid: true, ticks: 4, tickFormat: short, label: counts },
      marks: [
        Plot.barY(all as Array<Column>, {
          x: "name",
          y: "value",
          fill: accent,
          title: ({ name, value }: Column) => `from ${name} ${axis}: ${number(value)} ${counts}`,
        }),
        Plot.ruleY([0]),
      ],
    },
    label,
  )
}

/** Bins of a chart of scores, about. */
const aboutBins = 32

interface Side {
  readonly values: ReadonlyArray<number>
  /** How many each value stands for. */
  readonly each: number
}

interface Bins {
  readonly low: number
  readonly width: number
  readonly count: number
}

/** Bins of one width of which one begins at the threshold: what is dropped stands on one side of it. */
const binsFor = (low: number, high: number, threshold: number): Bins => {
  const before = Math.max(1, Math.round((aboutBins * (threshold - low)) / (high - low)))
  const width = threshold > low ? (threshold - low) / before : (high - low) / aboutBins
  return { low, width, count: Math.max(1, Math.ceil((high - low) / width - 1e-9)) }
}

/** Values in bins; what is outside counts in the first and the last one. */
const binned = ({ each, values }: Side, { count, low, width }: Bins, kept: boolean) => {
  const counts = Array.from({ length: count }, () => 0)
  for (const value of values) {
    // A threshold is a decimal fraction, and its bin a multiple of a width.
    const at = Math.min(count - 1, Math.max(0, Math.floor((value - low) / width + 1e-9)))
    counts[at] = (counts[at] ?? 0) + each
  }
  const edge = (i: number): number => low + i * width
  return counts.flatMap((sum, i) => (sum === 0 ? [] : [{ from: edge(i), to: edge(i + 1), count: sum, kept }]))
}

/** How the scores of what was kept and of what was dropped lie about a threshold. */
export const spread = (
  kept: Side,
  dropped: Side,
  threshold: number,
  [low, high]: readonly [number, number],
  label: string,
  axis: string,
): string => {
  const bins = binsFor(low, high, threshold)
  const all = [...binned(kept, bins, true), ...binned(dropped, bins, false)]
  return svgOf(
    {
      height: 230,
      marginTop: 34,
      marginLeft: 52,
      marginBottom: 42,
      x: { label: axis, domain: [low, low + bins.count * bins.width], ticks: 6 },
      // A few that are dropped can be seen beside many that are kept.
      y: { type: "sqrt", grid: true, ticks: 4, tickFormat: short, label: "conversations (square root scale)" },
      marks: [
        Plot.rectY(all, {
          x1: "from",
          x2: "to",
          y: "count",
          fill: (bin: { readonly kept: boolean }) => (bin.kept ? accent : lost),
          insetLeft: 0.5,
          insetRight: 0.5,
          title: (bin: (typeof all)[number]) =>
            `${figure(bin.from)} to ${figure(bin.to)}: ${number(Math.round(bin.count))} ${bin.kept ? "kept" : "dropped"}`,
        }),
        Plot.ruleY([0]),
        Plot.ruleX([threshold], { stroke: "currentColor", strokeWidth: 1.5, strokeDasharray: "4 3" }),
        Plot.text([threshold], {
          x: (value: number) => value,
          text: (value: number) => figure(value),
          frameAnchor: "top",
          dy: -10,
          fontSize,
          fontWeight: 600,
        }),
      ],
    },
    label,
  )
}

/** Charts of the report as SVG, made here and not in the reader's browser. Data in them is escaped by the serializer. */
import { createDocument } from "@mixmark-io/domino"
import * as Plot from "@observablehq/plot"

/** Colours are variables of the page, so that a chart follows light and dark. */
const accent = "var(--accent)"
const quiet = "var(--quiet)"

const document = createDocument("")

/** What is used of an element; Node has no types of the DOM. */
interface Drawing {
  readonly outerHTML: string
  readonly querySelectorAll: (selector: string) => Iterable<{ readonly remove: () => void }>
  readonly removeAttribute: (name: string) => void
  readonly setAttribute: (name: string, value: string) => void
}

/** The page has one style sheet of its own; the chart's would be refused by its security policy. */
const svgOf = (options: Plot.PlotOptions, label: string): string => {
  const plot = Plot.plot({
    document,
    width: 640,
    style: { background: "none" },
    ...options,
    ariaLabel: label,
  } as Plot.PlotOptions) as unknown as Drawing
  for (const style of Array.from(plot.querySelectorAll("style"))) style.remove()
  plot.removeAttribute("style")
  plot.setAttribute("role", "img")
  return plot.outerHTML
}

const longest = (texts: ReadonlyArray<string>): number => Math.max(0, ...texts.map((text) => text.length))

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

const figure = (value: number): string => value.toLocaleString("en-US")

export interface Bar {
  readonly name: string
  readonly value: number
  /** What stands at its end; default: the value. */
  readonly note?: string
  /** Drawn in the quiet colour. */
  readonly quiet?: boolean
}

/** Horizontal bars, from the top in the order given. */
export const bars = (all: ReadonlyArray<Bar>, label: string): string => {
  const named = all.map((bar, i) => ({ ...bar, key: String(i) }))
  const names = named.map(({ name }) => clip(name, 32))
  return svgOf(
    {
      height: 24 * all.length + 12,
      marginTop: 4,
      marginBottom: 4,
      marginLeft: 8 + 6.2 * longest(names),
      marginRight: 110,
      x: { axis: null, domain: [0, Math.max(1, ...all.map(({ value }) => value))] },
      y: { axis: null, domain: named.map(({ key }) => key), padding: 0.25 },
      marks: [
        Plot.barX(named, { x: "value", y: "key", fill: (bar: Bar) => (bar.quiet === true ? quiet : accent) }),
        Plot.text(named, {
          x: 0,
          y: "key",
          text: (_: Bar, i: number) => names[i] ?? "",
          textAnchor: "end",
          dx: -6,
          fontSize: 12,
        }),
        Plot.text(named, {
          x: "value",
          y: "key",
          text: (bar: Bar) => bar.note ?? figure(bar.value),
          textAnchor: "start",
          dx: 6,
          fontSize: 12,
        }),
      ],
    },
    label,
  )
}

export interface Column {
  readonly name: string
  readonly value: number
}

/** Columns side by side; every few are named below. */
export const columns = (all: ReadonlyArray<Column>, label: string, axis: string): string => {
  const step = Math.max(1, Math.ceil(all.length / 12))
  return svgOf(
    {
      height: 190,
      marginLeft: 56,
      marginBottom: 36,
      x: {
        domain: all.map(({ name }) => name),
        ticks: all.filter((_, i) => i % step === 0).map(({ name }) => name),
        tickSize: 0,
        label: axis,
        padding: 0.1,
      },
      y: { grid: true, ticks: 4, tickFormat: "~s", label: null },
      marks: [
        Plot.barY(all as Array<Column>, {
          x: "name",
          y: "value",
          fill: accent,
          title: ({ name, value }: Column) => `${name}: ${figure(value)}`,
        }),
        Plot.ruleY([0]),
      ],
    },
    label,
  )
}

/** How scores lie about a threshold. */
export const spread = (
  values: ReadonlyArray<{ readonly score: number; readonly kept: boolean }>,
  threshold: number | undefined,
  label: string,
): string =>
  svgOf(
    {
      height: 190,
      marginLeft: 56,
      marginBottom: 36,
      x: { label: "score" },
      y: { grid: true, ticks: 4, label: null },
      marks: [
        Plot.rectY(
          values as Array<{ score: number; kept: boolean }>,
          Plot.binX(
            { y: "count" } as Plot.BinXInputs<object>,
            {
              x: "score",
              thresholds: 30,
              fill: ({ kept }: { kept: boolean }) => (kept ? quiet : accent),
            } as object,
          ),
        ),
        ...(threshold === undefined
          ? []
          : [Plot.ruleX([threshold], { stroke: "currentColor", strokeDasharray: "4 3" })]),
        Plot.ruleY([0]),
      ],
    },
    label,
  )

/**
 * A progress as lines of a terminal: a pure function of what is known and of the room there is. No line is wider than the
 * terminal, wide letters included; what has no room is left out, the least wanted first.
 */
import stringWidth from "string-width"
import { clockText, countText, partText, percentOf, sizeText } from "../../domain/progress/Texts.ts"
import type { PhaseState, RunState, State, TaskState, TransferState } from "../../domain/progress/Tracker.ts"
import { terminalLine } from "../../domain/text/Terminal.ts"

/** What a terminal can show. */
export interface Look {
  readonly columns: number
  /** Lines that it has: the block stays smaller, or it could not be drawn over. */
  readonly rows: number
  readonly colours: boolean
  /** Whether letters beyond ASCII are shown, each in one column. */
  readonly fine: boolean
}

/** Task lines at most; more are told by their number. */
const maxTasks = 4

const dim = (text: string, { colours }: Look): string => (colours && text !== "" ? `\u001b[2m${text}\u001b[0m` : text)
const green = (text: string, { colours }: Look): string =>
  colours && text !== "" ? `\u001b[32m${text}\u001b[0m` : text

const segments = new Intl.Segmenter("en", { granularity: "grapheme" })

/** The beginning of a text that fits into so many columns; what was cut is marked where there is room. */
export const clip = (text: string, columns: number, fine: boolean): string => {
  if (columns <= 0) return ""
  if (stringWidth(text) <= columns) return text
  const mark = fine ? "…" : "..."
  const room = columns > mark.length ? columns - mark.length : columns
  let out = ""
  let width = 0
  for (const { segment } of segments.segment(text)) {
    width += stringWidth(segment)
    if (width > room) break
    out += segment
  }
  return columns > mark.length ? out + mark : out
}

const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - stringWidth(text)))

/** The first of some texts, the longest first, that fits; else as much of the last as does. */
const fitting = (texts: ReadonlyArray<string>, columns: number, fine: boolean): string =>
  texts.find((text) => stringWidth(text) <= columns) ?? clip(texts.at(-1) ?? "", columns, fine)

/** A bar of so many columns. */
const barText = (done: number, of: number, columns: number, look: Look): string => {
  const share = of <= 0 ? 1 : Math.min(1, done / of)
  if (!look.fine) {
    const full = Math.floor(share * columns)
    return green("#".repeat(full), look) + dim("-".repeat(columns - full), look)
  }
  const halves = Math.floor(share * columns * 2)
  const full = halves >> 1
  const half = halves % 2
  return green("━".repeat(full) + "╸".repeat(half), look) + dim("─".repeat(columns - full - half), look)
}

/** Columns of a bar: they depend on the terminal alone, so that nothing moves while numbers grow. */
const barColumns = (columns: number): number => (columns < 30 ? 0 : columns < 48 ? 10 : columns < 100 ? 16 : 24)

interface BarLine {
  readonly name: string
  readonly nameColumns: number
  readonly done: number
  readonly of: number | undefined
  /** What stands behind, the longest first. */
  readonly more: ReadonlyArray<string>
}

/** `name  ━━━━━────  42%  more`. */
const barLine = ({ done, more, name, nameColumns, of }: BarLine, look: Look): string => {
  const { columns, fine } = look
  const percent = of === undefined ? "" : `${String(percentOf(done, of)).padStart(3)}%`
  const bars = of === undefined ? 0 : barColumns(columns)
  const right = bars + (bars > 0 ? 2 : 0) + (percent === "" ? 0 : percent.length + 1)
  const room = Math.max(0, Math.min(nameColumns, columns - right))
  let line = pad(clip(name, room, fine), room)
  let width = room
  if (bars > 0) {
    line += `  ${barText(done, of as number, bars, look)}`
    width += 2 + bars
  }
  if (percent !== "" && width + 1 + percent.length <= columns) {
    line += ` ${percent}`
    width += 1 + percent.length
  }
  const behind = more.find((text) => stringWidth(text) + 2 <= columns - width)
  return behind === undefined || behind === "" ? line.trimEnd() : `${line}  ${behind}`
}

/** Counts from all to the most wanted. */
const countTexts = ({ bytes, dropped, kept, preparing, read }: TaskState): ReadonlyArray<string> => {
  if (bytes === 0 && read === 0) return preparing ? ["reading side files", "preparing"] : ["starting"]
  const all = `${countText(read)} read`
  if (kept === undefined) return [all]
  const some = `${all}, ${countText(kept)} kept`
  return [`${some}, ${countText(dropped)} dropped`, some, `${countText(kept)} kept`]
}

const speedTexts = (run: RunState, { fine }: Look): ReadonlyArray<string> => {
  const { bytesPerSecond, recordsPerSecond, seconds, secondsLeft } = run
  const between = fine ? " · " : ", "
  const join = (...parts: ReadonlyArray<string>): string => parts.filter((part) => part !== "").join(between)
  const time = clockText(seconds)
  const left = secondsLeft === undefined ? "" : `${clockText(secondsLeft)} left`
  const speed = bytesPerSecond > 0 ? `${sizeText(bytesPerSecond)}/s` : ""
  const records = recordsPerSecond >= 1 ? `${countText(recordsPerSecond)} records/s` : ""
  return [
    join(time, speed, records, left),
    join(speed, records, left),
    join(speed, left),
    left === "" ? speed : left,
    time,
  ].filter((text) => text !== "")
}

const phaseLine = ({ done, name, of, unit }: PhaseState, run: RunState, look: Look): string => {
  const amount =
    unit === "bytes"
      ? partText(done, of)
      : `${countText(done)}${of === undefined ? "" : ` of ${countText(of)}`} ${unit}`
  const time = clockText(run.seconds)
  const title = of === undefined ? `  ${name}${look.fine ? "…" : "..."}` : `  ${name}`
  return barLine(
    { name: title, nameColumns: stringWidth(title), done, of, more: of === undefined ? [time] : [amount, ""] },
    look,
  )
}

/** Columns of the names that stand above each other: a third of the line at most. */
const namesColumns = (names: ReadonlyArray<string>, { columns }: Look): number =>
  Math.min(Math.max(...names.map((name) => stringWidth(name))), Math.max(12, Math.floor(columns / 3)))

const runLines = (run: RunState, look: Look): ReadonlyArray<string> => {
  const { active, phase, tasks, total } = run
  const { columns, fine } = look
  const single = tasks.length === 1
  // Room for the total, its counts, the speed, and the line on which the cursor stands.
  const most = Math.max(0, Math.min(maxTasks, look.rows - 5))
  const isReading = phase === undefined && !single
  const shown = isReading ? active.slice(0, most) : []
  const named = shown.map((one) => ({ ...one, name: terminalLine(one.task) }))
  const names = tasks.map(terminalLine)
  const title = single ? (names[0] as string) : `all ${tasks.length} tasks`
  // Those of all tasks, so that nothing moves when the next one begins.
  const nameColumns = namesColumns([title, ...names], look)
  const lines = named.map(({ bytes, name, of, ...counts }) =>
    barLine({ name, nameColumns, done: bytes, of, more: [...countTexts({ bytes, of, ...counts }), ""] }, look),
  )
  const hidden = active.length - shown.length
  if (isReading && most > 0 && hidden > 0) lines.push(clip(`and ${hidden} more`, columns, fine))
  lines.push(
    barLine(
      { name: title, nameColumns, done: total.bytes, of: total.of, more: [partText(total.bytes, total.of), ""] },
      look,
    ),
  )
  const inner = Math.max(0, columns - 2)
  lines.push(`  ${fitting(countTexts(total), inner, fine)}`)
  lines.push(
    phase === undefined ? `  ${dim(fitting(speedTexts(run, look), inner, fine), look)}` : phaseLine(phase, run, look),
  )
  return lines
}

const transferLines = ({ file, got, of, rate }: TransferState, look: Look): ReadonlyArray<string> => {
  const name = terminalLine(file)
  const nameColumns = namesColumns([name], look)
  const left = of !== undefined && rate > 0 && of > got ? `${clockText((of - got) / rate)} left` : ""
  const speed = rate > 0 ? `${sizeText(rate)}/s` : ""
  const texts = [[speed, left].filter((text) => text !== "").join(look.fine ? " · " : ", "), left, speed]
  const inner = Math.max(0, look.columns - 2)
  return [
    barLine({ name, nameColumns, done: got, of, more: [partText(got, of), sizeText(got), ""] }, look),
    `  ${dim(fitting(texts, inner, look.fine), look)}`,
  ]
}

/**
 * The lines of a progress. The last column stays free: a terminal that is told to write there may begin a new line.
 */
export const draw = (state: State, look: Look): ReadonlyArray<string> => {
  const inner = { ...look, columns: Math.max(1, look.columns - 1) }
  const lines = state.kind === "run" ? runLines(state.run, inner) : transferLines(state.transfer, inner)
  // A terminal of a few lines or columns gets what has room.
  return lines
    .map((line) => (stringWidth(line) <= inner.columns ? line : clip(line, inner.columns, false)))
    .slice(-Math.max(1, look.rows - 1))
}

/** One line for a log. */
export const logText = (state: State): string => {
  if (state.kind === "transfer") return transferText(state.transfer)
  const { active, bytesPerSecond, phase, secondsLeft, tasks, total } = state.run
  const percent = total.of === undefined || total.of === 0 ? [] : [`${percentOf(total.bytes, total.of)}%`]
  const now =
    phase === undefined
      ? active
          .map(({ preparing, task }) => `${terminalLine(task)}${preparing ? " reads its side files" : ""}`)
          .slice(0, maxTasks)
      : [phase.of === undefined ? phase.name : `${phase.name} ${percentOf(phase.done, phase.of)}%`]
  const parts = [
    ...percent,
    ...(phase === undefined && total.of !== 0 ? [partText(total.bytes, total.of)] : []),
    countTexts(total)[0] as string,
    ...(bytesPerSecond > 0 && phase === undefined ? [`${sizeText(bytesPerSecond)}/s`] : []),
    ...(secondsLeft === undefined ? [] : [`${clockText(secondsLeft)} left`]),
  ]
  const at = now.length === 0 ? "" : phase === undefined && tasks.length === 1 ? `${now.join("")}: ` : ""
  const behind = now.length === 0 || at !== "" ? "" : ` (${now.join(", ")})`
  return `${at}${parts.join(", ")}${behind}`
}

/** One line: how much of how much, how fast, how long it will take. */
export const transferText = ({ file, got, of, rate }: TransferState): string => {
  const speed = rate > 0 ? `, ${sizeText(rate)}/s` : ""
  const left = of !== undefined && rate > 0 && of > got ? `, ${clockText((of - got) / rate)} left` : ""
  return `${terminalLine(file)}: ${partText(got, of)}${speed}${left}`
}

/** A terminal to look at: what stands on its screen after a program has written to it. */
import stringWidth from "string-width"

const segments = new Intl.Segmenter("en", { granularity: "grapheme" })

/** A line as it was written, up to its line feed: the terminal breaks it where it has no room. */
interface Line {
  cells: Array<string>
}

export interface Terminal {
  readonly write: (text: string) => void
  /** As a window that is pulled at: lines that are too long are broken again. */
  readonly resize: (columns: number) => void
  /** All lines from the first, without blanks at their ends; broken ones in their parts. */
  readonly lines: () => ReadonlyArray<string>
  /** Times that a text went on behind the last column. */
  readonly wraps: () => number
  readonly columns: () => number
  /** Line and column of the cursor, from 0, among `lines`. */
  readonly cursor: () => readonly [number, number]
}

/**
 * Knows carriage return, line feed, cursor up, both ways to clear, and colours, which it leaves out. Anything else that
 * steers a terminal is an error. Lines that leave at the top stay, as in a window that can be scrolled.
 */
export const makeTerminal = (width: number): Terminal => {
  let columns = width
  let wraps = 0
  // Rows of the screen; `joined` ones go on from the row above.
  let rows: Array<Line & { joined: boolean }> = [{ cells: [], joined: false }]
  let row = 0
  let column = 0
  let rest = ""

  const rowAt = (at: number): Line & { joined: boolean } => {
    while (rows.length <= at) rows.push({ cells: [], joined: false })
    return rows[at] as Line & { joined: boolean }
  }
  const put = (segment: string): void => {
    const size = Math.max(1, stringWidth(segment))
    if (column + size > columns) {
      wraps++
      row++
      column = 0
      rowAt(row).joined = true
    }
    const { cells } = rowAt(row)
    while (cells.length < column) cells.push(" ")
    cells[column] = segment
    for (let i = 1; i < size; i++) cells[column + i] = ""
    column += size
  }
  const control = (sequence: string): void => {
    const [, given = "", kind = ""] = /^\u001b\[([\d;]*)([A-Za-z])$/.exec(sequence) ?? []
    const count = given === "" ? 0 : Number(given)
    if (kind === "A") row = Math.max(0, row - Math.max(1, count))
    else if (kind === "K" && (count === 0 || count === 2)) {
      const { cells } = rowAt(row)
      cells.length = count === 2 ? 0 : Math.min(cells.length, column)
      // What is cleared up to the end goes on nowhere.
      const next = rows[row + 1]
      if (next !== undefined) next.joined = false
    } else if (kind === "J" && count === 0) {
      rowAt(row).cells.length = Math.min(rowAt(row).cells.length, column)
      rows = rows.slice(0, row + 1)
    } else if (kind !== "m") throw new Error(`a terminal was told ${JSON.stringify(sequence)}`)
  }
  return {
    write: (text) => {
      let left = rest + text
      rest = ""
      for (const part of left.split(/(\u001b\[[\d;?]*[A-Za-z]|\r|\n)/)) {
        if (part === "") continue
        if (part === "\r") column = 0
        else if (part === "\n") {
          row++
          column = 0
          rowAt(row)
        } else if (part.startsWith("\u001b[") && /[A-Za-z]$/.test(part)) control(part)
        else if (/^[^\u001b]*\u001b(?:\[[\d;?]*)?$/.test(part)) {
          const at = part.indexOf("\u001b")
          for (const { segment } of segments.segment(part.slice(0, at))) put(segment)
          rest = part.slice(at)
        } else if (/[\u0000-\u001f\u007f-\u009f]/.test(part))
          throw new Error(`a terminal was told ${JSON.stringify(part)}`)
        else for (const { segment } of segments.segment(part)) put(segment)
      }
      left = ""
    },
    resize: (next) => {
      const whole: Array<{ cells: Array<string>; holds: number | undefined }> = []
      rows.forEach(({ cells, joined }, i) => {
        const last = whole.at(-1)
        if (joined && last !== undefined) last.cells.push(...cells)
        else whole.push({ cells: [...cells], holds: undefined })
        const made = whole.at(-1)
        if (i === row && made !== undefined) made.holds = made.cells.length - cells.length + column
      })
      columns = next
      rows = []
      for (const { cells, holds } of whole) {
        const first = rows.length
        for (let at = 0; at === 0 || at < cells.length; at += next)
          rows.push({ cells: cells.slice(at, at + next), joined: at > 0 })
        if (holds === undefined) continue
        row = Math.min(first + Math.floor(holds / next), rows.length - 1)
        column = holds - (row - first) * next
      }
    },
    lines: () => rows.map(({ cells }) => cells.join("").trimEnd()),
    wraps: () => wraps,
    columns: () => columns,
    cursor: () => [row, column],
  }
}

/** Lines at the end of a terminal that are drawn over, with whatever else is written standing above them. */
import stringWidth from "string-width"

/** What is asked of a terminal: `process.stderr`, or a test's own. */
export interface Screen {
  write: (text: string) => boolean
  readonly columns?: number
  readonly rows?: number
}

export interface Block {
  /** Puts lines in the place of those before. One write, and none when nothing changed. */
  readonly draw: (lines: ReadonlyArray<string>) => void
  /** Takes the lines away, and lets go of the terminal. */
  readonly end: () => void
}

const clearLine = "\u001b[K"
const clearBelow = "\u001b[J"

/**
 * Opens a block. The cursor stays visible and stands below it at the beginning of a line: whichever way the process ends,
 * nothing has to be put right. Until the end, what others write to the screen goes above the block, a whole line at a
 * time.
 */
export const openBlock = (screen: Screen): Block => {
  const write = screen.write
  const send = (text: string): void => void write.call(screen, text)
  let drawn: ReadonlyArray<string> = []
  let drawnAt = screen.columns
  let partial = ""

  /** Lines of the terminal that the block takes: one that has become narrower has broken them. */
  const height = (): number => {
    const { columns } = screen
    if (columns === undefined || columns <= 0) return drawn.length
    return drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0)
  }
  const toTop = (): string => {
    const lines = height()
    return lines === 0 ? "" : `\r\u001b[${lines}A`
  }
  /** A line is written over, and what is left of the old one cleared behind it: it never stands empty. */
  const text = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}${clearLine}\n`).join("")

  const draw = (lines: ReadonlyArray<string>): void => {
    const isSame =
      screen.columns === drawnAt && lines.length === drawn.length && lines.every((line, i) => line === drawn[i])
    if (isSame) return
    const isShorter = height() > lines.length
    send(`${toTop()}${text(lines)}${isShorter ? clearBelow : ""}`)
    drawn = lines
    drawnAt = screen.columns
  }
  const above = (given: string): void => {
    partial += given
    const end = partial.lastIndexOf("\n") + 1
    if (end === 0) return
    const whole = partial.slice(0, end)
    partial = partial.slice(end)
    const top = toTop()
    drawnAt = screen.columns
    send(`${top}${top === "" ? "" : clearBelow}${whole}${text(drawn)}`)
  }
  const own = (chunk: unknown, ...rest: ReadonlyArray<unknown>): boolean => {
    above(typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8"))
    const done = rest.find((one) => typeof one === "function")
    if (done !== undefined) process.nextTick(done as () => void)
    return true
  }
  screen.write = own

  return {
    draw,
    end: () => {
      if (screen.write === own) screen.write = write
      const top = toTop()
      send(`${top}${top === "" ? "" : clearBelow}${partial}`)
      drawn = []
      partial = ""
    },
  }
}

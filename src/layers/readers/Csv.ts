/**
 * CSV as RFC 4180 says, and as files in the wild are: a quote opens a field only at its beginning, a quote inside that
 * closes nothing is text, fields may be of any size. One state machine finds the rows (also across chunks) and another
 * of the same rules splits a row, so that slices and fields can never disagree.
 */
const QUOTE = 34
const LF = 10
const CR = 13

/** Finds row ends byte by byte. */
export const makeRowScanner = (delimiter: number) => {
  /** 0 at a field's start, 1 in a plain field, 2 inside quotes, 3 after a quote inside quotes, 4 after its CR. */
  let state = 0
  return {
    /** Position after the next row end at or after `at`, or -1 when the row goes on past the buffer. */
    rowEnd: (bytes: Uint8Array, at: number): number => {
      for (let i = at; i < bytes.length; i++) {
        const byte = bytes[i] as number
        if (state === 4) {
          // Only as part of a line end does a CR follow the closing quote; before anything else both are text.
          if (byte === LF) {
            state = 0
            return i + 1
          }
          state = 2
        }
        if (state === 2) {
          const next = bytes.indexOf(QUOTE, i)
          if (next < 0) return -1
          i = next
          state = 3
        } else if (state === 3) {
          if (byte === QUOTE) state = 2
          else if (byte === delimiter) state = 0
          else if (byte === LF) {
            state = 0
            return i + 1
          } else state = byte === CR ? 4 : 2
        } else if (byte === LF) {
          state = 0
          return i + 1
        } else if (byte === delimiter) state = 0
        else if (state === 0 && byte === QUOTE) state = 2
        else state = 1
      }
      return -1
    },
    /** Whether the bytes so far end inside quotes. */
    insideQuotes: (): boolean => state === 2,
  }
}

/** The fields of one row, without its line end; of the last row's the LF may be missing. */
export const splitRow = (text: string, delimiter: string): Array<string> => {
  const lf = text.endsWith("\n") ? text.length - 1 : text.length
  const end = text[lf - 1] === "\r" ? lf - 1 : lf
  const fields: Array<string> = []
  let at = 0
  for (;;) {
    if (text[at] === '"' && at < end) {
      let field = ""
      let from = at + 1
      for (;;) {
        let quote = text.indexOf('"', from)
        if (quote < 0 || quote >= end) quote = end
        field += text.slice(from, quote)
        if (quote >= end) {
          at = end
          break
        }
        const next = text[quote + 1]
        if (next === '"' && quote + 1 < end) {
          field += '"'
          from = quote + 2
        } else if (quote + 1 >= end || next === delimiter) {
          at = quote + 1
          break
        } else {
          // A quote that neither ends the field nor is doubled is meant as text.
          field += '"'
          from = quote + 1
        }
      }
      fields.push(field)
    } else {
      let stop = text.indexOf(delimiter, at)
      if (stop < 0 || stop > end) stop = end
      fields.push(text.slice(at, stop))
      at = stop
    }
    if (at >= end) return fields
    at++
    if (at === end) {
      fields.push("")
      return fields
    }
  }
}

/** Whether a stretch of bytes holds nothing but blanks and line ends. */
export const isBlank = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    if (byte !== 32 && byte !== 9 && byte !== 13 && byte !== 10) return false
  }
  return true
}

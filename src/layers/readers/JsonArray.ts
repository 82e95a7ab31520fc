/**
 * Finds the elements of JSON text without building them: those of a top-level array, of an array under a well-known key
 * of a top-level object, or the top-level values themselves.
 */
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])
const isSpace = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9

/** Keys under which a file's records are found when the top level is an object. */
const recordKeys: ReadonlySet<string> = new Set(["data", "rows", "records", "examples"])

export interface ElementSink {
  /** An element from `start` to `end`, as offsets in the file. */
  readonly element: (start: number, end: number) => void
}

export const makeElementScanner = () => {
  /** Nesting of arrays and objects, the containers of elements included. */
  let depth = 0
  /** Nesting at which elements begin: 0 at the top level, 1 in a top-level array, 2 below a key. */
  let level = 0
  let start = -1
  let scalar = false
  let inString = false
  let escaped = false
  // Inside a top-level object: the last string at depth 1, and whether a colon followed it.
  let key: Array<number> | undefined
  let afterColon = false
  let keyStart = false
  let wrapped = false

  return {
    /** The open element's beginning, or -1: what a reader must hold on to. */
    openAt: (): number => start,
    /** Whether the text so far is complete. */
    complete: (): boolean => start < 0 && depth === 0,
    /** Whether the open element, a scalar that no array holds, is complete when nothing follows. */
    endsInScalar: (): boolean => start >= 0 && scalar && depth === 0 && !inString,
    scan: (bytes: Uint8Array, from: number, base: number, sink: ElementSink): void => {
      for (let i = from; i < bytes.length; i++) {
        const byte = bytes[i] as number
        if (inString) {
          if (escaped) escaped = false
          else if (byte === 0x5c) {
            escaped = true
            // A key with an escape is no well-known one.
            if (keyStart && key !== undefined) key.push(byte)
          } else if (byte === 0x22) {
            inString = false
            if (depth === level && start >= 0 && scalar) {
              // A string is an element by itself.
              sink.element(start, base + i + 1)
              start = -1
            }
            keyStart = false
          } else if (keyStart && key !== undefined && key.length < 32) key.push(byte)
          continue
        }
        if (start >= 0 && scalar && (byte === 0x2c || CLOSE.has(byte) || isSpace(byte))) {
          sink.element(start, base + i)
          start = -1
        }
        if (isSpace(byte)) continue
        if (byte === 0x22) {
          inString = true
          if (start < 0 && depth === level) {
            start = base + i
            scalar = true
          }
          if (level === 0 && depth === 1 && !afterColon) {
            key = []
            keyStart = true
          }
          continue
        }
        if (OPEN.has(byte)) {
          if (level === 0 && depth === 0 && byte === 0x5b && start < 0) {
            level = 1
            depth = 1
            continue
          }
          if (
            level === 0 &&
            depth === 1 &&
            byte === 0x5b &&
            afterColon &&
            !wrapped &&
            key !== undefined &&
            recordKeys.has(String.fromCharCode(...key))
          ) {
            // The object is only a wrapper: its elements are the records.
            level = 2
            depth = 2
            start = -1
            wrapped = true
            continue
          }
          if (start < 0 && depth === level) {
            start = base + i
            scalar = false
          }
          depth++
          afterColon = false
          continue
        }
        if (CLOSE.has(byte)) {
          if (depth === 0) {
            // A closing bracket too many: a bad element of its own.
            sink.element(base + i, base + i + 1)
            continue
          }
          depth--
          if (depth === level && start >= 0) {
            sink.element(start, base + i + 1)
            start = -1
            if (level === 0) {
              key = undefined
              afterColon = false
            }
          } else if (depth < level) {
            // The container of the elements ends. What else a wrapper holds is not theirs.
            level = depth === 1 ? -1 : 0
            if (depth === 0) level = 0
          } else if (level === -1 && depth === 0) level = 0
          continue
        }
        if (level === 0 && depth === 1) {
          if (byte === 0x3a) afterColon = true
          else if (byte === 0x2c) {
            afterColon = false
            key = undefined
          }
        }
        if (byte === 0x2c) continue
        if (start < 0 && depth === level) {
          start = base + i
          scalar = true
        }
      }
    },
  }
}

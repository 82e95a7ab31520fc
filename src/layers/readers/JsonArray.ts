/**
 * Finds the records of JSON text without building them: the elements of a top-level array, those of an array or an
 * object that a path leads to, the values of an object that holds nothing but objects, or the top-level values
 * themselves.
 */

/** Keys under which a file's records are found when the top level is an object. */
export const recordKeys: ReadonlySet<string> = new Set(["data", "rows", "records", "examples"])

export interface ElementSink {
  /** A record from `start` to `end`, as offsets in the file. One that is `keyed` begins with its key: `"id1": {...}`. */
  readonly element: (start: number, end: number, keyed: boolean) => void
  /** A top-level value, which begins at `start`, in which the path leads nowhere. */
  readonly missing: (start: number) => void
}

export interface ScanOptions {
  /**
   * Keys that lead from the top level to the array or object whose members are the records. Empty: each top-level value
   * is a record. `*` as the only key: the members of the top level. Absent: it is found out.
   */
  readonly path?: ReadonlyArray<string> | undefined
  /** An object that is so long, in bytes, and holds only objects so far, is no record but holds records. */
  readonly keyedAfter?: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const isSpace = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9
const isOpen = (byte: number): boolean => byte === 0x5b || byte === 0x7b
const isClose = (byte: number): boolean => byte === 0x5d || byte === 0x7d

/** What counts inside a value whose end is looked for: quotes and brackets. */
const counts = new Uint8Array(256)
for (const byte of [QUOTE, 0x5b, 0x7b, 0x5d, 0x7d]) counts[byte] = 1

/** An object that holds nothing but objects, at least this many, is no record but holds records. */
const fewest = 2

/** What the object is whose keys are looked at. */
type Role =
  /** The first top-level value: a record, a wrapper, or an object of records. */
  | "candidate"
  /** Holds the next key of the path. */
  | "path"
  /** Its members are the records. */
  | "keyed"
  /** Behind the records: nothing in it matters. */
  | "passed"

export const makeElementScanner = ({ keyedAfter = 1024 * 1024, path }: ScanOptions = {}) => {
  const members = path?.length === 1 && path[0] === "*"
  const steps = members || path === undefined ? [] : path
  const values = path !== undefined && path.length === 0
  const given = path !== undefined && !values

  /** Nesting of arrays and objects, those around the records included. */
  let depth = 0
  /** Nesting at which every byte is looked at; what is deeper is passed over to its end. */
  let watch = 0
  let inObject = false
  let role: Role = "passed"
  /** Beginning of the open record, or -1. */
  let open = -1
  /** The open value is neither array nor object. */
  let scalar = false
  let inString = false
  let escaped = false
  /** In an object: its member's key, and whether a colon followed it, and a value that. */
  let keyFrom = -1
  let key: string | undefined
  let inKey = false
  let colon = false
  let valueFrom = -1
  let valueIsObject = false
  /** Number of the step of the path. */
  let step = 0
  let found = false
  /** Beginning of the top-level value. */
  let topFrom = -1
  let topValues = 0
  /** Members of the candidate as long as all of them are objects. */
  let entries: Array<number> | undefined
  /** A candidate that is complete; it holds records when nothing follows. */
  let pending: { readonly start: number; readonly end: number; readonly entries: ReadonlyArray<number> } | undefined

  /** Position behind the closing quote, or -1 when the text ends before it. */
  const stringEnd = (bytes: Uint8Array, from: number): number => {
    let i = from
    if (escaped) {
      escaped = false
      i++
    }
    const { length } = bytes
    for (;;) {
      let byte = 0
      while (i < length && (byte = bytes[i] as number) !== QUOTE && byte !== BACKSLASH) i++
      if (i >= length) return -1
      if (byte === QUOTE) return i + 1
      i += 2
      if (i > length) {
        escaped = true
        return -1
      }
    }
  }
  const enterObject = (as: Role): void => {
    depth++
    watch = depth
    inObject = true
    role = as
    keyFrom = -1
    key = undefined
    colon = false
    valueFrom = -1
  }
  const enterArray = (): void => {
    depth++
    watch = depth
    inObject = false
    open = -1
    found = true
  }
  const emitEntries = (list: ReadonlyArray<number>, sink: ElementSink): void => {
    for (let i = 0; i < list.length; i += 2) sink.element(list[i] as number, list[i + 1] as number, true)
  }
  const resolvePending = (sink: ElementSink): void => {
    if (pending === undefined) return
    sink.element(pending.start, pending.end, false)
    pending = undefined
  }
  /** The array or object that was looked at has ended. */
  const leave = (sink: ElementSink): void => {
    depth--
    watch = depth
    inObject = watch > 0
    role = "passed"
    if (watch > 0) return
    if (given && !found) sink.missing(topFrom)
    topFrom = -1
    open = -1
  }
  /** A member of the object has ended. */
  const endMember = (end: number, sink: ElementSink): void => {
    if (role === "keyed" && open >= 0) {
      sink.element(open, end, true)
      open = -1
    } else if (role === "candidate" && entries !== undefined && valueFrom >= 0) {
      if (valueIsObject && keyFrom >= 0) {
        entries.push(keyFrom, end)
        if (entries.length >= 2 * fewest && end - open >= keyedAfter) {
          emitEntries(entries, sink)
          entries = undefined
          role = "keyed"
          open = -1
        }
      } else entries = undefined
    }
    keyFrom = -1
    key = undefined
    colon = false
    valueFrom = -1
    valueIsObject = false
  }
  const beginTop = (at: number, sink: ElementSink): void => {
    resolvePending(sink)
    topFrom = at
    topValues++
    found = false
    step = 0
  }
  /** An opening bracket where the records, or the way to them, may begin. */
  const openBracket = (byte: number, at: number, sink: ElementSink): void => {
    if (inObject) {
      if (!colon || valueFrom >= 0) {
        // Nothing that could be read: what holds it is bad as a whole.
        if (role === "keyed" && open < 0) open = at
        depth++
        return
      }
      valueFrom = at
      valueIsObject = byte === 0x7b
      if (role === "candidate" && byte === 0x5b && key !== undefined && recordKeys.has(key)) return enterArray()
      if (role === "path" && !found && key === steps[step]) {
        step++
        if (step < steps.length && byte === 0x7b) return enterObject("path")
        if (step === steps.length && byte === 0x5b) return enterArray()
        if (step === steps.length) {
          found = true
          return enterObject("keyed")
        }
        step--
      }
      depth++
      return
    }
    if (watch === 0 && open < 0) {
      beginTop(at, sink)
      if (byte === 0x5b && !values && steps.length === 0) return enterArray()
      if (byte === 0x7b && members) {
        found = true
        return enterObject("keyed")
      }
      if (byte === 0x7b && steps.length > 0) return enterObject("path")
      open = at
      scalar = false
      if (byte === 0x7b && path === undefined) {
        entries = topValues === 1 ? [] : undefined
        return enterObject("candidate")
      }
      depth++
      return
    }
    if (open < 0) {
      open = at
      scalar = false
    }
    depth++
  }
  const closeBracket = (at: number, sink: ElementSink): void => {
    if (watch === 0) {
      // A closing bracket too many: a bad record of its own.
      beginTop(at, sink)
      sink.element(at, at + 1, false)
      topFrom = -1
      return
    }
    if (inObject) {
      const whole = role === "candidate" ? open : -1
      endMember(at, sink)
      // The last member may have told that the object holds records.
      const still = role === "candidate"
      if (still && entries !== undefined && entries.length >= 2 * fewest) {
        pending = { start: whole, end: at + 1, entries }
      } else if (still) sink.element(whole, at + 1, false)
      entries = undefined
    }
    leave(sink)
  }
  /** The value that was passed over has ended. */
  const endDeep = (end: number, sink: ElementSink): void => {
    if (inObject) {
      // What follows up to the comma is nothing, or wrong.
      if (role === "keyed" || (role === "candidate" && colon)) endMember(end, sink)
      return
    }
    if (watch === 0 && given) {
      sink.missing(topFrom)
      topFrom = -1
    } else if (open >= 0) sink.element(open, end, false)
    open = -1
  }
  const endScalar = (end: number, sink: ElementSink): void => {
    if (watch === 0 && given) {
      sink.missing(topFrom)
      topFrom = -1
    } else sink.element(open, end, false)
    open = -1
    scalar = false
  }

  return {
    /** The open record's beginning, or -1: what a reader must hold on to. */
    openAt: (): number => (pending !== undefined ? pending.start : open >= 0 ? open : inKey ? keyFrom : -1),
    /** Whether the text so far is complete. */
    complete: (): boolean => open < 0 && depth === 0,
    /** Whether the open record, a scalar that no array holds, is complete when nothing follows. */
    endsInScalar: (): boolean => open >= 0 && scalar && depth === 0 && !inString,
    /** The open scalar ends with the text. */
    endScalar,
    /** Nothing follows. */
    end: (sink: ElementSink): void => {
      if (pending === undefined) return
      emitEntries(pending.entries, sink)
      pending = undefined
    },
    scan: (bytes: Uint8Array, from: number, base: number, sink: ElementSink): void => {
      const { length } = bytes
      for (let i = from; i < length; ) {
        if (inString) {
          i = stringEnd(bytes, i)
          if (i < 0) return
          inString = false
          if (depth > watch) continue
          if (inKey) {
            inKey = false
            const at = keyFrom + 1 - base
            key =
              at < 0 || i - at > 256
                ? undefined
                : Buffer.from(bytes.buffer, bytes.byteOffset + at, i - 1 - at).toString()
          } else if (!inObject && open >= 0 && scalar) endScalar(base + i, sink)
          continue
        }
        if (depth > watch) {
          while (i < length && counts[bytes[i] as number] === 0) i++
          if (i >= length) return
          const byte = bytes[i++] as number
          if (byte === QUOTE) inString = true
          else if (isOpen(byte)) depth++
          else if (--depth === watch) endDeep(base + i, sink)
          continue
        }
        const byte = bytes[i] as number
        const at = base + i
        i++
        if (!inObject && open >= 0 && scalar && (byte === COMMA || isClose(byte) || isSpace(byte))) endScalar(at, sink)
        if (isSpace(byte)) continue
        if (byte === QUOTE) {
          inString = true
          if (inObject) {
            if (!colon) {
              inKey = true
              keyFrom = at
              if (role === "keyed" && open < 0) open = at
            } else if (valueFrom < 0) valueFrom = at
          } else if (open < 0) {
            if (watch === 0) beginTop(at, sink)
            open = at
            scalar = true
          }
        } else if (isOpen(byte)) openBracket(byte, at, sink)
        else if (isClose(byte)) closeBracket(at, sink)
        else if (inObject) {
          if (byte === COLON) colon = true
          else if (byte === COMMA) endMember(at, sink)
          else {
            if (role === "keyed" && open < 0) open = at
            if (valueFrom < 0) valueFrom = at
            // Text where none belongs: whatever holds it is no object of objects.
            valueIsObject = false
            entries = undefined
          }
        } else if (byte !== COMMA && open < 0) {
          if (watch === 0) beginTop(at, sink)
          open = at
          scalar = true
        }
      }
    },
  }
}

/**
 * Patterns from users' configs. Whatever the pattern and whatever the text, a search takes time in proportion to the
 * text: `^(a+)+$` cannot hang a run. JavaScript's own engine backtracks, and no check of the pattern alone can tell all
 * that it takes exponential or quadratic time on, so these run on an engine of their own: an automaton that is built as
 * the text asks for it (R. Cox, "Regular Expression Matching Can Be Simple And Fast", 2007).
 */
import { Assertion, compileProgram, Op, type Program } from "./PatternSyntax.ts"

export interface UserPattern {
  /** Whether the pattern is found anywhere in the text. */
  readonly test: (text: string) => boolean
  /** Where: what JavaScript's engine finds as well, the first place, and there the way that the pattern prefers. */
  readonly find: (text: string) => { readonly start: number; readonly end: number } | undefined
}

/** What stands before or behind a place. */
const Kind = { other: 0, word: 1, newline: 2, edge: 3 } as const

/** States of the automaton that are kept; beyond, it begins anew with none. A state is a few hundred bytes. */
const maxStates = 2000

interface State {
  /** Instructions to go on with before the next character, ascending. */
  readonly at: ReadonlyArray<number>
  /** Kind of the character before. */
  readonly before: number
  /** Next state by class of the next character; `accept` where a match ends before it. */
  readonly next: Array<State | undefined>
  /** Whether a match ends if nothing follows. */
  atEnd?: boolean
}

/**
 * Compiles a pattern in JavaScript's syntax (with the `u` flag, always); `flags` may be `i`, `m`, `s`. Look-around and
 * back-references are refused, as are patterns of more than 4,000 characters or 5,000 instructions.
 */
export const compileUserPattern = (source: string, flags = ""): UserPattern | { readonly problem: string } => {
  const strange = /[^imsu]/u.exec(flags)?.[0]
  if (strange !== undefined) return { problem: `unknown flag "${strange}": expected some of i, m, s` }
  const chosen = Array.from("ims", (flag) => (flags.includes(flag) ? flag : "")).join("")
  const program = compileProgram(source, chosen)
  return "problem" in program ? program : matcherOf(program, chosen)
}

/** Groups characters that the pattern does not tell apart into classes, as they come. */
const compileClasses = ({ sets }: Program, flags: string) => {
  const tests = sets.map((set) => new RegExp(`^${set}$`, `${flags}u`))
  const word = new RegExp(String.raw`^\w$`, `${flags}u`)
  const bySignature = new Map<string, number>()
  /** By class: its kind, and whether each set holds it. Class 0 is none. */
  const kinds: Array<number> = [0]
  const holds: Array<ReadonlyArray<boolean>> = [[]]
  const units = new Uint16Array(0x10000)
  const others = new Map<number, number>()
  const classify = (code: number): number => {
    const char = String.fromCodePoint(code)
    const kind = word.test(char) ? Kind.word : /^[\n\r\u2028\u2029]$/.test(char) ? Kind.newline : Kind.other
    const held = tests.map((test) => test.test(char))
    const signature = kind + held.map(Number).join("")
    let found = bySignature.get(signature)
    if (found === undefined) {
      found = kinds.length
      bySignature.set(signature, found)
      kinds.push(kind)
      holds.push(held)
    }
    return found
  }
  return {
    kinds,
    holds,
    classOf: (code: number): number => {
      let found = code < 0x10000 ? (units[code] as number) : (others.get(code) ?? 0)
      if (found === 0) {
        found = classify(code)
        if (code < 0x10000) units[code] = found
        else others.set(code, found)
      }
      return found
    },
  }
}

const matcherOf = (program: Program, flags: string): UserPattern => {
  const { op, x, y } = program
  const { classOf, holds, kinds } = compileClasses(program, flags)
  const lines = flags.includes("m")

  const isTrue = (assertion: number, before: number, after: number): boolean => {
    switch (assertion) {
      case Assertion.start:
        return before === Kind.edge || (lines && before === Kind.newline)
      case Assertion.end:
        return after === Kind.edge || (lines && after === Kind.newline)
      case Assertion.boundary:
        return (before === Kind.word) !== (after === Kind.word)
      default:
        return (before === Kind.word) === (after === Kind.word)
    }
  }

  /** Marks of the last visit of each instruction: a visit is one place in one search. */
  const seen = new Int32Array(op.length)
  let visit = 0
  const stack: Array<number> = []
  /** Follows forks and assertions from an instruction, in order of preference; `take` gets each that takes a character. */
  const follow = (from: number, before: number, after: number, take: (instruction: number) => void): void => {
    stack.push(from)
    while (stack.length > 0) {
      const i = stack.pop() as number
      if (seen[i] === visit) continue
      seen[i] = visit
      const code = op[i]
      if (code === Op.fork) stack.push(y[i] as number, x[i] as number)
      else if (code !== Op.assert) take(i)
      else if (isTrue(x[i] as number, before, after)) stack.push(i + 1)
    }
  }

  const accept: State = { at: [], before: 0, next: [] }
  let states = new Map<string, State>()
  const stateOf = (at: ReadonlyArray<number>, before: number): State => {
    const key = `${before}:${at.join(",")}`
    let state = states.get(key)
    if (state === undefined) {
      if (states.size >= maxStates) states = new Map()
      state = { at, before, next: [] }
      states.set(key, state)
    }
    return state
  }

  /** The state behind a character, or `accept`. A match may begin at every place. */
  const step = ({ at, before }: State, kind: number, held: ReadonlyArray<boolean> | undefined): State => {
    visit++
    let matched = false
    const next = new Set([0])
    for (const from of at)
      follow(from, before, kind, (i) => {
        if (op[i] === Op.match) matched = true
        else if (held?.[x[i] as number] === true) next.add(i + 1)
      })
    if (matched) return accept
    return stateOf(
      [...next].sort((a, b) => a - b),
      kind,
    )
  }

  const test = (text: string): boolean => {
    let state = stateOf([0], Kind.edge)
    for (let i = 0; i < text.length; i++) {
      let code = text.charCodeAt(i)
      if (code >= 0xd800 && code < 0xdc00) {
        code = text.codePointAt(i) as number
        if (code > 0xffff) i++
      }
      const kind = classOf(code)
      let next = state.next[kind]
      if (next === undefined) {
        next = step(state, kinds[kind] as number, holds[kind])
        state.next[kind] = next
      }
      if (next === accept) return true
      state = next
    }
    state.atEnd ??= step(state, Kind.edge, undefined) === accept
    return state.atEnd
  }

  /** All ways at once, in order of preference, each with the place where it began. */
  const find = (text: string): { readonly start: number; readonly end: number } | undefined => {
    let found: { readonly start: number; readonly end: number } | undefined
    let ways: Array<{ readonly at: number; readonly start: number }> = []
    let before: number = Kind.edge
    for (let i = 0; ; ) {
      const code = text.codePointAt(i)
      const kind = code === undefined ? 0 : classOf(code)
      const after = code === undefined ? Kind.edge : (kinds[kind] as number)
      visit++
      if (found === undefined) ways.push({ at: 0, start: i })
      const next: typeof ways = []
      let cut = false
      for (const { at, start } of ways) {
        follow(at, before, after, (instruction) => {
          if (cut) return
          if (op[instruction] === Op.match) {
            found = { start, end: i }
            cut = true
          } else if (holds[kind]?.[x[instruction] as number] === true) next.push({ at: instruction + 1, start })
        })
        if (cut) break
      }
      if (code === undefined || (found !== undefined && next.length === 0)) return found
      ways = next
      before = after
      i += code > 0xffff ? 2 : 1
    }
  }

  return { test, find: (text) => (test(text) ? find(text) : undefined) }
}

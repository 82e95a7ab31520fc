/**
 * Reads a regular expression and compiles it to a program for an engine without backtracking: instructions that take one
 * character, fork, or look at the two characters around a place (Thompson's construction; see R. Cox, "Regular Expression
 * Matching: the Virtual Machine Approach", 2009). The syntax is JavaScript's with the `u` flag, without what such an
 * engine cannot do in linear time: look-around and back-references.
 */

/** What an instruction does. */
export const Op = { char: 0, fork: 1, assert: 2, match: 3 } as const

/** What is true of a place between two characters. */
export const Assertion = { start: 0, end: 1, boundary: 2, inside: 3 } as const

/** Instruction `i` is `op[i]`; `x` and `y` are its operands. */
export interface Program {
  readonly op: ReadonlyArray<number>
  /** `char`: the set that it takes a character of. `fork`: the way that is preferred. `assert`: which. */
  readonly x: ReadonlyArray<number>
  /** `fork`: the other way. All others go on with the next instruction. */
  readonly y: ReadonlyArray<number>
  /** Sets of characters, each as the source of an expression for one character. */
  readonly sets: ReadonlyArray<string>
}

type Node =
  | { readonly kind: "set"; readonly set: number }
  | { readonly kind: "assert"; readonly assertion: number }
  | { readonly kind: "all"; readonly parts: ReadonlyArray<Node> }
  | { readonly kind: "any"; readonly parts: ReadonlyArray<Node> }
  | {
      readonly kind: "repeat"
      readonly node: Node
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

/** Longest pattern in characters, and most instructions: `x{500}` is 500 of them. */
const maxLength = 4000
const maxInstructions = 5000

/** Deepest nesting of groups. */
const maxDepth = 200

/** Why a pattern cannot be used. */
class PatternProblem extends Error {}

const counted = /\{(\d+)(?:(,)(\d*))?\}/y
const escape =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[^])/uy
const group = /\((?:\?:|\?<(?![=!])[^>]*>|(?!\?))/y

/** Reads a source that `RegExp` accepts with the `u` flag. */
const parse = (source: string): { readonly root: Node; readonly sets: ReadonlyArray<string> } => {
  const sets: Array<string> = []
  let at = 0
  let depth = 0
  const takes = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  const setOf = (text: string): Node => {
    let set = sets.indexOf(text)
    if (set < 0) set = sets.push(text) - 1
    return { kind: "set", set }
  }
  const readClass = (): Node => {
    const from = at
    for (at++; source[at] !== "]"; at++) if (source[at] === "\\") at++
    at++
    return setOf(source.slice(from, at))
  }
  const readEscape = (): Node => {
    const next = source[at + 1] as string
    if (/[1-9k]/.test(next))
      throw new PatternProblem("a back-reference cannot be searched for in linear time; write out what it repeats")
    if (next === "b" || next === "B") {
      at += 2
      return { kind: "assert", assertion: next === "b" ? Assertion.boundary : Assertion.inside }
    }
    return setOf((takes(escape) as RegExpExecArray)[0])
  }
  const readAtom = (): Node => {
    const char = source[at] as string
    if (char === "(") {
      if (takes(group) === null)
        throw new PatternProblem(
          /^\(\?(?:<?[=!])/.test(source.slice(at, at + 4))
            ? "look-ahead and look-behind cannot be searched for in linear time; use \\b, ^ and $, or match what is around"
            : "this kind of group is not supported",
        )
      if (++depth > maxDepth) throw new PatternProblem(`groups are nested more than ${maxDepth} deep`)
      const inner = readAny()
      depth--
      at++
      return inner
    }
    if (char === "[") return readClass()
    if (char === "\\") return readEscape()
    if (char === "^" || char === "$") {
      at++
      return { kind: "assert", assertion: char === "^" ? Assertion.start : Assertion.end }
    }
    const text = String.fromCodePoint(source.codePointAt(at) as number)
    at += text.length
    return setOf(text)
  }
  const readQuantified = (): Node => {
    let node = readAtom()
    const char = source[at]
    let range: readonly [number, number] | undefined
    if (char === "*" || char === "+" || char === "?") {
      at++
      range = [char === "+" ? 1 : 0, char === "?" ? 1 : Number.POSITIVE_INFINITY]
    } else if (char === "{") {
      const [, least, comma, most] = takes(counted) as RegExpExecArray
      range = [
        Number(least),
        comma === undefined ? Number(least) : most === "" ? Number.POSITIVE_INFINITY : Number(most),
      ]
    }
    if (range === undefined) return node
    const lazy = source[at] === "?"
    if (lazy) at++
    node = { kind: "repeat", node, least: range[0], most: range[1], lazy }
    return node
  }
  const readAll = (): Node => {
    const parts: Array<Node> = []
    while (at < source.length && source[at] !== "|" && source[at] !== ")") parts.push(readQuantified())
    return parts.length === 1 ? (parts[0] as Node) : { kind: "all", parts }
  }
  const readAny = (): Node => {
    const parts = [readAll()]
    while (source[at] === "|") {
      at++
      parts.push(readAll())
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: "any", parts }
  }
  return { root: readAny(), sets }
}

const assemble = (root: Node): Pick<Program, "op" | "x" | "y"> => {
  const op: Array<number> = []
  const x: Array<number> = []
  const y: Array<number> = []
  const add = (code: number, a = 0, b = 0): number => {
    if (op.length >= maxInstructions)
      throw new PatternProblem("the pattern is too large: its repetitions, written out, have more than 5,000 parts")
    x.push(a)
    y.push(b)
    return op.push(code) - 1
  }
  /** Sets the ways of a fork: into what is repeated, and past it. */
  const ways = (fork: number, into: number, past: number, lazy: boolean): void => {
    x[fork] = lazy ? past : into
    y[fork] = lazy ? into : past
  }
  const put = (node: Node): void => {
    switch (node.kind) {
      case "set":
        add(Op.char, node.set)
        return
      case "assert":
        add(Op.assert, node.assertion)
        return
      case "all":
        for (const part of node.parts) put(part)
        return
      case "any": {
        const jumps: Array<number> = []
        node.parts.forEach((part, i) => {
          if (i === node.parts.length - 1) return put(part)
          const fork = add(Op.fork, op.length + 1)
          put(part)
          jumps.push(add(Op.fork))
          y[fork] = op.length
        })
        for (const jump of jumps) ways(jump, op.length, op.length, false)
        return
      }
      case "repeat": {
        const { lazy, least, most, node: inner } = node
        for (let i = 0; i < least; i++) {
          const before = op.length
          put(inner)
          // Nothing, however often.
          if (op.length === before) return
        }
        if (most === Number.POSITIVE_INFINITY) {
          const fork = add(Op.fork)
          put(inner)
          add(Op.fork, fork, fork)
          ways(fork, fork + 1, op.length, lazy)
          return
        }
        const forks: Array<number> = []
        for (let i = least; i < most; i++) {
          forks.push(add(Op.fork))
          put(inner)
        }
        for (const fork of forks) ways(fork, fork + 1, op.length, lazy)
      }
    }
  }
  put(root)
  add(Op.match)
  return { op, x, y }
}

/** Compiles a pattern, or tells what is wrong with it and what to write instead. */
export const compileProgram = (source: string, flags: string): Program | { readonly problem: string } => {
  if (source.length > maxLength) return { problem: `the pattern is longer than ${maxLength} characters` }
  try {
    // Tells what is no regular expression at all.
    new RegExp(source, `${flags}u`)
    const { root, sets } = parse(source)
    return { ...assemble(root), sets }
  } catch (cause) {
    if (cause instanceof PatternProblem) return { problem: cause.message }
    if (!(cause instanceof SyntaxError)) throw cause
    // "Invalid regular expression: /(/u: Unterminated group"
    return { problem: `no regular expression: ${cause.message.slice(cause.message.lastIndexOf(": ") + 2)}` }
  }
}

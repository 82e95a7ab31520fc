/**
 * Prompt templates: text, variant blocks `%{a|b}` and placeholders `{{char}}`.
 *
 * A block is chosen independently of the others, so every combination can come up. An alternative may be empty
 * (`%{|very }`), may hold placeholders, and may not hold another block. A backslash makes the next `|`, `{`, `}`, `%` or
 * backslash plain text.
 */
import { suggestion } from "../Nearest.ts"
import type { RecordRandom } from "../RecordRandom.ts"
import { type Hint, hints, type Placeholder, placeholders } from "./Placeholders.ts"

/** Text, or the name of a placeholder or hint. */
export type Piece = string | { readonly name: Placeholder | Hint }

/** One block; plain text is a block with a single alternative. */
export type Template = ReadonlyArray<ReadonlyArray<ReadonlyArray<Piece>>>

interface Parsed {
  readonly template: Template
  readonly problems: ReadonlyArray<string>
}

const known: ReadonlyArray<string> = [...placeholders, ...hints]

const parse = (source: string): Parsed => {
  const problems: Array<string> = []
  const template: Array<Array<Array<Piece>>> = []
  let plain: Array<Piece> = []
  let text = ""
  let at = 0
  let block: Array<Array<Piece>> | undefined
  let blockAt = 0

  const pieces = (): Array<Piece> => (block === undefined ? plain : (block[block.length - 1] as Array<Piece>))
  const flush = (): void => {
    if (text !== "") pieces().push(text)
    text = ""
  }
  const flushPlain = (): void => {
    flush()
    if (plain.length > 0) template.push([plain])
    plain = []
  }
  while (at < source.length) {
    const char = source[at] as string
    if (char === "\\" && at + 1 < source.length && "|{}%\\".includes(source[at + 1] as string)) {
      text += source[at + 1]
      at += 2
    } else if (source.startsWith("{{", at)) {
      const end = source.indexOf("}}", at + 2)
      const name = end < 0 ? undefined : source.slice(at + 2, end)
      if (name === undefined || name.includes("{") || name.includes("\n")) {
        problems.push(`"{{" at character ${at + 1} is never closed by "}}"`)
        text += "{{"
        at += 2
      } else {
        if (known.includes(name)) {
          flush()
          pieces().push({ name: name as Placeholder | Hint })
        } else {
          problems.push(`unknown placeholder "{{${name}}}".${suggestion(name, known)}`)
          text += `{{${name}}}`
        }
        at = end + 2
      }
    } else if (source.startsWith("%{", at)) {
      if (block !== undefined) {
        problems.push(`a block "%{" inside another at character ${at + 1}: blocks cannot be nested`)
        text += "%{"
      } else {
        flushPlain()
        block = [[]]
        blockAt = at
      }
      at += 2
    } else if (block !== undefined && char === "|") {
      flush()
      block.push([])
      at++
    } else if (block !== undefined && char === "}") {
      flush()
      if (block.length < 2) problems.push(`the block at character ${blockAt + 1} has only one alternative`)
      template.push(block)
      block = undefined
      at++
    } else {
      if (char === "{" || char === "}")
        problems.push(`a stray "${char}" at character ${at + 1}; write "\\${char}" if it is meant`)
      text += char
      at++
    }
  }
  if (block !== undefined) {
    problems.push(`the block at character ${blockAt + 1} is never closed by "}"`)
    flush()
    template.push(block)
  } else {
    flushPlain()
  }
  return { template, problems }
}

/** Compiles a template; what is malformed stays as text. Check with {@link templateProblems} first. */
export const compileTemplate = (source: string): Template => parse(source).template

/** What is wrong with a template whose prompts may use these placeholders. Hints may stand in any prompt. */
export const templateProblems = (source: string, allowed: ReadonlyArray<Placeholder>): ReadonlyArray<string> => {
  const { problems, template } = parse(source)
  const out = [...problems]
  const seen = new Set<string>()
  for (const block of template) {
    for (const alternative of block) {
      for (const piece of alternative) {
        if (typeof piece === "string" || seen.has(piece.name)) continue
        seen.add(piece.name)
        if ((hints as ReadonlyArray<string>).includes(piece.name)) continue
        if (!(allowed as ReadonlyArray<string>).includes(piece.name)) {
          const offer = allowed.length === 0 ? "none beside the hints" : allowed.map((name) => `{{${name}}}`).join(", ")
          out.push(`this task has no {{${piece.name}}}; it offers ${offer}`)
        }
      }
    }
  }
  if (source.trim() === "") out.push("the prompt is empty")
  return out
}

const blank = 0x20

/**
 * Chooses each block's alternative, uniformly and independently: uniform over all variants, without listing them. Where
 * an empty alternative leaves two blanks in a row, one goes.
 */
export const sampleTemplate = (template: Template, random: RecordRandom): ReadonlyArray<Piece> => {
  const out: Array<Piece> = []
  let text = ""
  // Remembered: to look at the end of a text that grows would put it together each time.
  let endsBlank = false
  for (const block of template) {
    const chosen = (block.length === 1 ? block[0] : random.pick(block)) as ReadonlyArray<Piece>
    for (const piece of chosen) {
      if (typeof piece === "string") {
        text += endsBlank && piece.charCodeAt(0) === blank ? piece.slice(1) : piece
        endsBlank = piece.charCodeAt(piece.length - 1) === blank
      } else {
        if (text !== "") out.push(text)
        out.push(piece)
        text = ""
        endsBlank = false
      }
    }
  }
  if (text !== "") out.push(text)
  return out
}

const write = (piece: Piece): string => (typeof piece === "string" ? piece : `{{${piece.name}}}`)

/** All variants as text, the leftmost block varying slowest; stops at exactly `cap`. */
export const enumerateTemplate = (template: Template, cap = 256): ReadonlyArray<string> => {
  const out: Array<string> = []
  const walk = (block: number, made: string): void => {
    if (out.length >= cap) return
    const alternatives = template[block]
    if (alternatives === undefined) {
      out.push(made)
      return
    }
    for (const alternative of alternatives) {
      const text = alternative.map(write).join("")
      walk(block + 1, made.endsWith(" ") && text.startsWith(" ") ? made + text.slice(1) : made + text)
    }
  }
  walk(0, "")
  return out
}

/** Out-of-character remarks. */

interface Cut {
  readonly from: number
  readonly to: number
}

/**
 * Removes `((..))` and `[[..]]` (balanced, also over several lines), `(OOC: ..)` and `[OOC: ..]`, and `OOC: ..` to the end
 * of its line. What is never closed stays. One pass with a stack: linear.
 */
export const removeOoc = (text: string): string => {
  if (!/\(\(|\[\[|ooc/i.test(text)) return text
  const cuts: Array<Cut> = []
  const stack: Array<{
    readonly at: number
    readonly close: ")" | "]"
    readonly double: boolean
    readonly marked: boolean
  }> = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "(" || char === "[") {
      const double = text[at + 1] === char
      const marked = /^[([]\s?o\.?o\.?c\b/i.test(text.slice(at, at + 9))
      stack.push({ at, close: char === "(" ? ")" : "]", double, marked })
      if (double) at++
      // Deep nesting is no remark but an attack on the stack's memory.
      if (stack.length > 10_000) return text
    } else if (char === ")" || char === "]") {
      const open = stack[stack.length - 1]
      if (open === undefined || open.close !== char) continue
      if (open.double) {
        if (text[at + 1] !== char) {
          // `((a) b` opens a plain pair inside: one of its two brackets is closed.
          stack[stack.length - 1] = { ...open, double: false }
          continue
        }
        at++
      }
      stack.pop()
      if (open.double || open.marked) cuts.push({ from: open.at, to: at + 1 })
    }
  }
  for (const match of text.matchAll(/(?<![\p{L}\p{N}_])o\.?o\.?c\.? ?:[^\n]*/giu)) {
    const from = match.index
    if (!cuts.some((cut) => cut.from <= from && from < cut.to)) cuts.push({ from, to: from + match[0].length })
    if (cuts.length > 10_000) break
  }
  if (cuts.length === 0) return text
  cuts.sort((a, b) => a.from - b.from || b.to - a.to)
  let out = ""
  let from = 0
  for (const cut of cuts) {
    if (cut.from < from) {
      from = Math.max(from, cut.to)
      continue
    }
    let before = text.slice(from, cut.from)
    const next = text[cut.to]
    if (/[ \t]$/.test(before) && (next === undefined || /\s/.test(next))) before = before.slice(0, -1)
    out += before
    from = cut.to
    if ((out === "" || out.endsWith("\n")) && text[from] === " ") from++
  }
  return (out + text.slice(from)).trim()
}

/** Whether the whole text is one `[..]` remark. */
export const isBracketedRemark = (text: string): boolean => {
  const trimmed = text.trim()
  if (!trimmed.startsWith("[") || !trimmed.endsWith("]") || trimmed.length < 2) return false
  let depth = 0
  for (let i = 0; i < trimmed.length; i++) {
    if (trimmed[i] === "[") depth++
    else if (trimmed[i] === "]" && --depth === 0 && i < trimmed.length - 1) return false
  }
  return depth === 0
}

/** Whether the whole text is one parenthesis, perhaps with a full stop. */
export const isParenthesised = (text: string): boolean => /^\([^)]*\)\.?$/.test(text.trim())

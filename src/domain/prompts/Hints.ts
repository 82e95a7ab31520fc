/**
 * Hints in a prompt about the reply that follows: how it is written, and how long it is. Computed from the reply that is
 * really emitted.
 */
import { readList } from "../Assets.ts"
import type { RecordRandom } from "../RecordRandom.ts"
import { countWords } from "../Tokens.ts"
import type { PromptPart } from "./Prompt.ts"

const lists = new Map<string, ReadonlyArray<string>>()

const list = (name: string): ReadonlyArray<string> => {
  let lines = lists.get(name)
  if (lines === undefined) {
    lines = readList(`prompts/hints/${name}.txt`)
    lists.set(name, lines)
  }
  return lines
}

/** `*action*` with text inside; `**bold**` is no action. */
const hasAction = (text: string): boolean => /(?<![\p{L}\p{N}_*])\*(?![*\s])[^*\n]{0,2000}[^*\s]?\*(?!\*)/u.test(text)

/** A quoted span in straight or curly quotes. */
const hasQuote = (text: string): boolean => /"[^"\n]{1,2000}"|“[^“”\n]{1,2000}”/.test(text)

/** Sentences about the style of the reply, joined by `. `; empty when nothing stands out. */
export const styleHint = (reply: string, random: RecordRandom): string => {
  const found: Array<string> = []
  if (hasAction(reply)) found.push(random.pick(list("style_actions")))
  if (hasQuote(reply)) found.push(random.pick(list("style_quotes")))
  if (found.length === 2 && random.int(2) === 1) found.reverse()
  return found.join(". ")
}

/** Name of the list for a number of words: below 16 short, below 96 medium, below 192 long, else very long. */
export const lengthClass = (words: number): "short" | "medium" | "long" | "very_long" =>
  words < 16 ? "short" : words < 96 ? "medium" : words < 192 ? "long" : "very_long"

/** Blocks of text with a blank line between them. */
export const countParagraphs = (text: string): number =>
  Math.max(1, text.split(/\n\n+/).filter((block) => block.trim() !== "").length)

/** A sentence about the length of the reply, and often one about its paragraphs. */
export const lengthHint = (reply: string, random: RecordRandom): string => {
  const length = random.pick(list(`length_${lengthClass(countWords(reply))}`))
  const paragraphs = countParagraphs(reply)
  if (paragraphs === 1) return random.int(3) === 0 ? `${length}. ${random.pick(list("paragraph_one"))}` : length
  return `${length}. ${random.pick(list("paragraphs_many")).replace("N", () => String(paragraphs))}`
}

const longestOf = (name: string): string =>
  list(name).reduce((best, line) => (countWords(line) > countWords(best) ? line : best), "")

/** Hints at least as long, in words, as any that can come up: for counting before the reply is known. */
export const longestHints = (): { readonly style: string; readonly length: string } => {
  const lengths = ["short", "medium", "long", "very_long"].map((name) => longestOf(`length_${name}`))
  const length = lengths.reduce((best, line) => (countWords(line) > countWords(best) ? line : best), "")
  const one = longestOf("paragraph_one")
  const many = longestOf("paragraphs_many").replace("N", "9999")
  return {
    style: `${longestOf("style_actions")}. ${longestOf("style_quotes")}`,
    length: `${length}. ${countWords(one) > countWords(many) ? one : many}`,
  }
}

/**
 * Puts the hints in. A hint that is empty goes together with the punctuation and the blank that belonged to it; nothing
 * else of the prompt is touched.
 */
export const fillHints = (
  parts: ReadonlyArray<PromptPart>,
  values: { readonly style: string; readonly length: string },
): string => {
  let out = ""
  let dropped = false
  for (const part of parts) {
    if (typeof part !== "string") {
      const value = part.hint === "response_style_str" ? values.style : values.length
      if (value === "") dropped = true
      else {
        out += value
        dropped = false
      }
      continue
    }
    out = dropped ? joinSeam(out, part) : out + part
    dropped = false
  }
  return dropped ? joinSeam(out, "") : out
}

/** Joins what stood before and after a hint that is gone. */
const joinSeam = (before: string, after: string): string => {
  const mark = /^[.,;:!?]?/.exec(after)?.[0] ?? ""
  const rest = after.slice(mark.length)
  // A list item that is empty now goes as a whole.
  const line = before.slice(before.lastIndexOf("\n") + 1)
  if ((rest === "" || rest.startsWith("\n")) && /^\s{0,8}(?:[-*•]|[\w ]{1,40}:)\s*$/.test(line)) {
    return before.slice(0, before.length - line.length).replace(/\n$/, "") + rest
  }
  if (rest === "" && /[.!?:\n]\s*$/.test(before)) return before.trimEnd()
  const ended = before === "" || /[.!?:\n]\s*$/.test(before)
  if (ended)
    return before.endsWith(" ") && /^\s/.test(rest)
      ? before.trimEnd() + rest
      : before + (before === "" || before.endsWith("\n") ? rest.trimStart() : rest)
  // The hint ended the sentence: its mark stays with what is left of the sentence.
  return before.replace(/[ ,;:-]+$/, "") + mark + rest
}

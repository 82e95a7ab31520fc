/** Removes web addresses from prose. */
import { type Cut, leaveOut, withEmptyPairs } from "./Cuts.ts"

/** `http(s)://` with escaped or percent-encoded slashes, or `www.`. */
const beginning = /https?(?::\\?\/\\?\/|%3a%2f%2f)|(?<![\p{L}\p{N}_.])www\.(?=[\p{L}\p{N}])/giu

/** What every beginning has, found by its rarest character. */
const mayHoldAddress = /[.:%](?:(?<=[wW]{3}\.)|(?<=:)\\?\/|(?<=%)3[aA])/

/** What an address holds beside parentheses. */
const plain = /[^\s<>"'“”‘’()\]}|`]*/y

/** `[text](target "title")`, or an image when an exclamation mark precedes it. */
const markdown =
  /(!?)\[([^\][\n]{0,1000})\]\(((?:[^()\s]|\([^()\s]{0,1000}\)){0,4000})(?: {1,8}(?:"[^"\n]{0,1000}"|'[^'\n]{0,1000}'))?\)/g

const isAddress = /^<?(?:https?:|www\.|%)/i

/** Punctuation that ends a sentence, not an address; asterisks are emphasis. */
const trailing = /[.,;:!?…*]/

/** Where an address ends: at white space, quotes, and closing brackets that it has not opened itself. */
const endOf = (text: string, start: number, from: number): number => {
  let end = from
  for (let depth = 0; ; end++) {
    plain.lastIndex = end
    plain.exec(text)
    end = plain.lastIndex
    if (text[end] === "(") depth++
    else if (text[end] !== ")" || depth-- === 0) break
  }
  for (; end > from; end--) {
    const last = text[end - 1] as string
    if (!trailing.test(last) && !(/[_~]/.test(last) && text[start - 1] === last)) break
  }
  return end
}

/**
 * Links in Markdown become their text, embedded images vanish, bare addresses vanish together with one of the blanks
 * around them and with the brackets, quotes or emphasis that held nothing else. Line breaks stay. Never fails, whatever
 * the text.
 */
export const removeLinks = (text: string): string => {
  if (!mayHoldAddress.test(text) && !text.includes("](")) return text
  const cuts: Array<Cut> = []
  let unwrapped = ""
  let from = 0
  for (const match of text.includes("](") ? text.matchAll(markdown) : []) {
    const [whole, image, label, target] = match as unknown as readonly [string, string, string, string]
    if (image !== "!" && !isAddress.test(target)) continue
    unwrapped += text.slice(from, match.index)
    from = match.index + whole.length
    if (image === "!" || label === "" || isAddress.test(label))
      cuts.push({ from: unwrapped.length, to: unwrapped.length })
    else unwrapped += label
  }
  unwrapped += text.slice(from)
  beginning.lastIndex = 0
  for (let match = beginning.exec(unwrapped); match !== null; match = beginning.exec(unwrapped)) {
    const to = endOf(unwrapped, match.index, beginning.lastIndex)
    cuts.push({ from: match.index, to })
    beginning.lastIndex = to
  }
  cuts.sort((a, b) => a.from - b.from)
  return leaveOut(unwrapped, withEmptyPairs(unwrapped, cuts)).trim()
}

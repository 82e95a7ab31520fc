/** Removes web addresses from prose. */

/** `http(s)://` with escaped or percent-encoded slashes, or `www.`; ends at white space, quotes and closing brackets. */
const address = /(?:https?(?::\\?\/\\?\/|%3a%2f%2f)|(?<![\p{L}\p{N}_.])www\.(?=[\p{L}\p{N}]))[^\s<>"'“”‘’)\]}|`]*/giu

/** `[text](target)`, or an image when an exclamation mark precedes it. */
const markdown = /(!?)\[([^\][\n]{0,1000})\]\(([^()\s]{0,4000})\)/g

const isAddress = /^<?(?:https?:|www\.|%)/i

/** Punctuation that ends a sentence, not an address. */
const trailing = /[.,;:!?…]+$/

/**
 * Links in Markdown become their text, embedded images vanish, bare addresses vanish together with one of the blanks
 * around them. Line breaks stay. Never fails, whatever the text.
 */
export const removeLinks = (text: string): string => {
  if (!/https?|www\./i.test(text) && !text.includes("](")) return text
  const unwrapped = text.includes("](")
    ? text.replace(markdown, (whole, image: string, label: string, target: string) =>
        image === "!" ? "" : isAddress.test(target) ? (isAddress.test(label) ? "" : label) : whole,
      )
    : text
  let out = ""
  let from = 0
  for (const match of unwrapped.matchAll(address)) {
    const found = match[0].replace(trailing, "")
    // A bare scheme is kept with whatever surrounds it only if it holds nothing: there is nothing to leave out.
    const start = match.index
    let end = start + found.length
    let before = unwrapped.slice(from, start)
    const after = unwrapped[end]
    if (before.endsWith(" ") || (before === "" && from === 0)) {
      if (after === " ") end++
      else if (after === undefined || after === "\n" || /[.,;:!?]/.test(after))
        before = before.trimEnd() === "" ? before : before.replace(/(?<! ) +$/, "")
    }
    out += before
    from = end
  }
  return (out + unwrapped.slice(from)).trim()
}

/** Removes `@name` mentions. */

/** A mention follows no word character (`a@b.com` is an address) and ends at the first that is none. */
const mention = /(?<![\p{L}\p{N}_@.])@[\p{L}\p{N}_][\p{L}\p{N}_]{0,63}(?:['’]s(?![\p{L}\p{N}_]))?/gu

/** Mentions with one of the blanks around them; a possessive goes with its name. */
export const removeMentions = (text: string): string => {
  if (!text.includes("@")) return text
  let out = ""
  let from = 0
  for (const match of text.matchAll(mention)) {
    const start = match.index
    let end = start + match[0].length
    let before = text.slice(from, start)
    const atStart = before === "" ? out === "" || /\s$/.test(out) : /\s$/.test(before)
    if (atStart && text[end] === " ") end++
    else if (before.endsWith(" ") && (text[end] === undefined || /[\s,.?!:;]/.test(text[end] as string)))
      before = before.slice(0, -1)
    out += before
    from = end
  }
  return (out + text.slice(from)).trim()
}

/** Names and their placeholders, both ways. */

/** Puts known names in place of `{{char}}` and `{{user}}`; what is unknown stays. */
export const replaceNames = (
  text: string,
  names: { readonly char?: string | undefined; readonly user?: string | undefined },
): string =>
  text.includes("{{")
    ? text.replace(
        /\{\{(char|user)\}\}/gi,
        (found: string, name: string) => names[name.toLowerCase() as "char" | "user"] ?? found,
      )
    : text

const wordChar = /[\p{L}\p{N}_]/u

/** The text as a pattern of a regular expression with the `u` flag, which forbids needless escapes. */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, (c) => `\\${c}`)

/**
 * Compiles a replacer of whole names, whatever their case. A name's edge needs a word boundary only where the name
 * itself begins or ends with a word character. Longer names win; one pass over the text.
 */
export const compileNameReplacer = (
  names: ReadonlyArray<readonly [name: string, replacement: string]>,
): ((text: string) => string) => {
  const byName = new Map<string, string>()
  for (const [name, replacement] of names) {
    const key = name.trim().toLowerCase()
    if (key !== "" && !byName.has(key)) byName.set(key, replacement)
  }
  if (byName.size === 0) return (text) => text
  const sorted = [...byName.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const pattern = new RegExp(
    sorted
      .map((name) => {
        const last = wordChar.test(Array.from(name).at(-1) as string) ? "(?![\\p{L}\\p{N}_])" : ""
        return escapeRegExp(name) + last
      })
      .join("|"),
    "giu",
  )
  const wordBefore = /[\p{L}\p{N}_]$/u
  return (text) => {
    // Most texts hold no name: looking for them as they are is far cheaper than the pattern.
    const lower = text.toLowerCase()
    if (!sorted.some((name) => lower.includes(name))) return text
    let out = ""
    let from = 0
    pattern.lastIndex = 0
    // The boundary before a name is checked here: a look-behind would be tried at every place of the text.
    for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
      const { 0: found, index } = hit
      if (wordChar.test(firstOf(found)) && wordBefore.test(text.slice(Math.max(0, index - 2), index))) {
        pattern.lastIndex = index + firstOf(found).length
        continue
      }
      out += text.slice(from, index) + (byName.get(found.toLowerCase()) ?? found)
      from = index + found.length
    }
    return from === 0 ? text : out + text.slice(from)
  }
}

const firstOf = (text: string): string => String.fromCodePoint(text.codePointAt(0) as number)

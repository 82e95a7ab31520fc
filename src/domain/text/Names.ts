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

/** A name that was found, and which of those that are looked for. */
export interface NameHit {
  readonly from: number
  readonly to: number
  readonly name: number
}

/**
 * Compiles a finder of whole names, whatever their case. A name's edge needs a word boundary only where the name itself
 * begins or ends with a word character. Longer names win; one pass over the text. Of two that are the same in lower case
 * the first is found; blank ones never are.
 */
export const compileNameFinder = (names: ReadonlyArray<string>): ((text: string) => ReadonlyArray<NameHit>) => {
  const byName = new Map<string, number>()
  names.forEach((name, i) => {
    const key = name.trim().toLowerCase()
    if (key !== "" && !byName.has(key)) byName.set(key, i)
  })
  if (byName.size === 0) return () => none
  const sorted = [...byName.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  let pattern: RegExp | undefined
  return (text) => {
    // Most texts hold no name: looking for them as they are is far cheaper than the pattern.
    const lower = text.toLowerCase()
    if (!sorted.some((name) => lower.includes(name))) return none
    pattern ??= patternOf(sorted)
    pattern.lastIndex = 0
    const hits: Array<NameHit> = []
    // The boundary before a name is checked here: a look-behind would be tried at every place of the text.
    for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
      const { 0: found, index } = hit
      if (wordChar.test(firstOf(found)) && wordBefore.test(text.slice(Math.max(0, index - 2), index))) {
        pattern.lastIndex = index + firstOf(found).length
        continue
      }
      const name = byName.get(found.toLowerCase())
      if (name !== undefined) hits.push({ from: index, to: index + found.length, name })
    }
    return hits
  }
}

const patternOf = (names: ReadonlyArray<string>): RegExp =>
  new RegExp(
    names
      .map((name) => {
        const last = wordChar.test(Array.from(name).at(-1) as string) ? "(?![\\p{L}\\p{N}_])" : ""
        return escapeRegExp(name) + last
      })
      .join("|"),
    "giu",
  )

const none: ReadonlyArray<NameHit> = []
const wordBefore = /[\p{L}\p{N}_]$/u

const firstOf = (text: string): string => String.fromCodePoint(text.codePointAt(0) as number)

/** Compiles a replacer of whole names, as {@link compileNameFinder} finds them. What is put in is not looked at again. */
export const compileNameReplacer = (
  names: ReadonlyArray<readonly [name: string, replacement: string]>,
): ((text: string) => string) => {
  const find = compileNameFinder(names.map(([name]) => name))
  return (text) => {
    const hits = find(text)
    if (hits.length === 0) return text
    let out = ""
    let last = 0
    for (const { from, name, to } of hits) {
      out += text.slice(last, from) + (names[name] as readonly [string, string])[1]
      last = to
    }
    return out + text.slice(last)
  }
}

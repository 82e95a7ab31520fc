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

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, (c) => `\\${c}`)

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
        const first = wordChar.test(Array.from(name)[0] as string) ? "(?<![\\p{L}\\p{N}_])" : ""
        const last = wordChar.test(Array.from(name).at(-1) as string) ? "(?![\\p{L}\\p{N}_])" : ""
        // A hyphen needs no escape outside a class, and the `u` flag forbids one.
        return first + escapeRegExp(name).replaceAll("\\-", "-") + last
      })
      .join("|"),
    "giu",
  )
  return (text) => text.replace(pattern, (found) => byName.get(found.toLowerCase()) ?? found)
}

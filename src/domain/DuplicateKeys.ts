/** Finds a key that stands twice in one object of a JSON text, which a parser passes over without a word. */

const quote = 34
const backslash = 92

/** The first such key as it is written, or undefined. The text has to be JSON; one pass. */
export const duplicateKey = (text: string): string | undefined => {
  /** Keys of the objects that are open; undefined stands for an array. */
  const open: Array<Set<string> | undefined> = []
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const from = at + 1
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++
      const keys = open[open.length - 1]
      if (!isKey || keys === undefined) continue
      isKey = false
      const raw = text.slice(from, at)
      const key = raw.includes("\\") ? (JSON.parse(`"${raw}"`) as string) : raw
      if (keys.has(key)) return key
      keys.add(key)
    } else if (code === 123) {
      open.push(new Set())
      isKey = true
    } else if (code === 91) open.push(undefined)
    else if (code === 125 || code === 93) open.pop()
    else if (code === 44) isKey = open[open.length - 1] !== undefined
  }
  return undefined
}

/** Finds what a person probably meant. */

/** Levenshtein distance, ignoring case; both texts are cut at 64 characters. */
const distance = (left: string, right: string): number => {
  const a = left.slice(0, 64).toLowerCase()
  const b = right.slice(0, 64).toLowerCase()
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, (previous[j - 1] as number) + change))
    }
    previous = row
  }
  return previous[b.length] as number
}

/** The known name nearest to `name`, if it is near at all: within a third of its length, or one inside the other. */
export const nearest = (name: string, known: ReadonlyArray<string>): string | undefined => {
  let best: string | undefined
  let score = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const a = name.toLowerCase()
    const b = candidate.toLowerCase()
    const inside = a.length >= 4 && (b.includes(a) || a.includes(b))
    const value = inside ? Math.min(2, distance(name, candidate)) : distance(name, candidate)
    if (value < score && value <= Math.max(2, Math.ceil(candidate.length / 3))) {
      best = candidate
      score = value
    }
  }
  return best
}

/** ` Did you mean "x"?`, or the list of what is known, or nothing. */
export const suggestion = (name: string, known: ReadonlyArray<string>): string => {
  const near = nearest(name, known)
  if (near !== undefined) return ` Did you mean "${near}"?`
  return known.length === 0 ? "" : ` Known: ${known.join(", ")}.`
}

/** Names and paths against patterns: `*` stands for anything within a name, `**` for any folders. */

/** Linear matching of one name against a pattern with `*`, which stands for anything. */
export const matchName = (pattern: string, name: string): boolean => {
  let p = 0
  let n = 0
  let star = -1
  let mark = 0
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === "*") {
      star = p++
      mark = n
    } else if (p < pattern.length && pattern[p] === name[n]) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (pattern[p] === "*") p++
  return p === pattern.length
}

/** A whole path with `/`, part by part. `**` stands for any number of folders, none as well. */
export const matchPath = (pattern: string, path: string): boolean => {
  const wanted = pattern.split("/")
  const parts = path.split("/")
  /** Which beginnings of the pattern the parts so far fit: in proportion to pattern and path, whatever they are. */
  let fits = reach(new Set([0]), wanted)
  for (const part of parts) {
    const next = new Set<number>()
    for (const at of fits) {
      const one = wanted[at]
      if (one === undefined) continue
      if (one === "**") {
        next.add(at)
        if (at === wanted.length - 1) next.add(at + 1)
      } else if (matchName(one, part)) next.add(at + 1)
    }
    fits = reach(next, wanted)
  }
  return fits.has(wanted.length)
}

/** `**` may stand for nothing. */
const reach = (from: ReadonlySet<number>, wanted: ReadonlyArray<string>): Set<number> => {
  const all = new Set(from)
  // What is added while it is gone through is gone through as well.
  for (const at of all) if (wanted[at] === "**" && at < wanted.length - 1) all.add(at + 1)
  return all
}

/** The paths that the first pattern with a match fits, sorted by code unit. */
export const firstMatches = (patterns: ReadonlyArray<string>, paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  for (const pattern of patterns) {
    const found = paths.filter((path) => matchPath(pattern, path))
    if (found.length > 0) return found.sort((a, b) => (a < b ? -1 : 1))
  }
  return []
}

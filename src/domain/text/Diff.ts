/**
 * What changed between two texts, by words, for a person to see. Myers, "An O(ND) difference algorithm and its
 * variations" (1986), up to a number of changes; beyond it the middle of both texts is told as one change.
 */

export interface Change {
  readonly kind: "same" | "removed" | "added"
  readonly text: string
}

/** Changes that are told one by one. Bounds time and memory: texts of any length are compared in O(length x this). */
const maxChanges = 120

const wordsOf = (text: string): ReadonlyArray<string> =>
  text.match(/\s+|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? []

/** The steps of a shortest way from `a` to `b`; undefined when it takes too many. */
const shortest = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<Change> | undefined => {
  const most = Math.min(maxChanges, a.length + b.length)
  const reached = new Int32Array(2 * most + 2).fill(-1)
  const at = (k: number): number => k + most
  const trail: Array<Int32Array> = []
  reached[at(1)] = 0
  for (let d = 0; d <= most; d++) {
    trail.push(Int32Array.from(reached))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reached[at(k - 1)] as number) < (reached[at(k + 1)] as number))
      let x = down ? (reached[at(k + 1)] as number) : (reached[at(k - 1)] as number) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reached[at(k)] = x
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trail, d, at)
    }
  }
  return undefined
}

const walkBack = (
  a: ReadonlyArray<string>,
  b: ReadonlyArray<string>,
  trail: ReadonlyArray<Int32Array>,
  changes: number,
  at: (k: number) => number,
): ReadonlyArray<Change> => {
  const out: Array<Change> = []
  let x = a.length
  let y = b.length
  for (let d = changes; d >= 0; d--) {
    const reached = trail[d] as Int32Array
    const k = x - y
    const down = k === -d || (k !== d && (reached[at(k - 1)] as number) < (reached[at(k + 1)] as number))
    const before = down ? k + 1 : k - 1
    const startX = d === 0 ? 0 : (reached[at(before)] as number)
    const startY = startX - before
    while (x > (d === 0 ? 0 : down ? startX : startX + 1) && y > (d === 0 ? 0 : down ? startY + 1 : startY)) {
      out.push({ kind: "same", text: a[--x] as string })
      y--
    }
    if (d === 0) break
    if (down) out.push({ kind: "added", text: b[--y] as string })
    else out.push({ kind: "removed", text: a[--x] as string })
  }
  return out.reverse()
}

/** Neighbours of one kind as one. */
const joined = (changes: ReadonlyArray<Change>): ReadonlyArray<Change> => {
  const out: Array<{ kind: Change["kind"]; text: string }> = []
  for (const { kind, text } of changes) {
    const last = out[out.length - 1]
    if (text === "") continue
    if (last?.kind === kind) last.text += text
    else out.push({ kind, text })
  }
  return out
}

/** The way from one text to another. Joined, what is same and removed gives `before`, and same and added `after`. */
export const diff = (before: string, after: string): ReadonlyArray<Change> => {
  const a = wordsOf(before)
  const b = wordsOf(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const middleA = a.slice(start, a.length - end)
  const middleB = b.slice(start, b.length - end)
  return joined([
    { kind: "same", text: a.slice(0, start).join("") },
    ...(shortest(middleA, middleB) ?? [
      { kind: "removed" as const, text: middleA.join("") },
      { kind: "added" as const, text: middleB.join("") },
    ]),
    { kind: "same", text: a.slice(a.length - end).join("") },
  ])
}

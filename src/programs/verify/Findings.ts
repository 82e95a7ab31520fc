/** What is not as it should be, told one by one up to a number of each kind. */
import { causeText } from "../../domain/Cause.ts"
import { evidence } from "../../domain/Rejection.ts"

/** One thing that is not as it should be. */
export interface Finding {
  readonly file: string
  /** 1-based. */
  readonly line?: number
  readonly what: string
  readonly expected?: string | number
  readonly actual?: string | number
}

export interface Findings {
  readonly add: (finding: Finding) => void
  readonly addAll: (other: Findings) => void
  readonly list: () => ReadonlyArray<Finding>
  readonly count: () => number
}

/** Findings of one kind in one file that are told one by one. */
const maxOfAKind = 20

export const makeFindings = (): Findings => {
  const list: Array<Finding> = []
  const kinds = new Map<string, { readonly file: string; readonly what: string; count: number }>()
  let count = 0
  const many = (finding: Finding, times: number): void => {
    const { file, what } = finding
    const key = JSON.stringify([file, what])
    const kind = kinds.get(key) ?? { file, what, count: 0 }
    kinds.set(key, kind)
    if (kind.count < maxOfAKind) list.push(finding)
    kind.count += times
    count += times
  }
  const rest = () =>
    [...kinds.values()].flatMap((kind): ReadonlyArray<Finding & { readonly more: number }> => {
      const more = kind.count - maxOfAKind
      return more <= 0 ? [] : [{ file: kind.file, what: `${kind.what} (${more} more of them)`, more }]
    })
  return {
    add: (finding) => many(finding, 1),
    addAll: (other) => {
      for (const finding of other.list()) many(finding, 1)
      count += other.count() - other.list().length
    },
    list: () => [...list, ...rest().map(({ more: _, ...finding }) => finding)],
    count: () => count,
  }
}

export const detailOf = (cause: unknown): string => evidence(causeText(cause))

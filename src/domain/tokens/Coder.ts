/** What turns text into tokens. */

/** Tokens of a text. Pure: the same text has the same tokens, whatever came before. */
export interface Coder {
  readonly count: (text: string) => number
  /** The numbers of the tokens, in order. Absent where there are none: an estimate, a counter of an app's own. */
  readonly encode?: (text: string) => ReadonlyArray<number>
}

/**
 * The vocabulary of a model. Its own two functions take what somebody wrote: what spells a special token there is text.
 * `rendered` takes what a chat template made, where it is that token.
 */
export interface Tokenizer extends Coder {
  readonly rendered: Coder
  /** Special tokens (begin, end, marks of turns) with their numbers. */
  readonly special: ReadonlyMap<string, number>
}

/** Matches any of these, the longest first; undefined for none. */
export const patternOf = (literals: Iterable<string>): RegExp | undefined => {
  const sorted = [...literals].filter((literal) => literal !== "").sort((a, b) => b.length - a.length)
  if (sorted.length === 0) return undefined
  return new RegExp(sorted.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu")
}

/** Adds the special tokens to a coder of plain text: what stands between them is coded piece by piece. */
export const withSpecial = (plain: Required<Coder>, special: ReadonlyMap<string, number>): Required<Coder> => {
  const pattern = patternOf(special.keys())
  if (pattern === undefined) return plain
  const encode = (text: string): ReadonlyArray<number> => {
    const ids: Array<number> = []
    let from = 0
    const put = (to: number): void => {
      if (to > from) for (const id of plain.encode(text.slice(from, to))) ids.push(id)
    }
    for (const { 0: token, index } of text.matchAll(pattern)) {
      put(index)
      ids.push(special.get(token) as number)
      from = index + token.length
    }
    put(text.length)
    return ids
  }
  const count = (text: string): number => {
    let tokens = 0
    let from = 0
    for (const { 0: token, index } of text.matchAll(pattern)) {
      tokens += plain.count(text.slice(from, index)) + 1
      from = index + token.length
    }
    return tokens + plain.count(from === 0 ? text : text.slice(from))
  }
  return { count, encode }
}

/**
 * Lists of phrases with weights, as the data files in `assets/phrases` hold them: sections that are headed by
 * `[category weight]` or `[category weight within N]`, alternatives in parentheses, and names for alternatives that come
 * again and again.
 */
import { compilePhrases, expandPhrase, foldPhrase } from "./Phrases.ts"

export interface Category {
  readonly name: string
  /** What a hit counts for; a text whose categories come to 1 is what the list tells of. */
  readonly weight: number
  /** A phrase counts only if it begins this near to the beginning, in characters. */
  readonly within: number
}

export interface PhraseList {
  readonly categories: ReadonlyArray<Category>
  /** Phrases, and the beginnings that `rests` go on from. */
  readonly heads: ReadonlyArray<{ readonly phrase: string; readonly category?: string; readonly rests?: string }>
  /** By name: what may follow any of the heads that name it. */
  readonly rests: ReadonlyMap<string, ReadonlyArray<{ readonly phrase: string; readonly category: string }>>
}

const heading = /^\[([a-z]+) (\d+(?:\.\d+)?)(?: within (\d+))?\]$/
const definition = /^([a-z' ]+) = (.+)$/

/** A name; alone between the bars of a group its alternatives join those of the group. */
const use = /([(|]?)\{([^{}]*)\}([|)]?)/

/** A line that begins with a name: its alternatives times what follows would be thousands of phrases. */
const headed = /^\{([^{}]*)\} (.+)$/

/**
 * Reads the lines of a list. Throws for what is no list: the files are the package's own, and a test reads each. A phrase
 * that several lines stand for is in the category of the first.
 */
export const parsePhraseList = (lines: ReadonlyArray<string>): PhraseList => {
  const named = new Map<string, ReadonlyArray<string>>()
  const categories: Array<Category> = []
  const whole = new Map<string, string>()
  const rests = new Map<string, Map<string, string>>()
  const namedOf = (name: string, line: string): ReadonlyArray<string> => {
    const alternatives = named.get(name)
    if (alternatives === undefined) throw new Error(`nothing is named {${name}} yet: ${line}`)
    return alternatives
  }
  const expandNames = (line: string): string => {
    const hit = use.exec(line)
    if (hit === null) return line
    const [, before = "", name = "", after = ""] = hit
    const alternatives = namedOf(name, line).join("|")
    const group = before !== "" && after !== "" ? alternatives : `(${alternatives})`
    const from = hit.index + before.length
    return expandNames(line.slice(0, from) + group + line.slice(from + name.length + 2))
  }
  const add = (phrases: Map<string, string>, line: string, category: string): void => {
    for (const phrase of expandPhrase(expandNames(line))) {
      const folded = foldPhrase(phrase)
      if (!phrases.has(folded)) phrases.set(folded, category)
    }
  }
  for (const line of lines) {
    const [, category, weight, within] = heading.exec(line) ?? []
    if (category !== undefined) {
      categories.push({ name: category, weight: Number(weight), within: Number(within ?? Infinity) })
      continue
    }
    const [, name, alternatives] = definition.exec(line) ?? []
    if (name !== undefined) {
      named.set(
        name,
        (alternatives as string).split("|").flatMap((one) => expandPhrase(expandNames(one))),
      )
      continue
    }
    const now = categories.at(-1)
    if (now === undefined) throw new Error(`a phrase without a category: ${line}`)
    const [, head, rest] = headed.exec(line) ?? []
    if (head === undefined) add(whole, line, now.name)
    else {
      namedOf(head, line)
      const known = rests.get(head) ?? new Map<string, string>()
      rests.set(head, known)
      add(known, rest as string, now.name)
    }
  }
  const listed = (phrases: ReadonlyMap<string, string>) =>
    [...phrases].map(([phrase, category]) => ({ phrase, category }))
  return {
    categories,
    heads: [
      ...listed(whole),
      ...[...rests.keys()].flatMap((name) => namedOf(name, name).map((phrase) => ({ phrase, rests: name }))),
    ],
    rests: new Map([...rests].map(([name, phrases]) => [name, listed(phrases)])),
  }
}

/** Every phrase that a list stands for, folded, once. */
export const phrasesOf = (list: PhraseList): ReadonlyArray<{ readonly phrase: string; readonly category: string }> => {
  const categories = new Map<string, string>()
  const add = (phrase: string, category: string): void => {
    if (!categories.has(phrase)) categories.set(phrase, category)
  }
  for (const { category, phrase, rests } of list.heads) {
    if (category !== undefined) add(phrase, category)
    for (const rest of list.rests.get(rests ?? "") ?? []) add(`${phrase} ${rest.phrase}`, rest.category)
  }
  return [...categories].map(([phrase, category]) => ({ phrase, category }))
}

/** What a category of one list is called among those of several. */
export const joinedName = (list: string, name: string): string => `${list}/${name}`

/** Several lists as one; categories and names of rests are told apart by the list. */
export const joinLists = (lists: ReadonlyArray<{ readonly name: string; readonly list: PhraseList }>): PhraseList => ({
  categories: lists.flatMap(({ list, name }) =>
    list.categories.map((one) => ({ ...one, name: joinedName(name, one.name) })),
  ),
  heads: lists.flatMap(({ list, name }) =>
    list.heads.map(({ category, phrase, rests }) => ({
      phrase,
      ...(category === undefined ? {} : { category: joinedName(name, category) }),
      ...(rests === undefined ? {} : { rests: joinedName(name, rests) }),
    })),
  ),
  rests: new Map(
    lists.flatMap(({ list, name }) =>
      [...list.rests].map(
        ([rest, phrases]) =>
          [
            joinedName(name, rest),
            phrases.map(({ category, phrase }) => ({ phrase, category: joinedName(name, category) })),
          ] as const,
      ),
    ),
  ),
})

export interface ListHit {
  readonly phrase: string
  readonly category: string
  readonly start: number
  readonly end: number
}

/** Finds the phrases of a list, all hits in order of their end. One pass, and a few characters more at each head. */
export const compileList = (list: PhraseList): ((text: string) => ReadonlyArray<ListHit>) => {
  const heads = compilePhrases(list.heads.map(({ phrase }) => phrase))
  // Heads that fold to the same are found once: the automaton reports the first of them.
  const sharing = new Map<string, Array<number>>()
  list.heads.forEach(({ phrase }, i) => sharing.set(phrase, [...(sharing.get(phrase) ?? []), i]))
  const rests = new Map(
    [...list.rests].map(([name, phrases]) => [name, compilePhrases(phrases.map(({ phrase }) => phrase))] as const),
  )
  return (text) => {
    const hits: Array<ListHit> = []
    heads.visit(text, (found, start, end) => {
      const head = (list.heads[found] as (typeof list.heads)[number]).phrase
      for (const index of sharing.get(head) as ReadonlyArray<number>) {
        const { category, phrase, rests: name } = list.heads[index] as (typeof list.heads)[number]
        if (category !== undefined) hits.push({ phrase, category, start, end })
        const matcher = name === undefined ? undefined : rests.get(name)
        if (matcher === undefined) continue
        let at = end
        while (at < text.length && /\s/.test(text[at] as string)) at++
        const known = list.rests.get(name as string) as ReadonlyArray<{ phrase: string; category: string }>
        if (at > end)
          matcher.from(text, at, (rest, to) => {
            const one = known[rest] as (typeof known)[number]
            hits.push({ phrase: `${phrase} ${one.phrase}`, category: one.category, start, end: to })
            return false
          })
      }
      return false
    })
    return hits
  }
}

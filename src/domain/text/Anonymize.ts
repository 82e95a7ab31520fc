/**
 * Anonymises conversations: what tells who somebody is gives way to placeholders. The same person or value has the same
 * placeholder all through a record, so that a conversation stays one.
 */
import { createHash } from "node:crypto"
import { readList } from "../Assets.ts"
import { type Cut as Found, replaceAt } from "./Cuts.ts"
import {
  findAddresses,
  findCards,
  findEmails,
  findIbans,
  findKeys,
  findPhones,
  type Finder,
  mayHoldKeyOrGroup,
  mayHoldNumber,
} from "./Identifiers.ts"
import { compileNameFinder } from "./Names.ts"

export const anonymizeKinds = [
  /** Names of those who wrote: `{{char_0}}`, `{{char_1}}` .. */
  "names",
  /** `@name`, of anybody: the placeholder of the name. */
  "mentions",
  /** `[EMAIL_1]` .. */
  "emails",
  /** `[PHONE_1]` .. */
  "phones",
  /** Public network addresses and hardware addresses: `[ADDRESS_1]` .. */
  "addresses",
  /** Keys, tokens and passwords in addresses: `[KEY_1]` .. */
  "keys",
  /** Numbers of payment cards: `[CARD_1]` .. */
  "cards",
  /** `[IBAN_1]` .. */
  "ibans",
] as const

export type AnonymizeKind = (typeof anonymizeKinds)[number]

/** What was replaced, by kind. */
export type Replaced = { readonly [K in AnonymizeKind]?: number }

/** Replaces in the texts of one record. */
export interface Anonymizer {
  readonly text: (text: string) => string
  /** The name of a turn's speaker. */
  readonly speaker: (name: string) => string
  /**
   * An identifier: a hash stands in place of what was found, so that identifiers stay apart. A hash of a known value can be
   * computed again, so it tells the same record from others but does not hide who it is from somebody who has a guess.
   */
  readonly identifier: (id: string) => string
  readonly replaced: Replaced
}

interface KindFinder {
  readonly kind: AnonymizeKind
  readonly label: string
  readonly find: Finder
  /** What must be in a text for it to be worth looking. */
  readonly needs: "sign" | "number" | "group" | "key"
}

/** In order of precedence, where two overlap. */
const finders: ReadonlyArray<KindFinder> = [
  { kind: "keys", label: "KEY", find: findKeys, needs: "key" },
  { kind: "emails", label: "EMAIL", find: findEmails, needs: "sign" },
  { kind: "ibans", label: "IBAN", find: findIbans, needs: "number" },
  { kind: "cards", label: "CARD", find: findCards, needs: "number" },
  { kind: "addresses", label: "ADDRESS", find: findAddresses, needs: "group" },
  { kind: "phones", label: "PHONE", find: findPhones, needs: "number" },
]

// -------------------------------------------------------------------------------------------------------------- people

/** Speakers that are nobody, or a role. */
const nobody =
  /^(?:you|me|user|users|human|person|guest|admin|assistant|ai|bot|chatbot|gpt|chatgpt|model|system|narrator|character|char|anon|anonymous|unknown|none|null|deleted|\[deleted\]|\{\{.*\}\}|\p{N}{1,4})$/iu

let ordinary: ReadonlySet<string> | undefined
/** Words that are also names or nicknames: in lower case they are no name. */
const isOrdinary = (name: string): boolean =>
  (ordinary ??= new Set(readList("anonymize/ordinary_words.txt"))).has(name.toLowerCase())

/** A person who was found in a text. */
interface PersonHit extends Found {
  readonly person: number
}

/** Whether a name says who somebody is. */
export const isPersonal = (name: string): boolean => {
  const trimmed = name.trim()
  return trimmed.length > 1 && !nobody.test(trimmed)
}

/**
 * Compiles a finder of people by their names, as whole words in any case. A name that is also an ordinary word (`Hope`,
 * `may`) counts only where it is written as its owner writes it, with a capital, and no sentence begins with it.
 */
export const compilePeopleFinder = (people: ReadonlyArray<string>): ((text: string) => ReadonlyArray<PersonHit>) => {
  const usable = people.map((name) => (isPersonal(name) ? name : ""))
  const find = compileNameFinder(usable)
  const words = usable.map((name) => name !== "" && isOrdinary(name.trim()))
  const asFound = ({ from, name, to }: { from: number; name: number; to: number }): PersonHit => ({
    from,
    to,
    person: name,
  })
  if (!words.includes(true)) return (text) => find(text).map(asFound)
  return (text) =>
    find(text)
      .filter(
        ({ from, name, to }) =>
          words[name] !== true ||
          (text.slice(from, to) === (usable[name] as string).trim() &&
            /\p{Lu}/u.test(usable[name] as string) &&
            !/(?:^|[.!?…"”“*\n]\s{0,3})$/.test(text.slice(Math.max(0, from - 4), from))),
      )
      .map(asFound)
}

// ------------------------------------------------------------------------------------------------------------- mentions

const handle = /@[\p{L}\p{N}_]{1,64}(?:[.-](?=[\p{Ll}\p{N}_])[\p{L}\p{N}_]{1,64}){0,8}/uy
const before = /[\p{L}\p{N}_@./`\]}]$/u

let kept: ReadonlySet<string> | undefined
/** Calls to all, and words of programs. */
const isKept = (name: string): boolean => (kept ??= new Set(readList("anonymize/mention_keep.txt"))).has(name)

/** A declaration below a decorator: its sign mentions nobody. */
const declaration =
  /^[^\n]{0,200}\n\s{0,40}(?:def|class|async|public|private|protected|static|function|export|fun|interface|@)/

/** Deepest indentation of a decorator. */
const maxIndent = 40

/** What follows a variable or a call. */
const inCode = /^(?:[({`@/\\=]| ?=|;)/

/** Mentions of anybody outside code. */
export const findMentions: Finder = (text) => {
  const all: Array<Found> = []
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (before.test(text.slice(Math.max(0, at - 2), at))) continue
    handle.lastIndex = at
    const found = handle.exec(text)?.[0]
    if (found === undefined) continue
    const name = found.slice(1)
    // "@5pm", "@_@", "@w@": a time, faces.
    if (!/\p{L}.*[\p{L}\p{N}]/u.test(name) || /^\p{N}+\p{L}{1,2}$/u.test(name)) continue
    const to = at + found.length
    if (inCode.test(text.slice(to, to + 2)) || isKept((/^[\p{L}\p{N}_-]+/u.exec(name) ?? [name])[0].toLowerCase()))
      continue
    // Alone on a line that is indented, or above a declaration: a decorator.
    const indent = /(?:^|\n)([^\S\n]*)$/.exec(text.slice(Math.max(0, at - maxIndent), at))?.[1]
    if (indent !== undefined && (at <= maxIndent || indent.length < maxIndent)) {
      if (indent.length > 1 && /^[^\S\n]*(?:\n|$)/.test(text.slice(to, to + 40))) continue
      if (declaration.test(text.slice(to, to + 260))) continue
    }
    all.push({ from: at, to })
  }
  return all
}

const namesMentioned = (text: string): ReadonlyArray<string> =>
  findMentions(text).map(({ from, to }) => text.slice(from + 1, to))

// ------------------------------------------------------------------------------------------------------------ anonymise

interface Hit extends Found {
  readonly kind: AnonymizeKind
  readonly label: string
  /** Lower goes first where two overlap. */
  readonly rank: number
  /** What has the same placeholder. */
  readonly value: string
}

const none: ReadonlyArray<Hit> = []

/** The hits without those that overlap one of a lower rank; of equal ones the first stays. In order. Sorts what it is given. */
const apart = (hits: Array<Hit>): ReadonlyArray<Hit> => {
  if (hits.length < 2) return hits
  // Those of one kind are in order already.
  if (hits.some(({ from }, i) => i > 0 && from < (hits[i - 1] as Hit).from))
    hits.sort((a, b) => a.from - b.from || a.rank - b.rank)
  const chosen: Array<Hit> = []
  for (const hit of hits) {
    const last = chosen[chosen.length - 1]
    if (last === undefined || hit.from >= last.to) chosen.push(hit)
    else if (hit.rank < last.rank) chosen[chosen.length - 1] = hit
  }
  return chosen
}

/** Separators do not tell two values apart. */
const valueOf = (kind: AnonymizeKind, found: string): string =>
  kind === "keys"
    ? found
    : kind === "emails" || kind === "addresses"
      ? found.toLowerCase()
      : found.replace(/[ ().+-]/g, "").toUpperCase()

/** A nickname that is no word: what is mentioned so is the same person without the sign. */
const isNickname = (name: string): boolean => /[\p{N}_]|\p{Ll}\p{Lu}/u.test(name)

/**
 * Compiles anonymising. What comes out is for one record: it is given the names of those who wrote, in order of their
 * first appearance; their placeholders are numbered so. Its texts tell who else is mentioned in it.
 */
export const compileAnonymizer = (
  kinds: ReadonlyArray<AnonymizeKind>,
): ((people: ReadonlyArray<string>, texts?: ReadonlyArray<string>) => Anonymizer) => {
  const chosen = finders.map((finder, rank) => ({ ...finder, rank })).filter(({ kind }) => kinds.includes(kind))
  const names = kinds.includes("names")
  const mentions = kinds.includes("mentions")
  return (people, texts = []) => {
    const mentioned = mentions && names ? texts.filter((text) => text.includes("@")).flatMap(namesMentioned) : []
    const writers = mentioned.length === 0 ? people : [...new Set([...people, ...mentioned.filter(isNickname)])]
    const replaced: { [K in AnonymizeKind]?: number } = {}
    const findPeople = names ? compilePeopleFinder(writers) : () => []
    const values = new Map<string, string>()
    const counts = new Map<string, number>()
    const persons = new Map<string, number>()
    writers.forEach((name) => {
      const key = name.trim().toLowerCase()
      if (!persons.has(key)) persons.set(key, persons.size)
    })
    const personOf = (name: string): string => {
      const key = name.trim().toLowerCase()
      let number = persons.get(key)
      if (number === undefined) {
        number = persons.size
        persons.set(key, number)
      }
      return `{{char_${number}}}`
    }
    const placeholderOf = ({ kind, label, value }: Hit): string => {
      if (kind === "names" || kind === "mentions") return personOf(value)
      const key = `${label} ${value}`
      let placeholder = values.get(key)
      if (placeholder === undefined) {
        const number = (counts.get(label) ?? 0) + 1
        counts.set(label, number)
        placeholder = `[${label}_${number}]`
        values.set(key, placeholder)
      }
      return placeholder
    }
    const find = (text: string): ReadonlyArray<Hit> => {
      const found = findPeople(text)
      const sign = text.includes("@")
      const number = mayHoldNumber(text)
      const rare = mayHoldKeyOrGroup(text)
      // As most texts are.
      if (!sign && !number && !rare && found.length === 0) return none
      const worth = { sign, number, group: number || rare, key: rare }
      const hits: Array<Hit> = []
      for (const { find: finder, kind, label, needs, rank } of chosen)
        if (worth[needs])
          for (const { from, to } of finder(text))
            hits.push({ from, to, kind, label, rank, value: valueOf(kind, text.slice(from, to)) })
      if (mentions && sign)
        for (const { from, to } of findMentions(text))
          hits.push({ from, to, kind: "mentions", label: "", rank: 8, value: text.slice(from + 1, to) })
      for (const { from, person, to } of found)
        hits.push({ from, to, kind: "names", label: "", rank: 9, value: writers[person] as string })
      return apart(hits)
    }
    const counted = (hit: Hit): string => {
      replaced[hit.kind] = (replaced[hit.kind] ?? 0) + 1
      return placeholderOf(hit)
    }
    const text = (given: string): string => replaceAt(given, find(given), counted)
    return {
      text,
      speaker: (name) =>
        names && persons.has(name.trim().toLowerCase()) && isPersonal(name) ? personOf(name) : text(name),
      identifier: (id) => replaceAt(id, find(id), ({ kind, value }) => `${kind}-${digest(value.toLowerCase())}`),
      replaced,
    }
  }
}

const digest = (value: string): string => createHash("sha256").update(value).digest("hex").slice(0, 12)

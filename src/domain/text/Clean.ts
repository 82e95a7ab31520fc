/** The clean-up of a message, as a set of named flags. */
import { repairMojibake, repairSurrogates } from "./Encoding.ts"
import {
  collapseBlankLines,
  decodeEntities,
  plainSpaces,
  removeControls,
  removeImages,
  straightenQuotes,
  tidyPunctuation,
  unifyLineBreaks,
} from "./Style.ts"

/** The flags in the order in which they are applied: repair first, style after. */
export const cleanFlagNames = [
  /** UTF-8 and Windows-1252 that were read in another encoding, decoded again. */
  "encoding",
  /** HTML character references, decoded. */
  "entities",
  /** All line breaks to LF. */
  "lineBreaks",
  /** Terminal escapes and control characters, removed. */
  "controls",
  /** Other spaces to the plain one, invisible characters removed, Unicode NFC. */
  "spaces",
  /** Curly quotes to straight ones. */
  "quotes",
  /** Embedded Markdown images, removed. */
  "images",
  /** Runs of marks and the spaces around them. */
  "punctuation",
  /** Any number of blank lines to one. */
  "newlines",
] as const

export type CleanFlag = (typeof cleanFlagNames)[number]

/** A flag that is absent is off. */
export type CleanFlags = { readonly [K in CleanFlag]?: boolean }

/** The named sets. Lone surrogates become U+FFFD in all of them: they cannot be written. */
export const cleanSets: { readonly original: CleanFlags; readonly chat: CleanFlags; readonly off: CleanFlags } = {
  original: {
    encoding: true,
    entities: true,
    lineBreaks: true,
    controls: true,
    spaces: true,
    quotes: true,
    images: true,
    punctuation: true,
    newlines: true,
  },
  chat: { encoding: true, controls: true, spaces: true },
  off: { encoding: true },
}

const steps: { readonly [K in CleanFlag]: (text: string) => string } = {
  encoding: repairMojibake,
  entities: decodeEntities,
  lineBreaks: unifyLineBreaks,
  controls: removeControls,
  spaces: (text) => plainSpaces(text.normalize("NFC")),
  quotes: straightenQuotes,
  images: removeImages,
  punctuation: tidyPunctuation,
  newlines: collapseBlankLines,
}

/** Plain ASCII without anything that a repair looks for. */
const isPlain = /^[\n\x20-\x7e]*$/

/** Flags that plain ASCII text cannot need. */
const forOther: ReadonlySet<CleanFlag> = new Set(["encoding", "lineBreaks", "controls", "spaces", "quotes"])

/** Compiles the clean-up. */
export const compileClean = (flags: CleanFlags): ((text: string) => string) => {
  const chosen = cleanFlagNames.filter((name) => flags[name] === true)
  const all = chosen.map((name) => steps[name])
  const plain = chosen.filter((name) => !forOther.has(name)).map((name) => steps[name])
  return (text) => {
    let out = repairSurrogates(text)
    for (const step of isPlain.test(out) ? plain : all) out = step(out)
    return out
  }
}

/** The clean-up of a message, as a set of named flags. */
import { repairControls, repairMojibake, repairSurrogates } from "./Encoding.ts"
import { isSuspicious } from "./Mangled.ts"
import {
  collapseBlankLines,
  composeMarks,
  decodeEntities,
  narrowWidth,
  plainSpaces,
  removeControls,
  removeImages,
  splitLigatures,
  straightenQuotes,
  tidyPunctuation,
  unifyLineBreaks,
} from "./Style.ts"

/** The flags in the order in which they are applied: repair first, style after. */
export const cleanFlags = {
  entities: "HTML character references, decoded",
  encoding: "UTF-8 that was read in another encoding, decoded again",
  c1: "C1 controls: bytes of Windows-1252 that were read as Latin-1, decoded",
  lineBreaks: "All line breaks to LF",
  controls: "Terminal escapes and control characters, removed",
  nfc: "Letters and the marks on them as one character (Unicode NFC)",
  ligatures: "Letters that are printed as one, such as `ﬁ`, apart",
  width: "Letters as wide as ideographs, such as `Ｈｉ`, to the usual ones",
  spaces: "Other spaces to the plain one, invisible characters removed",
  quotes: "Curly quotes to straight ones",
  images: "Embedded Markdown images, removed",
  punctuation: "Runs of marks and the spaces around them",
  newlines: "Any number of blank lines to one",
} as const

export type CleanFlag = keyof typeof cleanFlags

export const cleanFlagNames = Object.keys(cleanFlags) as ReadonlyArray<CleanFlag>

/** A flag that is absent is off. */
export type CleanFlags = { readonly [K in CleanFlag]?: boolean }

/** The named sets. Lone surrogates become U+FFFD in all of them: they cannot be written. */
export const cleanSets: { readonly original: CleanFlags; readonly chat: CleanFlags; readonly off: CleanFlags } = {
  original: {
    entities: true,
    encoding: true,
    c1: true,
    lineBreaks: true,
    controls: true,
    nfc: true,
    spaces: true,
    quotes: true,
    images: true,
    punctuation: true,
    newlines: true,
  },
  chat: { encoding: true, c1: true, controls: true, nfc: true, spaces: true },
  off: { encoding: true, c1: true },
}

const steps: { readonly [K in CleanFlag]: (text: string) => string } = {
  entities: decodeEntities,
  encoding: repairMojibake,
  c1: repairControls,
  lineBreaks: unifyLineBreaks,
  controls: removeControls,
  nfc: composeMarks,
  ligatures: splitLigatures,
  width: narrowWidth,
  spaces: plainSpaces,
  quotes: straightenQuotes,
  images: removeImages,
  punctuation: tidyPunctuation,
  newlines: collapseBlankLines,
}

/** What one of these puts right may be what another one looks for: they are repeated until nothing changes. */
const repairs: ReadonlySet<CleanFlag> = new Set(["entities", "encoding", "c1"])

/** How often, at most: each round undoes one more layer, and nobody has wrapped a text so often by accident. */
const maxRounds = 8

/** Plain ASCII without anything that a repair looks for. */
const isPlain = /^[\t\n\x20-\x7e]*$/

/** The flags that plain ASCII text can need; what stands there must be in it. */
const forPlain: ReadonlySet<CleanFlag> = new Set(["entities", "images", "punctuation", "newlines"])

/** Compiles the clean-up. */
export const compileClean = (flags: CleanFlags): ((text: string) => string) => {
  const chosen = cleanFlagNames.filter((name) => flags[name] === true)
  const repairing = chosen.filter((name) => repairs.has(name)).map((name) => steps[name])
  const styling = chosen.filter((name) => !repairs.has(name)).map((name) => steps[name])
  const plain = chosen.filter((name) => !repairs.has(name) && forPlain.has(name)).map((name) => steps[name])
  const decodes = chosen.includes("entities")
  return (text) => {
    let out = text
    let style = plain
    const isAscii = isPlain.test(text)
    if (!isAscii) out = repairSurrogates(text)
    const encoded = decodes && text.includes("&")
    if (!isAscii || encoded) style = styling
    if (encoded || (!isAscii && isSuspicious(out))) {
      for (let round = 0; round < maxRounds; round++) {
        const before = out
        for (const step of repairing) out = step(out)
        if (out === before) break
      }
    }
    for (const step of style) out = step(out)
    return out
  }
}

/**
 * Small, named steps that tidy the writing of a message. Each is linear in the length of the text, whatever the text.
 */
import { decodeHTMLStrict } from "entities"

/** Applies a step outside code (fences, back-ticks) and web addresses, which are no prose. */
const inProse = (text: string, step: (prose: string) => string): string => {
  if (!text.includes("`") && !text.includes("://")) return step(text)
  return text
    .split(/(```[^]*?(?:```|$)|`[^`\n]+`|(?<![a-z])[a-z]{2,10}:\/\/[^\s\\]+)/i)
    .map((part, i) => (i % 2 === 0 ? step(part) : part))
    .join("")
}

/** Character references (`&amp;`), up to the first line that holds a `<`: after it the text may be markup. */
export const decodeEntities = (text: string): string => {
  if (!text.includes("&")) return text
  const tag = text.indexOf("<")
  const end = tag < 0 ? text.length : text.lastIndexOf("\n", tag) + 1
  return (
    text.slice(0, end).replace(/&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});/g, decodeReference) +
    text.slice(end)
  )
}

/** A reference in capitals (`&EACUTE;`) stands in a text that was put in capitals. */
const decodeReference = (reference: string): string => {
  const decoded = decodeHTMLStrict(reference)
  if (decoded !== reference || !/^&[A-Z]+;$/.test(reference)) return decoded
  const small = reference.toLowerCase()
  const letter = decodeHTMLStrict(small)
  return letter === small ? reference : letter.toUpperCase()
}

/** All kinds of line breaks to `\n`. */
export const unifyLineBreaks = (text: string): string => text.replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")

/** Terminal escapes, control characters, and marks that only steer a display. Tabs and line breaks stay. */
export const removeControls = (text: string): string =>
  (text.includes("\u001b")
    ? text.replace(/\u001b(?:\[[0-9;:?]{0,32}[A-Za-z]|\][^\u0007\u001b\n]{0,256}(?:\u0007|\u001b\\))/g, "")
    : text
  ).replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufff9-\ufffc\u206a-\u206f\u200e\u200f\u202a-\u202e]/g,
    "",
  )

/** Curly quotes and apostrophes to straight ones. */
export const straightenQuotes = (text: string): string => text.replace(/[‘’‚‛]/g, "'").replace(/[“”„‟]/g, '"')

/**
 * Letters and the marks on them as one character (Unicode NFC). Bringing a row of marks into order takes time in proportion
 * to the square of its length, so a longer one than any language has (UAX #15 allows for 30) is taken in parts.
 */
export const composeMarks = (text: string): string => {
  if (!/[\u0300-\uffff]/.test(text)) return text
  if (text.length < 2000 || !/\p{M}{64}/u.test(text)) return text.normalize("NFC")
  return text.replace(/\P{M}*\p{M}{0,64}/gu, (part) => part.normalize("NFC"))
}

/** Letters that are printed as one, apart. */
export const splitLigatures = (text: string): string =>
  text.replace(/[ĲĳŉǄ-ǌǱ-ǳﬀ-ﬆ]/g, (letter) => letter.normalize("NFKC"))

/** Characters as wide or as narrow as no other of their alphabet, to the usual ones. */
export const narrowWidth = (text: string): string =>
  text.replace(/[\u3000\uff01-\uffef]/g, (letter) => letter.normalize("NFKC"))

// oxlint-disable-next-line no-misleading-character-class -- the code points themselves are meant
const emojiBefore = /(?:\ufe0f|[\p{Extended_Pictographic}\u{1f3fb}-\u{1f3ff}])$/u

/** Scripts that write letters differently for a joiner between them: it is part of the spelling. */
const joiningBefore =
  /[\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Arab}\p{scx=Syrc}\p{scx=Khmr}\p{scx=Mong}]$/u

/**
 * Space characters of other widths to a plain space, invisible ones removed. A zero-width joiner stays inside an emoji
 * sequence, which it holds together, and in the scripts that spell with it.
 */
export const plainSpaces = (text: string): string => {
  const spaced = text
    .replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, " ")
    .replace(/[\u200b\u2060\ufeff]/g, "")
  if (!spaced.includes("\u200d")) return spaced
  return spaced.replace(/\u200d+/g, (_joiner, at: number) => {
    const before = spaced.slice(Math.max(0, at - 2), at)
    return emojiBefore.test(before) || joiningBefore.test(before) ? "\u200d" : ""
  })
}

/** Any number of blank lines to one empty line; a line of blanks is blank too. */
export const collapseBlankLines = (text: string): string =>
  text.includes("\n\n\n") || text.includes("\n ") || text.includes("\n\t")
    ? text.replace(/\n[ \t\n]*\n/g, "\n\n")
    : text

const imageStart = /!\[[^\][\n]{0,1000}\]\(/g

/** Embedded Markdown images, with one paragraph break left where they stood on their own. */
export const removeImages = (text: string): string => {
  if (!text.includes("![")) return text
  let out = ""
  let from = 0
  let close = 0
  let lineEnd = 0
  for (const match of text.matchAll(imageStart)) {
    const at = match.index
    const target = at + match[0].length
    if (at < from) continue
    // Looked up again only where the last one is passed: many images that are never closed cost one search.
    if (close < target) close = indexOrEnd(text, ")", target)
    if (lineEnd < target) lineEnd = indexOrEnd(text, "\n", target)
    if (close === text.length || close > lineEnd) continue
    let end = close + 1
    while (text[end] === "\n") end++
    const breaks = end - close - 1
    const left =
      breaks === 0 || at === 0
        ? 0
        : text[at - 1] !== "\n"
          ? Math.min(breaks, 2)
          : text[at - 2] === "\n" || at === 1
            ? 0
            : 1
    out += text.slice(from, at) + "\n".repeat(left)
    from = end
  }
  return out + text.slice(from)
}

const indexOrEnd = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from)
  return found < 0 ? text.length : found
}

/** One look for what any of the steps below begins with: a mark, and then what is around it, for speed. */
const mayNeedPunctuation =
  /[.,?!…*-](?:(?<=\.)[.A-Z]|(?<=…)|(?<=-)-{3}|(?<=\*)\*{3}|(?<=!)!{3}|(?<= [.,?!])(?!\S)|(?<=[!?])[A-Z])/

/** Steps behind a cheap test: most messages need none, and a look-behind would be tried at every place. */
const punctuate = (text: string): string => {
  let out = text
  // Runs are shortened before anything is put between their marks.
  if (/\.{4}|-{4}|\*{4}|!{4}/.test(out))
    out = out
      .replace(/\.{4,}/g, "...")
      .replace(/-{4,}/g, "---")
      .replace(/\*{4,}/g, "***")
      .replace(/!{4,}/g, "!!!")
  if (out.includes("..") || out.includes("…"))
    out = out
      .replace(/(?<![ .]) {1,8}\.{2,3} +(?=\S)/g, "... ")
      .replace(/(?<=[\p{L}\p{N}])(?:\.\.\.?|…)(?=[\p{L}\p{N}])/gu, (dots) => (dots === "…" ? "… " : "... "))
  if (/ [.,?!](?!\S)/.test(out)) out = out.replace(/(?<=\S) ([.,?!])(?=\s|$)/g, "$1")
  if (/[!?][A-Z]/.test(out)) out = out.replace(/(?<=[a-z]{2})([!?])(?=[A-Z])/g, "$1 ")
  if (/\.[A-Z]/.test(out))
    out = out.replace(/(?<=[a-z]{2})\.(?=[A-Z])/g, (dot, at: number, whole: string) =>
      endsSentence(whole, at) ? ". " : dot,
    )
  return out
}

/**
 * Whether the dot at `at` ends a sentence: `He said.Yes` does, `asyncio.Queue` and `file.Name` do not. The word before
 * it must not stand alone, and what follows must be a plain word.
 */
const endsSentence = (text: string, at: number): boolean => {
  let start = at
  while (start > 0 && at - start < 40 && /[\p{L}\p{N}_'’-]/u.test(text[start - 1] as string)) start--
  if (start === 0 || text[start - 1] !== " " || !/\S/.test(text[start - 2] ?? "")) return false
  let end = at + 1
  while (end < text.length && end - at < 40 && /[\p{L}'’]/u.test(text[end] as string)) end++
  const after = text[end]
  if (
    after !== undefined &&
    /[\p{N}_.([<:/\\=@]/u.test(after) &&
    !(after === "." && !/[\p{L}\p{N}]/u.test(text[end + 1] ?? ""))
  )
    return false
  return !/[A-Z]/.test(text.slice(at + 2, end))
}

/** Runs of marks, spaces around ellipses and before marks, and a missing space between sentences. */
export const tidyPunctuation = (text: string): string =>
  mayNeedPunctuation.test(text) ? inProse(text, punctuate) : text

/** Runs of blanks inside a line to one; indentation stays. */
export const collapseSpaces = (text: string): string =>
  text.includes("  ") ? text.replace(/(?<=[^ \n]) {2,}/g, " ") : text

/** A path of Windows, on a drive or a server, up to the next blank: its backslashes separate names. */
const drivePath = String.raw`(?<![\p{L}\p{N}_])[A-Za-z]:\\[^\s"<>|*?]*`
const serverPath = String.raw`(?<!\S)\\\\(?!n)[\p{L}\p{N}][\p{L}\p{N}_.-]{0,254}\\(?!\\)[^\s"<>|*?]*`

const literal = /^\\{1,2}[n~-]$/

const literals = new RegExp(String.raw`${drivePath}|${serverPath}|(?<!\\)\\{1,2}[n~-]`, "gu")

/** `\n`, `\~` and `\-` that stand in the text as two characters, outside code and paths. */
export const unescapeLiterals = (text: string): string =>
  text.includes("\\")
    ? inProse(text, (prose) =>
        prose.replace(literals, (found) =>
          !literal.test(found) ? found : found.endsWith("n") ? "\n" : found.slice(-1),
        ),
      )
    : text

/**
 * A dash at the beginning of a line, followed by a space, where it is no list: two such lines one after another, blank
 * ones not counted, are a list and stay, and so do rules and signs.
 */
export const stripLeadingDash = (text: string): string => {
  if (!/[-–—](?<=(?:^|\n)\s?.) /.test(text)) return text
  const lines = text.split("\n")
  const written = lines.flatMap((line, i) => (/\S/.test(line) ? [i] : []))
  const dashed = written.map((i) => /^\s?[-–—] .*[^\s–—-]/.test(lines[i] as string))
  written.forEach((line, i) => {
    if (dashed[i] === true && dashed[i - 1] !== true && dashed[i + 1] !== true)
      lines[line] = (lines[line] as string).replace(/^\s?[-–—] +/, "")
  })
  return lines.join("\n")
}

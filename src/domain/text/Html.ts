/** HTML of forum posts to Markdown. */
import { Parser } from "htmlparser2"

export interface HtmlOptions {
  /** Changes text before it is written, e.g. replaces names: no mark-up has been added to it yet. */
  readonly replaceText?: (text: string) => string
  /** Quotes of other posts: left out (default), or kept as block quotes. */
  readonly quotes?: "drop" | "keep"
  /** Images: left out (default), or kept as `![alt](src)`. */
  readonly images?: "drop" | "keep"
  /** Links: their text (default), `[text](target)`, or nothing. */
  readonly links?: "unwrap" | "keep" | "drop"
}

/** Deeper nesting is taken as flat: no post needs it, and a hostile one must not cost more than its length. */
const maxDepth = 100

const silent = new Set([
  "script",
  "style",
  "noscript",
  "head",
  "title",
  "template",
  "button",
  "select",
  "iframe",
  "object",
  "svg",
])
/** Blocks that a blank line sets off; `div` and its like begin a line of their own only. */
const paragraphs = new Set([
  "p",
  "section",
  "article",
  "header",
  "footer",
  "main",
  "ul",
  "ol",
  "table",
  "blockquote",
  "pre",
  "details",
  "summary",
  "center",
  "dl",
  "figure",
  "form",
  "fieldset",
])
const lines = new Set(["div", "tr", "td", "th", "li", "dd", "dt", "address", "figcaption", "legend", "caption"])
const emphasis = new Map([
  ["b", "**"],
  ["strong", "**"],
  ["i", "*"],
  ["em", "*"],
  ["s", "~~"],
  ["del", "~~"],
  ["strike", "~~"],
])

/** Classes of quotes of other posts, in the forum software that does not write `blockquote`. */
const quoteClasses = new Set([
  "bbCodeBlock--quote",
  "bbcode_quote",
  "ipsQuote",
  "quote",
  "quoteheader",
  "quotetitle",
  "topslice_quote",
  "uncited",
])

/** Classes of what is no part of a post: thumbnails, signatures, notes on changes. */
const silentClasses = new Set(["bbImageWrapper", "message-signature", "message-lastEdit"])

/** Pictures that stand for characters: their text is what was written. */
const smileys = /(?:^|\s)(?:smilie|smiley|emoji|bbcode_smiley|ipsEmoji)(?:\s|$)/

interface Element {
  readonly name: string
  readonly attributes: { readonly [name: string]: string }
  readonly children: Array<Element | string>
}

/** What an element comes to: text on a line, line breaks, and blocks whose lines are final. */
type Piece =
  /** `mark`: the emphasis that it begins and ends with. */
  | { readonly kind: "text"; readonly text: string; readonly mark?: string }
  /** A break of a block is as large as the largest of its neighbours; hard ones (`br`) add up to a blank line. */
  | { readonly kind: "break"; readonly count: number; readonly hard: boolean }
  | { readonly kind: "raw"; readonly text: string }

/**
 * The parser's own stack costs more the deeper it is: tags that are opened a thousand deep are left out before it sees
 * them. Only looked at where there are tags enough.
 */
const limitDepth = (html: string): string => {
  if (html.split("<", 2001).length <= 2000) return html
  let depth = 0
  return html.replace(/<(\/?)([a-z][a-z0-9]{0,20})[^<>]{0,2000}>/gi, (tag, close: string, name: string) => {
    if (/^(?:br|hr|img|input|meta|link|wbr)$/i.test(name)) return tag
    if (close === "/") {
      depth = Math.max(0, depth - 1)
      return tag
    }
    return ++depth > 1000 ? "" : tag
  })
}

/** How often the mark's character stands at one end of the text, up to four times. */
const runLength = (text: string, from: number, step: 1 | -1, mark: string): number => {
  let length = 0
  while (length < 4 && text[from + length * step] === mark[0]) length++
  return length
}

/** A text between marks. One that brings the mark with it, as the author has typed it, is not marked again. */
const emphasise = (text: string, mark: string): string => {
  const has = (length: number): boolean => (mark.length === 2 ? length === 2 || length === 3 : length % 2 === 1)
  const marked = has(runLength(text, 0, 1, mark)) || has(runLength(text, text.length - 1, -1, mark))
  return mark !== "`" && marked ? text : mark + text + mark
}

/** The tree of a post. Elements below the greatest depth are taken as flat: their children go to those above. */
const parse = (html: string): Element => {
  const root: Element = { name: "", attributes: {}, children: [] }
  const stack: Array<Element> = [root]
  let ignored = 0
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (stack.length > maxDepth) {
          ignored++
          return
        }
        const element: Element = { name, attributes, children: [] }
        ;(stack[stack.length - 1] as Element).children.push(element)
        stack.push(element)
      },
      // Adjacent text nodes and entities are one text.
      ontext: (text) => {
        const { children } = stack[stack.length - 1] as Element
        const last = children.length - 1
        if (typeof children[last] === "string") children[last] += text
        else children.push(text)
      },
      onclosetag: () => {
        if (ignored > 0) ignored--
        else if (stack.length > 1) stack.pop()
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false },
  )
  parser.write(limitDepth(html))
  parser.end()
  return root
}

/** Adds a piece; what two elements mark without anything between them is marked once. */
const add = (pieces: Array<Piece>, piece: Piece): void => {
  const last = pieces[pieces.length - 1]
  if (piece.kind === "text" && last?.kind === "text" && piece.mark !== undefined && last.mark === piece.mark) {
    const { mark, text } = piece
    if (last.text.endsWith(mark) && text.startsWith(mark)) {
      const [left, right] = [runLength(last.text, last.text.length - 1, -1, mark), runLength(text, 0, 1, mark)]
      const shared = left === right ? left : mark.length
      // Both stay: a text that grew with each of many would be copied each time.
      pieces[pieces.length - 1] = { kind: "text", text: last.text.slice(0, -shared) }
      pieces.push({ kind: "text", text: text.slice(shared), mark })
      return
    }
  }
  pieces.push(piece)
}

const isBlank = (char: string | undefined): boolean => char === " " || char === "\u00a0"

/** Puts pieces onto lines, as a browser does: blanks collapse, and none stands at the beginning or end of a line. */
const lay = (pieces: ReadonlyArray<Piece>): string => {
  const done: Array<string> = []
  // Looking at the end of a text that is being put together would put it together each time.
  let line: Array<string> = []
  let spaced = false
  let owed = 0
  const breakLine = (): void => {
    if (owed === 0) return
    done.push(line.join("").trimEnd())
    if (owed > 1) done.push("")
    line = []
    owed = 0
  }
  for (const piece of pieces) {
    if (piece.kind === "break") {
      if (line.length > 0) owed = piece.hard ? Math.min(2, owed + 1) : Math.max(owed, piece.count)
      continue
    }
    if (piece.kind === "raw" && piece.text !== "" && line.length > 0) owed = Math.max(1, owed)
    let text = piece.text
    if (piece.kind === "text" && (line.length === 0 || owed > 0)) text = text.trimStart()
    else if (spaced && isBlank(text[0])) text = text.slice(1)
    if (text === "") continue
    breakLine()
    line.push(text)
    spaced = isBlank(text[text.length - 1])
  }
  done.push(line.join("").trimEnd())
  return done.join("\n")
}

/** Marks the text of each line; emphasis does not cross a line, nor reach into a block. */
const emphasiseAll = (pieces: ReadonlyArray<Piece>, mark: string): ReadonlyArray<Piece> => {
  const all: Array<Piece> = []
  let texts: Array<string> = []
  const flush = (): void => {
    const text = texts.join("").replace(/ {2,}/g, " ")
    texts = []
    const core = text.trim()
    if (core === "") {
      if (text !== "") all.push({ kind: "text", text: " " })
      return
    }
    const start = text.length - text.trimStart().length
    // Of all that looks like a blank here, one stays.
    const blank = (part: string): void => {
      if (part !== "") all.push({ kind: "text", text: part.includes("\u00a0") ? "\u00a0" : " " })
    }
    blank(text.slice(0, start))
    all.push({ kind: "text", text: emphasise(core, mark), mark })
    blank(text.slice(start + core.length))
  }
  for (const piece of pieces) {
    if (piece.kind === "text") texts.push(piece.text)
    else {
      flush()
      all.push(piece)
    }
  }
  flush()
  return all
}

/** Code between as many back-ticks as it does not hold itself. */
const fenced = (code: string, least: number): string => {
  let longest = 0
  for (const [run] of code.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return "`".repeat(longest < least ? least : longest + 1)
}

const textOf = (element: Element): string =>
  element.children
    .map((child) => (typeof child === "string" ? child : child.name === "br" ? "\n" : textOf(child)))
    .join("")

/** The language that a highlighter was told, of the element or of the `code` in it. */
const languageOf = (element: Element): string => {
  const inner = element.children.find((child): child is Element => typeof child !== "string" && child.name === "code")
  const told = [element, inner].map(
    (one) => `${one?.attributes["class"] ?? ""} lang-${one?.attributes["data-lang"] ?? ""}`,
  )
  return /(?:^|\s)lang(?:uage)?-([\w+#.-]{1,20})(?:\s|$)/.exec(told.join(" "))?.[1] ?? ""
}

/** Every line behind a prefix, the first one behind another. */
const indent = (text: string, first: string, others: string): string =>
  text
    .split("\n")
    .map((line, i) => (i === 0 ? first : others) + line)
    .map((line) => line.trimEnd())
    .join("\n")

const block = (text: string): ReadonlyArray<Piece> => [gap(2), { kind: "raw", text }, gap(2)]

const gap = (count: number): Piece => ({ kind: "break", count, hard: false })

const isElement = (child: Element | string): child is Element => typeof child !== "string"

/** The emphasis that an element gives, by its name or its style. */
const markOf = ({ attributes, name }: Element): string | undefined => {
  const known = emphasis.get(name)
  const style = attributes["style"]
  if (known !== undefined || name !== "span" || style === undefined) return known
  if (/font-weight:\s*(?:bold|[6-9]00)/i.test(style)) return "**"
  if (/font-style:\s*italic/i.test(style)) return "*"
  return /text-decoration[a-z-]*:\s*line-through/i.test(style) ? "~~" : undefined
}

/**
 * Converts HTML as a browser shows it: white space collapses, blocks are paragraphs, emphasis keeps its blanks outside.
 * Asterisks and underscores of the text are not escaped, as they are actions and emphasis in the data this is for.
 */
export const htmlToMarkdown = (html: string, options: HtmlOptions = {}): string => {
  const { images = "drop", links = "unwrap", quotes = "drop", replaceText = (text) => text } = options
  const collapsed = (text: string): string => replaceText(text).replace(/[ \t\n\r\f]+/g, " ")
  // No mark-up at all.
  if (!/[<&]/.test(html)) return collapsed(html).trim()

  const piecesOf = (children: ReadonlyArray<Element | string>, marks: string): ReadonlyArray<Piece> => {
    const pieces: Array<Piece> = []
    for (const child of children)
      if (typeof child === "string") pieces.push({ kind: "text", text: collapsed(child) })
      else for (const piece of convert(child, marks)) add(pieces, piece)
    return pieces
  }

  const itemsOf = (list: Element, marks: string): string => {
    const start = Number.parseInt(list.attributes["start"] ?? "1", 10)
    let next = Number.isSafeInteger(start) ? start : 1
    const items: Array<string> = []
    for (const child of list.children) {
      const isItem = isElement(child) && child.name === "li"
      const text = lay(isItem ? piecesOf(child.children, marks) : piecesOf([child], marks))
      if (text === "") continue
      // A list that stands in a list, not in one of its items, belongs to the one before.
      if (isElement(child) && (child.name === "ul" || child.name === "ol")) items.push(indent(text, "  ", "  "))
      else {
        const mark = list.name === "ol" ? `${next++}. ` : "- "
        items.push(indent(text, mark, " ".repeat(mark.length)))
      }
    }
    return items.join("\n")
  }

  const rowOf = (row: Element, marks: string): string => {
    const cells = row.children.filter((child) => isElement(child) && (child.name === "td" || child.name === "th"))
    const texts = cells.map((cell) => lay(piecesOf((cell as Element).children, marks)))
    if (texts.length < 2) return texts.join("")
    return texts.map((text) => text.replace(/(?<!\n)\n(?!\n)/g, " ")).join(" | ")
  }

  const tableOf = (table: Element, marks: string): string => {
    const parts: Array<string> = []
    let rows = 0
    const visit = (child: Element | string): void => {
      if (isElement(child) && (child.name === "thead" || child.name === "tbody" || child.name === "tfoot")) {
        for (const inner of child.children) visit(inner)
        return
      }
      const isRow = isElement(child) && child.name === "tr"
      const text = isRow ? rowOf(child, marks) : lay(piecesOf([child], marks))
      if (text === "") return
      parts.push(text)
      if (!isRow || rows++ > 0) return
      const cells = child.children.filter(isElement)
      if (cells.length > 1 && cells.every(({ name }) => name === "th")) parts.push(cells.map(() => "---").join(" | "))
    }
    for (const child of table.children) visit(child)
    return parts.join("\n")
  }

  const convert = (element: Element, marks: string): ReadonlyArray<Piece> => {
    const { attributes, children, name } = element
    const classes = (attributes["class"] ?? "").split(/\s+/)
    const size = paragraphs.has(name) ? 2 : lines.has(name) ? 1 : 0
    // Nothing of it is written; what surrounds it is not joined.
    if (silent.has(name) || classes.some((one) => silentClasses.has(one))) return size > 0 ? [gap(2)] : []
    const isQuote =
      name === "blockquote" ||
      attributes["data-quote"] !== undefined ||
      (size > 0 && classes.some((one) => quoteClasses.has(one))) ||
      (name === "aside" && classes.includes("quote"))
    if (isQuote) return quotes === "drop" ? [gap(2)] : block(indent(lay(piecesOf(children, "")), "> ", "> "))
    const mark = markOf(element)
    if (mark !== undefined)
      return marks.includes(` ${mark} `)
        ? piecesOf(children, marks)
        : emphasiseAll(piecesOf(children, `${marks} ${mark} `), mark)
    switch (name) {
      case "br":
        return [{ kind: "break", count: 1, hard: true }]
      case "hr":
        return block("---")
      case "img": {
        const alt = attributes["alt"] ?? ""
        if (smileys.test(attributes["class"] ?? "")) return [{ kind: "text", text: alt }]
        const src = attributes["src"]
        return images === "keep" && src !== undefined ? [{ kind: "text", text: `![${alt}](${src})` }] : []
      }
      case "a": {
        if (links === "drop") return []
        const inner = piecesOf(children, marks)
        const text = links === "keep" ? lay(inner) : ""
        return text === "" ? inner : [{ kind: "text", text: `[${text}](${attributes["href"] ?? ""})` }]
      }
      case "code": {
        const code = collapsed(textOf(element)).trim()
        const fence = fenced(code, 1)
        const pad = code.startsWith("`") || code.endsWith("`") ? " " : ""
        return code === "" ? [] : [{ kind: "text", text: fence + pad + code + pad + fence }]
      }
      case "pre": {
        const code = replaceText(textOf(element).replace(/\r\n?/g, "\n")).replace(/^\n|\s+$/g, "")
        const fence = fenced(code, 3)
        return code === "" ? [gap(2)] : block(`${fence}${languageOf(element)}\n${code}\n${fence}`)
      }
      case "ul":
      case "ol":
        return [gap(marks.includes(" - ") ? 1 : 2), { kind: "raw", text: itemsOf(element, `${marks} - `) }, gap(2)]
      case "li":
        return [gap(1), { kind: "raw", text: indent(lay(piecesOf(children, `${marks} - `)), "- ", "  ") }, gap(1)]
      case "table":
        return block(tableOf(element, marks))
      case "tr":
        return [gap(1), { kind: "raw", text: rowOf(element, marks) }, gap(1)]
      default: {
        if (/^h[1-6]$/.test(name)) {
          const text = lay(piecesOf(children, marks)).replace(/\s*\n\s*/g, " ")
          return text === "" ? [gap(2)] : block(`${"#".repeat(Number(name[1]))} ${text}`)
        }
        const inner = piecesOf(children, marks)
        return size === 0 ? inner : [gap(size), ...inner, gap(size)]
      }
    }
  }

  return lay(piecesOf(parse(html).children, "")).trim()
}

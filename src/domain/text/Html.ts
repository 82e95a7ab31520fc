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
const blocks = new Set([
  "p",
  "div",
  "section",
  "article",
  "header",
  "footer",
  "main",
  "ul",
  "ol",
  "table",
  "tr",
  "blockquote",
  "pre",
  "details",
  "summary",
  "center",
  "dl",
  "dd",
  "dt",
  "figure",
  "form",
  "fieldset",
])
const emphasis = new Map([
  ["b", "**"],
  ["strong", "**"],
  ["i", "*"],
  ["em", "*"],
  ["s", "~~"],
  ["del", "~~"],
  ["strike", "~~"],
])

interface Frame {
  readonly tag: string
  /** Text written so far inside an inline mark, or undefined where text goes straight out. */
  readonly inline?: Array<string>
  readonly silent: boolean
  readonly prefix: string
  readonly mark?: string
  readonly href?: string
  readonly pre: boolean
  readonly list?: { readonly ordered: boolean; next: number }
}

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

/**
 * Converts HTML as a browser shows it: white space collapses, blocks are paragraphs, emphasis keeps its blanks outside.
 * Asterisks and underscores of the text are not escaped, as they are actions and emphasis in the data this is for.
 */
export const htmlToMarkdown = (html: string, options: HtmlOptions = {}): string => {
  const { images = "drop", links = "unwrap", quotes = "drop", replaceText } = options
  // No mark-up at all.
  if (!/[<&]/.test(html)) return (replaceText?.(html) ?? html).replace(/[ \t\n\r\f]+/g, " ").trim()
  const out: Array<string> = []
  /** Line breaks owed before the next text: 0, 1 or 2. */
  let owed = 0
  let started = false
  let space = false
  let pending = ""
  let ignored = 0
  /** The mark that was closed last, and how many pieces had been written then. */
  const closed = new WeakMap<Array<string>, { readonly count: number; readonly mark: string }>()
  const stack: Array<Frame> = [{ tag: "", silent: false, prefix: "", pre: false }]
  const top = (): Frame => stack[stack.length - 1] as Frame

  const emit = (text: string): void => {
    const frame = top()
    if (frame.inline !== undefined) {
      frame.inline.push(text)
      return
    }
    if (owed > 0 && started) {
      const { prefix } = frame
      out.push(owed === 1 ? `\n${prefix}` : `\n${prefix.trimEnd()}\n${prefix}`)
    } else if (!started) {
      out.push(frame.prefix)
    }
    owed = 0
    started = true
    out.push(text)
  }
  /** Writes text that was collected: adjacent text nodes and entities are one text. */
  const flush = (): void => {
    if (pending === "") return
    const frame = top()
    const raw = pending
    pending = ""
    if (frame.silent) return
    const changed = replaceText === undefined ? raw : replaceText(raw)
    if (frame.pre) {
      emit(changed)
      return
    }
    const collapsed = changed.replace(/[ \t\n\r\f]+/g, " ")
    if (frame.inline !== undefined) {
      frame.inline.push(collapsed)
      return
    }
    const atLineStart = !started || owed > 0
    let text = atLineStart ? collapsed.trimStart() : collapsed
    if (text === "") {
      if (!atLineStart && collapsed === " ") space = true
      return
    }
    if (text === " ") {
      space = true
      return
    }
    if (space && !atLineStart && !text.startsWith(" ")) text = ` ${text}`
    space = text.endsWith(" ")
    emit(text.trimEnd())
  }
  const breakLine = (count: number): void => {
    flush()
    const frame = top()
    if (frame.inline !== undefined) {
      frame.inline.push("\n".repeat(count))
      return
    }
    space = false
    if (started) owed = Math.max(owed, count)
  }
  const open = (frame: Partial<Frame> & { readonly tag: string }): void => {
    const above = top()
    stack.push({
      silent: above.silent,
      prefix: above.prefix,
      pre: above.pre,
      ...(above.list === undefined ? {} : { list: above.list }),
      ...frame,
    })
  }
  /** Closes an inline frame: its text with the mark around it and the blanks outside. */
  const closeInline = (frame: Frame): void => {
    const text = (frame.inline as Array<string>).join("")
    const core = text.trim()
    if (core === "") {
      put(text === "" ? "" : text.includes("\n") ? "\n" : " ")
      return
    }
    const lead = text.slice(0, text.length - text.trimStart().length)
    const tail = text.slice(text.trimEnd().length)
    let inner = core
    if (frame.href !== undefined) inner = links === "keep" ? `[${core}](${frame.href})` : links === "drop" ? "" : core
    else if (frame.mark !== undefined) {
      // Emphasis does not cross a paragraph.
      const mark = frame.mark
      inner = core
        .split(/(\n[ \n]*)/)
        .map((part, i) => (i % 2 === 1 || part.trim() === "" ? part : emphasise(part.trim(), mark)))
        .join("")
      const pieces = top().inline ?? out
      const before = closed.get(pieces)
      const adjacent = lead === "" && (pieces !== out || (owed === 0 && !space))
      if (adjacent && before?.mark === mark && before.count === pieces.length && inner.startsWith(mark)) {
        // What two elements mark without anything between them is marked once.
        const piece = pieces[pieces.length - 1] as string
        const [left, right] = [runLength(piece, piece.length - 1, -1, mark), runLength(inner, 0, 1, mark)]
        const shared = left === right ? left : mark.length
        pieces[pieces.length - 1] = piece.slice(0, -shared)
        inner = inner.slice(shared)
      }
      put(lead + inner + tail)
      if (tail === "" && inner.endsWith(mark)) closed.set(pieces, { count: pieces.length, mark })
      return
    }
    put(lead + inner + tail)
  }
  /** Writes text that already holds its line breaks. */
  const put = (text: string): void => {
    const frame = top()
    if (frame.inline !== undefined) {
      frame.inline.push(text)
      return
    }
    const lines = text.split("\n")
    let blank = 0
    lines.forEach((line, i) => {
      if (i > 0) blank++
      if (line.trim() === "") {
        if (i === 0 && line !== "" && !(!started || owed > 0)) space = true
        else if (i === lines.length - 1 && blank > 0 && started) owed = Math.max(owed, Math.min(2, blank))
        return
      }
      if (blank > 0 && started) owed = Math.max(owed, Math.min(2, blank))
      blank = 0
      const atLineStart = !started || owed > 0
      let written = atLineStart ? line.trimStart() : line
      if (space && !atLineStart && !written.startsWith(" ")) written = ` ${written}`
      space = written.endsWith(" ")
      emit(written.trimEnd())
    })
  }

  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        flush()
        if (stack.length > maxDepth) {
          ignored++
          return
        }
        const classes = attributes["class"] ?? ""
        if (top().silent || silent.has(name) || classes.split(/\s+/).includes("bbImageWrapper")) {
          open({ tag: name, silent: true })
          return
        }
        if (name === "br") {
          const frame = top()
          if (frame.inline !== undefined) frame.inline.push("\n")
          else if (started) {
            space = false
            owed = Math.min(2, owed + 1)
          }
          open({ tag: name })
        } else if (name === "hr") {
          breakLine(2)
          emit("---")
          breakLine(2)
          open({ tag: name })
        } else if (name === "img") {
          if (images === "keep" && attributes["src"] !== undefined)
            put(`![${attributes["alt"] ?? ""}](${attributes["src"]})`)
          open({ tag: name })
        } else if (emphasis.has(name)) {
          const mark = emphasis.get(name) as string
          const doubled = stack.some((frame) => frame.mark === mark)
          open(doubled ? { tag: name } : { tag: name, mark, inline: [] })
        } else if (name === "a") {
          open({ tag: name, inline: [], href: attributes["href"] ?? "" })
        } else if (name === "code" && !top().pre) {
          open({ tag: name, inline: [], mark: "`" })
        } else if (
          name === "blockquote" ||
          classes.includes("bbCodeBlock--quote") ||
          attributes["data-quote"] !== undefined
        ) {
          breakLine(2)
          open(quotes === "drop" ? { tag: name, silent: true } : { tag: name, prefix: `${top().prefix}> ` })
        } else if (name === "li") {
          breakLine(1)
          const { list } = top()
          const mark = list?.ordered === true ? `${list.next++}. ` : "- "
          const { prefix } = top()
          if (top().inline === undefined) {
            if (owed > 0 && started) out.push(`\n${prefix}`)
            else if (!started) out.push(prefix)
            owed = 0
            started = true
            out.push(mark)
            space = false
          } else put(mark)
          open({ tag: name, prefix: `${prefix}${" ".repeat(mark.length)}` })
        } else if (/^h[1-6]$/.test(name)) {
          breakLine(2)
          put(`${"#".repeat(Number(name[1]))} `)
          space = true
          open({ tag: name })
        } else if (name === "pre") {
          breakLine(2)
          put("```")
          breakLine(1)
          open({ tag: name, pre: true })
        } else if (name === "td" || name === "th") {
          if (started && owed === 0) put(" | ")
          open({ tag: name })
        } else if (blocks.has(name)) {
          breakLine(name === "tr" || name === "div" || name === "dd" || name === "dt" ? 1 : 2)
          const start = Number.parseInt(attributes["start"] ?? "1", 10)
          open(
            name === "ul" || name === "ol"
              ? { tag: name, list: { ordered: name === "ol", next: Number.isSafeInteger(start) ? start : 1 } }
              : { tag: name },
          )
        } else {
          open({ tag: name })
        }
      },
      ontext: (text) => {
        pending += text
      },
      onclosetag: (name) => {
        flush()
        if (ignored > 0) {
          ignored--
          return
        }
        if (stack.length === 1) return
        const frame = stack.pop() as Frame
        if (frame.inline !== undefined) closeInline(frame)
        else if (frame.silent && !top().silent) {
          // Nothing of it was written; what surrounds it is not joined.
          if (blocks.has(frame.tag)) breakLine(2)
        } else if (frame.silent) return
        else if (frame.tag === "pre") {
          breakLine(1)
          put("```")
          breakLine(2)
        } else if (/^h[1-6]$/.test(name)) breakLine(2)
        else if (name === "li" || name === "tr" || name === "div" || name === "dd" || name === "dt") breakLine(1)
        else if (blocks.has(name)) breakLine(2)
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false },
  )
  parser.write(limitDepth(html))
  parser.end()
  flush()
  while (stack.length > 1) {
    const frame = stack.pop() as Frame
    if (frame.inline !== undefined) closeInline(frame)
  }
  return out.join("").trim()
}

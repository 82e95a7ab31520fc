/**
 * YAML 1.2 as data: a list's items are cut apart before they are parsed, since the parser takes some hundred times the
 * memory of its text. In a list at the top level no line begins at the first column but an item's, a comment or a
 * document's mark (YAML 1.2.2, 8.2.1 and 9.1.2): cutting there is exact.
 */
import { isMap, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from "yaml"
import type { DocumentRecord, DocumentSyntax } from "./Documents.ts"
import { recordKeys } from "./JsonArray.ts"

/** Largest document or item of a list. */
export const maxYamlBytes = 4 * 1024 * 1024

/** As often may aliases be followed in one document: the ten lines that stand for a billion are refused. */
const maxAliases = 100

/** Deepest nesting; the parser calls itself for each level. */
const maxDepth = 256

export const makeYaml = (path: ReadonlyArray<string> | undefined, maxRecordBytes: number): DocumentSyntax => {
  /** What the document is: unknown before its first line of content. */
  let list: boolean | undefined
  const values = path !== undefined && path.length === 0
  const keep = values || (path !== undefined && path[0] !== "*")
  return {
    maxBytes: Math.min(maxRecordBytes, maxYamlBytes),
    begins: (line) => {
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
        list = /^---\s+[^\s#]/.test(line) ? false : undefined
        return true
      }
      if (/^\s*(?:#|$)/.test(line)) return false
      const item = /^-(?:\s|$)/.test(line)
      list ??= item
      return list && item && !keep
    },
    read: (text) => read(text, path),
  }
}

const read = (text: string, path: ReadonlyArray<string> | undefined): ReadonlyArray<DocumentRecord> => {
  const firstLine = text.slice(0, text.length - text.trimStart().length).split("\n").length
  // Directives stand before the mark of their document.
  if (text.split("\n").every((line) => /^(?:%|\s*(?:#|$))/.test(line))) return []
  if (deeper(text)) return [{ line: firstLine, bad: "TooDeep", detail: { limit: maxDepth } }]
  const counter = new LineCounter()
  const lineOf = (node: unknown): number => {
    const range = (node as { readonly range?: readonly [number, number, number] | null } | null)?.range
    return range === undefined || range === null ? firstLine : counter.linePos(range[0]).line
  }
  const out: Array<DocumentRecord> = []
  try {
    for (const document of parseAllDocuments(text, { lineCounter: counter, logLevel: "silent", merge: false })) {
      const [error] = document.errors
      if (error !== undefined) {
        const line = error.linePos?.[0].line ?? firstLine
        out.push({ line, bad: "InvalidYaml", detail: error.code })
        continue
      }
      const { contents } = document
      if (contents === null || (contents as Scalar).value === null) continue
      const options = { maxAliasCount: maxAliases }
      const js = (node: unknown): unknown => (node as Node | null)?.toJS(document, options) ?? null
      const holder = holderOf(contents, path)
      if (holder === undefined)
        out.push({ line: lineOf(contents), bad: "PathNotFound", detail: (path ?? []).join(".") })
      else if (holder === "itself") out.push({ line: lineOf(contents), value: js(contents) })
      else if (isSeq(holder)) for (const item of holder.items) out.push({ line: lineOf(item), value: js(item) })
      else if (isMap(holder)) {
        for (const { key, value } of holder.items) {
          out.push({ line: lineOf(key), value: js(value), key: String(js(key)) })
        }
      }
    }
  } catch (cause) {
    // Aliases without end or without anchor, or more nesting than the parser can take.
    const detail = cause instanceof Error ? cause.message.slice(0, 80) : "unreadable"
    return [{ line: firstLine, bad: "InvalidYaml", detail }]
  }
  return out
}

/** What holds the records. */
const holderOf = (contents: unknown, path: ReadonlyArray<string> | undefined): unknown => {
  if (path === undefined) {
    if (isSeq(contents)) return contents
    if (!isMap(contents)) return "itself"
    for (const name of recordKeys) {
      const found = contents.get(name, true)
      if (isSeq(found)) return found
    }
    return "itself"
  }
  if (path.length === 0) return "itself"
  if (path.length === 1 && path[0] === "*") return isMap(contents) || isSeq(contents) ? contents : undefined
  let at: unknown = contents
  for (const key of path) at = isMap(at) ? at.get(key, true) : undefined
  return isMap(at) || isSeq(at) ? at : undefined
}

/** Whether brackets or dashes nest deeper than may be: told from the text, before anything is built. */
const deeper = (text: string): boolean => {
  let depth = 0
  let deepest = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1)
  }
  return deepest > maxDepth || new RegExp(String.raw`^\s*(?:[-?:] ){${maxDepth},}`, "m").test(text)
}

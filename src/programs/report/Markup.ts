/** Pieces of the page. All text of the data passes `escape`. */
import { terminalText } from "../../domain/text/Terminal.ts"

const entities: { readonly [char: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Text as HTML shows it: mark-up is text, and controls and marks that turn the writing are visible. */
export const escape = (text: string): string =>
  terminalText(text.toWellFormed()).replace(/[&<>"']/g, (char) => entities[char] as string)

export const number = (value: number): string => value.toLocaleString("en-US")

export const percent = (part: number, whole: number): string =>
  whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`

/** A score, with three digits that count. */
export const figure = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "a loop"

export const size = (bytes: number): string =>
  bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} KB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(1)} GB`

/** A number of things in words. */
export const counted = (count: number, one: string): string => `${number(count)} ${one}${count === 1 ? "" : "s"}`

export const soft = (text: string): string => `<span class="soft">${escape(text)}</span>`

export const note = (text: string): string => (text === "" ? "" : `<p class="soft">${escape(text)}</p>`)

/** A chart or a table under a title of its own. */
export const card = (title: string, body: string, below = ""): string =>
  `<div class="card"><h3>${escape(title)}</h3>${body}${note(below)}</div>`

/** A table; the cells of the first column are texts, the others numbers that are made already. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  `<div class="card wide" tabindex="0"><table><thead><tr>${head
    .map((cell) => `<th scope="col">${escape(cell)}</th>`)
    .join("")}</tr></thead><tbody>${rows
    .map(
      ([first = "", ...rest]) =>
        `<tr><th scope="row">${escape(first)}</th>${rest.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`,
    )
    .join("")}</tbody></table></div>`

/** Pieces in turn from each list, as long as there is room: the page has a size whatever the data. */
export const within = (budget: number, lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  let left = budget
  const taken = lists.map((): Array<string> => [])
  const most = lists.reduce((longest, { length }) => Math.max(longest, length), 0)
  for (let i = 0; i < most; i++)
    lists.forEach((list, at) => {
      const piece = list[i]
      if (piece === undefined || Buffer.byteLength(piece) > left) return
      left -= Buffer.byteLength(piece)
      taken[at]?.push(piece)
    })
  return taken.flat()
}

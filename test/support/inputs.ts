/** Slices of text and values, as a plan would cut them. */
import type { First, SliceInput } from "../../src/domain/Component.ts"
import { bytes, start } from "../layers/harness.ts"

/** Text of a JSON-lines file. */
export const linesInput = (file: string, text: string | Uint8Array, first: First = start): SliceInput => ({
  kind: "lines",
  file,
  bytes: typeof text === "string" ? bytes(text) : text,
  first,
})

/** Elements of a JSON array: each is given as its text, as its bytes, or as a value to be written. */
export const elementsInput = (file: string, elements: ReadonlyArray<unknown>, first: First = start): SliceInput => {
  const parts = elements.map((element) =>
    element instanceof Uint8Array ? element : bytes(typeof element === "string" ? element : JSON.stringify(element)),
  )
  const bounds: Array<number> = []
  let at = 1
  for (const part of parts) {
    bounds.push(at, at + part.length)
    at += part.length + 1
  }
  const all = new Uint8Array(at).fill(44)
  parts.forEach((part, i) => all.set(part, bounds[i * 2] as number))
  return { kind: "elements", file, bytes: all, bounds, first }
}

/** Decoded values of a table file. */
export const valuesInput = (file: string, values: ReadonlyArray<unknown>, first: First = start): SliceInput => ({
  kind: "values",
  file,
  values,
  first,
})

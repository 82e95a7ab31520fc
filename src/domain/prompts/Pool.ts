/** Pools of prompt templates: data files of the package, or a user's `custom_prompts`. */
import { readAsset } from "../Assets.ts"
import type { PromptSource } from "../Component.ts"
import type { Placeholder } from "./Placeholders.ts"
import type { PromptPart } from "./Prompt.ts"
import { replaceNames } from "../text/Names.ts"
import { compileTemplate, type Piece, sampleTemplate, type Template } from "./Template.ts"

export type Pool = ReadonlyArray<Template>

/**
 * The templates of a pool file: separated by lines that hold only `---`; `#` lines at the top are comments; blank lines
 * around a template do not count.
 */
export const parsePool = (text: string): ReadonlyArray<string> => {
  const lines = text.replace(/\r\n?/g, "\n").split("\n")
  while (lines.length > 0 && (lines[0] === "" || lines[0]?.startsWith("#"))) lines.shift()
  return lines
    .join("\n")
    .split(/^---$/m)
    .map((template) => template.replace(/^\n+/, "").trimEnd())
    .filter((template) => template !== "")
}

export const makePool = (templates: ReadonlyArray<string>): Pool => templates.map(compileTemplate)

const loaded = new Map<string, Pool>()

/** A pool of the package, by the name of its file in `assets/prompts`. */
export const loadPool = (name: string): Pool => {
  let pool = loaded.get(name)
  if (pool === undefined) {
    pool = makePool(parsePool(readAsset(`prompts/${name}.txt`)))
    loaded.set(name, pool)
  }
  return pool
}

type Values = { readonly [K in Placeholder]?: string | undefined }

const fill = (pieces: ReadonlyArray<Piece>, values: Values): ReadonlyArray<PromptPart> => {
  const parts: Array<PromptPart> = []
  const push = (text: string): void => {
    const last = parts[parts.length - 1]
    if (typeof last === "string") parts[parts.length - 1] = last + text
    else parts.push(text)
  }
  pieces.forEach((piece) => {
    if (typeof piece === "string") push(piece)
    else if (piece.name === "response_style_str" || piece.name === "response_length_str")
      parts.push({ hint: piece.name })
    else if (piece.name === "char" || piece.name === "user") push(values[piece.name] ?? `{{${piece.name}}}`)
    // Inside text that comes from the data, the names are the only placeholders that are honoured.
    else push(replaceNames(values[piece.name] ?? "", values))
  })
  return parts
}

/** Samples a template uniformly, then its variants, then puts the values in, in one pass. */
export const promptSource = (pool: Pool): PromptSource => ({
  sample: (random, values = {}) => fill(sampleTemplate(random.pick(pool), random), values),
})

/** The chat templates that the package brings: their texts are data files, written from the published formats. */
import { readAsset } from "./Assets.ts"
import type { ChatTemplate } from "./Component.ts"

/** Begin and end token of each; empty is none. */
const tokens: { readonly [name: string]: readonly [bos: string, eos: string] } = {
  chatml: ["", "<|im_end|>"],
  gemma: ["<bos>", "<eos>"],
  "llama-3": ["<|begin_of_text|>", "<|eot_id|>"],
  metharme: ["", "</s>"],
  mistral: ["<s>", "</s>"],
  "qwen-2.5": ["", "<|im_end|>"],
  zephyr: ["<s>", "</s>"],
}

export const templateNames: ReadonlyArray<string> = Object.keys(tokens)

/** A template of the package; undefined for another name. */
export const builtInTemplate = (name: string): ChatTemplate | undefined => {
  const own = Object.hasOwn(tokens, name) ? tokens[name] : undefined
  if (own === undefined) return undefined
  return { name, text: readAsset(`templates/${name}.jinja`).trimEnd(), bos: own[0], eos: own[1] }
}

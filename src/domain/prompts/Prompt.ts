import type { Hint } from "./Placeholders.ts"

/** A piece of a prompt: text, or a hint that is still open. */
export type PromptPart = string | { readonly hint: Hint }

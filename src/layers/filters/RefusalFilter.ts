import type { FilterDefinition } from "../../domain/Component.ts"
import { phraseFilter } from "./Shared.ts"

/** Drops episodes in which the model refuses, hedges or moralises; the phrases are in `assets/phrases/refusal.txt`. */
export const RefusalFilter: FilterDefinition = phraseFilter({
  name: "RefusalFilter",
  description: "Drops episodes in which the model refuses or moralises",
  reason: "refusal",
  files: new Map([["refusal", "phrases/refusal.txt"]]),
})

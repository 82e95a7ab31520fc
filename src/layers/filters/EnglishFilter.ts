import type { FilterDefinition } from "../../domain/Component.ts"
import { judgeLanguages, languageScores, type LanguageOptions, languageOptions } from "./LanguageFilter.ts"

/** `LanguageFilter` for English, under the name that it has had. */
export const EnglishFilter: FilterDefinition = {
  name: "EnglishFilter",
  description: "Drops episodes that are mostly not in English",
  reasons: { notEnglish: "too many of the turns that could be judged are not in English" },
  options: languageOptions,
  judge: (options: LanguageOptions) => judgeLanguages(["en"], "notEnglish", options),
  scores: languageScores(() => ["en"]),
}

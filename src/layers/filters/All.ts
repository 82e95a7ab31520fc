import type { FilterDefinition } from "../../domain/Component.ts"
import { AppleFilter } from "./AppleFilter.ts"
import { EnglishFilter } from "./EnglishFilter.ts"
import { ExactDedupFilter } from "./ExactDedupFilter.ts"
import { LlmSlopFilter } from "./LlmSlopFilter.ts"
import { LowQualityRpFilter } from "./LowQualityRpFilter.ts"
import { RefusalFilter } from "./RefusalFilter.ts"
import { SimilarityFilter } from "./SimilarityFilter.ts"

/** The filters of the package, sorted by name. */
export const filters: ReadonlyArray<FilterDefinition> = [
  AppleFilter,
  EnglishFilter,
  ExactDedupFilter,
  LlmSlopFilter,
  LowQualityRpFilter,
  RefusalFilter,
  SimilarityFilter,
]

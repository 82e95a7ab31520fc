import type { FilterDefinition } from "../../domain/Component.ts"
import { AppleFilter } from "./AppleFilter.ts"
import { ContainsFilter } from "./ContainsFilter.ts"
import { ControlTokenFilter } from "./ControlTokenFilter.ts"
import { DecontaminationFilter } from "./DecontaminationFilter.ts"
import { EncodingFilter } from "./EncodingFilter.ts"
import { EnglishFilter } from "./EnglishFilter.ts"
import { ExactDedupFilter } from "./ExactDedupFilter.ts"
import { LanguageFilter } from "./LanguageFilter.ts"
import { LengthFilter } from "./LengthFilter.ts"
import { LlmSlopFilter } from "./LlmSlopFilter.ts"
import { LowQualityRpFilter } from "./LowQualityRpFilter.ts"
import { NearDedupFilter } from "./NearDedupFilter.ts"
import { RefusalFilter } from "./RefusalFilter.ts"
import { RepetitionFilter } from "./RepetitionFilter.ts"
import { SimilarityFilter } from "./SimilarityFilter.ts"
import { TurnCountFilter } from "./TurnCountFilter.ts"

/** The filters of the package, sorted by name. */
export const filters: ReadonlyArray<FilterDefinition> = [
  AppleFilter,
  ContainsFilter,
  ControlTokenFilter,
  DecontaminationFilter,
  EncodingFilter,
  EnglishFilter,
  ExactDedupFilter,
  LanguageFilter,
  LengthFilter,
  LlmSlopFilter,
  LowQualityRpFilter,
  NearDedupFilter,
  RefusalFilter,
  RepetitionFilter,
  SimilarityFilter,
  TurnCountFilter,
]

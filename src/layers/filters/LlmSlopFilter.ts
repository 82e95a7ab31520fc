import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import { phraseFilter } from "./PhraseLists.ts"

/**
 * Drops episodes with worn phrases of language models; they are in `assets/phrases/slop_gpt.txt` and `slop_claude.txt`.
 * A telltale is enough by itself, of the clichés that people write as well it takes two different ones.
 */
export const LlmSlopFilter: FilterDefinition = phraseFilter({
  name: "LlmSlopFilter",
  description: "Drops episodes with worn phrases of GPT and Claude models",
  reason: "slop",
  meaning: "worn phrases weigh enough, all turns together",
  sources: [
    { name: "gpt", file: "phrases/slop_gpt.txt" },
    { name: "claude", file: "phrases/slop_claude.txt" },
  ],
  categories: ["telltale", "cliche", "joint"],
  per: "episode",
  options: {
    lists: Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal("gpt", "claude")), {
      default: () => ["gpt", "claude"] as const,
      nullable: true,
    }).annotations({ description: "The lists that are searched." }),
  },
})

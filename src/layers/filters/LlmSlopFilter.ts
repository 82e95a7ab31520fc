import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import { phraseFilter } from "./Shared.ts"

/** Drops episodes with worn phrases of language models; they are in `assets/phrases/slop_gpt.txt` and `slop_claude.txt`. */
export const LlmSlopFilter: FilterDefinition = phraseFilter({
  name: "LlmSlopFilter",
  description: "Drops episodes with worn phrases of GPT and Claude models",
  reason: "slop",
  files: new Map([
    ["gpt", "phrases/slop_gpt.txt"],
    ["claude", "phrases/slop_claude.txt"],
  ]),
  options: {
    /** The lists that are searched. */
    lists: Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal("gpt", "claude")), {
      default: () => ["gpt", "claude"] as const,
      nullable: true,
    }),
  },
})

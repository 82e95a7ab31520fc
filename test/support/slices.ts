/** The kept episodes of a slice's result as a list. */
import type { SliceResult } from "../../src/domain/SliceResult.ts"

export const keptOf = ({ kept }: SliceResult) =>
  Array.from({ length: kept.count }, (_, i) => ({
    id: kept.id(i),
    place: kept.place(i),
    end: kept.end(i),
    examples: kept.examples(i),
    turns: kept.turns(i),
    cut: kept.cut(i),
    tokens: kept.tokens(i),
    prints: kept.prints(i).map((print) => [...print]),
  }))

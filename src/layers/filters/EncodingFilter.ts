import * as Schema from "effect/Schema"
import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { countOption, excerpt, rolesOption, shareOption, textAt } from "./Shared.ts"

const kinds = ["replacement", "mojibake", "control", "private", "zalgo"] as const
type Kind = (typeof kinds)[number]

interface Options {
  readonly threshold: number
  readonly minHits: number
  readonly roles: ReadonlyArray<TurnKind>
  readonly kinds: ReadonlyArray<Kind>
}

/**
 * What is left of a wrong decoding once the cleaning has repaired what it could. Each pattern takes a bounded number of
 * characters. Mojibake is what two bytes of UTF-8 look like in Windows-1252 where no good text has them: `â€`, `Ã¢`,
 * `ï¿½`, `ðŸ`, and `Â` or `Ã` at the end of a word in lower case.
 */
const patterns: { readonly [K in Kind]: string } = {
  /** U+FFFD: a byte that could not be decoded, a lone surrogate. */
  replacement: "\\ufffd",
  mojibake: "â€|Ã[¢£ƒ‚€]|Â[€¢£]|ï[¿»][½¿]|ðŸ|(?<=\\p{Ll})[ÂÃ](?![\\p{L}\\p{M}])",
  /** Controls that no text has, C1 among them. */
  control: "[\\0-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x9f]",
  /** Private use: a font's own pictures, and what stood for them in a PDF. And what is no character at all. */
  private: "[\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufffe\\uffff]",
  /** Heaps of marks on one letter; scripts that need two on one are left alone. */
  zalgo: "[\\u0300-\\u036f]{3,16}",
}

/** Drops episodes whose text is damaged by wrong decoding, in what the cleaning could not repair. */
export const EncodingFilter: FilterDefinition = {
  name: "EncodingFilter",
  description: "Drops episodes whose text holds damage that could not be repaired",
  reasons: { damaged: "too many characters are damaged" },
  options: {
    threshold: shareOption(0.001).annotations({
      description:
        "Share of damaged places among all characters from which on an episode is dropped: 0.001 is one in a thousand.",
    }),
    minHits: countOption(1).annotations({
      description: "Damaged places below which an episode is kept, however short it is.",
    }),
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are looked at." }),
    kinds: Schema.optionalWith(Schema.NonEmptyArray(Schema.Literal(...kinds)), {
      default: () => kinds,
      nullable: true,
    }).annotations({ description: "What counts as damage." }),
  },
  judge: ({ kinds: among, minHits, roles: of, threshold }: Options) => {
    const roles = new Set(of)
    const damage = new RegExp(among.map((kind) => `(${patterns[kind]})`).join("|"), "gu")
    // Plain text leaves at once: the first character of every kind of damage is one of these.
    const suspicious = /[\u0300-\u036f\0-\x08\x0b\x0e-\x1f\x7f-\x9fÂÃâïð\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff]/
    return (episode) => {
      const { turns } = episode
      let characters = 0
      let hits = 0
      let first: { kind: Kind; turn: number; text: string } | undefined
      for (let i = 0; i < turns.length; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        characters += text.length
        if (!suspicious.test(text)) continue
        for (const hit of text.matchAll(damage)) {
          hits++
          first ??= {
            kind: among[hit.slice(1).findIndex((group) => group !== undefined)] as Kind,
            turn: i + 1,
            text: excerpt(text, hit.index, hit.index + hit[0].length),
          }
        }
      }
      if (first === undefined || hits < minHits || hits / characters < threshold) return undefined
      return {
        reason: "damaged",
        detail: { score: Number((hits / characters).toPrecision(4)), threshold, hits, ...first },
      }
    }
  },
}

import * as Schema from "effect/Schema"
import type { FilterDefinition, Memory } from "../../domain/Component.ts"
import type { Episode } from "../../domain/Conversation.ts"
import { normalForm } from "../../domain/dedup/Shingles.ts"
import { keyOf, makeKeyTable } from "../../domain/KeyTable.ts"
import { composeMarks } from "../../domain/text/Style.ts"

interface Options {
  readonly scope: "task" | "run"
  readonly normalize: "none" | "whitespace" | "case-insensitive" | "loose"
}

const collapse = (text: string): string => composeMarks(text).trim().replace(/\s+/g, " ")

/**
 * A letter's case is folded by way of upper case, which brings together letters that differ in lower case only (`ß` and
 * `ss`, both forms of sigma).
 */
const normalizers: { readonly [K in Options["normalize"]]: (text: string) => string } = {
  none: (text) => text,
  whitespace: collapse,
  "case-insensitive": (text) => collapse(text).toUpperCase().toLowerCase(),
  loose: (text) => {
    const words = normalForm(collapse(text).toUpperCase().toLowerCase())
    // Of signs and faces alone nothing would be left.
    return words === "" ? collapse(text) : words
  },
}

/** Role and length of a turn's text, before the text: without them ("ab", "c") and ("a", "bc") were the same. */
const headBytes = 5

const compileFingerprint = (options: Options): ((episode: Episode) => Uint8Array) => {
  const normalize = normalizers[options.normalize]
  let scratch = Buffer.allocUnsafe(1 << 16)
  return ({ turns }) => {
    let at = 0
    for (const turn of turns) {
      if (turn.kind === "system") continue
      const text = normalize(turn.text)
      // A UTF-16 unit takes at most three bytes in UTF-8.
      const need = at + headBytes + text.length * 3
      if (need > scratch.length) {
        const larger = Buffer.allocUnsafe(Math.max(need, scratch.length * 2))
        scratch.copy(larger, 0, 0, at)
        scratch = larger
      }
      const length = scratch.write(text, at + headBytes, "utf8")
      scratch[at] = turn.kind === "user" ? 1 : 2
      scratch.writeUInt32LE(length, at + 1)
      at += headBytes + length
    }
    return keyOf(scratch.subarray(0, at))
  }
}

const openMemory = (): Memory => {
  const kept = makeKeyTable()
  return {
    decide: (fingerprint) => {
      const keptOrdinal = kept.get(fingerprint)
      return keptOrdinal === undefined ? undefined : { reason: "duplicate", keptOrdinal }
    },
    remember: kept.add,
  }
}

/**
 * Drops episodes whose conversation was there before; the first one stays. What counts are all turns but the system turn,
 * each with its role. Text is compared by its UTF-8 bytes, so lone surrogates, which readers repair, are all the same.
 *
 * Memory: a table of 16-byte keys, 29 to 57 bytes for each episode kept (`KeyTable`).
 */
export const ExactDedupFilter: FilterDefinition = {
  name: "ExactDedupFilter",
  description: "Drops conversations that are the same as an earlier one",
  reasons: { duplicate: "the same conversation is kept already" },
  options: {
    scope: Schema.optionalWith(Schema.Literal("task", "run"), {
      default: () => "task" as const,
      nullable: true,
    }).annotations({
      description: "`run` looks for duplicates among the episodes of all tasks that say so, `task` within one.",
    }),
    normalize: Schema.optionalWith(Schema.Literal("none", "whitespace", "case-insensitive", "loose"), {
      default: () => "none" as const,
      nullable: true,
    }).annotations({
      description:
        "What two texts may differ in and still be the same: nothing; white space (runs of it, and at both ends) and the way accents are encoded; letter case as well; everything but letters without accents and digits.",
    }),
  },
  memory: {
    fingerprint: compileFingerprint,
    open: openMemory,
    scope: (options: Options) => options.scope,
    late: ["scope"],
  },
}

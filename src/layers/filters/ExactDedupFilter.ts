import * as Schema from "effect/Schema"
import * as crypto from "node:crypto"
import type { FilterDefinition, Memory } from "../../domain/Component.ts"
import type { Episode } from "../../domain/Conversation.ts"

interface Options {
  readonly scope: "task" | "run"
  readonly normalize: "none" | "whitespace" | "case-insensitive"
}

/** Bytes of a key: the first half of SHA-256. Among 10^8 keys the chance of any collision is below 10^-22. */
const keyBytes = 16

/** `crypto.hash` spares the object of `createHash`; it came with Node 20.12. */
const sha256: (bytes: Uint8Array) => Buffer =
  typeof crypto.hash === "function"
    ? (bytes) => crypto.hash("sha256", bytes, "buffer")
    : (bytes) => crypto.createHash("sha256").update(bytes).digest()

const collapse = (text: string): string => text.normalize("NFC").trim().replace(/\s+/g, " ")

/**
 * A letter's case is folded by way of upper case, which brings together letters that differ in lower case only (`ß` and
 * `ss`, both forms of sigma).
 */
const normalizers: { readonly [K in Options["normalize"]]: (text: string) => string } = {
  none: (text) => text,
  whitespace: collapse,
  "case-insensitive": (text) => collapse(text).toUpperCase().toLowerCase(),
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
    const key = new Uint8Array(keyBytes)
    key.set(sha256(scratch.subarray(0, at)).subarray(0, keyBytes))
    return key
  }
}

/** Fullness of the table at which it doubles. */
const maxLoad = 0.7

/** A map from keys to the ordinals of what was kept: open addressing, a key as four words. */
const openMemory = (): Memory => {
  let slots = 1 << 12
  let used = 0
  let keys = new Uint32Array(slots * 4)
  /** Ordinal + 1; 0 is a free slot. */
  let ordinals = new Uint32Array(slots)

  /** The slot of a key, or the free one where it belongs. */
  const find = (a: number, b: number, c: number, d: number): number => {
    const mask = slots - 1
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const k = slot * 4
      if (ordinals[slot] === 0) return slot
      if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) return slot
    }
  }

  const put = (slot: number, a: number, b: number, c: number, d: number, mark: number): void => {
    const k = slot * 4
    keys[k] = a
    keys[k + 1] = b
    keys[k + 2] = c
    keys[k + 3] = d
    ordinals[slot] = mark
  }

  const grow = (): void => {
    const before = { keys, ordinals, slots }
    slots *= 2
    keys = new Uint32Array(slots * 4)
    ordinals = new Uint32Array(slots)
    for (let slot = 0; slot < before.slots; slot++) {
      const mark = before.ordinals[slot] as number
      if (mark === 0) continue
      const k = slot * 4
      const a = before.keys[k] as number
      const b = before.keys[k + 1] as number
      const c = before.keys[k + 2] as number
      const d = before.keys[k + 3] as number
      put(find(a, b, c, d), a, b, c, d, mark)
    }
  }

  return {
    decide: (fingerprint, ordinal) => {
      const view = new DataView(fingerprint.buffer, fingerprint.byteOffset, keyBytes)
      const a = view.getUint32(0, true)
      const b = view.getUint32(4, true)
      const c = view.getUint32(8, true)
      const d = view.getUint32(12, true)
      const slot = find(a, b, c, d)
      const mark = ordinals[slot] as number
      if (mark !== 0) return { reason: "duplicate", keptOrdinal: mark - 1 }
      put(slot, a, b, c, d, ordinal + 1)
      used++
      if (used > slots * maxLoad) grow()
      return undefined
    },
  }
}

/**
 * Drops episodes whose conversation was there before; the first one stays. What counts are all turns but the system turn,
 * each with its role.
 *
 * Memory: 20 bytes a slot of a table that is 35 to 70 % full, so 29 to 57 bytes for each episode kept, and 86 for a
 * moment while the table doubles.
 */
export const ExactDedupFilter: FilterDefinition = {
  name: "ExactDedupFilter",
  description: "Drops conversations that are the same as an earlier one",
  options: {
    /** `run` looks for duplicates among the episodes of all tasks that say so, `task` within one. */
    scope: Schema.optionalWith(Schema.Literal("task", "run"), { default: () => "task" as const, nullable: true }),
    /**
     * What two texts may differ in and still be the same: nothing; white space (runs of it, and at both ends) and the
     * way accents are encoded; letter case as well.
     */
    normalize: Schema.optionalWith(Schema.Literal("none", "whitespace", "case-insensitive"), {
      default: () => "none" as const,
      nullable: true,
    }),
  },
  memory: {
    fingerprint: compileFingerprint,
    open: openMemory,
    scope: (options: Options) => options.scope,
  },
}

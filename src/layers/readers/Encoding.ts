/**
 * Text of other encodings as UTF-8, chunk by chunk. UTF-8 itself is not touched here: whoever reads a record checks its
 * bytes. UTF-16 is told by its byte-order mark; anything else has to be declared.
 */
import * as Schema from "effect/Schema"

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const

export type Encoding = (typeof encodings)[number]

/** What the file's text is encoded in; UTF-16 with a byte-order mark need not be told. */
export const encodingOption = Schema.optionalWith(Schema.Literal(...encodings), { nullable: true })

export interface Decoder {
  /**
   * UTF-8 of what the bytes hold; what is cut off waits for the next. Nothing once bytes were found that are no text:
   * what stood before them was given.
   */
  readonly decode: (bytes: Uint8Array) => Uint8Array
  /** Why the rest could not be decoded; to be asked when there are no more bytes. */
  readonly broken: () => string | undefined
}

/** Characters of the bytes 0x80 to 0x9f as the WHATWG Encoding Standard has them; five are none. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

/** The encoding that a byte-order mark tells. */
export const sniff = (bytes: Uint8Array): Encoding | undefined =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined

/** How the bytes are read, and what must not be among the characters. */
const tables: { readonly [E in Exclude<Encoding, "utf-8">]: { readonly unit: 1 | 2; readonly bad: RegExp } } = {
  "utf-16le": { unit: 2, bad: /\p{Surrogate}/u },
  "utf-16be": { unit: 2, bad: /\p{Surrogate}/u },
  "windows-1252": { unit: 1, bad: /[\u0081\u008d\u008f\u0090\u009d]/ },
}

const textOf = (bytes: Buffer, encoding: Exclude<Encoding, "utf-8">): string => {
  if (encoding === "windows-1252") {
    return bytes
      .toString("latin1")
      .replace(/[\u0080-\u009f]/g, (character) => windows1252.charAt(character.charCodeAt(0) - 0x80))
  }
  return (encoding === "utf-16le" ? bytes : Buffer.from(bytes).swap16()).toString("utf16le")
}

export const makeDecoder = (encoding: Exclude<Encoding, "utf-8">): Decoder => {
  const { bad, unit } = tables[encoding]
  let rest = Buffer.alloc(0)
  let broken: string | undefined
  let first = true
  return {
    decode: (bytes) => {
      if (broken !== undefined) return new Uint8Array(0)
      const all = Buffer.concat([rest, bytes])
      let end = all.length - (all.length % unit)
      const high = encoding === "utf-16le" ? end - 1 : end - 2
      // The first half of a pair waits for the second.
      if (unit === 2 && end >= 2 && ((all[high] as number) & 0xfc) === 0xd8) end -= 2
      rest = all.subarray(end)
      let text = textOf(all.subarray(0, end), encoding)
      if (first && text !== "") {
        first = false
        if (text.startsWith("\ufeff")) text = text.slice(1)
      }
      const at = text.search(bad)
      if (at >= 0) {
        broken = `bytes that are no ${encoding}`
        text = text.slice(0, at)
      }
      return Buffer.from(text)
    },
    broken: () => broken ?? (rest.length > 0 ? `the text ends within a character of ${encoding}` : undefined),
  }
}

/**
 * Looks at the runs of a Parquet page before the library does: it believes the length of a run, and one that is damaged
 * makes it fill memory. The format is that of apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing
 * Hybrid".
 */

/** What the levels of a column can be. */
export interface ColumnLevels {
  readonly maxDefinition: number
  readonly maxRepetition: number
}

const widthOf = (max: number): number => 32 - Math.clz32(max)

const damaged = (): never => {
  throw new Error("a page whose runs do not add up")
}

/** Goes through runs of `count` values; answers how many of them are `wanted`. Throws when they do not add up. */
const countRuns = (
  bytes: Uint8Array,
  from: number,
  to: number,
  width: number,
  count: number,
  wanted: number,
): number => {
  let at = from
  let seen = 0
  let found = 0
  while (seen < count) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= to || shift > 28) damaged()
      const byte = bytes[at++] as number
      header += (byte & 0x7f) * 2 ** shift
      if (byte < 128) break
    }
    if (header % 2 === 0) {
      const run = header / 2
      const size = (width + 7) >> 3
      if (run > count - seen || at + size > to) damaged()
      let value = 0
      for (let i = 0; i < size; i++) value += (bytes[at + i] as number) * 2 ** (8 * i)
      at += size
      if (value === wanted) found += run
      seen += run
      continue
    }
    const groups = (header - 1) / 2
    // The last run is filled up to eight values; its last bytes may be left out.
    if (groups * 8 - (count - seen) > 7 + 8 * 64) damaged()
    if (wanted >= 0) {
      const values = Math.min(groups * 8, count - seen)
      const bits = values * width
      if (at + Math.ceil(bits / 8) > to) damaged()
      for (let i = 0; i < values; i++) {
        let value = 0
        for (let bit = 0; bit < width; bit++) {
          const position = i * width + bit
          value |= (((bytes[at + (position >> 3)] as number) >> (position & 7)) & 1) << bit
        }
        if (value === wanted) found++
      }
    }
    seen += groups * 8
    at += groups * width
  }
  return found
}

export interface PageRuns {
  /** Values of the page, empty ones included. */
  readonly values: number
  readonly encoding: string | undefined
  readonly isBoolean: boolean
}

/** What follows the levels of a page: the indices of a dictionary, and booleans, are runs too. */
export const checkValues = (page: Uint8Array, from: number, { encoding, isBoolean }: PageRuns, count: number): void => {
  if (encoding !== "RLE_DICTIONARY" && encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE") return
  if (count === 0) return
  if (isBoolean) {
    // Their length stands before them.
    countRuns(page, from + 4, page.length, 1, count, -1)
    return
  }
  const width = page[from]
  if (width === undefined || width > 32) return damaged()
  if (width > 0) countRuns(page, from + 1, page.length, width, count, -1)
}

/** A page of the first version: levels and values are packed together. */
export const checkPage = (page: Uint8Array, levels: ColumnLevels, runs: PageRuns): void => {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  let at = 0
  const section = (max: number, wanted: number): number => {
    if (at + 4 > page.length) damaged()
    const size = view.getUint32(at, true)
    at += 4
    if (size > page.length - at) damaged()
    const found = countRuns(page, at, at + size, widthOf(max), runs.values, wanted)
    at += size
    return found
  }
  if (levels.maxRepetition > 0) section(levels.maxRepetition, -1)
  const count = levels.maxDefinition > 0 ? section(levels.maxDefinition, levels.maxDefinition) : runs.values
  checkValues(page, at, runs, count)
}

/** Levels of a page of the second version, which stand before what is packed; answers the number of its values. */
export const checkLevelsV2 = (
  bytes: Uint8Array,
  levels: ColumnLevels,
  values: number,
  repetitionBytes: number,
  definitionBytes: number,
): number => {
  const sizes = repetitionBytes + definitionBytes
  if (!(repetitionBytes >= 0 && definitionBytes >= 0 && sizes <= bytes.length)) damaged()
  if (levels.maxRepetition > 0) countRuns(bytes, 0, repetitionBytes, widthOf(levels.maxRepetition), values, -1)
  if (levels.maxDefinition === 0) return values
  return countRuns(bytes, repetitionBytes, sizes, widthOf(levels.maxDefinition), values, levels.maxDefinition)
}

/** CRC-32 as zip and gzip have it (ITU-T V.42). */
import * as zlib from "node:zlib"

type Crc32 = (bytes: Uint8Array, before: number) => number

const table = new Int32Array(256).map((_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320
  return value
})

/** For Node before 20.15. */
export const plainCrc32: Crc32 = (bytes, before) => {
  let sum = ~before
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] as number)
  return ~sum >>> 0
}

export const crc32: Crc32 = (zlib as { readonly crc32?: Crc32 }).crc32 ?? plainCrc32

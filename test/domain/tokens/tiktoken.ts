/** tiktoken itself with ranks and patterns of a test's own. */
import { Tiktoken } from "tiktoken"

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

/** Ranks as tiktoken's files spell them: the 256 bytes, then these tokens in their order. */
export const ranksText = (tokens: Iterable<Uint8Array>): string => {
  const digits = ["! 0"]
  for (let byte = 0; byte < 256; byte++) digits.push(base64(Uint8Array.of(byte)))
  for (const token of tokens) digits.push(base64(token))
  return digits.join(" ")
}

/** Lets `use` work with an encoding and frees its memory. */
export const withTiktoken = <A>(ranks: string, pattern: string, use: (encoding: Tiktoken) => A): A => {
  const encoding = new Tiktoken(ranks, {}, pattern)
  try {
    return use(encoding)
  } finally {
    encoding.free()
  }
}

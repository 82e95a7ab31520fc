/** Tokenizers as plain functions, for any thread. */
import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { type Tokenizer, withSpecial } from "./tokens/Coder.ts"
import { coderOf } from "./tokens/Counter.ts"
import { loadRanks } from "./tokens/Ranks.ts"

/** Tokens of a text. */
export type CountTokens = (text: string) => number

/** A `tokenizer.json` as a job names it: absolute path, and the digest of what was loaded. */
export interface TokenizerFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A tokenizer that only counts. */
export const counting = (count: CountTokens): Tokenizer => ({ count, rendered: { count }, special: new Map() })

const isSpace = (code: number): boolean =>
  (code >= 9 && code <= 13) ||
  code === 32 ||
  (code >= 28 && code <= 31) ||
  code === 0x85 ||
  code === 0xa0 ||
  (code >= 0x1680 &&
    (code === 0x1680 ||
      (code >= 0x2000 && code <= 0x200a) ||
      code === 0x2028 ||
      code === 0x2029 ||
      code === 0x202f ||
      code === 0x205f ||
      code === 0x3000))

/** 1 for each unit of UTF-16 that is white space. */
const spaces = new Uint8Array(0x10000)
for (let code = 0; code <= 0x3000; code++) if (isSpace(code)) spaces[code] = 1

/** Units that are counted at once. */
const pieceUnits = 1 << 14

/** Text of this length is counted faster where it is. */
const shortText = 48

const pieceBytes = Buffer.from(new ArrayBuffer(2 * pieceUnits))
const piece = new Uint16Array(pieceBytes.buffer)

/**
 * Words separated by Unicode white space. Copied out of the string first, and counted without a branch that depends on the
 * text: a quarter of the time.
 */
export const countWords = (text: string): number => {
  let words = 0
  let before = 1
  if (text.length <= shortText) {
    for (let i = 0; i < text.length; i++) {
      const space = spaces[text.charCodeAt(i)] as number
      words += before & (space ^ 1)
      before = space
    }
    return words
  }
  for (let from = 0; from < text.length; from += pieceUnits) {
    const part = text.length <= pieceUnits ? text : text.slice(from, from + pieceUnits)
    const units = pieceBytes.write(part, 0, "utf16le") >> 1
    for (let i = 0; i < units; i++) {
      const space = spaces[piece[i] as number] as number
      words += before & (space ^ 1)
      before = space
    }
  }
  return words
}

/** Words x 1.3, rounded up: the usual ratio of English prose under byte-pair encodings. */
export const estimate: CountTokens = (text) => Math.ceil((countWords(text) * 13) / 10)

/** The encodings that tiktoken ships. */
export const encodings = ["cl100k_base", "o200k_base", "p50k_base", "p50k_edit", "r50k_base", "gpt2"] as const

export const tokenizerNames: ReadonlyArray<string> = ["estimate", ...encodings]

const loaded = new Map<string, Promise<Tokenizer>>()

/**
 * A tokenizer, loaded once a thread. An encoding makes exactly the tokens of tiktoken's `encode_ordinary`, in time that
 * grows with the text alone. A file is the one that `openTokenizer` has told of: rejects where it has changed since.
 * Rejects with the known names when there is none of this name.
 */
export const loadTokenizer = async (name: string, file?: TokenizerFile): Promise<Tokenizer> => {
  if (file !== undefined) {
    const known = await openFile(file.path)
    if (known.file.sha256 !== file.sha256) throw new Error(`${file.path} changed during the run; run again`)
    return known.tokenizer
  }
  let tokenizer = loaded.get(name)
  if (tokenizer === undefined) {
    tokenizer = load(name)
    loaded.set(name, tokenizer)
  }
  return tokenizer
}

const load = async (name: string): Promise<Tokenizer> => {
  if (name === "estimate") return estimates
  if (!(encodings as ReadonlyArray<string>).includes(name)) {
    throw new Error(`unknown tokenizer "${name}"; known: ${tokenizerNames.join(", ")}`)
  }
  const ranks = loadRanks(name)
  const plain = coderOf(ranks)
  return { ...plain, rendered: withSpecial(plain, ranks.special), special: ranks.special }
}

const estimates = counting(estimate)

/** Whether a name is that of a file: encodings have neither folders nor endings. */
export const isTokenizerFile = (name: string): boolean => /[/\\]|\.json$/i.test(name)

interface Opened {
  readonly file: TokenizerFile
  readonly tokenizer: Tokenizer
}

const opened = new Map<string, Promise<Opened>>()

/** Read once a thread, so that the digest is that of what counts. */
const openFile = (path: string): Promise<Opened> => {
  let known = opened.get(path)
  if (known === undefined) {
    known = readTokenizer(path)
    opened.set(path, known)
    // What failed may be mended.
    known.catch(() => opened.delete(path))
  }
  return known
}

/** Largest file that is read: that of Gemma 3, with 262,000 tokens, has 33 MB. */
const maxFileBytes = 256 * 1024 * 1024

const readTokenizer = async (path: string): Promise<Opened> => {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new Error("there is no such file")
  if (!found.isFile()) throw new Error("it is no ordinary file")
  if (found.size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`)
  const content = await readFile(path)
  const sha256 = createHash("sha256").update(content).digest("hex")
  // Few runs need the library.
  const { parseTokenizer } = await import("./tokens/TokenizerFile.ts")
  return { file: { path, bytes: content.length, sha256 }, tokenizer: parseTokenizer(content.toString("utf8")) }
}

/** Loads a `tokenizer.json` of this absolute path; rejects with what is wrong with it, for a person. */
export const openTokenizer = async (path: string): Promise<TokenizerFile> => (await openFile(path)).file

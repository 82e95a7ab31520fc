/**
 * A model's own tokenizer, from the `tokenizer.json` that is published with it. The file is read by the library
 * @huggingface/tokenizers; where the text is split into pieces before anything is merged (byte-level BPE: Llama 3, Qwen,
 * Mistral Nemo, gpt-oss), the tokens of pieces are remembered, which changes no count and is much faster. Without such a
 * split (Llama 2, Gemma) a piece says nothing about its neighbours, and the library does the whole text.
 */
import * as library from "@huggingface/tokenizers"
import { type Coder, patternOf, type Tokenizer, withSpecial } from "./Coder.ts"
import { type Fields, isFields } from "../Fields.ts"

interface PreTokenizer {
  readonly pre_tokenize_text: (text: string) => ReadonlyArray<string>
}

interface Model {
  readonly encode: (pieces: ReadonlyArray<string>) => ReadonlyArray<string>
}

interface Library {
  model: Model
  readonly normalizer: { readonly normalize: (text: string) => string } | null
  readonly encode: (
    text: string,
    options: { readonly add_special_tokens: boolean },
  ) => { readonly ids: ReadonlyArray<number> }
  readonly token_to_id: (token: string) => number | undefined
}

/** The part of the library that is used; its own declarations are lost on Node's way of finding modules. */
const {
  ByteLevelPreTokenizer,
  SplitPreTokenizer,
  Tokenizer: Library,
} = library as unknown as {
  readonly Tokenizer: new (file: object, config: object) => Library
  readonly SplitPreTokenizer: new (step: Fields) => PreTokenizer
  readonly ByteLevelPreTokenizer: new (step: Fields) => PreTokenizer
}

/** An object that is no list. */
interface AddedToken extends Fields {
  readonly id: number
  readonly content: string
}

const isAddedToken = (value: unknown): value is AddedToken =>
  isFields(value) && typeof value["content"] === "string" && Number.isSafeInteger(value["id"])

/** The parts of a file that are looked at here. */
interface File extends Fields {
  readonly added_tokens: ReadonlyArray<AddedToken>
  readonly normalizer: Fields | null
  readonly pre_tokenizer: Fields | null
  readonly model: Fields
}

const models = ["BPE", "Unigram", "WordPiece"]

const fail = (what: string): never => {
  throw new Error(what)
}

/** Looks at what the library takes on trust. */
const decode = (value: unknown): File => {
  if (!isFields(value)) return fail("it is no tokenizer.json: an object is expected")
  const { added_tokens = [], model, normalizer = null, pre_tokenizer = null } = value
  if (!isFields(model)) return fail('it is no tokenizer.json: "model" is missing')
  // Old files do not name their kind: the merges tell.
  const type = model["type"] ?? (Array.isArray(model["merges"]) ? "BPE" : undefined)
  if (!models.includes(type as string))
    return fail(`its model is of a kind that is not known: ${typeof type === "string" ? type : typeof type}`)
  if (!(type === "Unigram" ? Array.isArray(model["vocab"]) : isFields(model["vocab"])))
    return fail("its vocabulary is missing")
  const isMerge = (merge: unknown): boolean =>
    typeof merge === "string" ? merge.includes(" ") : Array.isArray(merge) && merge.length === 2
  if (type === "BPE" && !(Array.isArray(model["merges"]) && model["merges"].every(isMerge)))
    return fail("its merges are not pairs")
  if (!Array.isArray(added_tokens) || !added_tokens.every(isAddedToken))
    return fail("its added tokens are not objects with content and id")
  const part = (given: unknown, name: string): Fields | null =>
    given === null || isFields(given) ? given : fail(`its ${name} is no object`)
  return {
    ...value,
    added_tokens,
    model: { ...model, type },
    normalizer: part(normalizer, "normalizer"),
    pre_tokenizer: part(pre_tokenizer, "pre_tokenizer"),
  }
}

const listOf = (value: unknown): ReadonlyArray<Fields> => (Array.isArray(value) ? value.filter(isFields) : [])

/** The steps of a sequence, or the one step that there is. */
const stepsOf = (part: Fields | null, inner: string): ReadonlyArray<Fields> =>
  part === null ? [] : part["type"] === "Sequence" ? listOf(part[inner]).flatMap((one) => stepsOf(one, inner)) : [part]

/** How GPT-2 splits a text, which a ByteLevel step does unless it is told not to. */
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/**
 * The steps that split a text. The split of a ByteLevel step becomes one of its own: in the library's step white space is
 * that of JavaScript, which has U+FEFF and lacks U+0085.
 */
const splitSteps = ({ pre_tokenizer }: File): ReadonlyArray<Fields> =>
  stepsOf(pre_tokenizer, "pretokenizers").flatMap((step) =>
    step["type"] === "ByteLevel" && step["use_regex"] !== false && step["add_prefix_space"] !== true
      ? [
          { type: "Split", pattern: { Regex: gpt2Pattern }, behavior: "Isolated", invert: false },
          { ...step, use_regex: false },
        ]
      : [step],
  )

/** Whether a normalizer takes out all of a character, so that a split at it never finds one. */
const removes = (file: File, char: unknown): boolean =>
  stepsOf(file.normalizer, "normalizers").some(
    (step) => step["type"] === "Replace" && isFields(step["pattern"]) && step["pattern"]["String"] === char,
  )

/** Refuses what the library would do otherwise than the published tokenizer. */
const checkSupported = (file: File, steps: ReadonlyArray<Fields>): void => {
  for (const step of steps) {
    if (step["type"] !== "Split") continue
    const behavior = typeof step["behavior"] === "string" ? step["behavior"].toLowerCase() : ""
    const literal = isFields(step["pattern"]) ? step["pattern"]["String"] : undefined
    if (behavior !== "isolated" && behavior !== "removed" && !(literal !== undefined && removes(file, literal)))
      fail(`it splits texts in a way that is not supported: ${String(step["behavior"])}`)
  }
  for (const { content, single_word, special } of file.added_tokens)
    if (single_word === true && special !== true) fail(`its token "${content}" stands for whole words only`)
}

/** Splits a text into the pieces that are merged by themselves; undefined where the file knows no such pieces. */
const splitterOf = (
  file: File,
  steps: ReadonlyArray<Fields>,
): { readonly split: (text: string) => ReadonlyArray<string>; readonly bytes: PreTokenizer } | undefined => {
  const last = steps[steps.length - 1]
  const splits = steps.slice(0, -1)
  if (file.model["type"] !== "BPE" || (file.model["unk_token"] ?? null) !== null || last?.["type"] !== "ByteLevel")
    return undefined
  if (last["use_regex"] !== false || last["add_prefix_space"] === true) return undefined
  if (splits.length === 0 || splits.some(({ type }) => type !== "Split")) return undefined
  const made = splits.map((step) => new SplitPreTokenizer(step))
  return {
    split: (text) =>
      made.reduce<ReadonlyArray<string>>(
        (pieces, step) =>
          pieces.length === 1
            ? step.pre_tokenize_text(pieces[0] as string)
            : pieces.flatMap((piece) => step.pre_tokenize_text(piece)),
        [text],
      ),
    bytes: new ByteLevelPreTokenizer(last),
  }
}

/** Remembered pieces, at most; then all are forgotten. */
const cachedPieces = 1 << 16
/** Longest piece that is remembered, in UTF-16 units. */
const longestCached = 64

/** Tokens by pieces, each piece merged once. */
const byPieces = (
  tokenizer: Library,
  { bytes, split }: NonNullable<ReturnType<typeof splitterOf>>,
  isPlain: (text: string) => boolean,
  whole: Required<Coder>,
): Required<Coder> => {
  const { model, normalizer } = tokenizer
  let known = new Map<string, ReadonlyArray<number>>()
  const idsOf = (piece: string): ReadonlyArray<number> => {
    const found = known.get(piece)
    if (found !== undefined) return found
    const tokens = model.encode(bytes.pre_tokenize_text(piece))
    const ids = tokens.map((token) => tokenizer.token_to_id(token) as number)
    if (piece.length <= longestCached) {
      if (known.size >= cachedPieces) known = new Map()
      known.set(piece, ids)
    }
    return ids
  }
  /** The pieces, or nothing where added tokens stand in the text: the library knows all about them. */
  const piecesOf = (text: string): ReadonlyArray<string> | undefined => {
    if (!isPlain(text)) return undefined
    const normal = normalizer === null ? text : normalizer.normalize(text)
    return normal === text || isPlain(normal) ? split(normal) : undefined
  }
  return {
    count: (text) => {
      const pieces = piecesOf(text)
      if (pieces === undefined) return whole.count(text)
      let tokens = 0
      for (const piece of pieces) tokens += idsOf(piece).length
      return tokens
    },
    encode: (text) => {
      const pieces = piecesOf(text)
      if (pieces === undefined) return whole.encode(text)
      const ids: Array<number> = []
      for (const piece of pieces) for (const id of idsOf(piece)) ids.push(id)
      return ids
    },
  }
}

const coderOf = (tokenizer: Library): Required<Coder> => {
  const encode = (text: string): ReadonlyArray<number> => tokenizer.encode(text, { add_special_tokens: false }).ids
  return { count: (text) => encode(text).length, encode }
}

/**
 * Makes a tokenizer of the content of a file. Throws with what is wrong with it, for a person.
 */
export const parseTokenizer = (content: string): Tokenizer => {
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return fail("it is no JSON")
  }
  const file = decode(value)
  const steps = splitSteps(file)
  checkSupported(file, steps)
  const pre_tokenizer = steps.length === 0 ? null : { type: "Sequence", pretokenizers: steps }
  const parts = { normalizer: file.normalizer, pre_tokenizer, post_processor: null, decoder: null }
  const special = file.added_tokens.filter((token) => token["special"] === true)
  const ordinary = file.added_tokens.filter((token) => token["special"] !== true)
  const tokenizer = new Library({ ...parts, added_tokens: ordinary, model: file.model }, {})
  const whole = coderOf(tokenizer)
  const numbers = new Map(special.map(({ content: token, id }) => [token, id]))
  const splitter = splitterOf(file, steps)
  // What cannot code this cannot code anything.
  whole.count("Hello, world!\n")
  if (splitter === undefined || special.some(takesSpace))
    return { ...whole, rendered: coderOf(withAll(tokenizer, file, parts)), special: numbers }
  const added = patternOf(ordinary.map(({ content: token }) => token))
  const isPlain = (text: string): boolean => added === undefined || text.search(added) === -1
  const plain = byPieces(tokenizer, splitter, isPlain, whole)
  return { ...plain, rendered: withSpecial(plain, numbers), special: numbers }
}

/** Whether a token takes the white space beside it away. */
const takesSpace = (token: AddedToken): boolean => token["lstrip"] === true || token["rstrip"] === true

/** The library with all added tokens: made with an empty model, then given the large one, which exists once. */
const withAll = (tokenizer: Library, { added_tokens }: File, parts: object): Library => {
  const model = { type: "BPE", vocab: {}, merges: [] }
  const full = new Library({ ...parts, added_tokens, model }, {})
  full.model = tokenizer.model
  return full
}

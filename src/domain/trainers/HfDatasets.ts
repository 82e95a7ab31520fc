import { anyFile, fatal, type Fault, isRow, type Row, type RowContext, silent, type Trainer, warn } from "./Trainer.ts"

/** Bytes of the block by which the types of all columns are fixed. */
const blockBytes = 10 * 1024 * 1024

/** Paths that are told apart; a hostile file has more. */
const maxPaths = 10_000

const date = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?)?$/

interface Seen {
  /** Whether some value in the first block was not null and not an empty list. */
  filled: boolean
  texts: number
  dates: number
  lists: boolean
  strings: boolean
}

const inspect = () => {
  const paths = new Map<string, Seen>()
  const told = new Set<string>()
  let inBlock = true

  const once = (
    code: string,
    path: string,
    make: (code: string, message: string) => Fault,
    message: string,
  ): ReadonlyArray<Fault> => {
    if (told.has(`${code} ${path}`)) return []
    told.add(`${code} ${path}`)
    return [make(code, message)]
  }

  const value = (given: unknown, path: string, out: Array<Fault>): void => {
    let seen = paths.get(path)
    if (seen === undefined) {
      if (!inBlock)
        out.push(
          ...once("HD-1", path, fatal, `"${path}" is first seen behind the first 10 MB: the types are fixed by then`),
        )
      if (paths.size >= maxPaths) return
      seen = { filled: !inBlock, texts: 0, dates: 0, lists: false, strings: false }
      paths.set(path, seen)
    }
    const isEmpty = given === null || given === undefined || (Array.isArray(given) && given.length === 0)
    if (!isEmpty && !inBlock && !seen.filled)
      out.push(
        ...once("HD-2", path, fatal, `"${path}" is null or empty in all of the first 10 MB, and has a value here`),
      )
    if (!isEmpty && inBlock) seen.filled = true
    if (typeof given === "string") {
      seen.strings = true
      if (inBlock) {
        seen.texts++
        if (date.test(given)) seen.dates++
      } else if (seen.texts > 0 && seen.texts === seen.dates && !date.test(given)) {
        out.push(
          ...once("HD-5", path, fatal, `every "${path}" of the first 10 MB looks like a date, and this one does not`),
        )
      }
      if (!given.isWellFormed()) out.push(fatal("HD-8", `"${path}" holds half a surrogate pair`))
    }
    if (typeof given === "number" && Number.isInteger(given) && !Number.isSafeInteger(given))
      out.push(silent("HD-6", `"${path}" is a whole number beyond 2^53`))
    if (Array.isArray(given)) {
      seen.lists = true
      for (const item of given as ReadonlyArray<unknown>) value(item, `${path}[]`, out)
    } else if (isRow(given)) for (const [key, item] of Object.entries(given)) value(item, `${path}.${key}`, out)
    if (seen.lists && seen.strings)
      out.push(
        ...once("HD-7", path, warn, `"${path}" is text in some rows and a list in others: the column becomes opaque`),
      )
  }

  return {
    row: (row: Row, { byte }: RowContext): ReadonlyArray<Fault> => {
      inBlock = byte < blockBytes
      const out: Array<Fault> = []
      for (const [key, item] of Object.entries(row)) value(item, key, out)
      return out
    },
    end: (): ReadonlyArray<Fault> =>
      [...paths].flatMap(([path, { dates, texts }]) =>
        texts > 0 && texts === dates
          ? [warn("HD-5", `every "${path}" looks like a date: the column becomes a time`)]
          : [],
      ),
  }
}

export const HfDatasets: Trainer = {
  name: "hf-datasets",
  title: "Hugging Face datasets",
  aliases: ["hfdatasets", "hd", "datasets"],
  formats: [
    "openai",
    "openai-weighted",
    "sharegpt",
    "prompt-completion",
    "prompt-completion-text",
    "preference",
    "chatml",
    "template",
  ],
  file: anyFile,
  inspect,
  stanza: (file) => `load_dataset("json", data_files=${JSON.stringify(file)}, split="train")\n`,
}

/** Trainers that load their files by way of it. */
export const throughDatasets: ReadonlyArray<string> = ["axolotl", "llama-factory", "trl", "torchtune", "unsloth"]

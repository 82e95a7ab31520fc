import {
  anyFile,
  fatal,
  type Fault,
  ignoredWeights,
  isRow,
  messagesOf,
  orderOf,
  type Row,
  shapeOf,
  silent,
  templateDoubts,
  type Trainer,
  warn,
} from "./Trainer.ts"

/** Rows by which it guesses which key holds the role. */
const guessed = 10

const roles = ["system", "user", "human", "input", "gpt", "assistant", "output"]

const inspect = () => {
  const values = new Map<string, Set<string>>()
  let seen = 0

  const keysOf = (list: ReadonlyArray<Row>, index: number): ReadonlyArray<Fault> => {
    if (index >= guessed) return []
    for (const message of list) {
      const entries = Object.entries(message)
      if (entries.length !== 2) return [fatal("US-2", "a message in the first rows has not exactly two keys")]
      for (const [key, value] of entries) {
        if (typeof value !== "string") return [fatal("US-2", `"${key}" of a message in the first rows is no text`)]
        const known = values.get(key) ?? new Set<string>()
        values.set(key, known.add(value))
      }
    }
    seen++
    return []
  }

  const row = (given: Row, { index }: { readonly index: number }): ReadonlyArray<Fault> => {
    const shape = shapeOf(given)
    if (shape === "messages") {
      const list = messagesOf(given, shape)
      if (list === undefined || list.length === 0) return [fatal("US-1", "the list of messages is empty or none")]
      const order = orderOf(list)
      return [
        ...templateDoubts("US-1", order),
        ...(order.hasAssistant ? [] : [silent("US-1", "there is no reply in it")]),
        ...ignoredWeights("US-weight", list),
      ]
    }
    if (shape === "conversations") {
      const list = given["conversations"]
      if (!Array.isArray(list) || list.length === 0 || !list.every(isRow))
        return [fatal("US-2", "the list of conversations is empty or none")]
      const strange = list.some(({ from }) => !roles.includes(String(from as string)))
      return [
        ...keysOf(list, index),
        ...(strange ? [fatal("US-4", `a role that is not one of ${roles.join(", ")}`)] : []),
        ...templateDoubts("US-1", orderOf(messagesOf(given, shape) ?? [])),
      ]
    }
    return shape === "text" || shape === "prompt-completion" ? [] : [fatal("US-shape", "no shape that it reads")]
  }

  const end = (): ReadonlyArray<Fault> => {
    const sizes = [...values.entries()].map(([key, set]) => ({ key, size: set.size }))
    const [a, b] = sizes
    if (seen === 0 || a === undefined || b === undefined) return []
    const role = a.size < b.size ? a.key : b.key
    return role === "from"
      ? []
      : [
          fatal(
            "US-3",
            "the first rows have no more texts than roles, so that it takes one for the other; write messages",
          ),
        ]
  }
  return { row, end }
}

export const Unsloth: Trainer = {
  name: "unsloth",
  title: "Unsloth",
  aliases: ["us"],
  formats: ["openai", "sharegpt", "chatml", "template"],
  file: (facts) => (facts.container === "array" ? [warn("US-file", "JSON lines load faster")] : anyFile()),
  inspect,
  stanza: (file, shape) =>
    `dataset = load_dataset("json", data_files=${JSON.stringify(file)}, split="train")\n${shape === "conversations" ? "dataset = standardize_sharegpt(dataset)\n" : ""}# then the chat template, and train_on_responses_only(trainer, ...)\n`,
}

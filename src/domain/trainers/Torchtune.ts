import {
  anyFile,
  fatal,
  type Fault,
  has,
  ignoredWeights,
  messagesOf,
  orderOf,
  type Row,
  type Shape,
  shapeOf,
  silent,
  type Trainer,
  warn,
} from "./Trainer.ts"

const chat = (row: Row, shape: Shape): ReadonlyArray<Fault> => {
  const list = messagesOf(row, shape)
  if (list === undefined) return [fatal("TT-1", "the list of messages is none")]
  if (shape === "conversations" && list.some(({ role }) => role !== "system" && role !== "human" && role !== "gpt"))
    return [fatal("TT-3", "a role that is not system, human or gpt")]
  const known = ["system", "user", "assistant", "tool", "ipython"]
  const strange = shape === "messages" && list.some(({ role }) => !known.includes(String(role as string)))
  if (list[0]?.content === null || list[0]?.content === undefined)
    return [
      fatal(
        list.length === 0 ? "TT-1" : "TT-6",
        list.length === 0 ? "the list of messages is empty" : "the first message has no content",
      ),
    ]
  const order = orderOf(list)
  const raises =
    list.length < 2
      ? "fewer than two messages"
      : order.greeting || order.twice === "assistant"
        ? "a reply that follows no user"
        : order.twice === "user"
          ? "two turns of user in a row"
          : order.laterSystem
            ? "a system turn behind others"
            : undefined
  return [
    ...(raises === undefined ? [] : [fatal("TT-1", `${raises}: it raises in the middle of training`)]),
    ...(strange ? [silent("TT-4", "a role that it does not know is loaded and never trained")] : []),
    ...(list.some(({ content }) => content === null || content === undefined)
      ? [silent("TT-6", "a message without content gets the text of the one before")]
      : []),
    ...(order.hasAssistant ? [] : [silent("TT-8", "nothing in it is trained")]),
    ...(order.endsWithUser && order.hasAssistant ? [warn("TT-2", "the last turn is the user's: wasted tokens")] : []),
    ...(shape === "conversations" && has(row, "image") ? [fatal("TT-7", 'the column "image" stops it')] : []),
    ...ignoredWeights("TT-8", list),
  ]
}

const row = (given: Row): ReadonlyArray<Fault> => {
  const shape = shapeOf(given)
  if (shape === "messages" || shape === "conversations") return chat(given, shape)
  if (shape === "alpaca")
    return Array.isArray(given["history"]) && given["history"].length > 0
      ? [silent("TT-alpaca", "history and system text are not read: write messages")]
      : []
  return shape === "text" ? [] : [fatal("TT-shape", "no shape that it reads")]
}

export const Torchtune: Trainer = {
  name: "torchtune",
  title: "torchtune",
  aliases: ["tt"],
  formats: ["openai", "sharegpt", "alpaca"],
  file: anyFile,
  inspect: () => ({ row }),
  stanza: (file, shape) =>
    shape === "alpaca"
      ? `dataset:\n  _component_: torchtune.datasets.alpaca_dataset\n  source: json\n  data_files: ${JSON.stringify(file)}\n  train_on_input: false\n  split: train\n`
      : `dataset:\n  _component_: torchtune.datasets.chat_dataset\n  source: json\n  data_files: ${JSON.stringify(file)}\n  conversation_column: ${shape === "conversations" ? "conversations" : "messages"}\n  conversation_style: ${shape === "conversations" ? "sharegpt" : "openai"}\n  split: train\n`,
}

import {
  anyFile,
  fatal,
  type Fault,
  has,
  isRow,
  messagesOf,
  orderOf,
  roleOf,
  type Row,
  type Shape,
  shapeOf,
  silent,
  templateDoubts,
  type Trainer,
  warn,
} from "./Trainer.ts"

const chat = (row: Row, shape: Shape): ReadonlyArray<Fault> => {
  const list = messagesOf(row, shape)
  if (list === undefined || list.length === 0) return [fatal("AX-4", "the list of messages is empty or none")]
  const [first] = list
  if (typeof first?.role !== "string") return [fatal("AX-4", "the first message has no role")]
  const order = orderOf(list)
  const known = ["system", "user", "assistant", "tool"]
  return [
    ...(roleOf(first) !== "system" && has(row, "system")
      ? [silent("AX-2", 'a system turn is made of the column "system"')]
      : []),
    ...(list.some((one) => !known.includes(roleOf(one))) ? [warn("AX-1", "a role that no usual template knows")] : []),
    ...templateDoubts("AX-1", order),
    ...(order.hasAssistant ? [] : [silent("AX-5", "nothing in it is trained")]),
    ...(order.endsWithUser ? [warn("AX-6", "the last turn is not trained")] : []),
    ...(list.some((one) => one.content === null || one.content === undefined)
      ? [warn("AX-5", "a message without content: the template decides")]
      : []),
    ...(list.some((one) => roleOf(one) === "assistant" && typeof one.content === "string" && one.content.trim() === "")
      ? [warn("AX-5", "an empty reply is not trained")]
      : []),
    ...(list.some((one) => one.content === "[[dummy_message]]")
      ? [silent("AX-5", "a reply that is the loader's own placeholder is not trained")]
      : []),
  ]
}

const pygmalion = (row: Row): ReadonlyArray<Fault> => {
  const list = messagesOf(row, "pygmalion")
  if (list === undefined || list.length === 0) return [fatal("AX-12", "the list of turns is empty or none")]
  return list.every(({ role }) => role === "system" || role === "human" || role === "bot")
    ? []
    : [silent("AX-12", "a role that is not system, human or bot: the labels no longer line up")]
}

const segments = (row: Row): ReadonlyArray<Fault> => {
  const list = row["segments"]
  const fits =
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((one) => isRow(one) && typeof one["label"] === "boolean" && typeof one["text"] === "string")
  if (!fits) return [fatal("AX-14", "segments have to be objects of label (true, false) and text")]
  return list.some((one) => isRow(one) && one["label"] === true) ? [] : [silent("AX-14", "nothing in it is trained")]
}

const row = (given: Row): ReadonlyArray<Fault> => {
  const shape = shapeOf(given)
  switch (shape) {
    case "messages":
    case "conversations":
      return chat(given, shape)
    case "pygmalion":
      return pygmalion(given)
    case "segments":
      return segments(given)
    case "metharme":
      return given["prompt"] === "" || typeof given["prompt"] !== "string"
        ? [fatal("AX-11", "the prompt is empty or no text")]
        : []
    case "alpaca":
      return typeof given["instruction"] === "string" && typeof given["output"] === "string"
        ? Array.isArray(given["history"]) && given["history"].length > 0
          ? [silent("AX-alpaca", "the history is not read: write messages, or keep single exchanges")]
          : []
        : [fatal("AX-alpaca", "instruction and output have to be texts")]
    case "text":
    case "tokenized":
      return []
    default:
      return [fatal("AX-shape", "no shape that it reads")]
  }
}

const types: { readonly [K in Shape]?: string } = {
  metharme: "metharme",
  pygmalion: "pygmalion",
  segments: "input_output",
  alpaca: "alpaca",
  text: "completion",
}

export const Axolotl: Trainer = {
  name: "axolotl",
  title: "axolotl",
  aliases: ["ax"],
  formats: [
    "openai",
    "openai-weighted",
    "sharegpt",
    "segments",
    "metharme",
    "pygmalion",
    "alpaca",
    "chatml",
    "template",
    "tokenized",
  ],
  file: anyFile,
  inspect: () => ({ row }),
  stanza: (file, shape, weighted) => {
    const head = `datasets:\n  - path: ${JSON.stringify(file)}\n    ds_type: json\n`
    const own = types[shape]
    if (own !== undefined) return `${head}    type: ${own}\n`
    if (shape === "tokenized") return head
    const chatTemplate = `${head}    type: chat_template\n`
    const mapped =
      shape === "conversations"
        ? "    field_messages: conversations\n    message_property_mappings: {role: from, content: value}\n"
        : ""
    return `${chatTemplate}${mapped}${weighted ? "    message_field_training: weight\n" : ""}`
  },
}

import {
  anyFile,
  dropped,
  fatal,
  type Fault,
  has,
  ignoredWeights,
  isRow,
  messagesOf,
  type Row,
  type Shape,
  shapeOf,
  silent,
  type Trainer,
} from "./Trainer.ts"

/** Roles that may stand at even and at odd places, under the tags of the stanza. */
const places = {
  messages: { system: "system", even: ["user"], odd: ["assistant"] },
  conversations: { system: "system", even: ["human", "observation"], odd: ["gpt", "function_call"] },
} as const

const chat = (row: Row, shape: "messages" | "conversations"): ReadonlyArray<Fault> => {
  const { even, odd, system } = places[shape]
  const list = messagesOf(row, shape)
  if (list === undefined) return [fatal("LF-6", "the list of messages is none")]
  if (list.some(({ content, role }) => role === undefined || content === undefined))
    return [fatal("LF-6", "a message without role or content: loading stops")]
  const head = list[0]?.role === system ? 1 : 0
  const turns = list.slice(head)
  if (turns.length === 0) return [dropped("LF-1", "there is no turn in it")]
  const wrong = turns.findIndex(({ role }, i) => !(i % 2 === 0 ? even : odd).includes(role as never))
  return [
    ...(wrong >= 0
      ? [
          dropped(
            "LF-1",
            `turn ${wrong} is of "${String(turns[wrong]?.role as string)}": user and assistant have to take turns`,
          ),
        ]
      : turns.length % 2 === 1
        ? [dropped("LF-2", "it does not end with a reply")]
        : []),
    ...ignoredWeights("LF-7", list),
  ]
}

const preference = (row: Row): ReadonlyArray<Fault> => {
  const list = messagesOf(row, "conversations")
  if (list === undefined || !isRow(row["chosen"]) || !isRow(row["rejected"]))
    return [silent("LF-pair", "chosen and rejected have to be single turns (objects) beside conversations")]
  const turns = list.length - (list[0]?.role === "system" ? 1 : 0)
  return turns % 2 === 1 ? [] : [dropped("LF-2", "the conversation before a pair has to end with the user")]
}

const row = (given: Row): ReadonlyArray<Fault> => {
  const shape = shapeOf(given)
  switch (shape) {
    case "messages":
    case "conversations":
      return chat(given, shape)
    case "preference":
      return preference(given)
    case "alpaca":
      return has(given, "instruction") && typeof given["output"] === "string"
        ? []
        : [fatal("LF-5", "instruction and output have to be texts")]
    case "text":
      return []
    default:
      return [fatal("LF-shape", "no shape that it reads")]
  }
}

const columns: { readonly [K in Shape]?: object } = {
  messages: {
    formatting: "sharegpt",
    columns: { messages: "messages" },
    tags: {
      role_tag: "role",
      content_tag: "content",
      user_tag: "user",
      assistant_tag: "assistant",
      system_tag: "system",
    },
  },
  conversations: { formatting: "sharegpt", columns: { messages: "conversations" } },
  preference: {
    formatting: "sharegpt",
    ranking: true,
    columns: { messages: "conversations", chosen: "chosen", rejected: "rejected" },
  },
  alpaca: {
    columns: { prompt: "instruction", query: "input", response: "output", system: "system", history: "history" },
  },
  text: { columns: { prompt: "text" } },
}

export const LlamaFactory: Trainer = {
  name: "llama-factory",
  title: "LLaMA-Factory",
  aliases: ["llamafactory", "lf"],
  formats: ["openai", "sharegpt", "alpaca", "preference-sharegpt"],
  file: anyFile,
  inspect: () => ({ row }),
  stanza: (file, shape) =>
    `// dataset_info.json\n${JSON.stringify({ mine: { file_name: file, ...columns[shape] } }, null, 2)}\n`,
}

import {
  anyFile,
  fatal,
  type Fault,
  has,
  ignoredWeights,
  messagesOf,
  orderOf,
  type Row,
  shapeOf,
  silent,
  templateDoubts,
  type Trainer,
  warn,
} from "./Trainer.ts"

/** Keys that it chooses its way by, and the mixes of them that it takes. */
const special = ["messages", "prompt", "completion", "chosen", "rejected", "label"]
const mixes = [
  "messages",
  "prompt",
  "completion,prompt",
  "chosen,prompt,rejected",
  "chosen,rejected",
  "completion,label,prompt",
]

const isFilled = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : typeof value === "string")

const row = (given: Row): ReadonlyArray<Fault> => {
  const shape = shapeOf(given)
  const reserved = ["tools", "chat_template_kwargs"].filter((key) => has(given, key))
  const more = reserved.map((key) => warn("TR-7", `the column "${key}" has a meaning of its own here`))
  const keys = special
    .filter((key) => has(given, key))
    .sort()
    .join(",")
  if (shape === "metharme" || (has(given, "prompt") && keys === "prompt"))
    return [fatal("TR-2", "a prompt without a completion"), ...more]
  if (keys !== "" && !mixes.includes(keys)) return [fatal("TR-3", `the columns ${keys} do not go together`), ...more]
  switch (shape) {
    case "messages": {
      const list = messagesOf(given, shape)
      if (list === undefined || list.length === 0) return [fatal("TR-4", "the list of messages is empty or none")]
      const order = orderOf(list)
      return [
        ...(order.hasAssistant
          ? []
          : [silent("TR-1", "there is no reply: all of it is trained, or the run stops with assistant_only_loss")]),
        ...templateDoubts("TR-6", order),
        ...(order.endsWithUser ? [warn("TR-6", "the last turn is the user's")] : []),
        ...(list.some(({ content }) => typeof content !== "string" && !Array.isArray(content))
          ? [warn("TR-1", "a message without content: the template decides")]
          : []),
        ...ignoredWeights("TR-weight", list),
        ...more,
      ]
    }
    case "prompt-completion":
      return isFilled(given["prompt"]) && isFilled(given["completion"])
        ? more
        : [fatal("TR-4", "prompt or completion is empty or none"), ...more]
    case "preference":
      return isFilled(given["chosen"]) && isFilled(given["rejected"])
        ? more
        : [fatal("TR-4", "chosen or rejected is empty or none"), ...more]
    case "conversations":
      return [fatal("TR-5", "the roles stay human and gpt, which chat templates do not know: write messages"), ...more]
    case "text":
    case "tokenized":
      return more
    default:
      return [fatal("TR-shape", "no column that it reads"), ...more]
  }
}

export const Trl: Trainer = {
  name: "trl",
  title: "TRL",
  aliases: ["tr", "sfttrainer"],
  formats: ["openai", "prompt-completion", "preference", "prompt-completion-text", "chatml", "template", "tokenized"],
  file: anyFile,
  inspect: () => ({ row }),
  stanza: (file, shape) => {
    const load = `ds = load_dataset("json", data_files=${JSON.stringify(file)}, split="train")\n`
    const config =
      shape === "messages" ? "SFTConfig(max_length=N, assistant_only_loss=True)" : "SFTConfig(max_length=N)"
    return `${load}${shape === "preference" ? "DPOConfig(max_length=N)" : config}  # N: the --max-length of the build; the default cuts at 1024\n`
  },
}

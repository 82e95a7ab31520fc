import { fatal, type Fault, messagesOf, type Row, silent, type Trainer } from "./Trainer.ts"

/** Marks at which Vicuna's template cuts turns. */
const marks = [" ASSISTANT: ", "</s>"]

const row = (given: Row): ReadonlyArray<Fault> => {
  const list = messagesOf(given, "conversations")
  if (list === undefined || list.length === 0) return [fatal("FC-2", "the list of conversations is empty or none")]
  if (list.some(({ role }) => role !== "human" && role !== "gpt"))
    return [fatal("FC-2", "a role that is not human or gpt stops it; a system text belongs before the first turn")]
  const turns = list[0]?.role === "gpt" ? list.slice(1) : list
  if (turns.length === 0) return [fatal("FC-2", "there is no turn in it")]
  return [
    ...(turns.length < list.length ? [silent("FC-3", "the model speaks first: that turn is left out")] : []),
    ...(turns.some(({ role }, i) => role !== (i % 2 === 0 ? "human" : "gpt"))
      ? [fatal("FC-3", "human and gpt have to take turns: it stops here")]
      : turns.length % 2 === 1
        ? [silent("FC-4", "it ends with human: nothing in it is trained")]
        : []),
    ...(turns.some(({ content }) => typeof content !== "string" || content === "")
      ? [silent("FC-4", "an empty turn: nothing in it is trained")]
      : []),
    ...(turns.some(({ content }) => typeof content === "string" && marks.some((mark) => content.includes(mark)))
      ? [silent("FC-5", "a text holds a mark of the template: nothing in it is trained")]
      : []),
  ]
}

export const FastChat: Trainer = {
  name: "fastchat",
  title: "FastChat",
  aliases: ["fc", "vicuna"],
  formats: ["fastchat"],
  file: ({ container, hasBom }) => [
    ...(container === "array" ? [] : [fatal("FC-1", "it is no JSON array: write --format fastchat")]),
    ...(hasBom ? [fatal("FC-1", "the file begins with a byte-order mark")] : []),
  ],
  inspect: () => ({ row }),
  stanza: (file) =>
    `--data_path ${JSON.stringify(file)} --model_max_length N  # N: the --max-length of the build; the default is 512\n`,
}

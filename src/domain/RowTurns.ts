/**
 * The turns of a written row, for looking at it: reads the shapes of the package's formats back, by their keys. A row of
 * another shape (a plug-in's) is shown as its JSON.
 */
import type { TurnKind } from "./Conversation.ts"

/** A turn as it stands in a row. `text` is a whole rendering, or a row that is not known. */
export interface RowTurn {
  readonly kind: TurnKind | "text"
  readonly text: string
  /** Whether a trainer learns from it, where the row says so. */
  readonly trained?: boolean
}

type Row = { readonly [key: string]: unknown }

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value)

const kinds: ReadonlyMap<string, TurnKind> = new Map([
  ["system", "system"],
  ["developer", "system"],
  ["user", "user"],
  ["human", "user"],
  ["prompter", "user"],
  ["model", "model"],
  ["assistant", "model"],
  ["gpt", "model"],
  ["bot", "model"],
])

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value)

const trainedOf = (weight: unknown): { readonly trained?: boolean } =>
  typeof weight === "number" ? { trained: weight > 0 } : typeof weight === "boolean" ? { trained: weight } : {}

/** A list of messages, whatever its keys are called. */
const messages = (list: unknown): ReadonlyArray<RowTurn> =>
  Array.isArray(list)
    ? list.filter(isRow).map((item) => ({
        kind: kinds.get(textOf(item["role"] ?? item["from"])) ?? "text",
        text: textOf(item["content"] ?? item["value"] ?? item["text"]),
        ...trainedOf(item["weight"] ?? item["train"]),
      }))
    : []

const given = (kind: RowTurn["kind"], value: unknown): ReadonlyArray<RowTurn> =>
  typeof value === "string" && value !== "" ? [{ kind, text: value }] : []

const metharmeToken = /<\|(system|user|model)\|>/

/** The prompt of a row that marks its turns with tokens. */
const marked = (prompt: string): ReadonlyArray<RowTurn> => {
  const parts = prompt.split(metharmeToken)
  const turns: Array<RowTurn> = [...given("text", parts[0])]
  for (let i = 1; i < parts.length; i += 2) turns.push(...given(kinds.get(parts[i] as string) ?? "text", parts[i + 1]))
  return turns
}

/** A prompt or a completion: text, or a list of messages. */
const side = (value: unknown, kind: TurnKind): ReadonlyArray<RowTurn> =>
  typeof value !== "string" ? messages(value) : metharmeToken.test(value) ? marked(value) : given(kind, value)

const history = (value: unknown): ReadonlyArray<RowTurn> =>
  Array.isArray(value)
    ? value.flatMap((pair) => (Array.isArray(pair) ? [...given("user", pair[0]), ...given("model", pair[1])] : []))
    : []

const readers: ReadonlyArray<readonly [key: string, read: (row: Row) => ReadonlyArray<RowTurn>]> = [
  [
    "conversations",
    (row) => [
      ...given("system", row["system"]),
      ...messages(row["conversations"]),
      ...messages(row["chosen"] === undefined ? [] : [row["chosen"]]),
    ],
  ],
  ["messages", (row) => messages(row["messages"])],
  ["items", (row) => [...given("system", row["system"]), ...messages(row["items"])]],
  ["generation", (row) => [...side(row["prompt"], "user"), ...given("model", row["generation"])]],
  ["completion", (row) => [...side(row["prompt"], "user"), ...side(row["completion"], "model")]],
  [
    "preferred_output",
    ({ input, preferred_output }) => [
      ...messages(isRow(input) ? input["messages"] : []),
      ...messages(preferred_output),
    ],
  ],
  ["chosen", (row) => [...side(row["prompt"], "user"), ...side(row["chosen"], "model")]],
  [
    "instruction",
    (row) => [
      ...given("system", row["system"]),
      ...history(row["history"]),
      ...given("user", [row["instruction"], row["input"]].filter((text) => textOf(text) !== "").join("\n\n")),
      ...given("model", row["output"]),
    ],
  ],
  [
    "segments",
    (row) =>
      Array.isArray(row["segments"])
        ? row["segments"]
            .filter(isRow)
            .map(({ label, text }) => ({ kind: "text", text: textOf(text), ...trainedOf(label) }))
        : [],
  ],
  ["text", (row) => given("text", row["text"])],
]

/** The turns of a row; never empty, so that there is always something to look at. */
export const turnsOf = (row: Row): ReadonlyArray<RowTurn> => {
  for (const [key, read] of readers) {
    if (!Object.hasOwn(row, key)) continue
    const turns = read(row)
    if (turns.length > 0) return turns
  }
  return [{ kind: "text", text: JSON.stringify(row) }]
}

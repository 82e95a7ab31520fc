/**
 * Plain text as a conversation, by few rules:
 *
 * 1. A line of three or more dashes or equals signs, and nothing else, ends a conversation.
 * 2. A line `Name: text` begins a turn of that name; a time in brackets before it is left out. A name begins with a
 *    letter, is at most 40 characters of at most 4 words long, and stands at the beginning of its line.
 * 3. A line that begins with `>` is a command: what follows is the user's turn. A counter in brackets (`>[12] look`) is
 *    left out; a prompt with nothing behind it is none, and so are several of them (`> >`): what follows them is output.
 * 4. All other lines go on with the turn before them; before the first turn they are the system's in a conversation of
 *    names, and the model's in one of commands.
 *
 * A conversation is one of names or one of commands: whichever it has more lines of.
 */
import type { DocumentRecord, DocumentSyntax } from "./Documents.ts"

interface Message {
  readonly role: string
  content: string
}

const separator = /^\s*(?:-{3,}|={3,})\s*$/
const speaker = /^(?:\[[^\]\n]{1,40}\]\s{1,8})?(\p{L}[^:\n]{0,39}):(?:\s+(.*)|)$/u
const command = /^\s{0,8}((?:>\s?)+)(?:\[\d{1,9}\]\s{0,8})?(.*)$/

const speakerOf = (line: string): { readonly name: string; readonly text: string } | undefined => {
  const found = speaker.exec(line)
  const name = found?.[1]?.trim()
  if (name === undefined || name.split(/\s+/).length > 4) return undefined
  return { name, text: found?.[2] ?? "" }
}

/** Indentation that all lines share, and blank lines around them, say nothing. */
const tidy = (lines: ReadonlyArray<string>): string => {
  const filled = lines.filter((line) => line.trim() !== "")
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length))
  return lines
    .map((line) => line.slice(Number.isFinite(indent) ? indent : 0).trimEnd())
    .join("\n")
    .replace(/^\n+/, "")
    .trimEnd()
}

export const readTranscript = (text: string): ReadonlyArray<DocumentRecord> => {
  const lines = text.split(/\r?\n/)
  const firstFilled = lines.findIndex((line) => line.trim() !== "" && !separator.test(line))
  if (firstFilled < 0) return []
  let names = 0
  let commands = 0
  for (const line of lines) {
    if (command.test(line)) commands++
    else if (speakerOf(line) !== undefined) names++
  }
  const line = firstFilled + 1
  if (names === 0 && commands === 0) return [{ line, bad: "NoTurns" }]
  const messages: Array<Message> = []
  let role = names > commands ? "system" : "assistant"
  let held: Array<string> = []
  const end = (): void => {
    const content = tidy(held)
    if (content !== "") messages.push({ role, content })
    held = []
  }
  for (const one of lines) {
    if (separator.test(one)) continue
    if (names > commands) {
      const said = speakerOf(one)
      if (said === undefined) held.push(one)
      else {
        end()
        role = said.name
        held.push(said.text)
      }
      continue
    }
    const found = command.exec(one)
    if (found === null) {
      held.push(one)
      continue
    }
    const prompts = (found[1] ?? "").replace(/\s/g, "").length
    const typed = (found[2] ?? "").trim()
    if (prompts > 1) held.push(found[2] ?? "")
    else if (typed !== "") {
      end()
      messages.push({ role: "user", content: typed })
      role = "assistant"
    }
  }
  end()
  return messages.length === 0 ? [{ line, bad: "NoTurns" }] : [{ line, value: { messages } }]
}

export const makeTranscript = (maxRecordBytes: number): DocumentSyntax => ({
  maxBytes: maxRecordBytes,
  begins: (line) => separator.test(line),
  read: readTranscript,
})

/**
 * Control tokens in the data. A turn whose text holds a control token of the target could forge a turn once a trainer
 * tokenizes it, so every written text passes one of three named policies.
 */
export type RoleTokenPolicy = "escape" | "drop" | "keep"

/**
 * Markers of the chat templates in common use. A format whose rows carry roles as fields does not say which template a
 * trainer will render them with, so it guards against all of these.
 */
export const commonTokens: ReadonlyArray<string> = [
  "<|system|>",
  "<|user|>",
  "<|model|>",
  "<|assistant|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|im_sep|>",
  "<|endoftext|>",
  "<|startoftext|>",
  "<|end_of_text|>",
  "<|begin_of_text|>",
  "<|start_header_id|>",
  "<|end_header_id|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end_of_turn|>",
  "<|end|>",
  "<|return|>",
  "<|call|>",
  "<|channel|>",
  "<|message|>",
  "<|start|>",
  "<start_of_turn>",
  "<end_of_turn>",
  "<bos>",
  "<eos>",
  "<s>",
  "</s>",
  "[INST]",
  "[/INST]",
  "<<SYS>>",
  "<</SYS>>",
  "[SYSTEM_PROMPT]",
  "[/SYSTEM_PROMPT]",
  "<｜User｜>",
  "<｜Assistant｜>",
  "<｜begin▁of▁sentence｜>",
  "<｜end▁of▁sentence｜>",
]

/** Marks of the end of a text that a dump has kept from the model's own output. */
const endMarks: ReadonlyArray<string> = [
  "<|endoftext|>",
  "<|end_of_text|>",
  "<|im_end|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end_of_turn|>",
  "<|end|>",
  "<end_of_turn>",
  "<eos>",
  "</s>",
  "<｜end▁of▁sentence｜>",
]

const startMarks: ReadonlyArray<string> = [
  "<|startoftext|>",
  "<|begin_of_text|>",
  "<bos>",
  "<s>",
  "<｜begin▁of▁sentence｜>",
]

/**
 * A text without the marks of begin and end that frame it. In the middle they are left to the policy; a pair `<s>..</s>`
 * is HTML.
 */
export const removeFrame = (text: string): { readonly text: string; readonly count: number } => {
  if (!text.includes(">")) return { text, count: 0 }
  let out = text
  let count = 0
  for (;;) {
    const trimmed = out.trimEnd()
    const mark = trimmed.endsWith(">") ? endMarks.find((one) => trimmed.endsWith(one)) : undefined
    if (mark === undefined || (mark === "</s>" && /<s[ >]/.test(trimmed))) break
    out = trimmed.slice(0, -mark.length).trimEnd()
    count++
  }
  for (;;) {
    const trimmed = out.trimStart()
    const mark = trimmed.startsWith("<") ? startMarks.find((one) => trimmed.startsWith(one)) : undefined
    if (mark === undefined || (mark === "<s>" && trimmed.includes("</s>"))) break
    out = trimmed.slice(mark.length).trimStart()
    count++
  }
  return { text: out, count }
}

/**
 * Tokens that are plain tags or words: in another case they are something else, such as the type argument of `List<S>`, or
 * somebody's assistant.
 */
const isExact = (token: string): boolean => /^<\/?[a-z]+>$/.test(token) || !/[<[|]/.test(token)

/** A token as a pattern; letter case is ignored, because some tokenizers normalise it. */
const patternOf = (token: string): string =>
  Array.from(token)
    .map((char) => {
      const [lower, upper] = [char.toLowerCase(), char.toUpperCase()]
      if (lower !== upper && !isExact(token)) return `[${lower}${upper}]`
      return char.replace(/[.*+?^${}()|[\]\\/]/, (special) => `\\${special}`)
    })
    .join("")

export interface RoleTokenGuard {
  /** The first token found, or undefined. */
  readonly find: (text: string) => string | undefined
  /** The text with a space after the first character of each token, and how many there were. */
  readonly escape: (text: string) => { readonly text: string; readonly count: number }
}

/**
 * Compiles a guard. The alternation of literals runs in linear time. An escaped token reads the same to a person (`< |user|>`), and no tokenizer maps it to the control token.
 */
export const compileRoleTokens = (tokens: ReadonlyArray<string>): RoleTokenGuard => {
  const hopeless = tokens.find((token) => token.length < 2 || /\s/.test(token[1] as string))
  if (hopeless !== undefined)
    throw new Error(
      `the role token ${JSON.stringify(hopeless)} cannot be escaped: a space after its first character changes nothing`,
    )
  const sorted = [...new Set(tokens)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  if (sorted.length === 0) return { find: () => undefined, escape: (text) => ({ text, count: 0 }) }
  const firsts = sorted.map((token) => token[0] as string)
  const starts = new Set(firsts.flatMap((first) => [first.toLowerCase(), first.toUpperCase()]))
  const pattern = new RegExp(sorted.map(patternOf).join("|"), "g")
  const possible = (text: string): boolean => {
    for (const start of starts) if (text.includes(start)) return true
    return false
  }
  return {
    find: (text) => {
      if (!possible(text)) return undefined
      pattern.lastIndex = 0
      return pattern.exec(text)?.[0]
    },
    escape: (text) => {
      if (!possible(text)) return { text, count: 0 }
      let count = 0
      // The inserted space cannot complete another token: no token holds a space, and tokens share no first characters
      // with the inside of another that a space would leave whole. Repeated until nothing is left all the same.
      let current = text
      for (;;) {
        let found = 0
        const next = current.replace(pattern, (token) => {
          found++
          return `${token[0]} ${token.slice(1)}`
        })
        if (found === 0) return { text: current, count }
        count += found
        current = next
      }
    },
  }
}

/** The placeholders that prompts know. Everything else in double braces is a mistake that the config check reports. */
export const placeholders = ["char", "user", "persona", "characters", "content_type_str"] as const

export type Placeholder = (typeof placeholders)[number]

/** Hints about the reply, filled last, from the final model turn that is really emitted. */
export const hints = ["response_style_str", "response_length_str"] as const

export type Hint = (typeof hints)[number]

/** What was thrown, for a person: a module may throw anything. */
export const causeText = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What formats share: messages of role and content, and a conversation cut before its last reply. */
import type { Turn, TurnKind } from "../../domain/Conversation.ts"

export interface Message {
  readonly role: string
  readonly content: string
}

const roles: { readonly [K in TurnKind]: string } = { system: "system", user: "user", model: "assistant" }

export const roleOf = (turn: Turn): string => roles[turn.kind]

export const message = (turn: Turn): Message => ({ role: roles[turn.kind], content: turn.text })

/** The turns before the last reply, and the reply; undefined where the last turn is not the model's. */
export const lastReply = (
  turns: ReadonlyArray<Turn>,
): { readonly before: ReadonlyArray<Turn>; readonly reply: Turn } | undefined => {
  const reply = turns[turns.length - 1]
  return reply?.kind === "model" ? { before: turns.slice(0, -1), reply } : undefined
}

/** The system text (empty without one) and the exchanges; undefined where user and model do not take turns. */
export const exchanges = (
  turns: ReadonlyArray<Turn>,
): { readonly system: string; readonly pairs: ReadonlyArray<readonly [user: string, model: string]> } | undefined => {
  const head = turns[0]?.kind === "system" ? 1 : 0
  const pairs: Array<readonly [string, string]> = []
  for (let i = head; i < turns.length; i += 2) {
    const [user, model] = [turns[i], turns[i + 1]]
    if (user?.kind !== "user" || model?.kind !== "model") return undefined
    pairs.push([user.text, model.text])
  }
  return pairs.length === 0 ? undefined : { system: head === 1 ? (turns[0] as Turn).text : "", pairs }
}

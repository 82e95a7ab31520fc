/**
 * One normalisation for all tasks: empty turns out, at most one system turn, first, neighbours of one speaker merged
 * with a newline, trailing turns that are not the model's out.
 */
import type { EpisodeDraft } from "./Component.ts"
import type { Episode, Turn } from "./Conversation.ts"

export type Invalid = "noModelTurn" | "noUserTurn"

export interface Shaped {
  readonly episode: Episode
  /** Turns cut from the end because no model turn follows them. */
  readonly trailing: number
}

const isBlank = (text: string): boolean => text.trim() === ""

/** Puts a draft into shape, or says why it cannot be trained on. */
export const shape = (id: string, draft: EpisodeDraft): Shaped | Invalid => {
  const systems: Array<string> = []
  const turns: Array<Turn> = []
  for (const turn of draft.turns) {
    if (isBlank(turn.text)) continue
    if (turn.kind === "system") {
      systems.push(turn.text)
      continue
    }
    const last = turns[turns.length - 1]
    if (last !== undefined && last.kind === turn.kind && last.weight === turn.weight) {
      turns[turns.length - 1] = { ...last, text: `${last.text}\n${turn.text}` }
    } else {
      turns.push(turn)
    }
  }
  let end = turns.length
  while (end > 0 && (turns[end - 1] as Turn).kind !== "model") end--
  const trailing = turns.length - end
  turns.length = end
  if (end === 0) return "noModelTurn"
  if (!turns.some((turn) => turn.kind === "user")) return "noUserTurn"
  // Replies that were not chosen stand for the last turn: without it they stand for nothing.
  const others = draft.alternatives?.filter((text) => !isBlank(text)) ?? []
  const more = others.length > 0 && trailing === 0 ? { alternatives: others } : {}
  if (draft.prompt !== undefined) {
    const { prompt } = draft
    return { episode: { id, turns: [{ kind: "system", text: "" }, ...turns], prompt, ...more }, trailing }
  }
  if (systems.length > 0) turns.unshift({ kind: "system", text: systems.join("\n") })
  return { episode: { id, turns, ...more }, trailing }
}

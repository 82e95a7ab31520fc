/**
 * What a conversation is made of. Plain immutable data: a format or a filter never changes what it is given.
 */
import type { PromptPart } from "./prompts/Prompt.ts"

/** Who speaks: the instruction to the model, the person, or the model that is trained. */
export type TurnKind = "system" | "user" | "model"

/** One utterance. */
export interface Turn {
  readonly kind: TurnKind
  readonly text: string
  /** The speaker's real name, where the data tells it. */
  readonly name?: string
  /** Loss weight: 0 is read and not trained. Absent: a turn of the model is trained, another is not. */
  readonly weight?: number
}

/**
 * A conversation that a task made from a record.
 *
 * `prompt` stands for the text of the system turn while the hints about the reply (style, length) are open: they are
 * filled from the last model turn that is really emitted, so only after the length stage.
 */
export interface Episode {
  readonly id: string
  readonly turns: ReadonlyArray<Turn>
  readonly prompt?: ReadonlyArray<PromptPart>
  /** Replies that were not chosen, in place of the last turn. */
  readonly alternatives?: ReadonlyArray<string>
}

/** What a format encodes: the turns that are written, all placeholders filled. */
export interface TrainingExample {
  readonly id: string
  readonly turns: ReadonlyArray<Turn>
  /** Replies that were not chosen, in place of the last turn. */
  readonly alternatives?: ReadonlyArray<string>
}

/** Whether a trainer should learn from a turn: a model's unless its weight is 0, another's only with a weight. */
export const isTrained = ({ kind, weight }: Turn): boolean => (weight === undefined ? kind === "model" : weight > 0)

export const system = (text: string): Turn => ({ kind: "system", text })

export const user = (text: string, name?: string): Turn =>
  name === undefined ? { kind: "user", text } : { kind: "user", text, name }

export const model = (text: string, name?: string): Turn =>
  name === undefined ? { kind: "model", text } : { kind: "model", text, name }

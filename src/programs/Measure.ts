/** What a run counts and trains of an example: tokens of each turn, and whether a trainer learns from it. */
import type { OpenFormat } from "../domain/Component.ts"
import { isTrained, type TrainingExample, type Turn } from "../domain/Conversation.ts"
import { openFormat } from "../domain/Format.ts"
import type { ResolvedRun, RunTask } from "./Resolve.ts"

export interface MeasuredTurn {
  readonly tokens: number
  readonly trained: boolean
}

export interface Measured {
  /** One for each turn of the example. */
  readonly turns: ReadonlyArray<MeasuredTurn>
  /** Tokens of each reply that was not chosen. */
  readonly alternatives: ReadonlyArray<number>
  /** Tokens that the length limit looks at: with what a chat template adds, where the run has one. */
  readonly tokens: number
  /** Tokens of the turns that are trained. */
  readonly trained: number
}

export type Measure = (example: TrainingExample) => Measured

/** How a run measures the examples of a task. Counts even where the run needs no count. */
export const measureOf = async ({ run }: ResolvedRun, { parts }: RunTask): Promise<Measure> => {
  const tokenizer = await parts.loadTokenizer(run.tokenizer, run.tokenizerFile)
  const format = openFormat(parts.format, { template: run.template, tokenizer })
  return measureWith(format, tokenizer.count, tokenizer.rendered.count)
}

/** The same, of a format and functions that count. */
export const measureWith = (
  format: Pick<OpenFormat, "lengthText" | "tokens"> & { readonly loss: "last" | "all" | "turns" },
  count: (text: string) => number,
  countRendered: (text: string) => number,
): Measure => {
  /** Rows that carry no weights train turns of the model, whatever the data says. */
  const isLearned = (turn: Turn, isLast: boolean): boolean =>
    isTrained(turn) && (format.loss === "turns" || (turn.kind === "model" && (format.loss === "all" || isLast)))
  return (example) => {
    const last = example.turns.length - 1
    const turns = example.turns.map((turn, i) => ({
      tokens: count(format.lengthText(turn)),
      trained: isLearned(turn, i === last),
    }))
    const alternatives = (example.alternatives ?? []).map((text) => count(format.lengthText({ kind: "model", text })))
    const sum = turns.reduce((all, turn) => all + turn.tokens, 0)
    const longer = Math.max(0, ...alternatives.map((tokens) => tokens - (turns[last]?.tokens ?? 0)))
    return {
      turns,
      alternatives,
      tokens: format.tokens?.(example, countRendered) ?? sum + longer,
      trained: turns.reduce((all, { tokens, trained }) => all + (trained ? tokens : 0), 0),
    }
  }
}

/**
 * Fits an episode to what a target takes: a greeting that stands before the first word of the user, and the turns that
 * are trained. Filters have seen the episode as it was; each repair is counted by its name.
 */
import { readList } from "./Assets.ts"
import type { Loss, Takes } from "./Component.ts"
import { type Episode, isTrained, type Turn } from "./Conversation.ts"
import type { PromptPart } from "./prompts/Prompt.ts"
import * as RecordRandom from "./RecordRandom.ts"

/**
 * What becomes of turns of the model before the first turn of the user:
 *
 * - `keep`: they stay as they are.
 * - `mask`: they stay and are not trained.
 * - `openerUser`: a short turn of the user is put before them, chosen by hash from `assets/openers.txt`.
 * - `foldIntoSystem`: their text is put at the end of the system text.
 * - `drop`: they are left out.
 */
export type GreetingRule = "keep" | "mask" | "openerUser" | "foldIntoSystem" | "drop"

export const greetingRules: ReadonlyArray<GreetingRule> = ["keep", "mask", "openerUser", "foldIntoSystem", "drop"]

/** What a task's section says of greetings and of the turns that are trained. */
export interface TargetRules {
  /** Absent: `keep`, or `openerUser` where the format does not take a greeting. */
  readonly greeting?: GreetingRule | undefined
  /** Turns of the model that are trained: all, or only the last one. Absent: all, as far as the data has no weights. */
  readonly train?: "all" | "last" | undefined
  /** Whether turns of the user are trained as well: for logs in which people speak on both sides. */
  readonly trainUser?: boolean | undefined
}

/** What a format can say, as far as it matters here. */
export interface TargetFormat {
  readonly name: string
  readonly loss: Loss
  readonly takes: Takes
}

/** Problems of a task's rules with a format, by key of the section. */
export const targetProblems = (
  { greeting, train, trainUser }: TargetRules,
  { loss, name, takes }: TargetFormat,
): ReadonlyArray<{ readonly key: keyof TargetRules; readonly message: string }> => {
  const weighted = `Formats that carry weights: openai-weighted, openchat, segments, tokenized.`
  return [
    ...(greeting === "keep" && !takes.greeting
      ? [
          {
            key: "greeting" as const,
            message: `format "${name}" takes no conversation in which the model speaks first; choose openerUser, foldIntoSystem or drop`,
          },
        ]
      : []),
    ...(greeting === "mask" && (loss === "all" || !takes.greeting)
      ? [
          {
            key: "greeting" as const,
            message: `format "${name}" cannot say that a turn is not trained; choose openerUser, foldIntoSystem or drop. ${weighted}`,
          },
        ]
      : []),
    ...(train === "last" && loss === "all"
      ? [{ key: "train" as const, message: `format "${name}" trains every turn of the model. ${weighted}` }]
      : []),
    ...(trainUser === true && loss !== "turns"
      ? [{ key: "trainUser" as const, message: `format "${name}" trains turns of the model only. ${weighted}` }]
      : []),
  ]
}

/** An episode that fits, and turns that were cut from its end because none of them is trained. */
export interface Aimed {
  readonly episode: Episode
  readonly untrained: number
}

/**
 * Why an episode has no row: nothing in it is trained, the format trains what must not be, or a speaker has two turns of
 * different weight in a row where the format takes one.
 */
export type AimInvalid = "nothingTrained" | "untrainedTurn" | "noUserTurn" | "notAlternating"

/** Neighbours of one speaker as one turn, where both are trained or neither is. */
const mergeAlike = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const merged: Array<Turn> = []
  for (const turn of turns) {
    const last = merged[merged.length - 1]
    if (last !== undefined && last.kind === turn.kind && isTrained(last) === isTrained(turn))
      merged[merged.length - 1] = { ...last, text: `${last.text}\n${turn.text}` }
    else merged.push(turn)
  }
  return merged
}

/** Compiles the rules of a task for a format. The identity where nothing is to be done. */
export const compileTarget = (
  { greeting, train, trainUser }: TargetRules,
  { loss, takes }: TargetFormat,
  seed: number,
): ((episode: Episode, repaired: (rule: string) => void) => Aimed | AimInvalid) => {
  const rule = greeting ?? (takes.greeting ? "keep" : "openerUser")
  const openers = rule === "openerUser" ? readList("openers.txt") : []
  const opener = (id: string): Turn => ({
    kind: "user",
    text: RecordRandom.make(RecordRandom.key(seed, "opener", id)).pick(openers),
    ...(trainUser === true ? { weight: 0 } : {}),
  })

  /** An episode whose first word is the model's. */
  const greet = (episode: Episode, head: number, end: number, repaired: (rule: string) => void): Episode => {
    const { turns } = episode
    const [before, greetings, after] = [turns.slice(0, head), turns.slice(head, end), turns.slice(end)]
    switch (rule) {
      case "keep":
        return episode
      case "mask":
        repaired("greetingMasked")
        return { ...episode, turns: [...before, ...greetings.map((turn) => ({ ...turn, weight: 0 })), ...after] }
      case "openerUser":
        repaired("openerAdded")
        return { ...episode, turns: [...before, opener(episode.id), ...greetings, ...after] }
      case "drop":
        repaired("greetingDropped")
        return { ...episode, turns: [...before, ...after] }
      case "foldIntoSystem": {
        repaired("greetingFolded")
        const text = greetings.map((turn) => turn.text).join("\n")
        if (episode.prompt !== undefined) {
          const prompt: ReadonlyArray<PromptPart> = [...episode.prompt, `\n\n${text}`]
          return { ...episode, turns: [...before, ...after], prompt }
        }
        const own = before[0]?.text
        return {
          ...episode,
          turns: [{ kind: "system", text: own === undefined ? text : `${own}\n\n${text}` }, ...after],
        }
      }
    }
  }

  const weigh = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
    if (train !== "last" && trainUser !== true) return turns
    const last = turns.findLastIndex(({ kind }) => kind === "model")
    return turns.map((turn, i) => {
      if (turn.kind === "system" || turn.weight === 0) return turn
      if (train === "last") return i === last ? turn : turn.kind === "model" ? { ...turn, weight: 0 } : turn
      return turn.kind === "user" && turn.weight === undefined ? { ...turn, weight: 1 } : turn
    })
  }

  return (given, repaired) => {
    let episode = given
    const head = episode.turns[0]?.kind === "system" ? 1 : 0
    if (rule !== "keep" && episode.turns[head]?.kind === "model") {
      const end = episode.turns.findIndex(({ kind }, i) => i >= head && kind !== "model")
      episode = greet(episode, head, end < 0 ? episode.turns.length : end, repaired)
      if (!episode.turns.some(({ kind }) => kind === "user")) return "noUserTurn"
    }
    let turns = weigh(episode.turns)
    if (!turns.some(({ weight }) => weight !== undefined)) {
      return { episode: turns === episode.turns ? episode : { ...episode, turns }, untrained: 0 }
    }
    const last = turns.findLastIndex((turn) => isTrained(turn))
    if (last < 0) return "nothingTrained"
    let untrained = 0
    if (loss !== "turns" && last < turns.length - 1) {
      untrained = turns.length - 1 - last
      turns = turns.slice(0, last + 1)
      if (!turns.some(({ kind }) => kind === "user")) return "noUserTurn"
    }
    if (!takes.greeting) {
      // Neighbours of one speaker were not merged where their weights differ; what begins with the user takes turns, too.
      turns = mergeAlike(turns)
      if (turns.some(({ kind }, i) => kind === turns[i - 1]?.kind)) return "notAlternating"
    }
    if (loss === "all" && turns.some((turn) => turn.kind === "model" && !isTrained(turn))) return "untrainedTurn"
    return { episode: turns === episode.turns ? episode : { ...episode, turns }, untrained }
  }
}

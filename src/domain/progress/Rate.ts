/** How fast something goes, smoothed. */

/**
 * Seconds over which a rate is smoothed. Slices end in bursts, out of order where several threads work on them: the mean
 * of a second jumps. The mean of the whole run does not jump, but hides for minutes that a task is slower than the one
 * before it. Ten seconds, the span over which downloads tell theirs, lie between the two; the number is a choice.
 */
const smoothSeconds = 10

export interface Rate {
  /** So much was done between the last time that was told and this one. */
  readonly add: (seconds: number, amount: number) => void
  /** The time since the last one that was told does not count. */
  readonly skip: (seconds: number) => void
  /** A second; 0 before anything was done. */
  readonly perSecond: (seconds: number) => number
  /** Seconds that count. */
  readonly measured: (seconds: number) => number
}

/**
 * A mean in which what was done weighs the less the longer ago it was: by 1/e every ten seconds, as the load averages of
 * Unix. The weights of times that were measured are summed up as well, so that the first seconds of a run give the mean
 * of what they saw, not a slow rise from nothing. Times are in seconds, and never go back.
 */
export const makeRate = (start: number): Rate => {
  let at = start
  let done = 0
  let weight = 0
  let measured = 0
  /** Sums as they are at a later time. */
  const later = (seconds: number): { readonly done: number; readonly weight: number } => {
    const fade = Math.exp(-Math.max(0, seconds - at) / smoothSeconds)
    return { done: done * fade, weight: weight * fade + smoothSeconds * (1 - fade) }
  }
  return {
    add: (seconds, amount) => {
      const now = later(seconds)
      measured += Math.max(0, seconds - at)
      at = Math.max(at, seconds)
      done = now.done + amount
      weight = now.weight
    },
    skip: (seconds) => {
      at = Math.max(at, seconds)
    },
    perSecond: (seconds) => {
      const now = later(seconds)
      return now.weight > 0 ? now.done / now.weight : 0
    },
    measured: (seconds) => measured + Math.max(0, seconds - at),
  }
}

/** Tells a person how far a run is. Results never depend on it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export interface ProgressEvent {
  readonly task: string
  readonly read: number
  readonly written: number
}

export interface ProgressService {
  readonly report: (event: ProgressEvent) => Effect.Effect<void>
  /** Removes what was drawn. */
  readonly done: Effect.Effect<void>
}

export class Progress extends Context.Tag("data-toolbox/Progress")<Progress, ProgressService>() {
  static readonly layerQuiet: Layer.Layer<Progress> = Layer.succeed(Progress, {
    report: () => Effect.void,
    done: Effect.void,
  })

  /** One line on stderr that redraws itself on a terminal; every ten seconds a plain line elsewhere. */
  static readonly layerTerminal: Layer.Layer<Progress> = Layer.sync(Progress, () => {
    const { stderr } = process
    const redraws = stderr.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
    const every = redraws ? 100 : 10_000
    let last = performance.now()
    return {
      report: ({ read, task, written }) =>
        Effect.sync(() => {
          const now = performance.now()
          if (now - last < every) return
          last = now
          const text = `${task}: ${read} read, ${written} written`
          stderr.write(redraws ? `\r\u001b[2K${text}` : `${text}\n`)
        }),
      done: Effect.sync(() => {
        if (redraws) stderr.write("\r\u001b[2K")
      }),
    }
  })
}

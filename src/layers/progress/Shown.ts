/** A progress that is shown from time to time, in whichever way. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { makeTracker, type State } from "../../domain/progress/Tracker.ts"
import { Progress } from "../../services/Progress.ts"

export interface View {
  /** Between one time and the next, and before the first. */
  readonly every: Duration.DurationInput
  readonly show: (state: State) => void
  /** Removes what is shown. */
  readonly end: () => void
}

/** Opens a view when the first event comes, and closes it when all is done, or with the scope. */
export const layerShown = (open: () => View): Layer.Layer<Progress> =>
  Layer.scoped(
    Progress,
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      let tracker = makeTracker()
      let running: { readonly view: View; readonly fibers: Array<Fiber.RuntimeFiber<unknown>> } | undefined

      // Of the clocks this one does not jump when the machine's time is set.
      const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e9)
      const tell = (act: (seconds: number) => void) =>
        Effect.flatMap(now, (seconds) => {
          act(seconds)
          return running === undefined ? start : Effect.void
        })
      const start = Effect.suspend(() => {
        if (running !== undefined) return Effect.void
        const view = open()
        const fibers: Array<Fiber.RuntimeFiber<unknown>> = []
        running = { view, fibers }
        const tick = Effect.zipRight(
          Effect.sleep(view.every),
          Effect.map(now, (seconds) => {
            const state = tracker.state(seconds)
            if (state !== undefined) view.show(state)
          }),
        )
        return Effect.map(Effect.forkIn(Effect.forever(tick), scope), (fiber) => void fibers.push(fiber))
      })
      const done = Effect.suspend(() => {
        if (running === undefined) return Effect.void
        const { fibers, view } = running
        running = undefined
        tracker = makeTracker()
        return Effect.zipRight(Fiber.interruptAll(fibers), Effect.sync(view.end))
      })
      yield* Scope.addFinalizer(scope, done)

      return {
        begin: (tasks) =>
          Effect.gen(function* () {
            yield* tell((seconds) =>
              tracker.begin(
                seconds,
                tasks.map(({ task }) => task),
              ),
            )
            // The run does not wait for what it is only told with.
            const sizes = Effect.forEach(tasks, ({ bytes, task }) =>
              bytes === undefined ? Effect.void : Effect.map(bytes, (size) => tracker.size(task, size)),
            )
            const fiber = yield* Effect.forkIn(sizes, scope)
            running?.fibers.push(fiber)
          }),
        preparing: (task, begun) => tell((seconds) => tracker.preparing(seconds, task, begun)),
        planned: (task, bytes) => tell(() => tracker.planned(task, bytes)),
        slice: ({ bytes, resumed, task }) => tell((seconds) => tracker.slice(seconds, task, bytes, resumed)),
        counts: ({ task, ...counts }) => tell((seconds) => tracker.counts(seconds, task, counts)),
        phase: (phase) => tell(() => tracker.phase(phase)),
        transfer: (transfer) => tell(() => tracker.transfer(transfer)),
        done,
      }
    }),
  )

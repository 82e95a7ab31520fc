/**
 * Runs slices on worker threads. What cannot travel (an app's own components, records that cannot be cloned) runs in
 * process, with the same result. A worker that dies is replaced, and its slices are tried once more.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { packageRoot } from "../domain/Assets.ts"
import { SliceError } from "../domain/Errors.ts"
import { placeOf, SliceRunner, type SliceRunnerService, type Work } from "../services/SliceRunner.ts"
import * as InProcess from "./InProcess.ts"
import { makeIsNamed } from "./Parts.ts"
import { maxJobs, type Request, type Response } from "./WorkerMessages.ts"
import { causeText } from "../domain/Cause.ts"

/** The worker's entry, bundled. */
export const defaultEntry = (): string => join(packageRoot(), "dist", "bin", "worker.js")

interface Pending {
  readonly work: Work
  readonly done: (result: Effect.Effect<Uint8Array, SliceError>) => void
  tries: number
  cancelled: boolean
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Set<string>
  readonly running: Map<number, Pending>
}

/** Slices that a worker has at once: the next one waits there, so that it never waits for a message. */
const perWorker = 2

/** A pool of at most `size` threads, started when they are needed and ended with the scope. */
const makePool = (
  size: number,
  entry: string,
): Effect.Effect<(work: Work) => Effect.Effect<Uint8Array, SliceError>, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.map(Effect.runtime(), (runtime) => {
        const warn = (text: string): void => void Runtime.runFork(runtime)(Effect.logWarning(text))
        const threads = new Set<Thread>()
        const waiting: Array<Pending> = []
        let closed = false
        let ids = 0

        const send = (thread: Thread, pending: Pending): void => {
          const { job, jobKey, keep, limit, slice } = pending.work
          const known = thread.jobs.has(jobKey)
          if (!known && thread.jobs.size >= maxJobs) thread.jobs.clear()
          const request: Request = {
            id: ids++,
            jobKey,
            slice,
            ...(known ? {} : { job }),
            ...(limit === undefined ? {} : { limit }),
            ...(keep === undefined ? {} : { keep }),
          }
          try {
            thread.worker.postMessage(request)
          } catch (cause) {
            pending.done(
              Effect.fail(new SliceError({ reason: "NotCloneable", place: placeOf(slice), detail: causeText(cause) })),
            )
            return
          }
          thread.jobs.add(jobKey)
          thread.running.set(request.id, pending)
        }

        const died = (thread: Thread, detail: string): void => {
          if (!threads.delete(thread) || closed) return
          // A worker runs one slice after the other: those behind the first had no part in it.
          const [first, ...behind] = thread.running.values()
          waiting.unshift(...behind)
          if (first === undefined) warn(`a worker died with nothing left to do: ${detail}`)
          else {
            const place = placeOf(first.work.slice)
            if (first.tries++ === 0) {
              waiting.unshift(first)
              if (!first.cancelled) warn(`a worker died on ${place} (${detail}); another one tries again`)
            } else {
              first.done(Effect.fail(new SliceError({ reason: "WorkerDied", place, detail })))
            }
          }
          pump()
        }

        const start = (): Thread => {
          const worker = new Worker(entry, { stdin: false })
          const thread: Thread = { worker, jobs: new Set(), running: new Map() }
          threads.add(thread)
          worker.on("message", (response: Response) => {
            const pending = thread.running.get(response.id)
            thread.running.delete(response.id)
            if (pending !== undefined && !pending.cancelled) {
              if ("found" in response && response.found) pending.work.found?.()
              pending.done(
                "result" in response
                  ? Effect.succeed(response.result)
                  : Effect.fail(
                      new SliceError({
                        reason: response.failed,
                        place: placeOf(pending.work.slice),
                        detail: response.detail,
                      }),
                    ),
              )
            }
            pump()
          })
          worker.on("error", (cause) => died(thread, causeText(cause)))
          worker.on("exit", (code) => died(thread, `it ended with code ${code}`))
          return thread
        }

        const pump = (): void => {
          while (waiting.length > 0 && !closed) {
            const next = waiting[0] as Pending
            if (next.cancelled) {
              waiting.shift()
              continue
            }
            let best: Thread | undefined
            for (const thread of threads)
              if (best === undefined || thread.running.size < best.running.size) best = thread
            if ((best === undefined || best.running.size > 0) && threads.size < size) best = start()
            if (best === undefined || best.running.size >= perWorker) return
            waiting.shift()
            send(best, next)
          }
        }

        const run = (work: Work): Effect.Effect<Uint8Array, SliceError> =>
          Effect.async((resume) => {
            const pending: Pending = { work, done: resume, tries: 0, cancelled: false }
            waiting.push(pending)
            pump()
            return Effect.sync(() => {
              pending.cancelled = true
            })
          })

        const close = async (): Promise<void> => {
          closed = true
          await Promise.all([...threads].map(({ worker }) => worker.terminate()))
        }
        return { run, close }
      }),
      ({ close }) => Effect.promise(close),
    ),
    ({ run }) => run,
  )

export const make = (size: number, entry: string): Effect.Effect<SliceRunnerService, never, Scope.Scope> =>
  Effect.map(makePool(size, entry), (pooled) => {
    const inProcess = InProcess.make()
    const isNamed = makeIsNamed()
    return {
      ahead: size * perWorker,
      run: (work) =>
        Effect.flatMap(
          Effect.promise(() => isNamed(work)),
          (can) =>
            can
              ? Effect.catchIf(
                  pooled(work),
                  (error) => error.reason === "NotCloneable",
                  () => inProcess.run(work),
                )
              : inProcess.run(work),
        ),
    }
  })

/** A pool of `size` threads; 0, or a package that was not built, is in process. */
export const layer = (size: number, entry: string = defaultEntry()): Layer.Layer<SliceRunner> =>
  size === 0 || !existsSync(entry) ? InProcess.layer : Layer.scoped(SliceRunner, make(size, entry))

/** Runs slices in this process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SliceError } from "../domain/Errors.ts"
import { compile, type RunSlice } from "../domain/RecordPath.ts"
import { placeOf, SliceRunner, type SliceRunnerService, type Work } from "../services/SliceRunner.ts"
import { makeIsNamed } from "./Parts.ts"
import { loadSlice } from "./readers/Load.ts"
import { runKept } from "./SliceStore.ts"
import { maxJobs } from "./WorkerMessages.ts"
import { causeText } from "../domain/Cause.ts"

/** The in-process runner. Compiled jobs are kept: they are pure. */
export const make = (): SliceRunnerService => {
  const compiled = new Map<string, Promise<RunSlice>>()
  const isNamed = makeIsNamed()
  const compileOnce = ({ job, jobKey, parts }: Work): Promise<RunSlice> => {
    let run = compiled.get(jobKey)
    if (run === undefined) {
      if (compiled.size >= maxJobs) compiled.clear()
      run = compile(job, parts)
      compiled.set(jobKey, run)
    }
    return run
  }
  return {
    ahead: 2,
    run: (work) =>
      Effect.gen(function* () {
        const { found = () => undefined, jobKey, keep, limit, slice } = work
        const { input } = yield* Effect.tryPromise({
          try: () => loadSlice(slice),
          catch: (cause) => new SliceError({ reason: "Read", place: placeOf(slice), detail: causeText(cause) }),
        })
        return yield* Effect.tryPromise({
          try: async () => {
            const folder = keep !== undefined && (await isNamed(work)) ? keep : undefined
            return runKept(() => compileOnce(work), input, limit, jobKey, folder, found)
          },
          catch: (cause) => new SliceError({ reason: "Run", place: placeOf(slice), detail: causeText(cause) }),
        })
      }),
  }
}

export const layer: Layer.Layer<SliceRunner> = Layer.sync(SliceRunner, make)

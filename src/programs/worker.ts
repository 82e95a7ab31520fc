/** The entry of a worker thread: runs slices of jobs that are told by name. No Effect runs here. */
import { parentPort } from "node:worker_threads"
import type { Job } from "../domain/Job.ts"
import { compile, type RunSlice } from "../domain/RecordPath.ts"
import { findParts } from "../layers/Parts.ts"
import { loadSlice } from "../layers/readers/Load.ts"
import { runKept } from "../layers/SliceStore.ts"
import { maxJobs, type Request, type Response } from "../layers/WorkerMessages.ts"
import { causeText } from "../domain/Cause.ts"

// What a plug-in prints must not get into rows on the standard output.
for (const name of ["log", "info", "debug"] as const) console[name] = console.error

interface Known {
  readonly job: Job
  /** Compiled with the first slice that was not done before. */
  run?: Promise<RunSlice>
}

const jobs = new Map<string, Known>()

const knownJob = ({ job, jobKey }: Request): Known => {
  if (job === undefined) {
    const known = jobs.get(jobKey)
    if (known === undefined) throw new Error("the job was never sent")
    return known
  }
  if (jobs.size >= maxJobs) jobs.clear()
  const known: Known = { job }
  jobs.set(jobKey, known)
  return known
}

const compileNamed = async (job: Job): Promise<RunSlice> => {
  const parts = await findParts(job)
  if (parts === undefined) throw new Error("a component of the job is not known here")
  return compile(job, parts)
}

const answer = async (request: Request): Promise<Response> => {
  const { id, jobKey, keep, limit, slice } = request
  const known = knownJob(request)
  let loaded: Awaited<ReturnType<typeof loadSlice>>
  try {
    loaded = await loadSlice(slice)
  } catch (cause) {
    return { id, failed: "Read", detail: causeText(cause) }
  }
  try {
    let found = false
    const compiled = () => (known.run ??= compileNamed(known.job))
    const result = await runKept(compiled, loaded.input, limit, jobKey, keep, () => {
      found = true
    })
    return { id, result, found }
  } catch (cause) {
    return { id, failed: "Run", detail: causeText(cause) }
  }
}

// One slice after the other: a second one at the same time would only take memory.
let last: Promise<void> = Promise.resolve()

parentPort?.on("message", (request: Request) => {
  last = last.then(async () => {
    const response = await answer(request)
    const transfer = "result" in response ? [response.result.buffer as ArrayBuffer] : []
    parentPort?.postMessage(response, transfer)
  })
})

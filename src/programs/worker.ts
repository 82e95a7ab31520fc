/** The entry of a worker thread: runs slices of jobs that are told by name. No Effect runs here. */
import { parentPort } from "node:worker_threads"
import { compile, type RunSlice } from "../domain/RecordPath.ts"
import { findParts } from "../layers/Parts.ts"
import { loadSlice } from "../layers/readers/Load.ts"
import { maxJobs, type Request, type Response } from "../layers/WorkerMessages.ts"

const jobs = new Map<string, Promise<RunSlice>>()

const compiled = ({ job, jobKey }: Request): Promise<RunSlice> => {
  const known = jobs.get(jobKey)
  if (known !== undefined) return known
  if (job === undefined) throw new Error("the job was never sent")
  if (jobs.size >= maxJobs) jobs.clear()
  const run = findParts(job).then((parts) => {
    if (parts === undefined) throw new Error("a component of the job is not known here")
    return compile(job, parts)
  })
  jobs.set(jobKey, run)
  return run
}

const detailOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const answer = async (request: Request): Promise<Response> => {
  const { id, limit, slice } = request
  const run = compiled(request)
  run.catch(() => undefined)
  let loaded: Awaited<ReturnType<typeof loadSlice>>
  try {
    loaded = await loadSlice(slice)
  } catch (cause) {
    return { id, failed: "Read", detail: detailOf(cause) }
  }
  try {
    return { id, result: (await run)(loaded.input, limit) }
  } catch (cause) {
    return { id, failed: "Run", detail: detailOf(cause) }
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

/** Finds the components that a job names: how a worker gets what cannot be sent to it. */
import type { Plugin } from "../domain/Component.ts"
import type { Job } from "../domain/Job.ts"
import { mixFilters } from "../domain/Mix.ts"
import type { Parts } from "../domain/RecordPath.ts"
import { loadTokenizer } from "../domain/Tokens.ts"
import type { Work } from "../services/SliceRunner.ts"
import { filters } from "./filters/All.ts"
import { formats } from "./formats/All.ts"
import { loadPlugin } from "./Plugins.ts"
import { tasks } from "./tasks/All.ts"
import { maxJobs } from "./WorkerMessages.ts"

/** The parts of a job, or undefined when a name is known only to the app that made it. */
export const findParts = async (job: Job): Promise<Parts | undefined> => {
  const plugins: ReadonlyArray<Plugin> = await Promise.all(job.plugins.map(loadPlugin))
  const find = <A extends { readonly name: string }>(
    own: ReadonlyArray<A>,
    more: (plugin: Plugin) => ReadonlyArray<A> | undefined,
    name: string,
  ): A | undefined => [...own, ...plugins.flatMap((plugin) => more(plugin) ?? [])].find((one) => one.name === name)
  const task = find(tasks, (plugin) => plugin.tasks, job.task.task)
  const format = find(formats, (plugin) => plugin.formats, job.run.format)
  const used = job.task.filters.map(({ name }) => find([...filters, ...mixFilters], (plugin) => plugin.filters, name))
  if (task === undefined || format === undefined || used.includes(undefined)) return undefined
  return { task, dataset: task.dataset, format, filters: used.filter((one) => one !== undefined), loadTokenizer }
}

/** Whether two sets of parts are the same components. */
const sameParts = (a: Parts, b: Parts): boolean =>
  a.task === b.task &&
  a.dataset === b.dataset &&
  a.format === b.format &&
  a.filters.length === b.filters.length &&
  a.filters.every((filter, i) => filter === b.filters[i])

/**
 * Whether a job is wholly told by names: then another thread can run it, and a later run can use its results. Answers
 * are kept by job.
 */
export const makeIsNamed = (): ((work: Work) => Promise<boolean>) => {
  const known = new Map<string, Promise<boolean>>()
  return ({ job, jobKey, parts, portable }) => {
    if (!portable) return Promise.resolve(false)
    let answer = known.get(jobKey)
    if (answer === undefined) {
      if (known.size >= maxJobs) known.clear()
      answer = findParts(job).then(
        (found) => found !== undefined && sameParts(found, parts),
        () => false,
      )
      known.set(jobKey, answer)
    }
    return answer
  }
}

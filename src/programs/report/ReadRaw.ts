/**
 * Texts of what was left out, from the raw data: the tasks are run again on the records that are asked for, without
 * filters. What is not found stays without its text, and the report says why.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { stat } from "node:fs/promises"
import { isTrained } from "../../domain/Conversation.ts"
import { splitMember } from "../../domain/Record.ts"
import type { Manifest } from "../../domain/Report.ts"
import type { RowTurn } from "../../domain/RowTurns.ts"
import type { SliceRunner } from "../../services/SliceRunner.ts"
import * as Build from "../Build.ts"
import { type OutputFiles, specOf } from "../Explain.ts"
import type { Components, RunTask } from "../Resolve.ts"
import { watch, type Watched, type WatchedEpisode } from "../Watch.ts"
import { type Excerpt, excerptOf } from "./Data.ts"

/** What is asked for: identifiers by task, and the files that they are in where that is known. */
export interface Wanted {
  readonly task: string
  readonly id: string
  readonly file: string | undefined
}

export interface RawTexts {
  readonly find: (task: string, id: string) => Excerpt | undefined
  /** Why some are missing, for a person. */
  readonly missing: ReadonlyArray<string>
}

/** Raw data of a task above this is not looked through: a report is made in seconds. */
const maxRawBytes = 1024 ** 3

/** Characters of a record of which no conversation was made. */
const maxRecord = 1000

const keyOf = (task: string, id: string): string => JSON.stringify([task, id])

/** The identifier of the record that an episode, or a part of it, was made of. */
const recordId = (id: string): string => id.replace(/[#/]\d+$/, "")

const turnsOf = ({ episode }: WatchedEpisode): ReadonlyArray<RowTurn> =>
  episode.turns.map((turn, i) => {
    const prompt = i === 0 ? episode.prompt?.filter((part) => typeof part === "string").join("") : undefined
    const text = prompt ?? turn.text
    return isTrained(turn) === (turn.kind === "model")
      ? { kind: turn.kind, text }
      : { kind: turn.kind, text, trained: isTrained(turn) }
  })

/** A record that became no conversation is shown as it is, unless names in it are to be hidden. */
const recordText = ({ made, record }: Watched, task: RunTask): Excerpt | undefined => {
  const drafts = "skip" in made ? [] : made
  const [draft] = drafts
  if (task.job.anonymize !== undefined && task.job.anonymize.length > 0) return undefined
  if (draft !== undefined) return excerptOf(draft.turns.map(({ kind, text }) => ({ kind, text })))
  const json = JSON.stringify(record)
  return excerptOf([{ kind: "text", text: json.length > maxRecord ? `${json.slice(0, maxRecord)}…` : json }])
}

const totalBytes = (task: RunTask, files: ReadonlySet<string> | undefined): Effect.Effect<number> =>
  Effect.promise(async () => {
    let sum = 0
    for (const { file, path } of task.plan.files) {
      if (files?.has(file) === false) continue
      sum += await stat(path).then(
        ({ size }) => size,
        () => 0,
      )
    }
    return sum
  })

/** Files of a task that are other than those that the output was made of. */
const changedFiles = (task: RunTask, { inputs }: Manifest): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    const changed: Array<string> = []
    for (const { file, path } of task.plan.files) {
      const input = inputs.find((one) => one.kind === "dataset" && one.file === file)
      const size = await stat(path).then(
        (found) => found.size,
        () => undefined,
      )
      if (input !== undefined && input.bytes !== size) changed.push(file)
    }
    return changed
  })

/** Runs one task on the records that are asked for. */
const lookThrough = (
  task: RunTask,
  resolved: Parameters<typeof Build.results>[0],
  wanted: ReadonlyArray<Wanted>,
  found: Map<string, Excerpt>,
) =>
  Effect.gen(function* () {
    const left = new Set(wanted.map(({ id }) => recordId(id)))
    const ids = new Set(wanted.map(({ id }) => id))
    const files = wanted.every(({ file }) => file !== undefined)
      ? new Set(wanted.map(({ file }) => splitMember(file ?? "").file))
      : undefined
    if ((yield* totalBytes(task, files)) > maxRawBytes)
      return `${task.job.key}: more than ${maxRawBytes / 1024 ** 3} GB of raw data would have to be looked through`
    const seen = (watched: Watched): void => {
      left.delete(watched.id)
      for (const one of watched.episodes)
        if (ids.has(one.episode.id)) found.set(keyOf(task.job.key, one.episode.id), excerptOf(turnsOf(one)))
      if (!ids.has(watched.id) || found.has(keyOf(task.job.key, watched.id))) return
      const text = recordText(watched, task)
      if (text !== undefined) found.set(keyOf(task.job.key, watched.id), text)
    }
    const unmixed = Build.unmixed(task)
    const plain: RunTask = {
      ...unmixed,
      job: { ...unmixed.job, filters: [] },
      parts: { ...unmixed.parts, filters: [] },
      plan: {
        ...unmixed.plan,
        slices:
          files === undefined
            ? unmixed.plan.slices
            : Stream.filter(unmixed.plan.slices, (slice) => Build.sourcesOf(slice).some((file) => files.has(file))),
      },
    }
    const observed = watch(plain, { wants: (id) => left.has(id), seen })
    yield* Build.results({ ...resolved, tasks: [observed], portable: false, limit: undefined }).pipe(
      Stream.takeUntil(() => left.size === 0),
      Stream.runDrain,
    )
    return left.size === 0
      ? undefined
      : `${task.job.key}: ${left.size} of ${new Set(wanted.map(({ id }) => recordId(id))).size} records were not found`
  })

/** Reads the texts of what is asked for. Never fails: what cannot be read is told. */
export const readRaw = (
  files: OutputFiles,
  manifest: Manifest,
  wanted: ReadonlyArray<Wanted>,
): Effect.Effect<RawTexts, never, Components | SliceRunner> =>
  Effect.gen(function* () {
    const found = new Map<string, Excerpt>()
    const missing: Array<string> = []
    const run = yield* Effect.either(specOf(files))
    if (Either.isLeft(run)) return { find: (): undefined => undefined, missing: [run.left.message] }
    const { spec } = run.right
    for (const key of new Set(wanted.map(({ task }) => task))) {
      const section = spec.config?.[key as keyof typeof spec.config]
      if (typeof section !== "object") continue
      const own = wanted.filter(({ task }) => task === key)
      const one = Effect.gen(function* () {
        const {
          config: _,
          format: __,
          chatTemplate: ___,
          length: ____,
          maxLength: _____,
          tokenizer: ______,
          ...rest
        } = spec
        const resolved = yield* Build.resolveExamples({
          ...rest,
          tasks: [key],
          config: { [key]: { ...(section as object), filters: [] } },
        })
        const [task] = resolved.tasks
        if (task === undefined) return undefined
        const changed = yield* changedFiles(task, manifest)
        if (changed.length > 0) return `${key}: ${changed.join(", ")} changed since the build`
        return yield* lookThrough(task, resolved, own, found)
      })
      const told = yield* Effect.either(one)
      if (Either.isLeft(told)) missing.push(`${key}: ${told.left.message}`)
      else if (told.right !== undefined) missing.push(told.right)
    }
    return { find: (task: string, id: string) => found.get(keyOf(task, id)), missing }
  })

/**
 * A task of a run whose parts tell what they do to the records that someone wants to see: the same functions in the same
 * order, with an observer around each. Every filter is asked, also behind one that drops.
 */
import type { Drop, EpisodeDraft, FilterDefinition, FormatDefinition, Opaque, Skip } from "../domain/Component.ts"
import type { Episode, TrainingExample } from "../domain/Conversation.ts"
import { withEncode } from "../domain/Format.ts"
import type { Place } from "../domain/Record.ts"
import type { RunTask } from "./Resolve.ts"

/** What a filter said of an episode; `drop` is undefined where it kept it. */
export interface Verdict {
  readonly filter: string
  readonly drop: Drop | undefined
}

/** An episode in the shape in which filters saw it, and what came of it when no filter drops it. */
export interface WatchedEpisode {
  readonly episode: Episode
  readonly verdicts: ReadonlyArray<Verdict>
  readonly examples: ReadonlyArray<TrainingExample>
  readonly rows: ReadonlyArray<object>
}

export interface Watched {
  readonly id: string
  readonly place: Place
  readonly record: unknown
  /** Texts that the clean-up changed. */
  readonly cleaned: ReadonlyArray<{ readonly before: string; readonly after: string }>
  /** What the task made of the record. */
  readonly made: ReadonlyArray<EpisodeDraft> | Skip
  readonly episodes: ReadonlyArray<WatchedEpisode>
}

export interface WatchOptions {
  /** Whether a record is wanted; what is not is left out before the task sees it. */
  readonly wants: (id: string, place: Place) => boolean
  /** Takes a record when the next one begins, or at the end of its slice. */
  readonly seen: (watched: Watched) => void
}

interface Open {
  id: string
  place: Place
  record: unknown
  cleaned: Array<{ before: string; after: string }>
  made: ReadonlyArray<EpisodeDraft> | Skip
  episodes: Array<{
    episode: Episode
    verdicts: ReadonlyArray<Verdict>
    examples: Array<TrainingExample>
    rows: Array<object>
  }>
}

/** The reason under which records that nobody wants to see are left out. */
export const notWanted = "notWanted"

/** Filters that hold episodes against each other have no say here: they need the whole run. */
export const comparing = (filters: ReadonlyArray<FilterDefinition>): ReadonlyArray<string> =>
  filters.filter(({ memory }) => memory !== undefined).map(({ name }) => name)

let watches = 0

const watchFormat = (
  format: FormatDefinition,
  took: (example: TrainingExample, rows: ReadonlyArray<object>) => void,
): FormatDefinition => ({
  ...withEncode(format, (encode) => (example, context) => {
    const rows = encode(example, context)
    took(example, rows)
    return rows
  }),
  // Runners keep what they have compiled by the names in a job: each watch is a job of its own.
  name: `${format.name} (watched ${++watches})`,
})

/** The same task, watched. It runs in process only. */
export const watch = (task: RunTask, { seen, wants }: WatchOptions): RunTask => {
  const { parts } = task
  let now: Open | undefined
  let verdicts: Array<Verdict> = []
  const flush = (): void => {
    if (now !== undefined) seen(now)
    now = undefined
  }
  const dataset: typeof parts.dataset = {
    ...parts.dataset,
    open: (context) => {
      const read = parts.dataset.open(context)
      return (input, sink) => {
        // A slice begins anew when a filter needs a model first: what was seen of the record it stopped at is not whole.
        now = undefined
        verdicts = []
        read(input, {
          ...sink,
          record: (record: Opaque, place, index) => {
            flush()
            sink.record(record, place, index)
          },
        })
        flush()
      }
    },
  }
  const definition: typeof parts.task = {
    ...parts.task,
    open: (context) => {
      const opened = parts.task.open({
        ...context,
        clean: (before) => {
          const after = context.clean(before)
          if (after !== before) now?.cleaned.push({ before, after })
          return after
        },
      })
      return {
        id: opened.id,
        episodes: (record: Opaque, recordContext) => {
          const { id, place } = recordContext
          if (!wants(id, place)) return { skip: notWanted }
          const own: Open = { id, place, record, cleaned: [], made: [], episodes: [] }
          now = own
          verdicts = []
          const result = opened.episodes(record, recordContext)
          own.made =
            "skip" in result
              ? result
              : Array.isArray(result)
                ? (result as ReadonlyArray<EpisodeDraft>)
                : [result as EpisodeDraft]
          return result
        },
      }
    },
  }
  const filters = parts.filters.map((filter): FilterDefinition => {
    const { judge, memory: _, ...rest } = filter
    if (judge === undefined) return rest
    return {
      ...rest,
      judge: (options, files) => {
        const ask = judge(options, files)
        return (episode) => {
          verdicts.push({ filter: filter.name, drop: ask(episode) })
          return undefined
        }
      },
    }
  })
  const last: FilterDefinition = {
    name: "watch",
    description: "",
    judge: () => (episode) => {
      now?.episodes.push({ episode, verdicts, examples: [], rows: [] })
      verdicts = []
      return undefined
    },
  }
  const format = watchFormat(parts.format, (example, rows) => {
    const episode = now?.episodes.at(-1)
    episode?.examples.push(example)
    episode?.rows.push(...rows)
  })
  return {
    ...task,
    // A share leaves out by hash; who wants to see a record wants to see what would become of it.
    job: { ...task.job, share: 1 },
    parts: { ...parts, dataset, task: definition, filters: [...filters, last], format },
  }
}

/**
 * What becomes of the rows of a run after every filter: how many a task may give, how often they are repeated, which are
 * put by for validation, and in what order they are written. Each choice is a hash of the seed and of what it is about, so
 * that another task in the run moves nothing.
 *
 * Memory while rows wait in a scratch space: 24 bytes a row and 24 an episode, 8 more an episode with validation; about
 * 30 bytes a row besides while the order is made. Lists double as they grow. `strict` holds the fingerprints and what
 * the index of near duplicates does besides, and takes up to 16 million conversations.
 */
import type { FilterDefinition, Memory } from "./Component.ts"
import type { Episode } from "./Conversation.ts"
import { fingerprintOf } from "./dedup/Fingerprint.ts"
import { makeNearIndex } from "./dedup/NearIndex.ts"
import { keyOf } from "./KeyTable.ts"
import type { Scratch } from "./PrintStore.ts"

/** Conversations that are put by for validation: so many, or a part of all. */
export type Validation = { readonly count: number } | { readonly percent: number }

export interface MixSettings {
  readonly seed: number
  readonly shuffle: boolean
  readonly validation: Validation | undefined
  /** Whether validation may hold nothing that is nearly the same as what is trained. */
  readonly strict: boolean
}

/** What a task's section says of its rows. */
export interface TaskMix {
  /** Rows that it may give, before they are repeated. */
  readonly maxExamples?: number | undefined
  /** Times that each of its rows for training is written. */
  readonly repeat?: number | undefined
}

/** Whether rows have to wait until all are known. */
export const mixes = ({ shuffle, validation }: MixSettings, tasks: ReadonlyArray<TaskMix>): boolean =>
  shuffle || validation !== undefined || tasks.some(({ repeat = 1 }) => repeat > 1)

/** A number from 0 to 1 that bytes stand for: 48 bits of their hash, which sort as they are. */
const unit = (data: string | Uint8Array): number => Buffer.from(keyOf(data)).readUIntBE(0, 6) / 2 ** 48

// ------------------------------------------------------------------------------------------------------------- filters

/** Under these names workers find what a mix asks of each episode. They are no filters that a config can name. */
export const capName = "(cap)"
const contentName = "(content)"
const nearName = "(near)"

/** The conversation itself, without the system text: its windows and exact duplicates share it. */
const contentKey = ({ turns }: Episode): Uint8Array =>
  keyOf(JSON.stringify(turns.filter(({ kind }) => kind !== "system").map(({ kind, text }) => [kind, text])))

const never: Memory = { decide: () => undefined, remember: () => undefined }

/** Asked for by every task of a run with validation. */
const content: FilterDefinition = {
  name: contentName,
  description: "tells conversations apart for the split",
  memory: { fingerprint: () => contentKey, open: () => never },
}

const near: FilterDefinition = {
  name: nearName,
  description: "tells conversations that are nearly the same for the split",
  memory: { fingerprint: () => fingerprintOf, open: () => never },
}

/** Keeps so many rows of a task, those whose identifiers have the smallest hashes, and asks for that order. */
const cap: FilterDefinition = {
  name: capName,
  description: "keeps so many examples of a task",
  memory: {
    fingerprint:
      ({ seed }: { readonly seed: number }) =>
      ({ id }) =>
        keyOf(`${seed}\u001fcap\u001f${id}`).subarray(0, 6),
    open: ({ maxExamples }: { readonly maxExamples: number }): Memory => {
      let examples = new Uint32Array(1 << 10)
      let left = maxExamples
      return {
        observe: (_, ordinal, made = 1) => {
          while (ordinal >= examples.length) {
            const larger = new Uint32Array(examples.length * 2)
            larger.set(examples)
            examples = larger
          }
          examples[ordinal] = made
        },
        rank: (print) => Buffer.from(print).readUIntBE(0, 6),
        decide: (_, ordinal) =>
          (examples[ordinal] as number) > left ? { reason: "maxExamples", keptOrdinal: ordinal } : undefined,
        remember: (_, ordinal) => {
          left -= examples[ordinal] as number
        },
      }
    },
  },
}

/** What a run's mix asks of every slice. */
export const mixFilters: ReadonlyArray<FilterDefinition> = [cap, content, near]

interface Asked {
  readonly definition: FilterDefinition
  readonly job: { readonly name: string; readonly options: unknown }
}

/** Filters that stand before and behind those of a task. */
export const askedOf = (
  { seed, strict, validation }: MixSettings,
  { maxExamples }: TaskMix,
): { readonly first: ReadonlyArray<Asked>; readonly last: ReadonlyArray<Asked> } => {
  const of = (definition: FilterDefinition, options: unknown = {}): Asked => ({
    definition,
    job: { name: definition.name, options },
  })
  return {
    first: maxExamples === undefined ? [] : [of(cap, { seed, maxExamples })],
    last: [
      ...(validation === undefined ? [] : [of(content)]),
      ...(validation !== undefined && strict ? [of(near)] : []),
    ],
  }
}

// ----------------------------------------------------------------------------------------------------------------- mix

/** An episode that is written. */
export interface MixEpisode {
  readonly task: number
  readonly ordinal: number
  readonly id: string
  readonly tokens: number
  /** Its rows, one behind the other, as they stand in the output. */
  readonly rows: Uint8Array
}

/** What a task gave in the end. */
export interface MixCounts {
  readonly examples: number
  readonly tokens: number
  /** Conversations that strict validation has moved to the training rows. */
  readonly moved: number
}

export interface Mix {
  /** Stands in place of the definition of a filter that the mix has asked for: what it remembers is the mix's. */
  readonly collect: (definition: FilterDefinition) => FilterDefinition
  readonly add: (episode: MixEpisode) => void
  /** Decides on everything; to be called once, when all is in. */
  readonly finish: () => {
    readonly counts: ReadonlyArray<MixCounts>
    /** Rows of the two outputs, in order; each may be read once. */
    readonly training: () => Generator<Uint8Array>
    readonly validation: () => Generator<Uint8Array>
    readonly rows: { readonly training: number; readonly validation: number }
    /** Bytes of all of them. */
    readonly bytes: number
  }
}

/** A list of numbers that grows. */
const makeNumbers = () => {
  let values = new Float64Array(1 << 10)
  let count = 0
  return {
    push: (value: number): void => {
      if (count === values.length) {
        const larger = new Float64Array(count * 2)
        larger.set(values)
        values = larger
      }
      values[count++] = value
    },
    get: (i: number): number => values[i] as number,
    count: (): number => count,
  }
}

/** Numbers by their places, which come in any order; 1 where there is none. A `Map` would end at 16 million. */
const makePlaced = () => {
  let values = new Float64Array(1 << 10).fill(1)
  return {
    set: (i: number, value: number): void => {
      if (i >= values.length) {
        const larger = new Float64Array(Math.max(i + 1, values.length * 2)).fill(1)
        larger.set(values)
        values = larger
      }
      values[i] = value
    },
    get: (i: number): number => values[i] ?? 1,
  }
}

/** Bytes that are read from the scratch space at once. */
const readBytes = 1 << 20

const newline = 10

export const openMix = (
  settings: MixSettings,
  tasks: ReadonlyArray<TaskMix>,
  scratch: Scratch,
  isArray: boolean,
): Mix => {
  const { seed, shuffle, strict, validation } = settings
  // Of each row: where it lies, its task and episode, and its place in the shuffle.
  const starts = makeNumbers()
  const episodes = makeNumbers()
  const places = makeNumbers()
  // Of each episode: its task, tokens and content, and where its fingerprint lies.
  const taskOf = makeNumbers()
  const tokensOf = makeNumbers()
  const ordinals = makeNumbers()
  const contents = makePlaced()
  const prints = new Map<number, Uint8Array>()
  let end = 0

  const collect = (definition: FilterDefinition): FilterDefinition => {
    const { memory, name } = definition
    if (memory === undefined || (name !== contentName && name !== nearName)) return definition
    const remember: Memory["remember"] =
      name === contentName
        ? (print, ordinal) =>
            contents.set(ordinal, unit(Buffer.concat([Buffer.from(`${seed}\u001fvalidation\u001f`), print])))
        : (print, ordinal) => void prints.set(ordinal, Uint8Array.prototype.slice.call(print))
    return { ...definition, memory: { ...memory, open: () => ({ decide: () => undefined, remember }) } }
  }

  const add = ({ id, ordinal, rows, task, tokens }: MixEpisode): void => {
    const episode = taskOf.count()
    taskOf.push(task)
    tokensOf.push(tokens)
    ordinals.push(ordinal)
    scratch.append(rows)
    const buffer = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)
    // Text in a row has no line feed: it ends a line, or stands behind the comma that begins an element.
    const before = isArray ? 1 : -1
    let number = 0
    for (let at = isArray ? buffer.indexOf(newline) : 0; at >= 0 && at < rows.length; ) {
      starts.push(end + (isArray ? at - before : at))
      episodes.push(episode)
      places.push(shuffle ? unit(`${seed}\u001fshuffle\u001f${id}\u001f${number}`) : 0)
      number++
      const next = buffer.indexOf(newline, at + (isArray ? 1 : 0))
      at = next < 0 ? -1 : isArray ? next : next + 1
    }
    end += rows.length
  }

  /** Whether each episode is put by for validation. */
  const split = (): { readonly isValid: Uint8Array; readonly moved: ReadonlyArray<number> } => {
    const count = taskOf.count()
    const isValid = new Uint8Array(count)
    const moved = tasks.map(() => 0)
    if (validation === undefined) return { isValid, moved }
    const contentOf = (episode: number): number => contents.get(ordinals.get(episode))
    let limit = 1
    if ("percent" in validation) limit = validation.percent / 100
    else {
      const all = Float64Array.from({ length: count }, (_, episode) => contentOf(episode)).sort()
      let different = 0
      for (let i = 0; i < count; i++) {
        if (all[i] === all[i - 1]) continue
        if (different === validation.count) {
          limit = all[i] as number
          break
        }
        different++
      }
    }
    for (let episode = 0; episode < count; episode++) if (contentOf(episode) < limit) isValid[episode] = 1
    if (!strict) return { isValid, moved }
    const index = makeNearIndex({ recall: (episode) => prints.get(ordinals.get(episode)) as Uint8Array })
    const printOf = (episode: number): Uint8Array => prints.get(ordinals.get(episode)) as Uint8Array
    for (let episode = 0; episode < count; episode++) if (isValid[episode] === 0) index.add(printOf(episode), episode)
    for (let episode = 0; episode < count; episode++) {
      if (isValid[episode] === 0 || index.find(printOf(episode)) === undefined) continue
      // What it is like is trained: so is it, and what is like it in turn.
      isValid[episode] = 0
      index.add(printOf(episode), episode)
      const task = taskOf.get(episode)
      moved[task] = (moved[task] ?? 0) + 1
    }
    return { isValid, moved }
  }

  const finish: Mix["finish"] = () => {
    const { isValid, moved } = split()
    const repeats = tasks.map(({ repeat = 1 }) => repeat)
    const training: Array<number> = []
    const valid: Array<number> = []
    const copies: Array<number> = []
    const rows = starts.count()
    const counts = tasks.map((_, task) => ({ examples: 0, tokens: 0, moved: moved[task] as number }))
    const lastOf = (row: number): boolean => row + 1 === rows || episodes.get(row + 1) !== episodes.get(row)
    let row = 0
    while (row < rows) {
      // Rows of one task stand together.
      const task = taskOf.get(episodes.get(row))
      let to = row
      while (to < rows && taskOf.get(episodes.get(to)) === task) to++
      const own = counts[task] as (typeof counts)[number]
      for (let copy = 0; copy < (repeats[task] as number); copy++)
        for (let one = row; one < to; one++) {
          const episode = episodes.get(one)
          const isOut = isValid[episode] === 1
          if (isOut && copy > 0) continue
          own.examples++
          if (lastOf(one)) own.tokens += tokensOf.get(episode)
          if (isOut) valid.push(one)
          else {
            training.push(one)
            copies.push(copy)
          }
        }
      row = to
    }
    const order = Uint32Array.from(training.keys())
    if (shuffle) {
      const place = Float64Array.from(training, (one, i) =>
        copies[i] === 0 ? places.get(one) : unit(`${places.get(one)}\u001f${copies[i]}`),
      )
      order.sort((a, b) => (place[a] as number) - (place[b] as number) || a - b)
      valid.sort((a, b) => places.get(a) - places.get(b) || a - b)
    }
    const lengthOf = (one: number): number => (one + 1 < rows ? starts.get(one + 1) : end) - starts.get(one)
    function* read(count: number, rowAt: (i: number) => number): Generator<Uint8Array> {
      let parts: Array<Uint8Array> = []
      let bytes = 0
      for (let i = 0; i < count; ) {
        // Neighbours in the output that are neighbours in the space are read together.
        const first = rowAt(i)
        let length = lengthOf(first)
        let next = i + 1
        while (next < count && rowAt(next) === first + (next - i) && length < readBytes)
          length += lengthOf(rowAt(next++))
        parts.push(scratch.read(starts.get(first), length))
        bytes += length
        i = next
        if (bytes < readBytes) continue
        yield Buffer.concat(parts)
        parts = []
        bytes = 0
      }
      if (bytes > 0) yield Buffer.concat(parts)
    }
    return {
      counts,
      training: () => read(order.length, (i) => training[order[i] as number] as number),
      validation: () => read(valid.length, (i) => valid[i] as number),
      rows: { training: training.length, validation: valid.length },
      bytes: [training, valid].reduce((sum, rows) => rows.reduce((all, one) => all + lengthOf(one), sum), 0),
    }
  }

  return { collect, add, finish }
}

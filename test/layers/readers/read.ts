/** Reads files the whole way: found, cut into slices, loaded, opened by a dataset; everything told is collected. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import type { OptionFields } from "../../../src/domain/Component.ts"
import type { Place } from "../../../src/domain/Record.ts"
import type { Detail } from "../../../src/domain/Rejection.ts"
import type { PlannedFile, Slice } from "../../../src/domain/Slice.ts"
import * as DatasetLayer from "../../../src/layers/DatasetLayer.ts"
import type { datasets } from "../../../src/layers/datasets/All.ts"
import { Files } from "../../../src/layers/datasets/Files.ts"
import { loadSlice } from "../../../src/layers/readers/Load.ts"
import { decodeOptions } from "../harness.ts"

/** A dataset, whatever its records are. */
export type AnyDataset = (typeof datasets)[number]

export type Content = string | Uint8Array

/** Makes a folder, hands it over, and removes it. `write` replaces files in it. */
export const inFolder = async <A>(
  use: (folder: {
    readonly root: string
    readonly write: (file: string, content: Content) => Promise<void>
  }) => Promise<A>,
): Promise<A> => {
  const root = await mkdtemp(join(tmpdir(), "data-toolbox-readers-"))
  try {
    return await use({
      root,
      write: async (file, content) => {
        await mkdir(dirname(join(root, file)), { recursive: true })
        await writeFile(join(root, file), content)
      },
    })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Something that a dataset told, in order. */
export type Told =
  | { readonly kind: "record"; readonly record: unknown; readonly place: Place; readonly index: number }
  | {
      readonly kind: "bad" | "skip" | "note"
      readonly reason: string
      readonly place: Place
      readonly detail?: Detail | undefined
    }

export interface Outcome {
  readonly told: ReadonlyArray<Told>
  readonly blankLines: number
  readonly repairs: { readonly [rule: string]: number }
  readonly planned: ReadonlyArray<PlannedFile>
  /** Number of slices; not for comparing. */
  readonly slices: number
}

export interface ReadOptions {
  readonly dataset?: AnyDataset
  readonly options?: object
  readonly sliceBytes?: number
  readonly maxRecordBytes?: number
}

export const whole = 1 << 30

const decoded = (dataset: AnyDataset, options: object | undefined) => {
  const fields: OptionFields | undefined = dataset.options
  return decodeOptions(fields, options ?? (dataset.name === "files" ? { files: ["**"] } : {}))
}

/** The slices of a folder, as another thread would get them. */
export const planFolder = async (
  root: string,
  { dataset = Files, maxRecordBytes = 1 << 26, options, sliceBytes = whole }: ReadOptions = {},
): Promise<{ readonly slices: ReadonlyArray<Slice>; readonly planned: ReadonlyArray<PlannedFile> }> => {
  const plan = await Effect.runPromise(
    DatasetLayer.make(dataset, root).plan({ options: decoded(dataset, options), sliceBytes, maxRecordBytes }),
  )
  const slices = Chunk.toReadonlyArray(await Effect.runPromise(Stream.runCollect(plan.slices)))
  return { slices: structuredClone(slices), planned: plan.planned() }
}

/** What a dataset makes of slices. */
export const openSlices = async (
  slices: ReadonlyArray<Slice>,
  { dataset = Files, maxRecordBytes = 1 << 26, options }: ReadOptions = {},
): Promise<Omit<Outcome, "planned" | "slices">> => {
  const told: Array<Told> = []
  const repairs: { [rule: string]: number } = {}
  let blankLines = 0
  const read = dataset.open({ options: decoded(dataset, options), side: undefined, maxRecordBytes })
  for (const slice of slices) {
    const { input } = await loadSlice(slice)
    read(input, {
      record: (record, place, index) => void told.push({ kind: "record", record, place, index }),
      bad: (reason, place, detail) => void told.push({ kind: "bad", reason, place, detail }),
      skip: (reason, place, detail) => void told.push({ kind: "skip", reason, place, detail }),
      note: (reason, place, detail) => void told.push({ kind: "note", reason, place, detail }),
      blankLines: (count) => void (blankLines += count),
      repaired: (rule, count) => void (repairs[rule] = (repairs[rule] ?? 0) + count),
    })
  }
  return { told, blankLines, repairs }
}

export const readFolder = async (root: string, options: ReadOptions = {}): Promise<Outcome> => {
  const { planned, slices } = await planFolder(root, options)
  return { ...(await openSlices(slices, options)), planned, slices: slices.length }
}

/** Reads one file. */
export const readOne = (file: string, content: Content, options: ReadOptions = {}): Promise<Outcome> =>
  inFolder(async ({ root, write }) => {
    await write(file, content)
    return readFolder(root, options)
  })

export const records = ({ told }: Pick<Outcome, "told">): ReadonlyArray<unknown> =>
  told.flatMap((event) => (event.kind === "record" ? [event.record] : []))

/** `[reason, place]` of what is no record. */
export const losses = ({ told }: Pick<Outcome, "told">): ReadonlyArray<readonly [string, Place]> =>
  told.flatMap((event) => (event.kind === "record" ? [] : [[event.reason, event.place] as const]))

export const gz = (content: Content): Uint8Array => gzipSync(content)

export const concat = (...parts: ReadonlyArray<Content>): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)))

const long = process.env["TOOLBOX_LONG"] === "1"

/** Runs of a property: more of them with `npm run test:long`. */
export const runs = (usual: number): number => (long ? usual * 10 : usual)

/** For tests of many files, on machines that do other work as well. */
export const patience = { timeout: long ? 600_000 : 60_000 }

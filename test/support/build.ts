/** Runs builds in memory: input files in a temporary data folder, output and ledger kept. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { BuildSpec } from "../../src/domain/BuildSpec.ts"
import type { BuildError } from "../../src/domain/Errors.ts"
import type { LedgerLine } from "../../src/domain/Merge.ts"
import type { Manifest, TaskCounts } from "../../src/domain/Report.ts"
import { total } from "../../src/domain/Report.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { datasets } from "../../src/layers/datasets/All.ts"
import * as InProcess from "../../src/layers/InProcess.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import * as Build from "../../src/programs/Build.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Ledger } from "../../src/services/Ledger.ts"
import { Output } from "../../src/services/Output.ts"
import { Progress } from "../../src/services/Progress.ts"
import type { SliceRunner } from "../../src/services/SliceRunner.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"

export type Files = { readonly [path: string]: string | Uint8Array }

export interface Built {
  readonly manifest: Manifest
  readonly text: string
  readonly rows: ReadonlyArray<{ readonly [key: string]: unknown }>
  readonly lines: ReadonlyArray<LedgerLine>
  /** What was published, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** Everything but the data folder. */
export const memory = (
  files: Map<string, Uint8Array>,
  lines: Array<LedgerLine>,
  runner: Layer.Layer<SliceRunner> = InProcess.layer,
) =>
  Layer.mergeAll(
    Toolbox.layerComponents,
    layerDatasets(datasets),
    runner,
    Output.layerMemory(files),
    Ledger.layerMemory(lines),
    Progress.layerQuiet,
    Tokenizer.layer,
  )

export type Spec = Partial<BuildSpec> & Pick<BuildSpec, "tasks">

export const outputFile = "out.jsonl"

/** Builds over the files of a data folder, or over a folder that is there. */
export const build = (
  input: Files | string,
  spec: Spec,
  runner?: Layer.Layer<SliceRunner>,
): Effect.Effect<Built, BuildError> => {
  const files = new Map<string, Uint8Array>()
  const lines: Array<LedgerLine> = []
  const folder = typeof input === "string" ? DataFolder.layer(input) : DataFolder.layerTemp(input)
  return Effect.map(
    Effect.provide(
      Build.run({ format: "sharegpt", outputFile, ...spec }),
      Layer.provideMerge(memory(files, lines, runner), folder),
    ),
    (manifest) => {
      const text = Buffer.from(files.get(spec.outputFile ?? outputFile) ?? []).toString("utf8")
      // A format may write one array.
      const written = text.startsWith("[") ? text.replace(/^\[\n?|,$|\n?\]\n$/gm, "") : text
      const rows = written
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { readonly [key: string]: unknown })
      return { manifest, text, rows, lines, files }
    },
  )
}

/** The law of accounts: what does not hold. */
export const accounts = ({ lines, manifest, rows }: Built): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const expect = (what: string, a: number, b: number): void => {
    if (a !== b) wrong.push(`${what}: ${a} is not ${b}`)
  }
  let examples = 0
  for (const [key, counts] of Object.entries(manifest.tasks) as ReadonlyArray<[string, TaskCounts]>) {
    const { episodes, records } = counts
    const own = lines.filter(({ task }) => task === key)
    const left = total(episodes.dropped) + total(episodes.invalid) + episodes.tooLarge + episodes.sampledOut
    expect(`${key} records`, records.read, records.bad + total(records.skipped) + records.used)
    expect(`${key} episodes`, episodes.made, left + episodes.written)
    expect(
      `${key} record lines`,
      own.filter(({ scope }) => scope === "record").length,
      records.bad + total(records.skipped),
    )
    expect(`${key} episode lines`, own.filter(({ scope }) => scope === "episode").length, left)
    examples += counts.examples
  }
  expect("rows", rows.length, examples)
  expect("output rows", manifest.outputs[0]?.rows ?? -1, examples)
  return wrong
}

/** ShareGPT records from texts, user first, in turn. */
export const chat = (...texts: ReadonlyArray<string>) => ({
  conversations: texts.map((value, i) => ({ from: i % 2 === 0 ? "human" : "gpt", value })),
})

export const jsonl = (...records: ReadonlyArray<unknown>): string =>
  records.map((record) => `${typeof record === "string" ? record : JSON.stringify(record)}\n`).join("")

/** A config of one ShareGPT task over `chats/*`. */
export const chats = (more: object = {}) => ({ ShareGptTask: { files: ["chats/*"], prompt: "none", ...more } })

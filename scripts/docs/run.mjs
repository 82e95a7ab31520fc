// Runs the package in memory: what pages show is what it does.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Build, DataFolder, Ledger, Output, Progress, Tokenizer, Toolbox } from "../../dist/index.js"
import { layerDatasets } from "../../dist/layers/DatasetLayer.js"
import { datasets } from "../../dist/layers/datasets/All.js"
import { layer as inProcess } from "../../dist/layers/InProcess.js"
import * as Explain from "../../dist/programs/Explain.js"

/** Warnings about the samples' mistakes tell nothing new. */
const run = (program, layer) =>
  Effect.runPromise(Logger.withMinimumLogLevel(Effect.provide(program, layer), LogLevel.None))

const services = (files, lines, folder) =>
  Layer.provideMerge(
    Layer.mergeAll(
      Toolbox.layerComponents,
      layerDatasets(datasets),
      inProcess,
      Output.Output.layerMemory(files),
      Ledger.Ledger.layerMemory(lines),
      Progress.Progress.layerQuiet,
      Tokenizer.Tokenizer.layer,
    ),
    folder,
  )

/** A build over the folder: its manifest, rows and ledger lines. */
export const build = async (folder, spec) => {
  const files = new Map()
  const lines = []
  const program = Build.run({ format: "sharegpt", outputFile: "out.jsonl", ...spec })
  const layer = services(files, lines, DataFolder.DataFolder.layer(folder))
  const manifest = await run(program, layer)
  const text = Buffer.from(files.get("out.jsonl") ?? []).toString("utf8")
  return { manifest, lines, text }
}

/** The life of a record. */
export const explain = (folder, id, spec) =>
  run(
    Explain.explain({ id, spec: { format: "sharegpt", ...spec } }),
    services(new Map(), [], DataFolder.DataFolder.layer(folder)),
  )

/** Runs with these files in a folder of their own, which is the working folder meanwhile. */
export const inFolder = async (files, run) => {
  const folder = mkdtempSync(join(tmpdir(), "data-toolbox-docs-"))
  const before = process.cwd()
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    process.chdir(folder)
    return await run(folder)
  } finally {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  }
}

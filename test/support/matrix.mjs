/**
 * Builds the samples once for each case that is given as JSON, with the built library in this process, whose language and
 * time zone are those of its environment. Prints a digest for each.
 */
import { Context, Effect, Exit, Layer, Logger, LogLevel, Scope } from "effect"
import { createHash } from "node:crypto"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"

const { cases, config, tasks } = JSON.parse(process.argv[2])

// Folders are listed in the order of the case.
let order = "usual"
let listed = 0
const { readdir } = fs.promises
fs.promises.readdir = async (...args) => {
  const found = [...(await readdir(...args))]
  listed++
  if (order === "reversed") found.reverse()
  if (order === "mixed") found.sort((a, b) => (mixed(a) < mixed(b) ? -1 : 1))
  return found
}
const mixed = (entry) =>
  createHash("sha256")
    .update(String(entry.name ?? entry))
    .digest("hex")
syncBuiltinESMExports()

const root = fileURLToPath(new URL("../..", import.meta.url))
const load = (file) => import(join(root, "dist", file))
const [Build, Toolbox, { layerDatasets }, { datasets }, NodeWorkers, { SliceRunner }] = await Promise.all(
  ["programs/Build", "layers/Toolbox", "layers/DatasetLayer", "layers/datasets/All", "layers/NodeWorkers"]
    .concat("services/SliceRunner")
    .map((file) => load(`${file}.js`)),
)
const [{ DataFolder }, { Ledger }, { Output }, { Progress }, { Tokenizer }] = await Promise.all(
  ["DataFolder", "Ledger", "Output", "Progress", "Tokenizer"].map((file) => load(`services/${file}.js`)),
)

const samples = join(root, "samples")
const sha256 = (data) => createHash("sha256").update(data).digest("hex")

// A pool serves all cases of its size.
const scope = Effect.runSync(Scope.make())
const pools = new Map()
const poolOf = async (workers) => {
  if (!pools.has(workers)) {
    const context = await Effect.runPromise(Layer.buildWithScope(NodeWorkers.layer(workers), scope))
    pools.set(workers, Context.get(context, SliceRunner))
  }
  return pools.get(workers)
}

/** A runner that stops after some slices. */
const stopping = (runner, after) => {
  let left = after
  return { ahead: 1, run: (work) => (left-- > 0 ? runner.run(work) : Effect.fail(new Error("stopped"))) }
}

const run = async (outputFile, { sliceBytes, workers }, after) => {
  const pool = await poolOf(workers)
  return Build.run({
    tasks,
    config,
    format: "metharme",
    outputFile,
    maxLength: 900,
    shuffle: true,
    validation: "5",
    ...(sliceBytes === null ? {} : { sliceBytes }),
  }).pipe(
    Effect.provide(
      Layer.mergeAll(
        Toolbox.layerComponents,
        Layer.provide(layerDatasets(datasets), DataFolder.layer(samples)),
        Layer.succeed(SliceRunner, after === undefined ? pool : stopping(pool, after)),
        Layer.provideMerge(Ledger.layer, Output.layer),
        Progress.layerQuiet,
        Tokenizer.layer,
      ),
    ),
    Logger.withMinimumLogLevel(LogLevel.None),
    after === undefined ? (effect) => effect : Effect.flip,
    Effect.runPromise,
  )
}

for (const one of cases) {
  const folder = fs.mkdtempSync(join(tmpdir(), "data-toolbox-matrix-"))
  const out = join(folder, "out.jsonl")
  order = one.order
  try {
    if (one.resumed) {
      await run(out, one, 9)
      if (fs.readdirSync(join(folder, "out.jsonl.work", "slices")).length === 0) throw new Error("no slice was kept")
    }
    const { durationMs: _d, sha256: _h, startedAt: _s, ...lasting } = await run(out, one)
    const bytes = ["out.jsonl", "out.validation.jsonl"].map((name) => fs.readFileSync(join(folder, name)))
    const ledger = gunzipSync(fs.readFileSync(`${out}.ledger.jsonl.gz`))
    const files = fs.readdirSync(folder).length
    console.log(sha256([...bytes.map(sha256), sha256(ledger), JSON.stringify(lasting), files].join("\n")))
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (listed === 0) throw new Error("no folder was listed in the order of its case")
await Effect.runPromise(Scope.close(scope, Exit.void))

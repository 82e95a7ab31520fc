/**
 * Kills runs of the built command at moments that a seed chooses, looks at what is there, and lets another run end the
 * work. Nothing in the command helps with that: the moments are found by looking into its folder.
 */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import * as RecordRandom from "../../src/domain/RecordRandom.ts"
import { layerDatasets } from "../../src/layers/DatasetLayer.ts"
import { datasets } from "../../src/layers/datasets/All.ts"
import * as NodeWorkers from "../../src/layers/NodeWorkers.ts"
import * as Toolbox from "../../src/layers/Toolbox.ts"
import * as Build from "../../src/programs/Build.ts"
import { verify } from "../../src/programs/Verify.ts"
import { DataFolder } from "../../src/services/DataFolder.ts"
import { Ledger } from "../../src/services/Ledger.ts"
import { Output } from "../../src/services/Output.ts"
import { Progress } from "../../src/services/Progress.ts"
import { Tokenizer } from "../../src/services/Tokenizer.ts"
import { chat, cli, folder, lasting, readManifest, sha256, start, words } from "./cli.ts"

// --------------------------------------------------------------------------------------------------------------- runs

interface Variant {
  readonly name: string
  readonly config: "config.yml" | "near.yml"
  readonly workers: string
  readonly output: string
  readonly flags: ReadonlyArray<string>
  /** In the order in which they are published. */
  readonly set: ReadonlyArray<string>
}

const variant = (workers: string, config: Variant["config"], output: string, flags: string): Variant => ({
  name: `${workers} workers, ${config}, ${output}${flags === "" ? "" : ` ${flags}`}`,
  config,
  workers,
  output,
  flags: flags === "" ? [] : words(flags),
  set: [
    output,
    ...(flags.includes("--validation") ? [output.replace(".jsonl", ".validation.jsonl")] : []),
    `${output}.ledger.jsonl.gz`,
    `${output}.manifest.json`,
  ],
})

const variants: ReadonlyArray<Variant> = [
  variant("0", "config.yml", "out.jsonl", ""),
  variant("2", "config.yml", "out.jsonl", "--shuffle --validation 20"),
  variant("0", "near.yml", "out.jsonl", "--validation 10%"),
  variant("2", "config.yml", "out.jsonl.gz", ""),
  variant("0", "config.yml", "out.jsonl", "--shuffle --validation 20 --validation-strict"),
  variant("2", "near.yml", "out.jsonl.gz", "--shuffle"),
]

/** Each file is a slice at least. */
const inputs = 16

const inputFolder = (): string => {
  const text = "The harbour was quiet, and only the gulls kept watch over the boats. ".repeat(4)
  const files = Array.from({ length: inputs }, (_, file) => {
    const lines = Array.from({ length: 60 }, (__, i) =>
      i % 20 === 19 ? '{"conversations": 5}' : chat(`Tell ${file} ${i % 40}.`, `${i % 50}: ${text}`, "And then?", text),
    )
    return [`chats/${String(file).padStart(2, "0")}.jsonl`, `${lines.join("\n")}\n`] as const
  })
  return folder({
    ...Object.fromEntries(files),
    "old/chats.jsonl": `${chat("Old?", "Old.")}\n${chat("Older?", "Older.")}\n{\n`,
    "config.yml": "ShareGptTask: { files: chats/*.jsonl, filters: [ExactDedupFilter] }\n",
    "near.yml": "ShareGptTask: { files: chats/*.jsonl, filters: [NearDedupFilter] }\n",
    "old.yml": "ShareGptTask: { files: old/*.jsonl }\n",
  })
}

const args = (config: string, { flags, output, workers }: Variant): ReadonlyArray<string> => [
  ...words(`build --tasks ShareGptTask --config ../${config} --data-folder .. --format sharegpt --quiet --workers`),
  workers,
  "--output-file",
  output,
  ...flags,
]

/** A manifest holds times and arguments, so that it is known by what lasts. */
const stateOf = (file: string): string =>
  file.endsWith(".manifest.json") ? JSON.stringify(lasting(readManifest(file))) : sha256(readFileSync(file))

/** A run in this process, which is spared the start of another. */
const runHere = (root: string, cwd: string, config: string, { flags, output }: Variant, workers: string) => {
  const valueOf = (flag: string): string | undefined =>
    flags.includes(flag) ? flags[flags.indexOf(flag) + 1] : undefined
  const validation = valueOf("--validation")
  return Effect.provide(
    Build.run({
      tasks: ["ShareGptTask"],
      config: { text: readFileSync(join(root, config), "utf8"), file: config },
      format: "sharegpt",
      outputFile: join(cwd, output),
      shuffle: flags.includes("--shuffle"),
      validationStrict: flags.includes("--validation-strict"),
      ...(validation === undefined ? {} : { validation }),
    }),
    Layer.mergeAll(
      Toolbox.layerComponents,
      Layer.provide(layerDatasets(datasets), DataFolder.layer(root)),
      NodeWorkers.layer(Number(workers)),
      Layer.provideMerge(Ledger.layer, Output.layer),
      Progress.layerQuiet,
      Tokenizer.layer,
    ),
  ).pipe(Logger.withMinimumLogLevel(LogLevel.None), Effect.runPromiseExit)
}

/** A folder for the output of a variant, what an old run has put there, and what an undisturbed run would. */
interface Place {
  readonly variant: Variant
  readonly cwd: string
  readonly saved: string
  readonly old: ReadonlyArray<string>
  readonly fresh: ReadonlyArray<string>
}

const prepare = async (root: string, one: Variant, index: number): Promise<Place> => {
  const cwd = join(root, `out-${index}`)
  const saved = join(root, `saved-${index}`)
  for (const made of [cwd, saved]) mkdirSync(made)
  const run = async (config: string): Promise<ReadonlyArray<string>> => {
    const exit = await runHere(root, cwd, config, one, "0")
    assert.isTrue(Exit.isSuccess(exit), String(exit))
    return one.set.map((name) => stateOf(join(cwd, name)))
  }
  const fresh = await run(one.config)
  const old = await run("old.yml")
  old.forEach((state, i) => assert.notStrictEqual(state, fresh[i], `${one.name}: ${one.set[i]}`))
  assert.deepStrictEqual(readdirSync(cwd).sort(), [...one.set].sort())
  for (const name of one.set) copyFileSync(join(cwd, name), join(saved, name))
  return { variant: one, cwd, saved, old, fresh }
}

// ------------------------------------------------------------------------------------------------------------- moments

/** When a run is killed: after a part of its time or of its slices, or at a step of putting its files in place. */
type Moment =
  | { readonly kind: "time"; readonly part: number }
  | { readonly kind: "slices"; readonly count: number }
  | { readonly kind: "publication"; readonly step: number }

const quiet = <A>(act: () => A, otherwise: A): A => {
  try {
    return act()
  } catch {
    return otherwise
  }
}

const inode = (file: string): number => quiet(() => statSync(file).ino, 0)

const slicesIn = (cwd: string, { output }: Variant): number =>
  quiet(() => readdirSync(join(cwd, `${output}.work`, "slices")), []).filter((name) => !name.endsWith(".tmp")).length

/** Looks without a pause, but lets the end of the child be heard of. */
const spin = async (isThere: () => boolean, isOver: () => boolean): Promise<void> => {
  while (!isOver()) {
    for (const until = performance.now() + 20; performance.now() < until; ) if (isThere()) return
    await turn()
  }
}

const reached = async (moment: Moment, { cwd, variant: one }: Place, lasts: number, isOver: () => boolean) => {
  if (moment.kind === "time") return sleep(moment.part * lasts)
  const slices = moment.kind === "slices" ? moment.count : inputs
  const files = one.set.map((name) => join(cwd, name))
  const before = files.map(inode)
  const isPublished = (i: number): boolean => inode(files[i] as string) !== before[i]
  while (!isOver() && slicesIn(cwd, one) < slices && !isPublished(0)) await sleep(1)
  if (moment.kind === "slices") return
  const work = join(cwd, `${one.output}.work`)
  const { step } = moment
  if (step === 0) {
    // All that is left to do is to name the files.
    const manifest = quiet(() => readdirSync(work), []).find((name) => /manifest\.json\..*\.tmp$/.test(name))
    const at = join(work, manifest ?? "")
    return spin(() => isPublished(0) || quiet(() => statSync(at).size > 0, true), isOver)
  }
  if (step <= files.length) return spin(() => isPublished(step - 1), isOver)
  return spin(() => inode(join(work, "slices")) === 0, isOver)
}

const momentOf = (kill: number, kills: number, one: Variant, random: () => number): Moment => {
  const third = Math.ceil(kills / 3)
  const part = (Math.floor(kill / 3) + random()) / third
  if (kill % 3 === 0) return { kind: "time", part: part * 1.02 }
  if (kill % 3 === 1) return { kind: "slices", count: Math.floor(part * (inputs + 1)) }
  return { kind: "publication", step: Math.floor(random() * (one.set.length + 2)) }
}

// --------------------------------------------------------------------------------------------------------------- sweep

export const phases = ["before it wrote", "at work", "putting in place", "tidying up", "ended before"] as const
export type Phase = (typeof phases)[number]

export interface Swept {
  readonly phases: { readonly [phase in Phase]: number }
  /** Runs whose next run was killed too. */
  readonly twice: number
  readonly wrong: ReadonlyArray<string>
  readonly seconds: number
}

/** Kills so many runs. What was not as promised is told, with what leads there again. */
export const sweep = async (kills: number, seed: number): Promise<Swept> => {
  const began = performance.now()
  const tally: { [phase in Phase]: number } = {
    "before it wrote": 0,
    "at work": 0,
    "putting in place": 0,
    "tidying up": 0,
    "ended before": 0,
  }
  const wrong: Array<string> = []
  let twice = 0
  const root = inputFolder()
  const places: Array<Place> = []
  for (const [i, one] of variants.entries()) places.push(await prepare(root, one, i))
  /** Milliseconds that a run of the command takes, by the last one. */
  let lasts = 0
  const runThere = async ({ cwd, variant: one }: Place, workers: string): Promise<string | undefined> => {
    const at = performance.now()
    const { code, signal, stderr } = await cli(args(one.config, { ...one, workers }), { cwd })
    lasts = performance.now() - at
    return code === 0 ? undefined : `the next run ended with ${code ?? signal}: ${stderr}`
  }
  assert.isUndefined(await runThere(places[0] as Place, "0"))

  /** Starts a run and kills it; answers where it was. */
  const killOnce = async (place: Place, moment: Moment, tell: (what: string) => void): Promise<Phase> => {
    const { cwd, fresh, old, variant: one } = place
    const { child, done } = start(args(one.config, one), { cwd })
    let over = false
    const ended = done.finally(() => {
      over = true
    })
    await reached(moment, place, lasts, () => over)
    child.kill("SIGKILL")
    const { code, signal, stderr } = await ended
    if (signal !== "SIGKILL" && code !== 0) tell(`it ended with ${code}: ${stderr}`)
    const states = one.set.map((name) => stateOf(join(cwd, name)))
    const isNew = states.map((state, i) => state === fresh[i])
    states.forEach((state, i) => {
      if (!isNew[i] && state !== old[i]) tell(`${one.set[i]} is neither old nor new`)
    })
    if (isNew.some((is, i) => is && isNew.slice(0, i).includes(false))) tell(`new files: ${isNew.join(" ")}`)
    const work = `${one.output}.work`
    const others = readdirSync(cwd).filter((name) => !one.set.includes(name))
    if (others.some((name) => name !== work)) tell(`left beside the work folder: ${others.join(" ")}`)
    if (signal !== "SIGKILL") return "ended before"
    const count = isNew.filter(Boolean).length
    // A set that is not whole is known for that.
    const { findings } = await Effect.runPromise(verify(join(cwd, one.output)))
    const isWhole = count === 0 || count === one.set.length
    if ((findings.length === 0) !== isWhole)
      tell(`${count} files are new, and verify finds ${JSON.stringify(findings)}`)
    if (count > 0) return isWhole ? "tidying up" : "putting in place"
    return others.length > 0 ? "at work" : "before it wrote"
  }

  for (let kill = 0; kill < kills; kill++) {
    const random = RecordRandom.make(RecordRandom.key(seed, "kills", String(kill)))
    const place = places[kill % places.length] as Place
    const { cwd, fresh, saved, variant: one } = place
    const moment = momentOf(kill, kills, one, () => random.next())
    const tell = (what: string): void => {
      wrong.push(`kill ${kill} of ${kills}, seed ${seed} (${one.name}; ${JSON.stringify(moment)}): ${what}`)
    }
    rmSync(cwd, { recursive: true })
    mkdirSync(cwd)
    for (const name of one.set) copyFileSync(join(saved, name), join(cwd, name))
    const phase = await killOnce(place, moment, tell)
    tally[phase]++
    if (kill % 5 === 0) {
      twice++
      await killOnce(place, { kind: "slices", count: Math.floor(random.next() * (inputs + 1)) }, tell)
    }
    // The next run need not be like the one before.
    const workers = ["0", "1", "2"][Math.floor(random.next() * 3)] as string
    if (kill % 4 === 0) {
      const failed = await runThere(place, workers)
      if (failed !== undefined) tell(failed)
    } else {
      const exit = await runHere(root, cwd, one.config, one, workers)
      if (Exit.isFailure(exit)) tell(`the next run, with ${workers} workers: ${Cause.pretty(exit.cause)}`)
    }
    one.set.forEach((name, i) => {
      if (quiet(() => stateOf(join(cwd, name)), "") !== fresh[i]) tell(`${name} of the next run is not as undisturbed`)
    })
    const left = readdirSync(cwd).filter((name) => !one.set.includes(name))
    if (left.length > 0) tell(`the next run leaves ${left.join(" ")}`)
  }
  return { phases: tally, twice, wrong, seconds: (performance.now() - began) / 1000 }
}

export const described = ({ phases: tally, seconds, twice, wrong }: Swept): string =>
  `${phases.map((phase) => `${phase} ${tally[phase]}`).join(", ")}; ${twice} killed twice; ${wrong.length} wrong; ` +
  `${seconds.toFixed(0)} s`

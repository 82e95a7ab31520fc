// Benchmarks: each scenario in fresh processes, several times, interleaved with its floor; the medians' ratios.
//
//   npm run bench [-- --times 40 --rounds 3 --only jsonl,nine,workers,filters,memory,resume --json FILE]
//
// Inputs are made from ../shared/raw by its scale-up.mjs; where that is absent, from the samples, many times over.
// CPU is user + system time of the whole process tree. Machines are noisy: only ratios of one run mean something.
import { spawn, spawnSync } from "node:child_process"
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { parseArgs } from "node:util"

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "jsonl,loop,workers,nine,filters,memory,resume" },
    json: { type: "string" },
  },
})
const times = Number(values.times)
const rounds = Number(values.rounds)
const only = new Set(values.only.split(","))
const root = fileURLToPath(new URL("..", import.meta.url))
const here = join(root, "bench")
const bin = join(root, "dist", "bin", "data-toolbox.js")
const raw = join(root, "..", "shared", "raw")
const base = mkdtempSync(join(tmpdir(), "data-toolbox-bench-"))
const usage = join(base, "usage.json")

const scaled = (count) => {
  const folder = join(base, `raw-${count}`)
  if (existsSync(folder)) return folder
  if (existsSync(raw)) {
    const made = spawnSync(process.execPath, [join(raw, "scale-up.mjs"), "--out", folder, "--times", String(count)])
    if (made.status !== 0) throw new Error(made.stderr.toString())
    return folder
  }
  // Without the raw data: the good JSON lines of a sample, over and over.
  console.log("note: ../shared/raw is not there; the samples are used, many times over")
  cpSync(join(root, "samples"), folder, { recursive: true })
  const file = join(folder, "airoboros", "instructions.jsonl")
  const text = readFileSync(file)
  for (let i = 1; i < count * 300; i++) appendFileSync(file, text)
  return folder
}

const walk = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))

const bytesOf = (files) => files.reduce((sum, file) => sum + statSync(file).size, 0)

const measure = (args) => {
  const options = ["--import", pathToFileURL(join(here, "usage.mjs")).href, ...args]
  const env = { ...process.env, BENCH_USAGE: usage }
  const { status, stderr } = spawnSync(process.execPath, options, { env, cwd: root, maxBuffer: 1 << 26 })
  if (status !== 0) throw new Error(`${args.join(" ")}\n${stderr.toString()}`)
  return JSON.parse(readFileSync(usage, "utf8"))
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]

/** Runs the alternatives in turn, several rounds; the medians of each. */
const compare = (alternatives) => {
  const results = Object.fromEntries(Object.keys(alternatives).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, args] of Object.entries(alternatives)) results[name].push(measure(args))
  return Object.fromEntries(
    Object.entries(results).map(([name, list]) => [
      name,
      {
        cpu: median(list.map(({ cpu }) => cpu)),
        wall: median(list.map(({ wall }) => wall)),
        rss: median(list.map(({ rss }) => rss)),
      },
    ]),
  )
}

const config = join(base, "config.yml")
const shipped = {
  AesirRoleplayTask: ["ExactDedupFilter"],
  AiroborosInstructionFollowingTask: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  AiTownRoleplayTask: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  CharacterAiRoleplayTask: ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter", "SimilarityFilter"],
  NoRobotsInstructionFollowingTask: ["ExactDedupFilter", "RefusalFilter"],
  OpenCaiRoleplayTask: ["EnglishFilter", "ExactDedupFilter"],
  PygClaudeRoleplayTask: ["ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
  RpForumsRoleplayTask: ["ExactDedupFilter", "LowQualityRpFilter"],
  TeatimeRoleplayTask: ["EnglishFilter", "ExactDedupFilter", "LlmSlopFilter", "RefusalFilter"],
}
const nine = Object.keys(shipped).join(",")
const configs = {
  none: "{}",
  two: "defaults: { filters: [LlmSlopFilter, ExactDedupFilter] }",
  shipped: JSON.stringify(Object.fromEntries(Object.entries(shipped).map(([task, filters]) => [task, { filters }]))),
}
for (const [name, text] of Object.entries(configs)) writeFileSync(`${config}.${name}`, text)

const build = (folder, tasks, name, { format = "sharegpt", workers = 0 } = {}, more = []) => [
  bin,
  "build",
  "--tasks",
  tasks,
  "--config",
  `${config}.${name}`,
  "--data-folder",
  folder,
  "--quiet",
  "--output-file",
  join(base, "out.jsonl"),
  "--format",
  format,
  "--workers",
  String(workers),
  ...more,
]
const floor = (files) => [join(here, "floor.mjs"), join(base, "out.jsonl"), join(base, "copy.jsonl"), ...files]

const report = { node: process.version, times, rounds, scenarios: {} }
const tell = (name, about, ratios, figures) => {
  report.scenarios[name] = { about, ratios, figures }
  const told = Object.entries(ratios).map(([what, value]) => `${what} ${value.toFixed(2)}`)
  console.log(`${name.padEnd(8)} ${about}\n         ${told.join(", ")}`)
}
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`

if (only.has("jsonl")) {
  const folder = scaled(times)
  const files = walk(join(folder, "airoboros"))
  const result = compare({
    build: build(folder, "AiroborosInstructionFollowingTask", "none"),
    floor: floor(files),
  })
  const about = `one JSONL task (${mb(bytesOf(files))}), no filters, in process, against the floor`
  tell("jsonl", about, { cpu: result.build.cpu / result.floor.cpu }, result)
}
if (only.has("loop") || only.has("workers")) {
  const folder = scaled(times)
  const [lines, array] = [walk(join(folder, "airoboros"))[0], walk(join(folder, "aesir"))[0]]
  const tasks = "AiroborosInstructionFollowingTask,AesirRoleplayTask"
  const limit = ["--max-length", "1024"]
  const result = compare({
    build: build(folder, tasks, "two", {}, limit),
    loop: [
      join(here, "loop.mjs"),
      join(root, "dist"),
      join(base, "loop.jsonl"),
      "1024",
      "LlmSlopFilter,ExactDedupFilter",
      `AiroborosInstructionFollowingTask=${lines}`,
      `AesirRoleplayTask=${array}`,
    ],
    workers: build(folder, tasks, "two", { workers: 2 }, limit),
  })
  const about = `JSONL and JSON array (${mb(bytesOf([lines, array]))}), phrase filter, dedup, limit`
  tell("loop", `${about}, in process, against a hand-written loop`, { cpu: result.build.cpu / result.loop.cpu }, result)
  tell(
    "workers",
    `${about}, 2 workers against in process`,
    { "times as fast": result.build.wall / result.workers.wall },
    result,
  )
}
if (only.has("nine")) {
  const folder = scaled(times)
  const files = walk(folder)
  const result = compare({ build: build(folder, nine, "none"), floor: floor(files) })
  tell(
    "nine",
    `all nine tasks (${mb(bytesOf(files))}), no filters, against the floor`,
    { cpu: result.build.cpu / result.floor.cpu },
    result,
  )
}
if (only.has("filters")) {
  const folder = scaled(times)
  const files = walk(folder)
  const args = build(folder, nine, "shipped", { format: "metharme" }, ["--max-length", "2048"])
  const result = compare({ build: args, floor: floor(files) })
  tell(
    "filters",
    "the same with the filters each task ships with, metharme, 2048 tokens",
    { cpu: result.build.cpu / result.floor.cpu },
    result,
  )
}
if (only.has("memory")) {
  const small = compare({ build: build(scaled(1), nine, "none") })
  const large = compare({ build: build(scaled(times), nine, "none") })
  tell(
    "memory",
    `peak memory of all nine tasks at ${times} times the input`,
    {
      [`MB at 1x`]: small.build.rss,
      [`MB at ${times}x`]: large.build.rss,
    },
    { small, large },
  )
}
if (only.has("resume")) {
  const folder = scaled(times)
  const args = build(folder, nine, "shipped", {}, ["--max-length", "2048"])
  const full = measure([...args, "--keep-work"])
  const slices = join(base, "out.jsonl.work", "slices")
  const all = readdirSync(slices).length
  rmSync(join(base, "out.jsonl.work"), { recursive: true, force: true })
  // Killed when nine tenths of the slices are done.
  const child = spawn(process.execPath, args, { cwd: root, stdio: "ignore" })
  const ended = new Promise((resolve) => child.once("exit", resolve))
  for (;;) {
    const done = existsSync(slices) ? readdirSync(slices).length : 0
    if (done >= all * 0.9 || child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  child.kill("SIGKILL")
  await ended
  const kept = existsSync(slices) ? readdirSync(slices).length : 0
  const resumed = measure(args)
  const about = `a run killed with ${kept} of ${all} slices done, started again, against the whole run`
  tell("resume", about, { cpu: resumed.cpu / full.cpu }, { full, resumed })
}
if (values.json !== undefined) {
  mkdirSync(join(values.json, ".."), { recursive: true })
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}
rmSync(base, { recursive: true, force: true })

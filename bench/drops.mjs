// How much each filter drops, as a table for the docs: each filter by itself, with its defaults, on every task.
//
//   npm run build && node bench/drops.mjs [--keep FOLDER] [--only RefusalFilter,LlmSlopFilter]
//
// Reads ../shared/raw (the nine tasks) and ../shared/data (the generic ones); skips what is not there. With --keep the
// ledgers stay in FOLDER, to be read.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const { values } = parseArgs({ options: { keep: { type: "string" }, only: { type: "string" } } })
const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "dist", "bin", "data-toolbox.js")
const shared = join(root, "..", "shared")
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "data-toolbox-drops-"))
mkdirSync(folder, { recursive: true })

const nine = [
  "AesirRoleplayTask",
  "AiroborosInstructionFollowingTask",
  "AiTownRoleplayTask",
  "CharacterAiRoleplayTask",
  "NoRobotsInstructionFollowingTask",
  "OpenCaiRoleplayTask",
  "PygClaudeRoleplayTask",
  "RpForumsRoleplayTask",
  "TeatimeRoleplayTask",
]
const own = (task, path, files) => ({ task, folder: path, files })
const inputs = [
  { name: "raw", data: join(shared, "raw"), sections: Object.fromEntries(nine.map((name) => [name, {}])) },
  {
    name: "data",
    data: join(shared, "data"),
    sections: {
      alpaca: own("AlpacaTask", "alpaca", ["*.json"]),
      alpacacot: own("AlpacaTask", "alpaca-cot", ["*.json"]),
      codealpaca: own("AlpacaTask", "codealpaca", ["*.json"]),
      gpteacher: own("AlpacaTask", "gpteacher", ["*.json"]),
      llamafactory: own("AlpacaTask", "llama-factory-demos", ["alpaca_*_demo.json", "identity.json"]),
      sharegpt: own("ShareGptTask", "sharegpt", ["*.json"]),
      messages: own("MessagesTask", "messages", ["*.jsonl"]),
    },
  },
].filter(({ data }) => existsSync(data))

const listed = spawnSync(process.execPath, [bin, "list", "filters", "--json"], { encoding: "utf8" })
const filters = JSON.parse(listed.stdout)
  .filters.map(({ name }) => name)
  .filter((name) => values.only === undefined || values.only.split(",").includes(name))
const settings = { ContainsFilter: { phrases: ["apple"] } }

const rows = []
for (const filter of filters) {
  const cells = []
  for (const { data, name, sections } of inputs) {
    const one = settings[filter] === undefined ? filter : { [filter]: settings[filter] }
    const config = join(folder, `${name}.yml`)
    const given = Object.entries(sections).map(([key, section]) => [key, { ...section, filters: [one] }])
    writeFileSync(config, JSON.stringify(Object.fromEntries(given)))
    const output = join(folder, `${name}.${filter}.jsonl`)
    const args = [bin, "build", "--tasks", Object.keys(sections).join(","), "--config", config, "--format", "sharegpt"]
    const more = ["--data-folder", data, "--workers", "0", "--quiet", "--output-file", output]
    const done = spawnSync(process.execPath, [...args, ...more], { encoding: "utf8", maxBuffer: 1 << 26 })
    if (done.status !== 0) {
      cells.push(done.stderr.split("\n")[0].slice(0, 60))
      continue
    }
    const { tasks } = JSON.parse(readFileSync(`${output}.manifest.json`, "utf8"))
    let made = 0
    let dropped = 0
    for (const { episodes } of Object.values(tasks)) {
      made += episodes.made
      dropped += episodes.dropped[filter] ?? 0
    }
    cells.push(`${dropped} of ${made} (${((100 * dropped) / made).toFixed(2)} %)`)
    rmSync(output)
  }
  rows.push([filter, ...cells])
  console.log(`| ${rows.at(-1).join(" | ")} |`)
}
if (values.keep === undefined) rmSync(folder, { recursive: true })

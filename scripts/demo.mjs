// Builds training data for all tasks from the samples, in several formats, and shows what was written and what was not.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"

const root = fileURLToPath(new URL("..", import.meta.url))
const bin = join(root, "dist", "bin", "data-toolbox.js")
if (!existsSync(bin)) {
  console.error('The command is not built yet: run "npm run build" first.')
  process.exit(1)
}
const out = join(process.cwd(), "demo")
mkdirSync(out, { recursive: true })

const config = join(root, "samples", "config.yml")
// Every section of the sample config begins a line.
const tasks = [...readFileSync(config, "utf8").matchAll(/^([A-Za-z]\w*):/gm)]
  .map(([, key]) => key)
  .filter((key) => key !== "defaults" && key !== "plugins")
  .join(",")

for (const format of ["sharegpt", "metharme", "openchat"]) {
  const file = join("demo", `${format}.jsonl`)
  const args = ["build", "--tasks", tasks, "--config", config, "--data-folder", join(root, "samples")]
  args.push("--format", format, "--output-file", file, "--max-length", "2048")
  console.log(`\n$ data-toolbox build --tasks ... --format ${format} --output-file ${file}\n`)
  const { status } = spawnSync(process.execPath, [bin, ...args], { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

const first = readFileSync(join(out, "sharegpt.jsonl"), "utf8").split("\n", 1)[0]
console.log("\nThe first row of demo/sharegpt.jsonl:\n")
console.log(`${first.slice(0, 600)}${first.length > 600 ? " ..." : ""}`)

const ledger = gunzipSync(readFileSync(join(out, "sharegpt.jsonl.ledger.jsonl.gz")))
  .toString("utf8")
  .trim()
  .split("\n")
console.log(`\nWhat was left out, and why (${ledger.length} lines in the ledger; one of each reason):\n`)
const seen = new Set()
for (const line of ledger) {
  const { detail, place, reason, stage } = JSON.parse(line)
  if (seen.has(reason)) continue
  seen.add(reason)
  const where = [place.file, place.line ?? place.index ?? place.row].filter((part) => part !== undefined).join(":")
  console.log(
    `  ${stage.padEnd(7)} ${reason.padEnd(20)} ${where}  ${detail === undefined ? "" : JSON.stringify(detail)}`.slice(
      0,
      160,
    ),
  )
}

// Rows to bytes: the writer of the record path against JSON.stringify and one encoding at the end, on the rows of a file.
//
//   node bench/rows.mjs FILE.jsonl [ROUNDS]
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const [file, rounds = "5"] = process.argv.slice(2)
const dist = join(fileURLToPath(new URL("..", import.meta.url)), "dist")
const { ByteWriter } = await import(pathToFileURL(join(dist, "domain", "ByteWriter.js")).href)

const lines = readFileSync(file, "utf8").split("\n").filter(Boolean)
const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
const writer = new ByteWriter()
const out = Buffer.allocUnsafeSlow(8 << 20)
const slice = 1 << 20

const ways = {
  writer: (rows) => {
    writer.cut(0)
    for (const row of rows) {
      if (writer.length > slice) writer.cut(0)
      writer.json(row)
      writer.byte(10)
    }
  },
  stringify: (rows) => {
    let text = ""
    for (const row of rows) {
      if (text.length > slice) {
        out.write(text, 0, "utf8")
        text = ""
      }
      text += `${JSON.stringify(row)}\n`
    }
    out.write(text, 0, "utf8")
  },
}
const cpu = () => {
  const { system, user } = process.cpuUsage()
  return system + user
}
const best = Object.fromEntries(Object.keys(ways).map((name) => [name, Number.POSITIVE_INFINITY]))
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, run] of Object.entries(ways)) {
    // New strings each time: what was written once lies in memory as it was written.
    const rows = lines.map((line) => JSON.parse(line))
    const before = cpu()
    run(rows)
    best[name] = Math.min(best[name], cpu() - before)
  }
}
for (const [name, time] of Object.entries(best))
  console.log(`${name.padEnd(10)} ${(bytes / time).toFixed(0)} MB/s of CPU`)
console.log(`ratio      ${(best.writer / best.stringify).toFixed(2)}`)

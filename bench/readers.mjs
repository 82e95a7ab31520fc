// How fast files are read, as ratios in one run: the JSONL reader to a plain loop, the scanner of JSON arrays to the JSONL
// reader over the same records, Parquet to its library alone. CPU time (user and system, all threads), interleaved, the
// minimum of several rounds. Needs `npm run build`.
//
//   node bench/readers.mjs [ROUNDS] [MEGABYTES]
import {
  appendFileSync,
  createReadStream,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { parquetWriteBuffer } from "hyparquet-writer"

const rounds = Number(process.argv[2] ?? 5)
const megabytes = Number(process.argv[3] ?? 48)
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist")
const load = (file) => import(pathToFileURL(join(dist, file)).href)
const [{ planFile }, { loadSlice }, { eachValue }] = await Promise.all([
  load("layers/readers/Plan.js"),
  load("layers/readers/Load.js"),
  load("layers/readers/Each.js"),
])

// Records of about 2.7 kB and 12 turns, some of their text beyond ASCII or with escapes: as in `effect.md`, section 3.
const words =
  'the of rain had whispers »said« never\n again "quiet" über they light and walked naïve river 雨 under a'.split(" ")
let state = 1
const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8
const text = () => Array.from({ length: 20 + (next() % 40) }, () => words[next() % words.length]).join(" ")
const record = (i) => ({
  id: `r${i}`,
  conversations: Array.from({ length: 12 }, (_, turn) => ({ from: turn % 2 === 0 ? "human" : "gpt", value: text() })),
})

const folder = mkdtempSync(join(tmpdir(), "bench-readers-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const paths = { jsonl: join(folder, "a.jsonl"), json: join(folder, "a.json"), parquet: join(folder, "a.parquet") }
writeFileSync(paths.jsonl, "")
writeFileSync(paths.json, "[")
const rows = []
for (let count = 0, size = 0; size < megabytes * 1e6; ) {
  const lines = Array.from({ length: 1000 }, () => {
    const made = record(count++)
    if (rows.length < 12_000) rows.push(made)
    return JSON.stringify(made)
  })
  appendFileSync(paths.jsonl, `${lines.join("\n")}\n`)
  appendFileSync(paths.json, `${size === 0 ? "" : ",\n"}${lines.join(",\n")}`)
  size = statSync(paths.jsonl).size
}
appendFileSync(paths.json, "]")
writeFileSync(
  paths.parquet,
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: "id", data: rows.map(({ id }) => id), type: "STRING" },
        ...Array.from({ length: 12 }, (_, turn) => ({
          name: `turn${turn}`,
          data: rows.map(({ conversations }) => conversations[turn].value),
          type: "STRING",
          nullable: true,
        })),
      ],
      rowGroupSize: 1000,
    }),
  ),
)

/** The work on a record, the same everywhere: roles are mapped, the record is written as a line. */
const roles = { human: "user", gpt: "assistant" }
const work = ({ conversations, id }) =>
  `${JSON.stringify({ id, messages: conversations.map(({ from, value }) => ({ role: roles[from], content: value })) })}\n`
const same = (row) => row
const out = openSync(join(folder, "out"), "w")
const write = (lines) => void writeSync(out, lines.join(""))

const check = {}
const ours = (reader, each) => async () => {
  let read = 0
  let lines = []
  const sink = {
    value: (value) => {
      read++
      lines.push(each(value))
    },
    bad: (reason) => {
      throw new Error(`a bad record: ${reason}`)
    },
    blankLines: () => undefined,
    repaired: () => undefined,
  }
  const plan = planFile(
    { file: `a.${reader}`, path: paths[reader] },
    { reader, sliceBytes: 1 << 20, maxRecordBytes: 1 << 26 },
  )
  for await (const slice of plan) {
    eachValue((await loadSlice(slice)).input, {}, sink)
    if (each === work) write(lines)
    lines = []
  }
  return read
}

/** The plain loop: reads of 1 MB, `indexOf` of the line end, `JSON.parse` of each line, one write a chunk. */
const plainJsonl = (withDigest) => async () => {
  const hash = createHash("sha256")
  let read = 0
  let rest = Buffer.alloc(0)
  for await (const data of createReadStream(paths.jsonl, { highWaterMark: 1024 * 1024 })) {
    if (withDigest) hash.update(data)
    const chunk = rest.length === 0 ? data : Buffer.concat([rest, data])
    const lines = []
    let at = 0
    for (let end = chunk.indexOf(10, at); end >= 0; end = chunk.indexOf(10, at)) {
      lines.push(work(JSON.parse(chunk.toString("utf8", at, end))))
      read++
      at = end + 1
    }
    write(lines)
    rest = chunk.subarray(at)
  }
  return read
}

/** The library, a row group at a time. */
const plainParquet = async () => {
  let read = 0
  const file = await asyncBufferFromFile(paths.parquet)
  const metadata = await parquetMetadataAsync(file)
  let start = 0
  for (const group of metadata.row_groups) {
    const rowEnd = start + Number(group.num_rows)
    read += (await parquetReadObjects({ file, metadata, rowStart: start, rowEnd, compressors })).length
    start = rowEnd
  }
  return read
}

const measured = {
  "plain loop": plainJsonl(false),
  "plain loop, digest": plainJsonl(true),
  "JSONL reader": ours("jsonl", work),
  "JSON array reader": ours("json", work),
  "Parquet library": plainParquet,
  "Parquet reader": ours("parquet", same),
}
const best = Object.fromEntries(Object.keys(measured).map((name) => [name, Number.POSITIVE_INFINITY]))
for (let round = 0; round < rounds + 1; round++) {
  for (const [name, run] of Object.entries(measured)) {
    ftruncateSync(out)
    const before = process.cpuUsage()
    const read = await run()
    const { system, user } = process.cpuUsage(before)
    if (read !== (check[name] ??= read)) throw new Error(`${name} read ${read} records`)
    // The first round warms up.
    if (round > 0) best[name] = Math.min(best[name], (user + system) / 1e6)
  }
}
if (check["plain loop"] !== check["JSONL reader"] || check["plain loop"] !== check["JSON array reader"])
  throw new Error("not the same records")
if (check["Parquet library"] !== check["Parquet reader"]) throw new Error("not the same rows")

const ratio = (a, b) => (best[a] / best[b]).toFixed(2)
for (const [name, seconds] of Object.entries(best))
  console.log(`${name.padEnd(20)} ${seconds.toFixed(2)} CPU-s, ${check[name]} records`)
console.log(`JSONL reader to the plain loop         ${ratio("plain loop", "JSONL reader")} of its speed (goal 0.9)`)
console.log(
  `JSON array reader to the JSONL reader  ${ratio("JSONL reader", "JSON array reader")} of its speed (goal 0.6)`,
)
console.log(
  `Parquet reader to the library          ${ratio("Parquet reader", "Parquet library")} times its time (goal 1.2)`,
)

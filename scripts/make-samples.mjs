// Writes the two sample files that are not text, from the text that lies beside them. `--check` writes nothing and fails
// when a file that is there does not match its source. The same source gives the same Parquet bytes.
import { ByteWriter, parquetWrite } from "hyparquet-writer"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { gunzipSync, gzipSync } from "node:zlib"

const samples = new URL("../samples/", import.meta.url)
const read = (name) => readFileSync(new URL(name, samples))

const text = (name) => ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" })

/** The columns of the published file: `messages` is a list of structs. */
const schema = [
  { name: "schema", num_children: 4 },
  text("prompt"),
  text("prompt_id"),
  { name: "messages", converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
  text("content"),
  text("role"),
  text("category"),
]

const parquet = () => {
  const rows = JSON.parse(read("no_robots/rows.json").toString("utf8"))
  const writer = new ByteWriter()
  void parquetWrite({
    writer,
    schema,
    columnData: ["prompt", "prompt_id", "messages", "category"].map((name) => ({
      name,
      data: rows.map((row) => row[name]),
    })),
    // Two row groups, so that a reader has to go on to a second one.
    rowGroupSize: 8,
    createdBy: "data-toolbox samples",
  })
  return Buffer.from(writer.getBuffer())
}

const gzip = () => {
  const bytes = gzipSync(read("own/source/messages.jsonl"), { level: 9 })
  // The header names the operating system; 255 stands for "unknown".
  bytes[9] = 255
  return bytes
}

/** zlib may compress otherwise in another version of Node, so gzipped files are the same when their content is. */
const sameContent = (a, b) => gunzipSync(a).equals(gunzipSync(b))
const sameBytes = (a, b) => a.equals(b)

const files = [
  { name: "no_robots/train_sft-00000-of-00001-8aba5401a3b757f5.parquet", make: parquet, same: sameBytes },
  { name: "own/messages.jsonl.gz", make: gzip, same: sameContent },
]

const check = process.argv.includes("--check")
for (const { make, name, same } of files) {
  const made = make()
  const upToDate = existsSync(new URL(name, samples)) && same(read(name), made)
  if (check && !upToDate) {
    console.error(`samples/${name} does not match its source; run: node scripts/make-samples.mjs`)
    process.exitCode = 1
  } else if (!check && !upToDate) {
    writeFileSync(new URL(name, samples), made)
    console.log(`wrote samples/${name} (${made.length} bytes)`)
  } else console.log(`samples/${name} is up to date`)
}

// The floor: reads the same input bytes, parses and stringifys the rows that the tool wrote, writes them, and takes one
// SHA-256 each way. Nothing that makes training data of raw data can be cheaper.
//
//   node floor.mjs OUTPUT-OF-THE-TOOL COPY INPUT...
import { createHash } from "node:crypto"
import { closeSync, openSync, readSync, writeSync } from "node:fs"

const [rows, copy, ...inputs] = process.argv.slice(2)
const size = 1 << 20
const buffer = Buffer.allocUnsafe(size)

const eachChunk = (file, use) => {
  const handle = openSync(file, "r")
  for (;;) {
    const length = readSync(handle, buffer, 0, size, null)
    if (length === 0) break
    use(buffer.subarray(0, length))
  }
  closeSync(handle)
}

const read = createHash("sha256")
for (const file of inputs) eachChunk(file, (chunk) => read.update(chunk))
read.digest()

const written = createHash("sha256")
const out = openSync(copy, "w")
let rest = Buffer.alloc(0)
eachChunk(rows, (chunk) => {
  const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  let text = ""
  let at = 0
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, at)) {
    text += `${JSON.stringify(JSON.parse(data.toString("utf8", at, end)))}\n`
    at = end + 1
  }
  rest = Buffer.from(data.subarray(at))
  const bytes = Buffer.from(text)
  written.update(bytes)
  writeSync(out, bytes)
})
closeSync(out)
written.digest()

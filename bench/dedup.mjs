// Speed of MinHash fingerprints: CPU seconds of this process for the texts of some conversations, next to SHA-256 over
// the same bytes in the same run. node bench/dedup.mjs [--least 12] (after npm run build).
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { fingerprintOf } from "../dist/domain/dedup/Fingerprint.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const least = Number(process.argv[process.argv.indexOf("--least") + 1] || 12)

/** Conversations of a file: each list of objects below a key is one, with the strings that were said. */
const conversationsOf = (file, list, said) => {
  const found = []
  JSON.parse(readFileSync(file, "utf8"), (key, value) => {
    if (key === list && Array.isArray(value)) found.push(value.map((turn) => String(turn[said] ?? "")))
    return value
  })
  return found
}

const shared = `${root}../shared/data/`
const [source, texts] = existsSync(`${shared}topical-chat`)
  ? ["topical-chat of ../shared", conversationsOf(`${shared}topical-chat/valid_freq.json`, "content", "message")]
  : ["samples", conversationsOf(`${root}samples/no_robots/rows.json`, "messages", "content")]

const episodes = texts.map((turns, i) => ({
  id: String(i),
  turns: turns.map((text, k) => ({ kind: k % 2 === 0 ? "user" : "model", text })),
}))
const bytes = texts.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0)
// A round takes long enough to be measured, however little text there is.
const passes = Math.max(1, Math.ceil(3_000_000 / bytes))

const cpu = (work) => {
  const from = process.cpuUsage()
  for (let pass = 0; pass < passes; pass++) work()
  const { system, user } = process.cpuUsage(from)
  return (system + user) / 1e6
}
const print = () => {
  for (const episode of episodes) fingerprintOf(episode)
}
const digest = () => {
  for (const turns of texts) {
    const hash = createHash("sha256")
    for (const text of turns) hash.update(text)
    hash.digest()
  }
}
print()
digest()
let [own, sha] = [Infinity, Infinity]
for (let round = 0; round < 9; round++) {
  own = Math.min(own, cpu(print))
  sha = Math.min(sha, cpu(digest))
}
const megabytes = (bytes * passes) / 1e6
const prints = episodes.reduce((sum, episode) => sum + fingerprintOf(episode).length, 0)
console.log(
  `${source}: ${episodes.length} conversations, ${(bytes / 1e6).toFixed(2)} MB; fingerprints of ` +
    `${(prints / episodes.length).toFixed(0)} bytes each, ${((100 * prints) / bytes).toFixed(0)} % of the text`,
)
console.log(
  `MinHash fingerprints: ${(megabytes / own).toFixed(1)} MB per CPU second, ` +
    `${(own / sha).toFixed(1)} times the CPU of SHA-256 (${(megabytes / sha).toFixed(0)} MB/s)`,
)
if (megabytes / own < least) process.exitCode = 1

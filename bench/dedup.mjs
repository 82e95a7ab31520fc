// Near duplicates: speed of MinHash fingerprints (CPU seconds of this process for the texts of some conversations, next to
// SHA-256 over the same bytes in the same run), what is found of pairs of known similarity, and memory.
// node bench/dedup.mjs [--least 12] (after npm run build); fails below so many MB per CPU second.
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { compileFingerprint, defaultFingerprint, fingerprintOf } from "../dist/domain/dedup/Fingerprint.js"
import { makeNearIndex } from "../dist/domain/dedup/NearIndex.js"
import { makeKeyTable } from "../dist/domain/KeyTable.js"

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

// ------------------------------------------------------------------------------------------------------------- recall

let state = 42
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}
const word = () => Math.floor(random() * 2 ** 31).toString(36)
const textOf = (words) => ({ id: "x", turns: [{ kind: "model", text: words.join(" ") }] })

const jaccardOf = (one, two) => {
  const grams = (words) => new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(" ")))
  const [a, b] = [grams(one), grams(two)]
  let common = 0
  for (const gram of a) if (b.has(gram)) common++
  return common / (a.size + b.size - common)
}

/** Two texts whose word 5-grams have a similarity in a range, counted as strings. */
const pairBetween = (low, high) => {
  for (;;) {
    const one = Array.from({ length: 100 + Math.floor(random() * 300) }, word)
    const two = [...one]
    const wanted = low + random() * (high - low)
    const changed = Math.round(((1 - wanted) / (1 + wanted)) * one.length)
    if (random() < 0.5) {
      const from = Math.floor(random() * (one.length - changed))
      for (let i = from; i < from + changed; i++) two[i] = word()
    } else for (let i = 0; i < changed / 5; i++) two[Math.floor(random() * two.length)] = word()
    const similarity = jaccardOf(one, two)
    if (similarity >= low && similarity < high) return [one, two]
  }
}

const pairs = 1000
console.log(`of ${pairs} pairs each, dropped at the threshold 0.8 (and at 0.6):`)
for (const [low, high] of [
  [0.4, 0.6],
  [0.6, 0.7],
  [0.7, 0.8],
  [0.8, 0.82],
  [0.82, 0.85],
  [0.85, 0.9],
  [0.9, 1],
]) {
  const given = Array.from({ length: pairs }, () => pairBetween(low, high))
  const shares = ["normal", "high"].map((recall) => {
    const fingerprint = compileFingerprint({ ...defaultFingerprint, recall })
    return [0.8, 0.6].map((threshold) => {
      const index = makeNearIndex({ threshold })
      given.forEach(([one], i) => index.add(fingerprint(textOf(one)), i))
      return given.filter(([, two]) => index.find(fingerprint(textOf(two))) !== undefined).length / pairs
    })
  })
  const told = shares.map(([at, lower]) => `${(100 * at).toFixed(1)} % (${(100 * lower).toFixed(1)} %)`)
  console.log(`  ${low} to ${high}: normal ${told[0]}, high ${told[1]}`)
}

// ------------------------------------------------------------------------------------------------------------- memory

const count = 100_000
for (const recall of ["normal", "high"]) {
  const fingerprint = compileFingerprint({ ...defaultFingerprint, recall })
  const index = makeNearIndex({ recall: () => new Uint8Array(0) })
  let most = 0
  for (let i = 1; i <= count; i++) {
    index.add(fingerprint(textOf(Array.from({ length: 12 }, word))), i)
    if (i > 10_000) most = Math.max(most, index.bytes() / i)
  }
  console.log(
    `index, recall ${recall}: ${(index.bytes() / count).toFixed(0)} bytes a conversation, at most ${most.toFixed(0)}`,
  )
}
const table = makeKeyTable()
let most = 0
for (let i = 1; i <= 1_000_000; i++) {
  table.add(Buffer.from(Uint32Array.of(Math.imul(i, 0x9e3779b1), i, 0, 1).buffer), i)
  if (i > 10_000) most = Math.max(most, table.bytes() / i)
}
console.log(`exact keys: ${(table.bytes() / 1e6).toFixed(0)} bytes a conversation, at most ${most.toFixed(0)}`)

// Speed of token counts next to tiktoken's `encode_ordinary`: both in one process, in turn, warm, on the same chat.
// node bench/tokens.mjs [encoding ...] (after npm run build); fails where a count differs or the ratio is below 5.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { get_encoding } from "tiktoken"
import { loadTokenizer } from "../dist/domain/Tokens.js"

const root = fileURLToPath(new URL("..", import.meta.url))

/** All strings below the keys that hold what was said. */
const said = (file, keys) => {
  const texts = []
  JSON.parse(readFileSync(file, "utf8"), (key, value) => {
    if (keys.includes(key) && typeof value === "string") texts.push(value)
    return value
  })
  return texts
}

const shared = `${root}../shared/data/`
const own = `${root}samples/`
const [source, texts] = existsSync(`${shared}topical-chat`)
  ? [
      "topical-chat and taskmaster of ../shared",
      [
        ...said(`${shared}topical-chat/valid_freq.json`, ["message"]),
        ...said(`${shared}taskmaster/data_00.json`, ["text"]),
      ],
    ]
  : [
      "samples",
      [
        ...said(`${own}no_robots/rows.json`, ["content"]),
        ...readdirSync(`${own}rp_forums`).flatMap((file) =>
          readFileSync(`${own}rp_forums/${file}`, "utf8").split("\n"),
        ),
      ],
    ]

const units = texts.reduce((sum, text) => sum + text.length, 0)
// A round takes long enough to be measured, however short the texts are together.
const passes = Math.max(1, Math.ceil(1_000_000 / units))
const rounds = 7

const timed = (count) => {
  const from = performance.now()
  let tokens = 0
  for (let pass = 0; pass < passes; pass++) for (const text of texts) tokens += count(text)
  return [performance.now() - from, tokens]
}
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const speed = (ms) => `${((units * passes) / 1000 / ms).toFixed(1)} M characters/s`

console.log(
  `${texts.length} texts of ${source}, ${(units / texts.length).toFixed(0)} characters each, ${rounds} rounds`,
)
const names = process.argv.length > 2 ? process.argv.slice(2) : ["o200k_base", "cl100k_base"]
for (const name of names) {
  const from = performance.now()
  const { count } = await loadTokenizer(name)
  const load = performance.now() - from
  const encoding = get_encoding(name)
  const reference = (text) => encoding.encode_ordinary(text).length
  for (const text of texts) {
    if (count(text) !== reference(text))
      throw new Error(`${name} counts ${count(text)} tokens in ${JSON.stringify(text)}`)
  }
  const mine = []
  const theirs = []
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const [own, tokens] = timed(count)
    const [other, expected] = timed(reference)
    if (tokens !== expected) throw new Error(`${name}: ${tokens} tokens for ${expected}`)
    mine.push(own)
    theirs.push(other)
    ratios.push(other / own)
  }
  encoding.free()
  const ratio = median(ratios)
  console.log(
    `${name}: loaded in ${load.toFixed(0)} ms; ${speed(median(mine))}, tiktoken ${speed(median(theirs))}: ` +
      `${ratio.toFixed(1)} times as fast (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`,
  )
  if (ratio < 5) process.exitCode = 1
}

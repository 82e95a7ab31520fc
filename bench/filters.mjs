// How fast the filters are that need only the episode, and how their time grows with the text.
//
//   npx tsx bench/filters.mjs [--mb 8] [--rounds 5] [--only NAME]
//
// Speed is MB of text (UTF-16 units) per second of CPU, the best of some rounds, and as a ratio of a pass that only reads
// each character once (`floor`): machines are noisy, ratios of one run are less so. Doubling: the time for a text over
// that for half of it, on repeats of what each filter looks for, the least of some rounds.
import * as Schema from "effect/Schema"
import { parseArgs } from "node:util"
import { readList } from "../src/domain/Assets.ts"
import { loadDetectors } from "../src/domain/text/Language.ts"
import { compileList, parsePhraseList } from "../src/domain/text/PhraseList.ts"
import { filters } from "../src/layers/filters/All.ts"

const { values } = parseArgs({
  options: { mb: { type: "string", default: "8" }, rounds: { type: "string", default: "5" }, only: { type: "string" } },
})
const rounds = Number(values.rounds)
await loadDetectors()

const seconds = (run) => {
  let least = Infinity
  for (let i = 0; i < rounds; i++) {
    const start = process.cpuUsage()
    run()
    const { system, user } = process.cpuUsage(start)
    least = Math.min(least, (system + user) / 1e6)
  }
  return least
}

// Ordinary English: sentences of the project's own, in another order each time.
const sentences = [
  "The harbour lay still, and two gulls fought over a crust of bread.",
  "*She looks up from the map and frowns.* Where did you say the bridge was?",
  "I never thought that the garden would look like this in spring!",
  '"You can\'t mean that," he said, and put the cup down a little too hard.',
  "First measure the flour, then add the water slowly; the dough should not stick.",
  "It depends on the soil: tomatoes like it rich and a little sour.",
  "He told me that nobody had opened the green door since his uncle sailed north.",
  "We will answer within two days, or sooner if the matter is urgent.",
]
let seed = 1
const draw = (n) => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) % n
const episodes = []
for (let size = 0; size < Number(values.mb) * 1e6; ) {
  const turns = []
  for (let i = 0; i < 8; i++) {
    const text = Array.from({ length: 3 + draw(6) }, () => `${sentences[draw(8)]} ${draw(1000)}`).join(" ")
    turns.push({ kind: i % 2 === 0 ? "user" : "model", text })
    size += text.length
  }
  episodes.push({ id: String(episodes.length), turns })
}
const lengthOf = (roles) =>
  episodes.reduce(
    (sum, { turns }) => sum + turns.reduce((all, { kind, text }) => all + (roles.includes(kind) ? text.length : 0), 0),
    0,
  )

let sink = 0
const floor =
  lengthOf(["user", "model"]) /
  1e6 /
  seconds(() => {
    for (const { turns } of episodes)
      for (const { text } of turns) for (let i = 0; i < text.length; i++) sink ^= text.charCodeAt(i)
  })
console.log(`floor: ${floor.toFixed(0)} MB/s${sink === -1 ? " " : ""}`)

for (const name of ["refusal", "slop_gpt", "slop_claude"]) {
  const find = compileList(parsePhraseList(readList(`phrases/${name}.txt`)))
  const speed =
    lengthOf(["user", "model"]) /
    1e6 /
    seconds(() => {
      for (const { turns } of episodes) for (const { text } of turns) find(text)
    })
  console.log(`list ${name}: ${speed.toFixed(0)} MB/s, ${(floor / speed).toFixed(1)} x floor`)
}

const atoms = [
  "a ",
  "i can't ",
  "i cannot help ",
  "as an ai ",
  '"',
  "(",
  "*",
  "the and of ",
  "und die der ",
  "\n",
  "- ",
  "Ã",
  "<|im_",
  "<s>",
  "😀",
  "é",
  ". ",
  "the same sentence again and again. ",
]
const settings = { ContainsFilter: { phrases: ["apple", "green door"], pattern: "(so|it)+ goes" } }
for (const filter of filters) {
  if (filter.judge === undefined || (values.only ?? filter.name) !== filter.name) continue
  const options = Schema.decodeUnknownSync(Schema.Struct(filter.options ?? {}))(settings[filter.name] ?? {})
  const judge = filter.judge(options)
  const speed =
    lengthOf(options.roles ?? ["user", "model"]) / 1e6 / seconds(() => episodes.forEach((one) => judge(one)))
  let worst = [0, ""]
  for (const atom of atoms) {
    const of = (size) => {
      const text = atom.repeat(Math.ceil(size / atom.length))
      const one = {
        id: "x",
        turns: [
          { kind: "user", text },
          { kind: "model", text },
          { kind: "user", text: "y" },
          { kind: "model", text },
        ],
      }
      return seconds(() => judge(one))
    }
    const [half, whole] = [of(500_000), of(1_000_000)]
    // Below a millisecond the clock tells nothing.
    const ratio = whole < 0.001 ? 0 : whole / Math.max(half, 0.0005)
    if (ratio > worst[0]) worst = [ratio, JSON.stringify(atom)]
  }
  console.log(
    `${filter.name}: ${speed.toFixed(0)} MB/s, ${(floor / speed).toFixed(1)} x floor; doubling ${worst[0].toFixed(2)} ${worst[1]}`,
  )
}

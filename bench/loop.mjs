// A hand-written loop over the same components: what a careful person would write without this tool's slices, ledger,
// merge and atomic files. Reads a file at a time, calls the same dataset, task, filters, length and format, one SHA-256
// each way, and writes the rows.
//
//   node loop.mjs DIST OUTPUT MAX-LENGTH FILTERS TASK=FILE...
import { createHash } from "node:crypto"
import { closeSync, openSync, readFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const [dist, output, maxLength, filterNames, ...jobs] = process.argv.slice(2)
const load = (file) => import(pathToFileURL(join(dist, file)).href)
const [{ tasks }, { filters }, { formats }, Schema, Clean, Pool, Random, Shape, Length, Hints, Tokens, Roles] =
  await Promise.all([
    load("layers/tasks/All.js"),
    load("layers/filters/All.js"),
    load("layers/formats/All.js"),
    import("effect/Schema"),
    load("domain/text/Clean.js"),
    load("domain/prompts/Pool.js"),
    load("domain/RecordRandom.js"),
    load("domain/Shape.js"),
    load("domain/Length.js"),
    load("domain/prompts/Hints.js"),
    load("domain/Tokens.js"),
    load("domain/RoleTokens.js"),
  ])
const format = formats.find(({ name }) => name === "sharegpt")
const guard = Roles.compileRoleTokens(format.roleTokens)
const decode = (fields) => Schema.decodeUnknownSync(Schema.Struct(fields ?? {}))({})
const names = filterNames === "" ? [] : filterNames.split(",")
const chosen = names.map((name) => filters.find((filter) => filter.name === name))
for (const filter of chosen) await filter.load?.()
const limit = Number(maxLength)
const longest = Hints.longestHints()
const written = createHash("sha256")
const out = openSync(output, "w")
let text = ""
const flush = () => {
  const bytes = Buffer.from(text)
  written.update(bytes)
  writeSync(out, bytes)
  text = ""
}

for (const [name, file] of jobs.map((job) => job.split("="))) {
  const task = tasks.find((one) => one.name === name)
  const options = { ...decode(task.dataset.options), ...decode(task.options) }
  const judges = chosen.filter(({ judge }) => judge).map((filter) => filter.judge(decode(filter.options)))
  const seen = new Set()
  const prints = chosen
    .filter(({ memory }) => memory)
    .map((filter) => filter.memory.fingerprint(decode(filter.options)))
  const clean = Clean.compileClean(Clean.cleanSets[task.clean])
  const prompts = (pool) => Pool.promptSource(Pool.loadPool(pool))
  const opened = task.open({ options, clean, names: "keep", anonymize: new Set(), prompts, hasCustomPrompts: false })
  const bytes = readFileSync(file)
  createHash("sha256").update(bytes).digest()
  const one = (record, index) => {
    const id = `${task.prefix}-${opened.id(record, String(index))}`
    const made = opened.episodes(record, {
      id,
      place: { file },
      random: Random.make(Random.key(42, name, id)),
      repaired: () => undefined,
      cut: () => undefined,
    })
    if ("skip" in made) return
    const turns = made.turns.map((turn) => ({ ...turn, text: Roles.removeFrame(turn.text).text }))
    const shaped = Shape.shape(id, { ...made, turns })
    if (typeof shaped === "string") return
    const { episode } = shaped
    for (const judge of judges) if (judge(episode) !== undefined) return
    for (const print of prints) {
      const key = Buffer.from(print(episode)).toString("latin1")
      if (seen.has(key)) return
      seen.add(key)
    }
    const safe = episode.turns.map((turn) => ({ ...turn, text: guard.escape(turn.text).text }))
    const reply = safe[safe.length - 1].text
    const random = Random.make(Random.key(42, `${name}/hints/0`, id))
    const fill = () =>
      Hints.fillHints(episode.prompt, {
        style: Hints.styleHint(reply, random),
        length: Hints.lengthHint(reply, random),
      })
    if (episode.prompt !== undefined) safe[0] = { kind: "system", text: Hints.fillHints(episode.prompt, longest) }
    let kept = safe
    if (limit > 0) {
      const fitted = Length.fitLength(
        safe,
        safe.map((turn) => Tokens.estimate(format.lengthText(turn))),
        limit,
        "fit",
      )
      const [span] = fitted.spans
      if (span === undefined) return
      kept = [...(safe[0].kind === "system" ? [safe[0]] : []), ...safe.slice(span.from, span.to)]
    }
    if (episode.prompt !== undefined) kept[0] = { kind: "system", text: fill() }
    for (const row of format.encode({ id, turns: kept }, { identifier: true })) text += `${JSON.stringify(row)}\n`
    if (text.length > 1 << 20) flush()
  }
  // The dataset's own reader, given the whole file as one slice.
  const first = { index: 0, line: 1, byte: 0, counts: [] }
  const sink = { record: (record, _place, index) => one(record, index) }
  for (const key of ["bad", "skip", "note", "blankLines", "repaired"]) sink[key] = () => undefined
  const read = task.dataset.open({ options, maxRecordBytes: 1 << 26 })
  if (file.endsWith(".jsonl")) read({ kind: "lines", file, bytes, first }, sink)
  else read({ kind: "records", records: JSON.parse(bytes.toString("utf8")), first }, sink)
}
flush()
closeSync(out)
written.digest()

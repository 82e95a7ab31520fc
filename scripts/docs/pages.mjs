// The pages themselves: a map of path to text.
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parse, stringify } from "yaml"
import * as JSONSchema from "effect/JSONSchema"
import { commonFields } from "../../dist/programs/Config.js"
import { rowSchemas } from "../../dist/programs/RowSchema.js"
import { datasets } from "../../dist/layers/datasets/All.js"
import { filters } from "../../dist/layers/filters/All.js"
import { formats } from "../../dist/layers/formats/All.js"
import { tasks } from "../../dist/layers/tasks/All.js"
import { cell, optionsTable } from "./options.mjs"
import { build, explain, inFolder } from "./run.mjs"

const samples = fileURLToPath(new URL("../../samples", import.meta.url))

const examplesOf = (name) => parse(readFileSync(new URL(name, import.meta.url), "utf8"))

/** With a capital, unless it begins with a name. */
const sentence = (text) =>
  `${/^[a-z]+_/.test(text) ? text[0] : text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`

const fence = (kind, text) => {
  if (text.includes("```")) throw new Error(`an example holds a fence: ${text.slice(0, 80)}`)
  return `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``
}

const page = (title, parts) =>
  `<!-- Made by scripts/make-docs.mjs from the definition; "npm run docs" writes it anew. -->\n\n# ${title}\n\n${parts
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n")}\n`

const table = (head, rows) =>
  [
    `| ${head.join(" | ")} |`,
    `|${" --- |".repeat(head.length)}`,
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ].join("\n")

const link = (kind, name, from = kind) => `[\`${name}\`](${from === kind ? "" : `../${kind}/`}${name}.md)`

/** A conversation as lines of who says what. */
const spoken = (turns) =>
  turns
    .map(({ kind, name, text, weight }) => {
      const who = `${kind}${name === undefined ? "" : ` (${name})`}${weight === undefined ? "" : ` [weight ${weight}]`}: `
      return who + text.replaceAll("\n", "\n  ")
    })
    .join("\n")

const meanings = (reasons, head) =>
  reasons === undefined
    ? undefined
    : table(
        [head, "means"],
        Object.entries(reasons).map(([name, text]) => [`\`${name}\``, text]),
      )

const placeOf = ({ file, index, line, row }) =>
  `${file}${line !== undefined ? `:${line}` : index !== undefined ? `[${index}]` : row !== undefined ? ` row ${row}` : ""}`

const yamlOf = (value) => stringify(value, { lineWidth: 120, flowCollectionPadding: true })

// ------------------------------------------------------------------------------------------------------------- filters

const filterPage = async (filter, example) => {
  const { about, drops, files = {}, keeps, options } = example
  const named = options === undefined ? filter.name : { [filter.name]: options }
  const section = { files: "chats.jsonl", filters: [named] }
  const rowOf = (turns) => ({
    conversations: turns.map((turn) => {
      const [[kind, value]] = Object.entries(turn)
      return { from: kind === "model" ? "gpt" : kind === "user" ? "human" : "system", value }
    }),
  })
  const shown = (turns) => spoken(turns.map((turn) => ({ kind: Object.keys(turn)[0], text: Object.values(turn)[0] })))
  const lines = [...keeps, ...drops].map((turns) => JSON.stringify(rowOf(turns))).join("\n")
  const made = await inFolder({ ...files, "chats.jsonl": `${lines}\n` }, (folder) =>
    build(folder, { tasks: ["ShareGptTask"], config: { ShareGptTask: { ...section, prompt: "none" } } }),
  )
  const dropped = new Map(made.lines.map((line) => [line.id, line]))
  keeps.forEach((_, i) => {
    if (dropped.has(`sharegpt-${i}`)) throw new Error(`${filter.name} drops an example that it is said to keep`)
  })
  const toldOf = (i) => {
    const line = dropped.get(`sharegpt-${keeps.length + i}`)
    if (line === undefined) throw new Error(`${filter.name} keeps an example that it is said to drop`)
    if (filter.reasons?.[line.detail.rule] === undefined)
      throw new Error(`${filter.name} drops for "${line.detail.rule}", which its definition does not name`)
    return line
  }
  const hasMemory = filter.memory !== undefined
  return page(filter.name, [
    `${sentence(filter.description)}${about === undefined ? "" : ` ${about.trim()}`}`,
    fence("yaml", yamlOf({ ShareGptTask: section })),
    ...Object.entries(files).map(
      ([name, text]) => `\`${name}\`:\n\n${fence(name.endsWith("l") ? "jsonl" : "text", text)}`,
    ),
    hasMemory
      ? "It has a memory: it decides after the filters that need only the conversation and after the length, so that only what is written is remembered."
      : "It needs only the conversation, and decides before the length and before filters with a memory.",
    "## Options",
    optionsTable(filter.options) ?? "None.",
    "## What it drops",
    "A conversation is kept or dropped as a whole. The ledger names this filter as the reason, and as `rule`:",
    meanings(filter.reasons, "rule"),
    "## An example",
    "With the config above this is kept:",
    ...keeps.map((turns) => fence("text", shown(turns))),
    "This is dropped, and the ledger says why:",
    ...drops.flatMap((turns, i) => [
      fence("text", shown(turns)),
      fence("json", JSON.stringify(toldOf(i).detail, null, 2)),
    ]),
    `More about how filters decide, and what was measured: [filters](../filters.md)${hasMemory || filter.files !== undefined ? ", [duplicates and evaluations](../dedup.md)" : ""}.`,
  ])
}

// --------------------------------------------------------------------------------------------------------------- tasks

const cleanLink = "[`clean`](../text.md)"

const taskPage = async (task, { config, format = "sharegpt", show }) => {
  const spec = { tasks: [task.name], config: { [task.name]: config }, format }
  const { lines, manifest } = await build(samples, spec)
  const { watched } = await explain(samples, show, spec)
  const [example] = watched?.episodes.flatMap(({ examples }) => examples) ?? []
  if (example === undefined) throw new Error(`${task.name} makes no example of ${show}`)
  const { place, record } = watched
  const counts = manifest.tasks[task.name]
  const groups = Map.groupBy?.(lines, ({ reason, stage }) => `${stage} ${reason}`) ?? group(lines)
  const own = { ...task.dataset.options, ...task.options }
  return page(task.name, [
    `${sentence(task.description)} It reads the dataset ${link("datasets", task.dataset.name, "tasks")}.`,
    fence("yaml file=config.yml", yamlOf({ [task.name]: config })),
    `With this as \`config.yml\`, over the samples of the package:`,
    fence("sh", `npx data-toolbox preview --tasks ${task.name} --config config.yml --data-folder samples --examples 1`),
    table(
      ["", ""],
      [
        ["identifiers begin with", `\`${task.prefix}-\``],
        [cleanLink, `\`${task.clean}\` unless the config says otherwise`],
        [
          "[`anonymize`](../text.md#anonymising)",
          task.anonymize === true ? "on unless the config says otherwise" : "off unless the config says otherwise",
        ],
        [
          "placeholders in `custom_prompts`",
          [
            ...task.placeholders.map((name) => `\`{{${name}}}\``),
            "`{{response_style_str}}`, `{{response_length_str}}`",
          ].join(", "),
        ],
        [
          "filters that `init` suggests",
          task.suggestedFilters.map((name) => link("filters", name, "tasks")).join(", "),
        ],
      ],
    ),
    "## Options",
    optionsTable(own) ?? "None of its own.",
    "And [what every task takes](README.md#what-every-task-takes).",
    "## From a record to a conversation",
    `The record at \`${placeOf(place)}\`, as the reader gives it:`,
    fence("json", JSON.stringify(record, null, 2)),
    `What becomes of it, as \`${example.id}\`:`,
    fence("text", spoken(example.turns)),
    example.alternatives === undefined ? undefined : `And not chosen:`,
    example.alternatives === undefined ? undefined : fence("text", example.alternatives.join("\n")),
    "## What it leaves out",
    meanings(task.reasons, "reason") ?? "Nothing of its own accord.",
    `Of the ${counts.records.read} records of the samples, which hold many mistakes on purpose, ${counts.episodes.written} conversations are written with the config above. [The ledger](../ledger.md) has of the others:`,
    table(
      ["stage", "reason", "lines", "the first"],
      [...groups.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, all]) => [
          ...key.split(" ").map((part, i) => (i === 1 ? `\`${part}\`` : part)),
          all.length,
          `\`${placeOf(all[0].place)}\``,
        ]),
    ),
  ])
}

/** For a Node without `Map.groupBy`. */
const group = (lines) => {
  const groups = new Map()
  for (const line of lines) {
    const key = `${line.stage} ${line.reason}`
    groups.set(key, [...(groups.get(key) ?? []), line])
  }
  return groups
}

// ------------------------------------------------------------------------------------------------------------ datasets

const sourceOf = (source) => {
  if (source === undefined) return "Files of your own, anywhere below the data folder."
  if (source.kind === "own") return `Nobody gives it out. What goes into its folder:\n\n${fence("text", source.shape)}`
  const files = source.files.map(
    ({ as, from }) => `\`${[from].flat()[0]}\`${as === undefined || as === [from].flat()[0] ? "" : ` as \`${as}\``}`,
  )
  const what =
    source.kind === "hub"
      ? `[${source.repo}](https://huggingface.co/datasets/${source.repo}) on the Hugging Face Hub`
      : "the addresses of its files"
  return `\`data-toolbox download\` brings it from ${what}: ${files.join(", ")}.${source.license === undefined ? "" : ` Licence: ${source.license}.`}`
}

const schemaOf = (schema) => {
  const { $schema: _, ...rest } = JSONSchema.make(schema)
  return rest
}

const datasetPage = (dataset) => {
  const users = tasks.filter((task) => task.dataset.name === dataset.name)
  return page(dataset.name, [
    sentence(dataset.description),
    sourceOf(dataset.source),
    table(
      ["", ""],
      [
        ["folder below the data folder", dataset.folder === "" ? "the data folder itself" : `\`${dataset.folder}\``],
        [
          "files",
          dataset.files.length === 0
            ? "those that the task's `files` name"
            : dataset.files.map((name) => `\`${name}\``).join(", "),
        ],
        ["read as", `\`${dataset.reader}\` ([readers](../readers.md))`],
        ["tasks", users.map(({ name }) => link("tasks", name, "datasets")).join(", ")],
      ],
    ),
    optionsTable(dataset.options) === undefined ? undefined : "## Options",
    optionsTable(dataset.options) === undefined
      ? undefined
      : `Given in the task's section.\n\n${optionsTable(dataset.options)}`,
    dataset.folder === "" ? undefined : "## A record",
    dataset.folder === "" ? undefined : "As JSON Schema, after reading:",
    dataset.folder === "" ? undefined : fence("json", JSON.stringify(schemaOf(dataset.schema), null, 2)),
    `An example of a record, and of what is made of it, is on the page of ${users.length === 1 ? "its task" : "each task"}.`,
  ])
}

// ------------------------------------------------------------------------------------------------------------- formats

const lossText = {
  last: "the last reply of a row",
  all: "every reply",
  turns: "what each turn's weight, label or place says",
}

const formatPage = async (format) => {
  const pairs = format.takes?.alternatives === true
  const single = ["prompt-completion-text"].includes(format.name)
  const chat = [
    { role: "system", content: "You keep the lighthouse." },
    { role: "user", content: "Is the lamp lit?" },
    { role: "assistant", content: "Since dusk.", weight: 0 },
    { role: "user", content: "And the fog horn?" },
    { role: "assistant", content: "It needs a new reed." },
  ]
  const messages = single
    ? chat.slice(0, 2).concat(chat[4])
    : format.loss === "all"
      ? chat.map(({ weight: _, ...message }) => message)
      : chat
  const record = pairs
    ? {
        prompt: messages.slice(0, 2),
        chosen: [messages.at(-1)],
        rejected: [{ role: "assistant", content: "No idea." }],
      }
    : { id: "keeper", messages }
  const task = pairs ? "PreferenceTask" : "MessagesTask"
  const tokenizer = (format.needs ?? []).includes("tokenizer") ? { tokenizer: "gpt2" } : {}
  const template = (format.needs ?? []).includes("template") ? { chatTemplate: "chatml" } : {}
  const spec = {
    tasks: [task],
    format: format.name,
    ...tokenizer,
    ...template,
    config: { [task]: { files: "chat.jsonl", ...(pairs ? {} : { fields: { id: "id" } }) } },
  }
  const { lines, text } = await inFolder({ "chat.jsonl": `${JSON.stringify(record)}\n` }, (folder) =>
    build(folder, spec),
  )
  const row = text.trim().replace(/^\[\n?|\n?\]$/g, "")
  if (row === "") throw new Error(`${format.name} writes no row: ${JSON.stringify(lines)}`)
  const needs = [
    tokenizer.tokenizer === undefined ? undefined : "`--tokenizer` with a vocabulary",
    template.chatTemplate === undefined ? undefined : "`--chat-template`",
  ].filter((one) => one !== undefined)
  const flags = Object.entries({ ...tokenizer, ...template }).map(
    ([key, value]) => ` --${key === "tokenizer" ? key : "chat-template"} ${value}`,
  )
  return page(format.name, [
    sentence(format.description),
    table(
      ["", ""],
      [
        [
          "trainers that take it",
          format.trainers.length === 0
            ? "none of those that [`check`](../check.md) knows"
            : format.trainers.map((name) => `\`${name}\``).join(", "),
        ],
        ["file", format.container === "array" ? "one JSON array" : "JSON lines"],
        ["trained", lossText[format.loss ?? "turns"]],
        [
          "a conversation in which the model speaks first",
          (format.takes?.greeting ?? true)
            ? "as it is, as far as a chat template takes it"
            : "is repaired by the task's `greeting` rule",
        ],
        ["pairs of replies", pairs ? "needed" : "the chosen one is written"],
        [
          "chat template",
          format.template === "renders"
            ? "renders with it"
            : format.template === "trainer"
              ? "may be given: the trainer renders the rows with it"
              : "refused",
        ],
        ["needs", needs.length === 0 ? "nothing further" : needs.join(", ")],
      ],
    ),
    "## A row",
    `Of this record, read by ${link("tasks", task, "formats")}:`,
    fence("json", JSON.stringify(record, null, 2)),
    `\`--format ${format.name}${flags.join("")}\` makes:`,
    fence("json", JSON.stringify(JSON.parse(row), null, 2)),
    "## Its shape",
    `As JSON Schema (the package has it in \`data-toolbox/rows.schema.json\`):`,
    fence("json", JSON.stringify(schemaOf(rowSchemas[format.name]), null, 2)),
    "More about rows, weights and templates: [formats](../formats.md).",
  ])
}

// ------------------------------------------------------------------------------------------------------------- indexes

const index = (title, about, kind, all, more = []) =>
  page(title, [
    about,
    table(
      [kind.slice(0, -1), ""],
      all.map(({ description, name }) => [link(kind, name), sentence(description)]),
    ),
    ...more,
  ])

const needed = (all, examples, kind) => {
  const names = all.map(({ name }) => name)
  const without = names.filter((name) => examples[name] === undefined)
  const unknown = Object.keys(examples).filter((name) => !names.includes(name))
  if (without.length > 0) throw new Error(`scripts/docs/${kind}.yml has no example of ${without.join(", ")}`)
  if (unknown.length > 0)
    throw new Error(`scripts/docs/${kind}.yml has an example of ${unknown.join(", ")}, which is not there`)
}

export const pages = async () => {
  const made = new Map()
  const examples = { filters: examplesOf("filters.yml"), tasks: examplesOf("tasks.yml") }
  needed(filters, examples.filters, "filters")
  needed(tasks, examples.tasks, "tasks")
  for (const filter of filters)
    made.set(`docs/filters/${filter.name}.md`, await filterPage(filter, examples.filters[filter.name]))
  for (const task of tasks) made.set(`docs/tasks/${task.name}.md`, await taskPage(task, examples.tasks[task.name]))
  for (const dataset of datasets) made.set(`docs/datasets/${dataset.name}.md`, datasetPage(dataset))
  for (const format of formats) made.set(`docs/formats/${format.name}.md`, await formatPage(format))
  made.set(
    "docs/tasks/README.md",
    index(
      "Tasks",
      "A task reads the records of a dataset and makes conversations of system, user and model turns from them. `--tasks` names those of a run; a section of the config under the task's name changes it, and `task: NAME` runs it under a name of your own.",
      "tasks",
      tasks,
      ["## What every task takes", optionsTable(commonFields)],
    ),
  )
  made.set(
    "docs/filters/README.md",
    index(
      "Filters",
      "A filter keeps a conversation or drops it whole, and the ledger tells why. [How they decide, and what was measured](../filters.md); [duplicates and evaluations](../dedup.md).",
      "filters",
      filters,
    ),
  )
  made.set(
    "docs/datasets/README.md",
    index(
      "Datasets",
      "Raw data that tasks read. `data-toolbox list datasets` tells which are here; [download](../download.md) brings those that are public. Files of your own need no dataset: the tasks that read [`files`](files.md) take them by name.",
      "datasets",
      datasets,
    ),
  )
  made.set(
    "docs/formats/README.md",
    index(
      "Formats",
      "A format says what a row looks like. `--format` names one, `--for TRAINER` takes the best one for a trainer. [All rows side by side, weights, templates](../formats.md); [recipes for trainers](../trainers.md).",
      "formats",
      formats,
    ),
  )
  return made
}

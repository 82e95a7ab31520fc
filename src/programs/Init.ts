/**
 * A config to begin with: looks into the data folder, proposes a task for what it recognises, tries each proposal on the
 * first records, and writes it down with comments.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { readdir } from "node:fs/promises"
import { dirname, join, relative, resolve } from "node:path"
import { stringify } from "yaml"
import { packageRoot } from "../domain/Assets.ts"
import type { DatasetDefinition, TaskDefinition } from "../domain/Component.ts"
import { ConfigError } from "../domain/Errors.ts"
import { suggestion } from "../domain/Nearest.ts"
import { type Proposal, recognise } from "../domain/Recognise.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { Datasets, type DatasetsService } from "../services/Dataset.ts"
import { DataFolder } from "../services/DataFolder.ts"
import { Tasks } from "../services/Registry.ts"
import type { SliceRunner } from "../services/SliceRunner.ts"
import type { Output } from "../services/Output.ts"
import * as Build from "./Build.ts"
import { optionsSchema } from "./ConfigSchema.ts"
import type { Components } from "./Resolve.ts"

/** A section of the config to be. */
export interface Section {
  /** Its key: a task's name, or a name of its own. */
  readonly key: string
  readonly task: TaskDefinition
  /** Settings beside the filters. */
  readonly settings: { readonly [key: string]: unknown }
  /** What was found, in words. */
  readonly about: string
  /** Examples that came out of the first records; 0: the section is written as a comment. Undefined: not tried. */
  readonly examples: number | undefined
}

/** Something that lies in the data folder and is left out, and why. */
export interface Unread {
  readonly file: string
  readonly why: string
}

export interface Found {
  readonly sections: ReadonlyArray<Section>
  readonly unread: ReadonlyArray<Unread>
}

/** Records that a file is recognised by, and that a proposal is tried on. */
const triedRecords = 20
/** Files of a folder that are looked into; the others are taken to be like them. */
const triedFiles = 4
/** Folders within folders, and files, that are looked at. */
const maxDepth = 6
const maxFiles = 20_000

type Services = Components | DataFolder | SliceRunner | Output

// -------------------------------------------------------------------------------------------------------- own datasets

/** Tasks of the package whose dataset lies in its own folder. */
const knownSections = (
  tasks: ReadonlyArray<TaskDefinition>,
  datasets: DatasetsService,
): Effect.Effect<ReadonlyArray<Section>, never, Services> =>
  Effect.map(
    Effect.forEach(
      tasks.filter(({ dataset }) => dataset.folder !== "" && dataset.files.length > 0),
      (task) => {
        const plan = datasets.open(task.dataset).plan({ options: {}, sliceBytes: 1 << 16, maxRecordBytes: 1 << 26 })
        return Effect.map(
          Effect.option(plan),
          Option.map(({ files }) => ({ task, files: files.length })),
        )
      },
    ),
    (found) =>
      found.flatMap((one): ReadonlyArray<Section> => {
        if (Option.isNone(one)) return []
        const { files, task } = one.value
        const about = `${task.dataset.description} (${files} ${files === 1 ? "file" : "files"} in ${task.dataset.folder})`
        return [{ key: task.name, task, settings: {}, about, examples: undefined }]
      }),
  )

// ----------------------------------------------------------------------------------------------------------- own files

interface Group {
  /** Glob of the files, relative to the data folder. */
  readonly glob: string
  readonly files: ReadonlyArray<string>
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Files below the data folder by folder and ending, but those of the package's own datasets. */
const groupsOf = async (root: string, known: ReadonlySet<string>): Promise<ReadonlyArray<Group>> => {
  const groups = new Map<string, Array<string>>()
  let files = 0
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of [...entries].sort((a, b) => compare(a.name, b.name))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith(".") || known.has(path)) continue
      if (entry.isDirectory()) {
        if (depth < maxDepth) await walk(path, depth + 1)
      } else if (entry.isFile() && files++ < maxFiles) {
        const ending = /(\.[A-Za-z0-9]{1,8}){0,1}(\.(?:gz|zst|xz|bz2))?$/.exec(entry.name)?.[0] ?? ""
        const key = JSON.stringify([folder, ending])
        groups.set(key, [...(groups.get(key) ?? []), path])
      }
    }
  }
  await walk("", 0)
  return [...groups].map(([key, names]) => {
    const [folder, ending] = JSON.parse(key) as [string, string]
    const glob = `${folder === "" ? "" : `${folder}/`}*${ending}`
    // A folder is what its owner calls the data; more files may come into it.
    return { glob: names.length === 1 && folder === "" ? (names[0] as string) : glob, files: names }
  })
}

/** The first records of a file; undefined where it cannot be read. */
const firstRecords = (
  datasets: DatasetsService,
  files: DatasetDefinition,
  file: string,
): Effect.Effect<ReadonlyArray<unknown> | undefined> => {
  const { options: _, ...own } = files
  const { records } = datasets.open({ ...own, files: [file] })
  return records.pipe(
    Stream.take(triedRecords),
    Stream.runCollect,
    Effect.map((all) => [...all].map(({ record }) => record)),
    Effect.catchAllCause(() => Effect.succeed(undefined)),
  )
}

/** Words of a path as a key of the config: `chats/old logs/*.jsonl` is `ChatsOldLogs`. */
const keyOf = (glob: string, taken: ReadonlySet<string>): string => {
  const words = glob
    .replace(/\/?\*.*$/, "")
    .replace(/\.[A-Za-z0-9.]{1,12}$/, "")
    .match(/[\p{L}\p{N}]+/gu)
  const name = (words ?? ["files"])
    .slice(-3)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("")
    .slice(0, 40)
  const plain = /^\p{L}/u.test(name) ? name : `Files${name}`
  if (!taken.has(plain)) return plain
  for (let i = 2; ; i++) if (!taken.has(`${plain}${i}`)) return `${plain}${i}`
}

/** What a glob stands for in a config: characters that mean something in it are only in names that are taken as they are. */
const isPlainPath = (path: string): boolean => !/[\\*]/.test(path)

const proposalsOf = (
  group: Group,
  datasets: DatasetsService,
  files: DatasetDefinition,
): Effect.Effect<{
  readonly proposals: ReadonlyArray<{ glob: string; count: number; proposal: Proposal }>
  readonly unread: ReadonlyArray<Unread>
}> =>
  Effect.gen(function* () {
    const seen: Array<{ readonly file: string; readonly proposal: Proposal }> = []
    const unread: Array<Unread> = []
    for (const file of group.files.slice(0, triedFiles)) {
      if (!isPlainPath(file)) {
        unread.push({ file, why: "its name cannot be written as a pattern" })
        continue
      }
      const records = yield* firstRecords(datasets, files, file)
      const proposal = records === undefined ? undefined : recognise(records)
      if (proposal !== undefined) seen.push({ file, proposal })
      else unread.push({ file, why: records === undefined ? "no kind of file that is read" : "its shape is not known" })
    }
    const [first] = seen
    if (first === undefined) return { proposals: [], unread: unread.slice(0, 1) }
    const same = seen.every(({ proposal }) => JSON.stringify(proposal) === JSON.stringify(first.proposal))
    if (same && unread.length === 0)
      return { proposals: [{ glob: group.glob, count: group.files.length, proposal: first.proposal }], unread }
    // Files of one folder that are not alike stand for themselves.
    return { proposals: seen.map(({ file, proposal }) => ({ glob: file, count: 1, proposal })), unread }
  })

/** Settings as a config holds them; a log is a file of its own, below no folder of the package. */
const settingsOf = ({ settings, task }: Proposal, glob: string) => ({
  task,
  ...(task === "PygClaudeRoleplayTask" ? { folder: "." } : {}),
  files: [glob],
  ...settings,
})

/** Examples that come out of the first records. */
const tryOut = (key: string, settings: { readonly [key: string]: unknown }) =>
  Build.merged({ tasks: [key], config: { [key]: settings }, limit: triedRecords, sliceBytes: 1 << 16 }).pipe(
    Stream.runFold(0, (sum, { examples }) => sum + examples.length),
    Effect.catchAllCause(() => Effect.succeed(0)),
  )

// ------------------------------------------------------------------------------------------------------------- program

/** What lies in the data folder, as sections of a config. Reads the first records of a few files of each folder. */
export const look: Effect.Effect<Found, never, Services> = Effect.gen(function* () {
  const tasks = (yield* Tasks).all()
  const datasets = yield* Datasets
  const { root } = yield* DataFolder
  const known = yield* knownSections(tasks, datasets)
  const files = datasets.all.find(({ folder, reader }) => folder === "" && reader === "auto")
  const folders = new Set(known.map(({ task }) => task.dataset.folder))
  const groups = files === undefined ? [] : yield* Effect.promise(() => groupsOf(root, folders))
  const sections: Array<Section> = [...known]
  const unread: Array<Unread> = []
  const taken = new Set(tasks.map(({ name }) => name))
  for (const group of groups) {
    const found = yield* proposalsOf(group, datasets, files as DatasetDefinition)
    unread.push(...found.unread)
    for (const { count, glob, proposal } of found.proposals) {
      const task = tasks.find(({ name }) => name === proposal.task)
      if (task === undefined) continue
      const key = keyOf(glob, taken)
      taken.add(key)
      const settings = settingsOf(proposal, glob)
      const examples = yield* tryOut(key, settings)
      sections.push({
        key,
        task,
        settings,
        examples,
        about: `${proposal.shape} (${count} ${count === 1 ? "file" : "files"})`,
      })
    }
  }
  return { sections, unread }
})

/** Sections for tasks that were named, whether their data is there or not. */
export const named = (names: ReadonlyArray<string>, found: Found): Effect.Effect<Found, ConfigError, Tasks> =>
  Effect.gen(function* () {
    const tasks = (yield* Tasks).all()
    const known = [...found.sections.map(({ key }) => key), ...tasks.map(({ name }) => name)]
    const wrong = names.filter((name) => !known.includes(name))
    if (wrong.length > 0)
      return yield* new ConfigError({
        problems: wrong.map((name) => ({
          path: "--tasks",
          message: `unknown task "${name}".${suggestion(name, known)}`,
        })),
      })
    const sections = names.map((name): Section => {
      const section = found.sections.find(({ key }) => key === name)
      if (section !== undefined) return section
      const task = tasks.find((one) => one.name === name) as TaskDefinition
      const settings = task.dataset.folder === "" ? { files: ["chats/*.jsonl"] } : {}
      return {
        key: name,
        task,
        settings,
        about: `${task.description} (not found in the data folder)`,
        examples: undefined,
      }
    })
    return { sections, unread: [] }
  })

// ---------------------------------------------------------------------------------------------------------------- text

/** What an option is for, as far as it fits behind it. */
const purpose = (description: unknown): string => {
  const [first = ""] = String(description).split(/(?<=\.) /)
  return first.replaceAll("`", "").replace(/\.$/, "")
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim()

const comment = terminalLine

const sectionText = ({ about, examples, key, settings, task }: Section): ReadonlyArray<string> => {
  const given = Object.entries(settings)
  const { properties } = optionsSchema({ ...task.dataset.options, ...task.options })
  const options = Object.entries(properties).filter(
    ([name, option]) => option["default"] !== undefined && !Object.hasOwn(settings, name),
  )
  const lines = [
    `${flow(key)}:`,
    ...given.map(([name, value]) => `  ${name}: ${flow(value)}`),
    "  filters: # in this order; [] is none",
    ...task.suggestedFilters.map((name) => `    - ${name}`),
    '    # "data-toolbox list filters" tells of others, such as RefusalFilter or LanguageFilter: { languages: [en] }',
    `  # clean: ${task.clean} # original, chat or off, or single rules such as { quotes: false }`,
    '  # custom_prompts: ["You are %{a helpful|a kind} assistant."] # in place of the built-in system prompts',
    ...options.map(
      ([name, { default: value, description }]) =>
        `  # ${name}: ${comment(flow(value))} # ${comment(purpose(description))}`,
    ),
  ]
  const head = [`# ${comment(about)}`]
  if (examples !== 0) return [...head, ...lines]
  return [
    ...head,
    "# No example came out of its first records: see what a preview says of it, and take the marks away.",
    ...lines.map((line) => `# ${line}`),
  ]
}

/** Where editors find the config's JSON Schema, seen from the config. */
const schemaPath = (file: string): string => {
  const path = relative(dirname(resolve(file)), join(packageRoot(), "dist", "config.schema.json")).replaceAll("\\", "/")
  return path.startsWith(".") ? path : `./${path}`
}

/** The sections that a build can run at once. */
export const ready = ({ sections }: Found): ReadonlyArray<Section> => sections.filter(({ examples }) => examples !== 0)

/** The config as a file of this name. */
export const configText = (found: Found, file: string, dataFolder: string | undefined): string => {
  const keys = ready(found).map(({ key }) => key)
  const folder = dataFolder === undefined ? "" : ` --data-folder ${comment(dataFolder)}`
  return `${[
    `# yaml-language-server: $schema=${schemaPath(file)}`,
    `# Made by "data-toolbox init" from what lies in the data folder. To build all of it:`,
    `#   data-toolbox build --tasks ${keys.length === 0 ? "NAME" : comment(keys.join(","))} --config ${comment(file)}${folder} --format sharegpt --output-file train.jsonl`,
    ...found.sections.flatMap((section) => ["", ...sectionText(section)]),
    ...(found.unread.length === 0 ? [] : ["", "# Not read:"]),
    ...found.unread.slice(0, 50).map(({ file: name, why }) => `#   ${comment(name)}: ${why}`),
    ...(found.unread.length > 50 ? [`#   and ${found.unread.length - 50} more`] : []),
  ].join("\n")}\n`
}

/**
 * Would a trainer load every line? Reads a file once, row by row, and holds each against the rules of the trainers that
 * are asked for. Memory does not grow with the file, but for an array that is not written an element a line.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { open, readFile, stat } from "node:fs/promises"
import { causeText } from "../domain/Cause.ts"
import { duplicateKey } from "../domain/DuplicateKeys.ts"
import { ConfigError } from "../domain/Errors.ts"
import { suggestion } from "../domain/Nearest.ts"
import { commonTokens, compileRoleTokens } from "../domain/RoleTokens.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { findTrainer, trainers } from "../domain/trainers/All.ts"
import { throughDatasets } from "../domain/trainers/HfDatasets.ts"
import {
  fatal,
  type Fault,
  hasWeights,
  isRow,
  type Row,
  type Severity,
  type Shape,
  shapeOf,
  type Trainer,
  warn,
} from "../domain/trainers/Trainer.ts"
import { parseLine, readLines, withoutComma } from "./Lines.ts"

/** The file cannot be read. */
export class CheckError extends Schema.TaggedError<CheckError>()("CheckError", {
  file: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return `cannot check "${this.file}": ${this.detail}`
  }
}

/** One rule that rows break. */
export interface RuleReport {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly count: number
  /** The first lines (elements, in an array that is one line) it was found at, from 1; empty for the file as such. */
  readonly lines: ReadonlyArray<number>
}

export interface TrainerReport {
  readonly trainer: string
  readonly title: string
  /** Whether every row is loaded and trained as it is written. */
  readonly accepts: boolean
  readonly rules: ReadonlyArray<RuleReport>
  readonly stanza: string
}

export interface CheckReport {
  readonly file: string
  readonly rows: number
  readonly shape: Shape
  readonly trainers: ReadonlyArray<TrainerReport>
}

/** Lines that are told of each rule. */
const maxLines = 10
/** Largest array that is read whole, because its elements do not stand on lines of their own. */
const maxArrayBytes = 256 * 1024 * 1024

const severities: ReadonlyArray<Severity> = ["fatal", "dropped", "silent", "warn"]

// ---------------------------------------------------------------------------------------------------------------- rows

interface ReadRow {
  /** Its line, or its place in an array, from 1. */
  readonly line: number
  readonly byte: number
  readonly row: Row | undefined
  /** Why there is none. */
  readonly problem?: string
  /** What it was read from, where it stands on a line. */
  readonly bytes?: Buffer | undefined
}

interface Facts {
  container: "jsonl" | "array"
  hasBom: boolean
  blankLines: number
}

const bom = Buffer.from([0xef, 0xbb, 0xbf])

const readStart = async (file: string): Promise<string> => {
  if (file.endsWith(".gz")) return ""
  const handle = await open(file, "r")
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString("latin1", 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** The rows of a file: lines, the elements of an array that stand on lines, or those of any array. */
async function* rowsOf(file: string, facts: Facts): AsyncGenerator<ReadRow> {
  const start = await readStart(file)
  facts.hasBom = start.startsWith("\u00ef\u00bb\u00bf")
  const first = start.replace(/^\u00ef\u00bb\u00bf/, "").trimStart()
  if (first.startsWith("[")) facts.container = "array"
  if (facts.container === "array" && !/^\[\r?\n/.test(first)) {
    const { size } = await stat(file)
    if (size > maxArrayBytes)
      throw new Error(`it is one JSON array of ${size} bytes on few lines: write an element a line, or JSON lines`)
    const all: unknown = JSON.parse((await readFile(file, "utf8")).replace(/^\ufeff/, ""))
    for (const [i, value] of (Array.isArray(all) ? (all as ReadonlyArray<unknown>) : []).entries())
      yield {
        line: i + 1,
        byte: 0,
        ...(isRow(value) ? { row: value } : { row: undefined, problem: "the element is no object" }),
      }
    return
  }
  let byte = 0
  for await (const { bytes: given, number } of readLines(file)) {
    const at = byte
    byte += (given?.length ?? 0) + 1
    let bytes = given
    if (number === 1 && bytes?.subarray(0, 3).equals(bom) === true) {
      facts.hasBom = true
      bytes = bytes.subarray(3)
    }
    if (bytes?.at(-1) === 13) bytes = bytes.subarray(0, -1)
    if (bytes !== undefined && bytes.toString("latin1").trim() === "") {
      facts.blankLines++
      continue
    }
    if (facts.container === "array") {
      const text = bytes?.toString("latin1").trim()
      if (text === "[" || text === "]") continue
      if (bytes !== undefined) bytes = withoutComma(bytes)
    }
    const row = parseLine(bytes)
    yield {
      line: number,
      byte: at,
      ...(typeof row === "string" ? { row: undefined, problem: row } : { row, bytes }),
    }
  }
}

// --------------------------------------------------------------------------------------------------------------- rules

const guard = compileRoleTokens(commonTokens)

/** Shapes whose texts were written by somebody: no template has set its tokens in them. */
const spoken: ReadonlyArray<Shape> = ["messages", "conversations", "pygmalion", "alpaca"]

const tokenIn = (value: unknown): string | undefined => {
  if (typeof value === "string") return guard.find(value)
  if (Array.isArray(value)) {
    for (const item of value as ReadonlyArray<unknown>) {
      const found = tokenIn(item)
      if (found !== undefined) return found
    }
    return undefined
  }
  return isRow(value) ? tokenIn(Object.values(value)) : undefined
}

/** Rules that hold for all of them. */
const commonFaults = ({ bytes, row }: ReadRow, shape: Shape, trainer: Trainer): ReadonlyArray<Fault> => {
  const twice =
    bytes !== undefined && (trainer.name === "hf-datasets" || throughDatasets.includes(trainer.name))
      ? duplicateKey(bytes.toString("utf8"))
      : undefined
  const token = spoken.includes(shape) ? tokenIn(row) : undefined
  return [
    ...(twice === undefined ? [] : [fatal("HD-8", `the key "${twice}" stands twice in an object`)]),
    ...(token === undefined
      ? []
      : [warn("C9", `a text holds a control token of some chat template, such as ${token}`)]),
  ]
}

const openRules = () => {
  const rules = new Map<string, { readonly fault: Fault; count: number; readonly lines: Array<number> }>()
  return {
    add: (faults: ReadonlyArray<Fault>, line: number | undefined): void => {
      for (const fault of faults) {
        // Messages may name what the data holds: kinds of faults are bounded by their codes and severities.
        const key = `${fault.severity} ${fault.code}`
        let rule = rules.get(key)
        if (rule === undefined) {
          rule = { fault, count: 0, lines: [] }
          rules.set(key, rule)
        }
        rule.count++
        if (line !== undefined && rule.lines.length < maxLines) rule.lines.push(line)
      }
    },
    list: (): ReadonlyArray<RuleReport> =>
      [...rules.values()]
        .map(({ count, fault, lines }) => ({ ...fault, count, lines }))
        .sort(
          (a, b) =>
            severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
            b.count - a.count ||
            (a.code < b.code ? -1 : 1),
        ),
  }
}

const inspectFile = async (file: string, asked: ReadonlyArray<Trainer>): Promise<CheckReport> => {
  const facts: Facts = { container: "jsonl", hasBom: false, blankLines: 0 }
  const open = asked.map((trainer) => ({ trainer, inspection: trainer.inspect(), rules: openRules() }))
  const datasets = findTrainer("hf-datasets")?.inspect()
  let rows = 0
  let shape: Shape = "unknown"
  let weighted = false
  for await (const read of rowsOf(file, facts)) {
    const { byte, line, problem, row } = read
    const context = { index: rows++, byte }
    if (row === undefined) {
      for (const { rules } of open) rules.add([fatal("JSON", problem ?? "the line is no JSON object")], line)
      continue
    }
    const own = shapeOf(row)
    if (rows === 1 || shape === "unknown") shape = own
    weighted ||= hasWeights(row)
    // Types are fixed once for all trainers that load the file in this way.
    const types = datasets?.row(row, context) ?? []
    for (const { inspection, rules, trainer } of open) {
      const isOwn = trainer.name === "hf-datasets"
      rules.add(isOwn ? types : inspection.row(row, context), line)
      if (throughDatasets.includes(trainer.name)) rules.add(types, line)
      rules.add(commonFaults(read, own, trainer), line)
    }
  }
  const typesEnd = datasets?.end?.(rows) ?? []
  return {
    file,
    rows,
    shape,
    trainers: open.map(({ inspection, rules, trainer }): TrainerReport => {
      rules.add(trainer.file(facts), undefined)
      rules.add(trainer.name === "hf-datasets" ? typesEnd : (inspection.end?.(rows) ?? []), undefined)
      if (throughDatasets.includes(trainer.name)) rules.add(typesEnd, undefined)
      if (rows === 0) rules.add([fatal("EMPTY", "there is no row in it")], undefined)
      const list = rules.list()
      return {
        trainer: trainer.name,
        title: trainer.title,
        accepts: list.every(({ severity }) => severity === "warn"),
        rules: list,
        stanza: trainer.stanza(file, shape, weighted),
      }
    }),
  }
}

// ------------------------------------------------------------------------------------------------------------- program

const unknownTrainer = (name: string): string => {
  const names = trainers.map((one) => one.name)
  return `unknown trainer "${name}".${suggestion(name, names)}`
}

/** Trainers by their names, or what is wrong with them. */
export const trainersOf = (names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Trainer>, ConfigError> => {
  const problems = [
    ...(names.length === 0
      ? [{ path: "--for", message: `name a trainer: ${trainers.map(({ name }) => name).join(", ")}` }]
      : []),
    ...names
      .filter((name) => findTrainer(name) === undefined)
      .map((name) => ({ path: "--for", message: unknownTrainer(name) })),
  ]
  return problems.length > 0
    ? Effect.fail(new ConfigError({ problems }))
    : Effect.succeed([...new Set(names.map((name) => findTrainer(name) as Trainer))])
}

/** Checks a file for trainers. */
export const check = (file: string, asked: ReadonlyArray<Trainer>): Effect.Effect<CheckReport, CheckError> =>
  Effect.tryPromise({
    try: () => inspectFile(file, asked),
    catch: (cause) => {
      const isGone = (cause as { readonly code?: unknown } | null)?.code === "ENOENT"
      return new CheckError({ file, detail: isGone ? "there is no such file" : causeText(cause) })
    },
  })

const words: { readonly [K in Severity]: string } = {
  fatal: "stops it",
  dropped: "row lost",
  silent: "trained wrongly",
  warn: "look at it",
}

const places = ({ count, lines }: RuleReport): string =>
  lines.length === 0 ? "" : ` (line ${lines.join(", ")}${count > lines.length ? ", ..." : ""})`

/** The report as a person reads it. */
export const render = ({ file, rows, trainers: all }: CheckReport): string =>
  all
    .map(({ accepts, rules, stanza, title }) =>
      [
        `${title}: ${accepts ? "takes" : "does not take"} ${terminalLine(file)} as it is written (${rows} ${rows === 1 ? "row" : "rows"})`,
        ...rules.map(
          (rule) =>
            `  ${rule.code} ${words[rule.severity]}: ${terminalLine(rule.message)}, ${rule.count} ${rule.count === 1 ? "time" : "times"}${places(rule)}`,
        ),
        "",
        ...stanza
          .trimEnd()
          .split("\n")
          .map((line) => `    ${terminalLine(line)}`.replace(/^ {4}( *)/, (_, indent: string) => `    ${indent}`)),
        "",
      ].join("\n"),
    )
    .join("\n")
